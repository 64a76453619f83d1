"""The daemon and the demo."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from aggregator.cli.base import err, out, set_up_logs
from aggregator.cli.options import LogFormat, Options, get_options
from aggregator.demo import DemoName
from aggregator.exceptions import ConfigError
from aggregator.locales import t

app = typer.Typer()


@app.command()
def run(
    context: typer.Context,
    port: Annotated[int | None, typer.Option(help="Port of the page; 0 takes any free one.")] = None,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
    log_format: Annotated[LogFormat | None, typer.Option(help="As the option before the command.")] = None,
    now: Annotated[
        str | None, typer.Option(help="Rehearse in a copy of the home from this moment on, such as 2026-12-31T23:50.")
    ] = None,
    speed: Annotated[float | None, typer.Option(help="How many times as fast the rehearsal is.")] = None,
    until: Annotated[str | None, typer.Option(help="The moment at which the rehearsal ends.")] = None,
    visit: Annotated[bool, typer.Option("--visit", help="Visit feeds during the rehearsal.")] = False,
    folder: Annotated[
        Path | None, typer.Option(help="Keep the copy in this folder, and go on with a rehearsal that is there.")
    ] = None,
) -> None:
    """Run the daemon: visit feeds, classify, rank, draft the month, and serve the page."""
    from aggregator.lock import lock_home

    options = get_options(context)
    config = options.load()
    if now is not None:
        from aggregator.cli.rehearse import Wanted, rehearse

        wanted = Wanted(now, 1.0 if speed is None else speed, until, visit, folder)
        rehearse(
            options,
            config,
            wanted,
            port=port or 0,
            open_browser=open_browser,
            log_format=log_format or options.choose_log_format(config),
            verbose=_is_told_all(options),
        )
        return
    _refuse_without_now({"--speed": speed, "--until": until, "--visit": visit, "--folder": folder})
    with lock_home(config.home) as lock:
        # Imported late: if another daemon holds the lock, this is not needed.
        from aggregator.app import open_app
        from aggregator.cli.serve import serve
        from aggregator.storage.database import Aim

        logs = partial(
            set_up_logs,
            log_format or options.choose_log_format(config),
            verbose=_is_told_all(options),
            least=config.settings.logs.level,
        )
        with open_app(config, Aim.RUN, set_up_logs=logs) as aggregator:
            serve(aggregator, lock, port=port, open_browser=open_browser, command=options.command)


@app.command()
def demo(
    context: typer.Context,
    port: Annotated[int | None, typer.Option(help="Port of the page; 0 takes any free one.")] = None,
    home: Annotated[
        Path | None, typer.Option(help="Folder for the demo's state; by default demo in the home folder.")
    ] = None,
    digest: Annotated[
        DemoName, typer.Option(help="The one of the shipped parts and topics, or one of another field, adopted.")
    ] = DemoName.MONTHLY,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
    once: Annotated[bool, typer.Option("--once", help="Run all stages once and stop, without the page.")] = False,
) -> None:
    """Serve sample feeds on this machine and run all stages on them, offline."""
    from aggregator.app import open_app
    from aggregator.cli.serve import serve
    from aggregator.demo.play import DEMOS, demo_clock, play_feeds
    from aggregator.lock import lock_home
    from aggregator.pipeline import search
    from aggregator.places import name_demo
    from aggregator.storage.database import Aim

    options = get_options(context)
    sample, base = DEMOS[digest], home or name_demo(options.load().home, digest)
    logs = partial(set_up_logs, options.log_format or LogFormat.TEXT, verbose=options.verbose)
    with (
        lock_home(base) as lock,
        play_feeds(sample.make(base)) as address,
        open_app(sample.load(base, address), Aim.RUN, clock=demo_clock(), set_up_logs=logs) as aggregator,
    ):
        sample.begin(aggregator)
        if once:
            asyncio.run(aggregator.visitor.visit_due())
            asyncio.run(aggregator.content_reader.read_behind())
            asyncio.run(aggregator.talk_asker.ask_due())
            aggregator.judge.judge_new()
            search.index_new(aggregator.database)
        out.print(
            t(
                "The sample feeds are served at {address}; the demo's state is in {folder}.",
                address=address,
                folder=base,
            )
        )
        if not once:
            command = replace(options, home=home or options.home).command
            serve(aggregator, lock, port=port, open_browser=open_browser, command=command)


def _refuse_without_now(given: Mapping[str, object]) -> None:
    """Raise ConfigError if an option of rehearsals was given without one."""
    for name, value in given.items():
        if value not in (None, False):
            raise ConfigError(t("is of rehearsals, which need --now"), file=t("the command line"), key=name)


def _is_told_all(options: Options) -> bool:
    """Whether the log has every visit: in a journal, but on a terminal only if asked, where one line says the same."""
    return options.verbose or not err.is_interactive
