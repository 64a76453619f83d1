"""A year in about an hour: the daemon under the clock of a rehearsal, with feeds that grow and a curator who decides.

    python bench/soak.py [--months 12] [--speed 43200] [--feeds 123] [--folder RECORDED FEEDS] [--keep FOLDER] [--step 1]

123 feeds are made of recorded documents and served on the loopback; each publishes on as time goes by. ``aggregator run
--now … --visit`` follows them in a process of its own. Each week a curator decides about the shortlist over the API; months
are drafted and printed, models are fitted. At the end of every third month the daemon is ended and started again, in turn by
SIGTERM and SIGKILL.

Prints a row a month, and the rows of each table at the half and at the end. Ends with exit status 1 if a bound is broken;
the bounds stand in BOUNDS and ``check_growth``. Linux alone.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import blake2b
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import feedparser
import httpx2

from aggregator.pipeline.rehearsing import read_reached

FEW_ROWS = Path(__file__).parents[1] / "tests" / "few_rows.py"
RECORDED = Path(__file__).parents[2] / "shared" / "feeds"
BEGIN = datetime(datetime.now(UTC).year + 1, 1, 1, tzinfo=UTC)
SETTINGS = '[visits]\nhost_pause_seconds = 0\nallowed_networks = ["127.0.0.0/8"]\n\n[digest]\npage = "README.md"\n\n'
# The curator has something to decide about, even if the taste of the bench is hard to learn.
SETTINGS += "[shortlist]\nfloor = -100.0\n\n"
PAGE = "# Posts\n\n## 2. Business Cases and Implementations\n### 2.4. Training, Inference and MLOps\n"
PAGES = ("/queue/{month}", "/queue/{month}?show=all", "/digest/{month}", "/feeds", "/history", "/search?q=model")
ASKED = 20
#: What no month may exceed.
BOUNDS = {
    "daemon MB": 500,
    "workers MB": 400,
    "threads": 80,
    "open files": 120,
    "p95 ms": 500,
    "kB a post": 60,
    "lines a visit": 1.3,
    "files": 60,
}
#: The second half of the run may have so many times as many of these as the first.
STEADY = ("daemon MB", "workers MB", "threads", "open files", "kB a post")
MOST_GROWTH = 1.3
_WINDOW, _MOST_TEXT = 20, 20_000
# What the curator of the bench takes for the subject of the digest. Verdicts about scope by chance would teach the model
# that every post is out of scope as likely as not, and nothing would be proposed.
_SUBJECT = re.compile(
    r"\b(ai|ml|llms?|gpts?|models?|learn\w*|train\w*|neural|data|inference|embedding\w*|recommend\w*|vision|search|agents?|"
    r"transformers?|gpus?|prompts?|predict\w*)\b|모델|학습|데이터|추천|검색|인공지능|머신|딥러닝|추론|에이전트|예측",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Source:
    """A feed that publishes an entry each *pace*, and has always done so."""

    key: str
    entries: Sequence[tuple[str, str]]
    #: Titles of all feeds, and the sentences of their texts.
    others: Sequence[tuple[str, Sequence[str]]]
    pace: timedelta

    def count(self, now: datetime) -> int:
        return max(1, (now - BEGIN) // self.pace + _WINDOW)

    def write(self, count: int) -> bytes:
        items = "".join(map(self._write_item, range(max(0, count - _WINDOW), count)))
        return f"<rss version='2.0'><channel><title>{self.key}</title>{items}</channel></rss>".encode()

    def _mix(self, number: int) -> tuple[str, str]:
        """Title and text: those of a recorded entry. Once all have been published, half of its title goes with half of
        another, and as many sentences as its text has come from any texts. So an old post does not come back as a new
        one. Half of its own sentences would make the posts of each turn copies of those of the turns before.
        """
        turn, place = divmod(number, len(self.entries))
        title, text = self.entries[place]
        if turn == 0:
            return title, text
        chance = random.Random(f"{self.key} {number}")
        other, _ = chance.choice(self.others)
        sentences = [chance.choice(chance.choice(self.others)[1]) for _ in text.split(". ")]
        return _halve(title)[0] + " " + _halve(other)[1], ". ".join(sentences)[:_MOST_TEXT]

    def _write_item(self, number: int) -> str:
        title, text = self._mix(number)
        mark = blake2b(f"{self.key} {number}".encode(), digest_size=6).hexdigest()
        at = BEGIN + (number - _WINDOW + 1) * self.pace
        own = " ".join(f"{mark[:n]}-{number}" for n in range(3, 12))
        return (
            f"<item><title>{escape(title)} {mark[:5]}</title><link>https://{self.key}.example/{mark}</link>"
            f"<guid isPermaLink='false'>{mark}</guid><pubDate>{format_datetime(at)}</pubDate>"
            f"<description>{escape(text)} {own}</description></item>"
        )


def make_sources(folder: Path, feeds: int) -> list[Source]:
    """Make feeds of the recorded documents; two feeds of one document have other entries of it."""
    documents = []
    for file in sorted(folder.glob("*.xml")):
        # The beginning of a document is read as far as it goes.
        read = feedparser.parse(file.read_bytes()[:400_000]).entries[:60]
        entries = [(entry.get("title", "")[:200], _find_text(entry)[:_MOST_TEXT]) for entry in read]
        if len(entries) >= 4:
            documents.append(entries)
        if len(documents) == feeds:
            break
    sources, others = [], [(title, text.split(". ")) for title, text in chain.from_iterable(documents)]
    for number in range(feeds):
        entries, turn = documents[number % len(documents)], number // len(documents)
        pace = timedelta(hours=24 * (2 + number * 7 % 13))
        sources.append(Source(f"b{number}", entries[turn % 2 :: 2], others, pace))
    return sources


def _halve(title: str) -> tuple[str, str]:
    words = title.split()
    return " ".join(words[: len(words) // 2]), " ".join(words[len(words) // 2 :])


def _find_text(entry: Any) -> str:
    content = entry.get("content") or [{}]
    return str(content[0].get("value") or entry.get("summary", ""))


class World:
    """The server of the feeds, which give what is published by the time that was told last."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self.now = BEGIN
        self._sources = {source.key: source for source in sources}
        world = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                source = world._sources.get(self.path.strip("/"))
                if source is None:
                    self.send_error(404)
                    return
                count = source.count(world.now)
                tag = f'"{count}"'
                is_known = self.headers.get("If-None-Match") == tag
                body = b"" if is_known else source.write(count)
                self.send_response(304 if is_known else 200)
                self.send_header("ETag", tag)
                self.send_header("Content-Type", "application/rss+xml")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def name(self, key: str) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/{key}"


