"""How deep a curator has to look, from the places of the printed posts in an order. Pure; loads no large library,
because a page reads it.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence


def find_depth(places: Sequence[int], share: float) -> int | None:
    """Return the number of posts to look at to see this share of the printed ones; None if nothing was printed."""
    return places[max(math.ceil(share * len(places) - 1e-9), 1) - 1] if places else None


def find_recall(places: Sequence[int], depth: int) -> float:
    """Return the share of the printed posts among the first *depth*; 0 if nothing was printed."""
    return bisect_right(places, depth) / len(places) if places else 0.0
