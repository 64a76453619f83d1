"""Measures how good an order of posts is, given which of them were printed. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from aggregator.locales import mark

#: The names of the compared orders.
ORDERS = {
    "ours": mark("this ranking"),
    "newest_first": mark("newest first"),
    "source_rate": mark("source rate"),
    "popularity": mark("popularity"),
    "svm": mark("linear SVM"),
}


@dataclass(frozen=True, slots=True)
class OrderMetrics:
    """The metrics of an order. None if a metric is not defined: nothing was printed, or no source has printed and
    unprinted posts.
    """

    #: The share of printed posts on the first n places; n is the number of printed posts.
    precision_at_n: float | None
    #: The share of the printed posts that is on the first 2n places.
    recall_at_2n: float | None
    average_precision: float | None
    #: The share of pairs of a printed and an unprinted post of one source that are in the right order.
    within_source_auc: float | None


def measure_order(printed: Sequence[bool], sources: Sequence[str]) -> OrderMetrics:
    """Measure an order, given for each place from the first on: whether the post was printed, and its source."""
    n = sum(printed)
    if not n:
        return OrderMetrics(None, None, None, None)
    return OrderMetrics(
        precision_at_n=sum(printed[:n]) / n,
        recall_at_2n=sum(printed[: 2 * n]) / n,
        average_precision=sum(seen / place for seen, place in enumerate(list_places(printed), 1)) / n,
        within_source_auc=_within_source_auc(printed, sources),
    )


def list_places(printed: Sequence[bool]) -> list[int]:
    """List the places of the printed posts, from 1."""
    return [place for place, is_printed in enumerate(printed, 1) if is_printed]


def count_pairs(printed: Sequence[bool], sources: Sequence[str]) -> int:
    """Count the pairs of a printed and an unprinted post of one source, in either order."""
    of_source, all_of_source = Counter[str](), Counter(sources)
    of_source.update(source for is_printed, source in zip(printed, sources, strict=True) if is_printed)
    return sum(count * (all_of_source[source] - count) for source, count in of_source.items())


def _within_source_auc(printed: Sequence[bool], sources: Sequence[str]) -> float | None:
    """The AUC within sources; scikit-learn's AUC does not support groups."""
    right = 0
    above = Counter[str]()
    for is_printed, source in zip(printed, sources, strict=True):
        if is_printed:
            above[source] += 1
        else:
            right += above[source]
    pairs = count_pairs(printed, sources)
    return right / pairs if pairs else None
