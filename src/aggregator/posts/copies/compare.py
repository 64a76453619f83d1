"""Comparison: whether two posts are the same article. Named shares make a score; no score outweighs a veto. Pure.

In one language, text in common speaks for it, and titles, links and pictures. Between languages it is what no
translation changes: a link to the original, addresses, numbers, names, code, pictures. A wrong "same" hides a post and
a wrong "different" shows one twice, so the curator decides what is likely but not sure.

Vetoes: titles that differ only in a number, a year, a month or the part of a series; and two posts side by side in one
document of a feed, unless title and text are the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from aggregator.posts.copies.fingerprint import Fingerprint, list_names
from aggregator.posts.series import make_stem, read_part
from aggregator.text.terms import list_terms
from aggregator.text.tokens import compile_token
from aggregator.types import Reason, Sameness

#: Scores from which the machine merges, and from which it asks.
SURE = 1.0
LIKELY = 0.7

_FAR = timedelta(days=120)
#: A text with fewer tokens than the first tells nothing; with at least the second it is a whole text.
_SHORT, _WHOLE = 12, 80

_MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?|spring|summer|autumn|fall|winter"
)
_DAYS = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_COUNTS = "first|second|third|fourth|last|one|two|three|four|five|[ivx]{2,6}|[ivx](?=$|[:.,)])"
_LEVELS = "beginner|intermediate|advanced"
#: What distinguishes titles that are otherwise alike.
_MARK = re.compile(
    r"\d+(?:\.\d+)*(?:[-. ]?(?:alpha|beta|rc|dev|preview)[-. ]?\d*)?"
    rf"|(?<![a-z])(?:{_MONTHS}|{_DAYS}|{_COUNTS}|{_LEVELS})(?![a-z])"
    r"|상반기|하반기|[상하전후]편|[봄여름가을겨울](?=호)|첫|두 ?번째|세 ?번째|마지막"
    r"|입문|초급|중급|고급|심화|기초|이론|실습"
)
#: Numbers that count issues whatever else the titles say.
_NUMBERED = re.compile(
    r"[第제] ?\d+ ?[回話章部편회화장부탄호]|#\d+|(?<!\d)\d++ ?[편회화탄호강]차?(?![가-힣])"
    r"|(?<![a-z])(?:part|vol|episode|issue|week|day)\.? ?#?\d+"
)
_COLUMN = re.compile(
    r"(?<![a-z])(?:weekly|monthly|daily|digest|newsletter|round-?up|recap|this week|this month|open thread)(?![a-z])"
    r"|주간|월간|일간|이번 ?주|이번 ?달|이달의"
)
_COLUMN_APART = timedelta(days=5)
_TOKEN = compile_token(alphabets=True, apart=True, cjk="runs")
_PAPERS = frozenset(
    {
        "aclanthology.org",
        "arxiv.org",
        "dl.acm.org",
        "openreview.net",
        "papers.nips.cc",
        "proceedings.mlr.press",
        "proceedings.neurips.cc",
    }
)
#: Words in titles of texts about other texts.
_ABOUT = re.compile(
    r"(?<![a-z])(?:repl(?:y|ies)|respon(?:se|ding)|re:|review(?:ed|ing)?|thoughts on|notes on|readings"
    r"|reading (?:list|notes|group)|links?|round-?ups?|weekly|monthly|digest|newsletter|recap|summary"
    r"|commentary|rebuttal|reaction|discussion)(?![a-z])"
    r"|읽고|읽은|후기|답글|답변|답하며|리뷰|서평|반론|정리|요약|읽을거리|소식|스터디|논평|감상|모음|월호"
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The decision on two posts."""

    said: Sameness
    #: The sum of the shares, even if there is a veto.
    score: float
    reasons: tuple[Reason, ...]


def compare(first: Fingerprint, second: Fingerprint) -> Comparison:
    """Decide whether two posts are the same article. Symmetric."""
    if (second.published_at, second.post_id) < (first.published_at, first.post_id):
        first, second = second, first
    judges = _compare_languages if first.is_korean != second.is_korean else _compare_texts
    reasons = [reason for reason in (*judges(first, second), _judge_named(first, second)) if reason.share]
    score = round(sum(reason.share for reason in reasons), 2)
    reasons.sort(key=lambda reason: -abs(reason.share))
    said = Sameness.SAME if score >= SURE else Sameness.MAYBE if score >= LIKELY else Sameness.DIFFERENT
    if said is Sameness.SAME and judges is _compare_languages and not _has_sure_sign(reasons):
        said = Sameness.MAYBE
    if veto := find_veto(first, second):
        return Comparison(Sameness.DIFFERENT, score, (veto, *reasons))
    return Comparison(said, score, tuple(reasons))


