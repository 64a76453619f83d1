"""The daemon in the foreground: the page and the scheduled stages, until it is told to stop."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import socket
import sys
import threading
import warnings
import webbrowser
from dataclasses import dataclass
from datetime import UTC, datetime
from types import FrameType

import structlog
import uvicorn
from fastapi import FastAPI
from pydantic.warnings import UnsupportedFieldAttributeWarning

from aggregator import heap, words
from aggregator.app import App
from aggregator.cli.activity import show_first_round
from aggregator.cli.base import out
from aggregator.cli.login import name_link
from aggregator.config.settings import ServerSettings
from aggregator.config.values import is_every_address
from aggregator.exceptions import ConfigError
from aggregator.holders import say_holder
from aggregator.locales import ENGLISH, speaking, t
from aggregator.lock import Lock, Serving
from aggregator.pipeline.passwords import has_password
from aggregator.pipeline.rehearsing import note_reached
from aggregator.places import list_demos
from aggregator.precedence import take_short_turns
from aggregator.scheduler import Daemon
from aggregator.storage.candidates import count_lost
from aggregator.storage.secrets import tighten_home
from aggregator.systemd import find_watchdog_seconds, notify
from aggregator.web.connections import BACKLOG, Doors, make_exception_handler
from aggregator.web.server import create_server

log = structlog.get_logger()

# After the signal to stop, long answers have so many seconds to finish. Work in threads cannot be interrupted and has
# so many more. Together that is under 5 seconds.
_GRACE_SECONDS = 2
_THREAD_SECONDS = 2
# Between two looks at the clock of a rehearsal.
_LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the page is."""

    page: str
    #: The link that logs in; None if only the password does.
    link: str | None
    #: How to call this program for this home.
    command: str

    def tell(self) -> None:
        lines = [t("The page is at {address}", address=f"{self.page}/")]
        if self.link is None:
            lines.append(t("Log in with the password."))
        elif sys.stdout.isatty():
            lines = [t("Open this link to log in:"), "", f"    {self.link}"]
        else:
            # Output that does not go to a terminal ends up in journals, which others can read.
            lines.append(t("To get the login link, run: {command} login-link", command=self.command))
        out.print("\n".join(["", *lines, ""]), soft_wrap=True)
        sys.stdout.flush()


def serve(app: App, lock: Lock, *, port: int | None, open_browser: bool, command: str = "aggregator") -> None:
    """Serve the page and run the stages on schedule, until SIGTERM or Ctrl-C; SIGHUP reloads feeds.toml.

    *command* is how to call this program for this home.
    """
    heap.share_heaps()
    heap.keep_large_apart()
    # The scheduler does not run yet, and its first tick reads the file anyway.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    # FastAPI ignores this warning while it builds a route, but that fails if another thread changes filters meanwhile.
    warnings.filterwarnings("ignore", category=UnsupportedFieldAttributeWarning)
    tighten_home(app.config.home)
    _check_reach(app, command)
    listening = _listen(app, port)
    used = listening.getsockname()[1]
    page = _name_page(app.settings.server, used)
    link = None if app.settings.server.listens_to_network else name_link(page, app.login_key)
    lock.tell(Serving(page, used, os.getpid(), f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", link is not None))
    app.database.tell(f"aggregator at {page}")
    with app.reading() as connection:
        if lost := count_lost(connection):
            log.warning("approved posts are in sections that are no longer in feeds.toml", posts=lost)
    place = _Place(page, link, command)
    place.tell()
    if open_browser and _has_screen():
        webbrowser.open(link or page)
    # A daemon catches up at its next start, so it need not wait for a long batch.
    ending = threading.Timer(_GRACE_SECONDS + _THREAD_SECONDS, _leave)
    ending.daemon = True
    try:
        asyncio.run(_serve(app, listening, ending, place))
    finally:
        ending.cancel()


def _name_page(server: ServerSettings, port: int) -> str:
    """Return the address of the page at this port."""
    host = "127.0.0.1" if is_every_address(server.host) else server.host
    return server.public_url.rstrip("/") or f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _leave() -> None:
    log.info("stopped before all work was done")
    os._exit(0)


class _Server(uvicorn.Server):
    """uvicorn, but the signal itself begins the shutdown, even if the event loop is busy."""

    def __init__(self, config: uvicorn.Config, ending: threading.Timer) -> None:
        super().__init__(config)
        self._ending = ending

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.begin_ending()
        super().handle_exit(sig, frame)

    def begin_ending(self) -> None:
        if not self._ending.is_alive():
            self._ending.start()


def configure(page: FastAPI, server: ServerSettings) -> uvicorn.Config:
    """Configure how the page is served. What a client says of itself in X-Forwarded headers is believed only of the
    proxies in the settings, and FORWARDED_ALLOW_IPS is ignored.
    """
    return uvicorn.Config(
        page,
        http=Doors().make_protocol,  # type: ignore[arg-type] # called, never asked for its type
        ws="none",
        backlog=BACKLOG,
        log_config=None,
        # A malformed request from a stranger is not worth a warning.
        log_level="error",
        access_log=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        proxy_headers=bool(server.proxies),
        forwarded_allow_ips=list(server.proxies),
    )


async def _serve(app: App, listening: socket.socket, ending: threading.Timer, place: _Place) -> None:
    daemon = Daemon(app)
    watched = {"scheduler": daemon.find_trouble, "parsers": app.workers.find_trouble}
    page = create_server(app, watched, command=place.command)
    server = _Server(configure(page, app.settings.server), ending)
    asyncio.get_running_loop().set_exception_handler(make_exception_handler())
    # When uvicorn is done it raises the signal again for the previous handler; there is none.
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGTERM, signal.SIGINT)}
    # Looking for garbage delays pages, and so do long turns.
    heap.collect_rarely()
    take_short_turns()
    # What the stages log and store is English; who starts the daemon may speak another language.
    with speaking(ENGLISH):
        daemon.start()
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, daemon.read_feeds_file_now)
    showing = asyncio.create_task(_show_first_round(app, place))
    # The sockets listen already: who asks now is answered.
    notify("READY=1")
    watching = asyncio.create_task(_reassure(daemon))
    ending_itself = asyncio.create_task(_follow_rehearsal(app, server))
    try:
        await server.serve(sockets=[listening])
    finally:
        server.begin_ending()
        notify("STOPPING=1")
        showing.cancel()
        watching.cancel()
        ending_itself.cancel()
        daemon.stop()
        for number, handler in before.items():
            signal.signal(number, handler)


