"""Versions of the section model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from aggregator.locales import mark


class Acceptance(StrEnum):
    """What happened to a model after it was fitted."""

    TAKEN = mark("taken")
    #: Worse than the model in use on decisions that neither had seen; its file is not kept.
    REFUSED = mark("refused")
    #: Not worse, but the curator has pinned another.
    OFFERED = mark("offered")


@dataclass(frozen=True, slots=True)
class FittedModel:
    """The record of one version of the section model; the model itself is in a file of that name."""

    version: str
    made_at: datetime
    #: When it was last found that there is nothing new to learn.
    seen_at: datetime
    #: How it learns, and the version that its recipe gives with only the shipped rows.
    recipe: str
    shipped: str
    #: How many rows it learned from, by origin.
    rows: Mapping[str, int]
    acceptance: Acceptance
    #: Why it was accepted or rejected, as a sentence for a person.
    reason: str
    #: The figures of the comparison that decided; empty if there was none.
    figures: Mapping[str, Any] = field(default_factory=dict)
    #: The newest verdict and the newest correction that it learned from; 0 for none.
    last_verdict: int = 0
    last_correction: int = 0
    #: Since when it was last in use; None if it never was.
    used_since: datetime | None = None
    in_use: bool = False
    #: Set while the curator has pinned it.
    pinned_at: datetime | None = None
    #: Whether its file is kept.
    is_kept: bool = True

    @property
    def has_learned(self) -> bool:
        """Whether it learned from more than the shipped rows."""
        return self.version != self.shipped
