"""What a post discloses that a curator wants to know before printing it: who paid for it, who may read it, and whether
a machine wrote or translated it. Pure.

Each disclosure comes with its evidence, mostly the post's own words; nothing is guessed from its style. Such words are
in titles and tags, and at the beginning or the end of a text. A post about the subject (sponsored search, text that
models write) discloses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from aggregator.campaigns import find_campaign
from aggregator.text import LONGEST_TITLE
from aggregator.types import Disclosure, DisclosureKind, DisclosureSource, Post
from aggregator.urls import host_of

# Characters at either end of a text, and of a quotation.
_END = 700
_LONGEST_QUOTE = 160

# "This post was originally": who says something of itself.
_NOUN = r"(?:(?:blog|guest) )?(?:post|article|blog|story|newsletter|issue|page|content|tutorial|guide|series|report)"
_THIS_IS = rf"\b(?:this|our) {_NOUN} (?:is|was|has been) (?:[a-z-]+ ){{0,3}}?"
_AI = r"(?:ai|chatgpt|chat gpt|gpt-?[345][a-z0-9.]{0,6}|claude|gemini|copilot|notebooklm|an llm|llms|a language model)"
# "With Ada of Northwind AI" and "with AI engineers in mind" name no tool.
_HELP = r"(?:(?:the |some |a little )?(?:help|assistance|aid|support) (?:of|from) )?(?:an? |our )?"
_ENDS = r"(?=$|[,;:)]| (?:and|tools?|assistance|help|assistants?|models?)\b)"
_WITH_AI = rf"(?:by|with|using) {_HELP}{_AI}{_ENDS}"
_WROTE = r"(?:written|drafted|generated|authored|edited|polished|proofread)"
_PARTNERS = r"(?:(?:written|made|created|produced) )?in (?:paid )?partnership with\b"
_TRANSLATOR = rf"(?:deepl|google translate|papago|amazon translate|machine translation|{_AI})(?![a-z])"

# The same in Korean: 이 글은 …
_NOUN_KO = r"(?:블로그 ?글|글|포스트|포스팅|게시글|문서|기사|아티클|콘텐츠)"
_THIS_KO = rf"(?:이|본|해당) ?{_NOUN_KO}(?:은|는|의 초안은) ?(?:[가-힣]{{1,8}} ){{0,3}}"
_AI_KO = r"(?:생성형 )?(?:ai|인공지능|chatgpt|챗gpt|챗지피티|claude|클로드|gemini|제미나이|gpt-?[345][a-z0-9.]{0,6})"
_USING_KO = r"(?:로|으로|가|(?:를|을) (?:활용|이용|사용)(?:해|하여)|의 도움(?:을 받아|으로)|[와과] 함께)"
_TRANSLATOR_KO = r"(?:deepl|파파고|papago|구글 번역기?|번역기)"
_GIFT_KO = r"(?:협찬|원고료|제작비|소정의 ?(?:원고료|수수료|대가|제품|비용)|대가)"
_PAID_KO = rf"{_GIFT_KO}[을를]? ?(?:(?:지급|지원|제공) ?)?받[아은고았]"
_READERS_KO = r"(?:유료 ?|멤버십 ?)?(?:구독자|회원|멤버)"


class _Sign(NamedTuple):
    """Wording of a sentence that discloses something."""

    kind: DisclosureKind
    #: Sentences without any of these need not be searched.
    needles: tuple[str, ...]
    pattern: re.Pattern[str]


_ENGLISH = (
    _Sign(
        DisclosureKind.SPONSORED,
        ("sponsor", "paid", "partnership", "brought to you", "advertorial"),
        re.compile(
            rf"{_THIS_IS}(?:sponsored|paid for|brought to you|{_PARTNERS})"
            # "Sponsored by the foundation, this audit shows …": another thing is.
            rf"|^(?:(?:sponsored|paid) by|{_PARTNERS}|brought to you by)\b[^,;]{{1,80}}$"
            r"|^(?:(?:sponsored|paid) (?:post|content|partnership)|advertorial)\b"
        ),
    ),
    _Sign(
        DisclosureKind.MEMBERS_ONLY,
        ("continue reading on ", "subscriber", "members", "member-only", "free trial", "keep reading"),
        re.compile(
            r"^continue reading on medium ?»?$"
            rf"|{_THIS_IS}(?:available )?(?:for|to) (?:[a-z]+ ){{0,3}}(?:subscribers|members)\b"
            r"|^(?:members?|subscribers?)-only (?:story|post|article|content)\b"
            r"|made this story available to medium members\b"
            r"|\bsubscribe to (?:[a-z']+ ){0,8}?(?:to )?(?:keep|continue) reading\b"
            r"|\bkeep reading with a [0-9]{1,2}-day free trial\b|\balready a paid subscriber\b"
        ),
    ),
    _Sign(
        DisclosureKind.WRITTEN_WITH_AI,
        ("written", "drafted", "generated", "edited", "ai-assisted", "authored", "polished", "proofread", "i wrote"),
        re.compile(
            rf"{_THIS_IS}{_WROTE} (?:and [a-z]+ )?(?:(?:in part|partly|entirely) )?{_WITH_AI}"
            rf"|\bi (?:wrote|drafted|edited|polished) this {_NOUN} {_WITH_AI}"
            rf"|{_THIS_IS}ai-(?:generated|written|assisted){_ENDS}"
            r"|^ai-(?:generated|written|assisted) (?:post|article|summary|content)\b"
        ),
    ),
    _Sign(
        DisclosureKind.MACHINE_TRANSLATED,
        ("translat",),
        re.compile(
            rf"{_THIS_IS}(?:machine|automatically|auto)[- ]translated\b"
            rf"|{_THIS_IS}translated (?:[a-z]+ ){{0,4}}?(?:by|with|using) (?:[a-z]+ ){{0,3}}?{_TRANSLATOR}"
            r"|^(?:machine|auto|automatically)[- ]translated (?:from|version|copy)\b"
        ),
    ),
)
_KOREAN = (
    _Sign(
        DisclosureKind.SPONSORED,
        ("협찬", "원고료", "제작비", "소정의", "대가", "유료 광고", "유료광고"),
        re.compile(rf"{_PAID_KO}|유료 ?광고[를가]? ?포함"),
    ),
    _Sign(
        DisclosureKind.MEMBERS_ONLY,
        ("구독", "멤버십", "회원"),
        re.compile(
            rf"{_THIS_KO}{_READERS_KO} ?(?:만|전용|에게만|분들만|분들께만)|^\W?{_READERS_KO} ?전용"
            r"|(?:유료 ?구독|멤버십 가입)[을를]? ?(?:하고|하면|하시면|후) ?(?:이어서|계속|전체|나머지)"
        ),
    ),
    _Sign(
        DisclosureKind.WRITTEN_WITH_AI,
        ("작성", "생성"),
        re.compile(
            rf"{_THIS_KO}{_AI_KO}{_USING_KO} ?(?:함께 |일부 |초안을 |자동 ?)?(?:작성|생성)(?:되|됐|했|하였|된|한|됨)"
            rf"|^{_AI_KO}{_USING_KO} ?(?:작성|생성)[된한] (?:글|포스트|기사|콘텐츠)"
        ),
    ),
    _Sign(
        DisclosureKind.MACHINE_TRANSLATED,
        ("번역",),
        re.compile(
            rf"{_THIS_KO}(?:기계|자동|ai|인공지능) ?(?:으로 )?번역(?:되|됐|된|한 (?:글|것)|했|하였|본|입니다|을 거)"
            rf"|{_THIS_KO}(?:{_TRANSLATOR_KO}|{_AI_KO}){_USING_KO} ?번역(?:되|됐|된|했|하였|한)"
        ),
    ),
)
# At the beginning of a title, or in brackets.
_TITLE = re.compile(
    r"^(?:sponsor(?:ed)?|advertorial|partner content|paid post|광고|협찬)(?:[:|]| [|-]|$)"
    r"|[\[(【](?:sponsored|advertorial|partner content|paid post|유료 ?광고|광고|협찬)[\])】]"
)
_TAGS = {
    "sponsored": DisclosureKind.SPONSORED,
    "sponsored post": DisclosureKind.SPONSORED,
    "sponsored content": DisclosureKind.SPONSORED,
    "advertorial": DisclosureKind.SPONSORED,
    "partner content": DisclosureKind.SPONSORED,
    "paid partnership": DisclosureKind.SPONSORED,
    "협찬": DisclosureKind.SPONSORED,
    "members only": DisclosureKind.MEMBERS_ONLY,
    "members-only": DisclosureKind.MEMBERS_ONLY,
    "subscriber-only": DisclosureKind.MEMBERS_ONLY,
    "machine translated": DisclosureKind.MACHINE_TRANSLATED,
    "기계번역": DisclosureKind.MACHINE_TRANSLATED,
}
_TRANSLATOR_HOST = ".translate.goog"
# A dot inside a name or a number does not end a sentence.
_STOP = re.compile(r"[!?…。\n]|\.(?!\w)")


def find_disclosures(post: Post) -> tuple[Disclosure, ...]:
    """What a post discloses, each kind once: by its own words, else by its page, else by its links."""
    found: dict[DisclosureKind, Disclosure] = {}
    for disclosure in (*_read_title(post.title), *_read_tags(post), *find_said(post.text, post.language), *post.said):
        found.setdefault(disclosure.kind, disclosure)
    for sign in (find_campaign(post), _read_address(post.url)):
        if sign:
            found.setdefault(sign.kind, sign)
    return tuple(found.values())


def _read_title(title: str) -> Iterator[Disclosure]:
    if _TITLE.search(title[:LONGEST_TITLE].lower()):
        yield Disclosure(DisclosureKind.SPONSORED, title[:_LONGEST_QUOTE])


def _read_tags(post: Post) -> Iterator[Disclosure]:
    for tag in post.tags:
        if kind := _TAGS.get(tag.strip().lower()):
            yield Disclosure(kind, tag.strip())


def find_said(text: str, language: str) -> Iterator[Disclosure]:
    """What the words of a text in some language disclose."""
    ends = text if len(text) <= 2 * _END else f"{text[:_END]}\n{text[-_END:]}"
    low = ends.lower()
    asked = (*_ENGLISH, *_KOREAN) if language == "ko" else _ENGLISH
    signs = [sign for sign in asked if any(needle in low for needle in sign.needles)]
    for sentence in _STOP.split(ends) if signs else ():
        said = " ".join(sentence.split())
        low = said.lower()
        for sign in signs:
            if any(needle in low for needle in sign.needles) and sign.pattern.search(low):
                yield Disclosure(sign.kind, said[:_LONGEST_QUOTE])


def _read_address(url: str) -> Disclosure | None:
    """Google's translator serves blog.example.com at blog-example-com.translate.goog."""
    host = host_of(url)
    if not host.endswith(_TRANSLATOR_HOST):
        return None
    # A hyphen of the name is written twice.
    name = host.removesuffix(_TRANSLATOR_HOST).replace("--", "\0").replace("-", ".").replace("\0", "-")
    original = f"https://{name}{urlsplit(url).path}"
    return Disclosure(DisclosureKind.MACHINE_TRANSLATED, f"it stands at {host}", DisclosureSource.LINKS, original)
