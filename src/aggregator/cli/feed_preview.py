"""``aggregator feeds preview``."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli.base import Json, out, print_json
from aggregator.cli.completion import complete_feeds
from aggregator.cli.options import get_options
from aggregator.locales import t, tn
from aggregator.words.feeds import hide
from aggregator.words.reasons import say_reason

if TYPE_CHECKING:
    from aggregator.feeds.drafts import PreviewedEntry
    from aggregator.pipeline.preview import Preview


def preview(
    context: typer.Context,
    place: Annotated[str, typer.Argument(metavar="FILE-OR-URL", help="A feed document.")],
    url: Annotated[
        str, typer.Option(help="The address of a file's document; relative links are resolved against it.")
    ] = "http://localhost/",
    recipe: Annotated[
        str | None,
        typer.Option(help="Read it by the recipe of this feed of feeds.toml.", autocompletion=complete_feeds),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show the posts that a document would give; nothing is stored."""
    if recipe is not None:
        from aggregator.cli.feed_recipes import preview_recipe

        preview_recipe(context, place, recipe, as_json=as_json)
        return
    from aggregator.app import utc_now
    from aggregator.pipeline.network import open_retriever
    from aggregator.pipeline.preview import preview_document

    settings = get_options(context).load().settings
    retriever = open_retriever(settings.visits)
    found = asyncio.run(preview_document(place, retriever, now=utc_now(), zone=settings.zone, file_url=url))
    if as_json:
        print_json(_describe_document(place, found))
        return
    parsed = found.parsed
    entries = tn("{number} entry", "{number} entries", len(parsed.entries))
    title = parsed.title or t("(no title)")
    out.print(f"{title} · {parsed.version} · {entries}")
    if parsed.warning:
        out.print(t("warning: {reason}", reason=say_reason(parsed.warning)))
    for previewed in found.entries:
        entry = previewed.entry
        date = f"{entry.published_at:%Y-%m-%d}" if entry and entry.published_at else t("(no date) ")
        title, address = (entry.title, entry.url) if entry else (previewed.item.title, t("(no address)"))
        out.print(f"{date}  {title}  {address}")


def _describe_document(place: str, found: Preview) -> dict[str, Any]:
    parsed = found.parsed
    return {
        "source": hide(place),
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
