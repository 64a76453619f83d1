"""``aggregator evaluate titles``: how often a proposed title is the one that was printed."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.base import Json, out, print_json

if TYPE_CHECKING:
    from aggregator.evaluate.titles import Proposed


def register(app: typer.Typer) -> None:
    """Add the command to ``aggregator evaluate``."""
    app.command("titles")(evaluate_titles)


def evaluate_titles(
    data: Annotated[Path, typer.Option(help="JSONL of {url, original, printed}.")],
    rules: Annotated[bool, typer.Option("--rules", help="Measure the rules alone, and learn nothing.")] = False,
    misses: Annotated[
        bool, typer.Option("--misses", help="Also print the titles that were proposed otherwise.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Measure how well titles in house style are proposed.

    Each title is proposed by the rules and by what all other pairs of the file teach; the home folder is not read.
    """
    from aggregator.evaluate.json_lines import load_text
    from aggregator.evaluate.titles import measure_titles, propose_each, read_pairs

    proposed = propose_each(read_pairs(load_text(data), str(data)), rules_only=rules)
    measured = measure_titles(proposed)
    if as_json:
        print_json(asdict(measured))
        return
    out.print(
        f"{measured.n} titles: proposed as printed {measured.equal_share:.2f}, printed as they came "
        f"{measured.baseline_share:.2f}, brought closer {measured.closer_share:.2f}"
    )
    if misses:
        _print_misses([one for one in proposed if not one.is_equal])


def _print_misses(proposed: list[Proposed]) -> None:
    for one in proposed:
        for name, title in (("own", one.pair.original), ("proposed", one.title), ("printed", one.pair.printed)):
            out.print(f"{name:>9}  {title}", markup=False)
        out.print()
