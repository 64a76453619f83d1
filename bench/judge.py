"""How fast posts are judged: ten thousand classified, and ranked as one month.

    python bench/judge.py

SQLite in a temporary folder. Prints a table; takes half a minute.
"""

from __future__ import annotations

import gc
import random
import resource
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from aggregator.app import App, open_app
from aggregator.config import Config, Settings
from aggregator.pipeline import review, weights
from aggregator.pipeline.rules import list_tags, preview_rule, save_rule
from aggregator.pipeline.shipped import load_shipped
from aggregator.pipeline.weights import make_quotas, make_weights
from aggregator.rank.ranking import Ranker, RankingContext
from aggregator.rank.rules import Matcher, decide_rulings
from aggregator.shipped import SHIPPED
from aggregator.storage.candidates import list_candidates
from aggregator.storage.rules import list_rules, list_subjects
from aggregator.types import Act, Decision, Month, PostDraft, Rule, Trait
from world import FEED, NOW, make_draft, make_update, store

POSTS = 10_000
NOVEMBER, DECEMBER = Month(2022, 11), Month(2022, 12)


class Spent(NamedTuple):
    """Seconds by the clock, and of processor time."""

    wall: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.wall:8.2f} s   {self.cpu:.2f} s of processor time"


def timed(work: Callable[[], object]) -> Spent:
    start, before = time.perf_counter(), time.process_time()
    work()
    return Spent(time.perf_counter() - start, time.process_time() - before)


SUBJECTS = [
    "recommendation",
    "ranking",
    "serving",
    "추천",
    "모델",
    "서빙",
    "비용",
    "이상탐지",
    "speech",
    "diffusion",
    "fraud",
]
FORMS = ["How we built {} for {}", "{} {} 도입기", "New – {} now supports {}", "{} at scale: lessons from {}"]
TEXT = "We reduced the latency of recommendation model serving on Kubernetes. " * 20


