"""Which candidates of a month the queue shows, as its address says it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from aggregator.storage.numbers import read_id
from aggregator.storage.outlines import Outline
from aggregator.text.html import normalise
from aggregator.types import Month, Section, State, Taxonomy
from aggregator.web.paths import path_in_view
from aggregator.words import language_group


class Show(StrEnum):
    """The tabs of the queue. The shortlist shows what is left to decide of it, and of the sample from below; *unsure*
    shows those undecided posts whose section should be looked at, *muted* those that a rule keeps out of all others.
    """

    SHORTLIST = "shortlist"
    UNDECIDED = "undecided"
    UNSURE = "unsure"
    APPROVED = "approved"
    HELD = "held"
    REJECTED = "rejected"
    ALL = "all"
    MUTED = "muted"


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """A view of one month's queue. Every field left at its default shows everything; ``show`` begins with the work."""

    month: Month
    show: Show = Show.SHORTLIST
    section: Section | None = None
    #: The key of a feed, or NO_FEED.
    source: str = ""
    language: str = ""
    #: What is searched for, as on the page of the search.
    words: str = ""
    #: The post behind which this page of the queue begins. A number of a page would not do: as posts are decided they
    #: leave the list, and those behind them would move up, past the reader.
    after: int | None = None
    #: A post to show in any case, because it was just decided.
    done: int | None = None

    @property
    def is_narrowed(self) -> bool:
        """Whether more is filtered than by the tab."""
        return bool(self.section or self.source or self.language or self.words)

    @property
    def path(self) -> str:
        """The address of this view, without what was just decided; it leads back from a form."""
        query = {
            "show": "" if self.show is Show.SHORTLIST else str(self.show),
            "section": str(self.section or ""),
            "source": self.source,
            "language": self.language,
            "q": self.words,
            "after": str(self.after or ""),
        }
        pairs = [(name, value) for name, value in query.items() if value]
        return f"/queue/{self.month}" + (f"?{urlencode(pairs, quote_via=quote)}" if pairs else "")

    def turn(self, **changes: Any) -> QueueFilter:
        """Another view beside this one, from its beginning."""
        return replace(self, **{"after": None, "done": None, **changes})

    def path_to(self, post_id: int) -> str:
        """The address that shows this view with one post in sight."""
        return path_in_view(self.path, post_id)


def read_filter(month: Month, query: Mapping[str, str], taxonomy: Taxonomy) -> QueueFilter:
    """The filter of an address; what cannot be read is left out, so that an old link still opens."""
    show = query.get("show", "")
    return QueueFilter(
        month=month,
        show=Show(show) if show in set(Show) else Show.SHORTLIST,
        section=_read_section(query.get("section", ""), taxonomy),
        source=query.get("source", ""),
        language=query.get("language", ""),
        words=normalise(query.get("q", "")),
        after=read_id(query.get("after", "")),
        done=read_id(query.get("done", "")),
    )


def find_filter(path: str | None, taxonomy: Taxonomy) -> QueueFilter | None:
    """The filter of a local path; None when it does not lead to a queue."""
    parts = urlsplit(path or "")
    try:
        month = Month.parse(parts.path.removeprefix("/queue/"))
    except ValueError:
        return None
    return read_filter(month, dict(parse_qsl(parts.query)), taxonomy)


def narrow(outlines: Sequence[Outline], chosen: QueueFilter) -> list[Outline]:
    """What the filter keeps, on any tab."""
    if not chosen.is_narrowed:
        return list(outlines)
    return [outline for outline in outlines if _is_kept(outline, chosen)]


def is_shown(outline: Outline, show: Show) -> bool:
    """Whether a candidate stands under a tab."""
    if outline.is_muted or show is Show.MUTED:
        return outline.is_muted and show is Show.MUTED
    match show:
        case Show.ALL:
            return True
        case Show.SHORTLIST:
            return (outline.is_shortlisted or outline.is_sampled) and outline.state is State.UNDECIDED
        case Show.UNSURE:
            return outline.is_unsure and outline.state is State.UNDECIDED
        case _:
            return outline.state == show.value


def _is_kept(outline: Outline, chosen: QueueFilter) -> bool:
    return (
        outline.has_words
        and chosen.section in {None, outline.section}
        and chosen.source in {"", outline.source}
        and chosen.language in {"", outline.language, language_group(outline.language)}
    )


def _read_section(text: str, taxonomy: Taxonomy) -> Section | None:
    try:
        return taxonomy.parse_section(text)
    except ValueError:
        return None
