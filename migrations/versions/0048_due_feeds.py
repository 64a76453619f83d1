"""Due feeds, their addresses and the last success are found by indices, however many feeds there are."""

from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

_COLUMNS = ("url", "last_visit_at", "last_success_at", "next_visit_at")


def upgrade() -> None:
    for column in _COLUMNS:
        op.create_index(op.f(f"ix_feeds_{column}"), "feeds", [column])


def downgrade() -> None:
    for column in _COLUMNS:
        op.drop_index(op.f(f"ix_feeds_{column}"), table_name="feeds")
