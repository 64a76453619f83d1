"""Series, and the posts that are their instalments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from aggregator.locales import mark
from aggregator.types.dates import Month, Wait
from aggregator.types.posts import ResourceKind
from aggregator.types.verdicts import Decision


@dataclass(frozen=True, slots=True)
class Sibling:
    """A post that shares its stem with others, with what is needed to decide on their series."""

    post_id: int
    #: The stem.
    series: str
    title: str
    url: str
    published_at: datetime
    feed_key: str | None = None
    decision: Decision | None = None
    printed_in: Month | None = None
    waits_for: Wait | None = None
    #: The post that this one is a copy of, at another address.
    copy_of: int | None = None


@dataclass(frozen=True, slots=True)
class Instalment:
    """A post as one part of a series."""

    post_id: int
    title: str
    url: str
    published_at: datetime
    #: Its place; 5.5 is between 5 and 6.
    number: float
    #: As the series names its parts: part, chapter, 편, 부, 상, #; empty for a bare number.
    word: str = ""
    #: How many parts there are, if its title says so.
    of: int | None = None
    #: The verdict in force.
    decision: Decision | None = None
    #: The month of the digest that printed it.
    printed_in: Month | None = None
    waits_for: Wait | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """The instalments of a series that were seen, in order."""

    instalments: tuple[Instalment, ...]
    #: Numbers that none of them has, although a later one or a title implies them.
    missing: tuple[int, ...] = ()

    def get(self, post_id: int) -> Instalment:
        return next(one for one in self.instalments if one.post_id == post_id)

    def list_earlier(self, post_id: int) -> tuple[Instalment, ...]:
        """The instalments with a lower number that are not younger."""
        here = self.get(post_id)
        return tuple(
            one for one in self.instalments if one.number < here.number and one.published_at <= here.published_at
        )


class SequelGround(StrEnum):
    """Why a post is a sequel of something that was printed."""

    VERSION = mark("a newer version of it")
    RELEASE = mark("what was released for it")
    FOLLOW_UP = mark("how it went on")


@dataclass(frozen=True, slots=True)
class PrintedPost:
    """A printed line with what its post is recognised by. Its title is Markdown, as it was printed."""

    post_id: int
    title: str
    url: str
    canonical_url: str
    month: Month
    published_at: datetime
    organisation: str | None = None
    links: tuple[str, ...] = ()
    language: str = ""


@dataclass(frozen=True, slots=True)
class Sequel:
    """That a post follows something that was printed."""

    ground: SequelGround
    printed: PrintedPost
    #: What says so, such as ``PyTorch 2.0, printed: 1.13``.
    detail: str = ""


@dataclass(frozen=True, slots=True)
class WorkPost:
    """One of the posts of one work, such as the repository of a paper."""

    post_id: int
    title: str
    url: str
    language: str
    month: Month
    #: What it is; None for an article.
    kind: ResourceKind | None = None
