"""``aggregator evaluate list``: what would have been proposed of the curator's own list."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aggregator.cli.base import Json, looking, out, print_json
from aggregator.locales import t


def register(app: typer.Typer) -> None:
    """Add the command to ``aggregator evaluate``."""
    app.command("list")(evaluate_list)


def evaluate_list(
    context: typer.Context,
    issues: Annotated[int, typer.Option(min=1, max=120, help="How many of the last issues are tested.")] = 6,
    first: Annotated[
        int | None, typer.Option(min=1, help="How many posts are proposed; by default as feeds.toml says.")
    ] = None,
    picture: Annotated[Path | None, typer.Option(help="Also write the picture of the answer into this file.")] = None,
    as_json: Json = False,
) -> None:
    """Say which lines of your list would have been proposed: each issue is ranked only from the lines of earlier
    issues, among all posts that feeds and archives gave of its month.
    """
    from aggregator.files import write_whole
    from aggregator.pipeline.own_list import ask, find_answer
    from aggregator.pipeline.texts import find_texts
    from aggregator.shapes.own_list import AnswerShape
    from aggregator.words import own_list as words
    from aggregator.words.own_list_picture import draw_answer

    with looking(context) as app:
        answer = find_answer(app.database, ask(app, issues, first))
        with app.reading() as connection:
            texts = find_texts(app, connection)
    if picture:
        write_whole(picture, draw_answer(answer, texts))
    if as_json:
        print_json(AnswerShape.of(answer))
        return
    for said in words.say_answer(answer, texts):
        out.print(said, soft_wrap=True)
    for issue in answer.issues:
        out.print(f"{issue.month.name}: {words.say_issue(issue, answer.first)}", soft_wrap=True)
        for line in issue.placed:
            out.print(f"  {line.place:>5,}  {line.title}", soft_wrap=True)
    if picture:
        out.print(t("Wrote {file}.", file=picture), soft_wrap=True)
