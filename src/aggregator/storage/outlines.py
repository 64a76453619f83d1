"""The candidates of a month for lists: identity and state, without texts."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from aggregator.storage.actions import ADDED
from aggregator.storage.candidates import IN_ORDER, IS_HIDDEN
from aggregator.storage.corrections import CORRECTED_SECTION
from aggregator.storage.narrowing import NO_FEED, Narrowing
from aggregator.storage.posts import IS_CANDIDATE, IS_LATE
from aggregator.storage.readers import SUGGESTED
from aggregator.storage.rows import get_taxonomy
from aggregator.storage.search import RULED_SECTION, find_posts
from aggregator.storage.tables import feeds, guesses, posts, samples, scores, verdicts
from aggregator.text.terms import parse_query
from aggregator.types import OUT_OF_SCOPE_FROM, UNSURE, Cause, Month, Section, State

#: Whether a post has blocks of code, or its score counts links to code.
_HAS_CODE = sa.or_(
    posts.c.code_blocks > 0,
    sa.func.coalesce(sa.cast(scores.c.reasons, sa.Text).contains(f'["{Cause.OPEN_CODE}"'), False),
)
# More than a month can have.
_ALL = 2**31 - 1


class Outline(NamedTuple):
    """The part of a candidate that lists and counts need, without the texts, which are slow to read."""

    post_id: int
    #: The section in force: from the curator, else from a rule, else from the classifier.
    section: Section | None
    #: The key of a feed, or NO_FEED.
    source: str
    source_name: str
    language: str
    published_at: datetime
    state: State
    is_shortlisted: bool
    #: Whether the post is likely in scope and its section is an unsure guess.
    is_unsure: bool = False
    #: Whether it was drawn for the spot check below the shortlist.
    is_sampled: bool = False
    #: Whether a search for the given words finds it.
    has_words: bool = True
    #: Whether it has blocks of code or links to code.
    has_code: bool = False
    #: Whether a rule hides it from all views except its own.
    is_muted: bool = False
    #: Its place in the order of questions to the curator; None if there is no question.
    asked: int | None = None
    #: Whether it is back from a hold; such posts come first.
    is_returned: bool = False
    #: Whether somebody added it by its address.
    is_added: bool = False
    #: Whether a reader suggested it.
    is_suggested: bool = False
    #: The month that it came too late for.
    late_for: Month | None = None


_GIVEN = sa.func.coalesce(CORRECTED_SECTION, RULED_SECTION)
_LIKELY_IN_SCOPE = sa.func.coalesce(guesses.c.out_of_scope, 0.0) < OUT_OF_SCOPE_FROM
# Made once, for making it takes a sixth of the time of reading a month.
_OUTLINES = (
    sa.select(
        posts.c.id,
        sa.func.coalesce(_GIVEN, guesses.c.section),
        posts.c.feed_key,
        feeds.c.name,
        posts.c.language,
        posts.c.published_at,
        verdicts.c.decision,
        scores.c.shortlisted,
        sa.and_(_GIVEN.is_(None), guesses.c.probability < UNSURE, _LIKELY_IN_SCOPE),
        samples.c.post_id.is_not(None),
        _HAS_CODE,
        IS_HIDDEN,
        scores.c.asked,
        posts.c.returned_id.is_not(None),
        posts.c.id.in_(sa.select(ADDED.c.post_id)),
        posts.c.id.in_(sa.select(SUGGESTED.c.post_id)),
        sa.case((IS_LATE, posts.c.late_for)),
    )
    .select_from(posts)
    .outerjoin(feeds, feeds.c.key == posts.c.feed_key)
    .outerjoin(guesses, guesses.c.post_id == posts.c.id)
    .outerjoin(scores, scores.c.post_id == posts.c.id)
    .outerjoin(verdicts, verdicts.c.id == posts.c.verdict_id)
    .outerjoin(samples, samples.c.post_id == posts.c.id)
    .where(posts.c.month == sa.bindparam("month"), IS_CANDIDATE)
    .order_by(*IN_ORDER)
)


def list_outlines(connection: sa.Connection, month: Month, words: str = "") -> list[Outline]:
    """List the posts of a month in the order of ``list_candidates``; *words* is a search."""
    find_section = get_taxonomy(connection).find_section
    found = _find_with_words(connection, month, words) if words else None
    rows = connection.execute(_OUTLINES, {"month": str(month)}).all()
    return [
        # By place: with names it takes three times as long.
        Outline(
            number,
            find_section(section),
            key or NO_FEED,
            name or "",
            language,
            at,
            State.of(decision),
            bool(listed),
            bool(unsure),
            bool(drawn),
            found is None or number in found,
            bool(code),
            bool(muted),
            asked,
            back,
            added,
            suggested,
            Month.parse(late) if late else None,
        )
        for (number, section, key, name, language, at, decision, listed, unsure, drawn, *more) in rows
        for code, muted, asked, back, added, suggested, late in [more]
    ]


def _find_with_words(connection: sa.Connection, month: Month, words: str) -> set[int]:
    query = parse_query(words)
    return set() if query.is_empty else set(find_posts(connection, query, Narrowing(month=str(month)), limit=_ALL))
