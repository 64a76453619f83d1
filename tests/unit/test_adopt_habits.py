"""How a list is kept, by its lines and the days on which they were chosen; and the settings that come of it."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from aggregator.adopt.habits import Order
from aggregator.adopt.issues import Page
from aggregator.adopt.sketch import Adoption, sketch
from aggregator.config.settings import Settings
from aggregator.pipeline.adopted_settings import choose_size, write_feeds_toml
from growth import find_growth

SEOUL = ZoneInfo("Asia/Seoul")
KNOWN = Settings().merge_texts(None)


def _sketch(*pages: Page, chosen: dict[str, datetime] | None = None) -> Adoption:
    return sketch(pages, KNOWN, chosen or {}, SEOUL)


def _make_issue(day: date, lines: int) -> Page:
    said = "".join(f"* [T](https://a.example/{day}/{at})\n" for at in range(lines))
    return Page(f"{day}.md", f"# 데이터 소식\n\n매달 고른 글입니다.\n\n## 추천\n{said}")


def _read_settings(adoption: Adoption) -> dict[str, Any]:
    return tomllib.loads(write_feeds_toml(adoption, (), "[digest]\nhighlights = 3\n"))


def test_a_monthly_in_korean_gives_language_day_and_size() -> None:
    adoption = _sketch(*(_make_issue(date(2024, month, 11 + month % 2), 8) for month in range(1, 7)))
    habits = adoption.habits
    assert (str(habits.rhythm), habits.a_month, habits.day, habits.language) == ("monthly", 8, 12, "ko")
    settings = _read_settings(adoption)
    assert settings["shortlist"] == {"size": 15}
    assert {name: settings["digest"][name] for name in ("language", "print_day", "highlights")} == {
        "language": "ko",
        "print_day": 12,
        "highlights": 3,
    }


def test_the_first_commit_with_the_lines_of_years_is_no_usual_month() -> None:
    lines = [f"https://a.example/{at}" for at in range(70)]
    months = [1] * 60 + [2, 2, 2, 3, 3, 3, 4, 4, 4, 4]
    chosen = {url: datetime(2024, month, 3, 12, tzinfo=UTC) for url, month in zip(lines, months, strict=True)}
    page = Page("list.md", "# Posts\n\nThe best of the month.\n\n" + "".join(f"* [A b]({url})\n" for url in lines))
    assert _sketch(page, chosen=chosen).habits.a_month == 4


def test_issues_at_the_end_of_a_month_and_lists_without_days_change_nothing() -> None:
    late = _sketch(*(_make_issue(date(2024, month, 28), 3) for month in range(1, 5)))
    assert late.habits.day == 28
    assert "print_day" not in _read_settings(late)["digest"]
    bare = _sketch(Page("list.md", "* [A](https://a.example/1)\n"))
    assert (bare.habits.a_month, bare.habits.day, bare.habits.language) == (None, None, None)
    assert "shortlist" not in _read_settings(bare)


@pytest.mark.parametrize(("a_month", "size"), [(1, 10), (16, 25), (20, 30), (27, 45), (900, 500)])
def test_half_as_many_again_are_proposed(a_month: int, size: int) -> None:
    assert choose_size(a_month) == size


def _order(*labels: str) -> Order:
    lines = "".join(f"* [{label}](https://a.example/{at})\n" for at, label in enumerate(labels))
    return _sketch(Page("list.md", f"## T\n{lines}")).habits.order


@pytest.mark.parametrize(
    ("labels", "order"),
    [
        (("Z (Mar 2024)", "Y (Feb 2024)", "A (Jan 2024)"), Order.NEWEST),
        (("Z (Jan 2024)", "A (Feb 2024)", "B (Mar 2024)"), Order.OLDEST),
        (("Alpha", "beta", "Gamma"), Order.TITLE),
        (("Z (Mar 2024, A)", "B (Mar 2024, B)", "Y (May 2024, C)"), Order.ORGANISATION),
        (("M", "Z", "A", "K", "B"), Order.OTHER),
        (("A", "B"), Order.OTHER),
    ],
)
def test_the_order_of_most_lines(labels: tuple[str, ...], order: Order) -> None:
    assert _order(*labels) is order


@pytest.mark.parametrize("is_cut", [False, True])
def test_a_long_page_and_many_files_take_linear_time(is_cut: bool) -> None:
    def read(text: str) -> None:
        lines = text.split("\n")
        _sketch(*(Page(f"{at}.md", line) for at, line in enumerate(lines)) if is_cut else [Page("list.md", text)])

    pump = "* [A (Mar 2024, Etsy)](https://a.example/1): a note\n"
    assert find_growth(read, "# L\n", pump, "* [B](https://a.example/2)", size=4000) is None
