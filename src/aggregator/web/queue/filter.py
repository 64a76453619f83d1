"""The filter of a month's queue, as in its address. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from aggregator.locales import mark
from aggregator.storage.numbers import read_id
from aggregator.storage.outlines import Outline
from aggregator.text.html import normalise
from aggregator.types import Month, Section, State, Taxonomy
from aggregator.web.paths import path_in_view
from aggregator.words import language_group


class Show(StrEnum):
    """The tabs of the queue. *shortlist* shows its undecided posts, the undecided spot checks and posts that are back
    from a hold, *unsure* undecided posts with a doubtful section, *muted* the posts that a rule keeps out of all other
    tabs.
    """

    SHORTLIST = mark("shortlist")
    UNDECIDED = mark("undecided")
    UNSURE = mark("unsure")
    APPROVED = mark("approved")
    HELD = mark("held")
    REJECTED = mark("rejected")
    ALL = mark("all")
    MUTED = mark("muted")


class Order(StrEnum):
    """By what the queue is sorted; posts that are equal in it stay in the order of rank. On the tab *unsure*, the rank
    is that of the question to the curator.
    """

    RANK = "rank"
    DATE = "date"
    SECTION = "section"
    SOURCE = "source"


_OF_STATE = {state: Show(state.value) for state in State}


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """A view of one month's queue. A field at its default does not filter, except ``show``, which is the shortlist."""

    month: Month
    show: Show = Show.SHORTLIST
    section: Section | None = None
    #: The key of a feed, or NO_FEED.
    source: str = ""
    language: str = ""
    #: A query as on the search page.
    words: str = ""
    #: Whether only posts with code are wanted.
    has_code: bool = False
    #: Whether only posts are wanted that somebody added by their addresses.
    is_added: bool = False
    #: Whether only posts are wanted that readers suggested.
    is_suggested: bool = False
    #: Only posts that came too late for this month.
    late_for: Month | None = None
    order: Order = Order.RANK
    #: The post after which this page of the queue begins. A page number would not do: decided posts leave the list, so
    #: that the next ones would move up and be skipped.
    after: int | None = None
    #: Posts to show in any case because they were just decided, one or many at once.
    done: tuple[int, ...] = ()
    #: The post that is open beside the list; None for a single one of *done*, else for the first one to decide.
    opened: int | None = None

    @property
    def is_reading(self) -> bool:
        """Whether a post was opened, so that a narrow page shows it and not the list."""
        return bool(self.opened or len(self.done) == 1)

    @property
    def is_narrowed(self) -> bool:
        """Whether it filters by more than the tab."""
        given = (self.has_code, self.is_added, self.is_suggested, self.late_for)
        return any((self.section, self.source, self.language, self.words, *given))

    @property
    def path(self) -> str:
        """The address of this view without the last decision; forms go back to it."""
        return f"/queue/{self.month}{self.query}"

    @property
    def query(self) -> str:
        """The part of the address after the month."""
        query = {
            "show": "" if self.show is Show.SHORTLIST else str(self.show),
            "section": str(self.section or ""),
            "source": self.source,
            "language": self.language,
            "q": self.words,
            "code": "yes" if self.has_code else "",
            "added": "yes" if self.is_added else "",
            "suggested": "yes" if self.is_suggested else "",
            "late": str(self.late_for or ""),
            "order": "" if self.order is Order.RANK else str(self.order),
            "after": str(self.after or ""),
        }
        pairs = [(name, value) for name, value in query.items() if value]
        return f"?{urlencode(pairs, quote_via=quote)}" if pairs else ""

    def widen(self) -> QueueFilter:
        """Return the whole of this tab."""
        return QueueFilter(self.month, self.show, order=self.order)

    def turn(self, **changes: Any) -> QueueFilter:
        """Return another view beside this one, from its first page."""
        return replace(self, **{"after": None, "done": (), "opened": None, **changes})

    def path_to(self, post_id: int, then: int | None = None) -> str:
        """Return the address that shows this view with one post in sight, and with it or *then* open."""
        return path_in_view(self.path, post_id, then)

    def path_to_many(self, post_ids: Sequence[int]) -> str:
        """Return the address that shows this view with many posts in sight."""
        if not post_ids:
            return self.path
        listed = ".".join(str(number) for number in post_ids)
        return f"{self.path}{'&' if '?' in self.path else '?'}done={listed}#post-{post_ids[0]}"

    def path_opening(self, post_id: int) -> str:
        """Return the address that opens one post of the list beside it."""
        return f"{self.path}{'&' if '?' in self.path else '?'}open={post_id}#post-{post_id}"


