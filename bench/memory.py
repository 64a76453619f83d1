"""How much memory the daemon and its workers hold at 500 feeds and 100,000 posts, with the model.

    python bench/memory.py [--posts 100000] [--feeds 500] [--days 15] [--keep FOLDER] [--longest 600]

Starts the daemon on a home as ``pages.py`` makes it (with ``--keep``, on a copy of one that it kept), lets it follow
invented feeds on the loopback, and reads the proportional set size of the daemon and of its children (PSS: a page that
several processes share counts once). Each feed has 20 entries, so many days apart: with 15, 500 feeds bring 1,000
candidates a month; with 1, all 10,000 are of one month. A row is the most that was seen from one step to the next. Each
step ends when the processes have rested for some seconds, or after so many seconds. Linux alone.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from pages import LATEST, PAGES, make_home, open_home

from aggregator.storage.database import Database
from aggregator.storage.tables import feeds
from daemon import children_of, run_daemon, write_feeds
from feed_server import serve_feeds

_LOOK_SECONDS = 0.5
_REST_SECONDS = 15.0
_TICKS = os.sysconf("SC_CLK_TCK")


def list_processes(pid: int) -> list[int]:
    """The process and all that it has started."""
    return [pid, *(each for child in children_of(pid) for each in list_processes(child))]


def read_pss(pid: int) -> float:
    """MB of a process; 0 if it has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def read_cpu(pid: int) -> float:
    """Seconds of processor time that the process and its children have taken."""
    total = 0
    for each in list_processes(pid):
        try:
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += int(fields[11]) + int(fields[12])
    return total / _TICKS


class Watch:
    """Looks at the processes all the time, and keeps the most of each step."""

    def __init__(self, pid: int, longest: float) -> None:
        self._pid, self._longest = pid, longest
        self._most = (0.0, 0.0, 0)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def _look(self) -> None:
        while not self._ended.wait(_LOOK_SECONDS):
            found = [read_pss(each) for each in list_processes(self._pid)]
            if found and sum(found) > self._most[0]:
                self._most = sum(found), found[0], len(found)

    def rest(self) -> None:
        """Wait until the processes have hardly worked for some seconds."""
        end = time.monotonic() + self._longest
        while time.monotonic() < end:
            before = read_cpu(self._pid)
            time.sleep(_REST_SECONDS)
            if read_cpu(self._pid) - before < 0.04 * _REST_SECONDS:
                return

    def tell(self, step: str) -> None:
        """Print the most since the last step, and what is held now."""
        everything, daemon, processes = self._most
        now = sum(read_pss(each) for each in list_processes(self._pid))
        self._most = (0.0, 0.0, 0)
        print(f"{step:40} most {everything:5.0f} MB ({processes} processes, the daemon {daemon:5.0f})   "
              f"then {now:5.0f} MB", flush=True)  # fmt: skip

    def end(self) -> None:
        self._ended.set()
        self._thread.join()


@contextmanager
def prepare(kept: Path | None, posts: int) -> Iterator[Path]:
    """A home that may be changed."""
    with tempfile.TemporaryDirectory() as passing:
        folder = Path(passing)
        if kept and (kept / "sqlite" / f"{posts} posts").exists():
            shutil.copytree(kept / "sqlite", folder / "sqlite")
        else:
            with open_home(folder, "sqlite") as app:
                make_home(app, posts)
        yield folder / "sqlite"


def make_due(home: Path) -> None:
    database = Database(f"sqlite:///{home / 'aggregator.sqlite'}")
    with database.writing() as connection:
        connection.execute(sa.update(feeds).values(next_visit_at=datetime.now(UTC)))
    database.close()


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--posts", type=int, default=100_000)
    asked.add_argument("--feeds", type=int, default=500)
    asked.add_argument("--days", type=int, default=15)
    asked.add_argument("--keep", type=Path)
    asked.add_argument("--longest", type=float, default=600)
    said = asked.parse_args()
    with prepare(said.keep, said.posts) as home, serve_feeds() as server:
        write_feeds(home, server, said.feeds, days=said.days)
        # As many workers as the settings give.
        file = home / "feeds.toml"
        file.write_text(file.read_text().replace("parser_processes = 1\n", ""))
        with run_daemon(home, 1) as (process, login):
            watch = Watch(process.pid, said.longest)
            try:
                watch.rest()
                watch.tell(f"first visit of {said.feeds} feeds, judged")
                watch.rest()
                watch.tell("idle")
                with httpx2.Client(follow_redirects=True, timeout=None) as client:
                    address = str(client.get(login).url.join("/"))
                    for _ in range(3):
                        for path in PAGES.values():
                            client.get(address.rstrip("/") + path)
                    watch.tell("pages")
                    make_due(home)
                    watch.rest()
                    watch.tell("unchanged visit")
                    page = client.get(f"{address}queue/{LATEST}").text
                    token = page.partition('name="token" value="')[2].partition('"')[0]
                    client.post(f"{address}queue/{LATEST}/rank", data={"token": token})
                watch.rest()
                watch.tell("ranking of the month")
            finally:
                watch.end()


if __name__ == "__main__":
    main()
