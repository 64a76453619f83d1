"""Digests and their lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from operator import attrgetter
from typing import NamedTuple

from aggregator.locales import mark
from aggregator.types.dates import Month
from aggregator.types.sections import Part, Section, Taxonomy, Topic


class LabelStyle(StrEnum):
    """Where month and organisation stand behind a title."""

    #: ``Title (Nov 2022, SOCAR)``.
    BRACKETS = "brackets"
    #: ``Title: Nov 2022, SOCAR``.
    COLON = "colon"


class NoteStyle(StrEnum):
    """How a note is joined to its line."""

    #: Behind the link, after a colon.
    COLON = "colon"
    #: As nested bullets below the line, one for each of its own lines.
    NESTED = "nested"


@dataclass(frozen=True, slots=True)
class Line:
    """One bullet of a digest.

    ``title`` is the curator's Markdown, ``url`` the address as printed, and ``note`` the Markdown after the link, byte
    for byte, with what joins it to the line (``": …"`` or a line break). The organisation is Markdown too; a line
    without a month prints none.
    """

    section: Section
    title: str
    url: str
    month: Month | None
    organisation: str | None = None
    note: str = ""
    #: None unless it is a highlight: the mark that is printed before its title, empty if none is.
    star: str | None = None
    label: LabelStyle = LabelStyle.BRACKETS

    @property
    def is_highlight(self) -> bool:
        return self.star is not None

    @property
    def as_printed(self) -> Line:
        """The line as a page can say it: a highlight without a mark looks like any other line."""
        return self if self.star else replace(self, star=None)


class HighlightPlace(StrEnum):
    """How a highlight is printed."""

    #: Like any other line.
    NONE = "none"
    #: With a mark before its title.
    MARK = "mark"
    #: With its mark, and before the other lines of its month in its section.
    FIRST = "first"


@dataclass(frozen=True, slots=True)
class LineStyle:
    """How the lines of a digest are printed, and its highlights known again where it is read."""

    #: Of highlights.
    place: HighlightPlace = HighlightPlace.NONE
    mark: str = "⭐"
    label: LabelStyle = LabelStyle.BRACKETS
    note: NoteStyle = NoteStyle.COLON

    @property
    def star(self) -> str:
        """What is printed before the title of a highlight; empty for nothing."""
        return "" if self.place is HighlightPlace.NONE else self.mark

    @property
    def are_first(self) -> bool:
        return self.place is HighlightPlace.FIRST


class DigestState(StrEnum):
    """A *draft* may be replaced, a *printed* digest is frozen, a *read* one came from a published file."""

    DRAFT = mark("draft")
    PRINTED = mark("printed")
    READ = mark("read")


class EditionFormat(StrEnum):
    """The forms in which a digest is printed beside its Markdown."""

    HTML = "html"
    ATOM = "atom"
    JSON = "json"
    #: The body of a mail, to be pasted where newsletters are written.
    MAIL = "mail"
    TEXT = "text"
    #: A whole mail, in HTML and text.
    EML = "eml"

    @property
    def suffix(self) -> str:
        """How the names of its files end."""
        return {EditionFormat.MAIL: ".mail.html", EditionFormat.TEXT: ".txt"}.get(self, f".{self}")

    @property
    def media_type(self) -> str:
        return _MEDIA_TYPES[self]


_MEDIA_TYPES = {
    EditionFormat.HTML: "text/html; charset=utf-8",
    EditionFormat.ATOM: "application/atom+xml",
    EditionFormat.JSON: "application/json",
    EditionFormat.MAIL: "text/html; charset=utf-8",
    EditionFormat.TEXT: "text/plain; charset=utf-8",
    EditionFormat.EML: "message/rfc822",
}


@dataclass(frozen=True, slots=True)
class Extent:
    """What was printed: the digest of a *month*, or a cumulative page with all that was printed until a day."""

    month: Month | None = None
    #: The last day.
    until: date | None = None

    @property
    def last_month(self) -> Month:
        if self.month:
            return self.month
        if self.until is None:
            raise AssertionError("an extent is of a month or up to a day")
        return Month(self.until.year, self.until.month)


class PrintedNames(NamedTuple):
    """What was printed or read, by the canonical addresses of its lines."""

    extent: Extent
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class ReadBefore:
    """What is stored about a page that was read."""

    number: int
    #: None for a cumulative page.
    month: Month | None
    post_ids: frozenset[int]
    #: The months of its lines.
    months: tuple[Month | None, ...]


@dataclass(frozen=True, slots=True)
class MonthPlan:
    """What the curator plans for the print of a month, other than the settings say."""

    #: It is not printed by itself before; then it is, also on another day than the settings name.
    wait_until: datetime | None = None
    #: Whether what is undecided is left out, so that the print does not wait for it.
    is_closed: bool = False


@dataclass(frozen=True, slots=True)
class MonthReview:
    """How the candidates of a month were reviewed, up to its print."""

    candidates: int
    approved: int
    held: int
    rejected: int
    undecided: int
    #: The first and the last verdict that the curator gave; None without one.
    first_at: datetime | None
    last_at: datetime | None
    #: The lowest place in the ranking that an approved post has, and a decided one; None if none has a place.
    deepest_approved: int | None
    deepest_decided: int | None


@dataclass(frozen=True, slots=True)
class PastDigest:
    """A digest that was printed, or a digest or page that was read."""

    id: int
    #: None for a page.
    month: Month | None
    #: The end of the last day that a page covers; None for the digest of a month.
    until_at: datetime | None
    state: DigestState
    made_at: datetime
    lines: int
    #: None for a page.
    review: MonthReview | None


@dataclass(frozen=True, slots=True)
class MonthFacts:
    """The progress of the digest of a month that is over."""

    month: Month
    #: None if there is no digest yet.
    state: DigestState | None = None
    #: Approved posts that are not printed yet.
    approved: int = 0
    #: Undecided posts on the shortlist.
    undecided: int = 0
    #: Whether a shortlist was made of its posts.
    is_ranked: bool = False
    #: Whether this home collected posts when it ended, or began to in the month after it.
    is_watched: bool = True
    #: Whether it was over when the latest known cumulative page was printed.
    is_seen: bool = False
    #: Whether the curator has taken back its last print.
    is_print_undone: bool = False
    plan: MonthPlan = MonthPlan()


@dataclass(frozen=True, slots=True)
class Texts:
    """The fixed texts of a digest: its head, its headings, and how it prints lines."""

    head: str
    parts: Mapping[Part, str]
    topics: Mapping[Topic, str]
    #: As the settings say: it is not stored, so a stored digest is equal to one that is composed with others.
    style: LineStyle = field(default=LineStyle(), compare=False)

    @property
    def taxonomy(self) -> Taxonomy:
        """The taxonomy of this digest, as it was printed; it may differ from the settings."""
        by_number = attrgetter("number")
        return Taxonomy(tuple(sorted(self.parts, key=by_number)), tuple(sorted(self.topics, key=by_number)))


@dataclass(frozen=True, slots=True)
class TextChange:
    """A fixed text that overrides feeds.toml; appended, never changed."""

    #: As in feeds.toml: ``digest.head``, or the path of a heading.
    name: str
    #: None restores feeds.toml.
    value: str | None
    #: What feeds.toml said at that time; None if it said nothing.
    listed: str | None
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Digest:
    """The publication of a month: fixed texts, and lines in the order in which they are printed."""

    texts: Texts
    lines: tuple[Line, ...] = field(default=())
    #: What stands below the lines, in Markdown between marks: see ``digest.foot``. Empty, or with a line end.
    foot: str = ""
