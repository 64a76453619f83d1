"""The labelled pairs: which posts are the same article and which only look like it.

``tests/data/pairs/articles.jsonl`` holds 626 invented articles, each of which is in a pair. A number in a ``content`` is
the piece of that place in another article (``of``). Recorded articles are named by file and address, and may
be changed in one of a few ways (``as``), as other sites change what they carry. ``pairs.jsonl`` says of two articles
whether they are the same, what kind of pair they are and in which half of the set they are: thresholds were chosen by
looking at the development half alone.

The articles are short (192 words at most) and whole, because the comparison reads up to 60,000 characters: which share of
the shorter text is in the longer one, and which links, pictures, numbers and names they share. Cut to 150 words, one pair
is decided otherwise; cut to 100, three.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from aggregator.feeds.drafts import preview_entries
from aggregator.feeds.parse import parse_document
from aggregator.posts.copies.blocking import choose_pairs
from aggregator.posts.copies.cluster import form_clusters, list_implied_pairs
from aggregator.posts.copies.compare import compare
from aggregator.posts.copies.fingerprint import Fingerprint, fingerprint_post, list_blocking_keys
from aggregator.text.html import text_of
from aggregator.text.language import find_language
from aggregator.types import DateSource, Manuscript, Pair, Sameness

FOLDER = Path(__file__).parent / "data" / "pairs"
NOW = datetime(2026, 11, 1, tzinfo=UTC)
_BOILERPLATE = {
    "ko": "<p>{} 블로그에 먼저 게시된 글을 저자의 동의를 얻어 싣습니다.</p>{}<p>더 많은 소식은 뉴스레터로 받아 보세요.</p>",
    "en": "<p>This article first appeared on the blog of {}, and is shown here with kind permission.</p>{}<p>Subscribe!</p>",
}


@dataclass(frozen=True)
class Labelled:
    """Two articles, by their numbers, and whether they are the same."""

    first: int
    second: int
    is_same: bool
    kind: str
    #: en, ko or en-ko.
    languages: str
    #: development or held-out.
    half: str
    names: tuple[str, str]


def load_pairs(shared: Path | None) -> tuple[dict[int, Manuscript], list[Labelled]]:
    """All articles by number, and the pairs; those of recorded feeds only where these are at hand."""
    numbers: dict[str, int] = {}
    articles: dict[int, Manuscript] = {}
    labelled = []
    for pair in _read("pairs.jsonl"):
        sides = (pair["a"], pair["b"])
        if shared is None and any(isinstance(side, dict) for side in sides):
            continue
        names = tuple(side if isinstance(side, str) else json.dumps(side, ensure_ascii=False) for side in sides)
        for name, side in zip(names, sides, strict=True):
            if name not in numbers:
                number = numbers[name] = len(numbers) + 1
                made = _make_written(side) if isinstance(side, str) else _make_recorded(shared, side)
                articles[number] = replace(made, post_id=number)
        first, second = sorted(numbers[name] for name in names)
        labelled.append(
            Labelled(first, second, pair["same"], pair["kind"], pair["languages"], pair["half"], (names[0], names[1]))
        )
    return articles, labelled


def _read(name: str) -> Iterator[dict[str, Any]]:
    with (FOLDER / name).open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


@cache
def _list_written() -> dict[str, dict[str, Any]]:
    return {one["id"]: one for one in _read("articles.jsonl")}


@cache
def _make_written(name: str) -> Manuscript:
    written = _list_written()
    one = written[name]
    pieces = written[one["of"]]["content"] if "of" in one else ()
    content = "".join(piece if isinstance(piece, str) else pieces[piece] for piece in one["content"])
    seen = datetime.fromisoformat(one["seen"]).replace(tzinfo=UTC)
    return Manuscript(
        post_id=0,
        canonical_url=one["url"],
        title=one["title"],
        content=content,
        language=find_language(f"{one['title']} {text_of(content)[:500]}"),
        published_at=datetime.fromisoformat(one["date"]).replace(tzinfo=UTC),
        authors=(one["author"],) if one["author"] else (),
        organisation=one["organisation"],
        carriers={one["feed"]: (seen, False)},
    )


def _make_recorded(shared: Path | None, one: Mapping[str, Any]) -> Manuscript:
    assert shared
    found = read_recorded(shared, one["file"])[one["url"]]
    if "as" not in one:
        return found
    content, language = found.content, found.language
    match one["as"]:
        case "summary":
            content = f"<p>{' '.join(text_of(content).split()[:45])} …</p>"
        case "plain":
            content = f"<p>{text_of(content)}</p>"
        case "boilerplate":
            content = _BOILERPLATE.get(language, _BOILERPLATE["en"]).format(one["file"], content)
        case "half":
            text = text_of(content).split()
            content = f"<p>{' '.join(text[: len(text) // 2])}</p>"
    return replace(
        found,
        canonical_url=f"https://mirror.example/{one['as']}/{abs(hash_of(one['url']))}",
        title=one.get("title", found.title),
        content=content,
        carriers={f"mirror {one['as']} {one['file']} {one['url']}": (NOW, False)},
        authors=(),
        organisation=None,
    )


def hash_of(text: str) -> int:
    return int.from_bytes(text.encode()[-6:], "big")


@lru_cache(maxsize=100)
def read_recorded(shared: Path, file: str) -> dict[str, Manuscript]:
    """The posts that a recorded document would give, by canonical address."""
    base = f"https://{file.partition('.')[0]}.example/feed.xml"
    parsed = parse_document((shared / "feeds" / file).read_bytes(), base, "")
    found = {}
    for one in preview_entries(parsed, base, now=NOW, zone=ZoneInfo("Asia/Seoul")):
        if one.entry and one.post:
            found[one.entry.canonical_url] = Manuscript(
                post_id=0,
                canonical_url=one.entry.canonical_url,
                title=one.entry.title,
                content=one.entry.content,
                language=one.post.language,
                published_at=one.post.published_at,
                is_dated=one.post.published_from is not DateSource.FIRST_SEEN,
                authors=(one.entry.author,) if one.entry.author else (),
                carriers={file: (NOW, False)},
            )
    return found


@dataclass(frozen=True)
class Decided:
    """What came of all articles together."""

    fingerprints: dict[int, Fingerprint]
    #: The pairs that were compared, with the decisions.
    pairs: dict[tuple[int, int], Pair]
    clusters: dict[int, frozenset[int]]

    def are_joined(self, first: int, second: int) -> bool:
        return second in self.clusters.get(first, ())

    def are_proposed(self, first: int, second: int) -> bool:
        pair = self.pairs.get((first, second))
        return bool(pair and pair.said is Sameness.MAYBE)


def decide(articles: Mapping[int, Manuscript]) -> Decided:
    """Block all articles, compare the pairs, and form the clusters."""
    fingerprints = {number: fingerprint_post(article) for number, article in articles.items()}
    met = choose_pairs({number: list_blocking_keys(fingerprint) for number, fingerprint in fingerprints.items()}, {})
    pairs: dict[tuple[int, int], Pair] = {}
    asked = sorted(met)
    while asked:
        for first, second in asked:
            thought = compare(fingerprints[first], fingerprints[second])
            pairs[first, second] = Pair(
                first, second, thought.said, "machine", NOW, score=thought.score, reasons=thought.reasons
            )
        asked = list_implied_pairs(pairs.values())
    clusters = {number: cluster for cluster in form_clusters(pairs.values()) for number in cluster}
    return Decided(fingerprints, pairs, clusters)
