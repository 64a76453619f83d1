"""The curator's rules, a history that is only appended to; and the parts of posts that rules are matched with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from aggregator.storage.actions import holds
from aggregator.storage.posts import IS_CANDIDATE, is_candidate
from aggregator.storage.printed import IS_PRINTED
from aggregator.storage.rows import get_taxonomy, in_batches, row_values
from aggregator.storage.tables import entries, posts, rules
from aggregator.types import Act, Month, Rule, RuleState, Subject, Trait


def append_rule(connection: sa.Connection, rule: Rule, action: int | None = None) -> int:
    """Store a new version of a rule, or a new rule if it has no number. Return its number."""
    values = row_values(**{name: getattr(rule, name) for name in Rule.__slots__})
    stored: int = connection.execute(
        rules.insert().values({**values, "action_id": action}).returning(rules.c.id)
    ).scalar_one()
    if rule.number:
        return rule.number
    # A rule has the number of its first row, so two that are added at once differ.
    connection.execute(rules.update().where(rules.c.id == stored).values(number=stored))
    return stored


def append_state(
    connection: sa.Connection, number: int, state: RuleState, *, by: str, at: datetime, action: int | None = None
) -> None:
    """Store the state of a rule; everything else stays, including a section that no longer exists."""
    said = sa.select(rules).where(rules.c.number == number, holds(rules)).order_by(rules.c.id.desc()).limit(1)
    last = connection.execute(said).mappings().one()
    values = {name: value for name, value in last.items() if name != "id"} | row_values(state=state, by=by, at=at)
    connection.execute(rules.insert().values({**values, "action_id": action}))


def list_rules(connection: sa.Connection) -> list[Rule]:
    """List the last version of all rules by number, including removed ones."""
    find_section = get_taxonomy(connection).find_section
    last = sa.select(sa.func.max(rules.c.id)).where(holds(rules)).group_by(rules.c.number)
    query = sa.select(rules).where(rules.c.id.in_(last)).order_by(rules.c.number)
    return [
        Rule(
            trait=Trait(row.trait),
            sought=row.sought,
            act=Act(row.act),
            points=row.points,
            section=find_section(row.section),
            feed=row.feed,
            tag=row.tag,
            state=RuleState(row.state),
            number=row.number,
            by=row.by,
            at=row.at,
        )
        for row in connection.execute(query)
    ]


def list_subjects(connection: sa.Connection, month: Month, *, with_authors: bool) -> list[Subject]:
    """List what rules are matched with, for the candidates of a month; authors only on request."""
    return _list_subjects(connection, is_candidate(month), with_authors=with_authors)


def list_subjects_since(connection: sa.Connection, since: datetime, *, with_authors: bool) -> list[Subject]:
    """List the same for posts published *since* a time, newest first."""
    return _list_subjects(connection, sa.and_(IS_CANDIDATE, posts.c.published_at >= since), with_authors=with_authors)


def _list_subjects(connection: sa.Connection, where: sa.ColumnElement[bool], *, with_authors: bool) -> list[Subject]:
    authors: defaultdict[int, list[str]] = defaultdict(list)
    if with_authors:
        query = (
            sa.select(entries.c.post_id, entries.c.author)
            .join(posts, posts.c.id == entries.c.post_id)
            .where(where, entries.c.author.is_not(None))
        )
        for post_id, author in connection.execute(query):
            authors[post_id].append(author)
    columns = (posts.c.id, posts.c.title, posts.c.canonical_url, posts.c.feed_key, posts.c.tags)
    found = connection.execute(sa.select(*columns).where(where).order_by(posts.c.published_at.desc(), posts.c.id))
    return [
        Subject(number, title, address, feed, tags, authors.get(number, ()))
        for number, title, address, feed, tags in found.all()
    ]


def list_printed(connection: sa.Connection, post_ids: Sequence[int]) -> set[int]:
    """Return which of these posts were printed."""
    found: set[int] = set()
    for batch in in_batches(post_ids):
        found.update(connection.execute(sa.select(posts.c.id).where(posts.c.id.in_(batch), IS_PRINTED)).scalars())
    return found
