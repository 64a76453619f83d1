"""What the curator dismisses belongs to an action: proposals about feeds, and withheld changes of posts."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_ACTIONS = sa.table(
    "actions",
    sa.column("id", sa.Integer),
    sa.column("kind", sa.String),
    sa.column("by", sa.String),
    sa.column("at", _MOMENT),
    sa.column("feed_key", sa.String),
    sa.column("details", sa.JSON),
    sa.column("changes", sa.JSON),
    sa.column("undone", sa.Boolean),
)


_OLD = sa.table("dismissals", sa.column("proposal", sa.String), sa.column("at", _MOMENT), sa.column("by", sa.String))
_NEW = sa.table("dismissals", sa.column("action_id", sa.Integer), sa.column("proposal", sa.String))
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    rows = op.get_bind().execute(sa.select(_OLD).order_by(_OLD.c.at)).mappings().all()
    op.drop_table("dismissals")
    op.create_table(
        "dismissals",
        sa.Column("action_id", _ID, autoincrement=False, nullable=False),
        sa.Column("proposal", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("action_id", name=op.f("pk_dismissals")),
    )
    for row in rows:
        number = op.get_bind().execute(_ACTIONS.insert().values(_act(row)).returning(_ACTIONS.c.id)).scalar_one()
        op.get_bind().execute(_NEW.insert().values(action_id=number, proposal=row["proposal"]))
    op.add_column("withheld", sa.Column("action_id", _ID))
    op.create_index(op.f("ix_withheld_action_id"), "withheld", ["action_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_withheld_action_id"), table_name="withheld")
    op.drop_column("withheld", "action_id")
    in_force = sa.select(_NEW.c.proposal, _ACTIONS.c.at, _ACTIONS.c.by).where(_ACTIONS.c.id == _NEW.c.action_id)
    query = in_force.where(~_ACTIONS.c.undone).order_by(_ACTIONS.c.id)
    rows = {row["proposal"]: row for row in op.get_bind().execute(query).mappings()}
    op.drop_table("dismissals")
    op.create_table(
        "dismissals",
        sa.Column("proposal", sa.String(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("proposal", name=op.f("pk_dismissals")),
    )
    for row in rows.values():
        op.get_bind().execute(_OLD.insert().values(**row))


def _act(row: Any) -> dict[str, Any]:
    """The action that dismissed a proposal, such as leave:danawa."""
    advice, _, about = row["proposal"].partition(":")
    key = None if advice == "follow" else about
    values = {"kind": "feed", "by": row["by"], "at": row["at"], "feed_key": key, "undone": False}
    return values | {"details": {"proposal": row["proposal"]}, "changes": {}}
