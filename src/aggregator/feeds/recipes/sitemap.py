"""Sitemaps: the pages that they list, those of them that are read, and what a page says of itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from lxml import etree

from aggregator.addresses.urls import clean_url
from aggregator.dates.listed import find_listed_date
from aggregator.dates.read import EARLIEST, Zones, parse_date
from aggregator.exceptions import ParseError
from aggregator.feeds.recipes.items import ListedItem, Reading, name_places
from aggregator.feeds.recipes.tree import list_values, parse_page
from aggregator.text.html import excerpt_of
from aggregator.text.selectors import fits_path, read_place
from aggregator.types import ListedPage, Recipe, Retrieved

#: Where fields are looked for on a page if a recipe does not say.
USUAL = {"sitemap": "", "title": "h1", "date": "datePublished", "summary": ""}
MOST_ADDRESSES = 20_000
#: How often a page is tried.
MOST_ATTEMPTS = 3
_NAMED = 3
_TITLES = ("h1", 'meta[property="og:title"]@content', "title")
_DATES = (
    'meta[property="article:published_time"]@content',
    '[itemprop="datePublished"]@content',
    '[itemprop="datePublished"]@datetime',
    "time@datetime",
    "time",
)
_PUBLISHED = ("datePublished", "dateCreated")
_MOST_NODES = 2000


@dataclass(frozen=True, slots=True)
class Plan:
    """Which pages of a sitemap are read at a visit."""

    wanted: tuple[str, ...]
    #: Older than the feed: never read.
    passed: tuple[str, ...] = ()
    #: Whether more pages are new than are read at once.
    has_more: bool = False


def list_addresses(recipe: Recipe, body: bytes) -> list[str]:
    """The addresses that fit the recipe, those that changed last first. Raises ValueError."""
    is_index, found = read_places(body)
    if is_index:
        named = ", ".join(url for url, _ in found[:_NAMED])
        raise ValueError(f"the answer is a list of sitemaps; give one of them as the address: {named}")
    fitting = [(url, at) for url, at in found if url and _fits(recipe.sitemap, url)]
    newest = sorted(fitting, key=lambda one: one[1], reverse=True)[:MOST_ADDRESSES]
    return list(dict.fromkeys(url for url, _ in newest))


def read_places(body: bytes) -> tuple[bool, list[tuple[str, datetime]]]:
    """Return whether a document is a list of sitemaps, and what it lists with the last change of each; the earliest
    date if it says none. Raises ValueError.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    try:
        root = etree.fromstring(body.strip(), parser)
    except (etree.LxmlError, ValueError):
        root = None
    kind = "" if root is None else etree.QName(root).localname
    if root is None or kind not in {"urlset", "sitemapindex"}:
        raise ValueError("the answer is not a sitemap")
    places = [_read_place(each) for each in root if isinstance(each.tag, str)]
    return kind == "sitemapindex", [(url, at) for url, at in places if url]


def _read_place(element: Any) -> tuple[str, datetime]:
    values = {etree.QName(child).localname: (child.text or "").strip() for child in element if _is_element(child)}
    return clean_url(values.get("loc")) or "", parse_date(values.get("lastmod")) or EARLIEST


def _is_element(node: Any) -> bool:
    return isinstance(node.tag, str)


def _fits(pattern: str, url: str) -> bool:
    return fits_path(pattern, unquote(urlsplit(url).path))


def plan_pages(recipe: Recipe, answer: Retrieved, remembered: Mapping[str, ListedPage]) -> Plan:
    """Decide which pages are read now: at a first visit the newest, then those that are new. Raises ParseError."""
    try:
        addresses = list_addresses(recipe, answer.body)
    except ValueError as error:
        raise ParseError(answer.url, str(error), excerpt=excerpt_of(answer.body) or None) from error
    new = [url for url in addresses if url not in remembered]
    again = [url for url in addresses if url in remembered and is_tried_again(remembered[url])]
    wanted = (*again, *new)[: recipe.pages]
    if remembered:
        return Plan(wanted, has_more=len(again) + len(new) > len(wanted))
    return Plan(wanted, passed=tuple(new[recipe.pages :]))


def is_tried_again(page: ListedPage) -> bool:
    return page.read_at is None and 0 < page.attempts < MOST_ATTEMPTS


def read_listed_page(recipe: Recipe, address: str, answer: Retrieved, *, now: datetime, zones: Zones) -> ListedPage:
    """Read title and date of a page; without a title if none was found. Runs in a worker process."""
    try:
        tree = parse_page(answer.body, answer.content_type)
    except ValueError:
        return ListedPage(address, attempts=1)
    title = _find_title(recipe, tree)
    if not title:
        return ListedPage(address, attempts=1)
    summary = next(list_values(tree, read_place(recipe.summary)), "") if recipe.summary else ""
    return ListedPage(address, now, title, _find_date(recipe, tree, now, zones), summary)


def _find_title(recipe: Recipe, tree: Any) -> str:
    if recipe.title:
        return next(list_values(tree, read_place(recipe.title)), "")
    headings = list(list_values(tree, read_place("h1")))
    # Of several headings the first may be the name of the site.
    places = _TITLES if len(headings) == 1 else _TITLES[1:]
    return next((value for place in places for value in list_values(tree, read_place(place))), "")


def _find_date(recipe: Recipe, tree: Any, now: datetime, zones: Zones) -> str | None:
    places = (recipe.date,) if recipe.date else _DATES
    written = (value for place in places for value in list_values(tree, read_place(place)))
    said = written if recipe.date else (*_list_published(tree), *written)
    return next((date for value in said if (date := find_listed_date(value, now, zones))), None)


def _list_published(tree: Any) -> Iterator[str]:
    """The dates that JSON-LD gives."""
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        try:
            waiting: list[Any] = [json.loads(script.text or "", strict=False)]
        except (ValueError, RecursionError):
            continue
        for _ in range(_MOST_NODES):
            if not waiting:
                break
            node = waiting.pop(0)
            if isinstance(node, dict):
                yield from (node[name] for name in _PUBLISHED if isinstance(node.get(name), str))
                waiting += [node[name] for name in ("@graph", "mainEntity") if name in node]
            elif isinstance(node, list):
                waiting += node


def read_sitemap(recipe: Recipe, body: bytes, pages: Mapping[str, ListedPage]) -> Reading:
    """The pages of a sitemap that were read, as items. Raises ValueError."""
    addresses = list_addresses(recipe, body)
    read = [pages[url] for url in addresses if url in pages and pages[url].read_at]
    items = [ListedItem(one.url, one.title, one.date, one.summary, has_date=one.date is not None) for one in read]
    return Reading("sitemap", items=tuple(items), matched=len(addresses), places=name_places(recipe, USUAL))


def note_failures(failed: Sequence[str], remembered: Mapping[str, ListedPage]) -> list[ListedPage]:
    """What is remembered of pages that could not be read."""
    return [replace(remembered.get(url, ListedPage(url)), attempts=_count(remembered.get(url)) + 1) for url in failed]


def _count(page: ListedPage | None) -> int:
    return page.attempts if page else 0
