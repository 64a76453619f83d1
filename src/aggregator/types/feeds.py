"""Feeds: what feeds.toml says about them, and how their addresses change."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class Kind(StrEnum):
    """What kind of publisher a feed has. The entries of a *signal* feed are links to posts of others; those of a
    *roundup* are lists of such links. Neither becomes a post.
    """

    COMPANY = "company"
    RESEARCH = "research"
    INDIVIDUAL = "individual"
    AWS = "aws"
    SIGNAL = "signal"
    ROUNDUP = "roundup"

    @property
    def gives_posts(self) -> bool:
        """Whether its entries become posts."""
        return self not in {Kind.SIGNAL, Kind.ROUNDUP}


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a page, a JSON answer or a sitemap is read as a feed; exactly one of item, json and sitemap is set.

    A *place* is a CSS selector, perhaps with an attribute (``time@datetime``), or ``@href`` of the item itself; in
    JSON it is a JMESPath expression. Where a place is empty, the usual places are looked at.
    """

    #: Selects the items of a page.
    item: str = ""
    #: JMESPath of the list of items, in an answer in JSON or in a script of the page.
    json: str = ""
    #: The paths of the pages that are items, such as ``/blog/*``; their titles and dates are read from the pages.
    sitemap: str = ""
    #: Places in an item, or in a page of the sitemap.
    title: str = ""
    link: str = ""
    date: str = ""
    summary: str = ""
    #: Selects the script with the JSON.
    script: str = ""
    #: How many new pages of a sitemap are read at one visit.
    pages: int = 5


@dataclass(frozen=True, slots=True)
class Only:
    """Which entries of a feed become posts: those with one of these words in title or summary, or one of these
    categories.
    """

    words: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    """A source we follow, as feeds.toml describes it."""

    key: str
    name: str
    url: str
    kind: Kind
    language: str
    site: str | None = None
    #: As the digest prints it; None if the digest prints none (blogs of individuals).
    organisation: str | None = None
    weight: float = 0.0
    tags: tuple[str, ...] = ()
    #: Whether the pages of its posts are read, because it gives only summaries.
    full_text: bool = False
    #: Set if the address is that of a page, not of a feed.
    recipe: Recipe | None = None
    #: Which of its entries become posts; None for all.
    only: Only | None = None
    #: The day on which the address is known to have answered, as far as whoever wrote the list knows.
    verified: date | None = None


@dataclass(frozen=True, slots=True)
class Credentials:
    """The credentials of a protected feed. Never stored, shown or sent to another origin."""

    #: Scheme, host and port that they are for, such as https://blog.example.
    origin: str
    #: The value of the Authorization header.
    authorization: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class QuietTimes:
    """When a feed asks not to be visited (RSS 2.0, skipHours and skipDays), in UTC."""

    #: 0 to 23.
    hours: tuple[int, ...] = ()
    #: 0 is Monday.
    days: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Trial:
    """A permanent redirect that is watched before it is adopted."""

    #: The target of the redirect.
    url: str
    since: datetime
    #: Consecutive visits that found a document there which shares entries with the stored ones.
    agreements: int = 0


@dataclass(frozen=True, slots=True)
class FeedYield:
    """What a feed gave in a time."""

    posts: int
    #: How many of these were approved or printed.
    chosen: int
    #: The first visit that is kept; None before one.
    first_at: datetime | None


@dataclass(frozen=True, slots=True)
class SiteLook:
    """A look at the site of a dying feed, which the program takes by itself."""

    feed_key: str
    at: datetime
    #: The address of another feed that was found there; None if none was.
    url: str | None


@dataclass(frozen=True, slots=True)
class Move:
    """A change of a feed's address."""

    feed_key: str
    at: datetime
    from_url: str
    to_url: str
    #: Why, as a sentence for a person.
    reason: str
    by: str
    undone_at: datetime | None = None
    id: int = 0
