"""``aggregator model``: the versions of the section model."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from aggregator.cli.base import Json, changing, looking, out, print_json
from aggregator.types import Acceptance, FittedModel

if TYPE_CHECKING:
    from aggregator.app import App

app = typer.Typer(name="model", no_args_is_help=True, help="List, fit and choose versions of the section model.")

Version = Annotated[str, typer.Argument(help="A version, or a unique part of its name.")]


@app.command("list")
def list_all(context: typer.Context, as_json: Json = False) -> None:
    """Show all versions, newest first, and what became of each."""
    from aggregator.pipeline import publish
    from aggregator.words.model import build_fit, say_heard, say_next_fit

    with looking(context) as aggregator:
        learning = aggregator.learner.look()
        zone, rhythm, texts = aggregator.zone, aggregator.settings.learning, publish.get_texts(aggregator)
    if as_json:
        heard = {"heard": [asdict(one) for one in learning.heard]} if learning.heard else {}
        models = [_describe(one) for one in learning.models]
        print_json({"new_decisions": learning.new_decisions, **heard, "models": models})
        return
    table = Table("version", "made", "", "decisions", "right (in use then)", "reason")
    for model in learning.models:
        fit = build_fit(model, zone)
        state = ("pinned" if model.pinned_at else "in use") if model.in_use else str(model.acceptance)
        figures = ", ".join(f"{one.axis.lower()} {one.new} ({one.in_use})" for one in fit.figures)
        table.add_row(fit.version, fit.made, state, str(fit.decisions), figures, fit.reason)
    out.print(table)
    said = say_next_fit(learning, after_decisions=rhythm.after_decisions, nightly_hour=rhythm.nightly_hour)
    out.print(said)
    for one in learning.heard:
        out.print(say_heard(one, texts))


@app.command()
def fit(
    context: typer.Context,
    anyway: Annotated[bool, typer.Option("--anyway", help="Use it even if it is worse on held-out decisions.")] = False,
) -> None:
    """Learn from all decisions now, compare the new model with the one in use, and use it if it is not worse."""
    from aggregator.words.model import name_origin

    with changing(context) as aggregator:
        before = aggregator.learner.find_version()
        model = aggregator.learner.fit(anyway=anyway)
        if model.version == before:
            out.print(f"There is nothing new to learn; {model.version} stays in use.")
            return
        out.print(f"{model.version}: {model.acceptance}. {model.reason}")
        out.print(", ".join(f"{count:,} {name_origin(origin)}" for origin, count in model.rows.items()))
        if model.acceptance is Acceptance.TAKEN:
            _guess_again(aggregator)
        elif model.acceptance is Acceptance.OFFERED:
            out.print(f"Another model is pinned; `aggregator model use {model.version}` uses this one.")
        else:
            raise typer.Exit(1)


@app.command()
def use(context: typer.Context, version: Version) -> None:
    """Use a version from now on; new ones do not replace it until `aggregator model unpin`."""
    with changing(context) as aggregator:
        _confirm_pinned(aggregator, aggregator.learner.use(version))


@app.command()
def back(context: typer.Context) -> None:
    """Use the version that was in use before; new ones do not replace it until `aggregator model unpin`."""
    with changing(context) as aggregator:
        _confirm_pinned(aggregator, aggregator.learner.go_back())


@app.command()
def unpin(context: typer.Context) -> None:
    """Let new models replace the pinned one again; it stays in use until one does."""
    with changing(context) as aggregator:
        aggregator.learner.unpin()
        out.print(f"{aggregator.learner.find_version()} stays in use until a new model replaces it.")


def _confirm_pinned(aggregator: App, model: FittedModel) -> None:
    out.print(f"{model.version} is in use and pinned; `aggregator model unpin` lets new models replace it.")
    _guess_again(aggregator)


def _guess_again(aggregator: App) -> None:
    months = aggregator.judge.classify()
    aggregator.judge.rank(months)
    if months:
        out.print(f"Guessed and ranked again: {', '.join(map(str, sorted(months)))}.")


def _describe(model: FittedModel) -> dict[str, Any]:
    return {name: getattr(model, name) for name in FittedModel.__slots__}
