"""Tokens, with which programs use the API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Token:
    """What a program shows to act under a name. Its secret is stored nowhere."""

    id: int
    name: str
    #: Whether it may only read. Only such a token may stand in an address.
    is_read_only: bool
    made_at: datetime
    #: Accurate to an hour; None if it was never used.
    used_at: datetime | None = None
