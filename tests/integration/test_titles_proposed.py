"""Titles, organisations and months that are proposed for the lines of posts, after what a home has printed."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from aggregator.pipeline import history, review, titles
from aggregator.pipeline.home import Home
from aggregator.storage.candidates import get_candidate
from aggregator.storage.database import Connection, Database
from aggregator.storage.printed_titles import list_title_pairs
from aggregator.types import Correction, Mark, Month, Proposal, StepKind, TitlePair
from world import FEED, NOW, home_of, make_draft, make_update, store

Run = Callable[..., subprocess.CompletedProcess[str]]


def _store(database: Database, titles: list[str]) -> None:
    drafts = [make_draft(at, title=title, language="en") for at, title in enumerate(titles, 1)]
    store(database, make_update(*drafts, feed=FEED))


def propose(home: Home, post_id: int) -> Proposal:
    with home.reading() as connection:
        return titles.propose(home, get_candidate(connection, post_id))


def test_what_was_corrected_is_proposed_for_the_next_and_no_more_once_it_is_undone(database: Database) -> None:
    _store(database, ["Trying night-by-night queues with Larkspur now", "Why night-by-night queues need Larkspur now"])
    home = home_of(database)
    assert propose(home, 2).title == "Why Night-by-Night Queues Need Larkspur Now"

    correction = Correction(1, "", NOW, title="Trying Night by Night Queues with **Larkspur** Now", organisation="쏘카")
    review.correct(home, 1, correction)

    proposal = propose(home, 2)
    assert proposal.title == "Why Night by Night Queues Need **Larkspur** Now"
    assert [(step.kind, step.before, step.printed) for step in proposal.steps] == [
        (StepKind.PRODUCT, "Larkspur", 1),
        (StepKind.PHRASE, "night-by-night", 1),
        (StepKind.CASE, "Why Night by Night queues need Larkspur now", 0),
    ]
    assert (proposal.organisation, proposal.month) == ("쏘카", Month(2022, 12))
    history.undo(home)
    assert propose(home, 2).title == "Why Night-by-Night Queues Need Larkspur Now"


def test_the_titles_of_many_posts_are_those_of_each_and_what_was_printed_is_read_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    _store(database, ["Trying night-by-night queues now", "Why night-by-night queues wait", "Queues at night"])
    home = home_of(database)
    with home.reading() as connection:
        candidates = [get_candidate(connection, number) for number in (1, 2, 3)]
    each = {one.post.canonical_url: titles.propose(home, one).title for one in candidates}
    asked: list[None] = []

    def note(connection: Connection) -> list[TitlePair]:
        asked.append(None)
        return list_title_pairs(connection)

    monkeypatch.setattr(titles, "list_title_pairs", note)
    assert titles.propose_titles(home, candidates) == each
    assert len(asked) == 1


def test_only_english_is_written_in_title_case_and_only_a_change_has_steps(database: Database) -> None:
    drafts = [
        make_draft(1, title="Warum GPT-4 nachts rechnet", language="de"),
        make_draft(2, title="Why Queues Wait at Night", language="en"),
    ]
    store(database, make_update(*drafts, feed=FEED))
    assert propose(home_of(database), 1).title == f"Warum {Mark.MODEL}GPT-4{Mark.MODEL} nachts rechnet"
    assert propose(home_of(database), 2).steps == ()


PAIRS = [
    {"url": "https://a.example/1", "original": "Queues with Larkspur", "printed": "Queues with **Larkspur**"},
    {"url": "https://a.example/2", "original": "Nights with Larkspur", "printed": "Nights with **Larkspur**"},
    {"url": "https://a.example/3", "original": "Queues at Night", "printed": "Queues at Night"},
    {"url": "https://a.example/4", "original": "A wholly other title", "printed": "Everything Was Said Anew"},
]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "titles.jsonl"
    path.write_text("\n".join(map(json.dumps, PAIRS)), "utf-8")
    return path


@pytest.mark.parametrize(("options", "equal"), [((), 0.75), (("--rules",), 0.25)])
def test_each_title_is_measured_by_what_the_others_teach(
    call_console: Run, data: Path, options: tuple[str, ...], equal: float
) -> None:
    done = call_console("evaluate", "titles", "--data", str(data), "--json", *options)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {
        "n": 4, "equal_share": equal, "baseline_share": 0.25, "closer_share": equal - 0.25,
    }  # fmt: skip


def test_a_person_is_shown_what_was_proposed_otherwise(call_console: Run, data: Path) -> None:
    said = call_console("evaluate", "titles", "--data", str(data), "--misses").stdout
    assert "4 titles: proposed as printed 0.75, printed as they came 0.25, brought closer 0.50" in said
    assert " proposed  A Wholly Other Title\n  printed  Everything Was Said Anew" in said


@pytest.mark.parametrize(
    ("text", "message"),
    [('{"original": "x"}', "line 1: printed: None is not a title"), ("", "has no posts"), ("x", "line 1: is not JSON")],
)
def test_a_bad_file_is_told_with_its_line(call_console: Run, data: Path, text: str, message: str) -> None:
    data.write_text(text, "utf-8")
    done = call_console("evaluate", "titles", "--data", str(data))
    assert (done.returncode, done.stdout) == (1, "")
    assert message in done.stderr
