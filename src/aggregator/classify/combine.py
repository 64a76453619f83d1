"""Two axes put together: what a part is usually about shifts the belief in topics. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aggregator.classify.calibration import Array, softmax
from aggregator.types import Part, Section, Topic

# As if so many posts of each part had been seen, spread evenly: one digest is no law.
_EVEN = 8.0
# Months differ, so that only half of a habit (in log-odds) is taken over.
_SHARE = 0.5


def learn_habits(sections: Sequence[Section], weights: Sequence[float]) -> Array:
    """How much each part (row) favours each topic (column), from sections that a curator chose; even without any."""
    counts = np.full((len(Part), len(Topic)), _EVEN / len(Topic))
    for section, weight in zip(sections, weights, strict=True):
        counts[section.part.number - 1, section.topic.number - 1] += weight
    habits: Array = (counts / counts.sum(axis=1, keepdims=True)) ** _SHARE
    return habits


def find_favours(parts: Array, scores: Array, habits: Array) -> Array:
    """How much each topic is favoured for what is believed of the parts: what to multiply the topics' odds by.

    *parts* are probabilities in the order of ``Part``, *scores* log-odds in the order of ``Topic``, one row a post.
    The topics of a part have the odds of the scores times its habits; the parts are then mixed as they are believed.
    """
    odds = softmax(scores)
    favours: Array = sum(
        (parts[:, [row]] * habit / (odds * habit).sum(axis=1, keepdims=True) for row, habit in enumerate(habits)),
        np.zeros_like(scores),
    )
    return favours


def combine_topics(parts: Array, scores: Array, habits: Array) -> Array:
    """Probabilities of topics for what is believed of the parts; each row adds up to 1."""
    topics: Array = softmax(scores) * find_favours(parts, scores, habits)
    return topics
