"""Views of a post's copies and possible copies. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.addresses.urls import clean_url, readable_url
from aggregator.posts.copies.family import Ordered, find_best, list_proposed
from aggregator.types import Candidate, Pair
from aggregator.web.paths import path_in_queue
from aggregator.words.copies import say_reason
from aggregator.words.dates import say_dated
from aggregator.words.posts import name_publisher


@dataclass(frozen=True, slots=True)
class Alike:
    """A copy, or a possible copy, of another post."""

    id: int
    title: str
    url: str | None
    address: str
    publisher: str
    dated: str
    language: str
    language_name: str
    #: The evidence for and against it, in words.
    why: tuple[str, ...]
    #: The person who said so, if one did.
    by: str | None
    #: Its card in the queue, or that of its original.
    path: str
    #: The id of the post that it is compared with.
    to: int


@dataclass(frozen=True, slots=True)
class Alikes:
    """The copies and possible copies on a card."""

    copies: tuple[Alike, ...] = ()
    proposals: tuple[Alike, ...] = ()


NONE_ALIKE = Alikes()


def build_alike(candidate: Candidate, pair: Pair | None, to: int, zone: ZoneInfo) -> Alike:
    post = candidate.post
    address = readable_url(post.url)
    return Alike(
        id=post.id,
        title=post.title or address,
        url=clean_url(post.url),
        address=address,
        publisher=name_publisher(candidate),
        dated=say_dated(post, zone),
        language=post.language,
        language_name=words.language(post.language),
        why=tuple(say_reason(reason) for reason in pair.reasons) if pair else (),
        by=pair.by if pair and pair.is_by_hand else None,
        path=path_in_queue(post.month, post.copy_of or post.id),
        to=to,
    )


def build_alikes(
    originals: Sequence[int],
    copies: Mapping[int, Sequence[int]],
    pairs: Mapping[Ordered, Pair],
    candidates: Mapping[int, Candidate],
    zone: ZoneInfo,
) -> dict[int, Alikes]:
    """Build what the card of each original shows; *candidates* are the other posts of the pairs."""
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
