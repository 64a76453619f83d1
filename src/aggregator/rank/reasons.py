"""Makes the score of a candidate: a sum of named shares that a person can check. Pure.

A share is an amount times its coefficient, in log-odds: 0.7 doubles the odds that a post is printed, -0.7 halves them.
The curator's weights multiply the shares of a kind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from aggregator.rank import evidence
from aggregator.rank.preference import Encoded, Preference
from aggregator.rank.weights import Weights
from aggregator.types import Cause, Reason, Score

# Words of the title that are shown, and the least share worth showing.
_SHOWN_WORDS = 3
_LEAST_SHARE = 0.005


def score_rows(
    numbers: Sequence[int], rows: Sequence[Encoded], preference: Preference, weights: Weights
) -> list[Score]:
    """Score the rows of the posts with these *numbers*. Each score has its reasons, those with the largest shares
    first.
    """
    if not rows:
        return []
    coefficients = preference.coefficients_for_all()
    reader = _Reader(
        coefficients.tolist(),
        {cause: weights.get(cause.weight, 1.0) for cause in Cause},
        {
            source: evidence.PRINTED.format(printed=f"{printed:.0f}", posts=f"{posts:.0f}")
            for source, (printed, posts) in preference.seen.items()
        },
    )
    of_words = (
        coefficients[np.concatenate([row.words.columns for row in rows])]
        * np.concatenate([row.words.amounts for row in rows])
    ).tolist()
    scores = []
    start = 0
    for number, row in zip(numbers, rows, strict=True):
        end = start + len(row.words.columns)
        scores.append(Score(number, reader.list_reasons(row, of_words[start:end])))
        start = end
    return scores


class _Reader(NamedTuple):
    """Turns rows into reasons."""

    coefficients: Sequence[float]
    #: The curator's weight of each cause.
    factors: Mapping[Cause, float]
    #: Source → what was printed of it, in words.
    records: Mapping[str, str]

    def list_reasons(self, row: Encoded, of_words: Sequence[float]) -> tuple[Reason, ...]:
        coefficients, factors = self.coefficients, self.factors
        shares = [amount * coefficients[column] for column, amount in zip(row.columns, row.amounts, strict=True)]
        reasons = []
        for feature, share in zip(row.features, shares, strict=False):
            weighed = share * factors[feature.cause]
            if weighed >= _LEAST_SHARE or weighed <= -_LEAST_SHARE:
                reasons.append(Reason(feature.cause, round(weighed, 3), feature.detail))
        # The features come first, then kind, source and organisation, then topics, then the base, equal for all.
        first, after = len(row.features), len(row.features) + row.whose
        record = self.records.get(row.source, evidence.UNKNOWN)
        self._add(reasons, Cause.SOURCE, sum(shares[first:after]), record)
        self._add(reasons, Cause.SOURCE_AND_TOPIC, sum(shares[after:-1]), record)
        words = sum(of_words)
        said = _name_words(row.words.words, of_words, 1 if words > 0 else -1) if abs(words) >= _LEAST_SHARE else ""
        self._add(reasons, Cause.WORDS, words, said)
        reasons.sort(key=_weigh)
        return tuple(reasons)

    def _add(self, reasons: list[Reason], cause: Cause, share: float, detail: str) -> None:
        weighed = share * self.factors[cause]
        if weighed >= _LEAST_SHARE or weighed <= -_LEAST_SHARE:
            reasons.append(Reason(cause, round(weighed, 3), detail))


def _weigh(reason: Reason) -> float:
    return -abs(reason.share)


def _name_words(words: Sequence[str], shares: Sequence[float], sign: int) -> str:
    """The words that contribute most to the sum."""
    strongest = [(sign * share, word) for share, word in zip(shares, words, strict=True) if sign * share > 0]
    strongest.sort(reverse=True)
    shown: list[str] = []
    for _, word in strongest:
        # Pieces of one Korean word are shown as the whole word, and a pair of words contains both.
        if not any(word in other or other in word for other in shown):
            shown.append(word)
            if len(shown) == _SHOWN_WORDS:
                break
    return ", ".join(shown)
