"""``aggregator sessions``: the browsers that are logged in to the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from aggregator.cli.base import Json, changing, describe, looking, out, print_json, tell_changes
from aggregator.locales import t
from aggregator.storage.numbers import LAST_ID

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.pipeline.sessions import Sessions

app = typer.Typer(
    name="sessions",
    no_args_is_help=True,
    help="List the browsers that are logged in to the page, and end their sessions.",
)


@app.command("list")
def list_sessions(context: typer.Context, as_json: Json = False) -> None:
    """Show the sessions of the page: their browsers, when they began and when they were last used."""
    from aggregator import words
    from aggregator.words.sessions import say_browser

    with looking(context) as aggregator:
        found, zone = _open_sessions(aggregator).list(), aggregator.zone
    if as_json:
        return print_json([describe(session) for session in found])
    if not found:
        return out.print(t("Nobody is logged in."))
    table = Table(t("session"), t("browser"), t("began"), t("last used"))
    for session in found:
        began, used = (words.day_and_time(moment, zone) for moment in (session.began_at, session.used_at))
        table.add_row(str(session.id), say_browser(session.browser), began, used)
    return out.print(table)


@app.command()
def end(
    context: typer.Context,
    number: Annotated[
        int | None, typer.Argument(metavar="SESSION", min=1, max=LAST_ID, help="Its number; `sessions list` shows it.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="End all of them.")] = False,
    as_json: Json = False,
) -> None:
    """End one session or all; the browsers have to log in again."""
    if (number is None) is not every:
        raise typer.BadParameter(t("give the number of one session, or --all"))
    with changing(context) as aggregator:
        sessions = _open_sessions(aggregator)
        if number is None:
            message = t("Sessions ended: {number}", number=sessions.end_all())
        else:
            sessions.end(number)
            message = t("Session {number} ended", number=number)
    tell_changes([message], as_json=as_json)


def _open_sessions(app: App) -> Sessions:
    from aggregator.pipeline.sessions import Sessions

    return Sessions(app.login_key, app.database, app.session_clock)
