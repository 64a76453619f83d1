"""The decided posts that a post is most similar to. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from aggregator.addresses.urls import clean_url
from aggregator.locales import t
from aggregator.pipeline.neighbours import Neighbour, Neighbours
from aggregator.types import Candidate, Month, State
from aggregator.words.dates import say_dated
from aggregator.words.posts import name_post, name_publisher, say_outcome
from aggregator.words.sections import SectionNames


@dataclass(frozen=True, slots=True)
class NearView:
    """A decided post that is similar."""

    post_id: int
    month: Month
    title: str
    language: str
    url: str | None
    publisher: str
    dated: str
    section: str
    #: What became of it, with its section if it has one: ``2.4 Serving, printed in 2022-11``.
    said: str
    similarity: float


@dataclass(frozen=True, slots=True)
class NeighboursView:
    """Approved and rejected posts that are similar."""

    #: One sentence; empty if nothing is similar.
    said: str
    approved: tuple[NearView, ...]
    rejected: tuple[NearView, ...]

    @property
    def sides(self) -> tuple[tuple[str, str, tuple[NearView, ...]], ...]:
        """Each kind with its heading, and the sentence for an empty list."""
        return (
            (t("Similar approved posts"), t("No approved post is similar."), self.approved),
            (t("Similar rejected posts"), t("No rejected post is similar."), self.rejected),
        )


def build_neighbours(near: Neighbours, names: SectionNames, zone: ZoneInfo) -> NeighboursView:
    return NeighboursView(
        _compare(near), _build_near(near.approved, names, zone), _build_near(near.rejected, names, zone)
    )


def _compare(near: Neighbours) -> str:
    approved, rejected = (side[0].similarity if side else 0.0 for side in (near.approved, near.rejected))
    if not approved and not rejected:
        return ""
    if approved >= rejected:
        return t("It is more similar to what you approved than to what you rejected.")
    return t("It is more similar to what you rejected than to what you approved.")


def _build_near(side: Sequence[Neighbour], names: SectionNames, zone: ZoneInfo) -> tuple[NearView, ...]:
    return tuple(
        NearView(
            post_id=near.candidate.post.id,
            month=near.candidate.post.month,
            title=name_post(near.candidate.post),
            language=near.candidate.post.language,
            url=clean_url(near.candidate.post.url),
            publisher=name_publisher(near.candidate),
            dated=say_dated(near.candidate.post, zone),
            section=names.name(near.candidate.section),
            said=_say_outcome(near.candidate, names),
            similarity=near.similarity,
        )
        for near in side
    )


def _say_outcome(candidate: Candidate, names: SectionNames) -> str:
    """``2.4 Serving, printed in 2022-11``, ``2.1 Pictures, in the queue``, ``rejected: off topic``."""
    if candidate.printed_in is None and candidate.state is State.REJECTED:
        return say_outcome(candidate)
    outcome = say_outcome(candidate) if candidate.printed_in else t("in the queue")
    section = names.name(candidate.section)
    return f"{section}, {outcome}" if section else outcome
