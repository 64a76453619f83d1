"""How prints were told to other programs, as a script is told."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from aggregator.digest.delivery import find_state
from aggregator.types import Delivery


class DeliveryShape(BaseModel):
    """What came of telling a command or webhook of a print, or of committing it."""

    kind: str = Field(description="command, webhook or commit")
    state: str = Field(description="waiting, done or failed")
    failure: str = Field(description="Why the last try failed; empty if it did not.")
    tries: int
    tried_at: datetime | None
    done_at: datetime | None

    @classmethod
    def of(cls, delivery: Delivery, now: datetime) -> Self:
        return cls(
            kind=str(delivery.kind),
            state=str(find_state(delivery, now)),
            failure=delivery.failure,
            tries=delivery.tries,
            tried_at=delivery.tried_at,
            done_at=delivery.done_at,
        )
