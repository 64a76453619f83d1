"""``aggregator login-link``."""

from __future__ import annotations

import os

import typer

from aggregator.cli.base import err, out
from aggregator.cli.options import get_options
from aggregator.locales import t

app = typer.Typer()


@app.command()
def login_link(context: typer.Context) -> None:
    """Show the link that logs in to the page of the running daemon."""
    from aggregator.exceptions import NotFoundError
    from aggregator.lock import find_serving
    from aggregator.places import find_home, list_demos
    from aggregator.storage.secrets import LOGIN_KEY, get_secret

    options = get_options(context)
    home = (options.home or find_home(os.environ)).expanduser()
    homes = {home: "", **dict.fromkeys(list_demos(home), "  " + t("(the demo)"))}
    found = [(folder, serving) for folder in homes if (serving := find_serving(folder))]
    if not found:
        raise NotFoundError(
            t(
                "no daemon serves {home}; if one is just starting, try again in a moment, "
                "else start it with `{command} run` or `make run`",
                home=home,
                command=options.command,
            )
        )
    for folder, serving in found:
        link = f"{serving.page}/login"
        if serving.takes_links:
            link = name_link(serving.page, get_secret(folder, LOGIN_KEY, may_make=False))
        else:
            said = t("Log in with the password; `{command} password` sets another.", command=options.command)
            err.print(said, soft_wrap=True)
        # The first line is the link alone, for scripts.
        out.print(link + (homes[folder] if len(found) > 1 else ""), soft_wrap=True)


def name_link(page: str, key: str) -> str:
    """Return the link that logs in to a page."""
    return f"{page}/login?key={key}"
