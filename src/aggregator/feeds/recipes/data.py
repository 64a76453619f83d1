"""Items of JSON, by JMESPath: an answer in JSON, or a script of a page."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from aggregator.dates.listed import find_listed_date
from aggregator.dates.read import Zones
from aggregator.feeds.recipes.flight import read_flight
from aggregator.feeds.recipes.items import MOST_ITEMS, ListedItem, Reading, absolute, merge_items, name_places
from aggregator.feeds.recipes.tree import find_base, parse_page, select
from aggregator.text.charset import decode_document
from aggregator.text.html import normalise
from aggregator.text.selectors import search
from aggregator.types import Recipe

#: Where fields are looked for if a recipe does not say.
USUAL = {"json": "", "title": "title", "link": "url || link", "date": "publishedAt || date", "summary": ""}
#: The scripts that have the data of a page.
SCRIPT = 'script#__NEXT_DATA__, script#__NUXT_DATA__, script[type="application/json"]'


def read_data(recipe: Recipe, body: bytes, content_type: str | None, url: str, now: datetime, zones: Zones) -> Reading:
    """Read the items of JSON. Raises ValueError if nothing is JSON."""
    data, base = _load(recipe, body, content_type, url)
    return read_lists(recipe, data, base, url, now, zones)


def read_lists(recipe: Recipe, data: Sequence[Any], base: str, url: str, now: datetime, zones: Zones) -> Reading:
    """Read the items of documents that are loaded; links are resolved against *base*."""
    places = name_places(recipe, USUAL)
    found = next((list_ for each in data if isinstance(list_ := search(recipe.json, each), list)), [])

    def read(each: Any) -> ListedItem:
        values = {name: _say(search(place, each)) for name, place in places.items() if place and name != "json"}
        written = values["date"] or None
        date = find_listed_date(written, now, zones)
        return ListedItem(
            absolute(base, values["link"]),
            normalise(values["title"]),
            date or written,
            values.get("summary", ""),
            has_date=date is not None,
        )

    return Reading("json", items=merge_items(map(read, found[:MOST_ITEMS]), url), matched=len(found), places=places)


def _load(recipe: Recipe, body: bytes, content_type: str | None, url: str) -> tuple[list[Any], str]:
    """The documents, and what their links are resolved against."""
    document, _ = decode_document(body, content_type)
    if not recipe.script and document.lstrip()[:1] in {b"{", b"["}:
        return [_parse(document.decode("utf-8", "replace"), "the answer")], url
    tree = parse_page(body, content_type)
    return load_scripts(tree, recipe.script), find_base(tree, url)


def load_scripts(tree: Any, selector: str = "") -> list[Any]:
    """The data of a page: of the scripts that a selector names, else of the usual ones and what Next.js streams.

    Raises ValueError if nothing is found.
    """
    scripts = [each.text for each in select(tree, selector or SCRIPT) if each.text and each.text.strip()]
    streamed = {} if selector else read_flight(tree)
    if streamed:
        parsed = []
        with contextlib.suppress(ValueError):
            parsed = _parse_any(scripts)
        return [*parsed, streamed]
    if not scripts:
        raise ValueError(f"no script with JSON matches `{selector or SCRIPT}`")
    return _parse_any(scripts)


def _parse_any(scripts: Sequence[str]) -> list[Any]:
    """Those of several scripts that are JSON. Raises ValueError if all are broken."""
    found, broken = [], ValueError()
    for text in scripts:
        try:
            found.append(_parse(text, "the script"))
        except ValueError as error:
            broken = error
    if not found:
        raise broken
    return found


def _parse(text: str, what: str) -> Any:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{what} begins like JSON, but cannot be read ({error})") from error


def _say(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
