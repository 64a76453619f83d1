"""By which rules of the program what is stored of posts was made; the watch on a host that all items of a feed are at.

What the rules of the program derive is made anew by the program itself, so that a revision does the same on any day.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recipes",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("recipe", sa.Integer(), nullable=False),
        sa.Column("done_to", sa.BigInteger()),
    )
    op.add_column("feeds", sa.Column("host_trial", sa.String()))
    op.add_column("feeds", sa.Column("host_trial_since", sa.DateTime(timezone=True)))
    op.add_column("feeds", sa.Column("host_trial_agreements", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    for name in ("host_trial_agreements", "host_trial_since", "host_trial"):
        op.drop_column("feeds", name)
    op.drop_table("recipes")
