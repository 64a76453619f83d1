"""Whether a home holds with 100,000 or 1,000,000 feeds: the real due-queue, gates and writes under a virtual clock.

    python bench/schedule.py [--feeds 100000] [--minutes 10] [--database sqlite|postgresql]

Nothing is retrieved: each answer is drawn (93 of 100 not modified, 5 failed, 2 a small document) and takes a drawn time.
Seven of ten feeds have a host of their own, two share hosts of a hundred, and one of ten is at one of ten large hosts. The
clock stands still while the program works, and else goes on to what comes next. Prints a line for each minute of the clock.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import resource
import selectors
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self
from unittest.mock import patch

import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from aggregator.addresses.urls import host_of
from aggregator.app import App, open_app
from aggregator.config import Config, Settings
from aggregator.exceptions import RetrieveError
from aggregator.fetch.hosts import HostGate
from aggregator.pipeline.network import Network
from aggregator.storage.database import Aim
from aggregator.storage.feeds import list_due_feeds
from aggregator.types import NotModified, Retrieved
from databases import run_postgres

BEGIN = datetime(2026, 11, 2, tzinfo=UTC)
DOCUMENT = b"""<rss version="2.0"><channel><title>t</title><item><title>Serving %d</title><link>https://%s/%d</link>
<pubDate>Sun, 01 Nov 2026 00:00:00 GMT</pubDate></item></channel></rss>"""
_SERIES = {
    "sqlite": "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < :feeds)",
    "postgresql": "WITH s AS (SELECT CAST(generate_series(1, :feeds) AS bigint) AS n)",
}
_LATER = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f000', '2026-11-02', '+' || (n * 7919 % 43200) || ' seconds')",
    "postgresql": "timestamptz '2026-11-02 00:00:00+00' + (n * 7919 % 43200) * interval '1 second'",
}
# Every one of them has been visited before, and comes due again within twelve hours.
_INSERT = """INSERT INTO feeds (key, name, url, language, kind, weight, tags, active, listed, etag, last_visit_at,
    last_success_at, next_visit_at, pace_minutes, failures, last_outcome) {series}
    SELECT 'f' || n, 'Feed ' || n, 'https://' || CASE WHEN n % 10 = 0 THEN 'large' || (n / 10 % 10) || '.example'
    WHEN n % 10 < 3 THEN 'shared' || (n / 100) || '.example' ELSE 'own' || n || '.example' END || '/' || n || '/feed.xml',
    'en', 'company', 1.0, '[]', true, '{{}}', '"e"', {seen}, {seen}, {later}, 600.0, 0, 'not modified' FROM s"""
_SEEN = {"sqlite": "'2026-11-01 12:00:00.000000'", "postgresql": "timestamptz '2026-11-01 12:00:00+00'"}


class VirtualLoop(asyncio.SelectorEventLoop):
    """Its time goes on only when nothing is left to do before a timer, and no thread is at work."""

    def __init__(self) -> None:
        self.now, self.at_work = 0.0, 0
        super().__init__(_Selector(self))

    def time(self) -> float:
        return self.now

    def run_in_executor(self, executor: Any, function: Any, *args: Any) -> Any:
        self.at_work += 1
        future = super().run_in_executor(executor, function, *args)
        future.add_done_callback(lambda _: setattr(self, "at_work", self.at_work - 1))
        return future


class _Selector(selectors.DefaultSelector):  # type: ignore[misc,valid-type]
    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> Any:
        if self._loop.at_work or not timeout:
            return super().select(0.01 if timeout or timeout is None else 0)
        found = super().select(0)
        if not found:
            self._loop.now += timeout
        return found


@dataclass
class Answers(AbstractAsyncContextManager["Answers"]):
    """Answers in place of servers, and how politely each host was asked."""

    loop: VirtualLoop
    random: random.Random
    at_once: Counter[str] = field(default_factory=Counter)
    most_at_once: int = 0
    begun: dict[str, float] = field(default_factory=dict)
    shortest_pause: float = float("inf")
    asked: int = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def retrieve(self, url: str, **_: Any) -> NotModified | Retrieved:
        host, now = host_of(url), self.loop.time()
        self.asked += 1
        if host in self.begun:
            self.shortest_pause = min(self.shortest_pause, now - self.begun[host])
        self.begun[host] = now
        self.at_once[host] += 1
        self.most_at_once = max(self.most_at_once, self.at_once[host])
        try:
            await asyncio.sleep(min(self.random.lognormvariate(-1.0, 0.8), 30.0))
        finally:
            self.at_once[host] -= 1
        drawn = self.random.random()
        if drawn < 0.05:
            raise RetrieveError(url, "the server is in trouble (HTTP 503)", status=503)
        if drawn < 0.07:
            number = self.random.randrange(10**9)
            return Retrieved(url, 200, DOCUMENT % (number, host.encode(), number), "application/rss+xml", etag='"n"')
        return NotModified(url)


@contextmanager
def open_home(kind: str, feeds: int) -> Iterator[tuple[App, VirtualLoop]]:
    loop = VirtualLoop()
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        address = stack.enter_context(run_postgres()).create_migrated() if kind == "postgresql" else ""
        visits = {"parser_processes": 0, "connections": 256}
        settings = Settings.model_validate({"database_url": address, "visits": visits})
        config = Config(home, home / "feeds.toml", settings, ())
        with open_app(config, Aim.BEGIN, clock=lambda: BEGIN + timedelta(seconds=loop.now)) as app:
            start = time.perf_counter()
            with app.database.writing() as connection:
                query = _INSERT.format(series=_SERIES[kind], later=_LATER[kind], seen=_SEEN[kind])
                connection.execute(sa.text(query), {"feeds": feeds})
                connection.execute(sa.text("ANALYZE"))
            print(f"{feeds:,} feeds in {kind}, made in {time.perf_counter() - start:.0f} s", flush=True)
            yield app, loop


def count_statements(app: App) -> Counter[str]:
    """Transactions that wrote, and statements with rows that they were given, from here on."""
    done: Counter[str] = Counter()

    def note(_connection: Any, cursor: Any, statement: str, *_rest: Any) -> None:
        done["statements"] += 1
        if not statement.lstrip().startswith("SELECT"):
            done["rows"] += max(cursor.rowcount, 0)

    sa.event.listen(sa.Engine, "after_cursor_execute", note)
    sa.event.listen(sa.Engine, "commit", lambda _: done.update(transactions=1))
    return done


async def run_minutes(app: App, answers: Answers, minutes: int, done: Counter[str]) -> None:
    loop = answers.loop
    print(
        "minute | due | listed in s | visited | behind s | took s | processor s | transactions | rows | MB", flush=True
    )
    totals: dict[str, float] = defaultdict(float)
    for minute in range(1, minutes + 1):
        loop.now = max(loop.now, minute * 60.0)
        start = time.perf_counter()
        with app.reading() as connection:
            due = list_due_feeds(connection, app.now, most=10_000, per_host=60)
        listed = time.perf_counter() - start
        behind = max((app.now - state.next_visit_at for state in due if state.next_visit_at), default=timedelta())
        done.clear()
        start, cpu = time.perf_counter(), time.process_time()
        visits = await app.visitor.visit_due()
        took, cpu = time.perf_counter() - start, time.process_time() - cpu
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{minute} | {len(due):,} | {listed:.3f} | {len(visits):,} | {behind.total_seconds():.0f} | {took:.1f} | "
            f"{cpu:.1f} | {done['transactions']:,} | {done['rows']:,} | {memory:.0f}",
            flush=True,
        )
        for name, number in {"visits": len(visits), "seconds": took, "cpu": cpu, **done}.items():
            totals[name] += number
    each = totals["visits"] / 1000 or 1
    print(
        f"a thousand visits: {totals['seconds'] / each:.2f} s, {totals['cpu'] / each:.2f} s of processor time, "
        f"{totals['transactions'] / each:.0f} transactions, {totals['rows'] / each:.0f} rows; "
        f"{totals['visits'] / (loop.now or 1):.1f} visits a second of the clock"
    )
    print(f"at most {answers.most_at_once} at once of a host, shortest pause {answers.shortest_pause:.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--feeds", type=int, default=100_000)
    parser.add_argument("--minutes", type=int, default=10)
    parser.add_argument("--database", choices=list(_SERIES), default="sqlite")
    asked = parser.parse_args()
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    with open_home(asked.database, asked.feeds) as (app, loop):
        answers = Answers(loop, random.Random(1))
        gates = HostGate(app.settings.visits.per_host, app.settings.visits.host_pause_seconds, clock=loop.time)
        with (
            patch.object(Network, "open", lambda _: answers),
            patch.object(Network, "hosts", gates),
            asyncio.Runner(loop_factory=lambda: loop) as runner,
        ):
            runner.run(run_minutes(app, answers, asked.minutes, count_statements(app)))


if __name__ == "__main__":
    main()
