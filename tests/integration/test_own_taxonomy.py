"""A digest of another field, from its settings to its page: an invented weekly of data engineering."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from aggregator.app import App
from aggregator.digest.read import read_digest
from aggregator.digest.render import render_digest
from aggregator.exceptions import DigestError, ReviewError
from aggregator.pipeline import publish, review, weights
from aggregator.storage.candidates import count_lost, get_candidate
from aggregator.storage.digests import get_digest
from aggregator.types import Candidate, Correction, Decision, DigestState, Feed, Kind
from world import MONTH, Sample, fill, text_of, visit_page

HARBOR = Feed("harbor", "Harbor Data", "https://harbor.example/feed", Kind.COMPANY, "en", organisation="Harbor")
TABLES: dict[str, Any] = {
    "parts": {
        "stories": {"heading": "From Production", "business_case": 1},
        "tools": {"heading": "Tools and Releases"},
    },
    "topics": {
        "streams": {"heading": "Streams", "hint": "brokers, processors, change data capture"},
        "tables": {"heading": "Tables and Lakes"},
        "flows": {"heading": "Orchestration"},
        "checks": {"heading": "Data Quality"},
        "models": {"heading": "Modelling"},
    },
    "head": "# The Pipeline Weekly\n\n",
}
#: What is written about each topic, and what is none of the weekly's business.
WORDS = {
    "streams": "Kafka brokers, partitions and consumer lag in event streams",
    "tables": "Iceberg tables, compaction and snapshots in the lake",
    "flows": "Airflow schedules, retries and backfills of task graphs",
    "checks": "freshness tests, anomalies and contracts that guard columns",
    "models": "star schemas, dbt macros and slowly changing dimensions",
}
OUT = "Hiring a team lead: interviews, relocation and our office dogs"
#: In place of twenty; enough for a fit to be held against the model in use.
ENOUGH = 4


def _write_posts() -> list[Sample]:
    """A post of each topic more than is decided, each in one part or the other."""
    posts = [
        Sample(
            f"{'How we run' if n % 2 else 'Released: a library for'} {words}, {n}", "harbor", f"{topic}-{n}", text=words
        )
        for topic, words in WORDS.items()
        for n in range(ENOUGH + 1)
    ]
    return posts + [Sample(f"{OUT}, {n}", "harbor", f"out-{n}", text=OUT) for n in range(ENOUGH + 1)]


@pytest.fixture
def open_weekly(make_app: Callable[..., App], fit_here: None, monkeypatch: pytest.MonkeyPatch) -> Callable[..., App]:
    monkeypatch.setattr("aggregator.classify.model.LEAST_OF_CLASS", ENOUGH)
    return lambda **changes: make_app([HARBOR], digest=TABLES | changes)


def _look(app: App, number: int) -> Candidate:
    with app.reading() as connection:
        return get_candidate(connection, number)


def _teach(app: App, numbers: dict[str, int]) -> None:
    """Approve and reject all but the last post of each kind."""
    for path, number in numbers.items():
        kind, _, n = path.rpartition("-")
        if int(n) == ENOUGH:
            continue
        if kind == "out":
            review.decide(app, number, Decision.REJECT, reason="out of scope")
            continue
        section = app.taxonomy.get_section("stories" if int(n) % 2 else "tools", kind)
        review.decide(app, number, Decision.APPROVE, correction=Correction(number, "", app.now, section=section))


def test_the_whole_road_with_parts_and_topics_of_ones_own(open_weekly: Callable[..., App]) -> None:
    app = open_weekly()
    numbers = fill(app, _write_posts())
    app.judge.judge_new()
    curator = visit_page(app, numbers).log_in()

    # Nothing is known yet: no section is guessed, and none is taken for one.
    unknown = _look(app, numbers["streams-4"])
    assert unknown.guess is not None
    assert (unknown.section, unknown.guess.out_of_scope) == (None, None)
    with pytest.raises(ReviewError):
        review.decide(app, numbers["streams-4"], Decision.APPROVE)
    pane = text_of(curator.read_post("streams-4"))
    assert "No section guessed yet" in pane
    assert "1.1 Streams" in pane
    assert "Streams: brokers" in pane
    assert "0 of 20 approved in “Tables and Lakes”" in text_of(curator.read("/model"))

    # What is decided is learned, and guessed of the rest.
    _teach(app, numbers)
    model = app.learner.fit()
    assert (model.rows, model.figures["held_out"]) == ({"correction": 20, "rejection": 4}, 24)
    app.judge.rank(app.judge.classify())
    # What was decided before anything was known too: the ranking compares both.
    decided = _look(app, numbers["streams-0"]).guess
    assert decided is not None
    assert str(decided.section) == "2.1"
    guessed = {kind: _look(app, numbers[f"{kind}-{ENOUGH}"]) for kind in (*WORDS, "out")}
    assert {kind: str(one.section) for kind, one in guessed.items() if kind != "out"} == {
        "streams": "2.1", "tables": "2.2", "flows": "2.3", "checks": "2.4", "models": "2.5",
    }  # fmt: skip
    assert guessed["out"].guess is not None
    assert guessed["out"].guess.out_of_scope is not None
    assert guessed["streams"].guess is not None
    assert guessed["out"].guess.out_of_scope > 0.5 > 1 - guessed["streams"].guess.in_scope
    shown = text_of(curator.read(f"/queue/{MONTH}?show=all&section=2.3"))
    assert "2.3 Orchestration" in shown
    page = text_of(curator.read("/model"))
    assert "4 of 20 approved in “Streams”" in page
    assert "Topics right 20 0.00 (0.00 to 0.00)" in page
    assert "(could not tell)" in page
    assert "Streams" in text_of(curator.read(f"/posts/{numbers['streams-4']}/why"))

    # Its page is printed under its own headings, and read as it was printed.
    page = publish.make_digest(app, MONTH, DigestState.PRINTED).read_text("utf-8")
    assert page.startswith("# The Pipeline Weekly\n\n## 1. From Production\n### 1.1. Streams\n* [How we run Kafka")
    assert "## 2. Tools and Releases\n### 2.1. Streams\n" in page
    read = read_digest(page, app.settings.merge_texts(None))
    assert (render_digest(read.digest), read.remarks) == (page, ())
    curator.read(f"/digest/{MONTH}")
    curator.read("/weights")
    assert "1.2 Tables and Lakes" in curator.read("/search?q=Iceberg&section=1.2")


def test_a_quota_stays_with_its_section(open_weekly: Callable[..., App]) -> None:
    app = open_weekly()
    weights.set_overrides(app, {"shortlist.sections.1.2": 1, "shortlist.sections.tools/streams": 3})
    topics = {"costs": {"heading": "Costs"}} | {key: said for key, said in TABLES["topics"].items() if key != "streams"}
    later = open_weekly(topics=topics | {"streams": TABLES["topics"]["streams"]})
    assert weights.get_settings_in_force(later).shortlist.sections == {"1.2": 1, "2.6": 3}
    gone = open_weekly(topics=topics)
    assert weights.get_settings_in_force(gone).shortlist.sections == {"1.2": 1}
    assert "Section tools/streams: 3" in text_of(visit_page(gone, {}).log_in().read("/taught"))
    assert weights.get_settings_in_force(open_weekly()).shortlist.sections == {"1.2": 1, "2.1": 3}


def test_a_section_that_is_gone_is_told_and_not_lost(open_weekly: Callable[..., App]) -> None:
    app = open_weekly()
    numbers = fill(app, _write_posts())
    app.judge.classify()
    section = app.taxonomy.parse_section("stories/checks")
    number = numbers["checks-0"]
    review.decide(app, number, Decision.APPROVE, correction=Correction(number, "", app.now, section=section))
    page = publish.make_digest(app, MONTH, DigestState.PRINTED).read_text("utf-8")
    other = numbers["checks-1"]
    review.decide(app, other, Decision.APPROVE, correction=Correction(other, "", app.now, section=section))

    fewer = {key: {"heading": said["heading"]} for key, said in TABLES["topics"].items() if key != "checks"}
    later = open_weekly(topics=fewer)
    later.judge.judge_new()
    lost = _look(later, other)
    assert (lost.section, lost.lost_section) == (None, "stories/checks")
    curator = visit_page(later, numbers).log_in()
    queue = curator.read(f"/queue/{MONTH}?show=approved")
    assert "Its section stories/checks is no longer in feeds.toml" in text_of(queue)
    assert '"belongs"' not in queue, "no topic has a hint"
    assert curator.client.get("/readyz").json()["checks"]["database"]["lost_sections"] == 1
    with pytest.raises(DigestError, match=r"it is in stories/checks, which is no longer in feeds\.toml"):
        publish.compose_month(later, MONTH)
    # What was printed stays as it was.
    with later.reading() as connection:
        assert render_digest(get_digest(connection, MONTH).digest) == page
        assert count_lost(connection) == 1

    # Another section can be given, and with the old settings everything is as before.
    moved = later.taxonomy.parse_section("stories/models")
    review.decide(later, other, Decision.APPROVE, correction=Correction(other, "", later.clock(), section=moved))
    assert (_look(later, other).section, _look(later, number).lost_section) == (moved, "stories/checks")
    assert _look(open_weekly(), number).section == section
