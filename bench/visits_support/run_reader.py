"""Visit feeds once with lemon24/reader, in a process of its own and with a Python of its own.

    python run_reader.py FEEDS.json HOME RESULT.json WORKERS

The same question as run_aggregator.py, with reader's defaults but for the number of workers: all feeds are asked
(``scheduled=False``), for a second visit within the hour would otherwise ask none. Adding the feeds is not measured.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from reader import make_reader


def main(feeds_file: Path, home: Path, result_file: Path, workers: int) -> None:
    home.mkdir(parents=True, exist_ok=True)
    reader = make_reader(str(home / "reader.sqlite"))
    for url in json.loads(feeds_file.read_text(encoding="utf-8")):
        reader.add_feed(url, exist_ok=True)
    before = reader.get_entry_counts().total
    cpu, start = _cpu_seconds(), time.perf_counter()
    reader.update_feeds(scheduled=False, workers=workers)
    seconds = time.perf_counter() - start
    cpu = _cpu_seconds() - cpu
    entries = reader.get_entry_counts().total
    failed = [feed for feed in reader.get_feeds() if feed.last_exception]
    result = {
        "seconds": seconds,
        "cpu_seconds": cpu,
        "entries": entries,
        "entries_new": entries - before,
        "failed": [feed.url for feed in failed],
    }
    reader.close()
    result_file.write_text(json.dumps(result), encoding="utf-8")


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:4]), int(sys.argv[4]))
