"""How deep one has to look: read from the places of the printed posts in an order. Pure; light, for a page reads it."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence


def find_depth(places: Sequence[int], share: float) -> int | None:
    """How many posts are looked at until this share of the printed ones was seen; None when nothing was printed."""
    return places[max(math.ceil(share * len(places) - 1e-9), 1) - 1] if places else None


def find_recall(places: Sequence[int], depth: int) -> float:
    """The share of the printed posts within so many; 0 when nothing was printed."""
    return bisect_right(places, depth) / len(places) if places else 0.0
