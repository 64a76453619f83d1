"""Feeds that were found behind an address, and lists of feeds, as a script sees them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, Field

from aggregator.pipeline.discovery import FoundFeed
from aggregator.pipeline.exchange import Plan
from aggregator.pipeline.listing import describe_feed
from aggregator.words.feeds import hide


class FoundFeedShape(BaseModel):
    """A feed that was found, and how it may be followed."""

    url: str
    reason: str = Field(description="given, header, named, rule, linked or usual.")
    followed_as: str | None = Field(description="The key of the feed that it is already.")
    titles: list[str] = Field(description="Of its newest posts.")
    newest_at: datetime | None
    pace: float | None = Field(description="Posts a month.")
    language: str
    whole_texts: bool
    comments: bool = Field(description="Whether it seems to be a feed of comments.")
    key: str = Field(description="The key that is proposed.")
    proposed: dict[str, Any] = Field(description="The fields in feeds.toml that are proposed.")

    @classmethod
    def of(cls, found: FoundFeed) -> Self:
        sample = found.sample
        return cls(
            url=hide(found.feed.url),
            reason=str(found.lead.reason),
            followed_as=found.followed_as,
            titles=[post.title for post in sample.posts],
            newest_at=sample.newest_at,
            pace=sample.pace,
            language=found.feed.language,
            whole_texts=sample.is_whole,
            comments=found.lead.is_comments,
            key=found.feed.key,
            proposed={name: hide(value) for name, value in describe_feed(found.feed).items()},
        )


class ImportShape(BaseModel):
    """What an import adds."""

    new: list[str] = Field(description="The keys of the feeds that are new.")
    known: list[str] = Field(description="The keys of those that are followed already.")
    refused: dict[str, str] = Field(description="The names of those that cannot be followed, with the reason.")

    @classmethod
    def of(cls, plan: Plan) -> Self:
        return cls(new=list(plan.new), known=[key for _, key in plan.known], refused=dict(plan.refused))
