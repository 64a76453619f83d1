"""What posts say of themselves: that they are sponsored, for members, written with AI or machine-translated."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("guesses", sa.Column("disclosures", sa.JSON()))


def downgrade() -> None:
    op.drop_column("guesses", "disclosures")
