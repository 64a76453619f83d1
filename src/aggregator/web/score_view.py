"""Why a post has its score, in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from aggregator.pipeline.neighbours import Neighbour, Neighbours
from aggregator.urls import clean_url, readable_url
from aggregator.web.card import Card, SectionNames, build_card
from aggregator.web.dates import say_dated


@dataclass(frozen=True, slots=True)
class NearView:
    """A decided post that is like it."""

    title: str
    language: str
    url: str | None
    path: str
    publisher: str
    dated: str
    #: What was said of it.
    said: str
    similarity: float


@dataclass(frozen=True, slots=True)
class ScoreView:
    """A score with what it rests on, and the decided posts that the post is like."""

    card: Card
    path: str
    #: In a sentence; empty where nothing is like it.
    said: str
    approved: tuple[NearView, ...]
    rejected: tuple[NearView, ...]


def build_score(found: Neighbours, names: SectionNames, zone: ZoneInfo) -> ScoreView:
    post = found.candidate.post
    return ScoreView(
        card=build_card(found.candidate, names, zone),
        path=f"/queue/{post.month}?show=all&done={post.id}#post-{post.id}",
        said=_compare(found),
        approved=_build_near(found.approved, zone),
        rejected=_build_near(found.rejected, zone),
    )


def _compare(found: Neighbours) -> str:
    approved, rejected = (side[0].similarity if side else 0.0 for side in (found.approved, found.rejected))
    if not approved and not rejected:
        return ""
    if approved >= rejected:
        return "Its title is nearer to what you approved than to what you rejected."
    return "Its title is nearer to what you rejected than to what you approved."


def _build_near(found: Sequence[Neighbour], zone: ZoneInfo) -> tuple[NearView, ...]:
    return tuple(
        NearView(
            title=near.candidate.post.title or readable_url(near.candidate.post.url),
            language=near.candidate.post.language,
            url=clean_url(near.candidate.post.url),
            path=_path_to(near),
            publisher=near.candidate.post.organisation or near.candidate.feed_name or "",
            dated=say_dated(near.candidate.post, zone),
            said=_say_outcome(near),
            similarity=near.similarity,
        )
        for near in found
    )


def _path_to(near: Neighbour) -> str:
    post = near.candidate.post
    return f"/queue/{post.month}?show=all&done={post.id}#post-{post.id}"


def _say_outcome(near: Neighbour) -> str:
    if near.candidate.printed_in:
        return f"printed in {near.candidate.printed_in}"
    verdict = near.candidate.verdict
    return f"rejected: {verdict.reason}" if verdict and verdict.reason else "in the queue"
