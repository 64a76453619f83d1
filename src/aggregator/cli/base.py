"""What the commands share: opening the App, JSON, progress bars and logging."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console

from aggregator.cli.options import LogFormat, get_options
from aggregator.exceptions import NotFoundError
from aggregator.types import Month

if TYPE_CHECKING:
    from aggregator.app import App

#: For people; wide when nobody looks, so that a script sees whole lines. Titles have brackets and colons of their own.
out = Console(width=None if sys.stdout.isatty() else 200, highlight=False, markup=False, emoji=False)
err = Console(stderr=True, highlight=False, markup=False, emoji=False)


@contextmanager
def opened(context: typer.Context, *, verbose: bool = False, log_format: LogFormat | None = None) -> Iterator[App]:
    """The App of this call, closed at the end; *verbose* tells what is done even where nobody asked for it."""
    from aggregator.app import open_app

    options = get_options(context)
    config = options.load()
    chosen = log_format or options.log_format or LogFormat(config.settings.logs.format)
    logs = partial(set_up_logs, chosen, verbose=verbose or options.verbose)
    with open_app(config, set_up_logs=logs) as app:
        yield app


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
    if text is None:
        return app.find_open_month()
    try:
        return Month.parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def get_post_id(app: App, reference: str) -> int:
    """The post with this number or address; raises NotFoundError."""
    from aggregator.storage.posts import find_post_id

    with app.reading() as connection:
        found = find_post_id(connection, reference)
    if found is None:
        raise NotFoundError(f"no post has the number or address {reference}")
    return found
