"""Recipes in words: what each place matched, and who makes a feed. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aggregator.addresses.urls import host_of
from aggregator.feeds.recipes.items import FieldMatch
from aggregator.locales import mark, t, tn
from aggregator.text.html import shorten
from aggregator.types import Feed, Recipe

NAMES = {
    "item": mark("posts"),
    "json": mark("posts"),
    "sitemap": mark("posts"),
    "title": mark("titles"),
    "link": mark("links"),
    "date": mark("dates"),
    "summary": mark("summaries"),
}
# Characters of a value that is shown.
_SHOWN = 60
# Services and programs that make feeds of others' pages.
_MAKERS = ("rsshub.app", "rss.app", "politepol.com", "fetchrss.com", "feed43.com", "openrss.org")
_REPOSITORY = re.compile(r"https://raw\.githubusercontent\.com/([\w.-]+/[\w.-]+)/")


def list_matches(matches: Sequence[FieldMatch]) -> list[str]:
    """``titles: 12 by `h3`: First · Second · Third``, a line a field."""
    said = []
    for match in matches:
        line = t("{name}: {number} by `{place}`", name=t(NAMES[match.name]), number=match.count, place=match.place)
        shown = " · ".join(shorten(value, _SHOWN) for value in match.values)
        said.append(f"{line}: {shown}" if shown else line)
    return said


def say_recipe(recipe: Recipe) -> str:
    """Say how a page is read."""
    if recipe.sitemap:
        return tn(
            "the pages of its sitemap at {pattern}, {number} new one at a visit",
            "the pages of its sitemap at {pattern}, {number} new ones at a visit",
            recipe.pages,
            pattern=recipe.sitemap,
        )
    place = recipe.json or recipe.item
    return t("the data of its page by {place}", place=place) if recipe.json else t("its page by {place}", place=place)


def say_maker(feed: Feed) -> str:
    """Say which third party makes the feed of a site; empty if the site does."""
    host = host_of(feed.url)
    if found := _REPOSITORY.match(feed.url):
        return found[1] if host_of(feed.site or "") not in {"", host} else ""
    return host if any(host == maker or host.endswith(f".{maker}") for maker in _MAKERS) else ""
