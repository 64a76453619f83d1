"""``aggregator talk``: what other places say of posts, and how these places answer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from aggregator.cli.base import Json, changing, get_post_id, looking, out, print_json
from aggregator.locales import t, tn

if TYPE_CHECKING:
    from aggregator.app import App

app = typer.Typer(name="talk", no_args_is_help=True, help="Show and ask what other places say of posts.")

_Post = Annotated[
    str | None, typer.Argument(help="A post's number in the queue, or its address; by default all places.")
]


@app.command()
def show(context: typer.Context, post: _Post = None, as_json: Json = False) -> None:
    """Show what other places say of a post, or how these places answered last."""
    with looking(context) as aggregator:
        if post is None:
            _show_places(aggregator, as_json=as_json)
        else:
            _show_post(aggregator, get_post_id(aggregator, post), as_json=as_json)


@app.command()
def ask(
    context: typer.Context,
    post: Annotated[
        str | None, typer.Argument(help="A post's number in the queue, or its address; by default those that are due.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Ask the places of talk.sources about a post now, or about some that are due; what they say is ranked."""
    with changing(context) as aggregator:
        if not aggregator.settings.talk.asked:
            raise typer.BadParameter(t("No place is asked; talk.sources of feeds.toml is empty."))
        asker = aggregator.talk_asker
        if post is None:
            stored = asyncio.run(asker.ask_due())
        else:
            stored = asyncio.run(asker.ask_post(post_id := get_post_id(aggregator, post)))
        if stored:
            aggregator.judge.rank_reviewed(aggregator.current_month)
        if post is not None:
            _show_post(aggregator, post_id, as_json=as_json)
        else:
            _show_places(aggregator, as_json=as_json, stored=stored)


def _show_post(aggregator: App, post_id: int, *, as_json: bool) -> None:
    from aggregator.storage.candidates import get_candidate
    from aggregator.storage.talk import list_heard
    from aggregator.words.talk import build_talk

    with aggregator.reading() as connection:
        post, heard = get_candidate(connection, post_id).post, list_heard(connection, post_id)
    found = build_talk(heard, post.published_at)
    if as_json:
        from aggregator.shapes.talk import TalkShape

        print_json([TalkShape.of(view) for view in found])
        return
    out.print(post.title, style="bold")
    for view in found:
        out.print(" ".join(filter(None, [view.place, view.said, view.grown and f"({view.grown})", view.url])))
    if not found:
        out.print(t("Nobody is known to talk about it."))


def _show_places(aggregator: App, *, as_json: bool, stored: int | None = None) -> None:
    from aggregator.storage.talk import list_states
    from aggregator.types import TalkState
    from aggregator.words.talk import build_places

    asked = aggregator.settings.talk.asked
    with aggregator.reading() as connection:
        states = list_states(connection)
    if as_json:
        from aggregator.shapes.talk import PlaceShape

        places = [PlaceShape.of(states.get(source, TalkState(source))) for source in asked]
        print_json({"places": places} | ({} if stored is None else {"stored": stored}))
        return
    if not asked:
        out.print(t("No place is asked; talk.sources of feeds.toml is empty."))
        return
    if stored is not None:
        out.print(tn("{number} count was stored.", "{number} counts were stored.", stored))
    table = Table(t("place"), t("state"), t("asked last"))
    for view in build_places(asked, states, aggregator.now, aggregator.zone):
        said = f"{view.said}: {view.reason}" if view.reason else view.said
        table.add_row(view.name, said, view.asked.said if view.asked else t("never"))
    out.print(table)
