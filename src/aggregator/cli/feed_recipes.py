"""``aggregator feeds recipe`` and ``aggregator feeds preview --recipe``."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import typer
from rich.text import Text

from aggregator.cli.base import changing, looking, out, print_json
from aggregator.cli.feed_table import clean
from aggregator.exceptions import FeedError, NotFoundError
from aggregator.locales import t, tn
from aggregator.words.reasons import say_reason
from aggregator.words.recipes import list_matches

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.feeds.recipes.items import FieldMatch
    from aggregator.types import Feed


def propose(
    context: typer.Context, url: str, example: str, told: Mapping[str, str], *, take: int, as_json: bool
) -> None:
    """Print the recipes that are proposed for a page; write the one numbered *take*, if that is not 0."""
    from aggregator.config.document import write_feed
    from aggregator.pipeline.listing import describe_feed
    from aggregator.pipeline.recipes import follow_page, make_feed

    with changing(context) if take else looking(context) as aggregator:
        proposals = asyncio.run(aggregator.recipe_finder.propose(url, example))
        if len(proposals.found) < max(1, take):
            raise FeedError(url, t("no list of posts was found; give the address of one post on it with --example"))
        given: dict[str, Any] = {name: value for name, value in told.items() if value}
        feeds = [replace(make_feed(proposals, one), **given) for one in proposals.found]
        if take:
            feed = feeds[take - 1]
            written = follow_page(aggregator, aggregator.feeds_file, feed.key, describe_feed(feed))
            said = t("is followed from its next visit on; it is written into {file}", file=written.file)
            if as_json:
                print_json({"key": feed.key, "file": str(written.file), "said": said})
            else:
                out.print(Text(f"{feed.key}: {clean(said)}"), soft_wrap=True)
            return
    if as_json:
        print_json(
            [_describe(feed, one.reading.list_matches()) for feed, one in zip(feeds, proposals.found, strict=True)]
        )
        return
    for number, (feed, one) in enumerate(zip(feeds, proposals.found, strict=True), 1):
        said = tn("{number} post", "{number} posts", len(one.reading.usable))
        out.print(Text(t("# Proposal {number}: {posts}", number=number, posts=said)))
        _print_matches(one.reading.list_matches(), before="#   ")
        out.print(Text(clean_lines(write_feed(feed.key, describe_feed(feed)))), soft_wrap=True)


def preview_recipe(context: typer.Context, place: str, key: str, *, as_json: bool) -> None:
    """Print what the recipe of a feed reads at an address."""
    with looking(context) as aggregator:
        feed = replace(_find_feed(aggregator, key), url=place)
        found = asyncio.run(aggregator.recipe_finder.preview(feed))
    if as_json:
        print_json({"usable": found.is_usable, "remarks": found.remarks, **_describe(feed, found.matches)})
    else:
        _print_matches(found.matches)
        for remark in found.remarks:
            out.print(Text(t("warning: {reason}", reason=clean(say_reason(remark)))), soft_wrap=True)
        for item in found.reading.usable:
            date = item.date or t("(no date) ")
            out.print(Text(f"{date}  {clean(item.title)}  {clean(item.link)}"), soft_wrap=True)
    if not found.is_usable:
        raise typer.Exit(1)


def _find_feed(aggregator: App, key: str) -> Feed:
    feed = next((feed for feed in aggregator.config.feeds if feed.key == key), None)
    if feed is None or feed.recipe is None:
        raise NotFoundError(t("no feed of feeds.toml with a recipe has the key {key}", key=repr(key)))
    return feed


def _print_matches(matches: Sequence[FieldMatch], before: str = "") -> None:
    for line in list_matches(matches):
        out.print(Text(f"{before}{clean(line)}"), soft_wrap=True)


def clean_lines(text: str) -> str:
    return "\n".join(map(clean, text.splitlines()))


def _describe(feed: Feed, matches: Sequence[FieldMatch]) -> dict[str, Any]:
    recipe = {name: value for name, value in asdict(feed.recipe).items() if value} if feed.recipe else {}
    return {"url": feed.url, "recipe": recipe, "matches": [asdict(match) for match in matches]}
