"""What the curator did stands in one history, in which every action can be undone."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_KINDS = ("decide", "correct", "give month", "merge", "split", "weigh", "rule", "feed", "print", "undo", "redo")
_ACTED = ("verdicts", "corrections", "pairs", "wishes", "rules")
_actions = sa.table(
    "actions",
    *(sa.column(name) for name in ("id", "kind", "by")),
    sa.column("at", sa.DateTime(timezone=True)),
    *(sa.column(name) for name in ("post_id", "month")),
    sa.column("details", sa.JSON),
    sa.column("changes", sa.JSON),
    sa.column("undoes"),
    sa.column("undone", sa.Boolean),
)


def upgrade() -> None:
    op.create_table(
        "actions",
        sa.Column("id", _Id, primary_key=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("post_id", _Id, sa.ForeignKey("posts.id")),
        sa.Column("feed_key", sa.String()),
        sa.Column("month", sa.String(7)),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("batch", _Id),
        sa.Column("undoes", _Id, sa.ForeignKey("actions.id")),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.CheckConstraint(sa.column("kind").in_(_KINDS), op.f("ck_actions_kind")),
    )
    op.create_index("ix_actions_post_id", "actions", ["post_id"])
    op.create_index("ix_actions_batch", "actions", ["batch"])
    where = sa.text("undone")
    op.create_index("ix_actions_undone", "actions", ["undone"], sqlite_where=where, postgresql_where=where)
    for name in _ACTED:
        op.add_column(name, sa.Column("action_id", _Id))
    _gather_history(op.get_bind())
    op.execute("DELETE FROM verdicts WHERE decision = 'undo'")
    with op.batch_alter_table("verdicts") as table:
        _allow(table, "approve", "reject", "hold")
        table.drop_column("undoes")
    for name in _ACTED:
        op.create_index(f"ix_{name}_action_id", name, ["action_id"])


def _allow(table: Any, *decisions: str) -> None:
    """Set which decisions a verdict may have. A table that SQLite makes anew has no checks."""
    if op.get_bind().dialect.name == "postgresql":
        table.drop_constraint(op.f("ck_verdicts_decision"), type_="check")
    table.create_check_constraint(op.f("ck_verdicts_decision"), sa.column("decision").in_(decisions))


def _gather_history(connection: sa.Connection) -> None:
    """Make an action of everything that a curator said before, in its order; undos become actions that undo."""
    acts = sorted(_list_acts(connection), key=lambda act: (act["at"], act["table"] == "undo", act["ids"]))
    rows: list[dict[str, Any]] = []
    numbers: dict[tuple[str, int], int] = {}
    undone: set[int] = set()
    for number, act in enumerate(acts, 1):
        undoes = numbers.get(("verdicts", act["undoes"])) if act["table"] == "undo" else None
        if undoes:
            undone.add(undoes)
            act["details"] = {**rows[undoes - 1]["details"], "of": "decide"}
        numbers |= {(act["table"], row): number for row in act["ids"]}
        rows.append({"id": number, "undoes": undoes, "changes": {}, **{k: act[k] for k in _OF_ACTION}})
    rows = [row | {"undone": row["id"] in undone} for row in rows if row["kind"] != "undo" or row["undoes"]]
    if rows:
        connection.execute(_actions.insert(), rows)
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT setval(pg_get_serial_sequence('actions', 'id'), max(id)) FROM actions"))
    for name in _ACTED:
        table = sa.table(name, sa.column("id"), sa.column("action_id"))
        change = table.update().where(table.c.id == sa.bindparam("row")).values(action_id=sa.bindparam("number"))
        mine = [{"row": row, "number": number} for (table_name, row), number in numbers.items() if table_name == name]
        if mine:
            connection.execute(change, mine)


_OF_ACTION = ("kind", "by", "at", "post_id", "month", "details")


def _list_acts(connection: sa.Connection) -> Iterator[dict[str, Any]]:
    """What a curator said: the rows of one act of one kind together. What came with a digest is not the curator's."""
    base = {"post_id": None, "month": None, "undoes": None}
    for row in _read(connection, "verdicts", "post_id", "decision", "reason", "undoes"):
        if not row.by.startswith("digest "):
            is_undo = row.decision == "undo"
            details = {} if is_undo else {"decision": row.decision, "reason": row.reason}
            yield base | {
                "table": "undo" if is_undo else "verdicts",
                "kind": "undo" if is_undo else "decide",
                "ids": (row.id,),
                "by": row.by,
                "at": row.at,
                "post_id": row.post_id,
                "details": details,
                "undoes": row.undoes,
            }
    fields = ("section", "title", "month", "organisation", "note")
    for row in _read(connection, "corrections", "post_id", *fields):
        if not row.by.startswith("digest "):
            changed = [name for name in fields if getattr(row, name) is not None]
            yield base | {
                "table": "corrections",
                "kind": "correct",
                "ids": (row.id,),
                "by": row.by,
                "at": row.at,
                "post_id": row.post_id,
                "details": {"fields": changed},
            }
    yield from _group(base, "pairs", _read(connection, "pairs", "first_id", "second_id", "said", "is_by_hand"))
    yield from _group(base, "wishes", _read(connection, "wishes", "name", "value"))
    for row in _read(connection, "rules", "number", "state"):
        yield base | {
            "table": "rules",
            "kind": "rule",
            "ids": (row.id,),
            "by": row.by,
            "at": row.at,
            "details": {"rule": row.number, "state": row.state},
        }