def read_filter(month: Month, query: Mapping[str, str], taxonomy: Taxonomy) -> QueueFilter:
    """Read the filter of an address; unknown values are ignored, so that old links still open."""
    show, order = query.get("show", ""), query.get("order", "")
    return QueueFilter(
        month=month,
        show=Show(show) if show in set(Show) else Show.SHORTLIST,
        section=_read_section(query.get("section", ""), taxonomy),
        source=query.get("source", ""),
        language=query.get("language", ""),
        words=normalise(query.get("q", "")),
        has_code=query.get("code") == "yes",
        is_added=query.get("added") == "yes",
        is_suggested=query.get("suggested") == "yes",
        late_for=_read_month(query.get("late", "")),
        order=Order(order) if order in set(Order) else Order.RANK,
        after=read_id(query.get("after", "")),
        done=tuple(number for text in query.get("done", "").split(".") if (number := read_id(text))),
        opened=read_id(query.get("open", "")),
    )


def find_filter(path: str | None, taxonomy: Taxonomy) -> QueueFilter | None:
    """Read the filter of a local path; None if it does not lead to a queue."""
    parts = urlsplit(path or "")
    try:
        month = Month.parse(parts.path.removeprefix("/queue/"))
    except ValueError:
        return None
    return read_filter(month, dict(parse_qsl(parts.query)), taxonomy)


def narrow(outlines: Sequence[Outline], chosen: QueueFilter) -> list[Outline]:
    """Keep what matches the filter, on any tab."""
    if not chosen.is_narrowed:
        return list(outlines)
    return [outline for outline in outlines if _is_kept(outline, chosen)]


def arrange(outlines: Sequence[Outline], chosen: QueueFilter) -> Sequence[Outline]:
    """Sort the posts of a month, which come in the order of rank; the newest come first in the order of dates."""
    match chosen.order:
        case Order.DATE:
            return sorted(outlines, key=lambda outline: outline.published_at, reverse=True)
        case Order.SECTION:
            return sorted(outlines, key=lambda outline: (outline.section is None, str(outline.section)))
        case Order.SOURCE:
            return sorted(outlines, key=lambda outline: (outline.source_name.casefold(), outline.source))
    return sorted(outlines, key=_find_turn) if chosen.show is Show.UNSURE else outlines


def is_shown(outline: Outline, show: Show) -> bool:
    """Whether a candidate is shown under a tab."""
    return show in list_tabs(outline)


def list_tabs(outline: Outline) -> list[Show]:
    """List the tabs that show a candidate."""
    if outline.is_muted:
        return [Show.MUTED]
    tabs = [Show.ALL, _OF_STATE[outline.state]]
    if outline.state is State.UNDECIDED:
        if outline.is_shortlisted or outline.is_sampled or outline.is_returned:
            tabs.append(Show.SHORTLIST)
        if outline.is_unsure:
            tabs.append(Show.UNSURE)
    return tabs


def _is_kept(outline: Outline, chosen: QueueFilter) -> bool:
    return (
        outline.has_words
        and (outline.has_code or not chosen.has_code)
        and (outline.is_added or not chosen.is_added)
        and (outline.is_suggested or not chosen.is_suggested)
        and chosen.late_for in {None, outline.late_for}
        and chosen.section in {None, outline.section}
        and chosen.source in {"", outline.source}
        and chosen.language in {"", outline.language, language_group(outline.language)}
    )


def _find_turn(outline: Outline) -> float:
    """Sort what teaches most first. A post that was just decided keeps its place until the month is ranked again; a
    page after it then begins with the first post.
    """
    if outline.asked is not None:
        return outline.asked
    return math.inf if outline.state is State.UNDECIDED else 0


def _read_month(text: str) -> Month | None:
    try:
        return Month.parse(text)
    except ValueError:
        return None


def _read_section(text: str, taxonomy: Taxonomy) -> Section | None:
    try:
        return taxonomy.parse_section(text)
    except ValueError:
        return None
