"""What the commands share: opening the App, JSON, progress bars and logging."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from aggregator.addresses.urls import hide_credentials
from aggregator.cli.completion import complete_months
from aggregator.cli.options import LogFormat, get_options
from aggregator.exceptions import AggregatorError, ModelNotTrainedError, NotFoundError
from aggregator.locales import ENGLISH, speak, t
from aggregator.places import is_shipped
from aggregator.types import Candidate, Month
from aggregator.words.feeds import hide

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.classify.model import SectionModel


def _speak_to_script(context: typer.Context, is_wanted: bool) -> bool:
    if is_wanted:
        context.obj = replace(get_options(context), is_for_script=True)
        speak(ENGLISH)
    return is_wanted


Json = Annotated[bool, typer.Option("--json", help="Write JSON for a script to read.", callback=_speak_to_script)]
Post = Annotated[str, typer.Argument(help="A post's number in the queue, or its address.")]
WantedMonth = Annotated[
    str | None, typer.Argument(help="Such as 2022-12; by default the one to review.", autocompletion=complete_months)
]

#: For people. It is wide if it is not a terminal, so that a script sees whole lines. Titles have brackets and colons,
#: which Rich must not read as markup.
out = Console(width=None if sys.stdout.isatty() else 200, highlight=False, markup=False, emoji=False)
err = Console(stderr=True, highlight=False, markup=False, emoji=False)


@contextmanager
def looking(context: typer.Context, *, tell: bool = True) -> Iterator[App]:
    """Open the App for a command that only shows: it neither writes nor creates anything."""
    with _opened(context, "LOOK", tell=tell) as app:
        yield app


@contextmanager
def changing(context: typer.Context) -> Iterator[App]:
    """Open the App for a command that changes an existing home."""
    with _opened(context, "CHANGE") as app:
        yield app


@contextmanager
def beginning(context: typer.Context, *, tell: bool = True) -> Iterator[App]:
    """Open the App for a command that may be the first: it creates the home, and applies feeds.toml if no feeds are
    stored.

    With *tell*, it warns if the stored feeds differ from feeds.toml.
    """
    with _opened(context, "BEGIN", tell=tell) as app:
        yield app


@contextmanager
def _opened(context: typer.Context, aim: str, *, tell: bool = True) -> Iterator[App]:
    from aggregator.app import open_app
    from aggregator.storage.database import Aim

    options = get_options(context)
    config = options.load()
    logs = partial(
        set_up_logs, options.choose_log_format(config), verbose=options.verbose, least=config.settings.logs.level
    )
    with open_app(config, Aim[aim], set_up_logs=logs) as app:
        if tell:
            _warn_of_difference(app)
        yield app


def _warn_of_difference(app: App) -> None:
    """Warn if the stored feeds, which every command uses, differ from feeds.toml."""
    from aggregator.pipeline import follow

    difference = follow.compare_feeds(app.database, app.config.feeds)
    # The shipped file is only a default: somebody who wrote their own file elsewhere does not expect it to be applied.
    if difference and not is_shipped(app.config.file):
        err.print(
            t(
                "the stored feeds differ from {file}: {difference}; `aggregator feeds apply` applies it",
                file=app.config.file,
                difference=difference,
            ),
            soft_wrap=True,
        )


def print_json(value: Any) -> None:
    """Write JSON to standard output; Hangul is not escaped if the output is Unicode."""
    is_unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    sys.stdout.write(json.dumps(value, ensure_ascii=not is_unicode, indent=2, default=_as_json) + "\n")


def describe(value: Any) -> dict[str, Any]:
    """Describe all fields of a value for a script, without the secrets in addresses."""
    return {each.name: hide(getattr(value, each.name)) for each in fields(value)}


def tell_changes(
    messages: Sequence[str],
    candidate: Candidate | None = None,
    *,
    refused: Sequence[tuple[str, AggregatorError]] = (),
    as_json: bool,
) -> None:
    """Print what a command has changed, perhaps about a post, for a person or a script, and what of it was *refused*:
    each name with the reason.

    Raises the reason if nothing was changed, and Exit with status 1 if a part was refused.
    """
    from aggregator.words.reasons import say_reason

    if as_json:
        from aggregator.shapes.changes import ChangeShape

        changes = [ChangeShape(message=message) for message in messages]
        told: dict[str, Any] = {"changes": [change.about(candidate) for change in changes] if candidate else changes}
        if refused:
            told["refused"] = [{"name": name, "why": say_reason(str(error))} for name, error in refused]
        print_json(told)
    elif refused and not messages and not refused[1:]:
        raise refused[0][1]
    else:
        for message in messages:
            out.print(message, soft_wrap=True)
        for name, error in refused:
            err.print(f"{name}: {say_reason(str(error))}", soft_wrap=True)
    if refused:
        raise typer.Exit(1)


def _as_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if hasattr(value, "model_dump"):
        return value.model_dump()
    return str(value)


@contextmanager
def progress_bar(label: str, total: int | None) -> Iterator[Any]:
    """Show a bar on standard error, for people only. Yields a function; call it with the number of things just done."""
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


def read_contents(aggregator: App) -> None:
    """Read what visits have left unread: no daemon may do it later."""
    import asyncio

    with progress_bar(t("reading older posts"), None) as progress:
        at_once = aggregator.workers.size
        asyncio.run(aggregator.content_reader.read_behind(at_once=at_once, progress=progress))


def set_up_logs(
    log_format: LogFormat = LogFormat.TEXT,
    *,
    verbose: bool,
    least: str = "info",
    clock: Callable[[], datetime] | None = None,
) -> None:
    """Log to standard error, one line per event, including those of libraries.

    *verbose* also logs at level INFO; nothing below the level *least* is logged. With the *clock* of a rehearsal, each
    line has its time too, in UTC.
    """
    import structlog

    level = max(logging.INFO if verbose else logging.WARNING, logging.getLevelNamesMapping()[least.upper()])
    steps: list[Any] = [structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="iso")]
    if clock is not None:
        steps.append(
            lambda _logger, _method, event: {**event, "rehearsed": f"{clock().astimezone(UTC):%Y-%m-%dT%H:%MZ}"}
        )
    render: list[Any]
    if log_format is LogFormat.JSON:
        # The stream may only encode ASCII.
        render = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=True)]
    else:
        # The default formatter takes a second per traceback and shows the values of variables.
        plain = structlog.dev.plain_traceback
        render = [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]
    # Whatever is logged: libraries and traces quote addresses, too.
    render.append(lambda _logger, _method, line: hide_credentials(line))
    structlog.configure(
        processors=[*steps, *render],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # Found at each event: a line that moves on the terminal puts itself between.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *steps],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
        )
    )
    logging.captureWarnings(True)
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler], force=True)


def read_month(app: App, text: str | None) -> Month:
    """Return the named month, or the one to review. Raises BadParameter."""
    from aggregator.pipeline import months

    if text is None:
        return months.find_open_month(app)
    try:
        return Month.parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def get_model_in_use(app: App) -> SectionModel:
    """Return the model in use; a command that only shows does not fit one. Raises ModelNotTrainedError."""
    found = app.learner.find()
    if found is None:
        raise ModelNotTrainedError(t("no model is fitted yet; the daemon or `aggregator classify` fits the first one"))
    return found


def get_post_id(app: App, reference: str) -> int:
    """Return the id of the post with this number or address. Raises NotFoundError."""
    from aggregator.storage.posts import find_post_id

    with app.reading() as connection:
        found = find_post_id(connection, reference)
    if found is None:
        raise NotFoundError(t("no post has the number or address {address}", address=reference))
    return found
