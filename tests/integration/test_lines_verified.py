"""Each printed line has a receipt beside its page, which follows all that the program does; a hand's change is found."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.app import App
from aggregator.digest.receipts.form import Receipts, read_receipts
from aggregator.digest.receipts.verify import DifferenceKind, Found, Verified, verify_page
from aggregator.exceptions import DigestError
from aggregator.pipeline import corrections, history, mending, publish, review
from aggregator.shipped import SHIPPED
from aggregator.storage.links import save_check
from aggregator.storage.readers import add_suggestion, note_look
from aggregator.storage.receipts import NoteDraft, add_draft
from aggregator.types import Correction, Decision, DigestState, LinkCheck, LinkState, Month, Suggestion
from clock import Clock
from world import FEEDS, MONTH, NOW, SAMPLES, Sample, fill

OLD = """\
# Posts

## 2. Business Cases and Implementations
### 2.4. Training, Inference and MLOps
* [Shipping Models (Sep 2022)](https://other.example/shipping)
"""


YEAR = [
    Sample(
        f"Post of 2023-{month:02}",
        "northwind",
        f"of-{month}",
        section=SHIPPED.parse_section("2.4"),
        month=Month(2023, month),
    )
    for month in range(1, 13)
]


class Desk:
    """A curator with a page, and readers who verify it."""

    def __init__(self, app: App, clock: Clock, samples: Sequence[Sample] = SAMPLES) -> None:
        self.app, self.clock, self.numbers = app, clock, fill(app, samples)
        self.page, self.own = app.folder / "README.md", app.digest_folder / f"{MONTH}.md"
        self.file = app.digest_folder / f"{MONTH}.receipts.json"
        self.page.write_bytes(OLD.encode())

    def approve(self, path: str, **fields: Any) -> None:
        number = self.numbers[path]
        correction = Correction(number, "", self.app.now, **fields) if fields else None
        review.decide(self.app, number, Decision.APPROVE, correction=correction)

    def print_month(self, *, again: bool = False) -> None:
        publish.make_digest(self.app, MONTH, DigestState.PRINTED, again=again)

    def wait(self) -> None:
        self.clock.now += timedelta(hours=1)

    def read(self) -> Receipts:
        return read_receipts(self.file.read_text("utf-8"), str(self.file))

    def verify(self, page: Path | None = None) -> Verified:
        page = page or self.page
        return verify_page(page, page.read_bytes().decode(), [Found(self.file, self.read())])

    def agrees(self) -> bool:
        return not any(self.verify(page).differences for page in (self.own, self.page) if page.exists())


@pytest.fixture
def desk(make_app: Callable[..., App], clock: Clock) -> Desk:
    return Desk(make_app(FEEDS, digest={"page": "README.md", "errata": "head"}), clock)


def test_a_receipt_tells_how_its_line_came_to_be_there(desk: Desk) -> None:
    with desk.app.database.writing() as connection:
        add_draft(connection, NoteDraft(desk.numbers["실시간-추천"], desk.app.now, "small-model", frozenset()))
        suggestion = Suggestion("https://a.example/", "https://a.example/", desk.app.now - timedelta(days=90))
        number = add_suggestion(connection, suggestion, "hash")
        note_look(connection, number, post_id=desk.numbers["실시간-추천"], retry_at=None, trouble=None)
    desk.approve("continuous-batching")
    desk.approve("실시간-추천", note="두 단계로 찾는다")
    review.decide(desk.app, desk.numbers["feature-stores"], Decision.REJECT, reason="shallow")
    desk.print_month()

    made = desk.read()
    assert (made.state, made.month, made.curator, made.file and made.file.name) == (
        "printed", "2022-12", "curator", "2022-12.md"
    )  # fmt: skip
    assert made.funnel.model_dump() == {
        "entries": 10, "posts": 10, "proposed": 5, "looked_at": 3, "chosen": 2, "printed": 2
    }  # fmt: skip
    recsys, batching = made.lines
    assert (batching.section, batching.part, batching.topic) == ("2.4", "business", "mlops")
    assert batching.text in desk.own.read_text("utf-8").split("\n")
    assert batching.page == "../README.md"
    evidence = batching.evidence
    assert (evidence.origin.kind, evidence.origin.feed and evidence.origin.feed.key) == ("feed", "northwind")
    assert recsys.evidence.origin.kind == "suggested by a reader"
    assert (evidence.machine.rank, evidence.machine.proposed, evidence.machine.section) == (
        1, True, "business/mlops"
    )  # fmt: skip
    assert evidence.approved
    assert evidence.approved.by == "curator"
    assert (evidence.date.source, evidence.date.said) == ("published", "2022-12-14T03:00:00+00:00")
    assert (evidence.note, recsys.evidence.note and recsys.evidence.note.drafted) == (None, "none")
    assert desk.agrees()
    assert desk.verify().unknown == 1, "the line of September, which has no receipts"


def test_what_a_hand_changes_is_found(
    desk: Desk, call_console: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    for path in ("continuous-batching", "실시간-추천", "sparse-experts"):
        desk.approve(path)
    desk.print_month()
    page = desk.page.read_text("utf-8")
    (batching,) = [line.text for line in desk.read().lines if line.topic == "mlops"]
    (recsys,) = [line.text for line in desk.read().lines if line.topic == "recsys"]
    by_hand = batching.replace("60%", "90%")
    page = page.replace(f"{recsys}\n", "").replace(batching, f"{by_hand}\n* [Paid (Dec 2022)](https://ad.example/)")
    desk.page.write_text(page, "utf-8")

    differences = desk.verify().differences
    assert [(one.kind, one.old, one.new) for one in differences] == [
        (DifferenceKind.MISSING, recsys, ""),
        (DifferenceKind.CHANGED, batching, by_hand),
        (DifferenceKind.WITHOUT_RECEIPT, "", "* [Paid (Dec 2022)](https://ad.example/)"),
    ]
    called = call_console("verify", str(desk.page))
    assert (called.returncode, called.stdout.split("\n")[:2]) == (
        1,
        [
            "1 line agrees with its receipt.",
            "1 line is of a month without receipts: nothing is known of it here.",
        ],
    )
    assert f":11: this line was changed by hand since it was printed\n- {batching}\n+ {by_hand}\n" in called.stdout
    told = call_console("verify", str(desk.own), "--receipts", str(desk.file), "--json")
    assert (told.returncode, json.loads(told.stdout)["agrees"], json.loads(told.stdout)["agreeing"]) == (0, True, 3)


def test_receipts_follow_prints_corrections_mends_and_their_undo(desk: Desk) -> None:
    app = desk.app
    desk.approve("continuous-batching")
    publish.add_to_page(app, MONTH)
    assert (desk.read().state, desk.read().file) == ("open", None)
    assert desk.agrees()
    desk.wait()
    desk.approve("feature-stores", title="What  Feature Stores Taught Me")
    desk.print_month()
    assert desk.agrees()
    first = desk.file.read_bytes()

    desk.wait()
    desk.approve("continuous-batching", note="with figures")
    desk.print_month(again=True)
    (change,) = next(line for line in desk.read().lines if "figures" in line.text).changes
    assert (change.kind, change.at, "figures" in change.text) == ("printed again", app.now, False)
    assert desk.agrees()

    desk.wait()
    url = next(line.url for line in desk.read().lines if "figures" in line.text)
    with app.database.writing() as connection:
        save_check(connection, LinkCheck(url, app.now, LinkState.MOVED, app.now, 200, "https://new.example/batching"))
    corrections.put_right(app, url)
    assert [change.kind for line in desk.read().lines for change in line.changes] == ["printed again", "erratum"]
    assert desk.agrees()

    desk.wait()
    with app.reading() as connection:
        plan = mending.plan_mend(app, connection, MONTH.shift(1), mending.ALL)
    mending.mend_page(app, MONTH.shift(1), mending.ALL, mark=plan.mark)
    (mended,) = [line for line in desk.read().lines if line.page_text]
    assert (mended.text, mended.page_text) == (mended.changes[-1].text, mended.text.replace("  ", " "))
    assert desk.agrees()
    assert {receipt.url for _, receipt in desk.verify().corrected} == {mended.url, "https://new.example/batching"}

    for _ in ("the mend", "the erratum", "the second print"):
        history.undo(app)
        assert desk.agrees()
        history.redo(app)
        assert desk.agrees()
        history.undo(app)
    history.undo(app)
    assert desk.file.read_bytes() == first, "the note"
    history.undo(app)
    assert (desk.read().state, desk.agrees()) == ("open", True)
    assert [line.section for line in desk.read().lines] == ["2.4"]


def test_a_line_that_is_mended_and_then_corrected_agrees(desk: Desk) -> None:
    desk.approve("feature-stores", title="What  Feature Stores Taught Me")
    desk.print_month()
    (line,) = desk.read().lines
    desk.wait()
    with desk.app.reading() as connection:
        plan = mending.plan_mend(desk.app, connection, MONTH.shift(1), mending.ALL)
    mending.mend_page(desk.app, MONTH.shift(1), mending.ALL, mark=plan.mark)
    desk.wait()
    with desk.app.database.writing() as connection:
        moved = LinkCheck(line.url, desk.app.now, LinkState.MOVED, desk.app.now, 200, "https://new.example/stores")
        save_check(connection, moved)
    corrections.put_right(desk.app, line.url)
    (line,) = desk.read().lines
    assert [change.kind for change in line.changes] == ["mend", "erratum"]
    assert line.page_text == line.text.replace("  ", " ")
    assert desk.agrees()


def test_a_line_that_gets_its_words_back_or_another_section_says_when(desk: Desk) -> None:
    other = SHIPPED.parse_section("2.3")
    for fields in ({}, {"note": "with figures"}, {"note": ""}, {"section": other}):
        desk.approve("continuous-batching", **fields)
        desk.print_month(again=bool(fields))
        desk.wait()
    (line,) = desk.read().lines
    assert [(change.section, "figures" in change.text) for change in line.changes] == [
        ("2.4", False), ("2.4", True), ("2.4", False)
    ]  # fmt: skip
    assert (line.section, desk.agrees()) == ("2.3", True)
    history.undo(desk.app)
    history.undo(desk.app)
    assert [len(line.changes) for line in desk.read().lines] == [2]


def test_an_undo_invents_no_evidence_of_what_was_printed_without(desk: Desk) -> None:
    desk.approve("continuous-batching")
    desk.print_month()
    with desk.app.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM receipts")
    desk.wait()
    desk.approve("continuous-batching", note="with figures")
    desk.print_month(again=True)
    assert len(desk.read().lines) == 1
    history.undo(desk.app)
    assert not desk.file.exists()


def test_a_note_from_before_drafts_were_noted_stays_unknown_when_it_is_edited(desk: Desk) -> None:
    desk.approve("continuous-batching", note="old words")
    with desk.app.database.writing() as connection:
        connection.exec_driver_sql("UPDATE corrections SET drafts_known = false")
    desk.approve("continuous-batching", note="old words, and newer ones")
    desk.print_month()
    note = desk.read().lines[0].evidence.note
    assert note
    assert note.drafted is None


def test_what_is_taken_back_has_no_receipts_and_a_redo_brings_them_back(desk: Desk) -> None:
    desk.approve("continuous-batching")
    desk.print_month()
    first = desk.file.read_bytes()
    desk.wait()
    history.undo(desk.app)
    assert not desk.file.exists()
    history.redo(desk.app)
    assert desk.file.read_bytes() == first


def test_the_receipts_of_a_year_are_verified_together(make_app: Callable[..., App], clock: Clock) -> None:
    digest = {"page": "README.md", "month_file": "digests/{year}/{month:02}.md"}
    desk = Desk(make_app(FEEDS, digest=digest), clock, YEAR)
    for sample in YEAR:
        clock.now = max(NOW, datetime(2023, sample.month.month, 28, 12, tzinfo=UTC))
        desk.approve(sample.path)
        publish.make_digest(desk.app, sample.month, DigestState.PRINTED)
    files = sorted((desk.app.digest_folder / "2023").glob("*.receipts.json"))
    found = [Found(file, read_receipts(file.read_text("utf-8"), str(file))) for file in files]

    def verify(some: Sequence[Found]) -> Verified:
        return verify_page(desk.page, desk.page.read_text("utf-8"), some)

    assert (verify(found).agreeing, verify(found).unknown, verify(found).differences) == (12, 1, ())
    assert (verify(found[6:]).agreeing, verify(found[6:]).unknown, verify(found[6:]).differences) == (6, 7, ())
    desk.page.write_text(desk.page.read_text("utf-8").replace("Post of 2023-04", "Post of mine"), "utf-8")
    (difference,) = verify(found).differences
    assert (difference.kind, difference.month, difference.number) == (DifferenceKind.CHANGED, "2023-04", 13)


def test_they_are_off_by_a_setting(make_app: Callable[..., App], clock: Clock) -> None:
    desk = Desk(make_app(FEEDS, digest={"receipts": False}), clock)
    desk.approve("continuous-batching")
    desk.print_month()
    assert not desk.file.exists()
    with pytest.raises(DigestError, match="no receipts were found"):
        verify_page(desk.own, desk.own.read_text("utf-8"), [])
