"""All recorded feed documents, served on the loopback and visited like any other feed."""

from __future__ import annotations

import asyncio
import csv
import io
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import feedparser
import pytest
import sqlalchemy as sa

from aggregator.app import App
from aggregator.config import SHIPPED_TEXTS
from aggregator.digest.read import read_digest
from aggregator.pipeline import publish, review
from aggregator.storage.articles import find_article
from aggregator.storage.candidates import list_candidates
from aggregator.storage.feeds import list_feed_states
from aggregator.storage.tables import entries, posts
from aggregator.text.html import text_of
from aggregator.types import Decision, DigestState, Feed, Kind, Month, Outcome, Visit
from aggregator.web.reading.article import show_article
from clock import Clock
from feed_server import FeedServer


def _follow(server: FeedServer, documents: list[Path]) -> list[Feed]:
    return [
        Feed(
            key=document.stem.replace("@", "_"),
            name=document.stem,
            url=server.play(f"/{document.name}", document.read_bytes(), gzipped=True),
            kind=Kind.COMPANY,
            language="en",
        )
        for document in documents
    ]


def _visit_all(app: App) -> list[Visit]:
    with app.reading() as connection:
        states = list_feed_states(connection)
    return asyncio.run(app.visitor.visit(states))


def _count(app: App) -> tuple[int, int]:
    with app.reading() as connection:
        return tuple(
            connection.execute(sa.select(sa.func.count()).select_from(t)).scalar_one() for t in (entries, posts)
        )


def _check_articles(app: App) -> None:
    """Every post that has a text has an article with its words."""
    with app.reading() as connection:
        for post in connection.execute(sa.select(posts.c.id, posts.c.url, posts.c.text).where(posts.c.text != "")):
            article = find_article(connection, post.id)
            assert article, post.url
            shown = text_of(show_article(replace(article, title=""), with_pictures=True).html)
            # The last word may be cut.
            missing = Counter(re.findall(r"\w+", post.text)[:-1]) - Counter(re.findall(r"\w+", shown))
            assert not missing, post.url


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_every_feed_has_an_outcome_and_as_many_entries_as_feedparser_finds(
    documents: list[Path], feed_server: FeedServer, make_app: Callable[..., App], clock: Clock
) -> None:
    app = make_app(_follow(feed_server, documents), visits={"parser_processes": 2})
    first = {visit.feed_key: visit for visit in _visit_all(app)}
    assert len(first) == len(documents)
    for document in documents:
        visit = first[document.stem.replace("@", "_")]
        expected = len(feedparser.parse(io.BytesIO(document.read_bytes())).entries)
        assert (visit.outcome, visit.entries_seen) == (Outcome.RETRIEVED, expected), document.name
        assert visit.entries_new == expected, document.name
    stored = _count(app)
    assert stored[0] == sum(visit.entries_new for visit in first.values()) > 1_000
    _check_articles(app)

    clock.advance(hours=2)
    second = _visit_all(app)
    assert {visit.outcome for visit in second} == {Outcome.NOT_MODIFIED}
    assert _count(app) == stored


def test_later_states_of_a_feed_add_only_what_is_new(
    shared: Path, feed_server: FeedServer, make_app: Callable[..., App], clock: Clock
) -> None:
    states = sorted((shared / "feeds").glob("lilianweng@*.xml"))
    feed = Feed("lilianweng", "Lil'Log", feed_server.play("/index.xml", states[0].read_bytes()), Kind.INDIVIDUAL, "en")
    app = make_app([feed])
    seen = []
    for state in states:
        feed_server.play("/index.xml", state.read_bytes())
        seen.append(_visit_all(app)[0].entries_new)
        clock.advance(days=1)
    assert seen == [40, 1, 1, 0, 1, 1]


def test_the_recorded_december_is_reviewed_and_printed(
    shared: Path, documents: list[Path], feed_server: FeedServer, make_app: Callable[..., App]
) -> None:
    with (shared / "feeds.csv").open(encoding="utf-8") as file:
        known = {row["key"]: row for row in csv.DictReader(file)}
    feeds = [
        replace(
            feed,
            organisation=known[base]["organization"] or None,
            language=known[base]["language"],
            kind=Kind(known[base]["kind"]),
            site=known[base]["site_url"],
        )
        for feed in _follow(feed_server, documents)
        if (base := feed.key.partition("_")[0].removesuffix("-generated")) in known
    ]
    app = make_app(feeds)
    _visit_all(app)
    app.judge.judge_new()
    december = Month(2022, 12)
    with app.reading() as connection:
        candidates = list_candidates(connection, december)
    chosen = [c for c in candidates if c.score and c.score.shortlisted]
    assert chosen
    for candidate in chosen:
        review.decide(app, candidate.post.id, Decision.APPROVE)
    printed = publish.make_digest(app, december, DigestState.PRINTED).read_text("utf-8")
    read = read_digest(printed, SHIPPED_TEXTS)
    assert read.remarks == ()
    assert {line.url for line in read.digest.lines} == {candidate.post.url for candidate in chosen}
    assert {line.month for line in read.digest.lines} == {december}