@dataclass
class Daemon:
    """The daemon of a rehearsal, as a process; ``log`` goes on over its starts."""

    base: Path
    folder: Path
    log: Path
    speed: float
    step: int
    process: subprocess.Popen[str] = field(init=False)
    client: httpx2.Client = field(init=False)
    token: str = ""
    #: What the API refused, and how often.
    refused: Counter[str] = field(default_factory=Counter)

    def start(self, now: datetime) -> None:
        options = ["run", "--now", now.isoformat(), "--speed", str(self.speed), "--visit", "--folder", str(self.folder)]
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [*self._call(self.base), *options], stdout=subprocess.PIPE, stderr=log, text=True, env=_environment()
            )
        found = next(filter(None, (re.search(r"http://\S+(?=/$)", line.strip()) for line in self.process.stdout or ())))
        threading.Thread(target=lambda: [None for _ in self.process.stdout or ()], daemon=True).start()
        # A connection for each request: a kept one may be closed by the daemon just when the next request is sent.
        limits = httpx2.Limits(max_keepalive_connections=0)
        self.client = httpx2.Client(base_url=found[0], follow_redirects=True, timeout=120, limits=limits)
        self.client.get("/login", params={"key": (self.folder / "login-key").read_text().strip()})
        if not self.token:
            added = [*self._call(self.folder), "token", "add", "soak", "--json"]
            self.token = json.loads(subprocess.check_output(added, env=_environment()))["secret"]

    def _call(self, home: Path) -> list[str]:
        return [sys.executable, str(FEW_ROWS), str(self.step), "--home", str(home)]

    def end(self, sign: signal.Signals) -> None:
        self.client.close()
        self.process.send_signal(sign)
        self.process.wait(180)

    def read_time(self) -> datetime:
        """The time of the rehearsal, as every page says it."""
        found = re.search(r'<time datetime="([^"]+)"', self.client.get("/sessions").text)
        if found is None:
            raise SystemExit(f"the page does not say what time it is; see {self.log}")
        return datetime.fromisoformat(found[1]).astimezone(UTC)

    def call(self, method: str, path: str, body: object = None) -> Any:
        answer = self.client.request(
            method, f"/api/v1{path}", json=body, headers={"Authorization": f"Bearer {self.token}"}
        )
        if answer.status_code == 200:
            return answer.json()
        self.refused[f"{method} {re.sub(r'[0-9]+', 'N', path)}: {answer.status_code} {answer.text[:160]}"] += 1
        return None


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AGGREGATOR_")}
    return {**kept, "PYTHONUNBUFFERED": "1"}


