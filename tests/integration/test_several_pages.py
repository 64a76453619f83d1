"""A page for each year or part, and the month's own file where the settings say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aggregator.app import App
from aggregator.config.digest_settings import DigestSettings
from aggregator.exceptions import StorageError
from aggregator.pipeline import cumulative, editions, history, printouts, publish, review
from aggregator.pipeline.home import Home
from aggregator.shipped import SHIPPED
from aggregator.types import Correction, Decision, DigestState
from world import FEEDS, MONTH, fill, text_of, visit_page

#: Posts of two parts.
BUSINESS, RESEARCH = "continuous-batching", "sparse-experts"
SECTION = SHIPPED.parse_section("2.4")


class Desk:
    def __init__(self, app: App) -> None:
        self.app, self.numbers = app, fill(app)

    def approve(self, *paths: str, **fields: Any) -> None:
        for path in paths:
            number = self.numbers[path]
            correction = Correction(number, "", self.app.now, **fields) if fields else None
            review.decide(self.app, number, Decision.APPROVE, correction=correction)

    def print_month(self, *, again: bool = False) -> Path:
        return publish.make_digest(self.app, MONTH, DigestState.PRINTED, again=again)

    def read(self) -> dict[str, str]:
        """The pages by their name."""
        return {file.name: file.read_text("utf-8") for file in sorted(self.app.folder.glob("*.md"))}


@pytest.fixture
def make_desk(make_app: Callable[..., App]) -> Callable[..., Desk]:
    return lambda **digest: Desk(make_app(FEEDS, digest=digest))


def titles_of(page: str) -> list[str]:
    return [line[3:20] for line in page.splitlines() if line.startswith("* ")]


def test_a_new_year_begins_a_new_page(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(page="README-{year}.md")
    (desk.app.folder / "README-2021.md").write_text("Last year's.\n", encoding="utf-8")
    desk.approve(BUSINESS)
    file = desk.print_month()
    assert desk.read() == {"README-2021.md": "Last year's.\n", "README-2022.md": file.read_text("utf-8")}


def test_each_part_has_its_page_and_a_line_that_changes_its_part_moves(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(page="{part}.md")
    desk.approve(BUSINESS, RESEARCH)
    desk.print_month()
    first = desk.read()
    assert {name: titles_of(page) for name, page in first.items()} == {
        "business.md": ["Cutting Serving C"],
        "research.md": ["Sparse Experts Th"],
    }
    assert "## 2." in first["business.md"]
    assert "## 1." not in first["business.md"]

    desk.approve(RESEARCH, section=SECTION)
    desk.print_month(again=True)
    assert {name: len(titles_of(page)) for name, page in desk.read().items()} == {"business.md": 2, "research.md": 0}


@pytest.mark.parametrize("again", [False, True])
def test_what_a_crash_between_two_files_leaves_is_cured_at_the_next_print(
    make_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch, again: bool
) -> None:
    desk = make_desk(page="{part}.md")
    desk.approve(BUSINESS, RESEARCH)
    if again:
        desk.print_month()
        desk.approve(BUSINESS, title="Cutting Cost")
        desk.approve(RESEARCH, section=SECTION)
    before, write = desk.read(), cumulative.write_whole

    def stop_at_second_page(file: Path, content: str) -> None:
        # The first file is the journal.
        if file.suffix == ".md":
            monkeypatch.setattr(cumulative, "write_whole", stop)
        write(file, content)

    def stop(file: Path, _: str) -> None:
        raise StorageError(f"the machine stops before {file}")

    monkeypatch.setattr(cumulative, "write_whole", stop_at_second_page)
    with pytest.raises(StorageError, match="the machine stops"):
        desk.print_month(again=again)
    monkeypatch.undo()
    assert sum(before.get(name) != page for name, page in desk.read().items()) == 1

    desk.print_month(again=again)
    cured = desk.read()
    assert [len(titles_of(page)) for page in cured.values()] == ([2, 0] if again else [1, 1])
    assert ("Cutting Cost" in cured["business.md"]) is again


def test_a_page_that_got_another_name_takes_its_lines_along(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(page="README.md")
    desk.approve(BUSINESS)
    desk.print_month()
    (desk.app.folder / "README.md").rename(desk.app.folder / "README-2022.md")
    desk.approve(BUSINESS, title="Cutting Cost")
    settings = desk.app.settings.model_copy(update={"digest": DigestSettings(page="README-{year}.md")})
    home = Home(desk.app.folder, settings, desk.app.database, desk.app.clock)
    publish.make_digest(home, MONTH, DigestState.PRINTED, again=True)
    (page,) = desk.read().values()
    assert titles_of(page) == ["Cutting Cost (Dec"]


def test_a_print_on_several_pages_is_shown_and_undone(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(page="{part}.md")
    desk.approve(BUSINESS, RESEARCH)
    curator = visit_page(desk.app, desk.numbers).log_in()
    for view in ("page", "difference"):
        shown = text_of(curator.read(f"/digest/2022-12?view={view}"))
        assert "business.md" in shown
        assert "research.md" in shown

    publish.add_to_page(desk.app, MONTH)
    both = desk.read()
    history.undo(desk.app)
    assert [titles_of(page) for page in desk.read().values()] == [[], []]
    history.redo(desk.app)
    assert desk.read() == both


def test_the_file_of_a_month_lies_where_the_settings_say_and_is_written_again_byte_for_byte(
    make_desk: Callable[..., Desk], tmp_path: Path
) -> None:
    desk = make_desk(
        month_file=f"{tmp_path}/site/{{year}}/{{month:02}}.md", site="https://d.example/", formats=["html"]
    )
    desk.approve(BUSINESS)
    file = desk.print_month()
    assert file == tmp_path / "site/2022/12.md"
    assert editions.find_page(desk.app, MONTH) == "https://d.example/2022/12.html"
    printed = file.read_bytes()

    desk.approve(RESEARCH)
    desk.approve(BUSINESS, title="Cutting Cost")
    file.write_text("lost", encoding="utf-8")
    assert printouts.write_again(desk.app, MONTH) == file
    assert file.read_bytes() == printed