def _judge_named(first: Fingerprint, second: Fingerprint) -> Reason:
    """A page that names its canonical address leaves no doubt (RFC 6596)."""
    is_named = first.named == second.address or second.named == first.address
    return Reason("names its address", 2.0 if is_named else 0.0, "the page of one names the address of the other")


# --- vetoes -----------------------------------------------------------------------------------------------------------


def find_veto(first: Fingerprint, second: Fingerprint) -> Reason | None:
    """What is enough to make two posts different articles."""
    if said := _compare_parts(first.title, second.title):
        return Reason("another part", 0.0, said)
    if first.is_korean == second.is_korean and (said := _compare_marks(first, second)):
        return Reason("another number", 0.0, said)
    if said := _compare_subjects(first, second):
        return Reason("another subject", 0.0, said)
    if said := _compare_issues(first, second):
        return Reason("another issue", 0.0, said)
    if (first.host in _PAPERS) != (second.host in _PAPERS):
        return Reason("a paper", 0.0, "one is a paper, the other a post")
    is_alike = first.title == second.title and first.shingles == second.shingles
    for feed in sorted(first.carriers.keys() & second.carriers.keys()):
        if not is_alike and _stood_together(first.carriers[feed], second.carriers[feed]):
            return Reason("side by side", 0.0, f"both stood in one document of {feed}")
    return None


def _stood_together(first: tuple[object, bool], second: tuple[object, bool]) -> bool:
    return first[0] == second[0] or (first[1] and second[1])


def _compare_parts(first: str, second: str) -> str | None:
    one, other = _read_part(first), _read_part(second)
    if one and other:
        return f"{one.number:g} and {other.number:g}" if one.number != other.number else None
    mark, title = (one, second) if one else (other, first)
    # The first part of a series often does not say so.
    if mark and mark.number > 1 and mark.stem and make_stem(title).startswith(mark.stem):
        return f"one of them is part {mark.number:g}"
    return None


# A title is read for each post that it is compared with.
_read_part = lru_cache(maxsize=8192)(read_part)


@lru_cache(maxsize=8192)
def _list_bare_terms(title: str) -> frozenset[str]:
    return frozenset(list_terms(_MARK.sub(" ", title)))


def _compare_marks(first: Fingerprint, second: Fingerprint) -> str | None:
    """The numbers, months and levels in which two otherwise alike titles differ."""
    one, other = _MARK.findall(first.title), _MARK.findall(second.title)
    only = [[mark for mark in found if mark not in rest] for found, rest in ((one, other), (other, one))]
    if not (only[0] or only[1]):
        return None
    numbered = [sorted(set(_NUMBERED.findall(fingerprint.title))) for fingerprint in (first, second)]
    if numbered[0] and numbered[1] and numbered[0] != numbered[1]:
        return f"{numbered[0][0]} and {numbered[1][0]}"
    bare = [_list_bare_terms(fingerprint.title) for fingerprint in (first, second)]
    shared, smaller = len(bare[0] & bare[1]), min(map(len, bare))
    is_alike = not smaller or shared >= 0.6 * max(map(len, bare))
    if only[0] and only[1]:
        is_alike = is_alike or shared >= 0.5 * smaller
    elif is_alike and _share(first.shingles, second.shingles) >= 0.9:
        # The same text, with a number added to its title.
        return None
    return f"{' '.join(only[0]) or 'none'} and {' '.join(only[1]) or 'none'}" if is_alike else None


def _compare_issues(first: Fingerprint, second: Fingerprint) -> str | None:
    """The titles of a column come back each year."""
    apart = abs(first.published_at - second.published_at)
    is_column = all(
        _NUMBERED.search(fingerprint.title) or _COLUMN.search(fingerprint.title) for fingerprint in (first, second)
    )
    if is_column and first.is_dated and second.is_dated and apart > _COLUMN_APART:
        return f"{apart.days} days apart"
    return None


