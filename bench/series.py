"""How fast titles are read for parts of series, and how fast the series of a page are found among 100,000 posts.

    python bench/series.py [FEEDS [TITLES.jsonl …]]

FEEDS is a folder of feed documents, by default that of the recorded ones beside the repository; further files hold
titles (``{"title": …}`` or ``{"original": …}`` a line). With ``--list`` the marks that were found are written, to be
read one by one. SQLite in a temporary folder.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from aggregator.feeds.parse import parse_document
from aggregator.pipeline.series import find_series
from aggregator.posts.series import name_series, read_part
from aggregator.storage.database import Database
from world import FEED, NOW, make_draft, make_update, store

POSTS = 100_000
PAGE = 50


def list_titles(folder: Path, files: list[Path]) -> Iterator[str]:
    for path in sorted(folder.glob("*.xml")):
        yield from (entry.title for entry in parse_document(path.read_bytes(), "https://a.example/feed").entries)
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            yield row.get("title") or row["original"]


def best_of(work: Callable[[], object], tries: int = 7) -> float:
    seconds = []
    for _ in range(tries):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def bench_titles(titles: list[str], *, listed: bool) -> None:
    marked = [title for title in titles if read_part(title)]
    plain = [title for title in titles if not read_part(title)]
    if listed:
        for title in dict.fromkeys(marked):
            print(read_part(title), title, sep="\t")
    for name, some in (("with a mark", marked), ("without", plain)):
        spent = best_of(lambda some=some: [read_part(title) for title in some])  # type: ignore[misc]
        print(f"{len(some):,} titles {name}: {spent / len(some) * 1e6:.1f} µs each")


def bench_pages(titles: list[str]) -> None:
    """Every second post belongs to a series of three, the others have the recorded titles."""
    with tempfile.TemporaryDirectory() as home:
        database = Database(f"sqlite:///{home}/posts.sqlite")
        database.migrate()
        for start in range(0, POSTS, 5000):
            drafts = []
            for number in range(start, start + 5000):
                series = f"구축 일지 {number // 6}의 기록 {number % 3 + 1}편"
                title = series if number % 2 else f"{titles[number % len(titles)]} {number // len(titles)}"
                at = NOW - timedelta(minutes=number)
                drafts.append(make_draft(number, title=title, series=name_series(title), published_at=at))
            store(database, make_update(*drafts, feed=FEED))
        seconds = []
        for page in range(200):
            ids = list(range(page * 400 + 1, page * 400 + 1 + PAGE))
            with database.reading() as connection:
                start_at = time.perf_counter()
                found = find_series(connection, ids)
                seconds.append(time.perf_counter() - start_at)
        seconds.sort()
        print(
            f"{POSTS:,} posts, the series of {PAGE} posts ({len(found)} have one): "
            f"median {seconds[100] * 1e3:.1f} ms, p95 {seconds[190] * 1e3:.1f} ms"
        )
        database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("feeds", type=Path, nargs="?", default=Path(__file__).parents[2] / "shared" / "feeds")
    parser.add_argument("titles", type=Path, nargs="*")
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    titles = list(list_titles(arguments.feeds, arguments.titles))
    bench_titles(titles, listed=arguments.list)
    if not arguments.list:
        bench_pages(titles)


if __name__ == "__main__":
    main()
