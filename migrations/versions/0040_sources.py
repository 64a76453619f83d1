"""Feeds have a filter and the day on which their address was known to answer, states know what refuses a visit, and the
curator can dismiss a proposal.
"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("feeds", sa.Column("only", sa.JSON()))
    op.add_column("feeds", sa.Column("verified", sa.String()))
    op.add_column("feeds", sa.Column("last_wall", sa.String()))
    op.add_column("visits", sa.Column("left_out", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "dismissals",
        sa.Column("proposal", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("proposal", name=op.f("pk_dismissals")),
    )


def downgrade() -> None:
    op.drop_table("dismissals")
    op.drop_column("visits", "left_out")
    for name in ("last_wall", "verified", "only"):
        op.drop_column("feeds", name)
    _forget_listed("verified", "only")


def _forget_listed(*names: str) -> None:
    """Take fields out of what feeds.toml said of feeds: an older program does not know them."""
    feeds = sa.table("feeds", sa.column("key", sa.String), sa.column("listed", sa.JSON))
    for key, listed in op.get_bind().execute(sa.select(feeds.c.key, feeds.c.listed)).all():
        left = {name: value for name, value in (listed or {}).items() if name not in names}
        if listed and left != listed:
            op.execute(feeds.update().where(feeds.c.key == key).values(listed=left))
