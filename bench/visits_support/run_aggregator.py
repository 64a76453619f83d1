"""Visit feeds once with aggregator, in a process of its own.

    python run_aggregator.py FEEDS.json HOME RESULT.json

FEEDS.json is a list of addresses; HOME keeps the database from one visit to the next. Settings are as shipped, but for
the loopback being allowed. The result tells how long the visit took, from reading the states to the last write, and
what it did and left behind.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import resource
import sqlite3
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.types import Visit


def main(feeds_file: Path, home: Path, result_file: Path) -> None:
    # Late, as the console script does it, for every worker process imports what stands at the top.
    from aggregator.app import open_app
    from aggregator.cli.base import set_up_logs
    from aggregator.config import Config, Settings
    from aggregator.types import Feed, Kind

    set_up_logs(verbose=True)  # as the daemon does
    urls = json.loads(feeds_file.read_text(encoding="utf-8"))
    feeds = [Feed(f"feed-{n}", f"Feed {n}", url, Kind.COMPANY, "en") for n, url in enumerate(urls)]
    settings = Settings.model_validate({"visits": {"allowed_networks": ["127.0.0.0/8"]}})
    with open_app(Config(home, Path("feeds.toml"), settings, tuple(feeds))) as app:
        cpu, start = _cpu_seconds(resource.RUSAGE_SELF), time.perf_counter()
        visits = visit_all(app)
        seconds = time.perf_counter() - start
        cpu = _cpu_seconds(resource.RUSAGE_SELF) - cpu
    for process in multiprocessing.active_children():
        process.join()
    result = {
        "seconds": seconds,
        "cpu_seconds": cpu,
        "workers_cpu_seconds": _cpu_seconds(resource.RUSAGE_CHILDREN),
        "outcomes": Counter(str(visit.outcome) for visit in visits),
        "reasons": Counter(visit.reason for visit in visits if visit.outcome == "failed"),
        "entries_seen": sum(visit.entries_seen for visit in visits),
        "entries_new": sum(visit.entries_new for visit in visits),
        **_count_rows(home / "aggregator.sqlite"),
    }
    result_file.write_text(json.dumps(result), encoding="utf-8")


def visit_all(app: App) -> list[Visit]:
    from aggregator.storage.feeds import list_feed_states

    with app.reading() as connection:
        states = list_feed_states(connection)
    return asyncio.run(app.visitor.visit(states))


def _cpu_seconds(who: int) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def _count_rows(database: Path) -> dict[str, int]:
    connection = sqlite3.connect(database)
    try:
        return {
            table: connection.execute(f"select count(*) from {table}").fetchone()[0] for table in ("entries", "posts")
        }
    finally:
        connection.close()


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:4]))
