"""Canonical addresses by newer rules: the program makes them anew itself since revision 0013."""

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The program does it when it is started."""


def downgrade() -> None:
    """Older code reads the addresses as they are."""
