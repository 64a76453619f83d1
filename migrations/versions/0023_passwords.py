"""The page can have a password."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table("passwords", sa.Column("id", _Id, primary_key=True), sa.Column("hash", sa.String(), nullable=False))


def downgrade() -> None:
    op.drop_table("passwords")
