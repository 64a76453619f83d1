"""The candidates of a month as lists show them: which they are and how they stand, without their texts."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa

from aggregator.storage.narrowing import Narrowing
from aggregator.storage.posts import is_candidate
from aggregator.storage.rows import get_taxonomy
from aggregator.storage.search import find_posts
from aggregator.storage.tables import corrections, feeds, guesses, posts, samples, scores, verdicts
from aggregator.terms import parse_query
from aggregator.types import OUT_OF_SCOPE_FROM, UNSURE, Decision, Month, Section

# As many as a month may have.
_ALL = 2**31 - 1


class Outline(NamedTuple):
    """A candidate as far as lists and counts go, without the texts that make a whole one slow to read."""

    post_id: int
    #: The effective one: the curator's word, else the classifier's.
    section: Section | None
    feed_key: str | None
    feed_name: str | None
    language: str
    #: Of the verdict in force.
    decision: Decision | None
    shortlisted: bool
    #: Whether the section is a guess that is as likely wrong as right, of a post that is likely in scope.
    is_unsure: bool = False
    #: Whether it was drawn for the random look below the shortlist.
    sampled: bool = False


def list_outlines(connection: sa.Connection, month: Month) -> list[Outline]:
    """The posts of a month in the order of ``list_candidates``."""
    corrected = (
        sa.select(corrections.c.section)
        .where(corrections.c.post_id == posts.c.id, corrections.c.section.is_not(None))
        .order_by(corrections.c.id.desc())
        .limit(1)
        .correlate(posts)
        .scalar_subquery()
    )
    likely_in_scope = sa.func.coalesce(guesses.c.out_of_scope, 0.0) < OUT_OF_SCOPE_FROM
    query = (
        sa.select(
            posts.c.id,
            sa.func.coalesce(corrected, guesses.c.section),
            posts.c.feed_key,
            feeds.c.name,
            posts.c.language,
            verdicts.c.decision,
            scores.c.shortlisted,
            sa.and_(corrected.is_(None), guesses.c.probability < UNSURE, likely_in_scope),
            samples.c.post_id.is_not(None),
        )
        .select_from(posts)
        .outerjoin(feeds, feeds.c.key == posts.c.feed_key)
        .outerjoin(guesses, guesses.c.post_id == posts.c.id)
        .outerjoin(scores, scores.c.post_id == posts.c.id)
        .outerjoin(verdicts, verdicts.c.id == posts.c.verdict_id)
        .outerjoin(samples, samples.c.post_id == posts.c.id)
        .where(is_candidate(month))
        .order_by(scores.c.rank.is_(None), scores.c.rank, posts.c.published_at.desc(), posts.c.id)
    )
    find_section = get_taxonomy(connection).find_section
    decisions = {str(decision): decision for decision in Decision}
    return [
        Outline(
            post_id,
            find_section(section),
            key,
            name,
            language,
            decisions.get(decision),
            bool(is_listed),
            is_unsure=bool(unsure),
            sampled=bool(is_drawn),
        )
        for post_id, section, key, name, language, decision, is_listed, unsure, is_drawn in connection.execute(query)
    ]


def find_with_words(connection: sa.Connection, month: Month, words: str) -> set[int]:
    """The posts of a month that a search for *words* finds. Without exclusions and phrases, also posts whose title,
    text or publisher contain all *words* as they are written: parts of words, and posts that are not indexed yet.
    """
    query = parse_query(words)
    found = set() if query.is_empty else set(find_posts(connection, query, Narrowing(month=str(month)), limit=_ALL))
    if query.excluded or query.phrases or query.excluded_phrases:
        return found
    places = (posts.c.title, posts.c.text, posts.c.organisation, feeds.c.name)
    written = (
        sa.select(posts.c.id)
        .outerjoin(feeds, feeds.c.key == posts.c.feed_key)
        .where(is_candidate(month))
        .where(*(sa.or_(*(place.icontains(word, autoescape=True) for place in places)) for word in words.split()))
    )
    return found.union(connection.execute(written).scalars())
