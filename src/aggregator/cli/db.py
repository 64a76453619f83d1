"""``aggregator db``: what is stored as a whole: moved, kept and checked."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from aggregator.cli.base import Json, changing, describe, err, looking, out, print_json, progress_bar, read_month
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
    return _tell_mended(moved.mended)


def _tell_mended(rows: Iterable[str]) -> None:
    for row in rows:
        err.print(t("{row}: a sign that PostgreSQL does not store (NUL) was replaced", row=row))


def _tell_rows(rows: Mapping[str, int]) -> None:
    for name, count in rows.items():
        if count:
            out.print(f"{count:>10,}  {name}")
    out.print(t("Rows in all: {number}", number=f"{sum(rows.values()):,}"))


@app.command()
def backup(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="By default a new file in the folder backups of the home.")
    ] = None,
    check_only: Annotated[bool, typer.Option("--check", help="Read a backup and compare it with its sums.")] = False,
    as_json: Json = False,
) -> None:
    """Write all of the home into one file, also while the daemon runs; secrets stay out."""
    from aggregator.app import utc_now
    from aggregator.pipeline.backup import back_up, check_backup, name_backup

    config = get_options(context).load()
    if check_only:
        if file is None:
            raise typer.BadParameter(t("name the backup to check"))
        made = check_backup(file)
    else:
        file = file or name_backup(config, utc_now())
        with progress_bar(t("Rows"), None) as progress:
            made = back_up(config, file, progress)
    if as_json:
        return print_json({"file": file, **describe(made)})
    _tell_rows(made.rows)
    out.print(t("Files beside the database: {number}", number=len(made.files)))
    out.print(t("{file} is whole; tables of revision {revision}", file=file, revision=made.revision), soft_wrap=True)
    return None


@app.command()
def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="What `db backup` wrote.")],
    force: _Force = False,
    as_json: Json = False,
) -> None:
    """Fill an empty home with a backup, whole or not at all; older tables are brought up to date."""
    from aggregator.pipeline import backup

    config = get_options(context).load()
    with progress_bar(t("Rows"), None) as progress:
        restored = backup.restore(config, file, replaces=force, progress=progress)
    if as_json:
        return print_json(describe(restored) | {"manifest": describe(restored.manifest)})
    _tell_rows(restored.manifest.rows)
    _tell_mended(restored.mended)
    if restored.keeps_feeds:
        out.print(t("feeds.toml stays as it is; the one in the backup was not taken"))
    said = t("Restored as of {moment}; the search is made again by the daemon", moment=restored.manifest.made_at)
    out.print(said, soft_wrap=True)
    return None


@app.command()
def upgrade(context: typer.Context, as_json: Json = False) -> None:
    """Bring the tables up to date by hand, which the daemon does at its start."""
    from aggregator.lock import lock_home
    from aggregator.storage.database import Aim, Database

    config = get_options(context).load()
    database = Database(config.database, Aim.CHANGE, config.settings.taxonomy)
    try:
        (before,) = database.require_tables()
        with lock_home(config.home):
            database.hold()
            database.prepare()
        (after,) = database.list_revisions()
    finally:
        database.close()
    if as_json:
        return print_json({"from": before, "to": after})
    if before == after:
        return out.print(t("The tables are up to date: revision {revision}", revision=after))
    return out.print(t("The tables are upgraded from revision {before} to {after}", before=before, after=after))


@app.command()
def check(context: typer.Context, as_json: Json = False) -> None:
    """Check all that is stored and say what is wrong, with exit status 1; nothing is written."""
    from aggregator.pipeline.moving import list_faults

    faults = list_faults(get_options(context).load())
    if as_json:
        print_json({"faults": faults})
    elif not faults:
        out.print(t("All is well."))
    else:
        for fault in faults:
            out.print(fault, soft_wrap=True)
    if faults:
        raise typer.Exit(1)


@app.command()
def forget(
    context: typer.Context,
    before: Annotated[str, typer.Option(help="Posts of earlier months, such as 2024-01.", metavar="MONTH")],
    difference: Annotated[bool, typer.Option("--difference", help="Only show what would be deleted.")] = False,
    as_json: Json = False,
) -> None:
    """Delete old posts that nobody decided about; it cannot be undone. Labels and printed posts stay."""
    from aggregator.pipeline import retention

    with looking(context) if difference else changing(context) as aggregator:
        month = read_month(aggregator, before)
        if difference:
            forgotten = retention.preview(aggregator, month)
        else:
            with progress_bar(t("Posts"), None) as progress:
                forgotten = retention.forget(aggregator, month, progress)
            aggregator.database.give_back_space()
    if as_json:
        return print_json(describe(forgotten) | {"is_done": not difference})
    _tell_rows(forgotten.rows)
    if forgotten.is_held_back:
        out.print(t("Nothing from {month} on is deleted: it is open.", month=forgotten.before.name), soft_wrap=True)
    if difference:
        return out.print(t("Nothing is deleted yet. It cannot be undone: `aggregator db backup` first."))
    return out.print(t("Deleted, and the space is given back."))
