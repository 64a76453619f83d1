"""Round-ups: what they link to."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from rich.table import Table

from aggregator import words
from aggregator.cli.base import Json, changing, describe, looking, out, print_json
from aggregator.cli.feed_table import clean
from aggregator.locales import t
from aggregator.words.reasons import say_reason

app = typer.Typer(
    name="roundups",
    no_args_is_help=True,
    help="Show and read what round-ups link to: feeds of that kind, and mails in a folder.",
)


@app.command("list")
def list_issues(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many of the newest issues.")] = 30,
    as_json: Json = False,
) -> None:
    """List the newest issues of round-ups, with the number of posts that each links to."""
    from aggregator.storage import roundups

    with looking(context) as aggregator, aggregator.reading() as connection:
        found = roundups.list_issues(connection, limit=limit)
        zone = aggregator.zone
    if as_json:
        rows = [describe(each.issue) | {"links": each.links, "waiting": each.waiting} for each in found]
        print_json([{name: value for name, value in row.items() if name != "linked"} for row in rows])
        return
    table = Table(t("found"), t("issue"), t("links"), t("to be read"), t("note"))
    for each in found:
        day, trouble = words.day(each.issue.found_at, zone), say_reason(each.issue.trouble or "")
        table.add_row(day, clean(each.issue.label), f"{each.links:,}", f"{each.waiting:,}", clean(trouble))
    out.print(table if found else t("No round-up was read yet."))


@app.command("read")
def read(context: typer.Context, as_json: Json = False) -> None:
    """Read new mails and some of the links that are due, as the daemon does every minute."""
    from aggregator.pipeline import search

    with changing(context) as aggregator:
        done = asyncio.run(aggregator.roundup_reader.read_due())
        search.index_new(aggregator.database)
    if as_json:
        print_json(done._asdict())
        return
    out.print(
        t(
            "{mails} mails, {issues} pages of issues and {links} links were read; {posts} posts are new.",
            mails=done.mails,
            issues=done.issues,
            links=done.links,
            posts=done.posts,
        )
    )