def _read(connection: sa.Connection, name: str, *columns: str) -> list[Any]:
    table = sa.table(name, sa.column("id"), sa.column("by"), sa.column("at", sa.DateTime(timezone=True)))
    query = sa.select(table, *(sa.column(column) for column in columns)).order_by(table.c.id)
    return list(connection.execute(query))


def _group(base: dict[str, Any], name: str, rows: list[Any]) -> Iterator[dict[str, Any]]:
    """Rows of one moment and curator are one act."""
    acts: dict[tuple[Any, ...], list[Any]] = {}
    for row in rows:
        if name == "wishes" or row.is_by_hand:
            acts.setdefault((row.by, row.at, getattr(row, "said", None)), []).append(row)
    for (by, at, said), mine in acts.items():
        if name == "pairs":
            kind, post_id = ("merge" if said == "same" else "split"), mine[0].first_id
            posts = sorted({post for row in mine for post in (row.first_id, row.second_id)})
            details: dict[str, Any] = {"posts": posts}
        else:
            kind, post_id, details = "weigh", None, {"weights": {row.name: row.value for row in mine}}
        ids = tuple(row.id for row in mine)
        yield base | {
            "table": name,
            "kind": kind,
            "ids": ids,
            "by": by,
            "at": at,
            "post_id": post_id,
            "details": details,
        }


def downgrade() -> None:
    connection = op.get_bind()
    undos = connection.execute(
        sa.text(
            "SELECT verdicts.post_id, undo.by, undo.at, verdicts.id FROM verdicts "
            "JOIN actions ON actions.id = verdicts.action_id AND actions.undone "
            "JOIN actions AS undo ON undo.undoes = actions.id AND undo.kind = 'undo' AND NOT undo.undone"
        )
    ).all()
    undone = sa.select(_actions.c.id).where(_actions.c.undone)
    for name in _ACTED:
        table = sa.table(name, sa.column("action_id"))
        if name != "verdicts":
            op.execute(table.delete().where(table.c.action_id.in_(undone)))
        with op.batch_alter_table(name) as change:
            change.drop_index(f"ix_{name}_action_id")
            change.drop_column("action_id")
            if name == "verdicts":
                _allow(change, "approve", "reject", "hold", "undo")
                change.add_column(sa.Column("undoes", _Id))
                change.create_foreign_key(op.f("fk_verdicts_undoes_verdicts"), "verdicts", ["undoes"], ["id"])
    insert = sa.text(
        "INSERT INTO verdicts (post_id, decision, by, at, undoes) VALUES (:post, 'undo', :by, :at, :undoes)"
    )
    for post, by, at, undoes in undos:
        connection.execute(insert, {"post": post, "by": by, "at": at, "undoes": undoes})
    op.drop_table("actions")
