"""How sure to be: scores to probabilities that are right as often as they say. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

Array = NDArray[np.float64]

#: Where the temperature is looked for, and how closely, in its logarithm.
_RANGE = (0.02, 20.0)
_CLOSE_ENOUGH = 0.005


def find_temperature(scores: Array, truth: NDArray[np.int64], weights: Array) -> float:
    """What to divide scores by, so that the probabilities of what is true are as high as they can be (the least log
    loss; Guo and others, "On Calibration of Modern Neural Networks", 2017).

    *scores* (rows, classes) are of rows that were not learned from; *truth* (rows,) has the column of each row, and
    *weights* (rows,) how much it counts.
    """

    def measure(logarithm: float) -> float:
        return measure_loss(scores / np.exp(logarithm), truth, weights)

    # There is one valley: the loss is convex in what scores are multiplied by.
    found = minimize_scalar(measure, bounds=np.log(_RANGE), method="bounded", options={"xatol": _CLOSE_ENOUGH})
    return float(np.exp(found.x))


def measure_loss(scores: Array, truth: NDArray[np.int64], weights: Array) -> float:
    """The mean of what each row's true class was not believed (log loss); shapes as in ``find_temperature``."""
    losses = -log_softmax(scores, axis=1)[np.arange(len(truth)), truth]
    return float(np.average(losses, weights=weights))
