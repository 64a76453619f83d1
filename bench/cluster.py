"""How long a first visit takes without a cluster, and with one and two workers on this machine.

    python bench/cluster.py [--feeds 100] [--workers 0 1 2] [--folder FOLDER OF FEED DOCUMENTS]

The feeds are those of ``bench/visits.py``. Workers are processes of this machine, so a machine of two processors shows what
a cluster costs (by processor time) and that its workers share the work, not how much quicker many machines are. Prints a
table in Markdown: by clock, and processor time of the daemon's process and of all that read (the processes of the daemon, or
scheduler and workers).
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


def list_tree(pids: list[int]) -> list[int]:
    found = list(pids)
    for pid in found:
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            found += [int(child) for child in children.read_text().split()]
    return found


def measure_cpu(pids: list[int]) -> float:
    """Processor seconds of processes and all below them."""
    spent = 0
    for pid in list_tree(pids):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        spent += int(fields[11]) + int(fields[12])
    return spent / TICKS


def visit(urls: list[str], home: Path, cluster: str, pids: list[int]) -> tuple[float, float, float, int]:
    """Seconds by clock, of processor time here and elsewhere, and how many posts came."""
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
        own, elsewhere, start = time.process_time(), measure_cpu(pids or _children()), time.perf_counter()
        visits = asyncio.run(app.visitor.visit(states[2:]))
        took = time.perf_counter() - start
        own, elsewhere = time.process_time() - own, measure_cpu(pids or _children()) - elsewhere
        if failed := [one.reason for one in visits if one.outcome is Outcome.FAILED]:
            raise Problem(f"{len(failed)} visits failed: {failed[0]}")
        if cluster and app.workers.count_cluster()["lost"]:
            raise Problem("units were lost")
    return took, own, elsewhere, sum(one.entries_new for one in visits)


def _children() -> list[int]:
    return [int(one) for file in Path("/proc/self/task").glob("*/children") for one in file.read_text().split()]


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
            print("| workers | by clock | daemon | workers or processes | entries |\n|---|---|---|---|---|", flush=True)
            for workers in asked.workers:
                place = folder / f"run{workers}"
                place.mkdir()
                if workers:
                    with run_cluster(workers, place) as pids:
                        figures = visit(urls, place / "home", ADDRESS, pids)
                else:
                    figures = visit(urls, place / "home", "", [])
                took, own, elsewhere, entries = figures
                said = str(workers) if workers else "none (two processes)"
                print(f"| {said} | {took:.1f} s | {own:.1f} s | {elsewhere:.1f} s | {entries:,} |", flush=True)
    del corpus


if __name__ == "__main__":
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    try:
        main()
    except Problem as problem:
        sys.exit(f"cluster.py: {problem}")
