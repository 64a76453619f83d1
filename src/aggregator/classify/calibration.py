"""How sure to be: scores to probabilities that are right as often as they say. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax

Array = NDArray[np.float64]

#: Where the temperature is looked for.
_COLDEST, _HOTTEST, _STEPS = 0.02, 20.0, 200


def find_temperature(scores: Array, truth: NDArray[np.int64], weights: Array) -> float:
    """What to divide scores by, so that the probabilities of what is true are as high as they can be (the least log
    loss; Guo and others, "On Calibration of Modern Neural Networks", 2017).

    *scores* are of rows that were not learned from, one column for each class; *truth* has the column of each row.
    """
    candidates = np.geomspace(_COLDEST, _HOTTEST, _STEPS)
    losses = [measure_loss(scores / each, truth, weights) for each in candidates]
    return float(candidates[int(np.argmin(losses))])


def measure_loss(scores: Array, truth: NDArray[np.int64], weights: Array) -> float:
    """The mean of what each row's true class was not believed (log loss)."""
    losses = -log_softmax(scores, axis=1)[np.arange(len(truth)), truth]
    return float(np.average(losses, weights=weights))
