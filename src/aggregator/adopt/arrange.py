"""Parts and topics of a list, from the headings above its lines. Pure.

Headings of issues (a month, a day, a number) and the title of the page say nothing about subjects and are left out. Of
what is left two levels whose inner headings come again below several outer ones are parts and topics; one level is
topics. The program numbers at most nine of each.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import pairwise
from typing import TypeVar
from urllib.parse import urlsplit

from aggregator.adopt.days import IssueName, drop_number, read_issue_name
from aggregator.adopt.line import ListedLine
from aggregator.digest.escape import escape_organisation
from aggregator.locales import t
from aggregator.shipped import SHIPPED
from aggregator.types import MOST_PLACES, Part, Section, Taxonomy, Topic

#: "1.2. Pictures", "3) Tools", "4 Search", a sign before the words; "3D" and "8-bit" are words.
_NUMBERING = re.compile(
    r"^[\W_]*+(?:\d{1,3}(?:\.\d{1,3})*+(?:[.)\]:_\ufe0f\u20e3]++|(?=\s))[\W_]*+(?=[^\W\d_]))?(?=\w)"
)
_COUNT = re.compile(r"(?<!\s)\s*+[([]\d{1,5}[)\]]$")
_OTHERS = "Others"
#: The heading of a list without headings.
_ALL = "Posts"
_LONGEST_NAME = 40
_LONGEST_KEY = 30
#: From so many lines on whether names of organisations are printed can be told.
_FEW_LINES = 5
_CASES = re.compile(
    r"(?i)\b(?:cases?|stor(?:y|ies)|production|implementations?|applied|industry)\b|사례|적용|현업|도입"
)
#: From so many groups on they may be the publishers.
_MANY_GROUPS = 4
_AnyPlace = TypeVar("_AnyPlace", Part, Topic)


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How the lines of a list are divided."""

    taxonomy: Taxonomy
    #: For each line, as what follows.
    sections: tuple[Section, ...]
    issues: tuple[IssueName, ...]
    organisations: tuple[str | None, ...]
    #: Headings that could not be kept, each with the place of its first line.
    left: tuple[tuple[int, str], ...]

    @property
    def is_shipped(self) -> bool:
        return self.taxonomy is SHIPPED


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a line stands, without the headings of issues."""

    names: tuple[str, ...]
    issue: IssueName


def arrange(lines: Sequence[ListedLine], files: Sequence[IssueName] = ()) -> Arrangement:
    """Divide lines into parts and topics. *files* says for each line what the name of its file says of its issue.

    The shipped taxonomy is taken if all headings are its own.
    """
    series = _find_series(lines)
    known: dict[tuple[tuple[str, ...], IssueName], _Place] = {}
    places = list[_Place]()
    for at, line in enumerate(lines):
        key = line.path, files[at] if files else IssueName()
        known[key] = known.get(key) or _find_place(line.path, series, key[1])
        places.append(known[key])
    names = _drop_titles([place.names for place in places])
    publishers = _find_publishers(lines, names)
    names = [each[:-1] if publishers else each for each in names]
    taxonomy, sections, left = _divide(lines, names)
    return Arrangement(
        taxonomy,
        sections,
        tuple(place.issue for place in places),
        tuple(
            escape_organisation(publishers[at] or "") or None if publishers else line.organisation
            for at, line in enumerate(lines)
        ),
        left,
    )


def _find_series(lines: Sequence[ListedLine]) -> frozenset[str]:
    """Names that come again under several numbers or days, such as that of the list in “Data Weekly #14”."""
    headings = {heading for line in lines for heading in line.path}
    counts = Counter(bare for heading in headings if (bare := drop_number(heading)) != heading.casefold())
    return frozenset(name for name, number in counts.items() if number > 1)


def _find_place(path: Sequence[str], series: frozenset[str], file: IssueName) -> _Place:
    names, issue = list[str](), file
    for heading in path:
        said = read_issue_name(heading, issue.year)
        if said is None and drop_number(heading) in series and drop_number(heading) != heading.casefold():
            said = read_issue_name(heading.casefold().replace(drop_number(heading), " ")) or IssueName()
        if said is None:
            names.append(name_of(heading))
        else:
            issue = IssueName(said.month or issue.month, said.day or issue.day, said.year or issue.year)
    return _Place(tuple(name for name in names if name), issue)


