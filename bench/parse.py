"""How fast feed documents are read: by feedparser, by the fast reader, and by the door as a whole.

   python bench/parse.py [FOLDER OF FEED DOCUMENTS] [ROUNDS]

One process, CPU time, the best of so many rounds (feedparser: one). Prints a table.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from aggregator.feeds.formats.common import build_feed
from aggregator.feeds.formats.tolerant import read_tolerantly
from aggregator.feeds.formats.wellformed import read_wellformed
from aggregator.feeds.parse import parse_document
from aggregator.text.charset import decode_document, strip_illegal

URL = "https://feeds.example/feed.xml"


def read_slowly(body: bytes) -> None:
    document, _ = decode_document(body, None)
    build_feed(read_tolerantly(strip_illegal(document.lstrip())), URL)


def read_fast(body: bytes) -> bool:
    found = read_wellformed(body.lstrip())
    if found:
        build_feed(found, URL)
    return found is not None


def measure(name: str, read: Callable[[bytes], object], bodies: list[bytes], rounds: int) -> None:
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        for body in bodies:
            read(body)
        best = min(best, time.process_time() - start)
    size = sum(map(len, bodies)) / 1e6
    print(f"{name:28}{size / best:8.1f} MB/s {len(bodies) / best:8.0f} documents/s {best * 1000:9.1f} ms")


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2] / "shared" / "feeds"
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 15
    bodies = [file.read_bytes() for file in sorted(folder.glob("*.xml"))]
    fast = [body for body in bodies if read_fast(body)]
    size, of_fast = sum(map(len, bodies)), sum(map(len, fast))
    print(f"{len(bodies)} documents, {size / 1e6:.1f} MB; the fast reader takes {len(fast)} ({of_fast / size:.1%})")
    measure("feedparser", read_slowly, bodies, 1)
    measure("fast reader, what it takes", read_fast, fast, rounds)
    measure("door, what it takes", lambda body: parse_document(body, URL), fast, rounds)
    measure("door, all", lambda body: parse_document(body, URL), bodies, rounds)


if __name__ == "__main__":
    main()
