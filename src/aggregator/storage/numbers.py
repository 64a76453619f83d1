"""The numbers of rows, as a person writes them. Pure."""

from __future__ import annotations

#: The largest number that both databases take.
LAST_ID = 2**63 - 1


def read_id(text: str) -> int | None:
    """The number of a row as a person writes it; None for what is none, or is larger than any."""
    is_number = text.isascii() and text.isdecimal() and len(text) < 20
    return int(text) if is_number and int(text) <= LAST_ID else None
