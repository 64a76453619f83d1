"""Posts: what the curator judges, and what they link to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from aggregator.locales import mark
from aggregator.types.dates import DateConfidence, DateSource, Month, Wait
from aggregator.types.disclosures import Disclosure
from aggregator.types.feeds import Kind
from aggregator.types.numerous import numerous


@numerous
class PostDraft:
    """The post of an entry; stored unless the canonical address is known."""

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
    #: The month whose candidates it joins.
    month: Month
    first_seen_at: datetime
    feed_key: str | None = None
    organisation: str | None = None
    #: Whether the post is on the site of its feed, and not on one that the feed links to.
    at_home: bool = False
    #: The former canonical address, if the feed changed the address of an entry: it is the same post.
    was_at: str | None = None
    confidence: DateConfidence = DateConfidence.FAIR
    waits_for: Wait | None = None
    late_for: Month | None = None
    #: The stem of its series; see ``posts.series``.
    series: str | None = None
    #: Pictures with content, and the address of the first.
    images: int = 0
    first_image: str | None = None
    #: Blocks of code, and their lines that are not empty; code is not part of the text.
    code_blocks: int = 0
    code_lines: int = 0
    #: What the HTML of the text discloses besides its words.
    said: tuple[Disclosure, ...] = ()
    #: Whether the content of its entry was read. Else it has no text, and its language is unknown.
    is_read: bool = True


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
    #: The month whose candidates it belongs to.
    month: Month
    first_seen_at: datetime
    feed_key: str | None = None
    organisation: str | None = None
    #: The kind of its feed; None for posts without a feed (read from a digest).
    kind: Kind | None = None
    #: Confidence in the date.
    confidence: DateConfidence = DateConfidence.FAIR
    #: Set while it is kept out of the candidates.
    waits_for: Wait | None = None
    #: The month that it was published in, if it was found after the digest of that month was published.
    late_for: Month | None = None
    images: int = 0
    first_image: str | None = None
    code_blocks: int = 0
    code_lines: int = 0
    #: Where text, links, pictures and code come from.
    text_from: TextSource = TextSource.FEED
    #: What the HTML of the text and the page disclose besides the words of the text.
    said: tuple[Disclosure, ...] = ()
    #: The representative, which is shown in its place; never itself a copy.
    copy_of: int | None = None

    @property
    def own_month(self) -> Month:
        """The month that it was published in, as printed in its line."""
        return self.late_for or self.month


@dataclass(frozen=True, slots=True)
class Article:
    """A post as a person reads it, with paragraphs, code and pictures."""

    #: The title and the address of the post; relative addresses are resolved against this one.
    title: str
    url: str
    #: HTML as it was sanitised when it was collected; to be shown by ``web.reading.show_article``.
    html: str
    #: As of the text of the post.
    text_from: TextSource


@dataclass(frozen=True, slots=True)
class Withheld:
    """A feed's changes to an approved or printed post. The post itself stays as it was judged."""

    post_id: int
    at: datetime
    #: The title and the address that the feed gives now; None if they are the post's.
    title: str | None = None
    url: str | None = None


class ResourceKind(StrEnum):
    """The kinds of resources that a post can link to."""

    CODE = mark("code")
    CHECKPOINT = mark("checkpoint")
    DATASET = mark("dataset")
    NOTEBOOK = mark("notebook")
    DEMO = mark("demo")
    PAPER = mark("paper")
    PACKAGE = mark("package")


@dataclass(frozen=True, slots=True)
class Resource:
    """Something that a post links to and readers can run, load, try or cite."""

    kind: ResourceKind
    #: Its main address, whichever part or form of it is linked.
    url: str
    #: Its name at the service, in lower case: owner/repository, 2301.01234.
    name: str
    #: Whether it belongs to the publisher of the post.
    is_own: bool = False
