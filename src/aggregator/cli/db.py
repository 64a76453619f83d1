"""``aggregator db``: what is stored as a whole: moved, kept and checked."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from aggregator.cli.base import Json, err, out, print_json, progress_bar
from aggregator.cli.options import get_options
from aggregator.files import write_whole
from aggregator.locales import t

app = typer.Typer(name="db", no_args_is_help=True, help="Back up, move, check and thin out all that is stored.")

_Force = Annotated[bool, typer.Option("--force", help="Replace all that is stored here.")]


@app.command("export")
def export(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(help="By default standard output.")] = None,
) -> None:
    """Write all rows as lines of JSON, as they are at one moment; for SQLite and PostgreSQL the same."""
    from aggregator.pipeline.moving import export_rows

    config = get_options(context).load()

    def write(opened: BinaryIO) -> None:
        with progress_bar(t("Rows"), None) as progress:
            export_rows(config, opened, progress)

    if file is None:
        write(sys.stdout.buffer)
    else:
        write_whole(file, write, mode=0o600)


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[typer.FileBinaryRead, typer.Argument(help="What `db export` wrote; - is standard input.")],
    force: _Force = False,
    as_json: Json = False,
) -> None:
    """Fill an empty database with exported rows, all or none."""
    from aggregator.pipeline.moving import import_rows

    config = get_options(context).load()
    with progress_bar(t("Rows"), None) as progress:
        moved = import_rows(config, file, replaces=force, progress=progress)
    if as_json:
        return print_json({"revision": moved.revision, "rows": moved.rows, "mended": moved.mended})
    _tell_rows(moved.rows)
    for row in moved.mended:
        err.print(t("{row}: a sign that PostgreSQL does not store (NUL) was replaced", row=row))
    return None


def _tell_rows(rows: Mapping[str, int]) -> None:
    for name, count in rows.items():
        if count:
            out.print(f"{count:>10,}  {name}")
    out.print(t("Rows in all: {number}", number=f"{sum(rows.values()):,}"))
