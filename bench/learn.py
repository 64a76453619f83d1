"""What a nightly fit costs, and how quick the reasons of a guess are.

    python bench/learn.py [DECISIONS] [POSTS]

SQLite in a temporary folder, with so many posts stored of which so many are decided. Fits as the daemon does, in a
process of its own, and asks for pages over HTTP meanwhile and before.
"""

from __future__ import annotations

import os
import resource
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx2

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from pages import serve

from aggregator.app import App, open_app
from aggregator.classify.training import load_shipped_rows
from aggregator.config import Config, Settings
from aggregator.storage import judgements
from aggregator.types import Correction, Decision, Month, Section, Verdict
from world import FEED, NOW, make_draft, make_update, store

LATEST = Month(2022, 12)
ASKED = 60


def fill(app: App, posts: int, decisions: int) -> None:
    """Posts with the words of shipped rows, mixed with those of others; the first ones decided as those rows say."""
    rows = load_shipped_rows()
    batch, sections = [], []
    for number in range(posts):
        row, other = rows[number % len(rows)], rows[(number * 7 + 3) % len(rows)]
        words = [*row.document.title.words, *row.document.title.hangul]
        text = " ".join((*row.document.text.words, *row.document.text.hangul, *other.document.text.words)) * 3
        month = LATEST.shift(-(number % 120))
        batch.append(make_draft(number, title=f"{' '.join(words)} {number}", text=text, month=month))
        sections.append(row.section)
        if len(batch) == 5000:
            store(app.database, make_update(*batch))
            batch = []
    if batch:
        store(app.database, make_update(*batch))
    decide(app, sections[:decisions])


def decide(app: App, sections: list[Section | None]) -> None:
    from aggregator.storage.posts import list_posts

    model = app.learner.get()
    with app.reading() as connection:
        found = list(list_posts(connection, list(range(1, len(sections) + 1))).values())
    guesses = model.guess(found)
    with app.database.writing() as connection:
        judgements.save_guesses(connection, guesses, NOW)
        for post, guess, section in zip(found, guesses, sections, strict=True):
            if section is not None and section != guess.section:
                judgements.append_correction(connection, Correction(post.id, "curator", NOW, section=section))
            verdict = Verdict(post.id, Decision.APPROVE if section else Decision.REJECT, "curator", NOW, "off topic")
            judgements.append_verdict(connection, verdict)


def ask(client: httpx2.Client, paths: list[str]) -> tuple[float, float]:
    """Median and 95th percentile, in milliseconds."""
    times = []
    for path in paths:
        start = time.perf_counter()
        answer = client.get(path)
        times.append((time.perf_counter() - start) * 1000)
        if answer.status_code != 200:
            raise SystemExit(f"{path} answers {answer.status_code}")
    return statistics.median(times), statistics.quantiles(times, n=20)[18]


def memory() -> float:
    """Of this process, now, in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main(decisions: int, posts: int) -> None:
    with tempfile.TemporaryDirectory() as home:
        config = Config(Path(home), Path("feeds.toml"), Settings(), (replace(FEED, key="haneul"),))
        with open_app(config, clock=lambda: NOW) as app:
            fill(app, posts, decisions)
            print(f"{posts:,} posts stored, {decisions:,} of them decided")
            print(f"read the decided posts for the first time    {timed(app.judge.refresh_decided):8.2f} s")
            _, address, stop = serve(app)
            with httpx2.Client(base_url=address, follow_redirects=True, timeout=60) as client:
                client.get("/login", params={"key": app.login_key})
                why = [f"/posts/{decisions + n * 11 + 1}/why" for n in range(ASKED)]
                queue = [f"/queue/{LATEST}"] * ASKED
                for name, paths in (("why", why), ("queue", queue)):
                    print("{:<10} median {:6.1f} ms   p95 {:6.1f} ms".format(name, *ask(client, paths)))
                before, most = memory(), [0.0]
                took: list[float] = []
                fitting = threading.Thread(target=lambda: took.append(timed(app.learner.fit)))
                fitting.start()
                asked: list[tuple[float, float]] = []
                while fitting.is_alive():
                    asked.append(ask(client, queue[:20]))
                    most.append(memory())
                fitting.join()
                child, (_, worst) = resource.getrusage(resource.RUSAGE_CHILDREN), max(asked, key=lambda pair: pair[1])
                own = child.ru_maxrss / 1024
                print(f"fit with its comparison      {took[0]:8.1f} s, {child.ru_utime:.1f} s of processor")
                print(f"memory: before {before:.0f} MB, most during the fit {max(most):.0f} MB, the fit {own:.0f} MB")
                middle = statistics.median(median for median, _ in asked)
                print(f"queue during the fit: median {middle:.1f} ms, worst p95 {worst:.1f} ms")
                print(app.learner.look().models[0].reason)
                print(f"read the decided posts for another model     {timed(app.judge.refresh_decided):8.2f} s")
            stop()


if __name__ == "__main__":
    numbers = [int(argument.replace(",", "")) for argument in sys.argv[1:]]
    main(*[*numbers, *(5_000, 100_000)[len(numbers) :]])