async def _reassure(daemon: Daemon) -> None:
    """Tell systemd's watchdog that the daemon is alive, as long as its jobs begin: else it is started again."""
    within = find_watchdog_seconds()
    while within:
        if daemon.find_trouble() is None:
            notify("WATCHDOG=1")
        await asyncio.sleep(within / 2)


async def _follow_rehearsal(app: App, server: _Server) -> None:
    """Say and note each new day of a rehearsal, and end the server when it is over."""
    told = None
    while rehearsal := app.rehearsal:
        now = app.now
        if rehearsal.until and now >= rehearsal.until:
            server.should_exit = True
            return
        if (today := now.astimezone(app.zone).date()) != told:
            if told:
                out.print(t("It is {moment}.", moment=words.day_and_time(now, app.zone)))
            # Also for one that is killed: a later one begins after what it has stored.
            await asyncio.to_thread(note_reached, app.folder, now)
            told = today
        await asyncio.sleep(_LOOK_SECONDS)


async def _show_first_round(app: App, place: _Place) -> None:
    await show_first_round(app.activity)
    # By now the link may be far above.
    if app.activity.visited and sys.stdout.isatty():
        place.tell()


def _check_reach(app: App, command: str) -> None:
    """Raise ConfigError if other machines could reach the page and it has no password."""
    server = app.settings.server
    if server.listens_to_network and not has_password(app.database):
        raise ConfigError(
            t(
                "{host} can be reached from other machines, so the page needs a password: "
                "set one with `{command} password`, or set server.host to 127.0.0.1",
                host=server.host or t("every address"),
                command=command,
            ),
            file=t("settings"),
            key="server.host",
        )


def _listen(app: App, wanted: int | None) -> socket.socket:
    """Listen on the *wanted* port, else on that of the settings. Raises ConfigError, which says who has the port."""
    host, port = app.settings.server.host, app.settings.server.port if wanted is None else wanted
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        if error.errno == errno.EADDRINUSE:
            above = app.config.home.parent
            holder = say_holder(port, [*list_demos(app.config.home), above, *list_demos(above)])
            reason = t("the port belongs to {holder}", holder=holder) if holder else t("the port is taken")
        raise ConfigError(
            t(
                "the page cannot be served at {host}:{port}: {reason}; choose another with --port, `make run PORT=…` "
                "or server.port",
                host=host,
                port=port,
                reason=reason,
            ),
            file=t("settings") if wanted is None else t("the command line"),
            key="server.port" if wanted is None else "--port",
        ) from error


def _has_screen() -> bool:
    return sys.platform in {"darwin", "win32"} or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
