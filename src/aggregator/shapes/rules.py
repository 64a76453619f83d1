"""Rules of the curator as a script sees them."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel

from aggregator.types import Act, Rule, RuleState, Trait


class RuleShape(BaseModel):
    """A rule of the curator: which posts it matches, and what it does with them."""

    number: int
    trait: Trait
    sought: str
    act: Act
    points: float | None
    section: str | None
    feed: str | None
    tag: str | None
    state: RuleState
    by: str
    at: datetime | None

    @classmethod
    def of(cls, rule: Rule) -> Self:
        values = {name: getattr(rule, name) for name in cls.model_fields}
        return cls(**values | {"section": str(rule.section) if rule.section else None})
