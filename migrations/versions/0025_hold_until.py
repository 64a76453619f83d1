"""What a post is held until, and which undecided posts are back from a hold."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INDEXED = {"verdicts": "until", "posts": "returned_id"}


def upgrade() -> None:
    op.add_column("verdicts", sa.Column("until", sa.String()))
    op.add_column("verdicts", sa.Column("returned_at", sa.DateTime(timezone=True)))
    op.add_column("posts", sa.Column("returned_id", _Id))
    for table, column in _INDEXED.items():
        where = sa.text(f"{column} IS NOT NULL")
        op.create_index(f"ix_{table}_{column}", table, [column], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    # Before, a hold had no end.
    op.execute("UPDATE posts SET verdict_id = returned_id WHERE returned_id IS NOT NULL")
    for table, column in _INDEXED.items():
        op.drop_index(f"ix_{table}_{column}", table)
    op.drop_column("posts", "returned_id")
    op.drop_column("verdicts", "returned_at")
    op.drop_column("verdicts", "until")
