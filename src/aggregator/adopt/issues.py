"""The pages of a list as issues: when each came out, and what their titles say. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from aggregator.adopt.days import IssueName, drop_number, find_day
from aggregator.adopt.line import ListedLine
from aggregator.adopt.listing import Listing
from aggregator.types import Month

#: The first heading of a page, as either form of Markdown writes it.
_TITLE = re.compile(r"\A(?:#{1,6}[ \t][^\n]*\n|[^\n]+\n[=-]+[ \t]*\n)\n*")


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list, as its file or its feed has it."""

    #: As remarks name it.
    name: str
    text: str
    #: When it was published, if something beside the page says so.
    day: date | None = None


def name_issue(page: Page, listing: Listing) -> IssueName:
    """What is said of an issue as a whole: by its feed, by what its page says before it begins, by its file, by its
    title.
    """
    if known := page.day or listing.day:
        return IssueName(Month(known.year, known.month), known)
    # The folders may say it: 2024/03.md.
    place = page.name.rpartition(".")[0] or page.name
    said = [find_day(text) for text in (place.rpartition("/")[2], place, listing.title or "")]
    best = next((each for each in said if each and each.day), next(filter(None, said), None))
    return IssueName(best.month, best.day) if best else IssueName()


def drop_titles(listings: Sequence[Listing], issues: Sequence[IssueName]) -> list[Listing]:
    """Pages without their titles, if they are dated issues that each have another: they say what is in an issue and not
    what a line is about.
    """
    titles = {listing.title for listing in listings}
    if len(listings) == 1 or len(titles) < len(listings) or not all(issue.month for issue in issues):
        return list(listings)
    return [replace(listing, lines=tuple(_drop_title(listing))) for listing in listings]


def _drop_title(listing: Listing) -> Iterator[ListedLine]:
    for line in listing.lines:
        yield replace(line, path=line.path[1:]) if line.path[:1] == (listing.title,) else line


def choose_head(listings: Sequence[Listing]) -> str:
    """What stands above the lines of the newest page; of issues with another title each, with what those share."""
    newest = listings[-1] if listings[-1].head else listings[0]
    titles = [listing.title for listing in listings if listing.title]
    if len(set(titles)) < 2 or newest.title is None:
        return newest.head
    names = {drop_number(title) for title in titles}
    name = newest.title[: len(next(iter(names)))] if len(names) == 1 else ""
    rest = _TITLE.sub("", newest.head)
    return f"# {name}\n\n{rest}" if name and name.casefold() in names else rest
