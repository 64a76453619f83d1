"""What posts disclose beside their words: in the HTML of their texts, and in their pages."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("said", "page_said"):
        op.add_column("posts", sa.Column(name, sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    for name in ("page_said", "said"):
        op.drop_column("posts", name)
