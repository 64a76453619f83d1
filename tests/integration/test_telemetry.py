"""How a home is: for Prometheus, and on one screen."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import yaml
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from aggregator.app import App
from aggregator.feeds.health import Health
from aggregator.pipeline import history, review, tokens
from aggregator.storage.health import append_gaps
from aggregator.types import Decision, Gap, Outcome, Visit
from aggregator.web.server import create_server
from world import FEEDS, fill

DEPLOY = Path(__file__).parents[2] / "deploy"
NAMES = re.compile(r"\baggregator_[a-z_]+")


@pytest.fixture
def app(make_app: Callable[..., App], database_url: str, kept_fits: None, fit_here: None) -> App:
    app = make_app(FEEDS, database_url=database_url)
    numbers = list(fill(app).values())
    review.decide(app, numbers[0], Decision.APPROVE)
    review.decide(app, numbers[1], Decision.REJECT, reason="off topic")
    return app


def _read(app: App) -> dict[tuple[str, ...], float]:
    """The value of each sample, by its name and the values of its labels."""
    families = text_string_to_metric_families(app.telemetry.render().decode())
    return {(sample.name, *sample.labels.values()): sample.value for family in families for sample in family.samples}


def test_what_the_daemon_does_is_counted(app: App) -> None:
    visits = [
        Visit("lumen", app.now, 0.2, Outcome.RETRIEVED, bytes=1000, entries_seen=10, entries_new=3),
        Visit("lumen", app.now, 0.1, Outcome.NOT_MODIFIED),
        Visit("haneul", app.now, 30.0, Outcome.FAILED),
    ]
    app.telemetry.note_visits(visits)
    app.telemetry.note_visits(visits[:1])
    app.telemetry.note_job("tell", 0.5, succeeded=False)
    app.telemetry.note_lag("tell", 2.5)
    said = _read(app)
    assert said["aggregator_visits_total", "retrieved"] == 2
    assert said["aggregator_visits_total", "failed"] == 1
    assert said["aggregator_visit_seconds_count",] == 4
    assert said["aggregator_visit_seconds_bucket", "0.25"] == 3
    assert said["aggregator_visit_bytes_total",] == 2000
    assert said["aggregator_entries_total",] == 6
    assert said["aggregator_job_runs_total", "tell", "failed"] == 1
    assert said["aggregator_job_runs_total", "tell", "succeeded"] == 0, "so that the first failure is an increase"
    assert said["aggregator_job_seconds_total", "tell"] == 0.5
    assert said["aggregator_job_lag_seconds", "tell"] == 2.5


def test_how_the_home_is_is_read_each_time(app: App) -> None:
    before = _read(app)
    assert sum(number for (name, *_), number in before.items() if name == "aggregator_feeds") == len(FEEDS)
    assert before["aggregator_decided", "approve", "2022-12"] == 1
    assert before["aggregator_decided", "reject", "2022-12"] == 1
    assert before["aggregator_posts",] > 2
    assert before["aggregator_database_bytes",] > 10_000
    history.undo(app)
    with app.database.writing() as connection:
        missed = Gap("lumen", app.now, app.now)
        append_gaps(connection, [missed, replace(missed, closed_at=app.now)])
    after = _read(app)
    assert after["aggregator_decided", "reject", "2022-12"] == 0
    assert after["aggregator_gaps",] == before["aggregator_gaps",] + 1, "a closed one is not counted"


def test_a_token_is_needed(make_app: Callable[..., App]) -> None:
    app = make_app(FEEDS)
    client = TestClient(create_server(app))
    reading = {"Authorization": f"Bearer {tokens.add_token(app, 'prometheus', is_read_only=True)[1]}"}
    assert client.get("/metrics").status_code == 401
    wrong = client.get("/metrics", headers={"Authorization": "Bearer wrong"})
    assert (wrong.status_code, wrong.text) == (401, "This token is wrong, or was removed.\n")
    answer = client.get("/metrics", headers=reading)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=1.0.0")
    assert "aggregator_build_info{" in answer.text


def test_board_and_alerts_ask_for_what_there_is(app: App) -> None:
    app.telemetry.note_visits([Visit("lumen", app.now, 0.2, Outcome.RETRIEVED)])
    app.telemetry.note_job("tell", 0.5, succeeded=True)
    app.telemetry.note_lag("tell", 0.0)
    app.learner.get()
    there = {name for name, *_ in _read(app)} | {"aggregator_model_accuracy"}
    board = json.loads((DEPLOY / "grafana.json").read_text())
    asked = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    rules = yaml.safe_load((DEPLOY / "alerts.yml").read_text())
    asked += [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    assert len(asked) > 20
    assert {name for query in asked for name in NAMES.findall(query)} - there == set()
    broken = "|".join((Health.GONE, Health.REFUSED, Health.FAILING))
    assert set(re.findall(r'health=~"([^"]*)"', "\n".join(asked))) == {broken}


#: What Prometheus sees for half an hour, and what it then wakes somebody up for.
SEEN = {
    'up{job="aggregator",instance="a"}': "0x30",
    'up{job="aggregator",instance="b"}': "1x30",
    "aggregator_alarm": "0x10 1x20",
    'aggregator_job_runs_total{job="tell",result="failed"}': "0x10 1+1x20",
    'aggregator_job_lag_seconds{job="visit"}': "400x30",
    "aggregator_disk_free_bytes": "2000000000x30",
}
TOLD = {"Down": 1, "NothingSucceeds": 1, "JobFails": 1, "JobLate": 1, "DiskFull": 0, "FeedsWait": 0}


def test_prometheus_reads_figures_rules_and_board(app: App, tmp_path: Path) -> None:
    if not (promtool := shutil.which("promtool")):
        pytest.skip("promtool of Prometheus is not installed")

    def run(*arguments: str, given: bytes = b"") -> None:
        done = subprocess.run([promtool, *arguments], check=False, input=given, capture_output=True, timeout=60)
        assert done.returncode == 0, (done.stdout + done.stderr).decode()

    app.telemetry.note_job("tell", 0.5, succeeded=False)
    run("check", "metrics", given=app.telemetry.render())
    seen = [{"series": name, "values": values} for name, values in SEEN.items()]
    told = [
        {"expr": f'count(ALERTS{{alertname="Aggregator{name}",alertstate="firing"}}) or vector(0)'} for name in TOLD
    ]
    board = json.loads((DEPLOY / "grafana.json").read_text())
    queries = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    filled = [query.replace("$instance", "nobody").replace("$__rate_interval", "5m") for query in queries]
    cases = [
        {"interval": "1m", "input_series": seen, "promql_expr_test": [
            {**one, "eval_time": "30m", "exp_samples": [{"labels": "{}", "value": number}]}
            for one, number in zip(told, TOLD.values(), strict=True)
        ]},
        # They are read, and find nothing of an instance that is not there.
        {"interval": "1m", "input_series": seen, "promql_expr_test": [{"expr": query, "eval_time": "5m"} for query in filled]},
    ]  # fmt: skip
    rules = {"rule_files": [str(DEPLOY / "alerts.yml")], "evaluation_interval": "1m", "tests": cases}
    (tmp_path / "rules.yml").write_text(yaml.safe_dump(rules))
    run("test", "rules", str(tmp_path / "rules.yml"))


def test_one_screen_says_it(
    app: App, call_console: Callable[..., CompletedProcess[str]], monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    monkeypatch.setenv("AGGREGATOR_DATABASE_URL", database_url)
    said = call_console("--home", str(app.folder), "status").stdout
    assert re.search(r"Daemon +does not run", said)
    assert re.search(r"Dec 2022 .*1 approved, 1 rejected", said)
    told = json.loads(call_console("--home", str(app.folder), "status", "--json").stdout)
    assert sum(told["feeds"].values()) == len(FEEDS)
    assert told["page"] is None
    (month,) = (one for one in told["months"] if one["month"] == "2022-12")
    assert month["decided"] == {"approve": 1, "hold": 0, "reject": 1}
    assert datetime.fromisoformat(told["at"]).tzinfo is not None
