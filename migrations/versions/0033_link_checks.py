"""What came of looking at the addresses of lines again is kept, and what the curator did about it."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_STATES = ("reached", "moved", "missing", "home", "login", "deserted", "unknown")


def upgrade() -> None:
    op.create_table(
        "link_checks",
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("target", sa.String()),
        sa.Column("reason", sa.String()),
        sa.CheckConstraint(sa.column("state").in_(_STATES), op.f("ck_link_checks_state")),
        sa.PrimaryKeyConstraint("url", name=op.f("pk_link_checks")),
    )
    op.create_table(
        "link_remedies",
        sa.Column("id", _ID, nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("remedy", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("target", sa.String()),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action_id", _ID),
        sa.CheckConstraint(sa.column("remedy").in_(("moved", "archived", "left")), op.f("ck_link_remedies_remedy")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_remedies")),
    )
    op.create_index(op.f("ix_link_remedies_action_id"), "link_remedies", ["action_id"])


def downgrade() -> None:
    op.drop_table("link_remedies")
    op.drop_table("link_checks")
