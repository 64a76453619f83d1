"""The view of the page of recipes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aggregator.feeds.recipes.items import FieldMatch, Reading
from aggregator.feeds.recipes.read import ReadingPreview
from aggregator.locales import t, tn
from aggregator.pipeline.listing import describe_feed
from aggregator.pipeline.recipes import Proposals, make_feed
from aggregator.types import Feed, Kind
from aggregator.words.reasons import say_reason
from aggregator.words.recipes import NAMES

_PLACES = ("item", "json", "sitemap", "title", "link", "date", "summary", "script")
# Not shown, and kept.
_PAGES = "pages"
_OF_FEED = ("url", "name", "organisation", "language", "kind")
#: The fields of the form.
EMPTY: Mapping[str, str] = {
    **dict.fromkeys((*_OF_FEED, *_PLACES, _PAGES, "key", "example"), ""),
    "language": "en",
    "kind": Kind.COMPANY.value,
}
# Titles that are shown.
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it was sent, and what is wrong with it."""

    values: Mapping[str, str]
    #: The name of the wrong field; empty if nothing is wrong.
    field: str = ""
    mistake: str = ""


@dataclass(frozen=True, slots=True)
class MatchView:
    """What one field of a recipe matched."""

    name: str
    place: str
    count: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OtherView:
    """Another proposal: what it reads, and the values of its form."""

    said: str
    titles: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RecipeView:
    """The page."""

    typed: Typed
    #: How much was read; empty before anything was.
    said: str = ""
    matches: tuple[MatchView, ...] = ()
    #: Date, title and address of the first posts.
    posts: tuple[tuple[str, str, str], ...] = ()
    remarks: tuple[str, ...] = ()
    others: tuple[OtherView, ...] = ()


def read_table(values: Mapping[str, str]) -> dict[str, Any]:
    """The table of feeds.toml that a form says."""
    table: dict[str, Any] = {name: values[name] for name in _OF_FEED if values[name]}
    table["full_text"] = True
    table["recipe"] = {name: values[name] for name in _PLACES if values[name]}
    if (pages := values[_PAGES]).isdecimal():
        table["recipe"][_PAGES] = int(pages)
    return table


def fill_form(feed: Feed) -> dict[str, str]:
    """The form of a feed."""
    table = describe_feed(feed)
    recipe = table.pop("recipe", {})
    values = {name: str(value) for name, value in (table | recipe).items() if name in EMPTY}
    return {**EMPTY, **values, "key": feed.key}


def build_proposals(proposals: Proposals, example: str) -> RecipeView:
    """The page with the best proposal in its form, and the others below."""
    forms = [{**fill_form(make_feed(proposals, one)), "example": example} for one in proposals.found]
    best = proposals.found[0].reading
    others = tuple(
        OtherView(_say_posts(one.reading), " · ".join(item.title for item in one.reading.usable[:3]), form)
        for one, form in zip(proposals.found[1:], forms[1:], strict=True)
    )
    return _build(Typed(forms[0]), best, best.list_matches(), others=others)


def build_preview(typed: Typed, found: ReadingPreview) -> RecipeView:
    """The page with what a recipe reads."""
    remarks = tuple(say_reason(remark) for remark in found.remarks)
    return _build(typed, found.reading, found.matches, remarks=remarks)


def _build(
    typed: Typed,
    reading: Reading,
    matches: list[FieldMatch],
    *,
    remarks: tuple[str, ...] = (),
    others: tuple[OtherView, ...] = (),
) -> RecipeView:
    return RecipeView(
        typed,
        said=_say_posts(reading),
        matches=tuple(MatchView(t(NAMES[one.name]), one.place, f"{one.count:,}", one.values) for one in matches),
        posts=tuple((item.date or "", item.title, item.link) for item in reading.usable[:_SHOWN]),
        remarks=remarks,
        others=others,
    )


def _say_posts(reading: Reading) -> str:
    return tn("{number} post is read.", "{number} posts are read.", len(reading.usable))
