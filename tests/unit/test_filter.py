"""Which entries of a feed become posts, by its filter."""

from __future__ import annotations

import unicodedata

import pytest

from aggregator.feeds.filter import make_filter
from aggregator.types import Only, ParsedEntry
from growth import LINEAR, measure_doubling

ONLY = Only(words=("AI", "machine learning", "머신러닝"), categories=("Data & ML", "검색"))


@pytest.mark.parametrize(
    ("item", "is_wanted"),
    [
        (ParsedEntry("1", "/1", "How we use AI"), True),
        (ParsedEntry("1", "/1", "ai, everywhere"), True),
        (ParsedEntry("1", "/1", "Fair prices in Dubai"), False),
        (ParsedEntry("1", "/1", "AI를 쓰는 방법"), True),
        (ParsedEntry("1", "/1", "사내 머신러닝플랫폼"), True),
        (ParsedEntry("1", "/1", "Prices", summary="<p>With <b>machine</b>\n learning.</p>"), True),
        (ParsedEntry("1", "/1", "Prices", summary="A machine that is learning"), False),
        (ParsedEntry("1", "/1", "Prices", content="<p>machine-learning</p>"), True),
        (ParsedEntry("1", "/1", "Prices", content="x " * 600 + "AI"), False),
        (ParsedEntry("1", "/1", "Prices", tags=("Data & ML",)), True),
        (ParsedEntry("1", "/1", "Prices", tags=(unicodedata.normalize("NFD", "검색"),)), True),
        (ParsedEntry("1", "/1", "Prices", tags=("data & ml",)), False),
        (ParsedEntry("1", "/1", "Prices", tags=("AI",)), False),
    ],
)
def test_an_entry_with_one_of_its_words_or_categories_is_wanted(item: ParsedEntry, is_wanted: bool) -> None:
    assert make_filter(ONLY)(item) is is_wanted
    assert make_filter(None)(item)


@pytest.mark.parametrize(
    ("word", "found", "not_found"),
    [
        ("C", ["Written in C", "C로 짠 코드"], ["C++ in ten years", "C# 12", "R&C", "Vitamin C++17"]),
        ("C++", ["Modern C++", "C++17", "(c++)", "C++로 짠 코드"], ["Modern C", "C+"]),
        ("C#", ["C# 12", "Why C#?"], ["C 12", "C#sharp"]),
        (".NET", ["From .NET to Rust", ".net"], ["The net", "ASP.NET"]),
        ("R&D", ["Our R&D", "R&D팀"], ["R & D", "R", "D"]),
        ("AI", ["AI&ML", "AI+", "AI.", "#AI", "AI/ML"], ["AIs"]),
        ("Node.js", ["A Node.js server", "node js"], ["Node"]),
    ],
)
def test_signs_that_make_another_name_belong_to_a_word(word: str, found: list[str], not_found: list[str]) -> None:
    wants = make_filter(Only(words=(word,)))
    assert [title for title in (*found, *not_found) if wants(ParsedEntry("1", "/1", title))] == found


def test_time_grows_with_the_entry_alone() -> None:
    wants = make_filter(ONLY)
    assert (
        measure_doubling(lambda n: wants(ParsedEntry("1", "/1", "machine c++ r&d .n " * n, "<p>A I" * n)), 2000)
        < LINEAR
    )
