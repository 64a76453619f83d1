"""The query and filters of a search, as in its address. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from aggregator.storage.narrowing import MOST_FOUND, VERDICTS, Narrowing
from aggregator.text.terms import LONGEST_QUERY, Query
from aggregator.types import Month, Taxonomy

_Parsed = TypeVar("_Parsed")

PAGE = 25
EVERYTHING = Narrowing()
_LAST_PAGE = MOST_FOUND // PAGE


@dataclass(frozen=True, slots=True)
class SearchFilter:
    """The words of a search and its filters."""

    words: str = ""
    narrowing: Narrowing = EVERYTHING
    page: int = 1

    @property
    def is_empty(self) -> bool:
        return not self.words and self.narrowing == EVERYTHING

    def asks(self, query: Query) -> bool:
        """Whether it asks for anything, with its words as a *query*: one of punctuation alone finds nothing."""
        return not self.is_empty and not (self.words and query.is_empty)

    @property
    def path(self) -> str:
        """The address of this page of the search."""
        of = self.narrowing
        query = {
            "q": self.words,
            "section": str(of.section or ""),
            "source": of.feed,
            "month": of.month,
            "verdict": of.verdict,
            "language": of.language,
            "page": str(self.page) if self.page > 1 else "",
        }
        pairs = [(name, value) for name, value in query.items() if value]
        return "/search" + (f"?{urlencode(pairs, quote_via=quote)}" if pairs else "")

    def turn(self, **changes: Any) -> SearchFilter:
        """Return another search beside this one, from its first page."""
        return replace(self, **{"page": 1, **changes})


def read_filter(query: Mapping[str, str], taxonomy: Taxonomy) -> SearchFilter:
    """Read the search of an address; unknown values are ignored, so that old links still open."""
    verdict, page = query.get("verdict", ""), query.get("page", "")
    narrowing = Narrowing(
        month=str(_parse(Month.parse, query.get("month", "")) or ""),
        section=_parse(taxonomy.parse_section, query.get("section", "")),
        feed=query.get("source", ""),
        verdict=verdict if verdict in VERDICTS else "",
        language=query.get("language", ""),
    )
    is_page = page.isascii() and page.isdecimal() and len(page) < 6
    return SearchFilter(
        words=" ".join(query.get("q", "").split())[:LONGEST_QUERY],
        narrowing=narrowing,
        page=min(max(1, int(page)), _LAST_PAGE) if is_page else 1,
    )


def _parse(parse: Callable[[str], _Parsed], text: str) -> _Parsed | None:
    try:
        return parse(text)
    except ValueError:
        return None
