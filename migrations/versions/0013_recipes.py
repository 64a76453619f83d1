"""By which version of its rules the program made posts, and a host to which all items of a feed have moved.

The program itself makes anew what its rules derive, so that revisions always do the same.
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
