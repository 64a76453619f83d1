"""The curator's own page grows by the lines of each month; what a hand wrote stays; every print is undone and redone."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from difflib import ndiff
from pathlib import Path

import pytest

from aggregator.app import App
from aggregator.exceptions import DigestError, MeanwhileError, ReviewError, StorageError
from aggregator.pipeline import history, publish, review
from aggregator.storage.actions import find_last
from aggregator.types import Correction, Decision, DigestState
from clock import Clock
from world import FEEDS, MONTH, fill, import_page, text_of, visit_page

OLD = """\
# Posts
Kept by hand.

## 2. Business Cases and Implementations
### 2.4. Training, Inference and MLOps
* [Shipping Models (Sep 2022)](https://other.example/shipping)
"""
BATCHING = "* [Cutting Serving Cost by 60% with Continuous Batching (Dec 2022, Northwind)]"


class Desk:
    """A curator with a page of their own."""

    def __init__(self, app: App, clock: Clock) -> None:
        self.app, self.clock = app, clock
        self.numbers = fill(app)
        self.file = app.folder / "README.md"
        self.file.write_bytes(OLD.encode())

    @property
    def page(self) -> str:
        return self.file.read_bytes().decode()

    def decide(self, path: str, decision: Decision = Decision.APPROVE, **fields: str) -> None:
        number = self.numbers[path]
        correction = Correction(number, "", self.app.now, **fields) if fields else None
        review.decide(self.app, number, decision, correction=correction, reason="shallow")

    def wake(self, moment: datetime) -> None:
        self.clock.now = moment

    def print_month(self, *, again: bool = False) -> None:
        publish.make_digest(self.app, MONTH, DigestState.PRINTED, again=again)


@pytest.fixture
def desk(make_app: Callable[..., App], clock: Clock) -> Desk:
    return Desk(make_app(FEEDS, digest={"page": "README.md"}), clock)


def added(page: str) -> list[str]:
    """The lines of a page that the old one does not have."""
    return [line for line in page.splitlines() if line not in OLD.splitlines()]


def test_a_print_merges_the_month_and_leaves_all_else(desk: Desk) -> None:
    desk.decide("continuous-batching")
    desk.print_month()

    (batching,) = added(desk.page)
    assert batching.startswith(BATCHING)
    assert desk.page == OLD.replace("* [Shipping", f"{batching}\n* [Shipping")
    assert (desk.app.digest_folder / f"{MONTH}.md").exists()


def test_lines_are_added_at_weekends_and_the_print_is_the_last_cut(desk: Desk) -> None:
    desk.decide("continuous-batching")
    publish.add_to_page(desk.app, MONTH)
    desk.decide("실시간-추천")
    publish.add_to_page(desk.app, MONTH)
    desk.decide("continuous-batching", note="40 % less")
    desk.print_month()

    lines = added(desk.page)
    assert lines[0] == "### 2.3. RecSys, etc."
    assert lines[1].startswith("* [장바구니 추천을 실시간으로")
    assert lines[2].startswith(BATCHING)
    assert lines[2].endswith(": 40 % less")
    assert len(lines) == 3


def test_a_correction_printed_again_changes_one_line(desk: Desk) -> None:
    desk.decide("continuous-batching")
    desk.decide("tensor-parallelism")
    desk.print_month()
    before = desk.page.splitlines()
    desk.decide("continuous-batching", title="Cutting Serving Cost")
    desk.print_month(again=True)

    changed = [(old, new) for old, new in zip(before, desk.page.splitlines(), strict=True) if old != new]
    assert [new.partition("(")[0] for _, new in changed] == ["* [Cutting Serving Cost "]


def test_a_line_edited_by_hand_stays_as_it_is(desk: Desk) -> None:
    desk.decide("continuous-batching")
    publish.add_to_page(desk.app, MONTH)
    by_hand = desk.page.replace("Cutting Serving", "*Cutting* Serving")
    desk.file.write_bytes(by_hand.encode())
    desk.decide("continuous-batching", note="another")
    desk.print_month()

    assert desk.page == by_hand


def test_each_print_is_undone_and_redone(desk: Desk) -> None:
    desk.decide("continuous-batching")
    publish.add_to_page(desk.app, MONTH)
    first = desk.page
    desk.decide("tensor-parallelism")
    desk.print_month()
    second = desk.page

    for wanted in (first, first, OLD):  # The print, the approval, the first lines.
        history.undo(desk.app)
        assert desk.page == wanted
    for wanted in (first, first, second):
        history.redo(desk.app)
        assert desk.page == wanted


def test_an_older_print_is_not_undone_below_a_newer_one(desk: Desk) -> None:
    desk.decide("continuous-batching")
    publish.add_to_page(desk.app, MONTH)
    with desk.app.reading() as connection:
        first = find_last(connection, by=desk.app.curator)
    desk.decide("tensor-parallelism")
    publish.add_to_page(desk.app, MONTH)

    page = desk.page
    assert first
    with pytest.raises(ReviewError, match="printed again since"):
        history.undo(desk.app, first.id)
    assert desk.page == page


def test_only_what_was_seen_is_confirmed(desk: Desk) -> None:
    desk.decide("continuous-batching")
    with desk.app.reading() as connection:
        change = publish.preview_page(desk.app, connection, MONTH)
    assert change
    desk.file.write_bytes(OLD.replace("by hand", "with care").encode())
    with pytest.raises(MeanwhileError, match="look again"):
        publish.add_to_page(desk.app, MONTH, mark=change.mark)
    assert added(desk.page) == ["Kept with care."]


def test_a_post_that_the_page_had_is_not_printed_again(desk: Desk) -> None:
    desk.decide("continuous-batching")
    desk.print_month()
    printed = desk.page
    import_page(desk.app, printed, is_judged=False)
    with pytest.raises(DigestError, match="already printed"):
        publish.add_to_page(desk.app, MONTH)
    assert desk.page == printed


def test_the_first_print_makes_the_page(desk: Desk) -> None:
    desk.file.unlink()
    desk.decide("continuous-batching")
    desk.print_month()
    assert desk.page == (desk.app.digest_folder / f"{MONTH}.md").read_text(encoding="utf-8")


def test_a_page_that_cannot_be_read_or_written_stops_the_print(desk: Desk) -> None:
    desk.decide("continuous-batching")
    desk.file.write_bytes(OLD.encode() + b"\xff")
    with pytest.raises(DigestError, match=r"README\.md is not UTF-8 \(byte 166\)"):
        desk.print_month()
    desk.file.write_bytes(OLD.encode() + b"```\n")
    with pytest.raises(DigestError, match=r"README\.md: line 7: the code fence"):
        desk.print_month()
    desk.file.unlink()
    desk.file.mkdir()
    with pytest.raises(StorageError, match=r"README\.md cannot be read"):
        desk.print_month()
    assert not (desk.app.digest_folder / f"{MONTH}.md").exists()


def test_a_link_to_the_page_stays_a_link(desk: Desk, tmp_path: Path) -> None:
    elsewhere = tmp_path / "repository.md"
    desk.file.rename(elsewhere)
    os.symlink(elsewhere, desk.file)
    desk.decide("continuous-batching")
    desk.print_month()
    assert desk.file.is_symlink()
    assert len(added(elsewhere.read_text(encoding="utf-8"))) == 1


def test_the_real_page_takes_exactly_the_approved_lines(
    make_app: Callable[..., App], clock: Clock, shared: Path
) -> None:
    real = (shared / "digest/README-2023-01.md").read_bytes().decode()
    app = make_app(FEEDS, digest={"page": "README.md"})
    desk = Desk(app, clock)
    desk.file.write_bytes(real.encode())
    import_page(app, real)
    for path in ("continuous-batching", "실시간-추천", "sparse-experts"):
        desk.decide(path)
    desk.print_month()

    difference = [row for row in ndiff(real.splitlines(), desk.page.splitlines()) if not row.startswith("  ")]
    assert [row.partition("(")[0] for row in difference] == [
        "+ ### 1.4. Training, Inference and MLOps",
        "+ * [Sparse Experts That Fit on One Card ",
        "+ ",
        "+ * [장바구니 추천을 실시간으로: 두 단계 검색과 재정렬 ",
        "+ * [Cutting Serving Cost by 60% with Continuous Batching ",
    ]


def test_the_page_of_the_digest_shows_the_difference_and_confirms_exactly_that(desk: Desk) -> None:
    desk.decide("continuous-batching")
    curator = visit_page(desk.app, desk.numbers).log_in()

    page, difference = curator.read("/digest/2022-12"), curator.read("/digest/2022-12?view=difference")
    assert '<li class="new" lang="en">' in page
    assert "1 more line" not in page
    assert "Shipping Models" in text_of(page)
    assert f"added: + {BATCHING[:40]}" in text_of(difference).replace("+*", "+ *")
    (mark,) = re.findall(r'name="mark" value="(\w+)"', page)

    desk.decide("tensor-parallelism")
    assert curator.send("/digest/2022-12/page", mark=mark).status_code == 409
    assert desk.page == OLD
    (mark,) = re.findall(r'name="mark" value="(\w+)"', curator.read("/digest/2022-12"))
    assert curator.send("/digest/2022-12/page", mark=mark).status_code == 303
    assert len(added(desk.page)) == 4  # Two lines, and part and section of one.


def test_a_printed_month_says_what_has_changed_and_is_printed_again_as_it_was_seen(desk: Desk) -> None:
    for path in ("continuous-batching", "tensor-parallelism", "sparse-experts"):
        desk.decide(path)
    desk.print_month()
    curator = visit_page(desk.app, desk.numbers).log_in()
    own = desk.app.digest_folder / f"{MONTH}.md"
    first = desk.page, own.read_text(encoding="utf-8")
    assert "Printed and frozen" in text_of(curator.read(f"/queue/{MONTH}"))

    # The script replaces the bar after each verdict.
    standing = curator.ask(f"/posts/{desk.numbers['실시간-추천']}/approve", back=f"/queue/{MONTH}").json()["standing"]
    assert "Printed 1 change since: print again?" in text_of(standing)
    desk.decide("continuous-batching", title="Cutting Serving Cost")
    desk.decide("sparse-experts", Decision.REJECT)
    page = curator.read(f"/digest/{MONTH}")
    assert (
        "3 things were decided since it was printed: approved: 장바구니 추천을 실시간으로: 두 단계 검색과 재정렬 changed: "
        "Cutting Serving Cost by 60% with Continuous Batching not approved any more: Sparse Experts That Fit on One Card"
    ) in text_of(page)
    for file in (own, desk.file):
        difference = text_of(page.partition(f"<h2><code>{file}</code></h2>")[2].partition("</ol>")[0])
        assert re.findall(r"(?:added: \+|removed: −) \* \[([\w%]+ \w*)", difference) == [
            "Sparse Experts",
            "장바구니 추천을",
            "Cutting Serving",
            "Cutting Serving",
        ]

    (mark,) = re.findall(r'name="mark" value="(\w+)"', page)
    desk.decide("sparse-experts")
    assert curator.send(f"/digest/{MONTH}/again", mark=mark).status_code == 409
    assert (desk.page, own.read_text(encoding="utf-8")) == first
    (mark,) = re.findall(r'name="mark" value="(\w+)"', curator.read(f"/digest/{MONTH}"))
    assert curator.send(f"/digest/{MONTH}/again", mark=mark).status_code == 303
    assert [line.partition("(")[0] for line in added(desk.page) if line.startswith("*")] == [
        "* [Sparse Experts That Fit on One Card ",
        "* [장바구니 추천을 실시간으로: 두 단계 검색과 재정렬 ",
        "* [Cutting Serving Cost ",
        "* [Serve Large Models with Tensor Parallelism on Managed Endpoints ",
    ]
    assert "decided since" not in text_of(curator.read(f"/digest/{MONTH}"))

    history.undo(desk.app)
    assert (desk.page, own.read_text(encoding="utf-8")) == first


def test_what_came_too_late_goes_into_the_next_month_in_one_step(desk: Desk) -> None:
    desk.decide("continuous-batching")
    desk.print_month()
    for path in ("tensor-parallelism", "sparse-experts"):
        desk.decide(path)
    curator = visit_page(desk.app, desk.numbers).log_in()
    assert "Put them into Jan 2023" in text_of(curator.read(f"/digest/{MONTH}"))
    assert curator.send(f"/digest/{MONTH}/next").headers["location"] == "/digest/2023-01"

    assert "decided since" not in text_of(curator.read(f"/digest/{MONTH}"))
    january = text_of(curator.read("/digest/2023-01?view=markdown"))
    assert "Sparse Experts That Fit on One Card (Dec 2022" in january
    assert "Managed Endpoints (Dec 2022" in january
    assert "Put 2 posts into Jan 2023" in text_of(curator.read("/history"))
    assert curator.send(f"/digest/{MONTH}/next").status_code == 409
    history.undo(desk.app)
    assert "2 things were decided since" in text_of(curator.read(f"/digest/{MONTH}"))


def test_mistakes_of_the_page_are_listed_by_line(desk: Desk) -> None:
    desk.file.write_bytes(OLD.replace("example/shipping", "example//shipping").encode())
    desk.decide("continuous-batching")
    page = text_of(visit_page(desk.app, desk.numbers).log_in().read("/digest/2022-12"))
    assert "7 The address can be https://other.example/shipping." in page


def test_a_month_is_closed_waits_and_is_opened_again_on_its_page(desk: Desk) -> None:
    desk.decide("continuous-batching")
    desk.wake(datetime(2023, 1, 2, tzinfo=UTC))
    curator = visit_page(desk.app, desk.numbers).log_in()

    assert "from 5 Jan 2023, 09:00 on, as soon as nothing is undecided" in text_of(curator.read("/digest/2022-12"))
    assert curator.send("/digest/2022-12/wait", until="2023-01-09").status_code == 303
    assert curator.send("/digest/2022-12/close").status_code == 303
    page = text_of(curator.read("/digest/2022-12"))
    assert "9 Jan 2023, 09:00, without what is undecided" in page
    assert "Prints 9 Jan, 09:00 closed" in page
    assert curator.send("/digest/2022-12/wait", until="soon").status_code == 422
    assert curator.send("/digest/2022-12/wait", until="2023-01-01").status_code == 409
    assert "Closed Dec 2022: what is undecided is left out" in text_of(curator.read("/history"))
    curator.send("/digest/2022-12/reopen")
    assert "from 5 Jan 2023, 09:00 on" in text_of(curator.read("/digest/2022-12"))


def test_the_commands_show_the_difference_and_plan_the_print(
    desk: Desk, call_console: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    desk.decide("continuous-batching")
    home = ("--home", str(desk.app.folder))
    assert "no page is set" in call_console(*home, "digest", "page", "2022-12", "--difference").stderr
    assert call_console(*home, "digest", "show", "--page", "--format", "html").returncode == 2
    (desk.app.folder / "feeds.toml").write_text('[digest]\npage = "README.md"\n', encoding="utf-8")

    shown = call_console(*home, "digest", "page", "2022-12", "--difference")
    assert shown.stdout.startswith(f"{desk.file}\n@ ### 2.4. Training, Inference and MLOps\n")
    (told,) = json.loads(call_console(*home, "digest", "page", "2022-12", "--difference", "--json").stdout)["files"]
    assert f"{told['file']}\n{told['difference']}" == shown.stdout
    assert f"+ {BATCHING}" in shown.stdout
    assert desk.page == OLD
    assert call_console(*home, "digest", "page", "2022-12").stdout == f"Changed {desk.file}\n"
    assert len(added(desk.page)) == 1
    again = call_console(*home, "digest", "page", "2022-12")
    assert again.returncode == 1
    assert again.stderr.endswith("aggregator: the page has everything that is approved of Dec 2022\n")
    desk.print_month()
    desk.decide("tensor-parallelism")
    again = call_console(*home, "digest", "print", "2022-12", "--again", "--difference").stdout
    assert re.findall(r"^(?:/.*/|\+ )(README.md|2022-12.md|\* \[\w+)", again, re.MULTILINE) == [
        "2022-12.md",
        "* [Serve",
        "README.md",
        "* [Serve",
    ]
    assert len(added(desk.page)) == 1
    assert call_console(*home, "digest", "print", "2022-12", "--difference").returncode == 2
    assert call_console(*home, "digest", "next", "2022-12").stdout.startswith("Put 1 post into ")
    for _ in range(3):
        history.undo(desk.app)
    closed = call_console(*home, "digest", "close", "2022-12")
    assert closed.stdout == "Dec 2022 is printed 5 Jan 2023, 09:00, without what is undecided\n"
    assert call_console(*home, "digest", "wait", "soon", "2022-12").returncode == 2
    assert "as soon as" in call_console(*home, "digest", "reopen", "2022-12").stdout
