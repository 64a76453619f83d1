"""The score of a candidate: a sum of named shares that a person can check. Pure.

Each share is what the preference gives to one thing that was seen, in log-odds: 0.7 makes a post twice as likely to be
printed, -0.7 half as likely. The curator's weights of feeds.toml multiply the shares of a kind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from aggregator.rank.preference import Preference, Row, stack_rows
from aggregator.rank.wishes import Weights
from aggregator.types import Reason, Score

# Which weight of the curator each reason answers to.
_ANSWERS_TO = {
    "business case": "business_case",
    "topic fit": "topic_fit",
    "out of scope": "out_of_scope",
    "open code": "open_code",
    "open checkpoint": "open_code",
    "open data": "open_code",
    "popularity": "popularity",
    "first-hand": "first_hand",
    "announcement": "announcement",
    "round-up": "announcement",
    "people and events": "announcement",
    "depth": "depth",
    "rarity": "source",
    "source": "source",
    "source and topic": "source",
    "feed weight": "source",
    "printed subject": "novelty",
    "repeated subject": "novelty",
    "series": "series",
    "words": "words",
}
# Words of the title that are shown, and the least share worth showing.
_SHOWN_WORDS = 3
_LEAST_SHARE = 0.005


def score_rows(numbers: Sequence[int], rows: Sequence[Row], preference: Preference, weights: Weights) -> list[Score]:
    """The scores of rows, whose posts have these *numbers*, with their reasons, the weightiest first."""
    if not rows:
        return []
    coefficients = preference.coefficients_for_all()
    matrix = stack_rows(rows, len(coefficients))
    shares = (matrix.data * coefficients[matrix.indices]).tolist()
    starts = matrix.indptr.tolist()
    factors = {name: float(getattr(weights, answers)) for name, answers in _ANSWERS_TO.items()}
    return [
        Score(number, _list_reasons(row, shares[starts[place] : starts[place + 1]], preference, factors))
        for place, (number, row) in enumerate(zip(numbers, rows, strict=True))
    ]


def _list_reasons(
    row: Row, shares: Sequence[float], preference: Preference, factors: Mapping[str, float]
) -> tuple[Reason, ...]:
    """The columns of a row are its features, the base, the source, its kind, the topics of the source, the words."""
    features = row.features
    found = [
        (feature.name, share, feature.detail) for feature, share in zip(features, shares[: len(features)], strict=True)
    ]
    # Behind the features stands the base, the same for all posts; it tells nothing.
    of_source = len(features) + 1
    found.append(("source", sum(shares[of_source : of_source + 2]), ""))
    found.append(("source and topic", sum(shares[of_source + 2 : row.first_word]), ""))
    of_words = shares[row.first_word :]
    found.append(("words", sum(of_words), ""))
    reasons = []
    for name, share, detail in found:
        weighed = round(share * factors[name], 3)
        if abs(weighed) >= _LEAST_SHARE:
            said = detail or _describe(name, row, of_words, preference, weighed)
            reasons.append(Reason(name, weighed, said))
    reasons.sort(key=lambda reason: -abs(reason.share))
    return tuple(reasons)


def _describe(name: str, row: Row, of_words: Sequence[float], preference: Preference, share: float) -> str:
    if name == "words":
        sign = 1 if share > 0 else -1
        order = np.argsort([-sign * each for each in of_words], kind="stable")[:_SHOWN_WORDS]
        return ", ".join(row.words[place] for place in order if sign * of_words[place] > 0)
    printed, posts = preference.seen.get(row.source, (0.0, 0.0))
    if not posts:
        return "not known yet"
    return f"{printed:.0f} of about {posts:.0f} posts printed"
