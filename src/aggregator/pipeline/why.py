"""Why a post was guessed as it was: what spoke for it, and the decided posts that are like it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aggregator.pipeline.memory import recall
from aggregator.pipeline.neighbours import DecidedPosts, Neighbours
from aggregator.storage import models
from aggregator.storage.database import Connection
from aggregator.types import Candidate, Explanation

if TYPE_CHECKING:
    from aggregator.classify.model import SectionModel


@dataclass(frozen=True, slots=True)
class Why:
    """What is known of a guess."""

    candidate: Candidate
    explanation: Explanation
    near: Neighbours


def explain_guess(
    connection: Connection,
    candidate: Candidate,
    guessed_by: SectionModel,
    in_use: SectionModel,
    decided: DecidedPosts,
) -> Why:
    """Why one model guesses a post as it does, and which decided posts the model in use finds like it."""
    # Imported late: scikit-learn takes a second, and most commands explain nothing.
    from aggregator.classify.explain import explain_post

    recalled = []
    if candidate.verdict is None and guessed_by.version == in_use.version:
        recalled = recall(connection, in_use, models.get_model(connection, in_use.version), candidate.post)
    explanation = explain_post(guessed_by, candidate.post, recalled)
    return Why(candidate, explanation, decided.find_neighbours(connection, in_use, candidate.post))
