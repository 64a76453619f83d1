"""Which language is spoken: as a browser asks, as a terminal says, and within a block."""

from __future__ import annotations

from contextlib import suppress

import pytest

from aggregator.locales import find_accepted, find_in_environment, get_language, speaking, t, tn


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", None),
        ("*", None),
        ("fr, de;q=0.5", None),
        ("ko", "ko"),
        ("KO-kr", "ko"),
        ("ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", "ko"),
        ("en-GB,en;q=0.9,ko;q=0.8", "en"),
        ("fr,ko;q=0.5", "ko"),
        ("en;q=0.4,ko;q=0.6", "ko"),
        (" en ; q=0.1 , ko ; q=0.2 ", "ko"),
        ("en,ko", "en"),
        ("ko;q=0,en;q=0.1", "en"),
        ("ko;q=0", None),
        ("ko;q=much,en;q=0.1", "en"),
        ("ko;q=nan", None),
    ],
)
def test_a_browser_gets_the_known_language_that_it_wants_most(header: str, language: str | None) -> None:
    assert find_accepted(header) == language


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({"LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "ko.UTF-8"}, "ko"),
        ({"LANG": "ko"}, "ko"),
        ({"LC_MESSAGES": "ko_KR", "LANG": "en_US.UTF-8"}, "ko"),
        ({"LC_ALL": "C", "LC_MESSAGES": "ko_KR", "LANG": "ko_KR"}, "en"),
        ({"LC_ALL": "", "LANG": "ko_KR"}, "ko"),
        ({"LC_TIME": "ko_KR", "LANG": "en_US.UTF-8"}, "en"),
    ],
)
def test_a_terminal_is_spoken_to_as_its_strongest_variable_says(environment: dict[str, str], language: str) -> None:
    assert find_in_environment(environment) == language


def test_a_language_ends_with_its_block_even_if_that_fails() -> None:
    with suppress(ZeroDivisionError), speaking("ko"):
        assert get_language() == "ko"
        assert t("Search") == "검색"
        assert tn("{number} day", "{number} days", 1204) == "1,204일"
        raise ZeroDivisionError

    assert get_language() == "en"
    assert [tn("{number} day", "{number} days", number) for number in (1, 1204)] == ["1 day", "1,204 days"]


def test_braces_of_a_value_are_not_filled_in() -> None:
    assert t("Why: {title}", title="{x} and {}") == "Why: {x} and {}"
