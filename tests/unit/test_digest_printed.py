"""A line is printed once: what another digest has, and what only is the same page at another time."""

from __future__ import annotations

from datetime import date

import pytest

from aggregator.digest.printed import find_printed_elsewhere
from aggregator.types import Extent, Month, PrintedNames

OCTOBER, NOVEMBER = Month(2022, 10), Month(2022, 11)
OF_OCTOBER, UNTIL_OCTOBER = Extent(OCTOBER), Extent(until=date(2022, 10, 31))
UNTIL_NOVEMBER = Extent(until=date(2022, 11, 30))

# The lines and the month of the page, what was printed, and the lines that are found, by single letters.
CASES: dict[str, tuple[str, Month | None, dict[Extent, str], dict[str, Extent]]] = {
    "nothing was printed": ("abc", NOVEMBER, {}, {}),
    "the month itself": ("abc", NOVEMBER, {Extent(NOVEMBER): "abc"}, {}),
    "another month": ("abc", NOVEMBER, {OF_OCTOBER: "cde"}, {"c": OF_OCTOBER}),
    "all of another month": ("c", NOVEMBER, {OF_OCTOBER: "cde"}, {"c": OF_OCTOBER}),
    "the page of the months before": ("abc", NOVEMBER, {UNTIL_OCTOBER: "cdefgh"}, {"c": UNTIL_OCTOBER}),
    "the page that has the month": ("abc", NOVEMBER, {UNTIL_NOVEMBER: "abcdefgh"}, {}),
    "a page at an earlier time": ("abcdefgh", None, {UNTIL_OCTOBER: "abcdef"}, {}),
    "a page with the digest of a month": ("abcdefgh", None, {OF_OCTOBER: "abc"}, {}),
    "a page of another year": ("abcdefgh", None, {UNTIL_OCTOBER: "hijklmn"}, {"h": UNTIL_OCTOBER}),
    "the first that is found": ("abcd", NOVEMBER, {OF_OCTOBER: "dx", UNTIL_OCTOBER: "dxyz"}, {"d": OF_OCTOBER}),
}


@pytest.mark.parametrize(("names", "month", "printed", "found"), CASES.values(), ids=CASES)
def test_what_was_printed_elsewhere(
    names: str, month: Month | None, printed: dict[Extent, str], found: dict[str, Extent]
) -> None:
    before = [PrintedNames(extent, frozenset(others)) for extent, others in printed.items()]
    assert find_printed_elsewhere(names, month, before) == found
