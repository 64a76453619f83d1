"""``aggregator login-link``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from aggregator.cli.base import looking, out

if TYPE_CHECKING:
    from aggregator.app import App

app = typer.Typer()


@app.command()
def login_link(context: typer.Context) -> None:
    """Show the link that logs in to the page."""
    with looking(context) as aggregator:
        out.print(name_link(aggregator, aggregator.settings.server.port), soft_wrap=True)


def name_link(app: App, port: int) -> str:
    """Return the link that logs in to the page at this port."""
    return f"{name_page(app, port)}/login?key={app.login_key}"


def name_page(app: App, port: int) -> str:
    """Return the address of the page at this port."""
    from aggregator.config.settings import is_every_address

    server = app.settings.server
    host = "127.0.0.1" if is_every_address(server.host) else server.host
    return server.public_url.rstrip("/") or f"http://{f'[{host}]' if ':' in host else host}:{port}"
