"""How fast each stage is: first and unchanged visit of the recorded feeds, posts classified, a month ranked.

    python bench/road.py [FOLDER OF FEED DOCUMENTS]

Everything runs on this machine over the loopback, with SQLite in a temporary folder. Prints a table.
"""

from __future__ import annotations

import asyncio
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
from aggregator.pipeline.judge import rank_month
from aggregator.rank.reasons import Weights
from aggregator.rank.shortlist import Quotas
from aggregator.storage.feeds import list_feed_states
from aggregator.types import Feed, Kind, Month
from feed_server import FeedServer, serve_feeds
from stored import FEED, NOW, make_draft, make_update, store

POSTS = 10_000


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def follow(server: FeedServer, folder: Path) -> list[Feed]:
    return [
        Feed(file.stem.replace("@", "_"), file.stem, server.play(f"/{file.name}", file.read_bytes(), gzipped=True),
             Kind.COMPANY, "en")
        for file in sorted(folder.glob("*.xml"))
    ]  # fmt: skip


def visit_all(app: App) -> None:
    with app.reading() as connection:
        states = list_feed_states(connection)
    asyncio.run(app.visit(states))


def bench_collect(folder: Path) -> None:
    with serve_feeds() as server, tempfile.TemporaryDirectory() as home:
        feeds = follow(server, folder)
        visits = {"parser_processes": 2, "per_host": 16, "host_pause_seconds": 0, "allowed_networks": ["127.0.0.0/8"]}
        settings = Settings.model_validate({"visits": visits})
        with open_app(Config(Path(home), Path("feeds.toml"), settings, tuple(feeds))) as app:
            first = timed(lambda: visit_all(app))
            again = timed(lambda: visit_all(app))
            judged = timed(app.judge_new)
            print(f"first visit of {len(feeds)} recorded feeds     {first:8.2f} s")
            print(f"visit when nothing changed           {again:8.2f} s   {again / len(feeds) * 1000:.1f} ms a feed")
            print(f"fit the model, classify, rank all    {judged:8.2f} s")


def bench_judge() -> None:
    with tempfile.TemporaryDirectory() as home:
        config = Config(Path(home), Path("feeds.toml"), Settings(), (FEED,))
        with open_app(config, clock=lambda: NOW) as app:
            words = "We reduced the latency of recommendation model serving on Kubernetes. " * 20
            drafts = [make_draft(number, title=f"Serving {number} 모델", text=words) for number in range(POSTS)]
            for start in range(0, POSTS, 1000):
                store(app.database, make_update(*drafts[start : start + 1000]))
            app.get_model()
            classified = timed(app.classify)
            weights = Weights(**app.settings.weights.model_dump())
            quotas = replace(Quotas(**app.settings.shortlist.model_dump()))
            ranked = timed(lambda: rank_month(app.database, Month(2022, 12), weights=weights, quotas=quotas, now=NOW))
            print(f"classify {POSTS:,} posts, stored          {classified:8.2f} s   {POSTS / classified:,.0f} posts/s")
            print(f"rank a month of {POSTS:,}, stored         {ranked:8.2f} s")


if __name__ == "__main__":
    recorded = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2] / "shared" / "feeds"
    if recorded.is_dir():
        bench_collect(recorded)
    else:
        print(f"no recorded feeds at {recorded}: visits are not measured")
    bench_judge()
    print(f"most memory                          {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.0f} MB")
