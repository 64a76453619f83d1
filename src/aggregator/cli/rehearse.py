"""A rehearsal: the daemon in a copy of the home, from a moment to come."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.app import App, open_app
from aggregator.cli.base import out, progress_bar, set_up_logs
from aggregator.cli.options import LogFormat, Options
from aggregator.cli.serve import serve
from aggregator.clock import RehearsalClock
from aggregator.config import Config
from aggregator.exceptions import ConfigError
from aggregator.locales import get_language, speaking, t
from aggregator.lock import lock_home
from aggregator.pipeline import printouts
from aggregator.pipeline.rehearsal import Rehearsal, Unsent
from aggregator.pipeline.rehearsing import note_reached, opening_copy, rest
from aggregator.storage.database import Aim
from aggregator.storage.digests import list_made
from aggregator.words.rehearsal import say_end, say_unsent, say_what_it_is

_FASTEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """The rehearsal that the command line asks for."""

    now: str
    speed: float
    until: str | None
    visits: bool
    folder: Path | None


def rehearse(
    options: Options,
    config: Config,
    wanted: Wanted,
    *,
    port: int,
    open_browser: bool,
    log_format: LogFormat,
    verbose: bool,
) -> None:
    """Serve the page and run the stages in a copy of the home, until it is stopped or reaches its end; then say what
    it has made and kept back. Raises ConfigError for a moment or a speed that makes no sense.
    """
    rehearsal = _plan(config, wanted)
    clock = rehearsal.clock
    folder = wanted.folder and wanted.folder.absolute()
    with ExitStack() as stack:
        with progress_bar(t("Rows"), None) as progress:
            own = stack.enter_context(opening_copy(config, folder, clock.begin, progress))
        logs = partial(set_up_logs, log_format, verbose=verbose, least=config.settings.logs.level, clock=clock)
        lock = stack.enter_context(lock_home(own.home))
        app = stack.enter_context(open_app(own, Aim.RUN, set_up_logs=logs, rehearsal=rehearsal))
        rest(app, rehearsal)
        _tell_begin(app, config.home)
        command = replace(options, home=own.home).command
        serve(app, lock, port=port, open_browser=open_browser, command=command)
        note_reached(own.home, clock())
        _tell_end(app, rehearsal)


def _plan(config: Config, wanted: Wanted) -> Rehearsal:
    """Make what was asked for into a rehearsal; a moment without a zone is in the curator's."""
    begin, until = _read_moment(config, wanted.now, "--now"), None
    if wanted.until is not None:
        until = _read_moment(config, wanted.until, "--until")
        if until <= begin:
            raise _refuse("--until", t("is not after --now"))
    if not 1 <= wanted.speed <= _FASTEST:
        raise _refuse("--speed", t("a number from 1 to {most} is needed", most=f"{_FASTEST:,}"))
    clock, tell = RehearsalClock(begin, wanted.speed, stands=True), _make_teller(config.settings.zone)
    return Rehearsal(clock, wanted.visits, until, tell, config.home)


def _read_moment(config: Config, text: str, key: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _refuse(key, t("{given} is not a moment such as 2026-12-31T23:50", given=text)) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=config.settings.zone)


def _refuse(key: str, said: str) -> ConfigError:
    return ConfigError(said, file=t("the command line"), key=key)


def _make_teller(zone: ZoneInfo) -> Callable[[Unsent], None]:
    """Say in the language of the terminal what is kept back; the stages that do so speak English."""
    language = get_language()

    def tell(unsent: Unsent) -> None:
        with speaking(language):
            out.print(say_unsent(unsent, zone), soft_wrap=True)

    return tell


def _tell_begin(app: App, home: Path) -> None:
    clock = app.rehearsal.clock if app.rehearsal else app.clock
    lines = [
        t("Rehearsal of {home} in {folder}", home=home, folder=app.folder),
        t(
            "It is {moment}; time passes {speed} times as fast while nothing is done.",
            moment=words.day_and_time(clock(), app.zone),
            speed=f"{app.rehearsal.clock.speed:g}" if app.rehearsal else "1",
        ),
        say_what_it_is(app),
    ]
    out.print("\n".join(lines), soft_wrap=True)


def _tell_end(app: App, rehearsal: Rehearsal) -> None:
    with app.reading() as connection:
        made = list_made(connection, rehearsal.clock.begin)
    files = [str(printouts.name_file(app, each.month, each.state)) for each in made]
    out.print("\n".join(["", *say_end(app, list(zip(made, files, strict=True)), rehearsal.unsent)]), soft_wrap=True)
