"""What became of the posts of a month after its print: which of them the world took up. Pure.

Only what came after the print counts, within DAYS. What a publisher says of its own post does not count, and what many
copies of one article say counts once.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from statistics import median
from typing import NamedTuple

from aggregator.addresses.urls import canonicalise_url, clean_url, host_of, may_lead_elsewhere
from aggregator.exceptions import NotFoundError
from aggregator.locales import mark, t
from aggregator.posts.sequels import Follower, PrintedIndex
from aggregator.rank.record import name_place
from aggregator.talk.sources import PLACES, find_source
from aggregator.types import Heard, Month, PrintedPost, TalkSource

#: How long after the print of a month is looked at.
DAYS = timedelta(days=90)
#: Talk counts from so many times what is usual at its place.
LOUD = 2.0
# From so many counts on, what the home has seen at a place says what is usual there; where most have nothing, one.
_FEWEST_SEEN = 20
_LEAST_USUAL = 1.0
# What people do; downloads are made by machines.
_TALK = frozenset({"points", "comments", "stars", "likes"})
_is_elsewhere = lru_cache(maxsize=50_000)(may_lead_elsewhere)


class Quarter(NamedTuple):
    """Three months; written 2026-Q3."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year:04d}-Q{self.number}"

    @property
    def months(self) -> tuple[Month, ...]:
        return tuple(Month(self.year, 3 * self.number - back) for back in (2, 1, 0))

    @staticmethod
    def of(month: Month) -> Quarter:
        return Quarter(month.year, (month.month + 2) // 3)

    @staticmethod
    def parse(text: str) -> Quarter:
        """Read ``2026-Q3``; raises NotFoundError."""
        if (found := re.fullmatch(r"([0-9]{4})-[Qq]([1-4])", text.strip())) and found[1] != "0000":
            return Quarter(int(found[1]), int(found[2]))
        raise NotFoundError(t("{text} is not a quarter; write it as 2026-Q3", text=repr(text)))


class EvidenceKind(StrEnum):
    """How a post was taken up."""

    LINK = mark("linked by a post")
    ROUND_UP = mark("in a round-up")
    TALK = mark("talked about")
    #: By a later post that the curator chose, of the same publisher too.
    SEQUEL = mark("followed by a post that you chose")


@dataclass(frozen=True, slots=True)
class Evidence:
    """One sign that a post was taken up."""

    kind: EvidenceKind
    at: datetime
    #: The title of a post, the label of a round-up, or the place of talk.
    of: str
    #: Who says it: of each only the first sign of a kind is kept.
    voice: str
    #: Where it can be read; None if that is not stored.
    url: str | None = None
    post_id: int | None = None
    language: str = ""
    #: Of talk: what was counted, how much, and what is usual there.
    name: str = ""
    value: float = 0.0
    usual: float = 0.0


class Subject(NamedTuple):
    """A post that is followed after the print of a month."""

    post: PrintedPost
    #: After this, up to DAYS later, signs count.
    printed_at: datetime
    #: Those of its copies, and former ones, too.
    addresses: tuple[str, ...]
    feed_key: str | None = None

    def covers(self, at: datetime) -> bool:
        return self.printed_at < at <= self.printed_at + DAYS


class Later(NamedTuple):
    """A post that came later."""

    post: Follower
    feed_key: str | None = None
    #: The number of its representative, or its own.
    article: int = 0
    #: Whether the curator approved or printed it.
    is_chosen: bool = False
    language: str = ""


class Vote(NamedTuple):
    """That an issue of a round-up, or a list, links to an address."""

    canonical_url: str
    source: str
    label: str
    at: datetime
    url: str | None = None
    #: The site of the feed that it is from.
    site: str | None = None


class Said(NamedTuple):
    """What was heard about an address first after a print."""

    canonical_url: str
    heard: Heard


def find_taken_up(
    subjects: Sequence[Subject], later: Iterable[Later], votes: Sequence[Vote], said: Sequence[Said]
) -> dict[int, tuple[Evidence, ...]]:
    """Find the signs that posts were taken up, by post number, each post's earliest first; those without are left
    out. What came *later* is gone through once, and little of it is kept.
    """
    by_address = {address: subject for subject in subjects for address in subject.addresses}
    near = _keep_near(by_address, later)
    found: dict[int, dict[tuple[EvidenceKind, str], Evidence]] = defaultdict(dict)
    signs = (
        *_find_links(by_address, near),
        *_find_votes(by_address, votes),
        *_find_talk(by_address, said),
        *_find_sequels(subjects, [one for one, _ in near if one.is_chosen]),
    )
    for subject, sign in sorted(signs, key=lambda pair: (pair[1].at, pair[1].of)):
        if subject.covers(sign.at):
            found[subject.post.post_id].setdefault((sign.kind, sign.voice), sign)
    return {number: tuple(kept.values()) for number, kept in found.items()}


def count_voices(signs: Iterable[Evidence]) -> int:
    """Count who has taken up a post: each publisher, round-up and place once."""
    return len({sign.voice for sign in signs})


_Sign = tuple[Subject, Evidence]


def _keep_near(known: Collection[str], later: Iterable[Later]) -> list[tuple[Later, set[str]]]:
    """Those that link to known addresses, with these, and those that the curator chose; the oldest first."""
    hosts, kept = {host_of(address) for address in known}, []
    for one in later:
        own = host_of(one.post.url)
        # Most links are written as posts are known.
        reached = {link for link in one.post.links if link in known}
        near = [
            link
            for link in one.post.links
            if link not in reached and (((host := host_of(link)) in hosts and host != own) or _is_elsewhere(host))
        ]
        reached |= {
            url for link in near if (cleaned := clean_url(link)) and (url := canonicalise_url(cleaned)) in known
        }
        if reached or one.is_chosen:
            kept.append((one, reached))
    return sorted(kept, key=lambda each: each[0].post.published_at)


def _find_links(by_address: Mapping[str, Subject], near: Iterable[tuple[Later, set[str]]]) -> Iterable[_Sign]:
    told = set[tuple[int, int]]()
    for one, reached in near:
        for subject in {by_address[target].post.post_id: by_address[target] for target in reached}.values():
            pair = subject.post.post_id, one.article
            if pair not in told and not _is_own(subject, one):
                # Its copies say the same once more.
                told.add(pair)
                yield subject, _tell(EvidenceKind.LINK, one)


def _tell(kind: EvidenceKind, one: Later) -> Evidence:
    post = one.post
    voice = (post.organisation or name_place(post.url)).casefold()
    return Evidence(kind, post.published_at, post.title, voice, post.url, post.post_id, one.language)


def _is_own(subject: Subject, one: Later) -> bool:
    """Whether a post is the same article as another, or from its publisher."""
    here, there = subject.post, one.post
    if one.article == here.post_id or there.canonical_url in subject.addresses:
        return True
    if here.organisation and there.organisation and here.organisation.casefold() == there.organisation.casefold():
        return True
    return (subject.feed_key is not None and subject.feed_key == one.feed_key) or _is_one_site(here.url, there.url)


def _is_one_site(one: str, other: str) -> bool:
    """Whether two addresses are of one publisher: one place, or a host below the other."""
    here, there = name_place(one), name_place(other)
    return here == there or here.endswith(f".{there}") or there.endswith(f".{here}")


def _find_votes(by_address: Mapping[str, Subject], votes: Sequence[Vote]) -> Iterable[_Sign]:
    for vote in votes:
        subject = by_address.get(vote.canonical_url)
        if subject is None or vote.source == subject.feed_key:
            continue
        if not any(place and _is_one_site(place, subject.post.url) for place in (vote.url, vote.site)):
            yield subject, Evidence(EvidenceKind.ROUND_UP, vote.at, vote.label or vote.source, vote.source, vote.url)


def _find_talk(by_address: Mapping[str, Subject], said: Sequence[Said]) -> Iterable[_Sign]:
    counted = [one for one in said if one.heard.name in _TALK]
    usual = _find_usual(counted)
    for one in counted:
        subject, heard = by_address.get(one.canonical_url), one.heard
        # What was heard before the print cannot be told apart from what came since.
        if subject is None or heard.first_at is None or heard.first_at <= subject.printed_at:
            continue
        key = _name_place(heard), heard.name
        if (most := _count_most(heard)) >= LOUD * usual[key]:
            place = find_source(heard)
            name = PLACES[place].name if place else heard.source
            sign = Evidence(EvidenceKind.TALK, heard.first_at, name, key[0], heard.url)
            yield subject, replace(sign, name=heard.name, value=most, usual=usual[key])


def _find_usual(said: Sequence[Said]) -> dict[tuple[str, str], float]:
    """What is usual by place and count: what the home has seen there, else what is assumed."""
    seen: dict[tuple[str, str], list[float]] = defaultdict(list)
    assumed = {}
    for one in said:
        key = _name_place(one.heard), one.heard.name
        seen[key].append(_count_most(one.heard))
        assumed[key] = PLACES[find_source(one.heard) or TalkSource.HACKER_NEWS].usual
    return {
        key: max(median(each), _LEAST_USUAL) if len(each) >= _FEWEST_SEEN else assumed[key]
        for key, each in seen.items()
    }


def _name_place(heard: Heard) -> str:
    place = find_source(heard)
    return place.of_signals if place else heard.source


def _count_most(heard: Heard) -> float:
    return max(heard.value, heard.peak_value or 0.0)


def _find_sequels(subjects: Sequence[Subject], chosen: Sequence[Later]) -> Iterable[_Sign]:
    """Of posts that the curator chose alone: every publisher goes on with its own."""
    if not chosen:
        return
    known = {subject.post.post_id: subject for subject in subjects}
    index = PrintedIndex([subject.post for subject in subjects])
    for one in chosen:
        for sequel in index.find(one.post):
            subject = known[sequel.printed.post_id]
            if one.article != subject.post.post_id:
                yield subject, _tell(EvidenceKind.SEQUEL, one)
