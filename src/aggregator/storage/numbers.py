"""Row numbers as a person writes them. Pure."""

from __future__ import annotations

#: The largest row number that both databases support.
LAST_ID = 2**63 - 1


def read_id(text: str) -> int | None:
    """Read a row number as a person writes it; None if it is not a number or too large."""
    is_number = text.isascii() and text.isdecimal() and len(text) < 20
    return int(text) if is_number and int(text) <= LAST_ID else None
