"""How fast posts are judged: ten thousand classified, and ranked as one month.

    python bench/judge.py

SQLite in a temporary folder. Prints a table.
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from aggregator.app import App, open_app
from aggregator.config import Config, Settings
from aggregator.pipeline.backtest import load_shipped
from aggregator.rank.ranking import Ranker, Surroundings
from aggregator.storage import posts
from aggregator.types import Decision, Month, PostDraft
from stored import FEED, NOW, make_draft, make_update, store

POSTS = 10_000


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def make_posts(app: App) -> None:
    """Candidates of one month of 200 sources, no two titles alike."""
    rng = random.Random(7)
    subjects = "recommendation ranking serving latency 추천 모델 서빙 비용 이상탐지 검색 speech diffusion fraud kubernetes".split()
    forms = ["How we built {} for {}", "{} {} 도입기", "New – {} now supports {}", "{} at scale: lessons from {}"]
    feeds = [
        replace(FEED, key=f"f{n}", url=f"https://b{n}.example/feed", site=f"https://b{n}.example/") for n in range(200)
    ]
    by_feed: dict[str, list[PostDraft]] = {}
    text = "We reduced the latency of recommendation model serving on Kubernetes. " * 20
    for number in range(POSTS):
        feed = feeds[number % len(feeds)]
        title = rng.choice(forms).format(
            f"{rng.choice(subjects)} {rng.choice(subjects)}", f"{rng.choice(subjects)} {number}"
        )
        url = f"https://b{number % len(feeds)}.example/{number}"
        links = (f"https://github.com/b{number}/code", "https://example.org/") if number % 3 == 0 else ()
        draft = make_draft(
            number,
            title=title,
            text=text,
            words=200 + number % 3000,
            feed_key=feed.key,
            url=url,
            canonical_url=url,
            links=links,
        )
        by_feed.setdefault(feed.key, []).append(draft)
    store(app.database, *(make_update(*by_feed[feed.key], feed=feed) for feed in feeds))


def bench_decision(app: App) -> None:
    """The decision alone: candidates in memory, no database."""
    with app.reading() as connection:
        candidates = posts.list_candidates(connection, Month(2022, 12))
    for count in (500, POSTS):
        ranker = Ranker(load_shipped())
        settled = [
            replace(c, printed_in=Month(2022, 11), post=replace(c.post, month=Month(2022, 11))) if n % 15 == 0 else c
            for n, c in enumerate(candidates[:500])
        ]
        ranker.remember_month(Month(2022, 11), settled, Surroundings())
        chosen = candidates[:count]
        rank = lambda: ranker.rank_month(
            Month(2022, 12), chosen, Surroundings(), weights=app.get_weights(), quotas=app.get_quotas()
        )
        first = timed(rank)
        print(f"the decision alone, {count:,} candidates     {first:8.2f} s   again {timed(rank):.2f} s")


def bench_judge() -> None:
    with tempfile.TemporaryDirectory() as home:
        config = Config(Path(home), Path("feeds.toml"), Settings(), (FEED,))
        with open_app(config, clock=lambda: NOW) as app:
            make_posts(app)
            app.get_model()
            classified = timed(app.classify)
            first = timed(lambda: app.rank([Month(2022, 12)]))
            again = timed(lambda: app.rank([Month(2022, 12)]))
            app.decide(17, Decision.REJECT, reason="off topic")
            verdict = timed(app.rank_decided)
            print(f"classify {POSTS:,} posts, stored          {classified:8.2f} s   {POSTS / classified:,.0f} posts/s")
            print(f"rank a month of {POSTS:,}, stored         {first:8.2f} s   again {again:.2f} s")
            print(f"the same after a verdict             {verdict:8.2f} s")
            bench_decision(app)


if __name__ == "__main__":
    bench_judge()
    print(f"most memory                          {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.0f} MB")
