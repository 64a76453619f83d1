"""What the commands share: opening the App, JSON, progress bars and logging."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from aggregator.cli.options import LogFormat, get_options
from aggregator.exceptions import ModelNotTrainedError, NotFoundError
from aggregator.places import is_shipped
from aggregator.types import Month

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.classify.model import SectionModel

Json = Annotated[bool, typer.Option("--json", help="Write JSON for a script to read.")]
Post = Annotated[str, typer.Argument(help="A post's number in the queue, or its address.")]

#: For people; wide when nobody looks, so that a script sees whole lines. Titles have brackets and colons of their own.
out = Console(width=None if sys.stdout.isatty() else 200, highlight=False, markup=False, emoji=False)
err = Console(stderr=True, highlight=False, markup=False, emoji=False)


@contextmanager
def looking(context: typer.Context) -> Iterator[App]:
    """The App of a command that shows what is there: it writes nothing, and makes nothing."""
    with _opened(context, "LOOK") as app:
        yield app


@contextmanager
def changing(context: typer.Context) -> Iterator[App]:
    """The App of a command that works on what is there."""
    with _opened(context, "CHANGE") as app:
        yield app


@contextmanager
def beginning(context: typer.Context, *, tell: bool = True) -> Iterator[App]:
    """The App of a command that can be the first: it makes the home, and takes feeds.toml over where no feed is stored.

    *tell* says where the stored feeds are not those of feeds.toml.
    """
    with _opened(context, "BEGIN", tell=tell) as app:
        yield app


@contextmanager
def _opened(context: typer.Context, aim: str, *, tell: bool = True) -> Iterator[App]:
    from aggregator.app import open_app
    from aggregator.storage.database import Aim

    options = get_options(context)
    config = options.load()
    logs = partial(set_up_logs, options.choose_log_format(config), verbose=options.verbose)
    with open_app(config, Aim[aim], set_up_logs=logs) as app:
        if tell:
            _tell_difference(app)
        yield app


def _tell_difference(app: App) -> None:
    """Say that the stored feeds, which every command works on, are not those of feeds.toml."""
    from aggregator.pipeline import follow

    difference = follow.compare_feeds(app.database, app.config.feeds)
    # Whoever has written no file waits for none.
    if difference and not is_shipped(app.config.file):
        err.print(
            f"{app.config.file} is not what is followed: {difference}; `aggregator feeds apply` takes it over",
            soft_wrap=True,
        )


def print_json(value: Any) -> None:
    """JSON on standard output, Hangul as it is where the output is Unicode."""
    is_unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    sys.stdout.write(json.dumps(value, ensure_ascii=not is_unicode, indent=2, default=_as_json) + "\n")


def _as_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


@contextmanager
def progress_bar(label: str, total: int | None) -> Iterator[Any]:
    """A bar on standard error, for people only; yields the function to call with the number of things just done."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=err,
        disable=not sys.stderr.isatty(),
        transient=True,
    ) as bar:
        task = bar.add_task(label, total=total)
        yield lambda done: bar.advance(task, done)


def set_up_logs(log_format: LogFormat = LogFormat.TEXT, *, verbose: bool) -> None:
    """One line a happening on standard error, also of what libraries tell; a daemon tells more than a command."""
    import structlog

    level = logging.INFO if verbose else logging.WARNING
    steps: list[Any] = [structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="iso")]
    render: list[Any]
    if log_format is LogFormat.JSON:
        # The stream may lack any character but ASCII.
        render = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=True)]
    else:
        # The formatter that it would choose by itself takes a second for each trace, and tells the values of variables.
        plain = structlog.dev.plain_traceback
        render = [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]
    structlog.configure(
        processors=[*steps, *render],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *steps],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
        )
    )
    logging.captureWarnings(True)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def read_month(app: App, text: str | None) -> Month:
    """The month that was named, else the one to review."""
    from aggregator.pipeline import months

    if text is None:
        return months.find_open_month(app)
    try:
        return Month.parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def get_model_in_use(app: App) -> SectionModel:
    """The model in use, for a look, which fits none. Raises ModelNotTrainedError."""
    found = app.learner.find()
    if found is None:
        raise ModelNotTrainedError("there is no model yet; `aggregator classify` fits the first one, or the daemon")
    return found


def get_post_id(app: App, reference: str) -> int:
    """The post with this number or address; raises NotFoundError."""
    from aggregator.storage.posts import find_post_id

    with app.reading() as connection:
        found = find_post_id(connection, reference)
    if found is None:
        raise NotFoundError(f"no post has the number or address {reference}")
    return found
