"""The decided posts that a post is most like: evidence for or against its score."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aggregator.storage import judgements, posts
from aggregator.storage.database import Connection
from aggregator.types import Candidate

if TYPE_CHECKING:
    from aggregator.rank.neighbours import Near, Neighbourhood

# Titles that a post is compared with, of each kind, the newest.
_MOST_COMPARED = 3000


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A decided post, and how like it is, 0 to 1."""

    candidate: Candidate
    similarity: float


@dataclass(frozen=True, slots=True)
class Neighbours:
    """A candidate between the posts that it is most like, the nearest first."""

    candidate: Candidate
    approved: tuple[Neighbour, ...]
    rejected: tuple[Neighbour, ...]


class Neighbourhoods:
    """Keeps the titles of decided posts between questions, for reading them takes longer than comparing.

    Nothing is lost with it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: int | None = None
        self._kept: Neighbourhood | None = None

    def find_neighbours(self, connection: Connection, post_id: int, *, most: int) -> Neighbours:
        """The decided posts that a post is most like, so many of each kind. Raises NotFoundError."""
        candidate = posts.get_candidate(connection, post_id)
        found = self._find_near(connection, candidate, most)
        ids = [near.post_id for side in found for near in side]
        known = {one.post.id: one for one in posts.list_candidates_by_id(connection, ids)}
        approved, rejected = (
            tuple(Neighbour(known[near.post_id], near.similarity) for near in side if near.post_id in known)
            for side in found
        )
        return Neighbours(candidate, approved, rejected)

    def _find_near(self, connection: Connection, candidate: Candidate, most: int) -> tuple[list[Near], list[Near]]:
        # Imported late: SciPy takes a while, and most commands compare nothing.
        from aggregator.rank.neighbours import Decided, Neighbourhood

        last = judgements.find_last_verdict(connection)
        with self._lock:
            kept = self._kept = self._kept or Neighbourhood()
            if last != self._last:
                kept.read([Decided(*each) for each in judgements.list_decided_titles(connection, limit=_MOST_COMPARED)])
                self._last = last
            return kept.find_near(candidate.post.id, candidate.post.title, most=most)
