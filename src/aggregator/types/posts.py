"""Posts: what the curator judges, and what they link to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from aggregator.types.dates import DateConfidence, DateSource, Month, Wait
from aggregator.types.disclosures import Disclosure
from aggregator.types.feeds import Kind


@dataclass(frozen=True, slots=True)
class PostDraft:
    """A post that an entry gives rise to; stored unless the canonical address is known."""

    canonical_url: str
    url: str
    title: str
    #: Plain text without code, shortened; what classify and rank read.
    text: str
    #: Words of the whole plain text; of Han and kana two characters are one.
    words: int
    #: Addresses that the text links to.
    links: tuple[str, ...]
    #: Feed categories.
    tags: tuple[str, ...]
    language: str
    published_at: datetime
    published_from: DateSource
    #: Whose candidates it joins.
    month: Month
    first_seen_at: datetime
    feed_key: str | None = None
    organisation: str | None = None
    #: Whether the post stands on the site of the feed that gave it, and not on one that the feed points to.
    at_home: bool = False
    #: The canonical address until now, where the feed changed the address of an entry: it is the same post.
    was_at: str | None = None
    confidence: DateConfidence = DateConfidence.FAIR
    waits_for: Wait | None = None
    late_for: Month | None = None
    #: What the posts of its series share in their titles; see ``posts.series``.
    series: str | None = None
    #: Pictures that show something, and the address of the first.
    images: int = 0
    first_image: str | None = None
    #: Blocks of code, and their lines that are not empty; code is not part of the text.
    code_blocks: int = 0
    code_lines: int = 0
    #: What the HTML of the text discloses beside its words.
    said: tuple[Disclosure, ...] = ()


class TextSource(StrEnum):
    """Where the text of a post comes from."""

    FEED = "feed"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Post:
    """What the curator judges: one article."""

    id: int
    canonical_url: str
    url: str
    title: str
    text: str
    words: int
    links: tuple[str, ...]
    tags: tuple[str, ...]
    language: str
    published_at: datetime
    published_from: DateSource
    #: Whose candidates it is among.
    month: Month
    first_seen_at: datetime
    feed_key: str | None = None
    organisation: str | None = None
    #: Of the feed; None for posts that no feed gave (read from a digest).
    kind: Kind | None = None
    #: In the date.
    confidence: DateConfidence = DateConfidence.FAIR
    #: Set while it is kept out of the candidates.
    waits_for: Wait | None = None
    #: The month that it was published in, where it was found after the digest of that month was published.
    late_for: Month | None = None
    images: int = 0
    first_image: str | None = None
    code_blocks: int = 0
    code_lines: int = 0
    #: Where text, links, pictures and code come from.
    text_from: TextSource = TextSource.FEED
    #: What the HTML of the text and the page disclose beside the words of the text.
    said: tuple[Disclosure, ...] = ()
    #: The post that is shown in its place; never itself a copy.
    copy_of: int | None = None

    @property
    def own_month(self) -> Month:
        """The month that it was published in, and that is printed behind its line."""
        return self.late_for or self.month


@dataclass(frozen=True, slots=True)
class Withheld:
    """Changes by the feed of an approved or printed post. The post itself stays as it was judged."""

    post_id: int
    at: datetime
    #: The title and the address that the feed gives now; None if they are the post's.
    title: str | None = None
    url: str | None = None


class ResourceKind(StrEnum):
    """What a post that links to a resource gives its readers besides words."""

    CODE = "code"
    CHECKPOINT = "checkpoint"
    DATASET = "dataset"
    NOTEBOOK = "notebook"
    DEMO = "demo"
    PAPER = "paper"
    PACKAGE = "package"


@dataclass(frozen=True, slots=True)
class Resource:
    """Something that a post links to and that can be run, loaded, tried or cited."""

    kind: ResourceKind
    #: Its one address, whatever part or form of it was linked.
    url: str
    #: What its service calls it, in small letters: owner/repository, 2301.01234.
    name: str
    #: Whether the publisher of the post stands behind it.
    is_own: bool = False
