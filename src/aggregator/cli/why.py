"""``aggregator why``: the reasons for the guessed section of a post."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from aggregator.cli.base import Json, Post, get_model_in_use, get_post_id, looking, out, print_json
from aggregator.locales import t

if TYPE_CHECKING:
    from aggregator.words.why import WhyView

app = typer.Typer()


@app.command()
def why(
    context: typer.Context,
    post: Post,
    as_json: Json = False,
) -> None:
    """Show the clues for a post's section and for the runner-up, and similar decided posts."""
    from aggregator.pipeline import publish
    from aggregator.words.sections import name_sections
    from aggregator.words.why import build_why

    with looking(context) as aggregator:
        post_id = get_post_id(aggregator, post)
        get_model_in_use(aggregator)
        found = aggregator.judge.explain(post_id)
        view = build_why(found, name_sections(publish.get_texts(aggregator)), aggregator.zone)
    if as_json:
        from aggregator.shapes.why import WhyShape

        print_json(WhyShape.of(found.explanation, view))
    else:
        _print_why(view)


def _print_why(view: WhyView) -> None:
    out.print(view.title, style="bold")
    for note in view.notes:
        out.print(note)
    for choice in view.choices:
        out.print(f"\n{choice.said}")
        for name, clues in choice.sides:
            out.print(t("For {name}:", name=name))
            for clue in clues:
                out.print(f"  {'█' * max(1, clue.width // 10):10} {clue.share}  {clue.name}")
        if not choice.sides:
            out.print(t("No clue in the post favours either."))
    for rule in view.rules:
        out.print(rule)
    for name, otherwise, posts in view.near.sides:
        out.print(f"\n{name}:" if posts else f"\n{otherwise}")
        for near in posts:
            out.print(f"{near.similarity:>4.0%}  {near.title} ({near.said}) {near.url or ''}")
