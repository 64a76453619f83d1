"""The history of what the curator did, and what of it is undone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from aggregator.exceptions import NotFoundError
from aggregator.locales import t
from aggregator.storage.rows import row_values
from aggregator.storage.tables import actions, corrections, feeds, pairs, posts, verdicts
from aggregator.types import Action, ActionKind, Month

_UNDONE = sa.select(actions.c.id).where(actions.c.undone)
_OF_BATCH = actions.alias("of_batch")
_IS_OF_BATCH = _OF_BATCH.c.batch == actions.c.batch
# What is about no post counts by itself.
_ABOUT = sa.func.coalesce(_OF_BATCH.c.post_id, -_OF_BATCH.c.id)
_SIZE = sa.select(sa.func.count(_ABOUT.distinct())).where(_IS_OF_BATCH).scalar_subquery().label("size")
_LEFT = sa.select(sa.func.count()).where(_IS_OF_BATCH, ~_OF_BATCH.c.undone).scalar_subquery().label("still")
_IS_LATER = sa.and_(_IS_OF_BATCH, _OF_BATCH.c.id > actions.c.id)
_ABOUT_ACTIONS = (str(ActionKind.UNDO), str(ActionKind.REDO))
# Of an undo or a redo, the kind of the action that it is about.
_SUBJECT = sa.func.coalesce(actions.c.details["of"].as_string(), actions.c.kind)
_IS_UNDO = sa.and_(actions.c.kind == str(ActionKind.UNDO), ~actions.c.undone)


def holds(table: sa.FromClause) -> sa.ColumnElement[bool]:
    """Whether a row of a table with an ``action_id`` counts: its action, if it has one, is not undone."""
    return sa.or_(table.c.action_id.is_(None), table.c.action_id.not_in(_UNDONE))


def rests(table: sa.FromClause) -> sa.ColumnElement[bool]:
    """Whether the curator has done nothing about a row of a table with an ``action_id``, or has undone it."""
    return sa.or_(table.c.action_id.is_(None), table.c.action_id.in_(_UNDONE))


#: The posts that curators have added, by whom; of a copy, the post that is shown in its place.
ADDED = (
    sa.select(sa.func.coalesce(posts.c.copy_of, posts.c.id).label("post_id"), actions.c.by)
    .join(posts, posts.c.id == actions.c.post_id)
    .where(actions.c.kind == str(ActionKind.ADD), ~actions.c.undone)
    .subquery("added")
)


def append_action(connection: sa.Connection, action: Action) -> Action:
    """Store an action; returns it with its number."""
    values = {name: getattr(action, name) for name in Action.__slots__ if name not in {"id", "is_undone", "size"}}
    values |= {"details": dict(action.details), "changes": {k: list(v) for k, v in action.changes.items()}}
    statement = actions.insert().values(row_values(**values, undone=False)).returning(actions.c.id)
    number: int = connection.execute(statement).scalar_one()
    return replace(action, id=number)


def start_batch(connection: sa.Connection, number: int) -> None:
    """Make an action the first of a batch."""
    connection.execute(actions.update().where(actions.c.id == number).values(batch=number))


def set_undone(connection: sa.Connection, number: int, *, is_undone: bool) -> None:
    connection.execute(actions.update().where(actions.c.id == number).values(undone=is_undone))


def get_action(connection: sa.Connection, number: int) -> Action:
    """Return an action. Raises NotFoundError."""
    row = connection.execute(sa.select(actions).where(actions.c.id == number)).one_or_none()
    if row is None:
        raise NotFoundError(t("there is no action {number}", number=number))
    return _read_action(row)


def list_batch(connection: sa.Connection, action: Action) -> list[Action]:
    """The actions that are undone together with this one, itself included, newest first."""
    if action.batch is None:
        return [action]
    query = sa.select(actions).where(actions.c.batch == action.batch).order_by(actions.c.id.desc())
    return [_read_action(row) for row in connection.execute(query)]


def find_newest(connection: sa.Connection) -> Action | None:
    """The newest action of all kinds."""
    return _find_newest(connection)


def find_last(connection: sa.Connection, *, by: str) -> Action | None:
    """The newest action of a curator that is in force and is not itself an undo or a redo."""
    return _find_newest(connection, actions.c.by == by, ~actions.c.undone, actions.c.kind.not_in(_ABOUT_ACTIONS))


def find_last_undo(connection: sa.Connection, *, by: str) -> Action | None:
    """The newest undo of a curator that can be redone: it is in force, and no other action came after it."""
    of_curator = sa.select(sa.func.coalesce(sa.func.max(actions.c.id), 0)).where(actions.c.by == by)
    last = of_curator.where(actions.c.kind.not_in(_ABOUT_ACTIONS)).scalar_subquery()
    return _find_newest(connection, actions.c.by == by, _IS_UNDO, actions.c.id > last)


def find_undo_of(connection: sa.Connection, number: int) -> Action | None:
    """The undo in force of an action."""
    return _find_newest(connection, actions.c.undoes == number, _IS_UNDO)


def find_action_of_verdict(connection: sa.Connection, verdict_id: int) -> int | None:
    """The action that gave a verdict; None for one that came with a digest."""
    query = sa.select(verdicts.c.action_id).where(verdicts.c.id == verdict_id)
    number: int | None = connection.execute(query).scalar_one()
    return number


def claim_verdict(connection: sa.Connection, verdict_id: int, number: int) -> None:
    """Let a verdict that came with a digest belong to an action, so that it can be undone."""
    connection.execute(verdicts.update().where(verdicts.c.id == verdict_id).values(action_id=number))


def find_place(connection: sa.Connection, post_id: int) -> Mapping[str, str | None] | None:
    """Where the actions that are not undone have put a post: as the newest of them says; without any, where it was
    before the first. None if no action moved it.
    """
    query = sa.select(actions.c.changes, actions.c.undone).where(actions.c.post_id == post_id)
    query = query.where(actions.c.kind.not_in(_ABOUT_ACTIONS)).order_by(actions.c.id)
    moves = [(*row.changes["place"], row.undone) for row in connection.execute(query) if "place" in row.changes]
    in_force = [after for _, after, is_undone in moves if not is_undone]
    return in_force[-1] if in_force else moves[0][0] if moves else None


def list_touched(connection: sa.Connection, number: int) -> list[int]:
    """The posts that have verdicts, corrections or pairs of an action."""
    columns = (verdicts.c.post_id, corrections.c.post_id, pairs.c.first_id, pairs.c.second_id)
    parts = [sa.select(column).where(column.table.c.action_id == number) for column in columns]
    return sorted(connection.execute(sa.union(*parts)).scalars())


def find_last_number(connection: sa.Connection) -> int:
    """The number of the newest action; 0 without any."""
    return connection.execute(sa.select(sa.func.max(actions.c.id))).scalar_one() or 0


def find_last_at(connection: sa.Connection) -> datetime | None:
    """The moment of the newest action."""
    query = sa.select(actions.c.at).order_by(actions.c.id.desc()).limit(1)
    moment: datetime | None = connection.execute(query).scalar_one_or_none()
    return moment


def is_print_undone(connection: sa.Connection, month: Month) -> bool:
    """Whether the curator has taken back the last print of a month."""
    last = _find_newest(connection, actions.c.kind == str(ActionKind.PRINT), actions.c.month == str(month))
    return last is not None and last.is_undone


def find_closed_at(connection: sa.Connection, month: Month) -> datetime | None:
    """When the curator last closed a month, if that is in force."""
    query = sa.select(actions.c.at, actions.c.details).where(actions.c.kind == str(ActionKind.PRINT), ~actions.c.undone)
    rows = connection.execute(query.where(actions.c.month == str(month)).order_by(actions.c.id.desc()))
    return next((row.at for row in rows if row.details.get("plan") == "close"), None)


def list_past(
    connection: sa.Connection, *, limit: int, before: int | None = None, kinds: Collection[ActionKind] = ()
) -> list[tuple[Action, str]]:
    """The last actions, newest first, each with the title of its post or the name of its feed; those with a smaller
    number than *before*, and only of these *kinds*, with what undid them. A batch is its last action, which of a line
    names all fields that its batch has changed.
    """
    query = (
        sa.select(actions, posts.c.title, feeds.c.name, _SIZE, _LEFT)
        .where(~sa.exists().where(_IS_LATER))
        .outerjoin(posts, posts.c.id == actions.c.post_id)
        .outerjoin(feeds, feeds.c.key == actions.c.feed_key)
        .order_by(actions.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(actions.c.id < before)
    if kinds:
        query = query.where(_SUBJECT.in_(sorted(kinds)))
    return [(_read_first(row), row.title or row.name or row.feed_key or "") for row in connection.execute(query)]


def list_of_post(connection: sa.Connection, post_id: int, *, limit: int) -> list[Action]:
    """The last actions on a post, newest first; the last one of a batch stands for those on the same post."""
    is_last = ~sa.exists().where(_IS_LATER, _OF_BATCH.c.post_id == post_id)
    query = sa.select(actions).where(actions.c.post_id == post_id, is_last).order_by(actions.c.id.desc()).limit(limit)
    return [_read_action(row) for row in connection.execute(query)]


def _read_first(row: sa.Row[Any]) -> Action:
    action = _read_action(row)
    return replace(action, size=row.size, is_undone=not row.still) if row.size else action


def name_subject(connection: sa.Connection, action: Action) -> str:
    """The title of the post of an action or the name of its feed; empty if it is about neither."""
    query = sa.select(sa.func.coalesce(posts.c.title, feeds.c.name, actions.c.feed_key, "")).select_from(
        actions.outerjoin(posts, posts.c.id == actions.c.post_id).outerjoin(feeds, feeds.c.key == actions.c.feed_key)
    )
    name: str = connection.execute(query.where(actions.c.id == action.id)).scalar_one()
    return name


def _find_newest(connection: sa.Connection, *which: sa.ColumnElement[bool]) -> Action | None:
    query = sa.select(actions).where(*which).order_by(actions.c.id.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return _read_action(row) if row else None


def _read_action(row: sa.Row[Any]) -> Action:
    return Action(
        kind=ActionKind(row.kind),
        by=row.by,
        at=row.at,
        post_id=row.post_id,
        feed_key=row.feed_key,
        month=Month.parse(row.month) if row.month else None,
        details=row.details,
        changes={name: (before, after) for name, (before, after) in row.changes.items()},
        batch=row.batch,
        undoes=row.undoes,
        is_undone=row.undone,
        id=row.id,
    )