def _compare_subjects(first: Fingerprint, second: Fingerprint) -> str | None:
    """What each title and text names and the other text does not mention: two texts of one form."""
    if first.is_korean != second.is_korean:
        return None
    few, many = sorted((first.tokens, second.tokens))
    if few < _SHORT or few < 0.6 * many:
        return None
    one, other = _list_subjects(first, second), _list_subjects(second, first)
    return f"{' '.join(one)} and {' '.join(other)}" if one and other else None


def _list_subjects(fingerprint: Fingerprint, other: Fingerprint) -> list[str]:
    theirs = set(_list_telling(other.title))
    own = [word for word in dict.fromkeys(_list_telling(fingerprint.title)) if word not in theirs]
    held = _keep_held(own, fingerprint.words)
    theirs = set(_keep_held(held, other.words))
    return [word for word in held if word not in theirs]


def _list_telling(title: str) -> list[str]:
    """Its numbers, and its words of three Latin letters or two others and more."""
    return [token for token in _TOKEN.findall(title) if token.isdecimal() or len(token) > 1 + token.isascii()]


def _keep_held(asked: Sequence[str], words: frozenset[str]) -> list[str]:
    """The *asked* words that a text has; a Korean word also counts inside a longer one."""
    # Searching one string is many times as fast as searching word by word.
    joined = "" if all(word in words or word.isascii() for word in asked) else " ".join(words)
    return [word for word in asked if word in words or (not word.isascii() and word in joined)]


# --- one language -----------------------------------------------------------------------------------------------------


def _compare_texts(first: Fingerprint, second: Fingerprint) -> list[Reason]:
    text, certain = _judge_text(first, second)
    title = _judge_title(first, second, certain)
    return [text, title, _judge_kinds(first, second), *_judge_surroundings(first, second)]


def _judge_kinds(first: Fingerprint, second: Fingerprint) -> Reason:
    """A reply, review or round-up repeats the words of what it is about."""
    one, other = (set(_ABOUT.findall(fingerprint.title)) for fingerprint in (first, second))
    named = sorted(one ^ other) if first.is_korean == second.is_korean or not (one and other) else []
    return Reason("another kind", -0.45 if named else 0.0, ", ".join(named))


def _judge_text(first: Fingerprint, second: Fingerprint) -> tuple[Reason, bool]:
    """The share for text in common, and whether it alone shows that the texts are the same."""
    shorter, longer = sorted((first, second), key=lambda fingerprint: len(fingerprint.shingles))
    if shorter.tokens < _SHORT:
        return Reason("text", 0.0), False
    held = _share(shorter.shingles, longer.shingles)
    of_both = len(shorter.shingles & longer.shingles) / len(shorter.shingles | longer.shingles)
    said = f"{held:.0%} of the {'shorter' if len(shorter.shingles) < len(longer.shingles) else ''} text".replace(
        "  ", " "
    )
    if shorter.tokens >= _WHOLE:
        share = _interpolate(
            held, ((0.1, -0.6), (0.25, 0.0), (0.4, 0.3), (0.6, 0.55), (0.8, 0.8), (0.93, 1.0), (0.97, 1.3))
        )
        # A quoted chapter is not the book.
        if of_both < 0.3 and held < 0.93:
            share = min(share, 0.5)
        return Reason("text", share, said), held >= 0.93
    # A summary should be the beginning of the text; the shorter it is, the less it says.
    at_start = _share(shorter.shingles, longer.lead) if longer.tokens > len(shorter.shingles) else held
    weight = 0.4 if shorter.tokens < 25 else 0.65
    share = _interpolate(held, ((0.1, -0.5), (0.3, 0.0), (0.6, 0.5), (0.9, 1.0)))
    if share > 0 and (at_start < 0.5 or shorter.address in longer.links - longer.sources):
        # It is a quotation, not a copy.
        share *= 0.5
    return Reason("summary" if longer.tokens >= _WHOLE else "text", round(share * weight, 2), said), False


def _judge_title(first: Fingerprint, second: Fingerprint, is_text_same: bool) -> Reason:
    alike = _measure_titles(first, second)
    telling = min(1.0, min(len(first.title_terms), len(second.title_terms)) / 5)
    share = _interpolate(alike, ((0.2, -0.3), (0.5, -0.1), (0.7, 0.25), (0.9, 0.5), (1.0, 0.6)))
    if share > 0:
        share *= telling
    elif is_text_same:
        # A post that is published again often gets another title.
        share *= 0.5
    return Reason("title", round(share, 2), "the same" if first.title == second.title else f"{alike:.0%} of the words")


