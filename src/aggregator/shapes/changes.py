"""What a change did, as a script is told."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, Field

from aggregator import words
from aggregator.pipeline.history import Change
from aggregator.shapes.actions import ActionShape
from aggregator.shapes.feeds import FeedShape
from aggregator.shapes.posts import PostShape
from aggregator.types import Batch, Candidate
from aggregator.words.actions import say_batch, say_decided, say_taken_back


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
    def of_batch(cls, candidate: Candidate, did: str, *, is_new: bool) -> Self:
        """What an act on many posts did to one of them, such as ``rejected``."""
        return cls(message=f"{words.capitalise(did)}: {candidate.post.title}", is_new=is_new).about(candidate)

    @classmethod
    def of_history(cls, change: Change) -> Self:
        """What an undo or a redo did."""
        return cls(
            message=say_taken_back(change.actions, change.name, change.candidate, is_undo=change.is_undo),
            post=PostShape.of(change.candidate) if change.candidate else None,
            actions=[ActionShape.of(action) for action in change.actions],
        )


class LeftOutShape(BaseModel):
    """A post that an act on many leaves as it was."""

    post: int
    why: str


class BatchShape(BaseModel):
    """What an act on many posts did: one row of the history, which one undo takes back."""

    message: str = Field(examples=["2 posts rejected, 1 left out"])
    dry_run: bool = Field(description="Whether nothing was stored; the posts are as they are now.")
    changes: list[ChangeShape] = Field(description="The posts that are so now, or were already.")
    left_out: list[LeftOutShape] = Field(description="The posts that it could not be done to.")

    @classmethod
    def of(cls, batch: Batch, did: str, *, is_trial: bool = False) -> Self:
        """*did* is what was done to each post, such as ``rejected``."""
        return cls(
            message=say_batch(batch, did),
            dry_run=is_trial,
            changes=[
                *(ChangeShape.of_batch(candidate, did, is_new=True) for candidate in batch.done),
                *(ChangeShape.of_batch(candidate, did, is_new=False) for candidate in batch.unchanged),
            ],
            left_out=[LeftOutShape(post=one.post_id, why=one.why) for one in batch.refused],
        )
