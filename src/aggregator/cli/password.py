"""``aggregator password``: the password of the page."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from aggregator.cli.base import Json, beginning, changing, tell_changes
from aggregator.locales import t

app = typer.Typer()


@app.command()
def password(
    context: typer.Context,
    from_input: Annotated[bool, typer.Option("--stdin", help="Read it from standard input, for scripts.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Remove it.")] = False,
    as_json: Json = False,
) -> None:
    """Set the password of the page, or remove it; all sessions end."""
    from aggregator.pipeline.passwords import remove_password, set_password

    if from_input and remove:
        raise typer.BadParameter(t("give --stdin or --remove, not both"))
    if remove:
        with changing(context) as aggregator:
            ended = remove_password(aggregator.database)
        said = t("The password is removed. Sessions ended: {number}", number=ended)
        return tell_changes([t("No password is set.") if ended is None else said], as_json=as_json)
    given = _read() if from_input else _ask()
    with beginning(context) as aggregator:
        ended = set_password(aggregator.database, given)
    said = t("The password is set. Sessions ended: {number}", number=ended)
    unchanged = t("That is the password already; nothing was changed.")
    return tell_changes([unchanged if ended is None else said], as_json=as_json)


def _read() -> str:
    try:
        text = sys.stdin.buffer.read().decode()
    except UnicodeDecodeError as error:
        raise typer.BadParameter(t("the password on standard input is not in UTF-8")) from error
    return text.removesuffix("\n").removesuffix("\r")


def _ask() -> str:
    if not sys.stdin.isatty():
        raise typer.BadParameter(t("standard input is not a terminal; with --stdin the password is read from there"))
    again = t("The same again")
    return str(typer.prompt(t("New password"), hide_input=True, confirmation_prompt=again, err=True))
