"""The daemon ends at once and leaves nothing half done while it fits or measures in a process of its own."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from aggregator.app import open_app
from aggregator.config import load_config
from aggregator.pipeline import publish, review
from aggregator.pipeline.metrics import measure_closed
from aggregator.shipped import SHIPPED
from aggregator.storage.models import list_models
from aggregator.storage.tables import metrics
from aggregator.types import Correction, Decision, DigestState, FittedModel
from daemon import children_of, count, list_alive, looking, read_page, run_daemon, wait_until, write_feeds
from feed_server import FeedServer
from world import Sample, fill

SECTION = SHIPPED.parse_section("2.4")


@pytest.fixture
def bare_home(tmp_path: Path, feed_server: FeedServer) -> Path:
    """With few feeds, for what is new is judged beside the fits."""
    write_feeds(tmp_path, feed_server, count=2)
    return tmp_path


def _decide(home: Path, count: int) -> None:
    """Decisions that are to be learned at once; of forty a fit takes longer than a daemon may take to end, for it
    compares models, of twelve it does not.
    """
    with (home / "feeds.toml").open("a") as file:
        file.write("\n[learning]\nafter_decisions = 1\n")
    samples = [Sample(f"Serving model {n}", "b0", f"decided-{n}", text="추천 랭킹 개선기 " * 200) for n in range(count)]
    with open_app(load_config({}, home=home)) as app:
        numbers = fill(app, samples)
        app.judge.classify(everything=True)
        for n, number in enumerate(numbers.values()):
            section = SHIPPED.sections[n % 8]
            review.decide(app, number, Decision.APPROVE, correction=Correction(number, "", app.now, section=section))


def _is_fitting(home: Path, pid: int) -> bool:
    """Whether a fit has a process of its own beside those that read documents."""
    return "fitting a new section model" in (home / "log").read_text() and bool(children_of(pid))


def _list_models(home: Path) -> list[FittedModel]:
    with looking(home) as connection:
        return list_models(connection)


def test_sigterm_during_a_fit_ends_it_within_five_seconds(home: Path) -> None:
    _decide(home, 40)
    with run_daemon(home) as (process, link):
        wait_until(lambda: _is_fitting(home, process.pid))
        assert read_page(f"{link.partition('/login')[0]}/healthz").strip() == "ok", "the page is not held up"
        children = children_of(process.pid)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=5) == 0
    wait_until(lambda: not list_alive(children), 20)
    assert "Traceback" not in (home / "log").read_text()
    assert len(_list_models(home)) == 1, "the shipped one alone"


def test_sigterm_during_the_first_fit_ends_it_as_soon(by_night: None, bare_home: Path) -> None:
    home = bare_home
    with run_daemon(home, step=1) as (process, _):
        wait_until(lambda: "fitting the section model" in (home / "log").read_text())
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=5) == 0
    assert "Traceback" not in (home / "log").read_text()


def test_sigterm_while_a_published_month_is_measured_ends_it_as_soon(by_night: None, home: Path) -> None:
    samples = [Sample(f"Serving model {n}", "b0", f"printed-{n}", text="추천 랭킹 개선기 " * 20) for n in range(40)]
    with open_app(load_config({}, home=home)) as app:
        numbers = list(fill(app, samples).values())
        review.decide(
            app, numbers[0], Decision.APPROVE, correction=Correction(numbers[0], "", app.now, section=SECTION)
        )
        publish.make_digest(app, samples[0].month, DigestState.PRINTED)
    with run_daemon(home) as (process, _):
        wait_until(lambda: "comparing the ranking with what was printed" in (home / "log").read_text())
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=5) == 0
    assert "Traceback" not in (home / "log").read_text()
    assert count(home, metrics) == 0
    with open_app(load_config({}, home=home)) as app:
        assert measure_closed(app) == [samples[0].month]
    assert count(home, metrics) == 1


def test_killed_during_a_fit_it_leaves_no_half_model_and_fits_again(by_night: None, home: Path) -> None:
    """The whole daemon; ``chaos/test_kills.py`` kills fits alone."""
    _decide(home, 12)
    with run_daemon(home) as (process, _):
        wait_until(lambda: _is_fitting(home, process.pid))
        children = children_of(process.pid)
        process.kill()
        process.wait()
        wait_until(lambda: not list_alive(children), 20)
    assert len(_list_models(home)) == 1
    with run_daemon(home):
        wait_until(lambda: len(_list_models(home)) == 2)
    (learned,) = [model for model in _list_models(home) if model.has_learned]
    files = {file.name for file in (home / "models").iterdir()} - {"lock"}
    assert files == {f"{model.version}.npz" for model in _list_models(home) if model.is_kept}
    assert learned.rows["correction"] == 12
