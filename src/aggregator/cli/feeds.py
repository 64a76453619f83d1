"""Feeds from the command line."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import typer
from rich.table import Table

from aggregator.app import Preview, preview_document, utc_now
from aggregator.cli.base import get_options, opened, out, print_json
from aggregator.collect.update import PreviewedEntry
from aggregator.storage.feeds import list_feed_states
from aggregator.types import Feed, FeedState, Outcome

app = typer.Typer(no_args_is_help=True, help="The feeds that are followed, and what documents give.")

Json = Annotated[bool, typer.Option("--json", help="Write JSON for a script to read.")]


@app.command("list")
def list_feeds(context: typer.Context, as_json: Json = False) -> None:
    """Show every feed with what came of its last visit."""
    with opened(context) as aggregator, aggregator.reading() as connection:
        states = list_feed_states(connection)
    if as_json:
        print_json([_describe(state) for state in states])
        return
    table = Table("key", "name", "last visit", "outcome", "entries")
    for state in states:
        visited = state.last_visit_at.strftime("%Y-%m-%d %H:%M") if state.last_visit_at else "never"
        outcome = (
            f"failed: {state.last_reason}" if state.last_outcome is Outcome.FAILED else str(state.last_outcome or "")
        )
        table.add_row(state.feed.key, state.feed.name, visited, outcome, str(state.entries))
    out.print(table)
    failed = sum(state.last_outcome is Outcome.FAILED for state in states)
    out.print(f"{len(states)} feeds, {failed} failed at their last visit.")


@app.command()
def preview(
    context: typer.Context,
    place: Annotated[str, typer.Argument(metavar="FILE-OR-URL", help="A feed document.")],
    url: Annotated[
        str, typer.Option(help="Where a file comes from; its relative links are resolved against this address.")
    ] = "http://localhost/",
    as_json: Json = False,
) -> None:
    """Show what a document would give; nothing is stored."""
    settings = get_options(context).load().settings
    found = asyncio.run(preview_document(place, settings, now=utc_now(), file_url=url))
    if as_json:
        print_json(_describe_document(place, found))
        return
    parsed = found.parsed
    out.print(f"{parsed.title or '(no title)'} · {parsed.version} · {len(parsed.entries)} entries", markup=False)
    if parsed.warning:
        out.print(f"warning: {parsed.warning}", markup=False)
    for previewed in found.entries:
        entry = previewed.entry
        date = f"{entry.published_at:%Y-%m-%d}" if entry and entry.published_at else "(no date) "
        title, address = (entry.title, entry.url) if entry else (previewed.item.title, "(no address)")
        out.print(f"{date}  {title}  {address}", markup=False)


def _describe(state: FeedState) -> dict[str, Any]:
    feed = {name: getattr(state.feed, name) for name in Feed.__slots__}
    return {**feed, **{name: getattr(state, name) for name in FeedState.__slots__ if name != "feed"}}


def _describe_document(place: str, found: Preview) -> dict[str, Any]:
    parsed = found.parsed
    return {
        "source": place,
        "version": parsed.version,
        "title": parsed.title,
        "site": parsed.site,
        "warning": parsed.warning,
        "entries": [_describe_entry(previewed) for previewed in found.entries],
    }


def _describe_entry(previewed: PreviewedEntry) -> dict[str, Any]:
    item, entry, post = previewed.item, previewed.entry, previewed.post
    return {
        "id": item.id,
        "url": entry.url if entry else None,
        "canonical_url": entry.canonical_url if entry else None,
        "title": entry.title if entry else item.title,
        "published_at": entry.published_at if entry else None,
        "published_from": entry.published_from if entry else None,
        "published_raw": item.published_raw or item.updated_raw,
        "month": post.month if post else None,
        "author": entry.author if entry else item.author,
        "tags": list(entry.tags if entry else item.tags),
        "language": post.language if post else None,
        "words": post.words if post else 0,
        "links": list(post.links) if post else [],
        "text": post.text if post else "",
    }
