"""Units of work on a real scheduler and real worker processes: killed, stalled, gone; and visits equal those without."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import psutil
import pytest
import sqlalchemy as sa
import structlog

from aggregator.app import open_app
from aggregator.cluster import link
from aggregator.cluster.pool import ClusterPool
from aggregator.cluster.units import Kind
from aggregator.demo.play import load_demo, play_feeds
from aggregator.exceptions import ParseError, WorkerError
from aggregator.storage.tables import entries, feeds, posts, visits
from clock import Clock
from daemon import children_of, wait_until
from harm import URL, double, give_pid, refuse, stumble, tell_and_wait

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
        for process in running.processes:
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()


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
            await asyncio.to_thread(
                wait_until, lambda: (tmp_path / "told").exists() and (tmp_path / "told").read_text()
            )
            reader = int((tmp_path / "told").read_text())
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


@pytest.mark.skipif(not shutil.which("openssl"), reason="makes certificates")
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
