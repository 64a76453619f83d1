"""What is behind of a post is found by the post, so that deleting one does not read all that is behind."""

from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_behind_post_id"), "behind", ["post_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_behind_post_id"), "behind")
