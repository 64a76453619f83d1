"""Feeds as a script sees them. The secrets in their addresses are hidden."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any, Self

from pydantic import BaseModel, Field

from aggregator.feeds.health import judge_health
from aggregator.types import Feed, FeedState, Only
from aggregator.words.feeds import hide, list_listed

_OF_FEED = tuple(name for name in Feed.__slots__ if name not in {"kind", "tags", "only", "recipe"})
_OF_STATE = (
    "paused_at",
    "last_visit_at",
    "last_success_at",
    "next_visit_at",
    "last_status",
    "last_reason",
    "failures",
    "entries",
)


class OnlyShape(BaseModel):
    """A filter: an entry becomes a post if it has one of these."""

    words: list[str]
    categories: list[str]

    @classmethod
    def of(cls, only: Only) -> Self:
        return cls(words=list(only.words), categories=list(only.categories))


class FeedShape(BaseModel):
    """A source that is followed, and the state of its visits."""

    key: str
    name: str
    url: str
    kind: str
    language: str
    site: str | None
    organisation: str | None
    weight: float
    tags: list[str]
    full_text: bool
    recipe: dict[str, Any] | None = Field(description="How its page is read, if it has no feed.")
    only: OnlyShape | None = Field(description="Which entries become posts; null for all.")
    verified: date | None = Field(description="The day on which the address is known to have answered.")
    state: str = Field(description="well, new, silent, failing, refused (by the site), gone or paused.")
    changed: dict[str, Any] = Field(description="What feeds.toml says about the fields that differ from it.")
    paused_at: datetime | None
    last_visit_at: datetime | None
    last_success_at: datetime | None
    next_visit_at: datetime | None
    last_outcome: str | None
    last_status: int | None
    last_reason: str | None
    failures: int
    entries: int = Field(description="Of its document at the last visit.")

    @classmethod
    def of(cls, state: FeedState, now: datetime) -> Self:
        feed = state.feed
        return cls(
            **{name: hide(getattr(feed, name)) for name in _OF_FEED},
            **{name: getattr(state, name) for name in _OF_STATE},
            kind=str(feed.kind),
            tags=list(feed.tags),
            recipe=asdict(feed.recipe) if feed.recipe else None,
            only=OnlyShape.of(feed.only) if feed.only else None,
            state=str(judge_health(state, now)),
            changed=list_listed(state),
            last_outcome=str(state.last_outcome) if state.last_outcome else None,
        )
