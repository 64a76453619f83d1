"""Sentences in which a text discloses something about itself, in English and Korean; all in lower case. Pure.

A sentence about something else (a sponsored event, a translated data set, code that a model wrote) is not one. So a
sentence has to name the text that it is in, or has to be only the disclosure.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from aggregator.types import DisclosureKind


class Sign(NamedTuple):
    """Wording of a sentence that discloses something."""

    kind: DisclosureKind
    #: Sentences without any of these need not be searched.
    needles: tuple[str, ...]
    pattern: re.Pattern[str]


# The subject, as in "Parts of this post were originally".
_NOUN = (
    r"(?:(?:blog|guest) )?"
    r"(?:post|article|blog|story|newsletter|issue|page|content|tutorial|guide|series|report|essay|text|topic|video|episode)"
)
_PART = r"(?:(?:some|parts?|portions?|(?:some )?sections|most|all|the (?:first )?draft|the text|the rest) of )?"
_SELF = rf"\b{_PART}(?:this|our|the following) {_NOUN}"
_IS = r"(?:is|are|was|were|has been|have been)"
_THIS_IS = rf"{_SELF} {_IS} (?:[a-z-]+ ){{0,3}}?"
# "Disclosure:" before a sentence without a subject.
_BEGIN = r"^(?:[a-z ]{1,20}: )?"

# --- by a machine ---

_NAMED_AI = r"(?:chat ?gpt|gpt-?[3-9][a-z0-9.]{0,6}|copilot|notebooklm|perplexity)"
_MODEL = (
    r"(?:claude(?: (?:code|opus|sonnet|haiku))?(?: [0-9][0-9.]{0,3})?|gemini(?: [0-9][0-9.]{0,3})?(?: (?:pro|flash))?)"
)
_ANY_AI = r"(?:(?:generative )?ai|artificial intelligence|llms?|(?:(?:ai|large) )?language models?)"
_AI = rf"(?:{_ANY_AI}|{_NAMED_AI}|{_MODEL})"
# "With Ada of Northwind AI" and "with AI engineers in mind" name no tool.
_HELP = r"(?:(?:the |some |a little )?(?:help|assistance|aid|support) (?:of|from) )?(?:an? |our )?"
_ENDS = r"(?=$|[,;:)]| (?:and|tools?|assistance|help|assistants?|models?|language models?)\b)"
_WITH_AI = rf"(?:by|with|using|in collaboration with) {_HELP}{_AI}{_ENDS}"
_WROTE = r"(?:(?:co-)?written|drafted|generated|(?:co-)?authored|edited|polished|proofread|created|produced)"
_WRITE = r"(?:write|draft|edit|polish|proofread|writing|drafting|editing)"
# Claude and Gemini are also names of people.
_ALONE = rf"{_WROTE} (?:(?:by|using) {_HELP}(?:{_ANY_AI}|{_NAMED_AI})|with {_HELP}{_AI})(?: tools?| assistance)?"
_CHECKED = r"(?:,? (?:and|but|then)?,? ?(?:reviewed|edited|checked|revised|proofread|polished)\b[^,;]*)?"
_TRANSLATOR = rf"(?:deepl|google translate|papago|amazon translate|machine(?: translation)?|{_AI}){_ENDS}"
_MACHINE = r"(?:machine|automatically|auto|ai)"

# --- for money or for members ---

_PARTNERS = r"(?:(?:written|made|created|produced) )?in (?:paid )?partnership with\b"
_PAYING = r"(?:(?:our|paid|paying|premium|medium|pro|plus|founding) ){0,2}"
_READERS = rf"{_PAYING}(?:subscribers|members)(?=$|[,:;)]| only| at the following)"
_WHOLE = rf"(?:{_SELF}|\bthe (?:full|whole|entire) {_NOUN})"

ENGLISH = (
    Sign(
        DisclosureKind.SPONSORED,
        ("sponsor", "paid", "partnership", "brought to you", "advertorial", "affiliate"),
        re.compile(
            rf"{_THIS_IS}(?:sponsored|paid for|brought to you|{_PARTNERS})"
            rf"|\bthis is an? (?:sponsored|paid) (?:{_NOUN}|advertisement|partnership)(?=$|[,:;]| (?:by|from|with)\b)"
            rf"|\b(?:for sponsoring|sponsored|paid for) this {_NOUN}$|\bthis {_NOUN} contains affiliate links"
            # Not "Sponsored by the foundation, this audit shows …", where the audit is sponsored.
            rf"|^(?:(?:sponsored|paid) by|paid partnership with|{_PARTNERS}|brought to you by)\b[^,;]{{1,80}}$"
            r"|^(?:sponsored|paid) (?:post|content)\b|^advertorial\b"
        ),
    ),
    Sign(
        DisclosureKind.MEMBERS_ONLY,
        ("continue reading on ", "subscribe", "members", "member-only", "free trial", "paid"),
        re.compile(
            r"^continue reading on medium ?»?$"
            rf"|{_WHOLE} {_IS} (?:(?:only|currently|available) ){{0,3}}(?:for|to) {_READERS}"
            r"|^(?:members?|subscribers?)-only (?:story|post|article|content)\b"
            r"|made this story available to medium members\b"
            r"|\bsubscribe to (?:[a-z']+ ){0,8}?(?:to )?(?:keep|continue) reading\b"
            r"|\b(?:subscribe|become a paid subscriber|upgrade to paid) to (?:read|hear|watch) the (?:full|rest)\b"
            r"|\b(?:keep reading|listen to this episode) with a [0-9]{1,2}-day free trial\b"
            r"|\balready a paid subscriber\b"
            r"|\bthis is a free preview of a paid (?:episode|post)\b|^read more of this content when you subscribe\b"
        ),
    ),
    Sign(
        DisclosureKind.WRITTEN_WITH_AI,
        (
            "writ",
            "wrote",
            "draft",
            "generated",
            "edit",
            "assisted",
            "authored",
            "polish",
            "proofread",
            "produced",
            "created",
        ),
        re.compile(
            rf"{_THIS_IS}{_WROTE} (?:and [a-z]+ )?(?:(?:in part|partly|entirely) )?{_WITH_AI}"
            rf"|\b(?:i|we) (?:wrote|drafted|edited|polished) this (?:{_NOUN} )?{_WITH_AI}"
            rf"|\b(?:i|we) used (?:an? )?{_AI} (?:tools? )?(?:to|for) (?:help (?:me|us) )?{_WRITE} (?:parts of )?"
            rf"this {_NOUN}\b"
            rf"|\b{_AI} (?:wrote|drafted|helped (?:me|us) {_WRITE}) this {_NOUN}\b"
            rf"|{_THIS_IS}ai-(?:generated|written|assisted){_ENDS}|{_BEGIN}{_ALONE}{_CHECKED}$"
            r"|^ai-(?:generated|written|assisted) (?:post|article|content)(?=$|[,:;)])"
        ),
    ),
    Sign(
        DisclosureKind.MACHINE_TRANSLATED,
        ("translat",),
        re.compile(
            rf"{_THIS_IS}(?:machine- or )?{_MACHINE}[- ]translated(?=$|[,;:(]| (?:from|into|by|and|with|using)\b)"
            rf"|{_THIS_IS}translated (?:[a-z]+ ){{0,6}}?(?:by|with|using|through) (?:[a-z]+ ){{0,3}}?{_TRANSLATOR}"
            rf"|{_BEGIN}translated (?:from [a-z]+ )?(?:by|with|using) (?:an? )?{_TRANSLATOR}$"
            rf"|\bthis is an? (?:machine|automatic|automated|ai) translation of (?:[a-z]+ ){{1,4}}?{_NOUN}\b"
            rf"|{_SELF} is an? (?:machine|automatic|automated|ai) translation(?=$|[,;:]| of\b)"
            rf"|^(?:{_MACHINE}[- ]translated|translated automatically|automatic translation) from (?:the )?[a-z]+"
            r"(?: original)?$"
            rf"|^{_MACHINE}[- ]translated (?:version|copy) of\b"
            r"|\btranslations? (?:is|are) provided by machine translation\b"
        ),
    ),
)

# --- the same in Korean: 이 글은 … ---

_NOUN_KO = r"(?:블로그 ?글|글|포스트|포스팅|게시글|게시물|문서|기사|아티클|콘텐츠|페이지|노트|영상|뉴스레터|번역)"
_PART_KO = r"(?:의 (?:초안|일부|나머지|내용|본문))?"
_HERE_KO = rf"(?:이|본|해당) ?{_NOUN_KO}{_PART_KO}(?:에는|은|는) ?"
_THIS_KO = rf"{_HERE_KO}(?:[가-힣]{{1,8}} ){{0,3}}"
# "글입니다" ends a sentence, "글을 판별하는" does not.
_THAT_KO = rf"(?:{_NOUN_KO}|것)(?:입니다|이다|이에요|예요|임|이며|으로|이라|$)"
_DONE_KO = rf"(?:되었|됐|되어|됨|했|하였|(?:된|한) {_THAT_KO})"
_AI_KO = rf"(?:(?:생성형 ?)?ai|인공지능|챗gpt|챗지피티|클로드|제미나이|llm|{_NAMED_AI}|{_MODEL})"
_USING_KO = (
    r"(?:로|으로|가|이|[을를] (?:활용|이용|사용)(?:해서|해|하여)|[을를] 통해|의 도움(?:을 받아|으로)|[와과] 함께)"
)
_TRANSLATOR_KO = r"(?:deepl|파파고|papago|구글 번역기?|번역기|amazon translate)"
_MACHINE_KO = r"(?:기계|자동|ai|인공지능)"
_GIFT_KO = r"(?:협찬|원고료|제작비|소정의 ?(?:원고료|수수료|대가|제품|비용)|일정액의 수수료|대가)"
_PAID_KO = rf"{_GIFT_KO}[을를]? ?(?:(?:지급|지원|제공) ?)?받[아은고았습]"
_MADE_KO = r"(?:작성|제작|쓴|썼)"
_READERS_KO = r"(?:유료 ?|프리미엄 ?|멤버십 ?){0,2}(?:구독자|회원|멤버|멤버십)(?:분들)?"
_SUBSCRIBE_KO = r"(?:구독|멤버십 ?가입|멤버십에 가입|구매)[을를]? ?(?:하고|하면|하시면|후)"

KOREAN = (
    Sign(
        DisclosureKind.SPONSORED,
        ("협찬", "원고료", "제작비", "소정의", "대가", "광고", "수수료", "후원", "제공받", "제휴"),
        re.compile(
            rf"{_PAID_KO}|(?:{_HERE_KO}|^)유료 ?광고[를가]? ?포함(?:하고|되어|합니다|됩니다|$)|유료 ?광고입니다(?!만)"
            rf"|{_THIS_KO}(?:유료 ?)?광고(?:입니다(?!만)|임$)"
            rf"|(?:후원|협찬)(?:을 받아|으로) ?{_MADE_KO}"
            rf"|(?:제품|서비스|비용)[을를] ?(?:무상으로 )?(?:제공|지원) ?받아 (?:[가-힣]{{1,8}} ){{0,2}}{_MADE_KO}"
            r"|제휴 ?(?:마케팅 ?)?링크[가를] ?포함|^#(?:협찬|광고|유료광고)(?=$|\s)"
        ),
    ),
    Sign(
        DisclosureKind.MEMBERS_ONLY,
        ("구독", "멤버", "회원", "구매"),
        re.compile(
            rf"(?:{_THIS_KO}|^\W?){_READERS_KO} ?전용(?:(?: {_NOUN_KO})?(?:입니다|이에요|예요)|[\])】:|]|$)"
            rf"|(?:{_THIS_KO}|^(?:이어지는|나머지) 내용은 |^){_READERS_KO}(?:만|께만|에게만) (?:[가-힣]{{1,4}} )?"
            rf"수 있(?:습니다|어요|다$|는 {_THAT_KO})"
            rf"|(?:{_THIS_KO}|^){_READERS_KO}에게만? ?공개(?:됩니다|돼요|되는 {_THAT_KO})"
            rf"|{_SUBSCRIBE_KO} ?(?:(?:이어서|계속) (?:읽|보)|(?:전체|나머지|이어지는) (?:글|내용|기사|콘텐츠))"
        ),
    ),
    Sign(
        DisclosureKind.WRITTEN_WITH_AI,
        ("작성", "생성", "썼", "쓴", "쓰", "다듬", "도움"),
        re.compile(
            rf"{_THIS_KO}{_AI_KO}{_USING_KO} ?(?:함께 |일부 |초안을 |자동(?:으로)? ?)?"
            rf"(?:(?:작성|생성){_DONE_KO}|썼|쓴 {_THAT_KO}|다듬었)"
            rf"|{_THIS_KO}{_AI_KO}의 도움을 받(?:았|은 {_THAT_KO})"
            rf"|^{_AI_KO}{_USING_KO} ?(?:(?:작성|생성)[된한]|쓴) {_THAT_KO}"
            rf"|^{_AI_KO}{_USING_KO} ?작성한 초안을 (?:바탕|토대)으로 (?:[가-힣]{{1,8}} ){{0,2}}{_THAT_KO}"
            rf"|(?:^|\s)글(?: 작성에|을 쓰는 ?데|을 작성하는 ?데)는? {_AI_KO}의 도움을 받"
        ),
    ),
    Sign(
        DisclosureKind.MACHINE_TRANSLATED,
        ("번역",),
        re.compile(
            rf"{_THIS_KO}{_MACHINE_KO} ?(?:으로 )?번역"
            rf"(?:{_DONE_KO}|본|입니다| 또는 |으로 제공|을 (?:거|사용해|사용하여|통해))"
            rf"|{_THIS_KO}(?:{_TRANSLATOR_KO}|{_AI_KO}){_USING_KO} ?번역{_DONE_KO}"
            rf"|^{_MACHINE_KO} ?번역(?:된|한|으로 제공되는) {_THAT_KO}|^{_AI_KO}{_USING_KO} ?번역[된한] {_THAT_KO}"
            rf"|^[\[(【]{_MACHINE_KO} ?번역본?[\])】]"
        ),
    ),
)
