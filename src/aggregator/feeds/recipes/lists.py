"""Lists of objects in the data of a page that may be its posts, and the recipes that read them. Pure and linear."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from aggregator.addresses.urls import canonicalise_url
from aggregator.feeds.recipes.items import absolute
from aggregator.types import Recipe

#: Lists that are looked at, and items of each.
_MOST_LISTS = 40
_MOST_NODES = 100_000
_DEEPEST = 16
_ITEMS_LOOKED_AT = 30
_FEWEST_ITEMS = 2
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# The likeliest first.
_TITLES = ("title", "headline", "name", "subject")
_LINKS = ("url", "link", "href", "permalink", "path", "canonicalUrl")
_SLUGS = ("slug", "id", "_id", "postId")
_DATES = (
    *("publishedAt", "published_at", "datePublished", "publishDate", "publishedOn", "pubDate", "date", "createdAt"),
    *("created_at", "postedAt", "regDate", "_createdAt"),
)
_SUMMARIES = ("summary", "excerpt", "description", "subtitle")


def list_recipes(documents: Sequence[Any], links: Sequence[str], base: str) -> Iterator[Recipe]:
    """Recipes for lists whose objects have a title and an address.

    Addresses that objects only have the end of (a slug) are completed as *links* are, absolute addresses of posts on
    the page or given as an example; what no link confirms is not guessed.
    """
    known = {canonicalise_url(link) for link in links}
    ends = {link.partition("?")[0].rstrip("/").rpartition("/")[2]: link for link in links}
    for path, objects in _list_lists(documents):
        title = _choose(objects, _TITLES)
        link = _choose(objects, _LINKS) or _complete(objects, ends, known, base)
        if title and link:
            date, summary = _choose(objects, _DATES), _choose(objects, _SUMMARIES)
            yield Recipe(json=path, title=title, link=link, date=date, summary=summary)


def _list_lists(documents: Sequence[Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The lists of objects in documents, with the JMESPath of each; the outer ones first."""
    waiting: list[tuple[str, Any, int]] = [("", each, 0) for each in documents]
    found, place = 0, 0
    while place < len(waiting) and place < _MOST_NODES and found < _MOST_LISTS:
        path, value, depth = waiting[place]
        place += 1
        if isinstance(value, dict) and depth < _DEEPEST:
            waiting += [(f"{path}.{_quote(name)}".lstrip("."), each, depth + 1) for name, each in value.items()]
        elif isinstance(value, list) and len(value) >= _FEWEST_ITEMS and all(isinstance(each, dict) for each in value):
            is_wrapped = all(isinstance(each.get("node"), dict) for each in value)
            found += 1
            yield (f"{path}[].node", [each["node"] for each in value]) if is_wrapped else (path or "@", value)


def _quote(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else json.dumps(name)


def _choose(objects: Sequence[dict[str, Any]], names: Sequence[str]) -> str:
    """The first name that has a text in most objects; empty if none has."""
    looked_at = objects[:_ITEMS_LOOKED_AT]
    for name in names:
        said = sum(isinstance(each.get(name), str) and bool(each[name].strip()) for each in looked_at)
        if said >= 0.8 * len(looked_at):
            return name
    return ""


def _complete(objects: Sequence[dict[str, Any]], ends: Mapping[str, str], known: Collection[str], base: str) -> str:
    """How the end of an address is completed to one that is known."""
    for name in _SLUGS:
        for each in objects[:_ITEMS_LOOKED_AT]:
            slug = str(each.get(name, ""))
            if slug and (link := ends.get(slug)):
                start = link[: link.rindex(slug)]
                if canonicalise_url(absolute(base, f"{start}{slug}")) in known and "'" not in start:
                    return f"join('', ['{start}', to_string({_quote(name)})])"
    return ""
