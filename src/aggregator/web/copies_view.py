"""Copies of a post, and what may be copies of it, before it is HTML. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.addresses.urls import clean_url, readable_url
from aggregator.types import Candidate, Pair, Reason, Sameness
from aggregator.web.filters import QueueFilter, Show
from aggregator.words.dates import say_dated

Ordered = tuple[int, int]

_SAID = {
    "text": "{} in common",
    "summary": "its summary is {} of the other",
    "pictures": "the same pictures: {}",
    "links": "links: {}",
    "numbers": "numbers: {}",
    "code": "{}",
    "names": "names: {}",
    "address": "the same end of the address: {}",
    "author": "the same author, {}",
    "organisation": "the same publisher, {}",
    "length": "length: {}",
    "date": "{}",
    "title and hour": "{}",
    "names its original": "{}",
    "names its address": "{}",
    "link": "{}",
    "another part": "another part of a series: {}",
    "another number": "another number in the title: {}",
    "another subject": "each says what the other does not: {}",
    "another kind": "one is a text about others: {}",
    "a paper": "{}",
    "another issue": "another issue of a column, {}",
    "side by side": "{}",
}


@dataclass(frozen=True, slots=True)
class Alike:
    """A post that is the same as another one, or may be."""

    id: int
    title: str
    url: str | None
    address: str
    publisher: str
    dated: str
    language: str
    language_name: str
    #: What speaks for it and against it, in plain words.
    why: tuple[str, ...]
    #: Who said so, where a person did.
    by: str | None
    #: Its card in the queue, or that of its original.
    path: str
    #: The number of the post that it is compared with.
    to: int


@dataclass(frozen=True, slots=True)
class Alikes:
    """What stands on a card beside the post itself."""

    copies: tuple[Alike, ...] = ()
    proposals: tuple[Alike, ...] = ()


NONE_ALIKE = Alikes()


@dataclass(frozen=True, slots=True)
class Couple:
    """Two posts on the page of copies."""

    first: Alike
    second: Alike


def build_alike(candidate: Candidate, pair: Pair | None, to: int, zone: ZoneInfo) -> Alike:
    post = candidate.post
    address = readable_url(post.url)
    return Alike(
        id=post.id,
        title=post.title or address,
        url=clean_url(post.url),
        address=address,
        publisher=post.organisation or candidate.feed_name or "",
        dated=say_dated(post, zone),
        language=post.language,
        language_name=words.language(post.language),
        why=tuple(say_reason(reason) for reason in pair.reasons) if pair else (),
        by=pair.by if pair and pair.is_by_hand else None,
        path=QueueFilter(post.month, show=Show.ALL).path_to(post.copy_of or post.id),
        to=to,
    )


def say_reason(reason: Reason) -> str:
    """``100% of the text in common``; what speaks against it begins with "but"."""
    if reason.name == "title":
        share = f"{'only ' if reason.share < 0 else ''}{reason.detail} of the title in common"
        said = "the same title" if reason.detail == "the same" else share.replace("words of the title", "title's words")
    else:
        said = _SAID.get(reason.name, reason.name + ": {}").format(reason.detail)
    return f"but {said}" if reason.share < 0 else said


def build_alikes(
    originals: Sequence[int],
    copies: Mapping[int, Sequence[int]],
    pairs: Mapping[Ordered, Pair],
    candidates: Mapping[int, Candidate],
    zone: ZoneInfo,
) -> dict[int, Alikes]:
    """For each original what its card shows; *candidates* are the other posts that are spoken of."""
    found = {}
    for original in originals:
        family = {original, *copies.get(original, ())}
        same = [
            build_alike(candidates[number], find_best(number, family, pairs), original, zone)
            for number in copies.get(original, ())
            if number in candidates
        ]
        proposed = list_proposed(family, pairs)
        maybe = [
            build_alike(candidates[number], pair, original, zone)
            for number, pair in proposed.items()
            if number in candidates
        ]
        if same or maybe:
            found[original] = Alikes(tuple(same), tuple(maybe))
    return found


def find_best(number: int, family: Iterable[int], pairs: Mapping[Ordered, Pair]) -> Pair | None:
    """What says most that a post belongs to its family: a person's word, else the highest score."""
    said = [pairs.get((min(number, other), max(number, other))) for other in family if other != number]
    same = [pair for pair in said if pair and pair.said is Sameness.SAME]
    return max(same, key=lambda pair: (pair.is_by_hand, pair.score, -pair.id), default=None)


def list_proposed(family: set[int], pairs: Mapping[Ordered, Pair]) -> dict[int, Pair]:
    """The posts outside of a family that may belong to it, unless the curator told one of the family from them.

    What is the same as one of the family may stand outside too: it has a verdict, or is apart from another of them.
    """
    proposed: dict[int, Pair] = {}
    parted = set()
    for (first, second), pair in sorted(pairs.items()):
        inside, outside = (first, second) if first in family else (second, first)
        if inside not in family or outside in family:
            continue
        if pair.said is not Sameness.DIFFERENT and (outside not in proposed or pair.score > proposed[outside].score):
            proposed[outside] = pair
        elif pair.is_by_hand and pair.said is Sameness.DIFFERENT:
            parted.add(outside)
    return {number: pair for number, pair in proposed.items() if number not in parted}
