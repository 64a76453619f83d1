"""Reading the pages of posts whose feeds give summaries only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from aggregator.types.disclosures import Disclosure


class PageOutcome(StrEnum):
    """What came of reading the page of a post."""

    #: Its text took the place of the feed's.
    TAKEN = "taken"
    #: The feed's text stays: it is as long, or the page seems to be another one.
    KEPT = "kept"
    #: The site does not want pages like this to be read, or kept.
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class WantedPage:
    """A page that is to be read, and what is known of its post."""

    post_id: int
    url: str
    canonical_url: str
    title: str
    #: As the feed gives it.
    text: str
    words: int
    language: str
    feed_key: str
    #: Those that went before.
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class PageText:
    """The text of a page as a post keeps it."""

    text: str
    words: int
    links: tuple[str, ...]
    language: str
    images: int
    first_image: str | None
    code_blocks: int
    code_lines: int
    #: Nothing: what a page discloses is kept beside its text, which may be none.
    said: tuple[Disclosure, ...] = ()


@dataclass(frozen=True, slots=True)
class PageReading:
    """One attempt to read a page, and what came of it."""

    post_id: int
    url: str
    retrieved_at: datetime
    outcome: PageOutcome
    attempts: int
    #: When to try again; None when nothing more is tried.
    retry_at: datetime | None = None
    #: HTTP status; None when no answer came.
    status: int | None = None
    reason: str | None = None
    #: Of the page's text.
    words: int = 0
    #: The address that the page names for itself, to link to and as the key, where it can be believed.
    named_url: str | None = None
    canonical_url: str | None = None
    #: What takes the place of the feed's text.
    text: PageText | None = None
    #: What the page discloses, whether its text is taken or not.
    said: tuple[Disclosure, ...] = ()
