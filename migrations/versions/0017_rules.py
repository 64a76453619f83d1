"""The curator's own rules, and the section that one gives to a post in place of the guess."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "rules",
        sa.Column("id", _Id, primary_key=True),
        sa.Column("number", _Id, nullable=False),
        sa.Column("trait", sa.String(), nullable=False),
        sa.Column("sought", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("points", sa.Float()),
        sa.Column("section", sa.String),
        sa.Column("feed", sa.String()),
        sa.Column("tag", sa.String()),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("trait IN ('words', 'pattern', 'address', 'author', 'category')", op.f("ck_rules_trait")),
        sa.CheckConstraint("act IN ('points', 'section', 'mute', 'show')", op.f("ck_rules_act")),
        sa.CheckConstraint("state IN ('on', 'off', 'removed')", op.f("ck_rules_state")),
    )
    op.add_column("scores", sa.Column("ruled", sa.JSON()))


def downgrade() -> None:
    op.drop_column("scores", "ruled")
    op.drop_table("rules")
