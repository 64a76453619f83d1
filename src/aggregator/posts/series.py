"""Which part of which series a title names. Pure.

A *mark* distinguishes the parts of a series: Part 2, (2/3), 2편, 하, #2. The *stem* is what they share; it is compared
without case, width, punctuation and spaces. Titles are full of other numbers (years, versions, amounts, names of
products), so a bare number is a mark only in certain places.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from aggregator.text.characters import compose
from aggregator.text.tokens import compile_token

#: Raise it if a title may get another stem; then the stored ones are derived again.
RECIPE = 1
#: Characters of a title that are read, and of a stem that are kept.
LONGEST_TITLE = 400
LONGEST_STEM = 120


@dataclass(frozen=True, slots=True)
class PartMark:
    """What a title says of its place in a series."""

    #: What the parts share, only for comparison: no spaces, no punctuation, lower case.
    stem: str
    #: Its place; 5.5 is between 5 and 6. 상, 중 and 하 are 1, 2 and 3.
    number: float
    #: How many parts there are, if the title says so.
    of: int | None = None
    #: As the series names its parts: part, chapter, vol, ep, week, 편, 부, 회, 상, #; empty for a bare number.
    word: str = ""


# --- the text that marks are looked for in ----------------------------------------------------------------------------

_SIGNS = str.maketrans(
    dict.fromkeys("【〔『「〈《{<«", "[") | dict.fromkeys("】〕』」〉》}>»", "]") | dict.fromkeys("‐‑‒–—―─━−", "-")
)
_SIGN = re.compile(f"[{''.join(map(chr, _SIGNS))}]")
_TOKEN = compile_token(numbers=True, cjk="letters")
_IN_ADDRESS = re.compile(r"(?:^|[-_])(?:part[-_]?(?P<part>\d{1,2})|(?P<korean>\d{1,2})(?P<word>편|부))(?=[-_.]|$)")
_DIGIT = re.compile(r"[0-9]")


def _fold(title: str) -> str:
    title = title[:LONGEST_TITLE]
    if not title.isascii():
        # Checking first is cheaper, and most titles need neither.
        title = compose(title, "NFKC")
        if _SIGN.search(title):
            title = title.translate(_SIGNS)
    return " ".join(title.lower().split())


def make_stem(text: str) -> str:
    """The text without what titles of one series differ in by chance: case, width, punctuation, spaces."""
    return _squeeze(_fold(text))


def _squeeze(folded: str) -> str:
    return "".join(_TOKEN.findall(folded))[:LONGEST_STEM]


# --- numbers ----------------------------------------------------------------------------------------------------------

_ROMANS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv", "xvi")
_NAMES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_ORDINALS = ("첫", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉", "열")
_HALVES = {"상": 1, "중": 2, "하": 3, "전": 1, "후": 3, "前": 1, "中": 2, "後": 3}
_VALUES: dict[str, float] = {"deux": 2}
for _list in (_ROMANS, _NAMES, _ORDINALS):
    _VALUES.update({name: value for value, name in enumerate(_list, 1)})


def _value_of(text: str) -> float:
    if text in _VALUES:
        return _VALUES[text]
    number = float(text)
    return int(number) if number.is_integer() else number


# --- the patterns, most telling first ---------------------------------------------------------------------------------

_ROMAN = "|".join(sorted(_ROMANS, key=len, reverse=True))
_NAMED = "|".join((*_NAMES, "deux"))
_SPELLED = rf"(?:(?:{_ROMAN}|{_NAMED})(?![^\W_]))"
# Not part of a longer number, a version or an amount. 5.5 is allowed: series have half numbers.
_NUMBER = r"(?:\d{1,2}(?:\.5)?(?![\d%]|[.,]\d))"
_NOT_IN_NUMBER = r"(?<![\d.,/~-])"
# The end of a mark before a subtitle.
_END = r"(?=\s*(?:$|[:.,|~!?()\[\];/+&\"'“‘]|-(?!\d)))"
_OF = rf"(?:\s*(?:of|/)\s*(?P<of>\d{{1,2}}|{_NAMED}|n)(?![^\W_]))?"

_NAMED_PART = re.compile(
    rf"(?<![a-z0-9])(?P<word>part|pt|chapter|volume|vol|episode|ep|lecture|lesson|파트|챕터|에피소드|시리즈)"
    rf"(?:\.?\s*[-#]?\s*(?P<number>{_NUMBER})|\.?\s+(?P<spelled>{_SPELLED})){_OF}(?:{_END}|(?=\s[가-힣]))"
)
_NAMED_ISSUE = re.compile(
    rf"(?<![a-z0-9])(?P<word>episode|ep|vol|(?<=[-,:|(\[]\s)issue|week)\.?\s*#?(?P<number>\d{{1,4}})(?![^\W_]){_END}"
)
_KOREAN_PART = re.compile(
    rf"(?:(?<![가-힣])제\s?)?{_NOT_IN_NUMBER}(?P<number>{_NUMBER})\s?(?P<word>편|부|탄|일차|話)"
    rf"(?!\s*[가-힣]*(?:게재|채택|발표|리뷰|모음|모아|추천|선정|억셉트|통과|요약|정리|씩|이상)|\s*accept|\s?[/~]\s?\d)(?![^\W_])"
)
_KOREAN_ISSUE = re.compile(
    rf"(?:(?P<the>제)\s?|(?P<open>[\[(])(?:[^\])]*\s)?){_NOT_IN_NUMBER}(?P<number>\d{{1,3}})\s?(?P<word>회|화|장|강)"
    r"(?(open)(?=\s*[\])])|(?![^\W_]))"
)
_ORDINAL = re.compile(
    rf"(?<![가-힣\d])(?P<number>{'|'.join(_ORDINALS)}|\d{{1,2}})\s?번째"
    rf"(?:\s(?:이야기|편|글|시간|파트|에피소드|포스트))?(?![^\W_]){_END}"
)
_HALF = re.compile(
    r"(?P<open>[\[(])\s?(?P<bracketed>[상중하])(?:편)?\s?[\])]"
    r"|(?<![가-힣])(?P<volume>[상중하전후])편(?![^\W_])"
    r"|(?P<japanese>[前中後])[編篇]"
    r"|\s[-|:]\s?(?P<trailing>[상중하])$"
)
_BRACKETED = re.compile(
    # After letters only if they are a word: SO(3) is a group.
    rf"(?:(?<![a-z0-9])|(?<=[a-z]{{5}}))[\[(]\s?(?:(?P<number>\d{{1,2}})(?:\s?(?:/|of)\s?(?P<of>\d{{1,2}}|n))?"
    rf"|(?P<spelled>(?!x[\])])(?:{_ROMAN})))\s?[\])]"
)
_GOES_ON = re.compile(r"\s*[^\W_]")
_KOREAN_GOES_ON = re.compile(r"\s.*[가-힣]")
_FRACTION = re.compile(r"(?:^|(?P<before>\S+)\s)(?P<number>\d{1,2})/(?P<of>\d{1,2})$")
_HASH = re.compile(
    rf"(?:^|(?P<before>\S*)\s|(?<=[가-힣一-鿿\[(]))#\s?(?P<number>\d{{1,5}})(?![^\W_]|\.\d)(?:{_END}|(?=\s[가-힣一-鿿]))"
)
_TRAILING = re.compile(
    rf"(?:\s[-|]|\s?:)\s(?:(?P<number>\d{{1,2}})|(?P<spelled>(?!x$|v$)(?:{_ROMAN})))(?=$|:\s)"
    r"|(?P<before>\S+)\s(?P<roman>ii|iii|iv|vi|vii|viii|ix)$"
)
_KINDS = ("internals", "tutorial", "walkthrough", "explained", "journey", "diary", "story", "adventures", "basics")
# A word for a kind of text, followed by a number: 구축기 2, internals 2.
_KIND = re.compile(
    r"(?P<before>[가-힣]*(?:기|글|법|일지|노트|정리|여정|기록|가이드|소개|분석|리뷰|튜토리얼|스터디|강의|기초|입문|회고|연재)"
    rf"|(?<![a-z])(?:{'|'.join(_KINDS)}))"
    r"\s(?P<number>\d{1,2}|i{1,3}|iv|vi{0,3}|ix)(?=$|[.:]\s|\s[-|:]\s)"
)

_WATCHES = re.compile(r"(?:워치|폰|갤럭시|watch)\s*$")
_PART_WORDS = ("pt", "ep", "lecture", "lesson", "파트", "챕터", "에피소드", "시리즈")
_ISSUE_WORDS = ("ep", "vol", "issue", "week")
_COUNTERS = ("편", "부", "탄", "일차", "話", "회", "화", "장", "강")
_HALF_NAMES = ("상", "중", "하", "편", "編", "篇")
_ROMAN_ENDS = ("i", "v", "ix")
_COUNTED = frozenset(
    ["논문", "영화", "글", "사례", "기사", "아티클", "포스트", "포스팅", "영상", "책", "총", "페이퍼", "papers", "모두"]
)
_AMOUNTS = frozenset([
    "by", "to", "of", "in", "at", "than", "about", "only", "nearly", "just", "over", "under", "from",
    "cut", "is", "was", "a", "the", "약", "단", "비용", "대비"
])  # fmt: skip
_FIRST_OF_ALL = frozenset(
    ["the", "our", "your", "is", "a", "are", "ranked", "world's", "no", "issue", "pr", "bug", "ticket", "be"]
)
_NUMBERED_THINGS = frozenset([
    "war", "type", "phase", "gen", "generation", "level", "stage", "class", "mark", "tier", "model",
    "appendix", "volta", "act"
])  # fmt: skip
_SIZES = ("크기", "주기", "반기", "분기", "초기", "세기", "동기", "단기", "장기", "대기")
_DULL = frozenset([
    "시리즈", "연재", "이야기", "글", "blog", "post", "series", "the", "a", "an", "ai", "ml", "introduction",
    "tutorial", "intro", "new", "news"
])  # fmt: skip


def read_part(title: str) -> PartMark | None:
    """The part that a title names; None for most titles."""
    return _read(_fold(title))


def name_series(title: str) -> str | None:
    """The stem by which a post is found among its series. Without a mark it is the whole title, because the first part
    often has none. None if there is no letter.
    """
    folded = _fold(title)
    mark = _read(folded)
    return mark.stem if mark else _squeeze(folded) or None


def read_part_of_address(url: str, stem: str) -> PartMark | None:
    """The part that the last segment of an address names; for titles without a mark, as in a published digest."""
    segment = compose(unquote(urlsplit(url).path).rstrip("/").rpartition("/")[2].lower())
    if match := _IN_ADDRESS.search(segment):
        return PartMark(stem, int(match["part"] or match["korean"]), None, match["word"] or "part")
    return None


def cut_part(title: str) -> str:
    """The title without its mark and what joins it, if it names a part after the first; otherwise as it is. Later parts
    are told apart by the note that leads to the earlier ones.
    """
    folded = _fold(title)
    if len(folded) != len(title):
        return title
    for found in _list_marks(folded):
        if _find_stem(folded, found):
            return _cut(title, found) if found.number > 1 and found.word in _CUT else title
    return title


# Numbers of issues stay.
_CUT = frozenset(["part", "편", "부", "탄", "상", "중", "하", "編", "篇", ""])
_HANGUL = re.compile("[가-힣]")
# What joins a mark to the title before it, and to a subtitle behind it.
_BEFORE = re.compile(r"[\s,:|(\[–—-]*$")
_BEHIND = re.compile(r"\s*[)\]]?[.:]?(?:\s*$)?")


def _cut(title: str, found: _Found) -> str:
    before, after = title[: found.start], title[found.end :]
    if (opened := before.rstrip()[-1:]) in "([" and opened and not re.match(r"\s*[)\]]", after):
        # The brackets hold more than the mark.
        return title
    joint = _BEFORE.search(before)
    start = joint.start() if joint else len(before)
    rest = after[match.end() :] if (match := _BEHIND.match(after)) else after
    if not before[:start].strip():
        return rest.strip(" ,:|–—-") or title
    if not rest.strip():
        return before[:start]
    is_joined = rest.lstrip()[0] in "–—|-"
    joined = " - " if _HANGUL.search(title) else ": "
    return before[:start] + (" " if is_joined else joined) + rest.lstrip()


def _read(folded: str) -> PartMark | None:
    for found in _list_marks(folded):
        if stem := _find_stem(folded, found):
            return PartMark(stem, found.number, found.of, found.word)
    return None


@dataclass(frozen=True, slots=True)
class _Found:
    """A mark in the folded title."""

    start: int
    end: int
    number: float
    of: int | None
    word: str


def _list_marks(text: str) -> Iterator[_Found]:
    """Marks in a title, most telling first.

    A cheap check comes before every pattern: a first visit reads 60,000 titles, and few have a mark.
    """
    has_digit = _DIGIT.search(text) is not None
    if "part" in text or (has_digit and _has_any(text, _PART_WORDS)) or "chapter" in text or "vol" in text:
        yield from _list_named_parts(text)
    if not text.isascii():
        yield from _list_eastern_marks(text)
    if has_digit and _has_any(text, _ISSUE_WORDS):
        for match in _NAMED_ISSUE.finditer(text):
            yield _make(match, match["number"], None, match["word"])
    if "(" in text or "[" in text:
        yield from _list_bracketed(text)
    if has_digit:
        yield from _list_placed_numbers(text)
    has_roman = text.endswith(_ROMAN_ENDS) or "i: " in text or "v: " in text
    if (has_digit or has_roman) and (not text.isascii() or _has_any(text, _KINDS)):
        yield from _list_behind_kinds(text)
    if has_roman:
        yield from _list_trailing(text)


def _has_any(text: str, words: tuple[str, ...]) -> bool:
    for word in words:  # noqa: SIM110  (any() with a generator takes three times as long)
        if word in text:
            return True
    return False


def _list_named_parts(text: str) -> Iterator[_Found]:
    for match in _NAMED_PART.finditer(text):
        if not (match["word"] == "시리즈" and _WATCHES.search(text[: match.start()])):
            yield _make(match, match["number"] or match["spelled"], match["of"], match["word"])


def _list_eastern_marks(text: str) -> Iterator[_Found]:
    if _has_any(text, _COUNTERS):
        for match in _KOREAN_PART.finditer(text):
            if _last_word(text[: match.start()]) not in _COUNTED:
                yield _make(match, match["number"], None, match["word"])
        for match in _KOREAN_ISSUE.finditer(text):
            start = match.start() if match["the"] else match.start("number")
            yield _make(match, match["number"], None, match["word"], start=start)
    if "번째" in text:
        for match in _ORDINAL.finditer(text):
            yield _make(match, match["number"], None, "편")
    if _has_any(text, _HALF_NAMES):
        for match in _HALF.finditer(text):
            half = match["bracketed"] or match["volume"] or match["japanese"] or match["trailing"]
            yield _Found(match.start(), match.end(), _HALVES[half], None, half)


def _list_bracketed(text: str) -> Iterator[_Found]:
    for match in _BRACKETED.finditer(text):
        if _is_framed(match, text) and _is_place(match["number"], match["of"]):
            yield _make(match, match["number"] or match["spelled"], match["of"], "")


def _is_framed(match: re.Match[str], text: str) -> bool:
    """Whether a number in brackets is separate from what follows, like that of a part."""
    if match.start() == 0 or not _GOES_ON.match(text, match.end()):
        return True
    # A subtitle without a sign before it: square brackets mean nothing else, and round ones seldom do in Korean.
    return match[0].startswith("[") or _KOREAN_GOES_ON.match(text, match.end()) is not None


def _list_placed_numbers(text: str) -> Iterator[_Found]:
    match = _FRACTION.search(text) if "/" in text and text[-1].isdigit() else None
    if match and match["before"] not in _AMOUNTS and _is_place(match["number"], match["of"]):
        yield _make(match, match["number"], match["of"], "", start=match.start("number"))
    if "#" in text:
        for match in _HASH.finditer(text):
            number = int(match["number"])
            if match["before"] not in _FIRST_OF_ALL and number and not 1900 <= number <= 2100:
                yield _make(match, match["number"], None, "#", start=match.start("number") - 1)
    if text[-1].isdigit():
        yield from _list_trailing(text)


def _list_behind_kinds(text: str) -> Iterator[_Found]:
    for match in _KIND.finditer(text):
        if not match["before"].endswith(_SIZES) and match["number"] != "0":
            yield _make(match, match["number"], None, "", start=match.start("number"))


def _list_trailing(text: str) -> Iterator[_Found]:
    if match := _TRAILING.search(text):
        before = text[: match.start("roman") if match["roman"] else match.start()]
        is_said = len(_TOKEN.findall(before)) >= (4 if match["roman"] else 2)
        if is_said and match["before"] not in _NUMBERED_THINGS and match["number"] != "0":
            number = match["number"] or match["spelled"] or match["roman"]
            yield _make(match, number, None, "", start=len(before))


def _is_place(number: str | None, of: str | None) -> bool:
    """Whether 2/3 can mean the second of three; 24/7, 7/31 and 8/5 cannot."""
    if number is None:
        return True
    if of is None or of == "n":
        return 1 <= int(number) <= 40
    return 1 <= int(number) <= int(of) and 2 <= int(of) <= 12


def _make(match: re.Match[str], number: str, of: str | None, word: str, start: int | None = None) -> _Found:
    count = None if of is None or of == "n" else int(_value_of(of))
    return _Found(
        match.start() if start is None else start, match.end(), _value_of(number), count, _SHORT.get(word, word)
    )


_SHORT = {"pt": "part", "파트": "part", "volume": "vol", "episode": "ep", "에피소드": "ep", "챕터": "chapter"}


def _last_word(text: str) -> str:
    return text.rstrip(" [(").rpartition(" ")[2]


# --- the stem ---------------------------------------------------------------------------------------------------------


def _find_stem(text: str, found: _Found) -> str | None:
    """The text before the mark: inside its brackets, else before them; after the mark if that comes first.

    If that says too little, the whole title without the mark; None if that is too little as well.
    """
    before, after = text[: found.start], text[found.end :]
    opened = max(before.rfind("["), before.rfind("("))
    if opened > max(before.rfind("]"), before.rfind(")")):
        inside, before = before[opened + 1 :], before[:opened]
        if _says_enough(inside):
            return _squeeze(inside)
    whole = before + " " + after
    return next((_squeeze(said) for said in (before, whole) if _says_enough(said)), None)


def _says_enough(text: str) -> bool:
    words = [word for word in _TOKEN.findall(text) if word not in _DULL]
    letters = "".join(words)
    return len(letters) >= (4 if letters.isascii() else 2) and not letters.isdigit()
