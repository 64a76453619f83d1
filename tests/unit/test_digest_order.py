"""Lines stand where the curator would put them."""

from __future__ import annotations

import itertools
import unicodedata

import pytest

from aggregator.digest.order import get_place, order_lines
from aggregator.shipped import SHIPPED
from aggregator.types import Line, Month

DECEMBER, NOVEMBER = Month(2022, 12), Month(2022, 11)


def make_line(
    title: str, month: Month | None = DECEMBER, url: str = "https://x.example/", section: str = "2.1"
) -> Line:
    return Line(SHIPPED.parse_section(section), title, url, month)


IN_ORDER = {
    "newer months first, none last": [
        make_line("Zebra", Month(2023, 1)),
        make_line("Aardvark", DECEMBER),
        make_line("가나다", NOVEMBER),
        make_line("Aardvark", Month(1, 1)),
        make_line("Aardvark", None),
    ],
    "Hangul first, then the others": [
        make_line("가위바위보"),
        make_line("힘내라 AI"),
        make_line("1부터 100까지"),
        make_line("AI 힘내라"),
        make_line("Zebra"),
    ],
    "without regard to case and stars": [
        make_line("*apple*"),
        make_line("**Banana** Split"),
        make_line("cherry"),
        make_line("*Cherry* Pie"),
        make_line("cherry pit"),
    ],
    "stars before Hangul do not count": [make_line("**나무** 심기"), make_line("*다람쥐*"), make_line("Acorn")],
    "escapes do not count": [make_line(r"a\_b"), make_line("a_c"), make_line("Alpha")],
    "decomposed Hangul stands with the composed": [
        make_line("가로"),
        make_line(unicodedata.normalize("NFD", "나비")),
        make_line("다리"),
    ],
    "ties go by address": [make_line("Same", url="https://a.example/"), make_line("SAME", url="https://b.example/")],
    "sections by number, not by name": [
        make_line("Z", section="1.4"),
        make_line("Y", section="2.1"),
        make_line("X", section="2.4"),
        make_line("W", section="3.1"),
    ],
}


@pytest.mark.parametrize("lines", IN_ORDER.values(), ids=IN_ORDER.keys())
def test_the_order_does_not_depend_on_how_lines_come(lines: list[Line]) -> None:
    for shuffled in itertools.permutations(lines):
        assert order_lines(shuffled) == tuple(lines)


def test_places_are_the_printed_numbers() -> None:
    assert [get_place(section) for section in SHIPPED.sections] == [(p, t) for p in (1, 2, 3) for t in (1, 2, 3, 4)]
