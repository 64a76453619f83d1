"""How long a first visit takes without a cluster, and with one and two workers on this machine.

    python bench/cluster.py [--feeds 100] [--workers 0 1 2] [--folder FOLDER OF FEED DOCUMENTS]

The feeds are those of ``bench/visits.py``. Workers are processes of this machine, so a machine of two processors shows what
a cluster costs (by processor time) and that its workers share the work, not how much quicker many machines are. Prints a
table in Markdown: by clock, and processor time of the daemon, the scheduler, the workers (which retrieve, and carry what is
read) and their readers, which without a cluster are processes of the daemon.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from visits_support.corpus import make_corpus
from visits_support.problem import Problem
from visits_support.server import serve

RECORDED = Path(__file__).parents[2] / "shared" / "feeds"
ADDRESS = "tcp://127.0.0.1:18786"
TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def run_cluster(workers: int, folder: Path) -> Iterator[list[int]]:
    """A scheduler and workers; yields their processes."""
    calls = [["scheduler", "--port", "18786"], *([["worker", ADDRESS, "--processes", "1"]] * workers)]
    processes = []
    try:
        for number, call in enumerate(calls):
            log = folder / f"{number}.log"
            command = [sys.executable, "-m", "aggregator", "--log-format", "json", "cluster", *call]
            with log.open("wb") as file:
                processes.append(subprocess.Popen(command, stderr=file, stdout=file))
            end = time.monotonic() + 120
            while '"address"' not in log.read_text():
                if time.monotonic() > end:
                    raise Problem(f"{call[0]} did not start: {log.read_text()}")
                time.sleep(0.1)
        yield [process.pid for process in processes]
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            process.wait(30)


def list_below(pids: list[int]) -> list[int]:
    found = list(pids)
    for pid in found:
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            found += [int(child) for child in children.read_text().split()]
    return found[len(pids) :]


def sum_cpu(pids: list[int]) -> float:
    """Processor seconds of processes."""
    spent = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        spent += int(fields[11]) + int(fields[12])
    return spent / TICKS


def measure_cpu(pids: list[int]) -> list[float]:
    """Processor seconds of the daemon, the scheduler, the workers and the readers."""
    readers = list_below(pids or [os.getpid()])
    return [time.process_time(), sum_cpu(pids[:1]), sum_cpu(pids[1:]), sum_cpu(readers)]


def visit(urls: list[str], home: Path, cluster: str, pids: list[int]) -> tuple[list[float], int]:
    """Seconds by clock and of the processes (``measure_cpu``), and how many posts came."""
    from aggregator.app import open_app
    from aggregator.config import Config, Settings
    from aggregator.storage.feeds import list_feed_states
    from aggregator.types import Feed, Kind, Outcome

    feeds = tuple(Feed(f"feed-{n}", f"Feed {n}", url, Kind.COMPANY, "en") for n, url in enumerate(urls))
    settings = Settings.model_validate({"cluster": cluster, "visits": {"allowed_networks": ["127.0.0.0/8"]}})
    with open_app(Config(home, Path("feeds.toml"), settings, feeds)) as app:
        with app.reading() as connection:
            states = list_feed_states(connection)
        # Processes and connections begin with the first unit, which is not measured.
        asyncio.run(app.visitor.visit(states[:2]))
        before = [time.perf_counter(), *measure_cpu(pids)]
        visits = asyncio.run(app.visitor.visit(states[2:]))
        after = [time.perf_counter(), *measure_cpu(pids)]
        if failed := [one.reason for one in visits if one.outcome is Outcome.FAILED]:
            raise Problem(f"{len(failed)} visits failed: {failed[0]}")
        if cluster and app.workers.count_cluster()["lost"]:
            raise Problem("units were lost")
    return [end - start for start, end in zip(before, after, strict=True)], sum(one.entries_new for one in visits)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--feeds", type=int, default=100)
    parser.add_argument("--workers", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--folder", type=Path, default=RECORDED)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        corpus = make_corpus(asked.folder, folder / "corpus", asked.feeds)
        with serve(folder / "corpus", folder / "server") as server:
            urls = [server.address_of(number) for number in range(asked.feeds)]
            print(
                "| workers | by clock | daemon | scheduler | workers | readers | entries |", "|---" * 7 + "|", sep="\n"
            )
            for workers in asked.workers:
                place = folder / f"run{workers}"
                place.mkdir()
                if workers:
                    with run_cluster(workers, place) as pids:
                        figures = visit(urls, place / "home", ADDRESS, pids)
                else:
                    figures = visit(urls, place / "home", "", [])
                seconds, entries = figures
                said = str(workers) if workers else "none (two processes)"
                print("|", said, *(f"| {one:.1f} s" for one in seconds), f"| {entries:,} |", flush=True)
    del corpus


if __name__ == "__main__":
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    try:
        main()
    except Problem as problem:
        sys.exit(f"cluster.py: {problem}")
