"""Explains the guess of a post: its clues, and the decided posts that are most similar."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aggregator.pipeline.memory import Felt
from aggregator.storage import actions, candidates, judgements, models, posts
from aggregator.storage.database import Connection
from aggregator.types import Candidate, Explanation, Post

if TYPE_CHECKING:
    from aggregator.classify.model import SectionModel
    from aggregator.classify.neighbours import Neighbourhood

#: How many of each kind are shown.
NEAREST = 3
# The number of decided posts of each kind to compare with, the newest.
_MOST_COMPARED = 3000


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A decided post with its similarity, 0 to 1."""

    candidate: Candidate
    similarity: float


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The decided posts that are most similar to a post, the most similar first."""

    approved: tuple[Neighbour, ...] = ()
    rejected: tuple[Neighbour, ...] = ()


@dataclass(frozen=True, slots=True)
class _Decided:
    """The decided posts as of one verdict, as the model sees them. Immutable, so that it can be read while a new one is
    made.
    """

    #: The newest verdict and action when it was read.
    last: tuple[int, int]
    approved: frozenset[int]
    around: Neighbourhood


class DecidedPosts:
    """A cache of the decided posts as the model in use sees them, so that only new ones are read."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: _Decided | None = None

    def refresh(self, connection: Connection, model: SectionModel) -> None:
        """Read new decisions, or all of them for another model."""
        self._refresh(connection, model)

    def find_neighbours(self, connection: Connection, model: SectionModel, post: Post) -> Neighbours:
        """Return the decided posts that are most similar to a post."""
        from aggregator.classify.neighbours import LEAST_LIKE

        kept = self._get(connection, model)
        near = kept.around.list_nearest(post, least=LEAST_LIKE)
        approved = [each for each in near if each[0] in kept.approved][:NEAREST]
        rejected = [each for each in near if each[0] not in kept.approved][:NEAREST]
        known = {
            one.post.id: one
            for one in candidates.list_candidates_by_id(connection, [n for n, _ in approved + rejected])
        }
        return Neighbours(
            *(
                tuple(Neighbour(known[number], likeness) for number, likeness in side if number in known)
                for side in (approved, rejected)
            )
        )

    def _get(self, connection: Connection, model: SectionModel) -> _Decided:
        """The present state; while another thread reads it again, which takes long for another model, the last one."""
        kept = self._kept
        return kept if kept is not None and self._lock.locked() else self._refresh(connection, model)

    def _refresh(self, connection: Connection, model: SectionModel) -> _Decided:
        with self._lock:
            self._kept = kept = _read_decided(connection, model, self._kept)
            return kept


def _read_decided(connection: Connection, model: SectionModel, before: _Decided | None) -> _Decided:
    from aggregator.classify.neighbours import Neighbourhood

    last = judgements.find_last_verdict(connection), actions.find_last_number(connection)
    is_same = before is not None and before.around.version == model.version
    if before is not None and is_same and before.last == last:
        return before
    around = before.around if before is not None and is_same else Neighbourhood(model)
    decided = judgements.list_decided(connection, limit=_MOST_COMPARED)
    ids = sorted(decided)
    around = around.read(ids, posts.list_posts(connection, around.list_missing(ids)))
    return _Decided(last, frozenset(number for number, is_approved in decided.items() if is_approved), around)


@dataclass(frozen=True, slots=True)
class Why:
    """The explanation of a guess."""

    candidate: Candidate
    explanation: Explanation
    near: Neighbours


def explain_guess(
    connection: Connection,
    candidate: Candidate,
    guessed_by: SectionModel,
    in_use: SectionModel,
    decided: DecidedPosts,
    felt: Felt,
) -> Why:
    """Explain the guess of *guessed_by*, and find the decided posts that are similar by the model *in_use*."""
    # Imported late: scikit-learn takes a second to load, and most commands do not explain guesses.
    from aggregator.classify.explain import explain_post

    recalled = []
    if candidate.verdict is None and guessed_by.version == in_use.version:
        recalled = felt.recall(connection, in_use, models.get_model(connection, in_use.version), candidate.post)
    explanation = explain_post(guessed_by, candidate.post, recalled)
    return Why(candidate, explanation, decided.find_neighbours(connection, in_use, candidate.post))
