"""The nouns of the project: frozen dataclasses and enumerations that every stage speaks in.

This file is the glossary. A word used here means the same thing in the tables, on the page and in the documents:

- a *feed* is a source we follow, an *entry* is one item as one feed gives it, a *post* is what the curator judges:
  one article, whatever number of entries carry it;
- a *part* (research, business, aws) and a *topic* (cv, nlp, recsys, mlops) make a *section* such as 2.4;
- a *copy* is a post that is the same article as another one, its *original*, which is shown in its place; a *pair* says
  of two posts whether they are the same;
- a *signal* is one observation of popularity elsewhere, a *score* is the sum of its named *reasons*;
- a *series* is what an author published in numbered *instalments*, each a post;
- a *wish* is what the curator set of the ranking, the *sample* is a random look at what stands below the shortlist;
- a *verdict* is what the curator said of a post, a *correction* is what the curator changed in its line;
- a *lesson* is what verdict and correction of a post teach of its section, a *model* learns from lessons and from the
  rows that come with the project, and a *guess* is what a model believes of a post;
- a *digest* is the publication of a month, a *line* is one bullet of it.

All times are aware, in UTC, and their names end in ``_at``. The values here hold no behaviour beyond reading and
writing themselves as text, and all of them can be pickled.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

# --- the shape of the digest ------------------------------------------------------------------------------------------


class Part(StrEnum):
    """The three numbered parts of the digest."""

    RESEARCH = "research"
    BUSINESS = "business"
    AWS = "aws"

    @property
    def number(self) -> int:
        return list(Part).index(self) + 1


class Topic(StrEnum):
    """The four numbered topics that every part is divided into."""

    CV = "cv"
    NLP = "nlp"
    RECSYS = "recsys"
    MLOPS = "mlops"

    @property
    def number(self) -> int:
        return list(Topic).index(self) + 1


@dataclass(frozen=True, slots=True)
class Section:
    """A part with a topic. Its number belongs to the place: 2.4 is always business and MLOps."""

    part: Part
    topic: Topic

    def __str__(self) -> str:
        return f"{self.part.number}.{self.topic.number}"

    @classmethod
    def parse(cls, text: str) -> Section:
        """Read ``2.4`` or ``business/mlops``; raises ValueError with the allowed forms."""
        if match := re.fullmatch(r"([1-3])\.([1-4])\.?", text.strip()):
            return cls(list(Part)[int(match[1]) - 1], list(Topic)[int(match[2]) - 1])
        part, slash, topic = text.strip().lower().partition("/")
        if slash and part in set(Part) and topic in set(Topic):
            return cls(Part(part), Topic(topic))
        raise ValueError(f"{text!r} is no section; write one from 1.1 to 3.4, or part/topic such as business/mlops")

    @classmethod
    def list_all(cls) -> list[Section]:
        return [cls(part, topic) for part in Part for topic in Topic]


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month in the curator's zone; written 2022-12, labelled Dec 2022 on the page."""

    year: int
    month: int

    def __post_init__(self) -> None:
        if not (1 <= self.year <= 9999 and 1 <= self.month <= 12):
            raise ValueError(f"{self.year}-{self.month} is no month")

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def label(self) -> str:
        return f"{_MONTH_NAMES[self.month]} {self.year:04d}"

    @classmethod
    def parse(cls, text: str) -> Month:
        """Read ``2022-12``; raises ValueError."""
        if match := re.fullmatch(r"(\d{4})-(\d{1,2})", text.strip()):
            return cls(int(match[1]), int(match[2]))
        raise ValueError(f"{text!r} is no month; write it as 2022-12")

    @classmethod
    def parse_label(cls, text: str) -> Month:
        """Read ``Dec 2022``; raises ValueError."""
        name, _, year = text.partition(" ")
        if name in _MONTH_NAMES[1:] and re.fullmatch(r"\d{4}", year):
            return cls(int(year), _MONTH_NAMES.index(name))
        raise ValueError(f"{text!r} is no month label; it looks like Dec 2022")

    @classmethod
    def of(cls, moment: datetime, zone: ZoneInfo) -> Month:
        """The month that an aware moment falls in, on the calendar of *zone*."""
        there = moment.astimezone(zone)
        return cls(there.year, there.month)

    def shift(self, months: int) -> Month:
        count = self.year * 12 + self.month - 1 + months
        return Month(count // 12, count % 12 + 1)


# Spelled out instead of strftime("%b"), which follows the machine's locale.
_MONTH_NAMES = ["", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


# --- collect ----------------------------------------------------------------------------------------------------------


class Kind(StrEnum):
    """What sort of publisher stands behind a feed. The entries of a *signal* feed make no posts of their own."""

    COMPANY = "company"
    RESEARCH = "research"
    INDIVIDUAL = "individual"
    AWS = "aws"
    SIGNAL = "signal"


@dataclass(frozen=True, slots=True)
class Feed:
    """A source we follow, as feeds.toml describes it."""

    key: str
    name: str
    url: str
    kind: Kind
    language: str
    site: str | None = None
    #: As the digest prints it; None where the digest prints none (blogs of individuals).
    organisation: str | None = None
    weight: float = 0.0
    tags: tuple[str, ...] = ()
    #: Whether the pages of its posts are read, because it gives summaries only.
    full_text: bool = False


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a feed that is not open to everybody is asked for. Never stored, shown or sent to another origin."""

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
    """A permanent redirect that is watched before it is believed."""

    #: Where the feed's address leads.
    url: str
    since: datetime
    #: Visits in a row that ended there with a document that shares entries with what is stored.
    agreements: int = 0


@dataclass(frozen=True, slots=True)
class FeedState:
    """What storage remembers of a feed between visits.

    ``feed`` is as it is followed: what feeds.toml says of it, with what moves and the curator changed since.
    """

    feed: Feed
    #: As feeds.toml says; None where nobody compares.
    listed: Feed | None = None
    #: Set while the curator does not want it visited.
    paused_at: datetime | None = None
    etag: str | None = None
    last_modified: str | None = None
    last_visit_at: datetime | None = None
    last_success_at: datetime | None = None
    next_visit_at: datetime | None = None
    #: How often to look at the feed, as its last document and its server suggest; None before the first.
    pace: timedelta | None = None
    #: Date of its newest post that is not in the future, and the usual time between two of its newest ones.
    newest_at: datetime | None = None
    habit: timedelta | None = None
    quiet: QuietTimes = QuietTimes()
    trial: Trial | None = None
    #: Failures in a row; 0 after a success.
    failures: int = 0
    #: The first of these failures.
    failing_since: datetime | None = None
    last_outcome: Outcome | None = None
    #: HTTP status of the last visit; None when no answer came.
    last_status: int | None = None
    #: Why the last visit failed, or what was wrong with the document although it was read; else None.
    last_reason: str | None = None
    #: The first characters of a document that could not be read.
    last_excerpt: str | None = None
    entries: int = 0


class Outcome(StrEnum):
    """What came of one visit."""

    RETRIEVED = "retrieved"
    NOT_MODIFIED = "not modified"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Hop:
    """One redirect on the way to an answer."""

    status: int
    #: Where it leads.
    url: str


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The answer to one request that brought a document."""

    #: The address that answered, after redirects.
    url: str
    status: int
    body: bytes
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    #: Header fields as they came; read by ``collect.schedule``.
    cache_control: str | None = None
    expires: str | None = None
    #: The redirects on the way, in order.
    hops: tuple[Hop, ...] = ()
    #: Whether the document was longer than we read, or ended before the server said it would.
    is_cut: bool = False
    #: Header fields as they came; read by ``collect.pages``.
    link: str | None = None
    robots_tag: str | None = None


@dataclass(frozen=True, slots=True)
class NotModified:
    """The answer to one request when the document is still the one we know."""

    url: str
    etag: str | None = None
    last_modified: str | None = None
    cache_control: str | None = None
    expires: str | None = None
    hops: tuple[Hop, ...] = ()


class DateSource(StrEnum):
    """Where the date of a post comes from, best first."""

    PUBLISHED = "published"
    UPDATED = "updated"
    #: The path of its address.
    URL = "URL path"
    #: A published digest, or the curator; both name a month only.
    DIGEST = "digest"
    CURATOR = "curator"
    FIRST_SEEN = "first seen"


class DateConfidence(StrEnum):
    """How far the month of a post can be believed."""

    SURE = "sure"
    #: Open by some hours, or said of a change.
    FAIR = "fair"
    WEAK = "weak"


class Wait(StrEnum):
    """What a post waits for that is kept out of the candidates."""

    #: Its date, which lies in the future.
    DAY = "its day"
    #: A date: the feed gave none when it was visited first.
    DATE = "a date"


@dataclass(frozen=True, slots=True)
class Media:
    """A picture, sound or film that goes with an entry (RSS enclosure, Media RSS, JSON Feed attachment)."""

    url: str
    #: Its media type such as image/png, where the feed says.
    type: str | None = None


@dataclass(frozen=True, slots=True)
class ParsedEntry:
    """One item of a feed document, before anything was cleaned or decided."""

    #: The identity that the feed gives (guid, atom:id); None where it gives none.
    id: str | None
    url: str | None
    title: str
    summary: str = ""
    content: str = ""
    author: str | None = None
    tags: tuple[str, ...] = ()
    #: According to the feed, as it writes it; read by ``dates.parse_date``.
    published_raw: str | None = None
    updated_raw: str | None = None
    media: tuple[Media, ...] = ()
    #: How many comments the feed counts (slash:comments, thr:total, thr:count).
    comments: int | None = None


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed document as data."""

    title: str | None
    site: str | None
    #: The dialect, such as rss20 or atom10.
    version: str
    entries: tuple[ParsedEntry, ...]
    #: What was wrong with the document although it could be read.
    warning: str | None = None
    #: Whether it breaks off, so that more entries may have followed.
    is_cut: bool = False
    #: How long the document asks to be left alone (RSS 2.0, ttl; RSS 1.0, the syndication module).
    ttl: timedelta | None = None
    quiet: QuietTimes = QuietTimes()


@dataclass(frozen=True, slots=True)
class Entry:
    """One item as one feed gives it, cleaned and ready to be stored."""

    feed_key: str
    #: Identity inside the feed, given at first sight and never changed; ``collect.identity`` says how it is recognised.
    key: str
    #: The id that the feed gives now.
    guid: str | None
    url: str
    canonical_url: str
    title: str
    #: Sanitised HTML.
    content: str
    author: str | None
    tags: tuple[str, ...]
    published_at: datetime | None
    published_from: DateSource | None
    published_raw: str | None
    first_seen_at: datetime
    #: Changes when what the feed says of the item changes.
    fingerprint: str
    media: tuple[Media, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownEntry:
    """What is stored of an entry, as far as it helps to recognise it."""

    key: str
    guid: str | None
    canonical_url: str
    title: str
    published_at: datetime | None
    published_raw: str | None
    fingerprint: str
    #: Whether the document of the last visit carried it.
    is_in_window: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """A hole in what was seen of a feed: a visit that shares no entry with the one before."""

    feed_key: str
    noticed_at: datetime
    #: The last visit that saw the older entries.
    since_at: datetime
    #: Dates of the newest entry before the hole and of the oldest after it, where they have dates.
    newest_before_at: datetime | None = None
    oldest_after_at: datetime | None = None


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
    #: What the posts of its series share in their titles; see ``collect.series``.
    series: str | None = None
    #: Pictures that show something, and the address of the first.
    images: int = 0
    first_image: str | None = None
    #: Blocks of code, and their lines that are not empty; code is no part of the text.
    code_blocks: int = 0
    code_lines: int = 0


@dataclass(frozen=True, slots=True)
class Visit:
    """One attempt to visit a feed and what came of it."""

    feed_key: str
    started_at: datetime
    seconds: float
    outcome: Outcome
    #: HTTP status; None when no answer came.
    status: int | None = None
    reason: str | None = None
    bytes: int = 0
    entries_seen: int = 0
    entries_new: int = 0


@dataclass(frozen=True, slots=True)
class FeedUpdate:
    """All that one visit changes: decided as a whole, stored in one transaction."""

    visit: Visit
    state: FeedState
    entries: tuple[Entry, ...] = ()
    posts: tuple[PostDraft, ...] = ()
    signals: tuple[Signal, ...] = ()
    #: Keys of entries that the document of this visit no longer carries, and of those that it carries again.
    left: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    gap: Gap | None = None
    move: Move | None = None


@dataclass(frozen=True, slots=True)
class Signal:
    """One observation of popularity elsewhere, of the post with this canonical address, known to us or not."""

    canonical_url: str
    #: Where it was observed: the key of a signal feed, or of the feed that links.
    source: str
    #: points, comments or links.
    name: str
    value: float
    observed_at: datetime


# --- posts and what is thought of them --------------------------------------------------------------------------------


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
    #: The post that is shown in its place; never itself a copy.
    copy_of: int | None = None

    @property
    def own_month(self) -> Month:
        """The month that it was published in, and that is printed behind its line."""
        return self.late_for or self.month


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
    #: What its service calls it, in one spelling: owner/repository, 2301.01234.
    name: str
    #: Whether the publisher of the post stands behind it.
    is_own: bool = False


#: From this probability on a post counts as out of scope. Hiding a post costs more than showing one too many: of
#: written rows that belong in the digest 1.8 % are above it, of those that do not 74 % (docs/figures.md).
OUT_OF_SCOPE_FROM = 0.6
#: A guess below this probability is unsure.
UNSURE = 0.5


@dataclass(frozen=True, slots=True)
class Guess:
    """What the classifier believes of a post. Probabilities of each mapping add up to 1."""

    post_id: int
    parts: Mapping[Part, float]
    topics: Mapping[Topic, float]
    #: Probability that the post is none of the digest's business (hiring, events, other engineering).
    out_of_scope: float
    model_version: str

    @property
    def section(self) -> Section:
        return Section(max(self.parts, key=lambda p: self.parts[p]), max(self.topics, key=lambda t: self.topics[t]))

    @property
    def probability(self) -> float:
        """That part and topic are both right, taking the two as independent."""
        return self.parts[self.section.part] * self.topics[self.section.topic]

    @property
    def is_unsure(self) -> bool:
        """Whether it is as likely wrong as right, so that the curator should look at the section."""
        return self.probability < UNSURE

    @property
    def rival(self) -> Section:
        """The section that is likeliest but for the one guessed."""
        others = (section for section in Section.list_all() if section != self.section)
        return max(others, key=lambda section: self.parts[section.part] * self.topics[section.topic])

    @property
    def aws(self) -> float:
        """Probability that the post belongs to part 3."""
        return self.parts[Part.AWS]

    @property
    def is_out_of_scope(self) -> bool:
        """Whether the post is believed to be none of the digest's business."""
        return self.out_of_scope >= OUT_OF_SCOPE_FROM


class Acceptance(StrEnum):
    """What became of a model after it was fitted."""

    TAKEN = "taken"
    #: Worse than the model in use on decisions that neither had seen; its file is not kept.
    REFUSED = "refused"
    #: Not worse, but the curator has pinned another.
    OFFERED = "offered"


@dataclass(frozen=True, slots=True)
class FittedModel:
    """What is known of one version of the section model; the model itself is in a file of that name."""

    version: str
    made_at: datetime
    #: When it was last found that there is nothing else to learn.
    seen_at: datetime
    #: How it learns, and the version that its recipe gives to the rows that come with the project alone.
    recipe: str
    shipped: str
    #: How many rows it learned from, by origin.
    rows: Mapping[str, int]
    acceptance: Acceptance
    #: Why it was taken or refused, as a sentence for a person.
    reason: str
    #: The figures of the comparison that decided; empty where there was none.
    figures: Mapping[str, Any] = field(default_factory=dict)
    #: The newest verdict and the newest correction that it took into account; 0 for none.
    last_verdict: int = 0
    last_correction: int = 0
    #: Since when it was last in use; None when it never was.
    used_since: datetime | None = None
    in_use: bool = False
    #: Set while the curator wants no other.
    pinned_at: datetime | None = None
    #: Whether its file is kept.
    is_kept: bool = True

    @property
    def has_learned(self) -> bool:
        """Whether it knows more than the rows that come with the project."""
        return self.version != self.shipped


@dataclass(frozen=True, slots=True)
class Clue:
    """One thing that the classifier saw in a post, with its signed share in a choice."""

    #: As a person reads it: a word of the post, what the word stands for, the host, the organisation.
    name: str
    #: In log-odds; positive speaks for what was chosen, negative for the runner-up.
    weight: float


@dataclass(frozen=True, slots=True)
class Choice:
    """Why one class was believed rather than the next. The weights of the clues add up to the difference."""

    #: ``part``, ``topic`` or ``scope``.
    axis: str
    chosen: str
    runner_up: str
    probability: float
    runner_up_probability: float
    #: The logarithm of how many times as likely the chosen class is as the runner-up.
    difference: float
    #: Strongest first, whichever way they speak.
    clues: tuple[Clue, ...]

    @property
    def for_chosen(self) -> tuple[Clue, ...]:
        return tuple(clue for clue in self.clues if clue.weight > 0)

    @property
    def for_runner_up(self) -> tuple[Clue, ...]:
        return tuple(clue for clue in self.clues if clue.weight < 0)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why the classifier guessed as it did, by one version of its model."""

    post_id: int
    model_version: str
    part: Choice
    topic: Choice
    #: Chosen is ``in`` or ``out``, the other is the runner-up.
    scope: Choice
    #: Rules that were applied beside what was learned, as sentences.
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """One named, signed share of a score, with what it rests on."""

    name: str
    share: float
    detail: str = ""


class Ground(StrEnum):
    """What decided that a candidate is on the shortlist or not, where its score alone did not."""

    #: Its source, or its section, had as many as fit.
    SOURCE = "source"
    SECTION = "section"
    #: Its score is below what is proposed at all.
    FLOOR = "floor"
    #: Without what it shares with one above it, it came too far down.
    NEARNESS = "nearness"
    #: It came with another part of its series.
    SERIES = "series"


@dataclass(frozen=True, slots=True)
class Standing:
    """Why a candidate stands where it does to the shortlist."""

    ground: Ground
    #: The key of the source, the section, or the title of the post that it is near to or came with; empty elsewhere.
    of: str = ""
    #: Its place among those of that source or section, from 1, and how many fit; 0 elsewhere.
    place: int = 0
    most: int = 0


@dataclass(frozen=True, slots=True)
class Score:
    """The sum of its reasons."""

    post_id: int
    reasons: tuple[Reason, ...]
    #: Place among the month's candidates, from 1.
    rank: int = 0
    shortlisted: bool = False
    #: None where it is on the shortlist by its score, and where nothing can put it there.
    standing: Standing | None = None

    @property
    def value(self) -> float:
        return round(sum(reason.share for reason in self.reasons), 4)


@dataclass(frozen=True, slots=True)
class Manuscript:
    """All that is stored of what a post says, for it to be compared with others."""

    post_id: int
    canonical_url: str
    title: str
    #: Sanitised HTML, the longest that an entry or its page gave.
    content: str
    language: str
    published_at: datetime
    #: Whether somebody said that date.
    is_dated: bool = True
    #: As the feeds name them.
    authors: tuple[str, ...] = ()
    organisation: str | None = None
    #: The canonical address that its page names as its own, where the page was read.
    named_url: str | None = None
    #: For each feed that carries it, when it was first seen there and whether it is in the window now.
    carriers: Mapping[str, tuple[datetime, bool]] = field(default_factory=dict)


class Sameness(StrEnum):
    """What a pair says of two posts. What *may be* the same waits for the curator's word."""

    SAME = "same"
    MAYBE = "maybe"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Pair:
    """Whether two posts are the same article; appended, never changed. The last word of the curator counts for ever."""

    #: The smaller number comes first.
    first_id: int
    second_id: int
    said: Sameness
    #: The name of the recipe that compared them, or the curator.
    by: str
    at: datetime
    #: Whether a person said so.
    is_by_hand: bool = False
    #: The sum of its reasons; 0 for what a person said.
    score: float = 0.0
    reasons: tuple[Reason, ...] = ()
    id: int = 0


@dataclass(frozen=True, slots=True)
class Wish:
    """What the curator set of the ranking over feeds.toml; appended, never changed."""

    #: As in feeds.toml: ``weights.depth``, ``shortlist.sections.2.4``.
    name: str
    #: None goes back to feeds.toml.
    value: float | None
    #: What feeds.toml said then; None for nothing.
    listed: float | None
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Sampled:
    """A post that was drawn at random from below the shortlist, to see what is missed there."""

    post_id: int
    month: Month
    #: Its rank when it was drawn, and how many posts it was drawn from.
    rank: int
    below: int
    drawn_at: datetime


class Decision(StrEnum):
    """What a verdict may say. *Undo* takes back an earlier verdict."""

    APPROVE = "approve"
    REJECT = "reject"
    HOLD = "hold"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What somebody said of a post; appended, never changed."""

    post_id: int
    decision: Decision
    by: str
    at: datetime
    reason: str | None = None
    #: The verdict that an undo takes back.
    undoes: int | None = None
    id: int = 0


@dataclass(frozen=True, slots=True)
class Correction:
    """What the curator changed in the line of a post; the fields left None stay as they were.

    Title, organisation and note are Markdown; the note is without what joins it to its line.
    """

    post_id: int
    by: str
    at: datetime
    section: Section | None = None
    title: str | None = None
    month: Month | None = None
    #: An empty string prints no organisation.
    organisation: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Kin:
    """A post that shares its stem with others, as far as it helps to tell their series."""

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
    #: Its place; 5.5 stands between 5 and 6.
    number: float
    #: As the series names its parts: part, chapter, 편, 부, 상, #; empty for a bare number.
    word: str = ""
    #: How many there are, where its title says so.
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
    #: Numbers that none of them has, although a later one or a title speaks of them.
    missing: tuple[int, ...] = ()

    def get(self, post_id: int) -> Instalment:
        return next(one for one in self.instalments if one.post_id == post_id)

    def list_earlier(self, post_id: int) -> tuple[Instalment, ...]:
        """Those with a lower number that are no younger."""
        here = self.get(post_id)
        return tuple(
            one for one in self.instalments if one.number < here.number and one.published_at <= here.published_at
        )


@dataclass(frozen=True, slots=True)
class Candidate:
    """A post of the month up for review, with all that is known and thought of it."""

    post: Post
    guess: Guess | None = None
    score: Score | None = None
    #: The verdict in force, None while undecided.
    verdict: Verdict | None = None
    #: All corrections so far, merged.
    correction: Correction | None = None
    feed_name: str | None = None
    #: The month of the earlier digest that printed the post, or its original.
    printed_in: Month | None = None
    #: Whether it was drawn for the random look below the shortlist.
    is_sampled: bool = False

    @property
    def section(self) -> Section | None:
        """Where the line goes: the curator's word, else the classifier's."""
        if self.correction and self.correction.section:
            return self.correction.section
        return self.guess.section if self.guess else None


# --- digest -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One bullet of a digest.

    ``title`` is the curator's Markdown, ``url`` the address as printed, and ``note`` the Markdown that stands behind
    the link, byte for byte, with what joins it to the line (``": …"`` or a line break). The organisation is Markdown
    too, and a line without a month prints none.
    """

    section: Section
    title: str
    url: str
    month: Month | None
    organisation: str | None = None
    note: str = ""


class DigestState(StrEnum):
    """A *draft* is replaced at will, what is *printed* is frozen, what was *read* came from a published file."""

    DRAFT = "draft"
    PRINTED = "printed"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Texts:
    """The fixed texts of a digest: its head and its headings."""

    head: str
    parts: Mapping[Part, str]
    topics: Mapping[Topic, str]


@dataclass(frozen=True, slots=True)
class Digest:
    """The publication of a month: fixed texts, and lines in the order in which they are printed."""

    texts: Texts
    lines: tuple[Line, ...] = field(default=())
