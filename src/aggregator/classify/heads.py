"""A linear head: one question with a few answers. The only file that knows scikit-learn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

_REGULARISATION = 4.0

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Head:
    """Linear scores, one for each class; divided by the temperature they are log-odds."""

    classes: tuple[str, ...]
    #: One column for each class.
    weights: NDArray[np.float32]
    biases: Array
    temperature: float = 1.0

    def score(self, features: csr_matrix) -> Array:
        """In log-odds: one row for each row of features, one column for each class."""
        scores: Array = (features @ self.weights + self.biases) / self.temperature
        return scores

    def predict(self, features: csr_matrix) -> Array:
        """Probabilities; each row adds up to 1."""
        return softmax(self.score(features))


def softmax(scores: Array) -> Array:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Array = raised / raised.sum(axis=1, keepdims=True)
    return shares


def fit_head(features: csr_matrix, labels: Sequence[str], weights: NDArray[np.float64]) -> Head:
    """Learn to tell the labels apart; at least two different ones are needed."""
    model: Any = LogisticRegression(C=_REGULARISATION, class_weight="balanced", max_iter=2000)
    # One thread: the work is small, and threads that wait for each other on busy cores make it many times slower.
    with threadpool_limits(1):
        model.fit(features, np.array(labels), sample_weight=weights)
    coefficients, biases = model.coef_, model.intercept_
    if len(model.classes_) == 2:
        coefficients = np.vstack((-coefficients[0], coefficients[0])) / 2
        biases = np.array((-biases[0], biases[0])) / 2
    return Head(tuple(map(str, model.classes_)), coefficients.T.astype(np.float32), biases)
