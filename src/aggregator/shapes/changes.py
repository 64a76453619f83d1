"""What a change did, as a script is told."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, Field

from aggregator.pipeline.history import Change
from aggregator.shapes.actions import ActionShape
from aggregator.shapes.feeds import FeedShape
from aggregator.shapes.posts import PostShape
from aggregator.types import Candidate
from aggregator.words.actions import say_decided, say_taken_back


class ChangeShape(BaseModel):
    """What a change did."""

    message: str = Field(description="One sentence for a person.", examples=["Approved: Sparse Experts"])
    is_new: bool = Field(default=True, description="False if it was so already.")
    post: PostShape | None = Field(default=None, description="The post as it stands then, if it is about one.")
    feed: FeedShape | None = Field(default=None, description="The feed as it stands then, if it is about one.")
    actions: list[ActionShape] = Field(default=[], description="What an undo took back, or a redo did again.")

    def about(self, candidate: Candidate) -> Self:
        """Return it with the post as it stands."""
        return self.model_copy(update={"post": PostShape.of(candidate)})

    @classmethod
    def of_verdict(cls, before: Candidate, after: Candidate) -> Self:
        """What a verdict, or a correction without one, did to a post."""
        return cls(message=say_decided(before, after), is_new=before.said != after.said).about(after)

    @classmethod
    def of_history(cls, change: Change) -> Self:
        """What an undo or a redo did."""
        return cls(
            message=say_taken_back(change.actions, change.name, change.candidate, is_undo=change.is_undo),
            post=PostShape.of(change.candidate) if change.candidate else None,
            actions=[ActionShape.of(action) for action in change.actions],
        )
