"""The score of a candidate: a sum of named shares that a person can check. Pure.

Each share is what the preference gives to one thing that was seen, in log-odds: 0.7 makes a post twice as likely to be
printed, -0.7 half as likely. The curator's weights of feeds.toml multiply the shares of a kind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
    factors = {name: float(getattr(weights, answers)) for name, answers in _ANSWERS_TO.items()}
    scores = []
    start = 0
    for number, row in zip(numbers, rows, strict=True):
        end = start + len(row.columns)
        scores.append(Score(number, _list_reasons(row, shares[start:end], preference, factors)))
        start = end
    return scores


def _list_reasons(
    row: Row, shares: Sequence[float], preference: Preference, factors: Mapping[str, float]
) -> tuple[Reason, ...]:
    reasons = []
    for feature, share in zip(row.features, shares, strict=False):
        weighed = share * factors[feature.name]
        if weighed >= _LEAST_SHARE or weighed <= -_LEAST_SHARE:
            reasons.append(Reason(feature.name, round(weighed, 3), feature.detail))
    # Behind the features stands the base, the same for all posts; it tells nothing.
    of_source = len(row.features) + 1
    first_word = row.first_word
    of_words = shares[first_word:]
    for name, share in (
        ("source", shares[of_source] + shares[of_source + 1]),
        ("source and topic", sum(shares[of_source + 2 : first_word])),
        ("words", sum(of_words)),
    ):
        weighed = share * factors[name]
        if weighed >= _LEAST_SHARE or weighed <= -_LEAST_SHARE:
            reasons.append(Reason(name, round(weighed, 3), _describe(name, row, of_words, preference, weighed)))
    reasons.sort(key=lambda reason: -abs(reason.share))
    return tuple(reasons)


def _describe(name: str, row: Row, of_words: Sequence[float], preference: Preference, share: float) -> str:
    if name == "words":
        sign = 1 if share > 0 else -1
        ordered = sorted(zip(of_words, row.words, strict=True), key=lambda each: -sign * each[0])[:_SHOWN_WORDS]
        return ", ".join(word for each, word in ordered if sign * each > 0)
    printed, posts = preference.seen.get(row.source, (0.0, 0.0))
    if not posts:
        return "not known yet"
    return f"{printed:.0f} of about {posts:.0f} posts printed"
