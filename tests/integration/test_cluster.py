"""Units of work on a real scheduler and real worker processes: killed, stalled, gone; and visits equal those without."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import psutil
import pytest
import sqlalchemy as sa
import structlog

from aggregator.app import App, open_app
from aggregator.classify.fitting import FitTask, fit_apart, name_file
from aggregator.classify.model import load_model
from aggregator.cluster import link
from aggregator.cluster.pool import ClusterPool
from aggregator.cluster.units import Kind
from aggregator.demo.play import load_demo, play_feeds
from aggregator.exceptions import ParseError, StoppedError, WorkerError
from aggregator.fetch.workers import There, WorkerPool
from aggregator.lock import Serving, lock_home
from aggregator.pipeline import review
from aggregator.pipeline.classify import _guess_with, guess_posts
from aggregator.pipeline.learner import Learner
from aggregator.storage.models import find_in_use
from aggregator.storage.tables import entries, feeds, posts, visits
from aggregator.types import Correction, Decision, Part, Taxonomy, Topic
from clock import Clock
from daemon import children_of, list_alive, wait_until
from harm import URL, double, give_pid, measure, refuse, stumble, tell_and_wait
from world import FEEDS, Sample, fill, make_post

TESTS = Path(__file__).parents[1]
# As docs/cluster.md says, with keys that are quick to make.
CERTIFICATES = (
    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=cluster -keyout ca-key.pem -out ca.pem",
    "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=member -keyout key.pem -out request.pem",
    "x509 -req -in request.pem -CA ca.pem -CAkey ca-key.pem -CAcreateserial -out certificate.pem",
)
COMMAND = [sys.executable, "-m", "aggregator", "--log-format", "json", "cluster"]


@dataclass
class RunningCluster:
    """A scheduler and workers, each a process."""

    address: str = ""
    folder: Path = Path()
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, name: str, *arguments: str) -> tuple[subprocess.Popen[bytes], str]:
        """Start a part of it; return it with the address that it says."""
        log = self.folder / name
        environment = {**os.environ, "PYTHONPATH": str(TESTS), "AGGREGATOR_HOME": str(self.folder)}
        with log.open("wb") as file:
            process = subprocess.Popen([*COMMAND, *arguments], stdout=file, stderr=file, env=environment)
        self.processes.append(process)
        wait_until(lambda: "address" in log.read_text() or process.poll() is not None)
        said = log.read_text()
        assert '"address": "' in said, said
        return process, said.split('"address": "')[1].split('"')[0]

    def add_worker(self) -> subprocess.Popen[bytes]:
        name = f"worker {len(self.processes)}"
        return self.start(name, "worker", self.address, "--processes", "1", "--connections", "4")[0]

    def stop(self) -> None:
        for process in self.processes:
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()


@pytest.fixture(autouse=True, scope="module")
def _light_main() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "__main__", ModuleType("__main__"))
        yield


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCluster]:
    """One for all tests; each leaves it with a worker."""
    running = RunningCluster(folder=tmp_path_factory.mktemp("cluster"))
    try:
        _, running.address = running.start("scheduler", "scheduler", "--port", "0")
        running.add_worker()
        yield running
    finally:
        running.stop()


@contextmanager
def _open(address: str, workers: int = 1, **named: Any) -> Iterator[ClusterPool]:
    with ClusterPool(address, connections=4, processes=1, cpu_seconds=2, **named) as pool:
        if workers:
            wait_until(lambda: len(pool.state.workers) >= workers)
        yield pool


def _run(pool: ClusterPool, function: Callable[..., Any], *args: Any) -> Any:
    return asyncio.run(pool.run(URL, function, *args))


def test_answers_and_failures_come_back_and_lists_are_shared(cluster: RunningCluster) -> None:
    with _open(cluster.address) as pool:
        assert _run(pool, double, 3) == 6
        with pytest.raises(ParseError) as caught:
            _run(pool, refuse, 3)
        assert (caught.value.url, caught.value.reason, caught.value.excerpt) == (URL, "3 is not a feed", "<html>")
        with pytest.raises(ZeroDivisionError):
            _run(pool, stumble, 0)
        assert pool.map(sorted, [3, 1, 2, 5, 4], size=2) == [1, 3, 2, 5, 4], "in pieces, in order"
        assert pool.map(sorted, [], size=2) == []
        assert (pool.lost, pool.state.room) == (0, {Kind.READ: 1, Kind.RETRIEVE: 4})
        assert not pool._workers, "no process of this machine has begun"


def test_a_unit_whose_worker_is_killed_is_done_by_another_one(cluster: RunningCluster, tmp_path: Path) -> None:
    second = cluster.add_worker()
    with _open(cluster.address, 2) as pool, structlog.testing.capture_logs() as logs:

        async def run() -> int:
            unit = asyncio.create_task(pool.run(URL, tell_and_wait, tmp_path / "told"))
            reader = await asyncio.to_thread(_read_pid, tmp_path / "told")
            holder = next(one for one in cluster.processes if reader in children_of(one.pid))
            holder.kill()
            holder.wait()
            if holder is not second:
                cluster.processes.remove(holder)
            return await unit

        assert asyncio.run(run())
        wait_until(lambda: len(pool.state.workers) == 1)
        assert (pool.done, pool.lost, pool.link.lost_workers) == (1, 0, 1)
        assert not pool._workers
    assert [log["event"] for log in logs if log["log_level"] == "warning"] == [
        "a worker of the cluster is gone; its work is done again"
    ]


def test_a_stalled_worker_holds_nothing_up_for_long(cluster: RunningCluster) -> None:
    worker = next(one for one in cluster.processes[1:] if one.poll() is None)
    with _open(cluster.address, seconds=0.5) as pool:
        worker.send_signal(signal.SIGSTOP)
        assert _run(pool, give_pid, 0) in children_of(os.getpid()), "done here"
        assert (pool.done, pool.lost) == (0, 1)
        worker.send_signal(signal.SIGCONT)


def test_without_a_scheduler_the_work_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "_ANSWER_SECONDS", 0.3)
    with _open("tcp://127.0.0.1:9", 0) as pool, structlog.testing.capture_logs() as logs:
        assert _run(pool, double, 4) == 8
        assert pool.map(sorted, [2, 1], size=1) == [1, 2]
    assert [log["event"] for log in logs] == ["the cluster cannot be reached; its work is done here"], "said once"
    with pytest.raises(WorkerError, match="cannot be reached"):
        asyncio.run(link.look("tcp://127.0.0.1:9", None))


def test_a_scheduler_that_comes_back_is_used_again(cluster: RunningCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "_REST_SECONDS", 0.1)
    with _open(cluster.address) as pool:
        first = cluster.processes[0]
        first.kill()
        first.wait()
        wait_until(lambda: not pool.state.scheduler)
        assert _run(pool, give_pid, 0) in children_of(os.getpid()), "done here"
        assert (pool.done, pool.lost) == (0, 0)
        cluster.processes[0], _ = cluster.start(
            "scheduler again", "scheduler", "--port", cluster.address.rsplit(":", 1)[1]
        )
        cluster.processes.pop()
        wait_until(lambda: bool(pool.state.workers))
        assert _run(pool, give_pid, 0) not in children_of(os.getpid()), "done there again"
        assert (pool.done, pool.link.lost_workers) == (1, 0)


def test_a_file_goes_to_a_worker_once_by_its_name(cluster: RunningCluster, tmp_path: Path) -> None:
    file, sent = tmp_path / "model-1", list[str]()
    file.write_bytes(b"ten bytes.")
    with _open(cluster.address) as pool:
        asked = pool.link.ask

        def ask(kind: Kind, function: Callable[..., Any], *args: Any, **named: Any) -> Any:
            sent.append(function.__name__)
            return asked(kind, function, *args, **named)

        pool.link.ask = ask  # type: ignore[method-assign]
        there = There(file, measure)
        for _ in range(2):
            assert pool.map(double, [1, 2, 3], size=2, there=there) == [10, 10, 10]
        assert sent == ["keep", "read", "read", "read", "read"]
        assert (pool.done, pool.lost) == (4, 0)
        # A worker that keeps it no more: it is done here, and sent again the next time.
        sent.clear()
        file = file.rename(tmp_path / "model-2")
        pool._kept[file.name] = set(pool.state.workers)
        there = There(file, measure)
        assert pool.map(lambda items: [0 for _ in items], [1, 2, 3], size=2, there=there) == [0, 0, 0]
        assert pool.map(sorted, [1, 2, 3], size=2, there=there) == [10, 10, 10]
        assert (sent, pool.lost) == (["read", "read", "keep", "read", "read"], 2)
        assert not pool._workers, "no process of this machine has begun"


def test_posts_are_classified_and_a_model_is_fitted_there_as_here(
    cluster: RunningCluster, make_app: Callable[..., App], tmp_path: Path
) -> None:
    app = make_app(FEEDS, cluster=cluster.address)
    model, batch = app.learner.get(), [make_post(number) for number in range(150)]
    assert isinstance(app.workers, ClusterPool)
    wait_until(lambda: bool(app.workers.state.workers))
    file = name_file(app.model_folder, model.version)
    assert _guess_with(app.workers, file, model, batch) == guess_posts(model, batch)
    assert (app.workers.done, app.workers.lost) == (2, 0)
    # Of a home with its own topics: it has learned nothing, so it is quick to make.
    own = Taxonomy.of([Part("ours", "Ours")], [Topic("a", "A"), Topic("b", "B")])
    task = FitTask(own, (), (), (), None, anyway=True)
    fit = app.learner._run(lambda: task)
    assert (app.workers.done, app.workers.lost) == (3, 0)
    assert fit == fit_apart(lambda: task, tmp_path)
    assert load_model(name_file(app.model_folder, fit.version), fit.version, own) is not None


def test_a_fit_that_is_lost_or_stopped_is_not_waited_for(cluster: RunningCluster, tmp_path: Path) -> None:
    stopping, told = threading.Event(), tmp_path / "told"
    with _open(cluster.address) as pool:
        assert pool.call_elsewhere(stopping, double, lambda: 2) == 4
        assert pool.call_elsewhere(stopping, refuse, lambda: 2) is None, "its caller does it"
        stopper = threading.Thread(target=lambda: _read_pid(told) and stopping.set())
        stopper.start()
        with pytest.raises(StoppedError):
            pool.call_elsewhere(stopping, tell_and_wait, lambda: told)
        stopper.join()
        # The worker ends it too, and takes the next.
        wait_until(lambda: not list_alive([_read_pid(told)]), 10)
        assert _run(pool, double, 2) == 4
    assert WorkerPool(0, cpu_seconds=1).call_elsewhere(stopping, double, lambda: 2) is None


def test_a_fit_whose_worker_dies_is_done_here_and_the_model_in_use_stays_until_then(
    cluster: RunningCluster,
    make_app: Callable[..., App],
    fit_here: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A home with its own topics: a fit of its few rows takes no time.
    taxonomy = {"parts": {"ours": {"heading": "Ours"}}, "topics": {"a": {"heading": "A"}, "b": {"heading": "B"}}}
    app, told = make_app(FEEDS, cluster=cluster.address, digest=taxonomy), tmp_path / "told"
    assert isinstance(app.workers, ClusterPool)
    wait_until(lambda: len(app.workers.state.workers) == 1)
    first = Learner(app).get().version
    number = fill(app, [Sample("Queues", "northwind", "queues")])["queues"]
    section = app.taxonomy.get_section("ours", "a")
    review.decide(app, number, Decision.APPROVE, correction=Correction(number, "", app.now, section=section))
    monkeypatch.setattr("aggregator.pipeline.learner.fit_elsewhere", partial(tell_and_wait, told))

    with structlog.testing.capture_logs() as logs:
        app.learner.fit_in_background()
        reader = _read_pid(told)
        assert (app.learner.is_fitting, app.learner.find_version()) == (True, first)
        worker = next(one for one in cluster.processes if one.poll() is None and reader in children_of(one.pid))
        worker.kill()
        worker.wait()
        wait_until(lambda: not app.learner.is_fitting)
    wait_until(lambda: not list_alive([reader]))
    assert "a worker of the cluster is gone; its work is done again" in [log["event"] for log in logs]
    with app.reading() as connection:
        used = find_in_use(connection)
    assert used is not None
    assert used.version != first
    assert app.learner.get().version == used.version, "its file is whole"
    cluster.add_worker()


def _read_pid(told: Path) -> int:
    """Wait for the process of ``tell_and_wait``."""
    wait_until(lambda: told.exists() and bool(told.read_text()))
    return int(told.read_text())


def test_status_shows_what_the_daemon_noted(
    cluster: RunningCluster,
    make_app: Callable[..., App],
    call_console: Callable[..., subprocess.CompletedProcess[str]],
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = make_app(FEEDS, cluster=cluster.address)
    assert isinstance(app.workers, ClusterPool)
    # With this it has said that the worker is here.
    app.workers.link.wait()
    wait_until(lambda: bool(app.workers.state.workers))
    app.workers.done, app.workers.lost = 12, 1
    app.note_cluster()
    capfd.readouterr()
    monkeypatch.setenv("AGGREGATOR_CLUSTER", cluster.address)

    def ask(*arguments: str) -> str:
        return call_console("--home", str(app.folder), "status", *arguments).stdout

    with lock_home(app.folder) as lock:
        lock.tell(Serving("http://127.0.0.1:1", 1, os.getpid(), "2026-11-30 00:00 UTC"))
        told = json.loads(ask("--json"))["cluster"]
        assert f"{cluster.address}, 1 worker, 12 units done, 1 lost" in " ".join(ask().split())
        lock.tell(Serving("http://127.0.0.1:1", 1, 1, "2026-11-30 00:00 UTC"))
        later = json.loads(ask("--json"))["cluster"]
    assert told["workers"] == sorted(app.workers.state.workers)
    assert (told["scheduler"], told["units_done"], told["units_lost"]) == (cluster.address, 12, 1)
    assert (later["address"], later["at"], later["workers"]) == (cluster.address, None, []), "of another daemon"


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes the certificates of this test, and is not here")
def test_with_certificates_nobody_else_is_heard(
    cluster: RunningCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, others = tmp_path / "ours", tmp_path / "others"
    for folder in (ours, others):
        folder.mkdir()
        for command in CERTIFICATES:
            subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True)
    process, address = cluster.start("tls", "scheduler", "--port", "0", "--certificates", str(ours))
    assert address.startswith("tls://")
    assert asyncio.run(link.look(address, ours)).scheduler == address
    monkeypatch.setattr(link, "_ANSWER_SECONDS", 0.5)
    for place, folder in ((address, others), (address.replace("tls", "tcp"), None)):
        with pytest.raises(WorkerError, match="cannot be reached"):
            asyncio.run(link.look(place, folder))
    process.terminate()
    assert process.wait(60) == 0, "it ends when it is told to"


def test_nothing_listens_where_other_machines_reach_it_unasked(cluster: RunningCluster) -> None:
    with _open("local:1") as pool:
        assert _run(pool, double, 2) == 4
        for pid in (os.getpid(), *(one.pid for one in cluster.processes if one.poll() is None)):
            listening = [one for one in psutil.Process(pid).net_connections("tcp") if one.status == "LISTEN"]
            assert {one.laddr.ip for one in listening} == {"127.0.0.1"}


def _read_rows(app: Any) -> dict[str, list[Any]]:
    """What was stored, without numbers and durations, which no two runs share."""
    found = {}
    with app.reading() as connection:
        for table in (feeds, visits, entries, posts):
            columns = [one for one in table.c if one.name not in {"id", "post_id", "copy_of", "seconds"}]
            found[table.name] = sorted(repr(tuple(row)) for row in connection.execute(sa.select(*columns)))
    return found


def test_a_visit_of_the_sample_feeds_stores_the_same_rows(
    cluster: RunningCluster, database_url: str, tmp_path: Path, clock: Clock
) -> None:
    with play_feeds() as server:
        config = load_demo(tmp_path / "demo", server)
        limits = config.settings.visits.model_copy(update={"parser_processes": 0, "host_pause_seconds": 0.0})
        rows = []
        for name, address, url in (("alone", "", ""), ("cluster", cluster.address, database_url)):
            settings = config.settings.model_copy(update={"cluster": address, "database_url": url, "visits": limits})
            home = replace(config, home=tmp_path / name, settings=settings)
            with open_app(home, clock=clock, random=lambda: 0.5) as app:
                for _ in range(2):
                    asyncio.run(app.visitor.visit_due())
                    clock.advance(hours=13)
                clock.advance(hours=-26)
                rows.append(_read_rows(app))
                if address:
                    assert isinstance(app.workers, ClusterPool)
                    assert app.workers.done > len(rows[0]["feeds"]), "retrieved and read there"
                    assert app.workers.lost == 0
    assert rows[0] == rows[1]
    assert len(rows[0]["posts"]) > 20
