"""A commit is tried again, lines know the style of their label, and addresses their archived copy."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("deliveries") as table:
        _allow(table, "command", "webhook", "commit")
    op.add_column("digest_lines", sa.Column("label", sa.String(), nullable=False, server_default="brackets"))
    op.add_column("link_checks", sa.Column("archive_asked_at", sa.DateTime(timezone=True)))
    op.add_column("link_checks", sa.Column("archived", sa.String()))


def downgrade() -> None:
    op.drop_column("link_checks", "archived")
    op.drop_column("link_checks", "archive_asked_at")
    op.drop_column("digest_lines", "label")
    op.execute("DELETE FROM deliveries WHERE kind = 'commit'")
    with op.batch_alter_table("deliveries") as table:
        _allow(table, "command", "webhook")


def _allow(table: Any, *kinds: str) -> None:
    """Set in which ways prints are told. A table that SQLite makes anew has no checks."""
    if op.get_bind().dialect.name == "postgresql":
        table.drop_constraint(op.f("ck_deliveries_kind"), type_="check")
    table.create_check_constraint(op.f("ck_deliveries_kind"), sa.column("kind").in_(kinds))