def decide(daemon: Daemon, month: str) -> int:
    """Decide about the shortlist of a month as a curator of fixed taste would; returns how many verdicts were taken.

    What is not about the subject is off topic; of the rest, chance approves some and calls others shallow.
    """
    queue = daemon.call("GET", f"/months/{month}/queue")
    taken = 0
    for post in (queue or {"posts": []})["posts"]:
        taste = blake2b(f"{post['feed']} {post['title'][:12]}".encode(), digest_size=1).digest()[0]
        is_meant = _SUBJECT.search(post["title"]) is not None
        if is_meant and taste < 170:
            deed, body = "approve", {"section": "2.4" if taste < 15 else post["section"] or "2.4"}
        else:
            deed, body = "reject", {"reason": "shallow" if is_meant else "off topic"}
        taken += daemon.call("POST", f"/posts/{post['post']}/{deed}", body) is not None
    return taken


def measure(daemon: Daemon, month: str) -> dict[str, float]:
    """Measure what may grow."""
    times: list[float] = []
    for page in PAGES:
        for _ in range(ASKED):
            start = time.perf_counter()
            daemon.client.get(page.format(month=month)).raise_for_status()
            times.append((time.perf_counter() - start) * 1000)
    pid = daemon.process.pid
    tables = count_rows(daemon.folder)
    size = sum(file.stat().st_size for file in daemon.folder.glob("aggregator.sqlite*"))
    with daemon.log.open() as log:
        lines = sum(1 for _ in log)
    return {
        "daemon MB": _read_status(pid, "VmRSS") / 1024,
        "workers MB": sum(_read_status(child, "VmRSS") for child in _list_children(pid)) / 1024,
        "threads": _read_status(pid, "Threads"),
        "open files": len(os.listdir(f"/proc/{pid}/fd")),
        "p95 ms": statistics.quantiles(times, n=20)[18],
        "database MB": size / 1e6,
        "kB a post": size / 1e3 / max(1, tables["posts"]),
        "posts": tables["posts"],
        "visits": tables["visits"],
        "verdicts": tables["verdicts"],
        "printed": tables["digests"],
        "lines a visit": lines / max(1, tables["visits"]),
        "files": sum(1 for file in daemon.folder.rglob("*") if file.is_file()),
    }


def count_rows(home: Path) -> dict[str, int]:
    with closing(sqlite3.connect(f"file:{home / 'aggregator.sqlite'}?mode=ro", uri=True, timeout=60)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        plain = [name for name in names if not name.startswith("search_index") and "_fts" not in name]
        return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in plain}


