"""Why a post has its score, in words. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from aggregator.pipeline.neighbours import Neighbours
from aggregator.types import Candidate
from aggregator.web.cards.view import Card, build_card
from aggregator.words.neighbours import NeighboursView, build_neighbours
from aggregator.words.sections import SectionNames


@dataclass(frozen=True, slots=True)
class ScoreView:
    """A score with what it rests on, and the decided posts that the post is like."""

    card: Card
    near: NeighboursView


def build_score(candidate: Candidate, near: Neighbours, names: SectionNames, zone: ZoneInfo) -> ScoreView:
    return ScoreView(
        card=build_card(candidate, names, zone),
        near=build_neighbours(near, names, zone),
    )
