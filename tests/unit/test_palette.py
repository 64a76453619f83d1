"""What the palette finds among names."""

from __future__ import annotations

import pytest

from aggregator.locales import speaking
from aggregator.types import Month
from aggregator.web.find.view import build_groups

DECEMBER = Month(2022, 12)


@pytest.mark.parametrize(
    ("language", "typed", "paths"),
    [
        ("en", "queue", ["/", "/queue/2022-12"]),
        ("en", "후보", []),
        ("ko", "후보", ["/", "/queue/2022-12"]),
        ("ko", "Weights", ["/weights"]),
        ("ko", "queue", ["/"]),
        ("ko", "lumen", ["/feeds/lumen"]),
        ("ko", "2022-12", ["/queue/2022-12", "/digest/2022-12"]),
        ("ko", "no such name", []),
    ],
)
def test_names_are_found_in_the_readers_language_and_pages_in_english_too(
    language: str, typed: str, paths: list[str]
) -> None:
    with speaking(language):
        groups = build_groups(typed, [], [DECEMBER], [("lumen", "Lumen Research")])
    assert [hit.path for group in groups for hit in group.hits] == paths
