"""The daemon in the foreground: the page and the stages by the clock, until it is told to end."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import sys
import threading
import webbrowser
from types import FrameType

import structlog
import uvicorn

from aggregator.app import App
from aggregator.cli.base import out
from aggregator.cli.login import name_link
from aggregator.exceptions import ConfigError
from aggregator.scheduler import Daemon
from aggregator.web.server import create_server

log = structlog.get_logger()

# Long answers get this long to end once the daemon was told to, and work in threads, which nobody can interrupt, so
# long after that; together, from the signal on, it is under 5 seconds.
_GRACE_SECONDS = 2
_THREAD_SECONDS = 2


def serve(app: App, *, port: int | None, open_browser: bool) -> None:
    """Serve the page and run the stages by the clock, until SIGTERM or Ctrl-C."""
    listening = _listen(app.settings.server.host, app.settings.server.port if port is None else port)
    link = name_link(app, listening.getsockname()[1])
    out.print(f"\nOpen this link to log in:\n\n    {link}\n", soft_wrap=True)
    sys.stdout.flush()
    if open_browser and _has_screen():
        webbrowser.open(link)
    # A killed daemon catches up at its next start, so this one may as well go before a long batch is done.
    ending = threading.Timer(_GRACE_SECONDS + _THREAD_SECONDS, _leave)
    ending.daemon = True
    try:
        asyncio.run(_serve(app, listening, ending))
    finally:
        ending.cancel()


def _leave() -> None:
    log.info("work that had not ended is left")
    os._exit(0)


class _Server(uvicorn.Server):
    """uvicorn, whose end is begun by the signal itself, whatever the event loop is busy with."""

    def __init__(self, config: uvicorn.Config, ending: threading.Timer) -> None:
        super().__init__(config)
        self._ending = ending

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.begin_ending()
        super().handle_exit(sig, frame)

    def begin_ending(self) -> None:
        if not self._ending.is_alive():
            self._ending.start()


async def _serve(app: App, listening: socket.socket, ending: threading.Timer) -> None:
    daemon = Daemon(app)
    page = create_server(app, {"scheduler": daemon.find_trouble})
    server = _Server(
        uvicorn.Config(page, log_config=None, access_log=False, timeout_graceful_shutdown=_GRACE_SECONDS), ending
    )
    # uvicorn raises the signal once more when it is done, for whoever was there before it: that is nobody.
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGTERM, signal.SIGINT)}
    # What is loaded by now stays for good; looking through it again would hold up a page now and then.
    gc.collect()
    gc.freeze()
    daemon.start()
    try:
        await server.serve(sockets=[listening])
    finally:
        server.begin_ending()
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


def _has_screen() -> bool:
    return sys.platform in {"darwin", "win32"} or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
