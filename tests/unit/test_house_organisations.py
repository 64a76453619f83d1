"""Organisations that lines of a place name, and months that a post itself names; measured on the real digest."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.config import SHIPPED_TEXTS
from aggregator.digest.house.organisations import Named, learn_organisations
from aggregator.digest.read import read_digest
from aggregator.posts.dating import find_text_month
from aggregator.rank.record import name_place
from aggregator.types import DateSource, Month
from world import make_post


@pytest.mark.parametrize(
    ("lines", "options", "organisations"),
    [
        ([("a.example", "쏘카")], {}, {"a.example": Named("쏘카", 1)}),
        ([("a.example", "A"), ("a.example", "A"), ("a.example", "A"), ("a.example", "B")], {}, {"a.example": Named("A", 3)}),
        ([("a.example", "A"), ("a.example", "B")], {}, {}),
        ([("a.example", "A"), ("a.example", None), ("b.example", "")], {}, {"a.example": Named("A", 1)}),
        ([("a.example", "A")], {"least": 2}, {}),
        ([("a.example", "A"), ("a.example", "A"), ("a.example", "A"), ("a.example", "B")], {"share": 1.0}, {}),
    ],
)  # fmt: skip
def test_the_organisation_of_a_place_is_the_one_that_its_lines_name(
    lines: list[tuple[str, str | None]], options: dict[str, float], organisations: dict[str, Named]
) -> None:
    assert learn_organisations(lines, **options) == organisations  # type: ignore[arg-type] # least is an int


@pytest.mark.parametrize(
    ("texts", "month"),
    [
        (["Posted on November 3, 2022", "When traffic tripled …"], Month(2022, 11)),
        (["작성일: 2022년 11월 3일"], Month(2022, 11)),
        (["Mina", "2022.10.31"], Month(2022, 10)),
        (["December 24, 2022"], None),
        (["On November 3, 2022 we moved to batches."], None),
        (["text"] * 5 + ["November 3, 2022"], None),
        ([], None),
    ],
)
def test_a_date_that_stands_alone_names_another_month(texts: list[str], month: Month | None) -> None:
    post = replace(make_post(1), published_at=datetime(2022, 12, 20, tzinfo=UTC), published_from=DateSource.PUBLISHED)
    assert find_text_month(post, texts) == month
    assert find_text_month(replace(post, published_from=DateSource.CURATOR), texts) is None


def test_organisations_of_the_real_digest_are_told_by_its_other_lines(shared: Path) -> None:
    digest = read_digest((shared / "digest/README-2023-01.md").read_text("utf-8"), SHIPPED_TEXTS).digest
    lines = [line for line in digest.lines if line.section.part.prints_organisation]
    proposed = right = 0
    for line in lines:
        others = learn_organisations(
            (name_place(other.url), other.organisation) for other in lines if other is not line
        )
        if found := others.get(name_place(line.url)):
            proposed += 1
            right += found.name == line.organisation
    # docs/figures.md
    assert (len(lines), proposed, right) == (45, 25, 24)
