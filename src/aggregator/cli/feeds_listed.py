"""``aggregator feeds find``, ``add``, ``remove``, ``rename``, ``export`` and ``import``: what feeds.toml lists."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.base import Json, beginning, changing, looking, out, print_json, tell_changes
from aggregator.cli.completion import complete_feeds
from aggregator.cli.feed_fields import (
    CategoriesOption,
    FullTextOption,
    KindOption,
    LanguageOption,
    NameOption,
    OrganisationOption,
    SiteOption,
    TagsOption,
    WeightOption,
    WordsOption,
    read_fields,
    read_filter,
)
from aggregator.cli.feed_table import clean
from aggregator.exceptions import NotFoundError
from aggregator.locales import t, tn
from aggregator.words.feeds import hide

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.pipeline.discovery import Discovery

Address = Annotated[str, typer.Argument(metavar="URL", help="The address of a site, a page or a feed.")]
_Key = Annotated[
    str, typer.Argument(help="The key of a feed; `aggregator feeds list` shows them.", autocompletion=complete_feeds)
]


def _discover(aggregator: App, url: str) -> Discovery:
    """Find the feeds behind an address. Raises NotFoundError, in the present language."""
    from aggregator.words.discovery import say_not_found

    try:
        return asyncio.run(aggregator.discoverer.find(url))
    except NotFoundError as error:
        raise NotFoundError(say_not_found(error)) from error


def find(context: typer.Context, url: Address, as_json: Json = False) -> None:
    """Show the feeds behind an address, with their newest titles; nothing is stored."""
    from aggregator.shapes.discovery import FoundFeedShape
    from aggregator.words.discovery import say_found

    with looking(context) as aggregator:
        found = _discover(aggregator, url).found
        now = aggregator.now
    if as_json:
        print_json([FoundFeedShape.of(each) for each in found])
        return
    for number, each in enumerate(found, 1):
        followed = t("followed already as {key}", key=each.followed_as) if each.followed_as else each.feed.key
        out.print(f"{number}. {clean(each.feed.name)} ({followed})", soft_wrap=True)
        out.print(f"   {hide(each.feed.url)}\n   {say_found(each, now)}", soft_wrap=True)
        for post in each.sample.posts:
            out.print(f"   - {clean(post.title)}", soft_wrap=True)


def add(
    context: typer.Context,
    url: Address,
    pick: Annotated[int, typer.Option(help="Which of the feeds that `feeds find` shows.", min=0)] = 0,
    key: Annotated[str | None, typer.Option(help="Its key; by default made of its address.")] = None,
    name: NameOption = None,
    organisation: OrganisationOption = None,
    language: LanguageOption = None,
    kind: KindOption = None,
    weight: WeightOption = None,
    tags: TagsOption = None,
    site: SiteOption = None,
    full_text: FullTextOption = None,
    only_words: WordsOption = None,
    only_categories: CategoriesOption = None,
    as_json: Json = False,
) -> None:
    """Find the feed behind an address, and follow it: it is written into feeds.toml."""
    from aggregator.pipeline import listing
    from aggregator.words.discovery import list_notes, say_added

    changes = read_fields(
        name=name,
        organisation=organisation,
        language=language,
        kind=kind,
        weight=weight,
        tags=tags,
        site=site,
        full_text=full_text,
    )
    changes |= read_filter(None, only_words, only_categories)
    with beginning(context) as aggregator:
        discovery = _discover(aggregator, url)
        if pick > len(discovery.found):
            raise NotFoundError(t("only {number} feeds were found", number=len(discovery.found)))
        chosen = discovery.found[pick - 1] if pick else discovery.best
        if chosen is None or chosen.followed_as:
            followed = chosen or discovery.found[0]
            told = [t("{url} is followed already as {key}", url=hide(followed.feed.url), key=followed.followed_as)]
        else:
            table = listing.change_proposal(chosen.feed, changes)
            written = listing.add_feeds(aggregator, aggregator.feeds_file, {key or chosen.feed.key: table})
            told = [f"{hide(chosen.feed.url)}: {say_added(written)}", *list_notes(written)]
        others = len(discovery.found) - 1
        if others and not pick:
            said = tn("{number} other feed was found", "{number} other feeds were found", others)
            told.append(t("{others}; `aggregator feeds find` shows all", others=said))
    tell_changes(told, as_json=as_json)


def remove(context: typer.Context, key: _Key, as_json: Json = False) -> None:
    """Take a feed out of feeds.toml; it is not visited any more, and its posts stay."""
    from aggregator.pipeline import listing
    from aggregator.words.discovery import list_notes, say_removed

    with changing(context) as aggregator:
        written = listing.remove_feed(aggregator, aggregator.feeds_file, key)
    tell_changes([say_removed(written), *list_notes(written)], as_json=as_json)


def rename(
    context: typer.Context,
    key: _Key,
    new: Annotated[str, typer.Argument(metavar="NEW", help="The new key: lower-case letters, digits, - and _.")],
    as_json: Json = False,
) -> None:
    """Give a feed another key; its entries, posts, visits and signals stay with it."""
    from aggregator.pipeline import listing
    from aggregator.words.discovery import list_notes, say_renamed

    with changing(context) as aggregator:
        written = listing.rename_feed(aggregator, aggregator.feeds_file, key, new)
    tell_changes([say_renamed(written, key), *list_notes(written)], as_json=as_json)


def export(
    context: typer.Context,
    toml: Annotated[
        bool, typer.Option("--toml/--opml", help="The whole feeds.toml with its settings, or OPML for other programs.")
    ] = False,
) -> None:
    """Write the list of feeds to standard output."""
    from aggregator.config import read_feeds_file
    from aggregator.pipeline.exchange import export_opml

    with looking(context, tell=False) as aggregator:
        text = read_feeds_file(aggregator.config.file) if toml else export_opml(aggregator)
    sys.stdout.buffer.write(text.encode())


def import_list(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="OPML of another program, or a feeds.toml; - is standard input.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be added.")] = False,
    as_json: Json = False,
) -> None:
    """Add the feeds of a list to feeds.toml; those that are followed already stay as they are."""
    from aggregator.pipeline import listing
    from aggregator.pipeline.exchange import plan_import
    from aggregator.shapes.discovery import ImportShape
    from aggregator.words.discovery import list_notes, say_added, say_plan

    try:
        body = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise NotFoundError(t("{path} cannot be read: {error}", path=file, error=error.strerror)) from error
    told = []
    with (looking if dry_run else beginning)(context) as aggregator:
        plan = plan_import(aggregator, body, str(file))
        if plan.new and not dry_run:
            written = listing.add_feeds(aggregator, aggregator.feeds_file, plan.new)
            told = [say_added(written), *list_notes(written)]
    if as_json:
        print_json(ImportShape.of(plan))
        return
    out.print(f"{say_plan(plan)}.", soft_wrap=True)
    for key, table in plan.new.items():
        out.print(f"+ {key}: {clean(str(table['name']))} {hide(str(table['url']))}", soft_wrap=True)
    for name, said in plan.refused:
        out.print(f"! {clean(name)}: {clean(said)}", soft_wrap=True)
    for said in told:
        out.print(said, soft_wrap=True)
