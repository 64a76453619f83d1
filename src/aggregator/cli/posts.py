"""``aggregator posts``: which posts are the same article, and what one offers for its note."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from aggregator.cli.base import Json, Post, changing, get_post_id, looking, out, print_json, tell_changes
from aggregator.locales import t, tn
from aggregator.words.copies import say_merged, say_split

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.pipeline.drafting import Drafter

app = typer.Typer(
    name="posts", no_args_is_help=True, help="Join and separate copies, and see what a post offers for its note."
)


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
def note(
    context: typer.Context,
    post: Post,
    draft: Annotated[bool, typer.Option("--draft", help="Have a language model draft the note.")] = False,
    show_prompt: Annotated[
        bool, typer.Option("--show-prompt", help="Show what would be sent for a draft; nothing is sent.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show what a post offers for its note, or a draft of it; of a draft only is stored that it was made."""
    with (changing if draft else looking)(context) as aggregator:
        number = get_post_id(aggregator, post)
        if show_prompt:
            _show_prompt(aggregator.drafter, number, as_json=as_json)
        elif draft:
            _show_draft(aggregator.drafter, number, as_json=as_json)
        else:
            _show_hints(aggregator, number, as_json=as_json)


def _show_prompt(drafter: Drafter, number: int, *, as_json: bool) -> None:
    from aggregator.shapes.drafting import PromptShape

    shown = PromptShape.of(drafter.gather(number).prompt, drafter.host, drafter.settings.model)
    if as_json:
        print_json(shown)
    else:
        out.print(f"{shown.system}\n\n{shown.user}", soft_wrap=True)


def _show_draft(drafter: Drafter, number: int, *, as_json: bool) -> None:
    import asyncio

    from aggregator.shapes.drafting import DraftShape
    from aggregator.words.drafting import list_unfound, say_draft

    made = asyncio.run(drafter.draft(drafter.gather(number)))
    if as_json:
        print_json(DraftShape.of(made))
        return
    out.print(say_draft(made), soft_wrap=True)
    out.print(f"\n{made.text}\n", soft_wrap=True)
    for said in list_unfound(made):
        out.print(said, soft_wrap=True)
    for source in made.sources:
        out.print(f"- {source}", soft_wrap=True)


def _show_hints(aggregator: App, number: int, *, as_json: bool) -> None:
    from aggregator.pipeline import hints
    from aggregator.shapes.posts import HintShape
    from aggregator.storage.candidates import get_candidate
    from aggregator.words.hints import say_hint

    with aggregator.reading() as connection:
        candidate = get_candidate(connection, number)
    offered = hints.propose(aggregator, candidate)
    note = (candidate.correction and candidate.correction.note) or ""
    if as_json:
        print_json({"note": note, "hints": [HintShape.of(hint) for hint in offered]})
        return
    out.print(note or t("It has no note."), soft_wrap=True)
    for hint in offered:
        out.print(f"\n{hint.text}\n  {say_hint(hint)}", soft_wrap=True)


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
