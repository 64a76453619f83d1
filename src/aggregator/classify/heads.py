"""A linear head: one question with a few answers. Owns scikit-learn's models.

A head is the mean of two linear models that err in different ways: an NB-SVM (Wang and Manning, "Baselines and
Bigrams", 2012) and a complement naive Bayes (Rennie and others, 2003). Both are linear in the features, so that their
mean is one linear model too: quick, small, and explained exactly by its weights.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.special import softmax
from threadpoolctl import threadpool_limits

from aggregator.classify.calibration import Array, find_temperature

_SVM_COST = 0.06
_RATIO_SMOOTHING = 0.25
_BAYES_SMOOTHING = 0.15
_FOLDS = 3


@dataclass(frozen=True, slots=True)
class Head:
    """Linear scores, one for each class; divided by the temperature they are log-odds."""

    classes: tuple[str, ...]
    #: (features, classes).
    weights: NDArray[np.float32]
    #: (classes,).
    biases: Array
    temperature: float = 1.0
    #: Classes with too few examples to learn, each with its share of the examples, which is its probability.
    others: Mapping[str, float] = field(default_factory=dict)

    def score(self, features: csr_matrix) -> Array:
        """Return scores (rows, classes) in log-odds."""
        scores: Array = (features @ self.weights + self.biases) / self.temperature
        return scores

    def predict(self, features: csr_matrix) -> Array:
        """Return probabilities (rows, classes); each row adds up to 1."""
        beliefs: Array = softmax(self.score(features), axis=1)
        return beliefs

    def believe(self, features: csr_matrix, names: Iterable[str]) -> Array:
        """Return probabilities (rows, names) of these classes; 0 for an unknown class."""
        learned = self.predict(features) * (1 - sum(self.others.values()))
        columns = dict(zip(self.classes, learned.T, strict=True))
        unknown = np.zeros(features.shape[0])
        return np.column_stack([columns.get(name, unknown + self.others.get(name, 0.0)) for name in names])


@dataclass(frozen=True, slots=True)
class Sample:
    """Labelled features to learn from. Arrays are (rows,) unless noted."""

    #: (rows, features).
    features: csr_matrix
    labels: tuple[str, ...]
    weights: Array
    #: Rows of one group come from one publisher and are held out together.
    groups: NDArray[np.int64]
    #: The weight of each row in the calibration.
    says: Array

    def choose(self, rows: NDArray[np.bool_]) -> Sample:
        labels = tuple(label for label, is_chosen in zip(self.labels, rows, strict=True) if is_chosen)
        return Sample(self.features[rows], labels, self.weights[rows], self.groups[rows], self.says[rows])


def fit_head(sample: Sample, *, caution: float = 1.0) -> Head:
    """Learn to predict the labels, and calibrate. At least two different labels are needed.

    The temperature is found on held-out rows, with all rows of a publisher in one fold, and multiplied by *caution*.
    """
    # One thread: the work is small, and on busy cores threads that wait for each other make it many times slower.
    with threadpool_limits(1):
        head = _fit(sample)
        scores = np.zeros((len(sample.labels), len(head.classes)))
        for fold in range(_FOLDS):
            held = sample.groups % _FOLDS == fold
            rest = sample.choose(~held)
            if not held.any() or set(rest.labels) != set(head.classes):
                # Too few rows to hold any out.
                return head
            scores[held] = _fit(rest).score(sample.features[held])
    truth = np.array([head.classes.index(label) for label in sample.labels])
    # If the few real posts look easier than the rest, the model should not be more certain because of that.
    temperature = max(find_temperature(scores, truth, weights) for weights in (sample.weights, sample.says))
    return replace(head, temperature=caution * temperature)


def _fit(sample: Sample) -> Head:
    classes = tuple(sorted(set(sample.labels)))
    weights, biases = _standardise(*_fit_svm(sample, classes), sample.features)
    others, other_biases = _standardise(*_fit_bayes(sample, classes), sample.features)
    return Head(classes, np.asarray((weights + others) / 2, np.float32), (biases + other_biases) / 2)


def _fit_svm(sample: Sample, classes: Sequence[str]) -> tuple[Array, Array]:
    """Fit one class against the rest, with each feature scaled by its log-count ratio for that class.

    Weights are (features, classes) and biases (classes,), here as below.
    """
    # Imported late, as below: scikit-learn takes 40 MB, and the daemon only guesses; a child process fits.
    from sklearn.svm import LinearSVC

    labels = np.array(sample.labels)
    columns, biases = [], []
    for name in classes:
        is_class = labels == name
        inside = _RATIO_SMOOTHING + _sum(sample, is_class)
        outside = _RATIO_SMOOTHING + _sum(sample, ~is_class)
        ratio = np.log(inside / inside.sum()) - np.log(outside / outside.sum())
        model = LinearSVC(C=_SVM_COST, class_weight="balanced", random_state=0)
        model.fit(_scale(sample.features, ratio), is_class, sample_weight=sample.weights)
        columns.append(model.coef_[0] * ratio)
        biases.append(float(model.intercept_[0]))
    return np.column_stack(columns), np.array(biases)


def _sum(sample: Sample, rows: NDArray[np.bool_]) -> Array:
    """Return the weighted sum of some rows (features,)."""
    found: Array = sample.features.T @ (sample.weights * rows)
    return found


def _scale(features: csr_matrix, factors: Array) -> csr_matrix:
    """Return the features, each by its factor (features,); where they are is shared, not copied."""
    scaled = features.data * factors[features.indices]
    return csr_matrix((scaled, features.indices, features.indptr), features.shape, copy=False)


def _fit_bayes(sample: Sample, classes: Sequence[str]) -> tuple[Array, Array]:
    from sklearn.naive_bayes import ComplementNB

    model = ComplementNB(alpha=_BAYES_SMOOTHING)
    model.fit(sample.features, np.array(sample.labels), sample_weight=sample.weights)
    return model.feature_log_prob_.T, np.zeros(len(classes))


def _standardise(weights: Array, biases: Array, features: csr_matrix) -> tuple[Array, Array]:
    """Centre the scores of each row at 0 and scale them to a spread of 1 over all rows, so that both models count
    equally; in place, since they are large.
    """
    weights -= weights.mean(axis=1, keepdims=True)
    biases -= biases.mean()
    spread = float((features @ weights + biases).std()) or 1.0
    weights /= spread
    biases /= spread
    return weights, biases