def make_posts(app: App) -> None:
    """Candidates of one month of 200 sources, no two titles alike."""
    rng = random.Random(7)
    sites = [f"https://b{number}.example/" for number in range(200)]
    feeds = [replace(FEED, key=f"f{n}", url=f"{site}feed", site=site) for n, site in enumerate(sites)]
    by_feed: dict[str, list[PostDraft]] = {}
    for number in range(POSTS):
        feed = feeds[number % len(feeds)]
        one, other, third = rng.choices(SUBJECTS, k=3)
        url = f"{feed.site}{number}"
        draft = make_draft(
            number,
            title=rng.choice(FORMS).format(f"{one} {other}", f"{third} {number}"),
            text=TEXT,
            words=200 + number % 3000,
            # No source has so many on one day that they are kept apart.
            published_at=NOW - timedelta(days=number // len(feeds) % 20),
            feed_key=feed.key,
            url=url,
            canonical_url=url,
            links=(f"https://github.com/b{number}/code", "https://example.org/") if number % 3 == 0 else (),
        )
        by_feed.setdefault(feed.key, []).append(draft)
    store(app.database, *(make_update(*by_feed[feed.key], feed=feed) for feed in feeds))


def bench_decision(app: App, count: int) -> None:
    """The decision alone, with the collector off as in the daemon: candidates in memory, one month to learn from."""
    with app.reading() as connection:
        candidates = list_candidates(connection, DECEMBER)
    ranker = Ranker(load_shipped())
    printed = [replace(each, printed_in=NOVEMBER) if n % 15 == 0 else each for n, each in enumerate(candidates[:500])]
    ranker.remember_month(NOVEMBER, printed, RankingContext())
    weights, quotas = make_weights(app.settings), make_quotas(app.settings)
    for name in ("first", "again"):
        spent = timed(
            lambda: ranker.rank_month(DECEMBER, candidates[:count], RankingContext(), weights=weights, quotas=quotas)
        )
        print(f"the decision, {count:6,} candidates, {name} {spent}")


def bench_rules(app: App) -> None:
    """Fifty rules, ten of each kind, that give points and sections, mute and always show."""
    sought = {
        Trait.WORDS: "{} serving",
        Trait.PATTERN: r"(fraud|추천).*\b{}\d\d$",
        Trait.ADDRESS: "b{}.example",
        Trait.AUTHOR: "Author {}",
        Trait.CATEGORY: "category {}",
    }
    for number in range(50):
        trait, act = list(Trait)[number % 5], list(Act)[number % 4]
        section = SHIPPED.sections[number % 12] if act is Act.SECTION else None
        points = 0.5 if act is Act.POINTS else None
        save_rule(app, Rule(trait, sought[trait].format(number), act, points=points, section=section))
    with app.reading() as connection:
        known, tags = list_rules(connection), list_tags(connection)
        subjects = list_subjects(connection, DECEMBER, with_authors=True)
        candidates = list_candidates(connection, DECEMBER)
        reading = timed(lambda: list_subjects(connection, DECEMBER, with_authors=True))
    matcher = Matcher(known, tags)
    print(f"50 rules: what they look at is read  {reading}")
    for name in ("first", "again"):
        spent = timed(lambda: decide_rulings(matcher.match(subjects), candidates))
        print(f"50 rules over {POSTS:,} posts, {name}     {spent}   {len(matcher.match(subjects)):,} meant")
    print(f"rank the month with them, stored     {timed(lambda: app.judge.rank([DECEMBER]))}")
    print(f"the same once more                   {timed(lambda: app.judge.rank([DECEMBER]))}")
    touched = preview_rule(app, known[0]).touched
    print(f"preview of a rule of words           {timed(lambda: preview_rule(app, known[0]))}   {touched:,} touched")


def bench_felt(app: App) -> None:
    """What a verdict costs beside itself: it is felt in the posts that are alike."""
    print(f"see the open months as the model does {timed(app.judge.refresh_decided)}")
    felt, moved = [], []
    for number in range(40, 60):
        candidate = review.decide(app, number, Decision.REJECT, reason="off topic")
        felt.append(timed(lambda candidate=candidate: moved.append(len(app.judge.feel(candidate)))))
    middle, cpu = (1000 * statistics.median(getattr(each, name) for each in felt) for name in ("wall", "cpu"))
    print(f"let it be felt            median {middle:.0f} ms, {cpu:.0f} ms of processor time   "
          f"in {statistics.median(moved):.0f} posts")  # fmt: skip
    print(f"the same when the round comes again   {timed(app.judge.refresh_decided)}")


def bench_verdicts(app: App) -> None:
    """Whether who decides waits for the ranking of what was decided before."""
    quiet = [timed(lambda number=number: review.decide(app, number, Decision.HOLD)).wall for number in range(100, 120)]
    beside: list[float] = []
    for round_ in range(5):
        ranking = threading.Thread(target=app.judge.rank_decided)
        ranking.start()
        number = 200 + 100 * round_
        while ranking.is_alive():
            beside.append(timed(lambda number=number: review.decide(app, number, Decision.HOLD)).wall)
            number += 1
            time.sleep(0.05)
        ranking.join()
    for name, times in (("in quiet", quiet), ("while the month is ranked", beside)):
        print(f"a verdict {name:26} median {1000 * statistics.median(times):.0f} ms   "
              f"longest {1000 * max(times):.0f} ms")  # fmt: skip


def bench_judge() -> None:
    with tempfile.TemporaryDirectory() as home:
        config = Config(Path(home), Path("feeds.toml"), Settings(), (FEED,))
        with open_app(config, clock=lambda: NOW) as app:
            make_posts(app)
            app.learner.get()
            classified = timed(app.judge.classify)
            first = timed(lambda: app.judge.rank([DECEMBER]))
            again = timed(lambda: app.judge.rank([DECEMBER]))
            review.decide(app, 17, Decision.REJECT, reason="off topic")
            verdict = timed(app.judge.rank_decided)
            rate = f"{POSTS / classified.wall:,.0f} posts/s"
            print(f"classify {POSTS:,} posts, stored         {classified}   {rate}")
            print(f"rank a month of {POSTS:,}, stored        {first}")
            print(f"the same once more                   {again}")
            print(f"the same after a verdict             {verdict}")
            overridden = weights.plan_overrides(app, {"weights.business_case": 3, "shortlist.size": 60})
            review.decide(app, 18, Decision.REJECT, reason="off topic")
            for name in ("first after a verdict", "again"):
                preview = timed(lambda: app.judge.try_overrides(DECEMBER, overridden, most=10))
                print(f"try other weights, {name:17} {preview}")
            bench_felt(app)
            bench_verdicts(app)
            bench_rules(app)
            gc.disable()
            bench_decision(app, 500)
            bench_decision(app, POSTS)


if __name__ == "__main__":
    bench_judge()
    print(f"most memory                          {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.0f} MB")
