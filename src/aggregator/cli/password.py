"""``aggregator password``: the password of the page."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from aggregator.cli.base import Json, beginning, changing, tell_changes

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
        raise typer.BadParameter("give --stdin or --remove, not both")
    if remove:
        with changing(context) as aggregator:
            ended = remove_password(aggregator.database)
        said = _say("The password is removed", ended, otherwise="No password is set.")
        return tell_changes([said], as_json=as_json)
    given = _read() if from_input else _ask()
    with beginning(context) as aggregator:
        ended = set_password(aggregator.database, given)
    said = _say("The password is set", ended, otherwise="That is the password already; nothing was changed.")
    return tell_changes([said], as_json=as_json)


def _read() -> str:
    try:
        text = sys.stdin.buffer.read().decode()
    except UnicodeDecodeError as error:
        raise typer.BadParameter("the password on standard input is not in UTF-8") from error
    return text.removesuffix("\n").removesuffix("\r")


def _ask() -> str:
    if not sys.stdin.isatty():
        raise typer.BadParameter("standard input is not a terminal; with --stdin the password is read from there")
    return str(typer.prompt("New password", hide_input=True, confirmation_prompt="The same again", err=True))


def _say(done: str, ended: int | None, *, otherwise: str) -> str:
    return otherwise if ended is None else f"{done}. Sessions ended: {ended}"
