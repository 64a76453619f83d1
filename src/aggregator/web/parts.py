"""Views that several pages use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab with its count under the present filter."""

    name: str
    path: str
    count: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a filter."""

    value: str
    label: str
    is_chosen: bool
