"""The curator can add a post by its address: an action of its own kind."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

_BEFORE = ("decide", "correct", "give month", "merge", "split", "weigh", "rule", "feed", "print", "undo", "redo")
_AFTER = ("decide", "correct", "add", *_BEFORE[2:])


def upgrade() -> None:
    _let_kinds(_AFTER)


def downgrade() -> None:
    # The rows stay as corrections, which they mostly are.
    kind = sa.table("actions", sa.column("kind", sa.String))
    op.execute(kind.update().where(kind.c.kind == "add").values(kind="correct"))
    _let_kinds(_BEFORE)


def _let_kinds(kinds: tuple[str, ...]) -> None:
    with op.batch_alter_table("actions") as table:
        # A table that SQLite makes anew has no checks.
        if op.get_bind().dialect.name == "postgresql":
            table.drop_constraint(op.f("ck_actions_kind"), type_="check")
        table.create_check_constraint(op.f("ck_actions_kind"), sa.column("kind").in_(kinds))
