"""Posts keep what the posts of their series share in their titles. The program fills this in when it starts."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("posts", sa.Column("series", sa.String()))
    op.create_index(op.f("ix_posts_series"), "posts", ["series"])


def downgrade() -> None:
    op.drop_index(op.f("ix_posts_series"), "posts")
    op.drop_column("posts", "series")
