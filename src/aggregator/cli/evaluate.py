"""``aggregator evaluate``: how good the guesses are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli import evaluate_list, evaluate_rank, evaluate_titles
from aggregator.cli.base import Json, get_model_in_use, looking, out, print_json, progress_bar
from aggregator.cli.guess_figures import (
    describe_figures,
    print_details,
    print_figures,
    print_groups,
    print_scope,
    sum_up_group,
)
from aggregator.exceptions import NotFoundError
from aggregator.locales import mark, t, tn
from aggregator.locales.retelling import retell
from aggregator.shipped import SHIPPED
from aggregator.types import Month

if TYPE_CHECKING:
    from aggregator.classify.model import SectionModel
    from aggregator.classify.training import Row
    from aggregator.evaluate.holdout import Held

app = typer.Typer(
    name="evaluate", no_args_is_help=True, help="Measure guesses and ranking on posts that were not learned from."
)


evaluate_list.register(app)
evaluate_rank.register(app)
evaluate_titles.register(app)

_FOLDED = mark("shipped rows, 5 folds by publisher")
_SHIPPED = mark("shipped rows, {name}")
_DIGEST = mark("digest {month}, by earlier ones")
_SETS = (_FOLDED, _SHIPPED, _DIGEST, "Korean", "English")


@app.command()
def classify(
    context: typer.Context,
    data: Annotated[
        Path | None,
        typer.Option(help="JSONL of {title, url, text?, organisation?, part, topic, scope?, alt?, sure?}."),
    ] = None,
    current: Annotated[
        bool,
        typer.Option("--current", help="With --data: measure the model in use, not one fitted to the shipped rows."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Measure how well sections are guessed.

    With --data, the model is fitted in memory to the rows that come with the program, and the home folder is neither
    read nor written; --current measures the model of the home folder instead. A post out of scope has "scope": "out"
    and does not need part and topic; "alt" is a second answer that is as good (part/topic, or "out"); "sure": false
    marks a doubtful label. Intervals come from 500 draws of the posts. Without --data, the shipped rows are
    cross-validated by publisher, and the posts of each published digest are guessed by a model that knows only earlier
    digests.
    """
    if data is None:
        if current:
            raise typer.BadParameter(t("--current goes with --data; without it, new models are fitted"))
        _measure_held_out(context, as_json=as_json)
    else:
        _measure_data(context, data, current=current, as_json=as_json)


# --- a file ---


def _measure_data(context: typer.Context, data: Path, *, current: bool, as_json: bool) -> None:
    # Imported late: scikit-learn takes a second, and most commands do not need a model.
    from aggregator.pipeline.evaluate import load_examples, measure_examples

    model = _get_current(context) if current else None
    examples = load_examples(data, model.taxonomy if model else SHIPPED)
    model = model or _fit_shipped()
    measured = measure_examples(model, examples)
    if as_json:
        groups = {name: sum_up_group(group, model.taxonomy) for name, group in measured.groups.items()}
        speed = {"n": measured.n, "posts_per_second": round(measured.posts_per_second, 1)}
        print_json(groups["all"] | speed | {"groups": groups})
        return
    out.print(
        tn(
            "{version}: {number} post, {speed} posts/s",
            "{version}: {number} posts, {speed} posts/s",
            measured.n,
            version=model.version,
            speed=f"{measured.posts_per_second:,.0f}",
        )
    )
    print_groups(data.name, measured.groups, model.taxonomy)
    if sections := measured.groups["all"].sections:
        print_details(sections)


def _fit_shipped() -> SectionModel:
    from aggregator.classify.model import fit_model
    from aggregator.classify.training import load_shipped_rows

    return fit_model(load_shipped_rows())


def _get_current(context: typer.Context) -> SectionModel:
    with looking(context) as app:
        return get_model_in_use(app)


# --- held-out posts ---


def _measure_held_out(context: typer.Context, *, as_json: bool) -> None:
    from aggregator.classify.training import load_shipped_rows
    from aggregator.evaluate.holdout import cross_validate, hold_out_months, measure_held, measure_held_scope

    rows = load_shipped_rows()
    with progress_bar(t("fitting"), None) as progress:
        folded = cross_validate(rows)
        progress(1)
        replayed: list[tuple[Month, list[Held]]] = []
        for month, held in hold_out_months(rows, _gather_printed(context)):
            replayed.append((month, held))
            progress(1)
    sets: list[tuple[str, list[Held]]] = [(_FOLDED, folded)]
    sets += [(_SHIPPED.format(name=name), held) for name, held in _split(folded)]
    sets += [(_DIGEST.format(month=month), held) for month, held in replayed]
    figures = [(name, measure_held(held)) for name, held in sets if any(each.row.section for each in held)]
    scope = measure_held_scope(folded)
    if as_json:
        print_json({"sets": {name: describe_figures(each) for name, each in figures}, "scope": asdict(scope)})
        return
    print_figures([(retell(name, _SETS), each) for name, each in figures], SHIPPED)
    print_scope([(t(_FOLDED), scope, {})])
    print_details(figures[0][1])


def _gather_printed(context: typer.Context) -> Sequence[tuple[Month, Sequence[Row]]]:
    """Return the published months of the home folder, if there is one."""
    from aggregator.classify.training import serves
    from aggregator.pipeline.evaluate import gather_printed

    try:
        with looking(context) as app, app.reading() as connection:
            return gather_printed(connection) if serves(app.taxonomy) else []
    except NotFoundError:
        return []


def _split(held: Sequence[Held]) -> list[tuple[str, list[Held]]]:
    """Split by language and by part."""
    inside = [each for each in held if each.row.section is not None]
    sets = {
        mark("Korean"): [each for each in inside if each.row.document.title.hangul],
        mark("English"): [each for each in inside if not each.row.document.title.hangul],
    }
    for each in inside:
        if each.row.section is not None:
            sets.setdefault(str(each.row.section.part), []).append(each)
    return [(name, rows) for name, rows in sets.items() if rows]
