"""Short ways to make single nouns: a post, a guess, a candidate."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aggregator.evaluate.own_list import Answer, Issue, Left, Placed, Thin, Unfollowed, Untested
from aggregator.shipped import SHIPPED
from aggregator.types import Candidate, DateSource, Guess, Kind, Month, Part, Post, Topic
from world.sections import BUSINESS, MLOPS

_GUESS = object()


def make_post(number: int = 1, **changes: Any) -> Post:
    values: dict[str, Any] = {
        "id": number,
        "canonical_url": f"https://tech.haneul.example/{number}",
        "url": f"https://tech.haneul.example/{number}",
        "title": f"피처 스토어 도입기 {number}",
        "text": "",
        "words": 0,
        "links": (),
        "tags": (),
        "language": "ko",
        "published_at": datetime(2022, 12, 1, tzinfo=UTC),
        "published_from": DateSource.PUBLISHED,
        "month": Month(2022, 12),
        "first_seen_at": datetime(2022, 12, 1, tzinfo=UTC),
        "feed_key": "haneul",
        "organisation": "하늘상점",
        "kind": Kind.COMPANY,
    }
    return Post(**values | changes)


def make_guess(
    number: int = 1, part: Part = BUSINESS, topic: Topic = MLOPS, *, sure: float = 0.8, out: float = 0.1
) -> Guess:
    parts = {p: sure if p == part else (1 - sure) / 2 for p in SHIPPED.parts}
    topics = {t: sure if t == topic else (1 - sure) / 3 for t in SHIPPED.topics}
    return Guess(number, parts, topics, out_of_scope=out, model_version="test")


def make_candidate(number: int = 1, *, guess: Any = _GUESS, post: Post | None = None, **changes: Any) -> Candidate:
    return Candidate(post=post or make_post(number), guess=make_guess(number) if guess is _GUESS else guess, **changes)


#: What would have been proposed of a list: of two tested lines one.
ANSWER = Answer(
    made_at=datetime(2026, 11, 30, tzinfo=UTC),
    first=40,
    issues=(
        Issue(
            Month(2022, 12),
            160,
            (Placed("R&D <of> ours", "https://a.example/", 3, 90), Placed("Deep", "https://b.example/", 77, 12)),
            (Left("Lost", "https://c.example/", Untested.UNFOLLOWED),),
        ),
        Issue(Month(2022, 11), 20, (), (Left("Thin", "https://d.example/", Untested.FEW),)),
    ),
    undated=2,
    hosts=(Unfollowed("c.example", 1), Unfollowed("walled.example", 1, "https://walled.example/")),
    thin=(Thin("topic", "cv", 7, 20),),
    is_lent=False,
    is_unread=False,
)
