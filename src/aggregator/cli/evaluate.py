"""How good the guesses are, from the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from aggregator.cli import evaluate_rank
from aggregator.cli.base import err, get_model_in_use, looking, out, print_json, progress_bar
from aggregator.exceptions import NotFoundError
from aggregator.files import write_whole
from aggregator.types import Month

if TYPE_CHECKING:
    from aggregator.classify.evaluate import AxisFigures
    from aggregator.classify.holdout import Figures, Held
    from aggregator.classify.model import SectionModel
    from aggregator.classify.training import Row

app = typer.Typer(
    name="evaluate", no_args_is_help=True, help="How good guesses are, measured on posts that were not learned from."
)


evaluate_rank.register(app)


@app.command()
def classify(
    context: typer.Context,
    data: Annotated[
        Path | None,
        typer.Option(help="JSONL of {title, url, summary?, text?, organisation?, part, topic} to measure on."),
    ] = None,
    current: Annotated[
        bool, typer.Option("--current", help="With --data: the model in use, not one of the shipped rows alone.")
    ] = False,
    picture: Annotated[Path | None, typer.Option(help="Write how sure and how right guesses are as SVG.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON for a script to read.")] = False,
) -> None:
    """Measure how well sections are guessed.

    With --data the model is fitted in memory from the rows that the program ships, and nothing of the home folder is
    read or written; --current takes the model of the home folder instead. Without --data the shipped rows are
    cross-validated by publisher, and every digest that was published is guessed by a model that knows earlier ones.
    """
    if data is None:
        if current:
            raise typer.BadParameter("--current goes with --data; without it models are fitted anew")
        _measure_held_out(context, picture, as_json=as_json)
    else:
        _measure_data(context, data, picture, current=current, as_json=as_json)


# --- a file ---


def _measure_data(context: typer.Context, data: Path, picture: Path | None, *, current: bool, as_json: bool) -> None:
    # Imported late: scikit-learn takes a second, and most commands need no model.
    from aggregator.pipeline.evaluate import load_examples, measure_examples

    examples = load_examples(data)
    model = _get_current(context) if current else _fit_shipped()
    measured = measure_examples(model, examples)
    figures = measured.figures
    if picture:
        _write_picture(picture, {"part": figures.part, "topic": figures.topic})
    if as_json:
        print_json(
            {
                "topic": _sum_up(figures.topic),
                "part": _sum_up(figures.part),
                "aws": asdict(figures.aws),
                "n": measured.n,
                "posts_per_second": round(measured.posts_per_second, 1),
            }
        )
        return
    out.print(f"{model.version}: {measured.n} posts, {measured.posts_per_second:,.0f} posts/s")
    _print_figures([(data.name, figures)])
    _print_details(figures)


def _fit_shipped() -> SectionModel:
    from aggregator.classify.model import fit_model
    from aggregator.classify.training import load_shipped_rows

    return fit_model(load_shipped_rows())


def _get_current(context: typer.Context) -> SectionModel:
    with looking(context) as app:
        return get_model_in_use(app)


# --- what was held out ---


def _measure_held_out(context: typer.Context, picture: Path | None, *, as_json: bool) -> None:
    from aggregator.classify.holdout import cross_validate, measure_held, measure_scope, replay_months
    from aggregator.classify.training import load_shipped_rows

    rows = load_shipped_rows()
    with progress_bar("fitting", None) as progress:
        folded = cross_validate(rows)
        progress(1)
        replayed: list[tuple[Month, list[Held]]] = []
        for month, held in replay_months(rows, _gather_printed(context)):
            replayed.append((month, held))
            progress(1)
    sets: list[tuple[str, list[Held]]] = [("shipped rows, 5 folds by publisher", folded)]
    sets += [(f"shipped rows, {name}", held) for name, held in _split(folded)]
    sets += [(f"digest {month}, by earlier ones", held) for month, held in replayed]
    figures = [(name, measure_held(held)) for name, held in sets if any(each.row.section for each in held)]
    scope = measure_scope(folded)
    whole = figures[0][1]
    if picture:
        _write_picture(picture, {"part": whole.part, "topic": whole.topic, "in scope": scope})
    if as_json:
        print_json({"sets": {name: asdict(each) for name, each in figures}, "scope": asdict(scope)})
        return
    _print_figures(figures)
    out.print(f"in scope or not: right {scope.accuracy:.3f}, macro-F1 {scope.macro_f1:.3f}, ECE {scope.ece:.3f}")
    _print_details(whole)


def _gather_printed(context: typer.Context) -> Sequence[tuple[Month, Sequence[Row]]]:
    """Of the home folder, where there is one."""
    from aggregator.pipeline.evaluate import gather_printed

    try:
        with looking(context) as app, app.reading() as connection:
            return gather_printed(connection)
    except NotFoundError:
        return []


def _split(held: Sequence[Held]) -> list[tuple[str, list[Held]]]:
    """By language and by part."""
    inside = [each for each in held if each.row.section is not None]
    sets = {
        "Korean": [each for each in inside if each.row.document.title.hangul],
        "English": [each for each in inside if not each.row.document.title.hangul],
    }
    for each in inside:
        if each.row.section is not None:
            sets.setdefault(str(each.row.section.part), []).append(each)
    return [(name, rows) for name, rows in sets.items() if rows]


# --- how it is told ---


def _sum_up(figures: AxisFigures) -> dict[str, float]:
    return {
        "accuracy": figures.accuracy,
        "macro_f1": figures.macro_f1,
        "top2_accuracy": figures.top2_accuracy,
        "ece": figures.ece,
    }


def _print_figures(sets: Sequence[tuple[str, Figures]]) -> None:
    table = Table("posts", "n", "axis", "right", "macro-F1", "among first two", "ECE", "AWS: precision, recall, F1")
    for name, figures in sets:
        aws = " ".join(f"{each:.3f}" for each in (figures.aws.precision, figures.aws.recall, figures.aws.f1))
        for axis, each in (("topic", figures.topic), ("part", figures.part)):
            numbers = [f"{number:.3f}" for number in _sum_up(each).values()]
            # Over rows of one part alone, figures of the part say nothing.
            if axis == "topic" or sum(map(any, each.confusion)) > 1:
                table.add_row(name, f"{each.n:,}", axis, *numbers, aws if axis == "part" else "")
    out.print(table)


def _print_details(figures: Figures) -> None:
    for axis, each in (("topic", figures.topic), ("part", figures.part)):
        table = Table(f"true {axis}", *(f"guessed {name}" for name in each.classes))
        for name, row in zip(each.classes, each.confusion, strict=True):
            table.add_row(name, *map(str, row))
        out.print(table)
        table = Table(f"{axis}: probability", "guesses", "sure, in the mean", "right")
        for held in each.reliability:
            sure = f"{held.low:.1f} to {held.high:.1f}"
            if held.n:
                table.add_row(sure, str(held.n), f"{held.confidence:.3f}", f"{held.right:.3f}")
        out.print(table)


def _write_picture(file: Path, axes: Mapping[str, AxisFigures]) -> None:
    from aggregator.classify.picture import draw_reliability

    write_whole(file, draw_reliability({name: each.reliability for name, each in axes.items()}))
    err.print(f"wrote {file}")
