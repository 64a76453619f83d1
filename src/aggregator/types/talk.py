"""Talk about posts at other places: where it is asked for, and how each of these places answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TalkSource(StrEnum):
    """A place that is asked what people say of a post."""

    HACKER_NEWS = "hackernews"
    GEEKNEWS = "geeknews"
    LOBSTERS = "lobsters"
    REDDIT = "reddit"
    #: Stars of a repository that a post links to.
    GITHUB = "github"
    #: Likes of a model, a data set, a demo or a paper that a post links to.
    HUGGING_FACE = "huggingface"
    #: Pages and feeds that link to posts, as the settings name them.
    LISTS = "lists"

    @property
    def of_signals(self) -> str:
        """The source of signals from here. No feed can have it as its key."""
        return f"talk:{self}"


@dataclass(frozen=True, slots=True)
class TalkState:
    """How a source answered last."""

    source: TalkSource
    asked_at: datetime | None = None
    answered_at: datetime | None = None
    #: Why the last question was not answered; empty if it was.
    reason: str = ""
    #: Failures since the last answer.
    failures: int = 0
    #: Nothing is asked before this moment.
    rests_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """One count at one place, and how it grew."""

    #: Where it was observed, as in a signal.
    source: str
    name: str
    value: float
    observed_at: datetime
    #: The page of the talk.
    url: str | None = None
    #: None for what was observed before growth was kept.
    first_value: float | None = None
    first_at: datetime | None = None
    peak_value: float | None = None
