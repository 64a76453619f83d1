"""How good an order of posts is, given which of them were printed. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

#: What the orders that are compared are called.
ORDERS = {
    "ours": "this ranking",
    "newest_first": "newest first",
    "source_rate": "source rate",
    "popularity": "popularity",
    "svm": "linear SVM",
}


@dataclass(frozen=True, slots=True)
class OrderFigures:
    """None where a figure means nothing: nothing was printed, or no source has posts of both sorts."""

    #: Of the first n places, with n as many as were printed, the share that was printed.
    precision_at_n: float | None
    #: Of the printed posts, the share within twice as many places.
    recall_at_2n: float | None
    average_precision: float | None
    #: Of all pairs of a printed and an unprinted post of the same source, the share in the right order.
    within_source_auc: float | None


def measure_order(printed: Sequence[bool], sources: Sequence[str]) -> OrderFigures:
    """Figures of an order, given from its first place on: whether the post was printed, and its source."""
    n = sum(printed)
    if not n:
        return OrderFigures(None, None, None, None)
    # Imported late: commands ask this module for the names of the orders alone.
    from sklearn.metrics import average_precision_score

    return OrderFigures(
        precision_at_n=sum(printed[:n]) / n,
        recall_at_2n=sum(printed[: 2 * n]) / n,
        average_precision=float(average_precision_score(printed, range(len(printed), 0, -1))),
        within_source_auc=_within_source_auc(printed, sources),
    )


def find_depth(printed: Sequence[bool], share: float) -> int:
    """How many posts are to be looked at until this share of the printed ones was seen."""
    wanted = share * sum(printed)
    seen = 0
    for depth, is_printed in enumerate(printed, 1):
        seen += is_printed
        if seen >= wanted - 1e-9:
            return depth
    return len(printed)


def list_recalls(printed: Sequence[bool]) -> list[float]:
    """The share of the printed posts within each depth, from 1 on."""
    n, seen, recalls = sum(printed), 0, []
    for is_printed in printed:
        seen += is_printed
        recalls.append(seen / n if n else 0.0)
    return recalls


def count_pairs(printed: Sequence[bool], sources: Sequence[str]) -> int:
    """How many pairs of a printed and an unprinted post of the same source there are, in whatever order."""
    of_source, all_of_source = Counter[str](), Counter(sources)
    of_source.update(source for is_printed, source in zip(printed, sources, strict=True) if is_printed)
    return sum(count * (all_of_source[source] - count) for source, count in of_source.items())


def _within_source_auc(printed: Sequence[bool], sources: Sequence[str]) -> float | None:
    """By hand: scikit-learn's AUC knows no groups."""
    right = 0
    above = Counter[str]()
    for is_printed, source in zip(printed, sources, strict=True):
        if is_printed:
            above[source] += 1
        else:
            right += above[source]
    pairs = count_pairs(printed, sources)
    return right / pairs if pairs else None
