"""The commands that run stages."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from rich.table import Table

from aggregator.cli import review
from aggregator.cli.base import (
    Json,
    WantedMonth,
    beginning,
    changing,
    describe,
    err,
    out,
    print_json,
    progress_bar,
    read_contents,
    read_month,
)
from aggregator.cli.completion import complete_feeds
from aggregator.locales import t
from aggregator.types import Outcome, Visit
from aggregator.words.feeds import say_reading
from aggregator.words.reasons import say_reason

app = typer.Typer()


@app.command()
def visit(
    context: typer.Context,
    keys: Annotated[
        list[str] | None,
        typer.Argument(help="Keys of feeds; by default those that are due.", autocompletion=complete_feeds),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Visit all feeds, due or not.")] = False,
    as_json: Json = False,
) -> None:
    """Visit feeds and store what is new."""
    from aggregator.pipeline import search
    from aggregator.storage.feeds import list_due_feeds, list_feed_states

    with beginning(context) as aggregator:
        with aggregator.reading() as connection:
            if keys:
                states = list_feed_states(connection, keys)
            elif everything:
                states = list_feed_states(connection)
            else:
                states = list_due_feeds(connection, aggregator.now)
        with progress_bar(t("visiting feeds"), len(states)) as progress:
            visits = asyncio.run(aggregator.visitor.visit(states, watch=lambda done: progress(len(done))))
        with progress_bar(t("reading older pages"), None):
            gaps = asyncio.run(aggregator.archive_reader.read_due())
        read_contents(aggregator)
        with progress_bar(t("indexing posts"), None) as progress:
            search.index_new(aggregator.database, progress=progress)
    if as_json:
        print_json([describe(visit) for visit in visits])
    else:
        _print_visits(visits)
        for gap in gaps:
            out.print(t("{key}: {said}", key=gap.feed_key, said=say_reading(gap, aggregator.zone)), soft_wrap=True)
    if visits and all(visit.outcome is Outcome.FAILED for visit in visits):
        raise typer.Exit(1)


def _print_visits(visits: list[Visit]) -> None:
    if not visits:
        out.print(t("No feed is due; `aggregator visit --all` visits all feeds."))
        return
    failed = [visit for visit in visits if visit.outcome is Outcome.FAILED]
    for visit in failed:
        err.print(t("failed  {key}: {reason}", key=visit.feed_key, reason=say_reason(visit.reason or "")), style="red")
    fresh = sum(visit.entries_new for visit in visits)
    unchanged = sum(visit.outcome is Outcome.NOT_MODIFIED for visit in visits)
    out.print(
        t(
            "{visited} feeds visited: {fresh} new entries, {unchanged} unchanged, {failed} failed.",
            visited=len(visits),
            fresh=fresh,
            unchanged=unchanged,
            failed=len(failed),
        )
    )


@app.command()
def classify(
    context: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Include undecided posts of closed months that another model guessed.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Guess the section of every new post, and again of undecided posts after a change of the model."""
    done = 0

    with changing(context) as aggregator, progress_bar(t("classifying posts"), None) as progress:

        def count(posts: int) -> None:
            nonlocal done
            done += posts
            progress(posts)

        months = aggregator.judge.classify(everything=everything, progress=count)
        version = aggregator.learner.find_version()
    if as_json:
        print_json({"posts": done, "months": sorted(str(month) for month in months), "model": version})
    else:
        out.print(t("{number} posts classified by model {version}.", number=done, version=version))


@app.command()
def rank(
    context: typer.Context,
    month: WantedMonth = None,
    as_json: Json = False,
) -> None:
    """Score the candidates of a month and choose its shortlist."""
    from aggregator.pipeline import contents, months
    from aggregator.words.shares import name_reason

    with changing(context) as aggregator:
        wanted = read_month(aggregator, month)
        months.release_arrived(aggregator)
        contents.read_month(aggregator.database, wanted)
        aggregator.judge.classify()
        aggregator.judge.find_copies()
        aggregator.judge.rank([wanted])
        candidates = review.list_month(aggregator, wanted)
    if as_json:
        review.print_month(wanted, candidates)
        return
    columns = (t("rank"), t("score"), t("section"), t("title"), t("reasons"))
    table = Table(*columns, title=t("Shortlist of {month}", month=wanted))
    for candidate in candidates:
        if candidate.score and candidate.is_shortlisted:
            reasons = ", ".join(f"{reason.share:+.2f} {name_reason(reason)}" for reason in candidate.score.reasons)
            table.add_row(
                str(candidate.score.rank),
                f"{candidate.score.value:.2f}",
                str(candidate.section or "?"),
                candidate.post.title,
                reasons,
            )
    out.print(table)
