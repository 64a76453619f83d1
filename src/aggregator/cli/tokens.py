"""``aggregator token``: what programs use the API with."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from aggregator.cli.base import Json, changing, looking, out, print_json
from aggregator.locales import t, tp
from aggregator.types import Token

app = typer.Typer(name="token", no_args_is_help=True, help="Add, list and remove the tokens of the API.")

Name = Annotated[str, typer.Argument(help="Letters, digits and ._-; the history says it of each action.")]


@app.command()
def add(
    context: typer.Context,
    name: Name,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="It may only read; a feed reader may carry it in the address.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make a token, and show its secret this once."""
    from aggregator.pipeline import tokens

    with changing(context) as aggregator:
        token, secret = tokens.add_token(aggregator, name, is_read_only=read_only)
    if as_json:
        return print_json(_describe(token) | {"secret": secret})
    out.print(secret, soft_wrap=True)
    return out.print(t("Keep it now: it is not stored, and cannot be shown again."))


@app.command("list")
def list_all(context: typer.Context, as_json: Json = False) -> None:
    """Show the tokens: their names, what they may do, and when they were last used."""
    from aggregator import words
    from aggregator.pipeline import tokens

    with looking(context) as aggregator:
        found, zone = tokens.list_tokens(aggregator), aggregator.zone
    if as_json:
        return print_json([_describe(token) for token in found])
    if not found:
        return out.print(t("No token exists yet. `aggregator token add NAME` makes one."))
    table = Table(t("token"), t("may"), t("made"), t("last used"))
    for token in found:
        used = words.day_and_time(token.used_at, zone) if token.used_at else t("never")
        may = tp("a token may", "read") if token.is_read_only else t("read and change")
        table.add_row(token.name, may, words.day_and_time(token.made_at, zone), used)
    return out.print(table)


@app.command()
def remove(context: typer.Context, name: Name, as_json: Json = False) -> None:
    """Remove a token; programs that have it are refused from now on."""
    from aggregator.pipeline import tokens

    with changing(context) as aggregator:
        tokens.remove_token(aggregator, name)
    if as_json:
        return print_json({"removed": name})
    return out.print(t("Token {name} removed.", name=name))


def _describe(token: Token) -> dict[str, object]:
    return {"name": token.name, "read_only": token.is_read_only, "made_at": token.made_at, "used_at": token.used_at}
