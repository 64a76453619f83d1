"""``aggregator weights``: showing, previewing and setting what counts in the ranking."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from aggregator.cli.base import Json, WantedMonth, changing, describe, looking, out, print_json, read_month
from aggregator.cli.completion import complete_months
from aggregator.exceptions import ConfigError
from aggregator.locales import t, tp
from aggregator.types import Candidate, Month, Override, Texts

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.rank.effect import Effect, Shift

app = typer.Typer(
    name="weights", invoke_without_command=True, help="Show and set what counts in the ranking, over feeds.toml."
)

Pairs = Annotated[
    list[str],
    typer.Argument(metavar="NAME VALUE…", help="Such as weights.depth 0.5, or depth 0.5; more pairs may follow."),
]
MonthOption = Annotated[
    str | None,
    typer.Option("--month", help="Such as 2022-12; by default the one to review.", autocompletion=complete_months),
]

_MOVED = 10


@app.callback()
def show(context: typer.Context, as_json: Json = False) -> None:
    """Show the weights and quotas in use, and those of feeds.toml that differ."""
    from aggregator.config import list_weights
    from aggregator.pipeline import weights
    from aggregator.pipeline import weights as stored

    if context.invoked_subcommand is not None:
        return
    with looking(context) as aggregator:
        listed, overridden = list_weights(aggregator.settings), list_weights(weights.get_settings_in_force(aggregator))
        with aggregator.reading() as connection:
            history = stored.list_history(connection, 1_000_000 if as_json else 10)
    if as_json:
        print_json(
            {
                "weights": overridden,
                "feeds_toml": listed,
                "history": [describe(override) for override in history],
            }
        )
        return
    table = Table(t("name"), t("value"), "feeds.toml", title=t("Weights and quotas"))
    for name, value in overridden.items():
        said = t("nothing") if name not in listed else f"{listed[name]:g}"
        table.add_row(name, f"{value:g}", "" if listed.get(name) == value else said)
    out.print(table)
    for override in history:
        said = t("{name}: {value}, by {curator}", name=override.name, value=_say_value(override), curator=override.by)
        out.print(f"{override.at:%Y-%m-%d %H:%M}  {said}")


@app.command("set")
def set_weights(context: typer.Context, pairs: Pairs, as_json: Json = False) -> None:
    """Override weights or quotas of feeds.toml, and rank the months under review again."""
    from aggregator.pipeline import weights

    with changing(context) as aggregator:
        _rank_and_print(aggregator, weights.set_overrides(aggregator, _read_pairs(aggregator, pairs)), as_json)


@app.command()
def reset(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(help="Names; by default all of them.")] = None,
    as_json: Json = False,
) -> None:
    """Go back to the weights and quotas of feeds.toml."""
    from aggregator.pipeline import weights

    with changing(context) as aggregator:
        if names:
            made = weights.set_overrides(aggregator, dict.fromkeys(_find_name(aggregator, name) for name in names))
        else:
            made = weights.reset_overrides(aggregator)
        _rank_and_print(aggregator, made, as_json)


@app.command()
def preview(context: typer.Context, pairs: Pairs, month: MonthOption = None, as_json: Json = False) -> None:
    """Show what other weights would do to a month; nothing is stored."""
    from aggregator.pipeline import publish, weights
    from aggregator.storage.candidates import list_candidates_by_id
    from aggregator.words.placement import say_cause, say_effect

    with looking(context) as aggregator:
        wanted = read_month(aggregator, month)
        effect = aggregator.judge.try_overrides(
            wanted, weights.plan_overrides(aggregator, _read_pairs(aggregator, pairs)), most=_MOVED
        )
        ids = [shift.post_id for each in (effect.entered, effect.left, effect.moved) for shift in each]
        with aggregator.reading() as connection:
            candidates = {one.post.id: one for one in list_candidates_by_id(connection, ids)}
        texts = publish.get_texts(aggregator)
    if as_json:
        print_json(_describe_effect(wanted, effect, candidates, texts))
        return
    for title, shifts in (
        (t("Would enter the shortlist"), effect.entered),
        (t("Would leave it"), effect.left),
        (t("Others that would move most"), effect.moved),
    ):
        if shifts:
            table = Table(t("rank"), tp("column", "to"), t("title"), t("why"), title=title)
            for shift in shifts:
                candidate = candidates[shift.post_id]
                why = say_cause(shift, candidate, texts)
                table.add_row(str(shift.before.rank), str(shift.after.rank), candidate.post.title, why)
            out.print(table)
    nothing = t("Nothing is stored.")
    out.print(f"{say_effect(wanted, effect)} {nothing}")


@app.command()
def quotas(
    context: typer.Context,
    month: WantedMonth = None,
    as_json: Json = False,
) -> None:
    """Show how full the quotas of a month are, by section and source; nothing is stored."""
    from aggregator.pipeline.quotas import fill_quotas

    with looking(context) as aggregator:
        wanted = read_month(aggregator, month)
        filled = fill_quotas(aggregator, wanted, aggregator.judge.get_limits(wanted))
    if as_json:
        from aggregator.shapes.quotas import QuotasShape

        print_json(QuotasShape.of(wanted, filled))
        return
    for title, rows in ((t("section"), filled.sections), (t("source"), filled.sources)):
        table = Table(title, t("at most"), t("proposed"), t("approved"))
        for row in rows:
            table.add_row(str(row.name), str(row.most), str(row.proposed), str(row.approved))
        out.print(table)
    message = t(
        "{proposed} of at most {most} posts are proposed for {month}.",
        proposed=filled.proposed,
        most=filled.size,
        month=wanted,
    )
    out.print(message)


def _read_pairs(aggregator: App, pairs: Sequence[str]) -> dict[str, str]:
    if len(pairs) % 2:
        raise typer.BadParameter(t("give one or more pairs of a name and a value"))
    return {_find_name(aggregator, name): value for name, value in zip(pairs[::2], pairs[1::2], strict=True)}


def _find_name(aggregator: App, name: str) -> str:
    """Find the full name of a weight or quota, given in full or by its last part. Raises ConfigError."""
    from aggregator.config import list_weights

    if "." in name:
        return name if name.startswith(("weights.", "shortlist.")) else f"shortlist.{name}"
    known = {each.partition(".")[2]: each for each in list_weights(aggregator.settings)}
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        said = t("is not a weight or a quota")
        if near:
            said = t("is not a weight or a quota; did you mean {near}?", near=near[0])
        raise ConfigError(said, file=t("the change"), key=name)
    return known[name]


def _rank_and_print(aggregator: App, made: Sequence[Override], as_json: bool) -> None:
    from aggregator.pipeline import months

    if made:
        aggregator.judge.rank_reviewed(months.find_open_month(aggregator))
    if as_json:
        print_json([describe(override) for override in made])
        return
    for override in made:
        out.print(f"{override.name}: {_say_value(override)}")
    if not made:
        out.print(t("Nothing changed."))


def _say_value(override: Override) -> str:
    return t("as in feeds.toml") if override.value is None else f"{override.value:g}"


def _describe_effect(month: Month, effect: Effect, candidates: Mapping[int, Candidate], texts: Texts) -> dict[str, Any]:
    from aggregator.words.placement import say_cause

    def describe(shift: Shift) -> dict[str, Any]:
        candidate = candidates[shift.post_id]
        return {
            "post": shift.post_id,
            "title": candidate.post.title,
            "url": candidate.post.url,
            "rank": shift.before.rank,
            "to": shift.after.rank,
            "why": say_cause(shift, candidate, texts),
        }

    return {
        "month": str(month),
        "entered": [describe(shift) for shift in effect.entered],
        "left": [describe(shift) for shift in effect.left],
        "moved": [describe(shift) for shift in effect.moved],
        "total": effect.total,
        "shortlist": list(effect.sizes),
    }
