"""The figures of a month as plain data to be kept, and back. Pure.

Of each order the places of the printed posts are kept, from which every figure about depth follows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from aggregator.rank.backtest import MonthFigures
from aggregator.rank.metrics import OrderFigures
from aggregator.types import Month


def write_figures(figures: MonthFigures) -> dict[str, Any]:
    """Plain data that JSON takes."""
    return {
        "n": figures.n,
        "printed": figures.printed,
        "shortlist": figures.shortlist,
        "shortlisted": figures.shortlisted,
        "orders": {
            name: {**asdict(order), "places": _list_places(figures.recalls[name]), "depths": list(figures.depths[name])}
            for name, order in figures.orders.items()
        },
    }


def read_figures(month: Month, data: Mapping[str, Any]) -> MonthFigures:
    """What ``write_figures`` wrote."""
    orders: Mapping[str, Mapping[str, Any]] = data["orders"]
    n = data["n"]
    return MonthFigures(
        month=month,
        n=n,
        printed=data["printed"],
        orders={
            name: OrderFigures(**{field: order[field] for field in OrderFigures.__slots__})
            for name, order in orders.items()
        },
        recalls={name: _list_recalls(order["places"], n) for name, order in orders.items()},
        depths={name: (order["depths"][0], order["depths"][1]) for name, order in orders.items()},
        shortlisted=data["shortlisted"],
        shortlist=data["shortlist"],
    )


def find_depth_of(recalls: Sequence[float], share: float) -> int | None:
    """How many posts are looked at until this share of the printed ones was seen; None when nothing was printed."""
    return next((depth for depth, recall in enumerate(recalls, 1) if recall >= share - 1e-9), None)


def _list_places(recalls: Sequence[float]) -> list[int]:
    """Where the printed posts stand, from 1."""
    before, places = 0.0, []
    for place, recall in enumerate(recalls, 1):
        if recall > before:
            places.append(place)
        before = recall
    return places


def _list_recalls(places: Sequence[int], n: int) -> list[float]:
    recalls, seen = [], 0
    marks = set(places)
    for place in range(1, n + 1):
        seen += place in marks
        recalls.append(seen / len(places) if places else 0.0)
    return recalls
