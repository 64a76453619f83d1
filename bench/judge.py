"""How fast posts are judged: ten thousand classified, and ranked as one month.

    python bench/judge.py

SQLite in a temporary folder. Prints a table.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from aggregator.app import open_app
from aggregator.config import Config, Settings
from aggregator.pipeline.judge import rank_month
from aggregator.rank.reasons import Weights
from aggregator.rank.shortlist import Quotas
from aggregator.types import Month
from stored import FEED, NOW, make_draft, make_update, store

POSTS = 10_000


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def bench_judge() -> None:
    with tempfile.TemporaryDirectory() as home:
        config = Config(Path(home), Path("feeds.toml"), Settings(), (FEED,))
        with open_app(config, clock=lambda: NOW) as app:
            words = "We reduced the latency of recommendation model serving on Kubernetes. " * 20
            drafts = [make_draft(number, title=f"Serving {number} 모델", text=words) for number in range(POSTS)]
            for start in range(0, POSTS, 1000):
                store(app.database, make_update(*drafts[start : start + 1000]))
            app.learner.get()
            classified = timed(app.classify)
            weights = Weights(**app.settings.weights.model_dump())
            quotas = replace(Quotas(**app.settings.shortlist.model_dump()))
            ranked = timed(lambda: rank_month(app.database, Month(2022, 12), weights=weights, quotas=quotas, now=NOW))
            print(f"classify {POSTS:,} posts, stored          {classified:8.2f} s   {POSTS / classified:,.0f} posts/s")
            print(f"rank a month of {POSTS:,}, stored         {ranked:8.2f} s")


if __name__ == "__main__":
    bench_judge()
    print(f"most memory                          {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.0f} MB")
