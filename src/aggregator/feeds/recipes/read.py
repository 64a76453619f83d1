"""Reads a document as a recipe says, and says what of it does not fit any longer: a site that changed its layout must
not look like a site that is silent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from aggregator.dates.read import Zones
from aggregator.exceptions import ParseError
from aggregator.feeds.formats.common import build_feed
from aggregator.feeds.recipes.data import read_data
from aggregator.feeds.recipes.items import FieldMatch, Reading, build_found
from aggregator.feeds.recipes.page import read_page
from aggregator.feeds.recipes.sitemap import read_sitemap
from aggregator.feeds.recipes.tree import parse_page
from aggregator.text.html import excerpt_of
from aggregator.types import FeedState, KnownEntry, ListedPage, ParsedFeed, Recipe, Retrieved

#: What is asked for.
ACCEPT = "text/html, application/xhtml+xml, application/json;q=0.9, application/xml;q=0.9, */*;q=0.1"
# Fewer items than this share of those that the last visit found are remarkable.
_FEW = 0.25


@dataclass(frozen=True, slots=True)
class Before:
    """What the last visit that succeeded found."""

    items: int = 0
    has_dates: bool = False
    #: The day of the first visit that found nothing, or of this one.
    since: str = ""


@dataclass(frozen=True, slots=True)
class ReadPages:
    """The pages of a sitemap: what is remembered of them, and what this visit adds."""

    known: Mapping[str, ListedPage]
    fresh: tuple[ListedPage, ...] = ()
    #: Whether the next visit has pages to read even if the sitemap has not changed.
    has_more: bool = False


def find_before(state: FeedState, known: Sequence[KnownEntry], now: datetime, zone: tzinfo) -> Before:
    """What the last visit found, by the stored entries of the feed."""
    window = [entry for entry in known if entry.is_in_window]
    since = min(state.failing_since or now, now).astimezone(zone)
    return Before(len(window), any(entry.published_at for entry in window), since.date().isoformat())


def parse_listing(
    recipe: Recipe,
    answer: Retrieved,
    *,
    now: datetime,
    zones: Zones,
    before: Before | None = None,
    pages: ReadPages | None = None,
) -> ParsedFeed:
    """Read a document as a recipe says. Raises ParseError if it does not fit the recipe."""
    try:
        reading = read_document(recipe, answer, now=now, zones=zones, pages=pages)
        remarks = judge_reading(reading, before or Before(), pages)
    except ValueError as error:
        raise ParseError(answer.url, str(error), excerpt=excerpt_of(answer.body) or None) from error
    found = build_found(reading, answer.url)
    found.warning = "; ".join(remarks) or None
    return replace(build_feed(found, answer.url), is_cut=answer.is_cut)


def read_document(
    recipe: Recipe, answer: Retrieved, *, now: datetime, zones: Zones, pages: ReadPages | None = None
) -> Reading:
    """Read what a recipe finds in a document. Raises ValueError if the document is of another kind."""
    if not answer.body.strip():
        raise ValueError("the answer is empty")
    if recipe.sitemap:
        read = {**pages.known, **{page.url: page for page in pages.fresh}} if pages else {}
        return read_sitemap(recipe, answer.body, read)
    if recipe.json:
        return read_data(recipe, answer.body, answer.content_type, answer.url, now, zones)
    return read_page(recipe, parse_page(answer.body, answer.content_type), answer.url, now=now, zones=zones)


def judge_reading(reading: Reading, before: Before, pages: ReadPages | None = None) -> list[str]:
    """What is wrong with a reading that can be used. Raises ValueError if it cannot be."""
    number, place = reading.matched, reading.places[reading.kind]
    if not number:
        raise ValueError(_say_nothing(reading, f"nothing matches `{place}`", before))
    if reading.kind == "sitemap":
        return _judge_pages(reading, before, pages)
    usable, links = reading.usable, [item for item in reading.items if item.link]
    for name, found in (("link", links), ("title", usable)):
        if not found:
            what = f"`{place}` matches {number}, but no {name} is at `{reading.places[name]}`"
            raise ValueError(_say_nothing(reading, what, before))
    remarks = []
    if lost := len(reading.items) - len(usable):
        remarks.append(f"{lost} of its {len(reading.items)} items have no title or link and are left out")
    if len(usable) < before.items * _FEW:
        remarks.append(f"`{place}` finds only {len(usable)}, after {before.items} at the last visit")
    return remarks + _judge_dates(reading, before)


def _judge_pages(reading: Reading, before: Before, pages: ReadPages | None) -> list[str]:
    fresh = pages.fresh if pages else ()
    tried = [page for page in fresh if page.read_at or page.attempts]
    if tried and not any(page.read_at for page in tried):
        raise ValueError(f"no title is at `{reading.places['title']}` of {len(tried)} new pages")
    lost = sum(page.read_at is None for page in tried)
    remarks = [f"{lost} of {len(tried)} new pages could not be read"] if lost else []
    return remarks + _judge_dates(reading, before)


def _judge_dates(reading: Reading, before: Before) -> list[str]:
    if any(item.has_date for item in reading.usable):
        return []
    said = f"no date is at `{reading.places['date']}`"
    if before.has_dates:
        return [f"{said} any more"]
    return [said] if any(item.date for item in reading.usable) else []


def _say_nothing(reading: Reading, what: str, before: Before) -> str:
    if before.items:
        what = f"{what} since {before.since}; the last visit found {before.items}"
    return f"{what}; the page shows nothing without its scripts" if reading.is_drawn_by_script else what


@dataclass(frozen=True, slots=True)
class ReadingPreview:
    """What a recipe reads of a document now."""

    reading: Reading
    matches: list[FieldMatch]
    #: What is wrong with it; the first is why it cannot be used, if ``is_usable`` is False.
    remarks: list[str]
    is_usable: bool


def preview_listing(
    recipe: Recipe, answer: Retrieved, *, now: datetime, zones: Zones, pages: ReadPages | None = None
) -> ReadingPreview:
    """Show what a recipe reads. Raises ValueError if the document is of another kind."""
    reading = read_document(recipe, answer, now=now, zones=zones, pages=pages)
    try:
        remarks, is_usable = judge_reading(reading, Before(), pages), True
    except ValueError as error:
        remarks, is_usable = [str(error)], False
    return ReadingPreview(reading, reading.list_matches(), remarks, is_usable)
