"""Invitations, and what readers and colleagues sent by them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from aggregator.exceptions import NotFoundError
from aggregator.locales import t
from aggregator.storage.rows import in_batches, row_of, row_values
from aggregator.storage.tables import invitations, posts, remarks, suggestions
from aggregator.types import Invitation, InvitationKind, Month, Remark, Suggestion

_INVITED = tuple(name for name in Invitation.__slots__ if name != "id")
_SENT = tuple(name for name in Suggestion.__slots__ if name != "id")
_REMARKED = tuple(name for name in Remark.__slots__ if name != "id")
_TABLES = {"invitation": invitations, "suggestion": suggestions, "remark": remarks}
_SHOWN = sa.func.coalesce(posts.c.copy_of, posts.c.id)

#: How many readers suggested a post, or one of its copies, and when the first of them did.
SUGGESTED = (
    sa.select(
        _SHOWN.label("post_id"), sa.func.count().label("number"), sa.func.min(suggestions.c.sent_at).label("first_at")
    )
    .select_from(suggestions)
    .join(posts, posts.c.id == suggestions.c.post_id)
    .group_by(_SHOWN)
    .subquery("suggested")
)


def set_value(connection: sa.Connection, what: str, number: int, column: str, value: Any) -> bool:
    """Set a column of an *invitation*, a *suggestion* or a *remark*; return whether it is there."""
    table = _TABLES[what]
    return bool(connection.execute(table.update().where(table.c.id == number).values({column: value})).rowcount)


# --- invitations ------------------------------------------------------------------------------------------------------


def add_invitation(connection: sa.Connection, invitation: Invitation) -> int:
    """Store an invitation; return its number."""
    values = row_values(**row_of(invitation, _INVITED))
    number: int = connection.execute(invitations.insert().values(values).returning(invitations.c.id)).scalar_one()
    return number


def find_invitation(connection: sa.Connection, hash: str) -> Invitation | None:
    row = connection.execute(sa.select(invitations).where(invitations.c.hash == hash)).first()
    return _read_invitation(row) if row else None


def get_invitation(connection: sa.Connection, number: int) -> Invitation:
    """Return an invitation. Raises NotFoundError."""
    row = connection.execute(sa.select(invitations).where(invitations.c.id == number)).first()
    if row is None:
        raise NotFoundError(t("invitation {number} is not known", number=number))
    return _read_invitation(row)


def list_invitations(connection: sa.Connection) -> list[Invitation]:
    """List all invitations, the newest first."""
    rows = connection.execute(sa.select(invitations).order_by(invitations.c.id.desc()))
    return [_read_invitation(row) for row in rows]


def _read_invitation(row: sa.Row[Any]) -> Invitation:
    return Invitation(
        row.id,
        InvitationKind(row.kind),
        row.name,
        row.salt,
        row.hash,
        row.by,
        row.made_at,
        month=Month.parse(row.month) if row.month else None,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
    )


# --- suggestions ------------------------------------------------------------------------------------------------------


def add_suggestion(connection: sa.Connection, suggestion: Suggestion, hash: str | None = None) -> int:
    """Store a suggestion, which its reader finds again by the *hash* of a secret; return its number."""
    values = row_values(**row_of(suggestion, _SENT), hash=hash)
    number: int = connection.execute(suggestions.insert().values(values).returning(suggestions.c.id)).scalar_one()
    return number


def get_suggestion(connection: sa.Connection, number: int) -> Suggestion:
    """Return a suggestion. Raises NotFoundError."""
    found = _list_suggestions(connection, suggestions.c.id == number)
    if not found:
        raise NotFoundError(t("suggestion {number} is not known", number=number))
    return found[0]


def find_suggestion(connection: sa.Connection, hash: str) -> Suggestion | None:
    return next(iter(_list_suggestions(connection, suggestions.c.hash == hash)), None)


def list_suggestions(connection: sa.Connection) -> list[Suggestion]:
    """List all suggestions, the newest first."""
    return _list_suggestions(connection, sa.true())


def list_suggestions_of(connection: sa.Connection, post_ids: Collection[int]) -> list[Suggestion]:
    """List the suggestions of some posts and of their copies, the oldest first."""
    found: list[Suggestion] = []
    for batch in in_batches(list(post_ids)):
        theirs = sa.select(posts.c.id).where(sa.or_(posts.c.id.in_(batch), posts.c.copy_of.in_(batch)))
        found += _list_suggestions(connection, suggestions.c.post_id.in_(theirs))
    return found[::-1]


def list_issues(connection: sa.Connection, keys: Collection[str]) -> dict[str, Suggestion]:
    """The suggestions of some issues at GitHub, by their keys."""
    found: dict[str, Suggestion] = {}
    for batch in in_batches(list(keys)):
        found |= {str(one.issue): one for one in _list_suggestions(connection, suggestions.c.issue.in_(batch))}
    return found


def find_newest_issue(connection: sa.Connection) -> datetime | None:
    """When the newest known issue at GitHub was opened."""
    query = sa.select(sa.func.max(suggestions.c.sent_at)).where(suggestions.c.issue.is_not(None))
    moment: datetime | None = connection.execute(query).scalar_one()
    return moment


def list_credits(connection: sa.Connection, post_ids: Collection[int]) -> list[str]:
    """List the names to print of those who suggested some posts, each once, in the order in which they did."""
    return list(dict.fromkeys(each.credit for each in list_suggestions_of(connection, post_ids) if each.credit))


def list_due(connection: sa.Connection, now: datetime, *, limit: int) -> list[Suggestion]:
    """List the suggestions that are to be looked at now, the oldest first."""
    is_due = sa.and_(suggestions.c.retry_at.is_not(None), suggestions.c.retry_at <= now)
    return _list_suggestions(connection, is_due)[::-1][:limit]


def list_unread(connection: sa.Connection) -> list[Suggestion]:
    """List those that could not be read, and have no post."""
    over = (suggestions.c.retry_at.is_(None), suggestions.c.post_id.is_(None), suggestions.c.declined.is_(None))
    return _list_suggestions(connection, sa.and_(*over))


def _list_suggestions(connection: sa.Connection, where: sa.ColumnElement[bool]) -> list[Suggestion]:
    query = sa.select(suggestions).where(where).order_by(suggestions.c.id.desc())
    return [_read_suggestion(row) for row in connection.execute(query)]


def count_sent(connection: sa.Connection, invitation_id: int, since: datetime) -> int:
    """Count what came by an invitation since a moment."""
    query = sa.select(sa.func.count()).select_from(suggestions)
    query = query.where(suggestions.c.invitation_id == invitation_id, suggestions.c.sent_at > since)
    return connection.execute(query).scalar_one()


def count_open(connection: sa.Connection) -> int:
    """Count the suggestions that the curator has said nothing about: without an answer and without a verdict."""
    own = posts.alias()
    query = (
        sa.select(sa.func.count())
        .select_from(suggestions)
        .outerjoin(own, own.c.id == suggestions.c.post_id)
        # A copy is decided with the post that is shown for it.
        .outerjoin(posts, posts.c.id == sa.func.coalesce(own.c.copy_of, own.c.id))
        .where(suggestions.c.declined.is_(None), suggestions.c.answered_at.is_(None), posts.c.verdict_id.is_(None))
    )
    return connection.execute(query).scalar_one()


def note_look(
    connection: sa.Connection, number: int, *, post_id: int | None, retry_at: datetime | None, trouble: str | None
) -> None:
    """Store what came of looking at a suggestion."""
    values: Mapping[str, Any] = {
        "post_id": post_id,
        "retry_at": retry_at,
        "trouble": trouble,
        "attempts": suggestions.c.attempts + 1,
    }
    connection.execute(suggestions.update().where(suggestions.c.id == number).values(values))


def forget_suggestions(connection: sa.Connection, numbers: Sequence[int]) -> int:
    """Delete suggestions; return how many."""
    batches = (suggestions.delete().where(suggestions.c.id.in_(batch)) for batch in in_batches(numbers))
    return sum(connection.execute(delete).rowcount for delete in batches)


def forget_contacts(connection: sa.Connection, answered_before: datetime) -> int:
    """Forget how to answer those who were answered before a moment; return how many."""
    of_answered = sa.and_(suggestions.c.answered_at < answered_before, suggestions.c.contact != "")
    return connection.execute(suggestions.update().where(of_answered).values(contact="")).rowcount


def _read_suggestion(row: sa.Row[Any]) -> Suggestion:
    return Suggestion(**{name: getattr(row, name) for name in Suggestion.__slots__})


# --- remarks ----------------------------------------------------------------------------------------------------------


def add_remark(connection: sa.Connection, remark: Remark) -> int:
    """Store a remark; return its number."""
    values = row_values(**row_of(remark, _REMARKED))
    number: int = connection.execute(remarks.insert().values(values).returning(remarks.c.id)).scalar_one()
    return number


def get_remark(connection: sa.Connection, number: int) -> Remark:
    """Return a remark. Raises NotFoundError."""
    found = _list_remarks(connection, remarks.c.id == number)
    if not found:
        raise NotFoundError(t("remark {number} is not known", number=number))
    return found[0]


def list_remarks(connection: sa.Connection, month: Month) -> list[Remark]:
    """List the remarks on the draft of a month, the oldest first."""
    ours = sa.select(invitations.c.id).where(invitations.c.month == str(month))
    return _list_remarks(connection, remarks.c.invitation_id.in_(ours))


def list_remarks_by(connection: sa.Connection, invitation_id: int) -> list[Remark]:
    """List the remarks that came by an invitation, the oldest first."""
    return _list_remarks(connection, remarks.c.invitation_id == invitation_id)


def list_remarks_of(connection: sa.Connection, post_id: int) -> list[Remark]:
    """List the remarks on the line of a post, the oldest first."""
    return _list_remarks(connection, remarks.c.post_id == post_id)


def _list_remarks(connection: sa.Connection, where: sa.ColumnElement[bool]) -> list[Remark]:
    query = sa.select(remarks).where(where).order_by(remarks.c.id)
    return [Remark(**{name: getattr(row, name) for name in Remark.__slots__}) for row in connection.execute(query)]