def _measure_titles(first: Fingerprint, second: Fingerprint) -> float:
    if first.title == second.title:
        return 1.0
    union = first.title_terms | second.title_terms
    return len(first.title_terms & second.title_terms) / len(union) if union else 0.0


def _judge_surroundings(first: Fingerprint, second: Fingerprint) -> list[Reason]:
    reasons = []
    if first.address in second.sources or second.address in first.sources:
        reasons.append(Reason("names its original", 0.5, "one links the other as where it first appeared"))
    elif first.slug and first.slug == second.slug and first.host != second.host:
        # On one site, a yearly event repeats the end of the address.
        reasons.append(Reason("address", 0.4, first.slug))
    reasons += _judge_shared(first, second)
    if first.authors & second.authors:
        reasons.append(Reason("author", 0.1, next(iter(sorted(first.authors & second.authors)))))
    if first.is_dated and second.is_dated:
        apart = abs(first.published_at - second.published_at)
        if apart <= timedelta(days=2):
            reasons.append(Reason("date", 0.05, "within two days"))
        elif apart > _FAR:
            # A yearly event repeats its text with few changes, under the same title.
            is_whole = min(_share(first.shingles, second.shingles), _share(second.shingles, first.shingles)) > 0.9
            reasons.append(Reason("date", -0.15 if is_whole else -0.4, f"{apart.days} days apart"))
        if _has_title_alone(first, second) and apart <= timedelta(hours=12):
            reasons.append(Reason("title and hour", 0.35, "a long title in common, within half a day"))
    return reasons


def _has_title_alone(first: Fingerprint, second: Fingerprint) -> bool:
    """Whether only the title can be compared, and it is too long to be the same by accident."""
    is_bare = min(first.tokens, second.tokens) < _SHORT
    return is_bare and first.title == second.title and len(_list_telling(first.title)) >= 6


def _judge_shared(first: Fingerprint, second: Fingerprint) -> list[Reason]:
    reasons = []
    pictures = first.images & second.images
    if pictures:
        reasons.append(Reason("pictures", min(0.15 * len(pictures), 0.45), _list_some(pictures)))
    links = (first.links & second.links) - {first.address, second.address}
    fewer = min(len(first.links), len(second.links))
    if len(links) >= 2 and len(links) >= 0.5 * fewer:
        reasons.append(Reason("links", min(0.08 * len(links), 0.35), f"{len(links)} of {fewer} in common"))
    return reasons


# --- two languages ----------------------------------------------------------------------------------------------------


def _compare_languages(first: Fingerprint, second: Fingerprint) -> list[Reason]:
    korean, other = (first, second) if first.is_korean else (second, first)
    reasons = []
    if other.address in korean.sources or korean.address in other.sources:
        is_sure = other.address in korean.translated or korean.address in other.translated
        reasons.append(
            Reason(
                "names its original", 0.95 if is_sure else 0.75, "one names the other as what it was translated from"
            )
        )
    elif other.address in korean.links or korean.address in other.links:
        reasons.append(Reason("link", 0.3, "one links the other"))
    if korean.slug and korean.slug == other.slug:
        reasons.append(Reason("address", 0.7, korean.slug))
    reasons += _judge_shared(korean, other)
    reasons += [_judge_numbers(korean, other), _judge_codes(korean, other), _judge_names(korean, other)]
    reasons += [
        _judge_kinds(korean, other),
        _judge_title_names(korean, other),
        _judge_length(korean, other),
        *_judge_people(korean, other),
    ]
    return reasons


#: Reasons that do not come with the subject, and the share from which they count as a sure sign.
_SURE_SIGNS = {
    "names its original": 0.7,
    "names its address": 2.0,
    "address": 0.7,
    "pictures": 0.3,
    "numbers": 0.35,
    "author": 0.2,
    "code": 0.4,
}


def _has_sure_sign(reasons: Sequence[Reason]) -> bool:
    """Names, titles and links are not enough: two posts on one service share them."""
    return any(reason.share >= _SURE_SIGNS.get(reason.name, 9) for reason in reasons)


