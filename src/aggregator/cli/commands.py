"""The commands that run stages, and the tree of all commands."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from aggregator import __version__
from aggregator.cli import digest, evaluate, evaluate_rank, feeds, model, posts, review, run, search, series, weights
from aggregator.cli.base import (
    Options,
    err,
    opened,
    out,
    print_json,
    progress_bar,
    read_month,
    set_up_logs,
)
from aggregator.storage.feeds import list_due_feeds, list_feed_states
from aggregator.types import Outcome, Visit

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Collects, sorts and ranks blog posts for the curator of a monthly AI & ML digest.",
)
app.add_typer(feeds.app, name="feeds")
app.add_typer(digest.app, name="digest")
app.add_typer(model.app, name="model")
app.add_typer(evaluate.app, name="evaluate")
evaluate_rank.register(evaluate.app)
app.add_typer(posts.app, name="posts")
app.add_typer(weights.app, name="weights")
app.command()(run.run)
app.command()(run.login_link)
app.command()(run.demo)
app.command()(search.search)
app.command()(review.queue)
app.command()(review.approve)
app.command()(review.reject)
app.command()(review.hold)
app.command()(review.undo)
app.command()(review.waiting)
app.command()(series.series)
app.command()(review.month)
app.command()(model.why)

Json = Annotated[bool, typer.Option("--json", help="Write JSON for a script to read.")]


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def main(
    context: typer.Context,
    home: Annotated[
        Path | None, typer.Option(help="Folder of all state; AGGREGATOR_HOME and the platform's data folder otherwise.")
    ] = None,
    feeds_file: Annotated[Path | None, typer.Option("--feeds", help="The feeds.toml to use.")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Tell what is done.")] = False,
    version: Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True)] = False,
) -> None:
    context.obj = Options(home, feeds_file, verbose)
    set_up_logs(verbose=verbose)


@app.command()
def visit(
    context: typer.Context,
    keys: Annotated[list[str] | None, typer.Argument(help="Keys of feeds; without any, those that are due.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All feeds, due or not.")] = False,
    as_json: Json = False,
) -> None:
    """Visit feeds and store what is new."""
    with opened(context) as aggregator:
        with aggregator.reading() as connection:
            if keys:
                states = list_feed_states(connection, keys)
            elif everything:
                states = list_feed_states(connection)
            else:
                states = list_due_feeds(connection, aggregator.clock())
        with progress_bar("visiting feeds", len(states)) as progress:
            visits = asyncio.run(aggregator.visitor.visit(states, progress=progress))
    if as_json:
        print_json([{name: getattr(visit, name) for name in Visit.__slots__} for visit in visits])
    else:
        _tell_visits(visits)
    if visits and all(visit.outcome is Outcome.FAILED for visit in visits):
        raise typer.Exit(1)


def _tell_visits(visits: list[Visit]) -> None:
    if not visits:
        out.print("No feed is due; `aggregator visit --all` visits all of them.")
        return
    failed = [visit for visit in visits if visit.outcome is Outcome.FAILED]
    for visit in failed:
        err.print(f"failed  {visit.feed_key}: {visit.reason}", style="red")
    fresh = sum(visit.entries_new for visit in visits)
    unchanged = sum(visit.outcome is Outcome.NOT_MODIFIED for visit in visits)
    out.print(f"{len(visits)} feeds visited: {fresh} new entries, {unchanged} unchanged, {len(failed)} failed.")


@app.command()
def classify(
    context: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Also undecided posts of closed months that another model guessed.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Guess the section of every post that is new, and anew of undecided ones after a change of the model."""
    done = 0

    with opened(context) as aggregator, progress_bar("classifying posts", None) as progress:

        def count(posts: int) -> None:
            nonlocal done
            done += posts
            progress(posts)

        months = aggregator.judge.classify(everything=everything, progress=count)
        version = aggregator.learner.find_version()
    if as_json:
        print_json({"posts": done, "months": sorted(str(month) for month in months), "model": version})
    else:
        out.print(f"{done} posts classified by model {version}.")


@app.command()
def rank(
    context: typer.Context,
    month: Annotated[str | None, typer.Argument(help="Such as 2022-12; the month to review otherwise.")] = None,
    as_json: Json = False,
) -> None:
    """Score the candidates of a month and choose its shortlist."""
    with opened(context) as aggregator:
        wanted = read_month(aggregator, month)
        aggregator.judge.release_arrived()
        aggregator.judge.find_copies()
        aggregator.judge.classify()
        aggregator.judge.rank([wanted])
        candidates = review.list_month(aggregator, wanted)
    if as_json:
        print_json(review.describe_month(wanted, candidates))
        return
    table = Table("rank", "score", "section", "title", "reasons", title=f"Shortlist of {wanted}")
    for candidate in candidates:
        if candidate.score and candidate.score.shortlisted:
            reasons = ", ".join(f"{reason.share:+.2f} {reason.name}" for reason in candidate.score.reasons)
            table.add_row(
                str(candidate.score.rank),
                f"{candidate.score.value:.2f}",
                str(candidate.section or "?"),
                candidate.post.title,
                reasons,
            )
    out.print(table)
