"""The figures of a month as plain data to be kept, and what can be read from it. Pure; light, for a page reads it.

Of each order the places of the printed posts are kept, from which every figure about depth follows.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aggregator.evaluate.backtest import MonthFigures


def write_figures(figures: MonthFigures, seconds_a_post: float) -> dict[str, Any]:
    """Plain data that JSON takes: posts, printed posts, the shortlist and how much of it was printed, and by the name
    of each order its figures with the places of the printed posts, from 1.
    """
    return {
        "n": figures.n,
        "printed": figures.printed,
        "shortlist": figures.shortlist,
        "shortlisted": figures.shortlisted,
        "seconds_a_post": seconds_a_post,
        "disclosed": {kind: list(counts) for kind, counts in figures.disclosed.items()},
        "beyond_scope": list(figures.beyond_scope),
        "minutes_saved": figures.count_minutes_saved() if figures.printed else None,
        "orders": {
            name: {**asdict(order), "places": list(figures.places[name])} for name, order in figures.orders.items()
        },
    }


def find_depth(places: Sequence[int], share: float) -> int | None:
    """How many posts are looked at until this share of the printed ones was seen; None when nothing was printed."""
    return places[max(math.ceil(share * len(places) - 1e-9), 1) - 1] if places else None


def find_recall(places: Sequence[int], depth: int) -> float:
    """The share of the printed posts within so many; 0 when nothing was printed."""
    return bisect_right(places, depth) / len(places) if places else 0.0