def _judge_numbers(korean: Fingerprint, other: Fingerprint) -> Reason:
    fewer = min(len(korean.numbers), len(other.numbers))
    shared = korean.numbers & other.numbers
    if fewer < 3:
        return Reason("numbers", 0.0)
    held = len(shared) / fewer
    share = _interpolate(held, ((0.15, -0.5), (0.4, 0.0), (0.7, 0.35), (0.9, 0.5)))
    if share > 0:
        share *= min(1.0, len(shared) / 5)
    if held >= 0.75:
        # So many are not in common by accident.
        share += min(0.06 * max(0, len(shared) - 5), 0.4)
    return Reason("numbers", round(share, 2), f"{len(shared)} of {fewer} in common: {_list_some(shared)}")


def _judge_codes(korean: Fingerprint, other: Fingerprint) -> Reason:
    shared, fewer = korean.codes & other.codes, min(len(korean.codes), len(other.codes))
    if len(shared) < 2:
        return Reason("code", -0.2 if fewer >= 4 else 0.0, f"{len(shared)} of {fewer} names of code in common")
    held = len(shared) / fewer
    return Reason("code", round(min(0.12 * len(shared), 0.5) * held, 2), f"names in code: {_list_some(shared)}")


def _judge_names(korean: Fingerprint, other: Fingerprint) -> Reason:
    """Latin words of the Korean text that are in the other; a translation adds few."""
    if len(korean.latin) < 5 or other.tokens < _WHOLE:
        return Reason("names", 0.0)
    held = _share(korean.latin, other.latin)
    share = _interpolate(held, ((0.5, -0.4), (0.7, 0.0), (0.9, 0.25), (1.0, 0.3)))
    # The reverse: names of the other text that are in the Korean one.
    back = _share(other.names, korean.latin) if len(other.names) >= 4 else 0.6
    share += _interpolate(back, ((0.2, -0.3), (0.5, 0.0), (0.8, 0.25)))
    return Reason(
        "names",
        round(share, 2),
        f"{held:.0%} of the Latin words of the Korean text, {back:.0%} of the names of the other",
    )


def _judge_title_names(korean: Fingerprint, other: Fingerprint) -> Reason:
    mine, theirs = _list_title_names(korean.title), _list_title_names(other.title)
    if not mine:
        return Reason("title", 0.0)
    held = len(mine & theirs) / len(mine)
    share = _interpolate(held, ((0.3, -0.2), (0.6, 0.0), (1.0, 0.1 + 0.05 * min(len(mine), 4))))
    return Reason("title", round(share, 2), f"{len(mine & theirs)} of {len(mine)} names in common")


def _list_title_names(title: str) -> set[str]:
    """Its names, and its numbers of two or more digits."""
    return {name for name in (*list_names(title), *filter(str.isdecimal, _TOKEN.findall(title))) if len(name) > 1}


def _judge_length(korean: Fingerprint, other: Fingerprint) -> Reason:
    """Korean needs fewer words, since particles are part of them."""
    if min(korean.tokens, other.tokens) < 40:
        return Reason("length", 0.0)
    ratio = korean.tokens / other.tokens
    if 0.45 <= ratio <= 1.1:
        return Reason("length", 0.05, "as a translation has")
    share = -0.3 if ratio < 0.3 or ratio > 1.6 else -0.05
    return Reason("length", share, f"{korean.tokens} and {other.tokens} words")


def _judge_people(korean: Fingerprint, other: Fingerprint) -> list[Reason]:
    reasons = []
    if shared := korean.authors & other.authors:
        reasons.append(Reason("author", 0.2, sorted(shared)[0]))
    if korean.organisation and korean.organisation == other.organisation:
        reasons.append(Reason("organisation", 0.1, korean.organisation))
    if korean.is_dated and other.is_dated and abs(korean.published_at - other.published_at) > 2 * _FAR:
        reasons.append(Reason("date", -0.15, f"{abs(korean.published_at - other.published_at).days} days apart"))
    return reasons


# --- measures ---------------------------------------------------------------------------------------------------------


def _share(part: frozenset[int] | frozenset[str], whole: frozenset[int] | frozenset[str]) -> float:
    return len(part & whole) / len(part) if part else 0.0


def _interpolate(value: float, points: tuple[tuple[float, float], ...]) -> float:
    """Linear interpolation through *points*, constant beyond the ends."""
    (left, low), *rest = points
    for right, high in rest:
        if value < right:
            return low if value <= left else round(low + (high - low) * (value - left) / (right - left), 3)
        left, low = right, high
    return low


def _list_some(found: frozenset[str]) -> str:
    shown = sorted(found, key=lambda one: (-len(one), one))[:4]
    return ", ".join(shown) + (f" and {len(found) - 4} more" if len(found) > 4 else "")
