"""A list that was adopted, whose feeds were visited: the command and the page say what would have been proposed of it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

from aggregator.adopt.sketch import Page
from aggregator.app import App, open_app
from aggregator.config import load_config
from aggregator.config.document import change_settings
from aggregator.evaluate.own_list import replay_issues
from aggregator.pipeline.adopting import import_lines, propose_pages, write_home
from aggregator.pipeline.own_list import ask, find_answer, keep_answer, read_answer
from aggregator.rank.ranking import Ranking
from aggregator.storage.candidates import list_given
from aggregator.storage.feeds import list_feed_states
from aggregator.storage.updates import apply_updates
from aggregator.types import Month
from clock import Clock
from world import make_draft, make_update, text_of, visit_page

ADDRESS = "https://netflixtechblog.com/2022"
LETTER = f"""# The Data Letter

## Streams
* [Post 11-02 (Nov 2022)]({ADDRESS}/11-02)
* [Post 12-01 (Dec 2022)]({ADDRESS}/12-01)
* [Flink state (Dec 2022)](https://flink.example/state)

## Tables
* [Post 11-05 (Nov 2022)]({ADDRESS}/11-05)
* [Post 12-06 (Dec 2022)]({ADDRESS}/12-06)
* [Early (Jan 2022)]({ADDRESS}/01-01)
"""


def test_what_was_printed_of_an_issue_does_not_change_its_order(
    tmp_path: Path, clock: Clock, spare_start: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through the store: with other lines in December, the same posts come in the same order."""
    ranked: list[dict[Month, Ranking]] = []

    def replay(*given: Any, **options: Any) -> dict[Month, Ranking]:
        ranked.append(replay_issues(*given, **options))
        return ranked[-1]

    monkeypatch.setattr("aggregator.evaluate.own_list.replay_issues", replay)
    orders = []
    for chosen in ((1, 6), (3, 4)):
        lines = [(11, 1, "Streams"), (11, 5, "Tables"), (12, chosen[0], "Streams"), (12, chosen[1], "Tables")]
        letter = "# The Data Letter\n" + "".join(
            f"\n## {topic}\n"
            + "".join(f"* [Post {m}-{n:02} ({m}/2022)]({ADDRESS}/{m}-{n:02})\n" for m, n, of in lines if of == topic)
            for topic in ("Streams", "Tables")
        ).replace("11/2022", "Nov 2022").replace("12/2022", "Dec 2022")
        proposal = propose_pages([Page("letter.md", letter)], {}, ZoneInfo("Asia/Seoul"))
        home = tmp_path / str(chosen[0])
        home.mkdir()
        write_home(home, proposal.feeds_toml)
        spare_start(home)
        with open_app(load_config({}, home=home), clock=clock) as app:
            import_lines(app, proposal.adoption)
            # Nothing was said of earlier months, many posts are of one day, and of December only lines are read.
            give(app, {(11, n) for n in range(8)} | {(12, n) for n in chosen})
            answer = find_answer(app.database, ask(app, first=3))
            assert (answer.tested, answer.is_unread) == (4, True)
            with app.reading() as connection:
                titles = {
                    each.post.id: each.post.title for m in (11, 12) for each in list_given(connection, Month(2022, m))
                }
        orders.append({month: [titles[one.post_id] for one in each.scores] for month, each in ranked[-1].items()})
    assert orders[0] == orders[1]
    assert [len(each) for each in orders[0].values()] == [8, 8]


def give(app: App, read: Collection[tuple[int, int]]) -> None:
    """What the feed of the list gives: eight posts of November and of December, of which some are read."""
    with app.reading() as connection:
        (state,) = list_feed_states(connection)
    drafts = [
        make_draft(
            0,
            canonical_url=f"{ADDRESS}/{month}-{n:02}",
            url=f"{ADDRESS}/{month}-{n:02}",
            title=f"Post {month}-{n:02}",
            published_at=datetime(2022, month, 1 + n // 4, tzinfo=UTC),
            month=Month(2022, month),
            feed_key=state.feed.key,
            **{"is_read": True, "words": 900} if (month, n) in read else {"is_read": False, "text": "", "words": 0},
        )
        for month in (11, 12)
        for n in range(8)
    ]
    with app.database.writing() as connection:
        apply_updates(connection, [make_update(*drafts, feed=state.feed)])


def test_the_answer_on_an_adopted_list(
    tmp_path: Path,
    clock: Clock,
    spare_start: Callable[[Path], None],
    call_console: Callable[..., subprocess.CompletedProcess[str]],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("aggregator.pipeline.own_list.run_apart", lambda stopping, function, *args: function(*args))
    proposal = propose_pages([Page("letter.md", LETTER)], {}, ZoneInfo("Asia/Seoul"))
    home = tmp_path / "home"
    home.mkdir()
    write_home(home, change_settings(proposal.feeds_toml, {"server": {"hosts": ["testserver"]}}))
    spare_start(home)
    with open_app(load_config({}, home=home), clock=clock) as app:
        import_lines(app, proposal.adoption)
        give(app, {(month, n) for month in (11, 12) for n in range(8)})
        page = visit_page(app, {}).log_in()
        assert "Test the last issues" in page.read("/figures/list")
        page.read("/figures/list/picture.svg", 404)
        keep_answer(app, app.list_tester.test())
        answer = read_answer(app)
        assert answer is not None
        # All eight posts of a month are fewer than 40.
        assert answer.count_left() == {
            "feeds gave so few posts of its month that all would have been proposed": 4,
            "nobody follows its site": 1,
            "it is older than what its feed still gives": 1,
        }
        shown = text_of(page.read("/figures/list"))
        assert "0 of 6 lines could be tested" in shown
        assert "flink.example (1)" in shown
        assert page.client.get("/figures/list/picture.svg").headers["content-type"] == "image/svg+xml"
        assert page.send("/figures/list/test").headers["location"] == "/figures/list"
        app.list_tester.stop()

    # What was logged so far.
    capfd.readouterr()
    picture = tmp_path / "answer.svg"
    told = call_console("--home", str(home), "evaluate", "list", "--first", "3", "--json", "--picture", str(picture))
    found = json.loads(told.stdout)
    assert (found["lines"], found["tested"], found["first"]) == (6, 4, 3)
    assert [(each["month"], each["candidates"], each["tested"]) for each in found["issues"]] == [
        ("2022-12", 8, 2),
        ("2022-11", 8, 2),
        ("2022-01", 0, 0),
    ]
    assert found["in_first_by_chance"] == pytest.approx(4 * 3 / 8)
    # Four posts are of one day: 12-06 stands on the third place, 12-01 on the sixth.
    assert sorted(line["newest_first"] for line in found["issues"][0]["placed"]) == [3, 6]
    assert found["not_followed"] == [{"place": "flink.example", "lines": 1, "wall": None}]
    assert {"axis": "topic", "key": "tables", "examples": 3, "needed": 20} in found["too_few"]
    assert ElementTree.parse(picture).getroot().tag.endswith("svg")
    said = call_console("--home", str(home), "evaluate", "list", "--first", "3").stdout
    assert "4 of 6 lines could be tested." in said
