"""Actions as a script sees them."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from aggregator.types import Action
from aggregator.words.actions import say_action


class ActionShape(BaseModel):
    """What a curator did in one step."""

    action: int = Field(description="Its number.")
    kind: str = Field(examples=["decide"])
    at: datetime
    by: str = Field(description="The curator, or the name of a token.")
    post: int | None
    feed: str | None
    month: str | None
    size: int = Field(description="How many posts, lines or proposals it is about: more than 1 for a batch.")
    undone: bool
    undoes: int | None = Field(description="Of an undo or redo: the action that it is about.")
    said: str = Field(description="One sentence for a person.")

    @classmethod
    def of(cls, action: Action, name: str = "") -> Self:
        """*name* is the title of its post or the name of its feed."""
        return cls(
            action=action.id,
            kind=str(action.kind),
            at=action.at,
            by=action.by,
            post=action.post_id,
            feed=action.feed_key,
            month=str(action.month) if action.month else None,
            size=action.size,
            undone=action.is_undone,
            undoes=action.undoes,
            said=say_action(action, name),
        )
