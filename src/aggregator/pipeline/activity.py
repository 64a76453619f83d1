"""What the daemon is doing now. The scheduler says which stage runs, and the visitor what it has visited."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from aggregator.types import Visit


class Stage(StrEnum):
    """The stages of a round. The shortlists are there from the third on; comparing may still change them."""

    VISIT = "visit"
    RANK = "rank"
    COMPARE = "compare"
    TIDY = "tidy"


@dataclass
class Activity:
    """The round that runs, or the last one. Written by one thread at a time, and read at any time."""

    #: None between rounds.
    stage: Stage | None = None
    #: The number of rounds that have ended.
    rounds: int = 0
    #: The feeds that are due in this round.
    feeds: int = 0
    visited: int = 0
    #: Posts that these visits brought.
    posts: int = 0

    @contextmanager
    def round(self) -> Iterator[None]:
        """A round of the scheduler, from the first visit to the last rank."""
        self.feeds = self.visited = self.posts = 0
        self.stage = Stage.VISIT
        try:
            yield
        finally:
            self.stage = None
            self.rounds += 1

    def enter(self, stage: Stage) -> None:
        """Say that the round goes on with this stage."""
        self.stage = stage

    def add(self, visits: Sequence[Visit]) -> None:
        """Count visits whose posts are stored."""
        self.visited += len(visits)
        self.posts += sum(visit.entries_new for visit in visits)

    @property
    def is_awaited(self) -> bool:
        """Whether the first shortlists of this round are still to come."""
        return self.stage in {Stage.VISIT, Stage.RANK}
