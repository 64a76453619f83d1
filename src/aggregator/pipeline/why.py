"""Why a post was guessed as it was: what spoke for it, and the approved posts that are like it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aggregator.storage import posts
from aggregator.storage.database import Connection
from aggregator.types import Candidate, Explanation, Post

if TYPE_CHECKING:
    from aggregator.classify.model import SectionModel
    from aggregator.classify.neighbours import Neighbourhood

#: How many approved posts are shown.
NEAREST = 5
# Below this, two posts have no more in common than any two posts of a field.
_LEAST_LIKE = 0.05


@dataclass(frozen=True, slots=True)
class Near:
    """An approved post that is like another."""

    candidate: Candidate
    #: From 0 to 1.
    similarity: float


@dataclass(frozen=True, slots=True)
class Why:
    """What is known of a guess."""

    candidate: Candidate
    explanation: Explanation
    nearest: tuple[Near, ...]


class ApprovedPosts:
    """The approved posts as the model in use sees them, kept so that only what is new is read."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._around: Neighbourhood | None = None

    def refresh(self, connection: Connection, model: SectionModel) -> Neighbourhood:
        """Read what was approved since, or everything for another model."""
        from aggregator.classify.neighbours import Neighbourhood

        ids = posts.list_approved_ids(connection)
        with self._lock:
            around = self._around
            if around is None or around.version != model.version:
                around = Neighbourhood(model)
            around.hold(ids, posts.list_posts(connection, around.list_missing(ids)))
            self._around = around
            return around

    def find_nearest(self, connection: Connection, model: SectionModel, post: Post) -> tuple[Near, ...]:
        """The approved posts that are most like a post, the most like first."""
        around = self.refresh(connection, model)
        found = [(number, like) for number, like in around.find_nearest(post, NEAREST) if like >= _LEAST_LIKE]
        candidates = {one.post.id: one for one in posts.list_candidates_by_id(connection, [n for n, _ in found])}
        return tuple(Near(candidates[number], like) for number, like in found if number in candidates)


def explain_guess(
    connection: Connection,
    candidate: Candidate,
    guessed_by: SectionModel,
    in_use: SectionModel,
    approved: ApprovedPosts,
) -> Why:
    """Why one model guesses a post as it does, and which approved posts the model in use finds like it."""
    explanation = guessed_by.explain(candidate.post)
    return Why(candidate, explanation, approved.find_nearest(connection, in_use, candidate.post))
