"""``aggregator model``: the versions of the section model."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from aggregator.cli.base import Json, changing, describe, looking, out, print_json, tell_changes
from aggregator.locales import t
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
        models = [describe(one) for one in learning.models]
        print_json({"new_decisions": learning.new_decisions, **heard, "models": models})
        return
    table = Table(t("version"), t("made"), "", t("decisions"), t("right (in use then)"), t("reason"))
    for model in learning.models:
        fit = build_fit(model, zone)
        used = t("pinned") if model.pinned_at else t("in use")
        state = used if model.in_use else t(model.acceptance)
        table.add_row(fit.version, fit.made, state, str(fit.decisions), fit.compared, fit.reason)
    out.print(table)
    said = say_next_fit(learning, after_decisions=rhythm.after_decisions, nightly_hour=rhythm.nightly_hour)
    out.print(said)
    for one in learning.heard:
        out.print(say_heard(one, texts))


@app.command()
def fit(
    context: typer.Context,
    anyway: Annotated[bool, typer.Option("--anyway", help="Use it even if it is worse on held-out decisions.")] = False,
    as_json: Json = False,
) -> None:
    """Learn from all decisions now, compare the new model with the one in use, and use it if it is not worse."""
    from aggregator.words.model import name_origin, say_reason

    with changing(context) as aggregator:
        before = aggregator.learner.find_version()
        model = aggregator.learner.fit(anyway=anyway)
        told = [
            f"{model.version}: {t(model.acceptance)}. {say_reason(model)}",
            ", ".join(f"{count:,} {name_origin(origin)}" for origin, count in model.rows.items()),
        ]
        is_known = model.version == before
        if is_known:
            told = [t("There is nothing new to learn; {version} stays in use.", version=model.version)]
        elif model.acceptance is Acceptance.TAKEN:
            told += _guess_again(aggregator)
        elif model.acceptance is Acceptance.OFFERED:
            told.append(
                t("Another model is pinned; `aggregator model use {version}` uses this one.", version=model.version)
            )
    tell_changes(told, as_json=as_json)
    if not is_known and model.acceptance not in {Acceptance.TAKEN, Acceptance.OFFERED}:
        raise typer.Exit(1)


@app.command()
def use(context: typer.Context, version: Version, as_json: Json = False) -> None:
    """Use a version from now on; new ones do not replace it until `aggregator model unpin`."""
    with changing(context) as aggregator:
        told = _pin(aggregator, aggregator.learner.use(version))
    tell_changes(told, as_json=as_json)


@app.command()
def back(context: typer.Context, as_json: Json = False) -> None:
    """Use the version that was in use before; new ones do not replace it until `aggregator model unpin`."""
    with changing(context) as aggregator:
        told = _pin(aggregator, aggregator.learner.go_back())
    tell_changes(told, as_json=as_json)


@app.command()
def unpin(context: typer.Context, as_json: Json = False) -> None:
    """Let new models replace the pinned one again; it stays in use until one does."""
    with changing(context) as aggregator:
        aggregator.learner.unpin()
        version = aggregator.learner.find_version()
    tell_changes([t("{version} stays in use until a new model replaces it.", version=version)], as_json=as_json)


def _pin(aggregator: App, model: FittedModel) -> list[str]:
    """Guess again by a model that was chosen; return what to say."""
    said = t(
        "{version} is in use and pinned; `aggregator model unpin` lets new models replace it.", version=model.version
    )
    return [said, *_guess_again(aggregator)]


def _guess_again(aggregator: App) -> list[str]:
    months = aggregator.judge.classify()
    aggregator.judge.rank(months)
    named = ", ".join(map(str, sorted(months)))
    return [t("Guessed and ranked again: {months}.", months=named)] if months else []
