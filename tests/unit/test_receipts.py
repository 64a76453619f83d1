"""A page and its receipts: what agrees, what a hand has changed, and the form of the file."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.digest.drafting.kept import find_share, list_marks
from aggregator.digest.receipts.form import EvidenceForm, NoteForm, Receipts, read_receipts, sum_up, write_receipts
from aggregator.digest.receipts.verify import DifferenceKind, Found, verify_page
from aggregator.exceptions import DigestError
from aggregator.pipeline.receipts import take_evidence
from aggregator.shipped import SHIPPED
from aggregator.storage.receipts import Copied, NoteDraft, Traces
from aggregator.types import (
    Decision,
    Ground,
    Line,
    LinkCheck,
    LinkState,
    Month,
    Placement,
    Score,
    Verdict,
)
from aggregator.words.receipts import list_differences
from world import NOW, make_candidate, make_post

DOCS = Path(__file__).parents[2] / "docs"
AT = datetime(2026, 12, 5, tzinfo=UTC).isoformat()
ONE = "* [One (Nov 2026, Acme)](https://a.example/1): a note\n  * nested"
TWO = "* [Two (Oct 2026)](https://a.example/2)"
THREE = "* [Three (Nov 2026)](https://a.example/3)"
HEAD = "# Posts\n\n## 1. Research\n### 1.1. CV\n"
PAGE = f"{HEAD}{ONE}\n{TWO}\n\n### 1.2. NLP\n{THREE}\n"


def describe(text: str, section: str = "1.1", **changes: Any) -> dict[str, Any]:
    title, _, rest = text.removeprefix("* [").partition(" (")
    evidence = {
        "origin": {"kind": "feed", "feed": None, "roundup": None, "first_seen_at": AT},
        "copies": [],
        "date": {"published_at": AT, "source": "published", "confidence": "sure", "said": None},
        "link": None,
        "machine": dict.fromkeys(("rank", "ground", "model", "section", "probability")) | {"proposed": True},
        "approved": {"by": "mina", "at": AT},
        "note": None,
    }
    return {
        "url": rest.partition("](")[2].partition(")")[0],
        "title": title,
        "section": section,
        "part": "research",
        "topic": {"1.1": "cv", "1.2": "nlp"}[section],
        "text": text,
        "sha256": sum_up(text),
        "page": "README.md",
        "page_text": None,
        "taken_at": AT,
        "evidence": evidence,
        "changes": [],
    } | changes


def make(*lines: dict[str, Any], month: str = "2026-11", page: str = PAGE, **changes: Any) -> Found:
    made = {
        "what": "receipts",
        "form": 1,
        "program": "0.1.0",
        "month": month,
        "state": "printed",
        "made_at": AT,
        "curator": "mina",
        "file": {"name": f"{month}.md", "sha256": sum_up(page)},
        "parts": [{"key": "research", "heading": "Research"}, {"key": "aws", "heading": "AWS"}],
        "topics": [{"key": "cv", "heading": "CV"}, {"key": "nlp", "heading": "NLP"}],
        "funnel": {"entries": 9, "posts": 8, "proposed": 5, "looked_at": 4, "chosen": 3, "printed": len(lines)},
        "lines": list(lines),
    }
    return Found(Path(f"/digest/{month}.receipts.json"), Receipts.model_validate(made | changes))


FOUND = make(describe(ONE), describe(TWO), describe(THREE, "1.2"))
OWN, CUMULATIVE = Path("/digest/2026-11.md"), Path("/digest/README.md")


def compare(page: str, file: Path = OWN, *found: Found) -> list[tuple[str, int | None]]:
    return [(one.kind.value, one.number) for one in verify_page(file, page, found or (FOUND,)).differences]


@pytest.mark.parametrize(
    ("page", "differences"),
    [
        (PAGE, []),
        (PAGE.replace("\n", "\r\n"), []),
        (PAGE.replace("a note", "another"), [("changed", 5)]),
        (PAGE.replace("  * nested", "  * nested\n  * paid"), [("changed", 5)]),
        (PAGE.replace("a.example/2", "b.example/2"), [("changed", 7)]),
        (PAGE.replace(f"{TWO}\n", ""), [("missing", None)]),
        (PAGE.replace(TWO, f"{TWO}\n* [Paid](https://ad.example/)"), [("without receipt", 8)]),
        (PAGE.replace(TWO, f"{TWO}\n{TWO}"), [("without receipt", 8)]),
        (f"{HEAD}{TWO}\n{ONE}\n\n### 1.2. NLP\n{THREE}\n", [("order", 6)]),
        (f"{HEAD}{ONE}\n\n### 1.2. NLP\n{TWO}\n{THREE}\n", [("section", 9)]),
        (PAGE.replace("# Posts", "# Paid Posts"), [("around", None)]),
        ("# Posts\n", [("missing", None)] * 3),
    ],
)
def test_a_page_of_a_month_is_as_its_receipts_say_or_the_line_is_named(
    page: str, differences: list[tuple[str, int | None]]
) -> None:
    assert compare(page) == differences


def test_on_a_cumulative_page_what_is_not_known_is_not_a_difference() -> None:
    old = "* [Old (Jan 2020)](https://a.example/old)"
    page = PAGE.replace("# Posts", "# My Posts").replace(TWO, f"{TWO}\n{old}\n* [Undated](https://a.example/undated)")
    verified = verify_page(CUMULATIVE, page, [FOUND])
    assert (verified.differences, verified.agreeing, verified.unknown) == ((), 3, 2)
    assert compare(page.replace("Jan 2020", "Nov 2026"), CUMULATIVE) == [("without receipt", 8)]


def test_lines_of_other_pages_and_months_are_not_missed() -> None:
    other = make(describe("* [Far (Dec 2026)](https://a.example/far)", page="OTHER.md"), month="2026-12")
    assert compare(PAGE, CUMULATIVE, other, FOUND) == []
    copied = Path("/copied/page.md")
    assert compare(PAGE, copied, other, FOUND) == []
    assert compare("# Posts\n", copied, other) == [("missing", None)]
    assert [one.month for one in verify_page(copied, PAGE, [other, FOUND], are_chosen=True).differences] == ["2026-12"]


def test_a_mended_line_agrees_on_the_page_that_was_mended() -> None:
    mended = TWO.replace("Two", "Too")
    change = {"kind": "mend", "at": AT, "text": TWO, "sha256": sum_up(TWO), "section": "1.1"}
    found = make(describe(ONE), describe(TWO, page_text=mended, changes=[change]), describe(THREE, "1.2"))
    assert compare(PAGE.replace(TWO, mended), CUMULATIVE, found) == []
    assert compare(PAGE, OWN, found) == []
    assert compare(PAGE, CUMULATIVE, found) == [("changed", 7)]


def test_parts_and_topics_that_are_numbered_anew_leave_a_line_in_its_section() -> None:
    turned = [{"key": "nlp", "heading": "NLP"}, {"key": "cv", "heading": "CV"}]
    later = make(describe("* [Far (Dec 2026)](https://a.example/far)", "1.2"), month="2026-12", topics=turned)
    page = f"# Posts\n\n## 1. Research\n### 1.1. NLP\n{later.receipts.lines[0].text}\n{THREE}\n\n### 1.2. CV\n{ONE}\n{TWO}\n"
    assert compare(page, CUMULATIVE, FOUND, later) == []


def test_a_receipt_that_was_changed_is_named() -> None:
    forged = TWO.replace("Two", "Paid")
    found = make(describe(ONE), describe(forged, sha256=sum_up(TWO)), describe(THREE, "1.2"))
    page = PAGE.replace(TWO, forged)
    kinds = [one.kind for one in verify_page(CUMULATIVE, page, [found]).differences]
    assert kinds == [DifferenceKind.RECEIPT]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"form": 2}, "has form 2; this version reads up to 1"),
        ({"month": "2026-13"}, "2026-13"),
        ({"lines": [{"url": 1}]}, r"lines\.0\.url"),
        ({"parts": []}, "parts"),
        ({"topics": [{"key": str(number), "heading": ""} for number in range(10)]}, "topics"),
        ({"lines": [describe(ONE, page="a\0b")]}, r"lines\.0\.page"),
        ({"month": "٢٠٢٦-١١"}, "month"),
    ],
)
def test_a_file_that_is_not_one_of_receipts_is_refused_by_its_key(change: dict[str, Any], message: str) -> None:
    text = json.dumps(json.loads(write_receipts(FOUND.receipts)) | change)
    with pytest.raises(DigestError, match=message):
        read_receipts(text, "some.receipts.json")
    with pytest.raises(DigestError, match=r"some\.receipts\.json"):
        read_receipts("{", "some.receipts.json")


def test_what_a_terminal_would_obey_is_not_shown() -> None:
    page = PAGE.replace("a note", "\x1b[2Ka \u202enote")
    (said,) = list_differences(OWN, verify_page(OWN, page, [FOUND]))
    assert said == f"{OWN}:5: this line was changed by hand since it was printed\n" + "\n".join(
        [
            *(f"- {line}" for line in ONE.split("\n")),
            *(f"+ {line}" for line in ONE.replace(": a", ": [2Ka").split("\n")),
        ]
    )

    strange = make(describe(ONE) | {"section": "\x1b[2K9.9", "part": "gone"}, describe(TWO), describe(THREE, "1.2"))
    (said,) = list_differences(OWN, verify_page(OWN, PAGE, [strange]))
    assert said == f"{OWN}:5: this line stands in section 1.1 and was printed in [2K9.9"


def test_a_page_that_a_file_system_would_refuse_is_another_page() -> None:
    strange = make(describe("* [Far (Dec 2026)](https://a.example/far)", page="x" * 300), month="2026-12")
    assert compare(PAGE, CUMULATIVE, FOUND, strange) == []


def test_what_is_written_is_read_and_later_fields_are_ignored() -> None:
    text = json.dumps(json.loads(write_receipts(FOUND.receipts)) | {"later": 1})
    assert read_receipts(text, "") == FOUND.receipts


def test_the_documents_have_every_field() -> None:
    schema = Receipts.model_json_schema()
    assert json.loads((DOCS / "receipts.schema.json").read_text("utf-8")) == schema
    told = (DOCS / "receipts.md").read_text("utf-8")
    named = [name for form in (schema, *schema["$defs"].values()) for name in form["properties"]]
    assert [name for name in named if f"`{name}`" not in told] == []


@pytest.mark.parametrize(
    ("note", "share"),
    [
        ("The scheduler is open source, and was measured.", "all"),
        ("THE SCHEDULER is  open source: and was measured", "all"),
        ("Worth it: the scheduler is open source.", "some"),
        ("The scheduler is closed source", "none"),
        ("스케줄러를 직접 만든 이야기", "none"),
        ("", "none"),
    ],
)
def test_a_note_has_some_of_a_draft_by_runs_of_four_words(note: str, share: str) -> None:
    assert find_share(note, list_marks("The scheduler is open source, and was measured.")) == share


LINE = Line(
    SHIPPED.parse_section("2.4"),
    "One",
    "https://tech.haneul.example/1",
    Month(2022, 12),
    "하늘상점",
    ": the scheduler is open source",
)
FEED_URL = "https://mina:secret@feed.example/all.xml?token=abcdef&page=1"
TRACES = Traces(
    feeds={"haneul": ("Haneul", FEED_URL)},
    copies={
        1: [Copied("https://copy.example/1?token=abcdef", "haneul", NOW), Copied("https://gone.example/1", "gone", NOW)]
    },
    said={1: "Thu, 1 Dec 2022"},
    roundups={1: "Import AI 210"},
    read={1: (NOW, 200)},
    drafts={1: [NoteDraft(1, NOW, "tiny", list_marks("the scheduler is open source"))]},
)


def take(
    traces: Traces = TRACES, check: LinkCheck | None = None, *, feed_key: str | None = "haneul", **changes: Any
) -> EvidenceForm:
    candidate = make_candidate(post=make_post(1, feed_key=feed_key), **changes)
    return take_evidence(candidate, LINE, traces, check, curator="mina")


def test_evidence_tells_feeds_and_copies_without_their_secrets() -> None:
    evidence = take()
    assert (evidence.origin.kind, evidence.origin.roundup) == ("feed", "Import AI 210")
    assert evidence.origin.feed
    assert evidence.origin.feed.url == "https://feed.example/all.xml?token=***&page=1"
    assert [(copy.url, copy.feed and copy.feed.key) for copy in evidence.copies] == [
        ("https://copy.example/1?token=***", "haneul"),
        ("https://gone.example/1", None),
    ]
    assert "abcdef" not in evidence.model_dump_json()
    assert take(added_by="mina").origin.kind == "added by hand"
    assert take(feed_key=None).origin.kind == "round-up"
    for sent_at, kind in ((NOW - timedelta(days=90), "suggested by a reader"), (NOW + timedelta(1), "feed")):
        assert take(replace(TRACES, suggested={1: sent_at})).origin.kind == kind
    assert take(Traces(feeds={}), feed_key=None).origin.kind == "not known"


def test_evidence_names_the_curator_alone_and_only_an_approval() -> None:
    def approve(by: str, decision: Decision = Decision.APPROVE) -> str | None:
        approved = take(verdict=Verdict(1, decision, by, NOW)).approved
        return approved and (approved.by or "somebody")

    assert [approve("mina"), approve("a script"), approve("mina", Decision.HOLD)] == ["mina", "somebody", None]


def test_evidence_of_the_date_the_link_and_the_machine() -> None:
    score = Score(1, (), rank=41, placement=Placement(Ground.SOURCE, "haneul", 4, 3))
    evidence = take(score=score)
    assert (evidence.date.source, evidence.date.confidence, evidence.date.said) == (
        "published",
        "fair",
        "Thu, 1 Dec 2022",
    )
    assert (evidence.machine.rank, evidence.machine.proposed, evidence.machine.ground) == (41, False, "source")
    assert (evidence.machine.model, evidence.machine.section) == ("test", "business/mlops")
    assert evidence.link
    assert (evidence.link.state, evidence.link.status) == ("reached", 200)
    moved = LinkCheck(LINE.url, NOW, LinkState.MOVED, NOW, 301, "https://new.example/?key=abcdef")
    assert (found := take(check=moved).link)
    assert (found.state, found.target) == ("moved", "https://new.example/?key=***")
    assert take(Traces(feeds={})).link is None


def test_evidence_of_a_note_says_what_a_machine_drafted_or_that_nobody_knows() -> None:
    assert take().note == NoteForm(drafted="all", models=["tiny"])
    assert take(Traces(feeds={})).note == NoteForm(drafted="none", models=[])
    assert take(Traces(feeds={}, undrafted={1})).note == NoteForm(drafted=None, models=[])
