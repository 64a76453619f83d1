"""``aggregator add``."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.base import Json, beginning, err, looking, out, print_json
from aggregator.cli.completion import complete_months, complete_sections
from aggregator.locales import t

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.types import ReadPost

app = typer.Typer()


@app.command()
def add(
    context: typer.Context,
    address: Annotated[str, typer.Argument(help="The address of the post.")],
    title: Annotated[str | None, typer.Option(help="Its title, if what is read is wrong.")] = None,
    organisation: Annotated[str | None, typer.Option(help="Who publishes it.")] = None,
    day: Annotated[str | None, typer.Option(help="When it was published, such as 2022-12-05.")] = None,
    month: Annotated[
        str | None, typer.Option(help="The month whose candidate it is to be.", autocompletion=complete_months)
    ] = None,
    section: Annotated[
        str | None, typer.Option(help="Such as 2.4, or part/topic.", autocompletion=complete_sections)
    ] = None,
    note: Annotated[str | None, typer.Option(help="The note of its line, in Markdown.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what is read; nothing is stored.")] = False,
    as_json: Json = False,
) -> None:
    """Add a post by its address: it is read, and becomes a candidate."""
    from aggregator.pipeline.adding import FIELDS, add_post, read_details
    from aggregator.shapes.adding import ReadShape
    from aggregator.shapes.changes import ChangeShape
    from aggregator.words.adding import say_added

    given = (title, organisation, day, month, section, note)
    with looking(context) if dry_run else beginning(context) as aggregator:
        details = read_details(aggregator, {name: value or "" for name, value in zip(FIELDS, given, strict=True)})
        read = asyncio.run(aggregator.post_reader.read(address))
        if not as_json:
            _tell(aggregator, read)
        if dry_run:
            if as_json:
                print_json(ReadShape.of(read))
            return
        added = add_post(aggregator, read, details)
        aggregator.judge.judge_added({added.candidate.post.month})
    if as_json:
        print_json(ChangeShape(message=say_added(added), is_new=added.is_new).about(added.candidate))
    else:
        out.print(say_added(added), soft_wrap=True)


def _tell(aggregator: App, read: ReadPost) -> None:
    """Print what was read."""
    from aggregator.pipeline.adding import find_known, suggest_organisation
    from aggregator.words.adding import list_facts, say_trouble

    known = find_known(aggregator, read)
    out.print(read.title or t("without a title"), soft_wrap=True)
    out.print("  " + " · ".join(list_facts(read, suggest_organisation(aggregator, read), aggregator.zone)))
    if known:
        out.print("  " + t("known as post {number}: {title}", number=known.post.id, title=known.post.title))
    if trouble := say_trouble(read):
        err.print(trouble, soft_wrap=True)
