"""``aggregator posts``: which posts are the same article."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from aggregator.cli.base import Json, Post, changing, get_post_id, looking, out, print_json, tell_changes
from aggregator.locales import t, tn
from aggregator.words.copies import say_merged, say_split

app = typer.Typer(name="posts", no_args_is_help=True, help="Join posts that are the same article, and separate others.")


@app.command()
def merge(
    context: typer.Context,
    posts: Annotated[list[str], typer.Argument(help="Two or more numbers in the queue, or addresses.")],
    as_json: Json = False,
) -> None:
    """Join posts that are the same article; one of them is shown from then on."""
    from aggregator.pipeline import duplicates

    with changing(context) as aggregator:
        numbers = [get_post_id(aggregator, post) for post in posts]
        aggregator.judge.rank(duplicates.merge_posts(aggregator, numbers))
        with aggregator.reading() as connection:
            shown = duplicates.find_shown(connection, numbers[0])
    tell_changes([say_merged(shown.post)], shown, as_json=as_json)


@app.command()
def split(
    context: typer.Context,
    post: Post,
    other: Annotated[str | None, typer.Argument(help="The one post that is another article.")] = None,
    as_json: Json = False,
) -> None:
    """Separate a post from its copies, or from one of them; they are never joined again automatically."""
    from aggregator.pipeline import duplicates
    from aggregator.storage.candidates import get_candidate

    with changing(context) as aggregator:
        number = get_post_id(aggregator, post)
        if other:
            changed = duplicates.part_posts(aggregator, get_post_id(aggregator, other), number)
        else:
            changed = duplicates.split_post(aggregator, number)
        aggregator.judge.rank(changed)
        with aggregator.reading() as connection:
            candidate = get_candidate(connection, number)
    tell_changes([say_split(candidate.post)], candidate, as_json=as_json)


@app.command()
def copies(
    context: typer.Context,
    post: Annotated[
        str | None, typer.Argument(help="A post; without it, the pairs that you have to decide on.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show the copies of a post and its possible copies, with the evidence."""
    from aggregator.pipeline import duplicates
    from aggregator.shapes.copies import PairShape

    with looking(context) as aggregator:
        if post:
            couples = duplicates.list_couples_of(aggregator, get_post_id(aggregator, post))
        else:
            couples = duplicates.list_proposed_couples(aggregator)
    pairs = [PairShape.of(couple) for couple in couples]
    if as_json:
        print_json({"pairs": pairs})
        return
    table = Table(t("said"), t("post"), t("title"), t("post"), t("title"), t("why"))
    for pair in pairs:
        table.add_row(t(pair.said), str(pair.post), pair.title, str(pair.other), pair.other_title, "; ".join(pair.why))
    if pairs:
        out.print(table)
    out.print(tn("{number} pair.", "{number} pairs.", len(pairs)))
