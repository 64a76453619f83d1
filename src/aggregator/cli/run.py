"""The daemon and the demo."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import sys
import threading
import webbrowser
from pathlib import Path
from typing import Annotated

import structlog
import typer
import uvicorn

from aggregator.app import App, open_app
from aggregator.cli.base import get_options, opened, out, set_up_logs
from aggregator.demo.play import demo_clock, load_demo, play_feeds
from aggregator.exceptions import ConfigError
from aggregator.scheduler import Daemon
from aggregator.web.server import create_server

log = structlog.get_logger()

# Long answers get this long to end once the daemon was told to, and work in threads, which nobody can interrupt, so
# long after that; together it is under 5 seconds.
_GRACE_SECONDS = 2
_THREAD_SECONDS = 2


def run(
    context: typer.Context,
    port: Annotated[int | None, typer.Option(help="Port of the page; 0 takes any free one.")] = None,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
) -> None:
    """Run the daemon: visit feeds, classify, rank, draft the month, and serve the page."""
    set_up_logs(verbose=True)
    with opened(context) as app:
        serve(app, port=port, open_browser=open_browser)


def login_link(context: typer.Context) -> None:
    """Show the link that logs in to the page."""
    with opened(context) as app:
        out.print(_login_link(app, app.settings.server.port), soft_wrap=True)


def demo(
    context: typer.Context,
    port: Annotated[int | None, typer.Option(help="Port of the page; 0 takes any free one.")] = None,
    home: Annotated[
        Path | None, typer.Option(help="Folder for the demo's state; otherwise demo in the home folder.")
    ] = None,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
    once: Annotated[bool, typer.Option("--once", help="Run the road once and stop, without the page.")] = False,
) -> None:
    """Play sample feeds on this machine and run the whole road on them, offline."""
    base = home or get_options(context).load().home / "demo"
    with play_feeds() as address, open_app(load_demo(base, address), clock=demo_clock()) as app:
        asyncio.run(app.visitor.visit_due())
        app.judge.judge_new()
        app.index()
        out.print(f"The sample feeds are played at {address}; the demo's state is in {base}.")
        if not once:
            serve(app, port=port, open_browser=open_browser)


def serve(app: App, *, port: int | None, open_browser: bool) -> None:
    """Serve the page and run the stages by the clock, until SIGTERM or Ctrl-C."""
    listening = _listen(app.settings.server.host, app.settings.server.port if port is None else port)
    link = _login_link(app, listening.getsockname()[1])
    out.print(f"\nOpen this link to log in:\n\n    {link}\n", soft_wrap=True)
    sys.stdout.flush()
    if open_browser and _has_screen():
        webbrowser.open(link)
    # A killed daemon catches up at its next start, so this one may as well go before a long batch is done.
    ending = threading.Timer(_THREAD_SECONDS, _leave)
    ending.daemon = True
    try:
        asyncio.run(_serve(app, listening, ending))
    finally:
        ending.cancel()


def _leave() -> None:
    log.info("work that had not ended is left")
    os._exit(0)


async def _serve(app: App, listening: socket.socket, ending: threading.Timer) -> None:
    server = uvicorn.Server(
        uvicorn.Config(create_server(app), log_config=None, access_log=False, timeout_graceful_shutdown=_GRACE_SECONDS)
    )
    daemon = Daemon(app)
    # uvicorn raises the signal once more when it is done, for whoever was there before it: that is nobody.
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGTERM, signal.SIGINT)}
    # What is loaded by now stays for good; looking through it again would hold up a page now and then.
    gc.collect()
    gc.freeze()
    daemon.start()
    try:
        await server.serve(sockets=[listening])
    finally:
        ending.start()
        daemon.stop()
        for number, handler in before.items():
            signal.signal(number, handler)


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise ConfigError(
            f"the page cannot be served at {host}:{port}: {os.strerror(error.errno or 0)}; set another port",
            file="settings",
            key="server.port",
        ) from error


def _login_link(app: App, port: int) -> str:
    server = app.settings.server
    host = "127.0.0.1" if server.host in {"0.0.0.0", "::"} else server.host  # noqa: S104 - compared, not bound
    base = server.public_url.rstrip("/") or f"http://{f'[{host}]' if ':' in host else host}:{port}"
    return f"{base}/login?key={app.login_key}"


def _has_screen() -> bool:
    return sys.platform in {"darwin", "win32"} or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
