"""Which lines of a page were printed elsewhere before. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from aggregator.types import Extent, Month, PrintedNames

# A page that shares more than this part of its lines with another is that page at another time, or holds it.
_SAME_SHARE = 0.5


def find_printed_elsewhere(
    names: Collection[str], month: Month | None, printed: Iterable[PrintedNames]
) -> dict[str, Extent]:
    """Find where lines were printed besides this page, by their canonical addresses.

    *month* is the month of a digest; None for a cumulative page, which has lines that were printed in digests of
    months. So what mostly agrees with the page is not elsewhere: an earlier state of it, or a digest that it holds.
    """
    own, found = frozenset(names), dict[str, Extent]()
    for extent, others in printed:
        shared = own & others
        if not shared or (month and extent.month == month):
            continue
        is_apart = month and (extent.month or (extent.until and extent.until <= month.shift(-1).last_day))
        if is_apart or len(shared) <= _SAME_SHARE * min(len(own), len(others)):
            found.update(dict.fromkeys(shared - found.keys(), extent))
    return found
