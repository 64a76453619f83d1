"""Canonical addresses by newer rules. Since revision 0013 the program itself makes them anew when it starts."""

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing is left to do here."""


def downgrade() -> None:
    """Older code reads the addresses as they are."""
