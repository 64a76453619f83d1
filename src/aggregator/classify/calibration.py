"""Calibrates scores, so that the probabilities made from them are right as often as they say. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax

Array = NDArray[np.float64]

#: The range of the temperature, and the tolerance of its logarithm.
_RANGE = (0.02, 20.0)
_CLOSE_ENOUGH = 0.005


def find_temperature(scores: Array, truth: NDArray[np.int64], weights: Array) -> float:
    """Find the temperature: the divisor of the scores with the lowest log loss (Guo and others, "On Calibration of
    Modern Neural Networks", 2017).

    *scores* (rows, classes) must be of held-out rows. *truth* (rows,) has the column of the true class of each row, and
    *weights* (rows,) the weight of the row.
    """
    # Imported late: it takes 20 MB, and who only guesses does not need it.
    from scipy.optimize import minimize_scalar

    def measure(logarithm: float) -> float:
        return measure_loss(scores / np.exp(logarithm), truth, weights)

    # There is only one minimum: the loss is convex in the factor of the scores.
    found = minimize_scalar(measure, bounds=np.log(_RANGE), method="bounded", options={"xatol": _CLOSE_ENOUGH})
    return float(np.exp(found.x))


def measure_loss(scores: Array, truth: NDArray[np.int64], weights: Array) -> float:
    """Return the weighted mean log loss; shapes as in ``find_temperature``."""
    losses = -log_softmax(scores, axis=1)[np.arange(len(truth)), truth]
    return float(np.average(losses, weights=weights))
