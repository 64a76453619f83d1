"""Search over all posts: writes and reads the index of terms.

The index has only terms (``terms.py``), so that SQLite and PostgreSQL give the same answers. Filters (month, feed,
section, verdict, language) are terms too, so that they cost no more than another word. The key of a post in the index
is its *position*, made of its date and number, so that the newest posts come first without sorting.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from aggregator.addresses.urls import readable_url
from aggregator.storage.changes import Derived, catch_up, list_behind
from aggregator.storage.corrections import merge_corrections, select_corrections
from aggregator.storage.narrowing import MOST_FOUND, NO_FEED, PRINTED, Narrowing
from aggregator.storage.printed import IS_PUBLISHED
from aggregator.storage.rows import in_batches, upsert
from aggregator.storage.tables import (
    SEARCH_INDEX,
    behind,
    digest_lines,
    digests,
    feeds,
    guesses,
    indexed,
    posts,
    scores,
    verdicts,
)
from aggregator.text.terms import Either, Query, fold, list_document_terms, make_label, mark_title
from aggregator.types import State

# Names of feeds and tags, which thousands of posts share, are shorter than this.
_SHORT = 40
_fold_short = lru_cache(maxsize=10_000)(fold)
_EVERYTHING = make_label("kind", "post")
#: The section that a rule gives to a post; null without one.
RULED_SECTION = scores.c.ruled[0].as_string()
_ID_BITS = 30
# With the bits of a number, this fits into both databases: from 1834 to 2106.
_FARTHEST_SECOND = 2**32 - 1


# --- find ---


def find_posts(connection: sa.Connection, query: Query, narrowing: Narrowing, limit: int = MOST_FOUND + 1) -> list[int]:
    """Find the posts that match a query, at most *limit*: those with all words in the title first, newest first.

    For a query with phrases, at most MOST_FOUND posts that have its words are checked.
    """
    # A query of exclusions alone starts from all posts.
    labels = [(label,) for label in narrowing.labels or ([] if query.terms else [_EVERYTHING])]
    if not query.needs_texts:
        return _find_positions(connection, query, labels, limit)
    found = _find_positions(connection, query, labels, MOST_FOUND)
    accepted = _find_accepted(connection, query, found)
    return [post_id for post_id in found if post_id in accepted][:limit]


def _find_accepted(connection: sa.Connection, query: Query, post_ids: Sequence[int]) -> set[int]:
    """Which posts have the phrases of a query. Title and text are read first, because most phrases are there."""
    folded: dict[int, str] = {}
    for batch in in_batches(post_ids):
        texts = sa.select(posts.c.id, posts.c.title, posts.c.text).where(posts.c.id.in_(batch))
        folded.update((number, _fold_fields(fields)) for number, *fields in connection.execute(texts).all())
    accepted: set[int] = set()
    if not query.excluded_phrases:
        accepted = {number for number, text in folded.items() if query.accepts(text)}
    # Addresses do not have spaces, and reading them takes longer than the rest.
    phrases = (*query.phrases, *query.excluded_phrases)
    parts = _Parts(texts=False, addresses=bool(query.hyphened) or any(" " not in phrase for phrase in phrases))
    documents = _list_documents(connection, [number for number in folded if number not in accepted], parts)
    return accepted.union(
        document.post_id for document in documents if query.accepts(f"{folded[document.post_id]}\n{document.folded}")
    )


def _find_positions(connection: sa.Connection, query: Query, labels: Sequence[Either], limit: int) -> list[int]:
    """The numbers of the matching posts, read from their positions."""
    if not query.terms:
        found = _match(connection, labels, query.excluded, limit)
    else:
        of_title = tuple(tuple(map(mark_title, either)) for either in query.terms)
        found = _match(connection, [*of_title, *labels], query.excluded, limit)
        if len(found) < limit:
            rest = [*query.excluded, of_title]
            found += _match(connection, [*query.terms, *labels], rest, limit - len(found))
    return [position & (2**_ID_BITS - 1) for position in found]


def _match(
    connection: sa.Connection, terms: Sequence[Either], excluded: Sequence[Sequence[Either]], limit: int
) -> list[int]:
    """The positions that have one of each of *terms* and do not have one of each in any of *excluded*, newest first."""
    index = _INDEXES[connection.dialect.name]
    asked = index.conjoin(terms)
    if excluded:
        # Side by side, because FTS5 limits the depth of nested expressions.
        asked = index.without.format(asked, index.either.join(f"({index.conjoin(group)})" for group in excluded))
    return list(connection.execute(sa.text(index.find), {"asked": asked, "limit": limit}).scalars())


@dataclass(frozen=True, slots=True)
class _Index:
    """The statements and the query language of a database for its index."""

    find: str
    remove: str
    add: str
    #: Statements to run after many posts were added.
    settle: tuple[str, ...]
    #: Special characters of its query language, and how each is written inside quotes.
    quotes: str
    escapes: tuple[tuple[str, str], ...]
    joint: str
    either: str
    without: str

    def conjoin(self, terms: Sequence[Either]) -> str:
        return self.joint.join(map(self._disjoin, terms))

    def _disjoin(self, either: Either) -> str:
        quoted = self.either.join(map(self._quote, either))
        return quoted if len(either) == 1 else f"({quoted})"

    def _quote(self, term: str) -> str:
        for sign, escaped in self.escapes:
            term = term.replace(sign, escaped)
        return f"{self.quotes}{term}{self.quotes}"


_INDEXES = {
    "sqlite": _Index(
        find="SELECT rowid FROM search_index WHERE search_index MATCH :asked ORDER BY rowid DESC LIMIT :limit",
        remove="DELETE FROM search_index WHERE rowid = ?",
        add="INSERT INTO search_index (rowid, terms) VALUES (?, ?)",
        settle=(),
        quotes='"',
        escapes=(('"', '""'),),
        joint=" AND ",
        either=" OR ",
        without="({}) NOT ({})",
    ),
    "postgresql": _Index(
        # OFFSET 0 hides the limit from the planner. It would otherwise read the terms of all posts from the newest on:
        # for rare words, and for a prepared statement that is planned without its words.
        find="SELECT position FROM (SELECT position FROM search_index WHERE terms @@ CAST(:asked AS tsquery) OFFSET 0) "
        "AS found ORDER BY position DESC LIMIT :limit",
        remove="DELETE FROM search_index WHERE position = %s",
        add="INSERT INTO search_index (position, terms) VALUES (%s, array_to_tsvector(%s))",
        # Merges the pending list into the index, and updates the planner's statistics.
        settle=("SELECT gin_clean_pending_list('ix_search_index_terms')", "ANALYZE search_index"),
        quotes="'",
        escapes=(("\\", "\\\\"), ("'", "''")),
        joint=" & ",
        either=" | ",
        without="{} & !({})",
    ),
}


# --- index ---


def index_posts(connection: sa.Connection, post_ids: Sequence[int]) -> None:
    """Make some posts found by what is stored of them now."""
    catch_up(connection, list_behind(connection, Derived.SEARCH, among=post_ids).values())
    documents = _list_documents(connection, post_ids)
    if not documents:
        return
    known = _list_positions(connection, [document.post_id for document in documents])
    rows = [{"post_id": document.post_id, "position": document.position} for document in documents]
    index, is_sqlite = _INDEXES[connection.dialect.name], connection.dialect.name == "sqlite"
    if known:
        connection.exec_driver_sql(index.remove, [(position,) for position in known])
    terms = [(document.position, document.list_terms()) for document in documents]
    connection.exec_driver_sql(index.add, [(at, " ".join(found) if is_sqlite else found) for at, found in terms])
    upsert(connection, indexed, rows, unique=["post_id"])


def unindex_posts(connection: sa.Connection, post_ids: Sequence[int]) -> None:
    """Let some posts not be found, because they are going to be deleted."""
    known = _list_positions(connection, post_ids)
    if known:
        remove = _INDEXES[connection.dialect.name].remove
        connection.exec_driver_sql(remove, [(position,) for position in known])
    connection.execute(indexed.delete().where(indexed.c.post_id.in_(post_ids)))


def count_astray(connection: sa.Connection) -> tuple[int, int]:
    """Count the posts that the index lacks although they do not wait for it, and what it has of posts that are gone."""
    key = "rowid" if connection.dialect.name == "sqlite" else "position"
    found = sa.table(SEARCH_INDEX, sa.column(key))
    waiting = sa.select(behind.c.post_id).where(behind.c.what.in_([str(Derived.SEARCH), str(Derived.CONTENTS)]))
    has_terms = indexed.c.position.in_(sa.select(found.c[key]))
    is_found = sa.or_(posts.c.id.in_(sa.select(indexed.c.post_id).where(has_terms)), posts.c.id.in_(waiting))
    missing = sa.select(sa.func.count()).select_from(posts).where(~is_found)
    astray = sa.select(sa.func.count()).where(found.c[key].not_in(sa.select(indexed.c.position)))
    return connection.execute(missing).scalar_one(), connection.execute(astray).scalar_one()


def settle_index(connection: sa.Connection) -> None:
    """Optimise the index; call it after many posts were indexed."""
    for statement in _INDEXES[connection.dialect.name].settle:
        connection.exec_driver_sql(statement)


def _list_positions(connection: sa.Connection, post_ids: Sequence[int]) -> list[int]:
    return [
        position
        for batch in in_batches(post_ids)
        for position in connection.execute(sa.select(indexed.c.position).where(indexed.c.post_id.in_(batch))).scalars()
    ]


@dataclass(frozen=True, slots=True)
class _Document:
    """Everything that a post is found by."""

    post_id: int
    published_at: datetime
    titles: tuple[str, ...]
    texts: tuple[str, ...]
    #: Filters, as name and value.
    labels: tuple[tuple[str, str | None], ...]

    @property
    def position(self) -> int:
        return _find_position(self.published_at, self.post_id)

    @property
    def folded(self) -> str:
        return _fold_fields((*self.titles, *self.texts))

    def list_terms(self) -> list[str]:
        labels = [make_label(name, value) for name, value in self.labels if value]
        return list_document_terms(self.titles, self.texts, [*labels, _EVERYTHING])


def _fold_fields(fields: Sequence[str]) -> str:
    """The folded fields, joined so that a phrase does not match across two of them."""
    return "\n".join([_fold_short(field) if len(field) < _SHORT else fold(field) for field in fields])


@dataclass(frozen=True, slots=True)
class _Parts:
    """What to read of documents besides their short fields."""

    #: Title and text of the post itself.
    texts: bool = True
    #: Of the post and of its printed lines.
    addresses: bool = True


_ALL_PARTS = _Parts()


def _list_documents(connection: sa.Connection, post_ids: Sequence[int], parts: _Parts = _ALL_PARTS) -> list[_Document]:
    found: list[_Document] = []
    for batch in in_batches(post_ids):
        corrected = merge_corrections(connection, select_corrections(posts.c.id.in_(batch)))
        printed = _list_printed(connection, batch)
        query = (
            sa.select(
                posts.c.id,
                *(
                    (posts.c.title, posts.c.text)
                    if parts.texts
                    else (sa.null().label("title"), sa.null().label("text"))
                ),
                posts.c.organisation,
                posts.c.tags,
                posts.c.url,
                posts.c.language,
                posts.c.month,
                posts.c.published_at,
                posts.c.feed_key,
                feeds.c.name.label("feed_name"),
                sa.func.coalesce(RULED_SECTION, guesses.c.section).label("section"),
                verdicts.c.decision,
            )
            .select_from(posts)
            .outerjoin(feeds, feeds.c.key == posts.c.feed_key)
            .outerjoin(guesses, guesses.c.post_id == posts.c.id)
            .outerjoin(scores, scores.c.post_id == posts.c.id)
            .outerjoin(verdicts, verdicts.c.id == posts.c.verdict_id)
            .where(posts.c.id.in_(batch))
        )
        found += [
            _read_document(row, corrected.get(row.id, {}), printed.get(row.id, ()), addresses=parts.addresses)
            for row in connection.execute(query).all()
        ]
    return found


def _read_document(
    row: Any, corrected: Mapping[str, str], printed: Sequence[sa.Row[Any]], *, addresses: bool
) -> _Document:
    labels = (
        ("month", row.month),
        ("feed", row.feed_key or NO_FEED),
        ("language", row.language),
        ("verdict", State.of(row.decision)),
        ("verdict", PRINTED if printed else None),
        ("section", corrected.get("section") or row.section),
    )
    texts = (row.text, row.organisation, row.feed_name, *row.tags)
    lines = [text for line in printed for text in (line.organisation, line.note)]
    urls = [readable_url(one.url) for one in (row, *printed)] if addresses else []
    said = (corrected.get("organisation"), corrected.get("note"))
    titles = (row.title, corrected.get("title"), *(line.title for line in printed))
    return _Document(
        post_id=row.id,
        published_at=row.published_at,
        titles=tuple(filter(None, titles)),
        texts=tuple(filter(None, (*texts, *said, *lines, *urls))),
        labels=labels,
    )


def _find_position(published_at: datetime, post_id: int) -> int:
    second = max(-_FARTHEST_SECOND, min(int(published_at.timestamp()), _FARTHEST_SECOND))
    return second << _ID_BITS | post_id


def _list_printed(connection: sa.Connection, post_ids: Sequence[int]) -> dict[int, list[sa.Row[Any]]]:
    """The lines of published digests, by post."""
    query = (
        sa.select(digest_lines)
        .join(digests, digests.c.id == digest_lines.c.digest_id)
        .where(IS_PUBLISHED, digest_lines.c.post_id.in_(post_ids))
        .order_by(digest_lines.c.digest_id, digest_lines.c.position)
    )
    found: dict[int, list[sa.Row[Any]]] = {}
    for row in connection.execute(query):
        found.setdefault(row.post_id, []).append(row)
    return found
