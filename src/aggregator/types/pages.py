"""Reading the pages of posts whose feeds give only summaries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from aggregator.locales import mark
from aggregator.types.dates import DateConfidence, DateSource
from aggregator.types.disclosures import Disclosure


class PageOutcome(StrEnum):
    """The outcome of reading the page of a post."""

    #: Its text replaced the feed's.
    TAKEN = mark("taken")
    #: The feed's text stays: it is as long, or this seems to be another page.
    KEPT = mark("kept")
    #: The site does not allow such pages to be read, or kept.
    REFUSED = mark("refused")
    FAILED = mark("failed")


@dataclass(frozen=True, slots=True)
class WantedPage:
    """A page to read, and what is known about its post."""

    post_id: int
    url: str
    canonical_url: str
    title: str
    #: The feed's text.
    text: str
    words: int
    language: str
    feed_key: str
    #: Earlier attempts.
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
    #: Always empty: what a page discloses is stored beside its text, which may be missing.
    said: tuple[Disclosure, ...] = ()


@dataclass(frozen=True, slots=True)
class PageReading:
    """One attempt to read a page, with its outcome."""

    post_id: int
    url: str
    retrieved_at: datetime
    outcome: PageOutcome
    attempts: int
    #: When to retry; None if there is no retry.
    retry_at: datetime | None = None
    #: HTTP status; None if there was no response.
    status: int | None = None
    reason: str | None = None
    #: Words of the page's text.
    words: int = 0
    #: The canonical address that the page names, to link to and as the key, if it can be believed.
    named_url: str | None = None
    canonical_url: str | None = None
    #: What replaces the feed's text, and the sanitised HTML that it was read from.
    text: PageText | None = None
    content: str | None = None
    #: What the page discloses, whether its text is taken or not.
    said: tuple[Disclosure, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadPost:
    """What was read of a post by its address, for a post that no feed gave. What could not be read is empty."""

    #: The address to link to, and the canonical ones under which it may be known, its own first.
    url: str
    canonical_urls: tuple[str, ...]
    title: str = ""
    #: None if nothing says when it was published.
    published_at: datetime | None = None
    published_from: DateSource = DateSource.FIRST_SEEN
    confidence: DateConfidence = DateConfidence.WEAK
    organisation: str = ""
    language: str = "en"
    tags: tuple[str, ...] = ()
    #: Its text, and the sanitised HTML that it was read from.
    text: PageText | None = None
    content: str = ""
    said: tuple[Disclosure, ...] = ()
    #: Why nothing, or no text, was read: a sentence without its full stop, in English.
    trouble: str = ""