def name_of(heading: str) -> str:
    """A heading without its number and signs."""
    return _COUNT.sub("", _NUMBERING.sub("", heading)).strip()


def _drop_titles(names: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Leave the title of the page out: what stands above every line, while something else stands below it."""
    found = list(names)
    while found and found[0] and all(each[:1] == found[0][:1] for each in found) and any(each[1:] for each in found):
        found = [each[1:] for each in found]
    return found


def _find_publishers(lines: Sequence[ListedLine], names: Sequence[tuple[str, ...]]) -> list[str | None]:
    """The innermost names of lines, if they are those of the publishers: each group links to one site, and others to
    others.
    """
    groups: dict[str, set[str]] = {}
    for line, path in zip(lines, names, strict=True):
        if path:
            groups.setdefault(path[-1], set()).add(urlsplit(line.url).netloc.removeprefix("www."))
    alone = sum(len(hosts) == 1 for hosts in groups.values())
    hosts = {host for group in groups.values() for host in group}
    if len(groups) < _MANY_GROUPS or alone < 0.8 * len(groups) or len(hosts) < 0.7 * len(groups):
        return []
    if len(lines) < 2 * len(groups) and any(line.organisation for line in lines):
        return []
    return [path[-1] if path else None for path in names]


# --- parts and topics -------------------------------------------------------------------------------------------------


def _divide(
    lines: Sequence[ListedLine], names: Sequence[tuple[str, ...]]
) -> tuple[Taxonomy, tuple[Section, ...], tuple[tuple[int, str], ...]]:
    if shipped := _find_shipped(names):
        return SHIPPED, shipped, ()
    outer = _list_names(each[0] for each in names if each)
    inner = _list_names(each[1] for each in names if len(each) > 1)
    pairs = {each[:2] for each in names if len(each) > 1}
    if len(outer) > 1 and inner and len(pairs) > len(inner):
        return _divide_twice(lines, names, outer, inner)
    # The most detailed level that can be numbered.
    leaves = _list_names(each[-1] for each in names if each)
    level = -1 if len(leaves) <= MOST_PLACES or len(outer) <= 1 else 0
    return _divide_once(lines, [each[level] if each else "" for each in names])


def _list_names(names: Iterable[str]) -> list[str]:
    """Each name once, in the order of the page; upper case makes no difference."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(name.casefold(), name)
    return list(found.values())


def _find_shipped(names: Sequence[tuple[str, ...]]) -> tuple[Section, ...] | None:
    parts = {part.heading.casefold(): part for part in SHIPPED.parts}
    topics = {topic.heading.casefold(): topic for topic in SHIPPED.topics}
    found = list[Section]()
    for path in names:
        part, topic = (parts.get(path[0].casefold()), topics.get(path[1].casefold())) if len(path) > 1 else (None, None)
        if part is None or topic is None:
            return None
        found.append(Section(part, topic))
    return tuple(found) if found else None


def _divide_twice(
    lines: Sequence[ListedLine], names: Sequence[tuple[str, ...]], outer: Sequence[str], inner: Sequence[str]
) -> tuple[Taxonomy, tuple[Section, ...], tuple[tuple[int, str], ...]]:
    firsts = [each[0] if each else "" for each in names]
    seconds = [each[1] if len(each) > 1 else "" for each in names]
    kept_outer, kept_inner = _keep(firsts, _order(lines, firsts)), _keep(seconds, _order(lines, seconds, firsts))
    parts = [
        _make_part(
            key, name, [line for line, own in zip(lines, firsts, strict=True) if own.casefold() == name.casefold()]
        )
        for key, name in _make_keys(kept_outer, "part").items()
    ]
    topics = [Topic(key, name, _shorten(name)) for key, name in _make_keys(kept_inner, "topic").items()]
    taxonomy = Taxonomy.of(parts, topics)
    find_part, find_topic = _finder(taxonomy.parts), _finder(taxonomy.topics)
    sections = tuple(Section(find_part(one), find_topic(other)) for one, other in zip(firsts, seconds, strict=True))
    return taxonomy, sections, (*_tell_lost(firsts, kept_outer), *_tell_lost(seconds, kept_inner))


def _divide_once(
    lines: Sequence[ListedLine], names: Sequence[str]
) -> tuple[Taxonomy, tuple[Section, ...], tuple[tuple[int, str], ...]]:
    kept = _keep(names, _order(lines, names))
    topics = [Topic(key, name, _shorten(name)) for key, name in _make_keys(kept, "topic").items()]
    taxonomy = Taxonomy.of([Part("all")], topics)
    find = _finder(taxonomy.topics)
    sections = tuple(Section(taxonomy.parts[0], find(name)) for name in names)
    return taxonomy, sections, tuple(_tell_lost(names, kept))


def _order(lines: Sequence[ListedLine], names: Sequence[str], above: Sequence[str] = ()) -> list[str]:
    """Each name once, in the order that the pages agree on: no issue has all of them. Names follow one another on one
    page, below the same heading *above*. Where pages disagree, the name that came first goes first.
    """
    known = _list_names(filter(None, names))
    numbers = {name.casefold(): number for number, name in enumerate(known)}
    pairs = set[tuple[int, int]]()
    for at, (line, following) in enumerate(pairwise(lines)):
        one, other = (numbers.get(names[place].casefold()) for place in (at, at + 1))
        is_same_page = line.number < following.number and (not above or above[at] == above[at + 1])
        if is_same_page and one is not None and other is not None and one != other:
            pairs.add((one, other))
    return [known[number] for number in _sort_pairs(len(known), pairs)]


def _sort_pairs(count: int, pairs: Collection[tuple[int, int]]) -> list[int]:
    """The numbers below *count*, of each pair the first before the second, else by size; of a circle the least goes
    first.
    """
    after: dict[int, list[int]] = {}
    for one, other in pairs:
        after.setdefault(one, []).append(other)
    waits, rest, found = Counter(other for _, other in pairs), iter(range(count)), dict[int, None]()
    ready = [number for number in range(count) if not waits[number]]
    while len(found) < count:
        number = heappop(ready) if ready else next(each for each in rest if each not in found)
        found[number] = None
        for other in after.get(number, ()):
            waits[other] -= 1
            if not waits[other] and other not in found:
                heappush(ready, other)
    return list(found)


def _keep(names: Sequence[str], known: Sequence[str]) -> list[str]:
    """The names that are kept, in the order *known*: those with the most lines, if they are too many. Lines without
    one, or whose name is not kept, stand under “Others”.
    """
    counts = Counter(name.casefold() for name in names if name)
    if not known:
        return [_ALL]
    has_others = any(not name for name in names) or len(known) > MOST_PLACES
    most = {name for name, _ in counts.most_common(MOST_PLACES - has_others)}
    kept = [name for name in known if name.casefold() in most]
    return [*kept, _OTHERS] if has_others and _OTHERS.casefold() not in most else kept


def _finder(places: Sequence[_AnyPlace]) -> Callable[[str], _AnyPlace]:
    known = {place.heading.casefold(): place for place in places}
    return lambda name: known.get(name.casefold()) or places[-1]


def _tell_lost(names: Sequence[str], kept: Sequence[str]) -> list[tuple[int, str]]:
    known = {name.casefold() for name in kept}
    lost: dict[str, int] = {}
    for at, name in enumerate(names):
        if name and name.casefold() not in known:
            lost.setdefault(name, at)
    return [
        (
            at,
            t(
                "The heading “{name}” is not kept, for at most {most} can be numbered; its lines are under “{others}”.",
                name=name,
                most=MOST_PLACES,
                others=_OTHERS,
            ),
        )
        for name, at in lost.items()
    ]


def _make_part(key: str, name: str, lines: Sequence[ListedLine]) -> Part:
    named = sum(line.organisation is not None for line in lines)
    return Part(
        key,
        name,
        _shorten(name),
        prints_organisation=len(lines) < _FEW_LINES or named > 0,
        business_case=1.0 if _CASES.search(name) else 0.0,
    )


def _shorten(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1].rstrip()}…"


def _make_keys(names: Sequence[str], otherwise: str) -> Mapping[str, str]:
    """Each name under a key of its own letters; names in other scripts are counted."""
    found: dict[str, str] = {}
    for number, name in enumerate(names, 1):
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
        key = "-".join(re.findall(r"[a-z0-9]+", plain))[:_LONGEST_KEY].strip("-")
        if not key or not key[0].isalpha() or any(mark.isalpha() and not mark.isascii() for mark in name):
            key = f"{otherwise}-{number}"
        while key in found:
            key = f"{key}-{number}"
        found[key] = name
    return found
