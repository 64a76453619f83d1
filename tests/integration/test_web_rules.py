"""The page of rules, what rules do to the queue, the page of all that was taught, and the commands."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from aggregator.app import App
from aggregator.cli import main
from aggregator.pipeline import duplicates, follow, history, search, weights
from aggregator.storage import tables
from aggregator.storage.rules import list_rules
from aggregator.types import Rule, RuleState
from world import FEEDS, MONTH, Curator, fill, text_of, visit_page

MUTE = {"trait": "words", "sought": "batches", "act": "mute"}
MOVE = {"trait": "address", "sought": "lumen.example/sparse-experts", "act": "section", "section": "2.4"}
RAISE = {"trait": "pattern", "sought": "^what .* taught", "act": "points", "points": "−1.5"}


@pytest.fixture
def curator(make_app: Callable[..., App]) -> Curator:
    app = make_app((*FEEDS[:-1], replace(FEEDS[-1], tags=("ml",))))
    return visit_page(app, fill(app)).log_in()


def list_stored(curator: Curator) -> list[Rule]:
    with curator.app.reading() as connection:
        return list_rules(connection)


def test_a_preview_says_what_a_rule_would_have_touched_and_stores_nothing(curator: Curator) -> None:
    page = curator.send("/rules/preview", **MUTE).text
    assert "It would have touched 1 post in 90 days, 0 of them printed. It would be muted." in text_of(page)
    assert "Cutting Serving Cost by 60% with Continuous Batching" in page
    assert 'name="sought" value="batches"' in page
    assert 'role="alert"' not in page
    assert list_stored(curator) == []
    nothing = curator.send("/rules/preview", **MUTE | {"scope": "tag:ml"}).text
    assert "It would not have touched any post in 90 days." in text_of(nothing)


def test_a_mistake_stands_at_its_field_and_nothing_is_lost(curator: Curator) -> None:
    answer = curator.send("/rules", **RAISE | {"sought": "(?=x)"})
    assert answer.status_code == 422
    assert "Not a pattern that can be used: invalid perl operator: (?=." in text_of(answer.text)
    assert 'value="(?=x)"' in answer.text
    for field, wrong in (("points", "much"), ("act", "burn"), ("trait", "smell"), ("scope", "feed:nobody")):
        assert f'id="mistake-{field}"' in curator.send("/rules", **RAISE | {field: wrong}).text
    assert 'id="mistake-section"' in curator.send("/rules", **MOVE | {"section": "9.9"}).text
    assert list_stored(curator) == []


def test_a_muted_post_leaves_the_views_of_the_queue_but_its_own(curator: Curator) -> None:
    curator.app.judge.rank([MONTH])
    before = {show: curator.list_shown(f"/queue/2022-12?show={show}") for show in ("shortlist", "undecided", "all")}
    assert "Muted" not in text_of(curator.read("/queue/2022-12"))
    answer = curator.send("/rules", **MUTE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/rules?done=saved")

    for show, shown in before.items():
        assert set(curator.list_shown(f"/queue/2022-12?show={show}")) == set(shown) - {"continuous-batching"}
    page = curator.read("/queue/2022-12?show=muted")
    assert curator.list_shown("/queue/2022-12?show=muted") == ["continuous-batching"]
    assert re.search(r"All 9 Muted 1\b", text_of(page))
    assert "Not on the shortlist: muted by your rule 1, words “batches”" in text_of(page)
    assert "Collecting 9 posts so far" in text_of(page)
    # A link to it still leads there, and what is decided is no longer muted.
    number = curator.numbers["continuous-batching"]
    assert f'id="post-{number}"' in curator.read(f"/queue/2022-12?show=all&done={number}")
    search.index_new(curator.app.database)
    assert f'id="found-{number}"' in curator.read("/search?q=batching")
    curator.decide("continuous-batching", "hold")
    assert curator.list_shown("/queue/2022-12?show=held") == ["continuous-batching"]


def test_a_month_of_muted_posts_leads_to_them(curator: Curator) -> None:
    curator.send("/rules", **MUTE | {"trait": "pattern", "sought": "."})
    assert 'href="/queue/2022-12?show=muted"' in curator.read("/queue/2022-12")
    assert len(curator.list_shown("/queue/2022-12?show=muted")) == 10


def test_a_post_says_which_rule_gave_section_and_points(curator: Curator) -> None:
    search.index_new(curator.app.database)
    curator.send("/rules", **MOVE)
    curator.send("/rules", **RAISE)
    moved, raised = (text_of(curator.read_post(post)) for post in ("sparse-experts", "feature-stores"))
    assert "2.4 Training, Inference and MLOps by your rule 1, address “lumen.example/sparse-experts”" in moved
    assert "Rule 2 −1.50 pattern “^what .* taught”" in raised
    assert str(curator.get("sparse-experts").section) == "2.4"
    search.index_new(curator.app.database)
    for section, is_found in (("2.4", True), ("1.2", False)):
        found = curator.read(f"/search?section={section}&q=sparse")
        assert (f'id="found-{curator.numbers["sparse-experts"]}"' in found) is is_found
    curator.decide("sparse-experts", "hold", section="1.2")
    assert "by your rule 1" not in text_of(curator.read_post("sparse-experts"))


def test_rules_are_edited_switched_off_removed_and_put_back(curator: Curator) -> None:
    curator.send("/rules", **RAISE)
    form = curator.read("/rules?edit=1")
    assert "Edit rule 1" in text_of(form)
    assert 'name="points" value="-1.5"' in form
    curator.send("/rules/1/off")
    curator.send("/rules", **RAISE | {"number": "1", "points": "2", "scope": "feed:mina"})
    (rule,) = list_stored(curator)
    assert (rule.points, rule.feed, rule.state) == (2.0, "mina", RuleState.OFF)
    assert "+2.00 points switched off Mina Halloran;" in text_of(curator.read("/rules"))
    curator.send("/rules/1/removed")
    assert "Removed rules" in curator.read("/rules?done=removed")
    curator.send("/rules/1/on")
    assert list_stored(curator)[0].state is RuleState.ON
    assert "Removed rules" not in curator.read("/rules")
    for missing in ("/rules/7/off", "/rules/x/off"):
        assert curator.send(missing).status_code == 404
    assert curator.send("/rules/1/burnt").status_code == 422
    curator.read("/rules?edit=x", 404)


def test_a_rule_for_a_feed_that_is_gone_does_not_become_one_for_all_feeds(curator: Curator) -> None:
    curator.send("/rules", **MUTE | {"scope": "feed:mina"})
    with curator.app.database.writing() as connection:
        connection.execute(tables.feeds.update().where(tables.feeds.c.key == "mina").values(active=False))
    assert '<option value="feed:mina" selected>' in curator.read("/rules?edit=1")
    assert 'id="mistake-scope"' in curator.send("/rules", **MUTE | {"scope": "feed:mina", "number": "1"}).text


def test_a_form_of_another_site_makes_no_rule(curator: Curator) -> None:
    answer = curator.client.post(
        "/rules", data={"token": curator.token, **MUTE}, headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 403
    assert list_stored(curator) == []


@pytest.fixture
def run(curator: Curator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """The commands, on the database of the page."""
    monkeypatch.setenv("AGGREGATOR_HOME", str(curator.app.config.home))
    listed = [
        f'[feeds.{feed.key}]\nname = "{feed.name}"\nurl = "{feed.url}"\nkind = "{feed.kind}"\n'
        for feed in curator.app.config.feeds
    ]
    (curator.app.config.home / "feeds.toml").write_text("".join(listed), encoding="utf-8")
    with curator.app.database.writing() as connection:
        # The clock of a command is that of the machine.
        connection.exec_driver_sql("UPDATE posts SET published_at = ?", (f"{datetime.now(UTC):%F %T}.000000",))

    def run(*arguments: str, code: int = 0) -> str:
        monkeypatch.setattr(sys, "argv", ["aggregator", "rules", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        assert (ended.value.code or 0) == code, err
        return " ".join((err if code else out).split())

    return run


def test_the_commands_preview_add_list_switch_and_remove(curator: Curator, run: Callable[..., str]) -> None:
    said = run("preview", "words", "batches")
    assert "Cutting Serving Cost by 60% with Continuous Batching" in said
    assert said.endswith("It would have touched 1 post in 90 days, 0 of them printed. Nothing is stored.")
    assert run("add", "words", "batches", "--mute", "--feed", "mina") == (
        "rule 1, words “batches” of Mina Halloran: muted"
    )
    changed = json.loads(run("add", "address", "lumen.example", "--section", "2.4", "--change", "1", "--json"))
    assert (changed["number"], changed["section"], changed["feed"]) == (1, "2.4", None)
    assert "section 2.4 Training, Inference and MLOps" in run("list")
    assert run("remove", "1").endswith(": removed")
    assert [(rule["number"], rule["state"]) for rule in json.loads(run("list", "--json"))] == [(1, "removed")]
    assert "invalid perl operator" in run("add", "pattern", "(?=x)", "--mute", code=1)
    assert "give one of" in run("add", "words", "x", code=2)


def test_one_page_shows_all_that_was_taught_and_where_it_is_changed(curator: Curator) -> None:
    empty = text_of(curator.read("/taught"))
    assert "0 rules, 0 changes of weights, 0 decisions, 0 corrections" in empty
    curator.send("/rules", **MUTE)
    weights.set_overrides(curator.app, {"weights.depth": 2})
    curator.decide("실시간-추천", "approve", section="2.4")
    curator.decide("hiring", "reject", reason="off topic")
    follow.pause_feed(curator.app, "mina")
    duplicates.merge_posts(curator.app, [curator.numbers["eta-transformer"], curator.numbers["feature-stores"]])
    page = curator.read("/taught")
    said = text_of(page)
    assert "1 rule, 1 change of weights, 2 decisions, 1 correction" in said
    for sentence in (
        "words “batches” : muted all feeds;",
        "Depth 2",
        "Depth: 2 31 Dec 2022, 21:00, by curator",
        "Dec 2022 1 approved , 1 rejected last on 31 Dec 2022",
        "Reasons for rejections: off topic 1.",
        "section 1 post, last on 31 Dec 2022",
        "the same article 1 pair, last on 31 Dec 2022",
        "Mina Halloran paused on 31 Dec 2022",
    ):
        assert sentence in said
    for path in ("/rules#rule-1", "/weights", "/queue/2022-12?show=approved", "/copies", "/feeds/mina", "/model"):
        assert f'href="{path}"' in page

    for _ in range(6):
        history.undo(curator.app)
    undone = curator.read("/taught")
    assert empty == text_of(undone)