def _read_status(pid: int, name: str) -> int:
    with suppress(OSError):
        found = re.search(rf"^{name}:\s*(\d+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
        return int(found[1]) if found else 0
    return 0


def _list_children(pid: int) -> Iterator[int]:
    """All descendants."""
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in map(int, task.read_text().split()):
                yield child
                yield from _list_children(child)


def check_growth(rows: Sequence[dict[str, float]], counted: Sequence[dict[str, int]]) -> list[str]:
    """Say which bounds are broken, from a row and the sizes of the tables at the end of each month."""
    broken = [
        f"month {number}: {name} is {row[name]:.1f}, at most {most}"
        for number, row in enumerate(rows, 1)
        for name, most in BOUNDS.items()
        if row[name] > most
    ]
    if len(rows) < 4:
        return broken
    first, second = rows[: len(rows) // 2], rows[len(rows) // 2 :]
    for name in STEADY:
        before, after = max(row[name] for row in first), max(row[name] for row in second)
        if after > MOST_GROWTH * before:
            broken.append(f"{name} grew from {before:.1f} to {after:.1f}")
    # The first month fills an empty home. From then on a table may grow with the posts, the visits, the verdicts or the
    # printed lines, but not faster than all of them.
    begin, half, end = list_marks(counted)
    fastest = max(_grow(begin, half, end, name) for name in ("posts", "visits", "verdicts", "digest_lines"))
    broken += [
        f"the table {name} grew from {begin.get(name, 0)} to {half.get(name, 0)} and {count} rows"
        for name, count in end.items()
        if count > 200 and _grow(begin, half, end, name) > 1.1 * fastest
    ]
    return broken


def list_marks(counted: Sequence[dict[str, int]]) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
    """The sizes of the tables after the first month, at half of the run, and at its end."""
    return counted[0], counted[(len(counted) - 1) // 2], counted[-1]


def _grow(begin: dict[str, int], half: dict[str, int], end: dict[str, int], name: str) -> float:
    """How many times as many rows the second half of the run added as the first did after its first month."""
    return (end[name] - half.get(name, 0)) / max(1, half.get(name, 0) - begin.get(name, 0))


@contextmanager
def _choose_folder(keep: Path | None) -> Iterator[Path]:
    if keep:
        keep.mkdir(parents=True)
        yield keep
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def soak(folder: Path, sources: Sequence[Source], months: int, speed: float, step: int) -> list[str]:
    """Run the year, print what was measured, and return which bounds are broken."""
    world, base = World(sources), folder / "base"
    base.mkdir()
    (base / "README.md").write_text(PAGE)
    tables = [f'[feeds.{s.key}]\nname = "{s.key}"\nkind = "company"\nurl = "{world.name(s.key)}"\n' for s in sources]
    (base / "feeds.toml").write_text(SETTINGS + "\n".join(tables))
    daemon = Daemon(base, folder / "rehearsal", folder / "log", speed, step)
    subprocess.run([*daemon._call(base), "feeds", "apply"], check=True, env=_environment(), capture_output=True)
    daemon.start(BEGIN)
    rows: list[dict[str, float]] = []
    counted: list[dict[str, int]] = []
    began, decided, last = time.monotonic(), BEGIN, BEGIN
    while len(rows) < months:
        time.sleep(0.3)
        now = world.now = daemon.read_time()
        if now - decided >= timedelta(days=7):
            listed = daemon.call("GET", "/months") or []
            for month in {each["month"] for each in listed if each["is_open"]} | {f"{now:%Y-%m}"}:
                decide(daemon, month)
            decided = now
        if (now.year, now.month) != (last.year, last.month):
            row = measure(daemon, f"{last:%Y-%m}")
            rows.append(row)
            counted.append(count_rows(daemon.folder))
            if len(rows) == 1:
                print(f"| month | minutes | {' | '.join(row)} |\n|{'---|' * (len(row) + 2)}")
            minutes = (time.monotonic() - began) / 60
            print(f"| {last:%Y-%m} | {minutes:.0f} | {' | '.join(f'{v:,.4g}' for v in row.values())} |", flush=True)
            if len(rows) % 3 == 0 and len(rows) < months:
                daemon.end(signal.SIGKILL if len(rows) % 2 else signal.SIGTERM)
                # What was stored just before a kill is a little later than what was noted.
                now = read_reached(daemon.folder) + timedelta(days=1)
                daemon.start(now)
        last = now
    daemon.end(signal.SIGTERM)
    print("\n| table | first month | half | end |\n|---|---|---|---|")
    for name, count in sorted(counted[-1].items()):
        if count:
            print(f"| {name} | {' | '.join(f'{one.get(name, 0):,}' for one in list_marks(counted))} |")
    print("".join(f"\n{count:,} times refused: {what}" for what, count in daemon.refused.most_common(20)))
    log = (folder / "log").read_text()
    errors = [line for line in log.splitlines() if "Traceback" in line or "internal error" in line]
    return check_growth(rows, counted) + errors[:5]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--speed", type=float, default=43_200)
    parser.add_argument("--feeds", type=int, default=123)
    parser.add_argument("--folder", type=Path, default=RECORDED)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--step", type=int, default=1, help="learn from each so-many-th of the shipped rows")
    given = parser.parse_args()
    with _choose_folder(given.keep) as folder:
        broken = soak(folder, make_sources(given.folder, given.feeds), given.months, given.speed, given.step)
    print("\n" + ("\n".join(broken) or "Every bound holds."))
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()
