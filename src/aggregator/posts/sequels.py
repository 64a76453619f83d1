"""Whether a post follows something that was printed: a newer version, what was released for it, how it went on. Pure.

A wrong sequel costs more than a missing one: it stands on the card of the post, and offers a link back. So each rule
asks for two things that agree, and a link alone is never enough.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from aggregator.addresses.urls import canonicalise_url, host_of
from aggregator.posts.works import Work, agree, find_work, list_keys, name_resource
from aggregator.types import PrintedPost, Sequel, SequelGround

#: How many are told of one post, the newest first.
MOST = 3
# Posts of which an index knows the answer.
_REMEMBERED = 2000
# What may stand before the name of what a title is about.
_LEADS = frozenset(
    {"announcing", "introducing", "releasing", "presenting", "launching", "meet", "new", "the", "release", "of"}
    | {"출시", "공개", "신규", "새로운"}
)
# A version as a word of its own, and at the end of a name: 2.0, v2, GPT-5.6, Qwen3-VL; and what stands behind it.
_ALONE = re.compile(r"v?(\d{1,3}(?:\.\d{1,4}){0,3})(\D*)", re.IGNORECASE)
_JOINED = re.compile(r"([^\W\d_]|[^\W_][^\d]{0,30}[^\W\d_])-?v?(\d{1,3}(?:\.\d{1,4}){0,3})(\D*)", re.IGNORECASE)
_FEWEST_LETTERS = 2
# A name has at most so many words.
_LONGEST = 3
# Words before a number that count something else than versions.
_COUNTING = frozenset(
    {"chapter", "day", "days", "ep", "episode", "gen", "issue", "lesson", "level", "no", "number", "page", "part"}
    | {"phase", "q", "quarter", "season", "section", "step", "tier", "top", "vol", "volume", "week", "best", "under"}
    | {"over", "about", "in", "for", "with", "to"}
)
# What may stand behind a whole number that is a version; else it counts what comes: "Building 3 services".
_BEHIND = frozenset({"", "is", "on", "with", "and", "for", "by", "at", "from", "now", "are", "release", "released"})
# How somebody says that it went on.
_WENT_ON = re.compile(
    r"\b(?:post-?mortems?|retrospectives?|lessons? learned|follow-?ups?|revisit(?:ed|ing)?|what happened next"
    r"|(?:a|one|two|three|six|\d+) (?:years?|months?) (?:later|on|after|in)|looking back|update on)\b"
    r"|회고|후기|그 ?이후|그 ?후|돌아보|후속|개선기|고도화|운영기|\d ?년 ?(?:후|만에|뒤)",
    re.IGNORECASE,
)
_MARKS = re.compile(r"[*_`]+")


@dataclass(frozen=True, slots=True)
class Follower:
    """A post that may follow something."""

    post_id: int
    title: str
    url: str
    canonical_url: str
    published_at: datetime
    organisation: str | None = None
    links: tuple[str, ...] = ()


class Version(NamedTuple):
    """The version that a title is about."""

    name: str
    number: tuple[int, ...]
    #: As it stands in the title.
    said: str


def read_version(title: str) -> Version | None:
    """Read name and version at the beginning of a title; None if it is about something else, or about a year."""
    words = title.split()
    while words and words[0].strip(":,–—-").casefold() in _LEADS:
        words = words[1:]
    for place, word in enumerate(words[: _LONGEST + 1]):
        behind = words[place + 1] if place + 1 < len(words) else ""
        if place and (found := _ALONE.fullmatch(word)):
            is_marked = word[:1] in {"v", "V"}
            return _make_version(words[:place], found[1], found[2], "" if is_marked else behind)
        if (found := _JOINED.fullmatch(word)) and (
            made := _make_version([*words[:place], found[1]], *found.groups()[1:])
        ):
            return made
    return None


def _make_version(names: list[str], number: str, rest: str, behind: str = "") -> Version | None:
    """The version with this name; *rest* stands at its end in the same word, *behind* is the next one."""
    name = re.sub(r"[\W_]+", " ", " ".join(names)).strip().casefold()
    last = name.rpartition(" ")[2]
    if last in {"v", "ver", "version"}:
        name = name.rpartition(" ")[0]
    is_count = last in _COUNTING or len(last.strip()) < _FEWEST_LETTERS or not name
    if "." not in number:
        is_whole = rest[:1] in {"", ":", ",", "-", ")", "!"}
        is_count = is_count or not is_whole or (not rest and behind.casefold() not in _BEHIND)
    elif rest[:1].isascii() and rest[:1].isalpha():
        is_count = True
    if is_count:
        return None
    return Version(name, tuple(map(int, number.split("."))), f"{' '.join(names)} {number}")


def find_sequels(post: Follower, printed: Iterable[PrintedPost]) -> list[Sequel]:
    """What a post follows of what was *printed*, at most MOST, the newest first."""
    links, new = {canonicalise_url(link) for link in post.links}, read_version(post.title)
    found = [sequel for one in printed if _came_before(one, post) and (sequel := _compare(post, one, links, new))]
    best: dict[int, Sequel] = {}
    for sequel in sorted(found, key=lambda one: (one.printed.month, one.printed.published_at), reverse=True):
        best.setdefault(sequel.printed.post_id, sequel)
    return list(best.values())[:MOST]


class PrintedIndex:
    """What was printed, by what a sequel has in common with it, so that many posts are looked at in little time."""

    def __init__(self, printed: Sequence[PrintedPost]) -> None:
        self.printed = printed
        self._by_address: dict[str, list[int]] = {}
        self._by_version: dict[str, list[int]] = {}
        self._hosts = {_name_host(one.canonical_url) for one in printed}
        self._addresses = [" ".join((one.url, *one.links)).lower() for one in printed]
        #: What a post follows, as ``find_sequels`` finds it, but for links through redirectors. The same posts are
        #: asked for again and again, and reading their links takes most of the time.
        self.find = lru_cache(maxsize=_REMEMBERED)(self._find)
        for place, one in enumerate(printed):
            self._by_address.setdefault(one.canonical_url, []).append(place)
            if version := read_version(_MARKS.sub("", one.title)):
                self._by_version.setdefault(version.name, []).append(place)

    def _find(self, post: Follower) -> list[Sequel]:
        near = [canonicalise_url(link) for link in post.links if _name_host(link) in self._hosts]
        places = {place for address in near for place in self._by_address.get(address, ())}
        if version := read_version(post.title):
            places.update(self._by_version.get(version.name, ()))
        if name_resource(post.url):
            names = {key.rpartition("/")[2] for key in list_keys(_as_work(post))}
            places.update(place for place, text in enumerate(self._addresses) if any(name in text for name in names))
        return find_sequels(post, [self.printed[place] for place in sorted(places)]) if places else []


def _name_host(url: str) -> str:
    return host_of(url).removeprefix("www.")


def _came_before(one: PrintedPost, post: Follower) -> bool:
    is_same = one.post_id == post.post_id or one.canonical_url == post.canonical_url
    return not is_same and one.published_at < post.published_at


def _compare(post: Follower, one: PrintedPost, links: set[str], new: Version | None) -> Sequel | None:
    title = _MARKS.sub("", one.title)
    is_publisher = _is_same_publisher(post, one)
    resource = name_resource(post.url)
    if resource and resource == name_resource(one.url):
        return Sequel(SequelGround.VERSION, one, resource.removeprefix("https://"))
    old = read_version(title) if new and is_publisher else None
    if new and old and new.name == old.name and new.number > old.number:
        return Sequel(SequelGround.VERSION, one, f"{new.said} > {old.said}")
    if is_publisher and one.canonical_url in links and (_WENT_ON.search(post.title) or agree(post.title, title)):
        return Sequel(SequelGround.FOLLOW_UP, one, host_of(one.url))
    if resource and find_work(_as_work(post), [_printed_work(one, title)]):
        return Sequel(SequelGround.RELEASE, one, resource.removeprefix("https://"))
    return None


def _as_work(post: Follower) -> Work:
    return Work(post.post_id, post.title, post.url, post.organisation, post.links)


def _printed_work(one: PrintedPost, title: str) -> Work:
    return Work(one.post_id, title, one.url, one.organisation, one.links)


def _is_same_publisher(post: Follower, one: PrintedPost) -> bool:
    if post.organisation and one.organisation:
        return post.organisation.casefold() == one.organisation.casefold()
    return host_of(post.url) == host_of(one.url)
