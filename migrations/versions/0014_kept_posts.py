"""When a feed last gave its whole document, and changes of feeds that were not taken over."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("feeds", sa.Column("full_at", sa.DateTime(timezone=True)))
    op.create_table(
        "withheld",
        sa.Column("post_id", _Id, sa.ForeignKey("posts.id"), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.String()),
        sa.Column("url", sa.String()),
    )


def downgrade() -> None:
    op.drop_table("withheld")
    op.drop_column("feeds", "full_at")
