"""The review of a year: what is counted once, what is a highlight, and that its page is read back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aggregator.config.settings import SHIPPED_TEXTS
from aggregator.digest.read import read_digest
from aggregator.digest.render import render_digest
from aggregator.digest.year import Count, compose_year, count_year
from aggregator.types import Line, Month, Part, Section, Topic
from world.sections import BUSINESS, CV, MLOPS, RESEARCH

JANUARY, MARCH, LATE = Month(2026, 1), Month(2026, 3), Month(2025, 12)
FIRST, SECOND = Section(RESEARCH, CV), Section(BUSINESS, MLOPS)


def line(name: str, month: Month, section: Section = FIRST, star: str | None = None) -> Line:
    return Line(section, name.capitalize(), f"https://a.example/{name}", month, "R | D", f": note of {name}", star)


ALPHA, BETA = line("alpha", JANUARY, star=""), line("beta", MARCH, SECOND, star="⭐")
PUBLISHED = [
    # A page repeats what a digest has, and has a line of its own and one of another year.
    (None, [replace(ALPHA, star=None), line("gamma", MARCH), line("old", LATE)]),
    (JANUARY, [ALPHA, line("late", LATE)]),
    (MARCH, [BETA]),
]


def test_each_post_counts_once_in_the_month_of_its_digest() -> None:
    year = count_year(2026, PUBLISHED, {}, SHIPPED_TEXTS)
    assert year.months == {JANUARY: Count(2, 1), MARCH: Count(2, 1)}
    assert year.sections == {FIRST: Count(3, 1), SECOND: Count(1, 1)}
    assert (year.lines, year.organisations) == (4, [("R | D", 4)])
    assert [each.title for each in year.highlights] == ["Alpha", "Beta"]
    assert count_year(2025, PUBLISHED, {}, SHIPPED_TEXTS).lines == 1
    assert count_year(2024, PUBLISHED, {}, SHIPPED_TEXTS).lines == 0


def test_what_the_curator_says_now_goes_before_what_was_printed() -> None:
    stars = {"https://a.example/alpha": False, "https://a.example/late": True}
    year = count_year(2026, PUBLISHED, stars, SHIPPED_TEXTS)
    assert [each.title for each in year.highlights] == ["Late", "Beta"]


def test_the_page_of_a_year_is_read_back() -> None:
    digest = compose_year(count_year(2026, PUBLISHED, {}, SHIPPED_TEXTS), SHIPPED_TEXTS)
    page = render_digest(digest)
    read = read_digest(page, SHIPPED_TEXTS)
    assert (read.digest, read.remarks, render_digest(read.digest)) == (digest, (), page)
    assert page.startswith("# 2026 in review\n\n4 lines were printed; 2 are highlights and stand below.\n\n")
    assert "Printed most often: R | D (4).\n" in page
    assert "| Jan 2026 | 2 | 1 |\n" in page
    assert "| 2.4. Business Cases and Implementations: Training, Inference and MLOps | 1 | 1 |\n" in page
    assert "* [Alpha (Jan 2026, R | D)](https://a.example/alpha): note of alpha\n" in page


def test_names_are_words_in_the_head_of_a_year() -> None:
    lines = [replace(line(name, JANUARY), organisation="\\<b> & \\[x\\]") for name in ("one", "two")]
    page = render_digest(compose_year(count_year(2026, [(JANUARY, lines)], {}, SHIPPED_TEXTS), SHIPPED_TEXTS))
    assert "Printed most often: \\<b> & \\[x\\] (2).\n" in page


def test_a_year_without_stars_has_its_counts_and_says_so() -> None:
    plain = [(month, [replace(each, star=None) for each in lines]) for month, lines in PUBLISHED]
    page = render_digest(compose_year(count_year(2026, plain, {}, SHIPPED_TEXTS), SHIPPED_TEXTS))
    assert "4 lines were printed. They have no stars, so only the counts are given." in page
    assert "\n* [" not in page


@pytest.mark.parametrize("section", [Section(Part("law", number=4), Topic("cv", number=1))])
def test_a_section_that_has_left_the_digest_is_counted_apart(section: Section) -> None:
    year = count_year(2026, [*PUBLISHED, (JANUARY, [line("gone", JANUARY, section)])], {}, SHIPPED_TEXTS)
    assert (year.lines, year.elsewhere) == (5, 1)
    assert "1 line is of a section that the digest does not have any more." in render_digest(
        compose_year(year, SHIPPED_TEXTS)
    )
