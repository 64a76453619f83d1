"""The commands of the queue: showing candidates, verdicts, posts that wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape
from rich.table import Table

from aggregator import words
from aggregator.addresses.urls import readable_url
from aggregator.cli.base import (
    Json,
    Post,
    WantedMonth,
    changing,
    err,
    get_post_id,
    looking,
    out,
    print_json,
    read_month,
    tell_changes,
)
from aggregator.cli.completion import complete_feeds, complete_months, complete_reasons, complete_sections
from aggregator.exceptions import ReviewError
from aggregator.locales import t
from aggregator.types import (
    Batch,
    Candidate,
    Correction,
    Decision,
    Month,
    Section,
    read_until,
)
from aggregator.words.actions import say_action, say_batch, say_done, say_placed, say_starred, say_taken_back
from aggregator.words.dates import list_doubts
from aggregator.words.posts import name_publisher, say_outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from aggregator.app import App
    from aggregator.pipeline.history import Change
    from aggregator.storage.database import Connection

app = typer.Typer()

Posts = Annotated[list[str] | None, typer.Argument(help="Numbers in the queue, or addresses.")]
Source = Annotated[
    str | None,
    typer.Option(
        help="All undecided posts of this feed in a month; - for those of no feed.", autocompletion=complete_feeds
    ),
]
OfMonth = Annotated[
    str | None,
    typer.Option(
        help="The month for --source, such as 2022-12; by default the one to review.", autocompletion=complete_months
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change; change nothing.")]


@app.command()
def queue(
    context: typer.Context,
    month: WantedMonth = None,
    everything: Annotated[bool, typer.Option("--all", help="Show all candidates, not only the shortlist.")] = False,
    as_json: Json = False,
) -> None:
    """Show the ranked candidates of a month."""
    with looking(context) as aggregator:
        wanted = read_month(aggregator, month)
        candidates = list_month(aggregator, wanted)
        zone = aggregator.zone
    if as_json:
        print_month(wanted, candidates)
        return
    shown = [c for c in candidates if everything or c.verdict or c.returned or c.is_shortlisted]
    columns = (t("post"), t("score"), t("section"), t("date"), t("title"), t("verdict"))
    table = Table(*columns, title=t("Queue of {month}", month=wanted))
    for candidate in shown:
        table.add_row(*_describe_row(candidate, zone))
    out.print(table)
    out.print(t("{shown} of {number} candidates.", shown=len(shown), number=len(candidates)))


@app.command()
def approve(
    context: typer.Context,
    posts: Annotated[list[str], typer.Argument(help="Numbers in the queue, or addresses.")],
    section: Annotated[
        str | None,
        typer.Option(help="The section of the line, such as 2.4, or part/topic.", autocompletion=complete_sections),
    ] = None,
    title: Annotated[str | None, typer.Option(help="The title to print, in Markdown.")] = None,
    organisation: Annotated[str | None, typer.Option(help="The organisation to print; empty to print none.")] = None,
    note: Annotated[str | None, typer.Option(help="The note after the title, in Markdown.")] = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Approve posts for the digest."""
    from aggregator.pipeline import review

    with _deciding(context, dry_run=dry_run) as aggregator:
        wanted = read_section(aggregator, section)
        correction = None
        if any(value is not None for value in (wanted, title, organisation, note)):
            # The home fills in which post, who and when.
            correction = Correction(
                0, "", aggregator.now, section=wanted, title=title, organisation=organisation, note=note
            )
        numbers = [get_post_id(aggregator, post) for post in posts]
        batch = review.decide_many(aggregator, numbers, Decision.APPROVE, correction=correction, is_trial=dry_run)
    _tell_batch(batch, say_done(Decision.APPROVE), dry_run=dry_run, as_json=as_json)


@app.command()
def reject(
    context: typer.Context,
    reason: Annotated[str, typer.Option(help="Why; required.", autocompletion=complete_reasons)],
    posts: Posts = None,
    source: Source = None,
    month: OfMonth = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Keep posts out of the digest, with a reason."""
    from aggregator.pipeline import review

    with _deciding(context, dry_run=dry_run) as aggregator:
        numbers = _list_undecided(aggregator, posts, source, month)
        batch = review.decide_many(aggregator, numbers, Decision.REJECT, reason=reason, is_trial=dry_run)
    _tell_batch(batch, say_done(Decision.REJECT), dry_run=dry_run, as_json=as_json)


@app.command()
def hold(
    context: typer.Context,
    posts: Posts = None,
    reason: Annotated[str | None, typer.Option(help="What you wait for.")] = None,
    until: Annotated[
        str | None,
        typer.Option(help="When it comes back by itself: next-month, next-part, or a day such as 2026-12-05."),
    ] = None,
    source: Source = None,
    month: OfMonth = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Put posts aside, to decide later."""
    from aggregator.pipeline import review

    try:
        end = read_until(until) if until else None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--until") from error
    with _deciding(context, dry_run=dry_run) as aggregator:
        numbers = _list_undecided(aggregator, posts, source, month)
        batch = review.decide_many(aggregator, numbers, Decision.HOLD, reason=reason, until=end, is_trial=dry_run)
        aggregator.judge.rank(batch.months)
    _tell_batch(batch, say_done(Decision.HOLD, end), dry_run=dry_run, as_json=as_json)


@app.command()
def section(
    context: typer.Context,
    section: Annotated[str, typer.Argument(help="Such as 2.4, or part/topic.", autocompletion=complete_sections)],
    posts: Annotated[list[str], typer.Argument(help="Numbers in the queue, or addresses.")],
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Set the section of posts, without a verdict."""
    from aggregator.pipeline import review

    with _deciding(context, dry_run=dry_run) as aggregator:
        wanted = read_section(aggregator, section)
        numbers = [get_post_id(aggregator, post) for post in posts]
        correction = Correction(0, "", aggregator.now, section=wanted)
        batch = review.correct_many(aggregator, numbers, correction, is_trial=dry_run)
    _tell_batch(batch, say_done(None, section=wanted), dry_run=dry_run, as_json=as_json)


@app.command()
def star(
    context: typer.Context,
    posts: Annotated[list[str], typer.Argument(help="Numbers in the queue, or addresses.")],
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Make approved posts highlights of their month."""
    _star(context, posts, is_starred=True, dry_run=dry_run, as_json=as_json)


@app.command()
def unstar(
    context: typer.Context,
    posts: Annotated[list[str], typer.Argument(help="Numbers in the queue, or addresses.")],
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Make highlights ordinary lines again."""
    _star(context, posts, is_starred=False, dry_run=dry_run, as_json=as_json)


def _star(context: typer.Context, posts: list[str], *, is_starred: bool, dry_run: bool, as_json: bool) -> None:
    from aggregator.pipeline import review

    with _deciding(context, dry_run=dry_run) as aggregator:
        numbers = [get_post_id(aggregator, post) for post in posts]
        correction = Correction(0, "", aggregator.now, star=is_starred)
        batch = review.correct_many(aggregator, numbers, correction, is_trial=dry_run)
    _tell_batch(batch, say_starred(is_starred=is_starred), dry_run=dry_run, as_json=as_json)


@app.command(name="not-a-post")
def not_a_post(
    context: typer.Context,
    posts: Posts = None,
    source: Annotated[
        str | None,
        typer.Option(help="All that wait of this feed; - for those of no feed.", autocompletion=complete_feeds),
    ] = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Reject pages that are not posts, such as those that wait for a date; nothing is learned from them."""
    from aggregator.pipeline import review
    from aggregator.review.verdicts import NOT_A_POST
    from aggregator.storage.candidates import list_waiting_of

    with _deciding(context, dry_run=dry_run) as aggregator:
        numbers = _list_asked(aggregator, posts, source, list_waiting_of)
        batch = review.decide_many(aggregator, numbers, Decision.REJECT, reason=NOT_A_POST, is_trial=dry_run)
    _tell_batch(batch, say_done(Decision.REJECT), dry_run=dry_run, as_json=as_json)


def _deciding(context: typer.Context, *, dry_run: bool) -> AbstractContextManager[App]:
    return looking(context) if dry_run else changing(context)


def _list_asked(
    aggregator: App, posts: list[str] | None, source: str | None, list_of: Callable[[Connection, str], list[int]]
) -> list[int]:
    """List the given posts, or those of a *source*. Raises BadParameter for both or neither, and NotFoundError."""
    from aggregator.pipeline.review import list_of_source

    if bool(posts) == bool(source):
        raise typer.BadParameter(t("give posts or --source, one of them"))
    if not source:
        return [get_post_id(aggregator, post) for post in posts or ()]
    return list_of_source(aggregator, source, list_of)


def _list_undecided(aggregator: App, posts: list[str] | None, source: str | None, month: str | None) -> list[int]:
    """List the given posts, or the undecided ones of a *source* in a month."""
    from aggregator.storage.candidates import list_undecided

    if month and not source:
        raise typer.BadParameter(t("a month belongs to --source"), param_hint="--month")

    def list_of(connection: Connection, key: str) -> list[int]:
        return list_undecided(connection, read_month(aggregator, month), key)

    return _list_asked(aggregator, posts, source, list_of)


@app.command()
def undo(
    context: typer.Context,
    post: Annotated[
        str | None, typer.Argument(help="A post whose verdict to take back; without it, your last action.")
    ] = None,
    number: Annotated[int, typer.Option("-n", min=1, max=1000, help="How many actions, the newest first.")] = 1,
    action: Annotated[int | None, typer.Option(min=1, help="The number of an action; --list shows them.")] = None,
    shown: Annotated[bool, typer.Option("--list", help="Show the last actions; undo nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Take back your last action, of any kind; repeat for the one before it."""
    from aggregator.pipeline import history

    if shown:
        _list_history(context, max(number, 20), as_json=as_json)
        return
    with changing(context) as aggregator:
        if post:
            changes = [history.undo_verdict(aggregator, get_post_id(aggregator, post))]
        elif action:
            changes = [history.undo(aggregator, action)]
        else:
            changes = [history.undo(aggregator) for _ in range(number)]
        _rank_and_print(aggregator, changes, as_json=as_json)


@app.command()
def redo(
    context: typer.Context,
    number: Annotated[int, typer.Option("-n", min=1, max=1000, help="How many actions.")] = 1,
    action: Annotated[int | None, typer.Option(min=1, help="The number of an action that was undone.")] = None,
    as_json: Json = False,
) -> None:
    """Bring back what you undid last."""
    from aggregator.pipeline import history

    with changing(context) as aggregator:
        changes = [history.redo(aggregator, action) for _ in range(1 if action else number)]
        _rank_and_print(aggregator, changes, as_json=as_json)


@app.command()
def waiting(context: typer.Context, as_json: Json = False) -> None:
    """Show the posts that are not candidates yet: dated in the future, or without a date."""
    from aggregator.storage.candidates import count_waiting, list_waiting

    with looking(context) as aggregator, aggregator.reading() as connection:
        zone = aggregator.zone
        found = list_waiting(connection, limit=1_000_000 if as_json else 200)
        count = count_waiting(connection)
    if as_json:
        from aggregator.shapes.posts import PostShape

        print_json({"posts": [PostShape.of(candidate) for candidate in found]})
        return
    table = Table(t("post"), t("title"), t("why"), title=t("Posts that wait"))
    for candidate in found:
        table.add_row(str(candidate.post.id), _say_title(candidate), " ".join(list_doubts(candidate.post, zone)))
    out.print(table)
    out.print(
        t(
            "{shown} of {number} posts. `aggregator month POST 2022-12` sets the month of one.",
            shown=len(found),
            number=count,
        )
    )


@app.command()
def month(
    context: typer.Context,
    post: Post,
    month: Annotated[str, typer.Argument(help="Such as 2022-12.", autocompletion=complete_months)],
    as_json: Json = False,
) -> None:
    """Set the month of a post; a post that waits for a date joins the candidates."""
    from aggregator.pipeline import months

    with changing(context) as aggregator:
        post_id = get_post_id(aggregator, post)
        candidate = months.give_month(aggregator, post_id, read_month(aggregator, month))
        aggregator.judge.rank({candidate.post.month})
    tell_changes([say_placed(candidate)], candidate, as_json=as_json)


def print_month(month: Month, candidates: list[Candidate]) -> None:
    """Print the queue of a month for a script."""
    from aggregator.shapes.posts import PostShape

    print_json({"month": str(month), "candidates": [PostShape.of(candidate) for candidate in candidates]})


def list_month(aggregator: App, month: Month) -> list[Candidate]:
    from aggregator.storage.candidates import list_candidates

    with aggregator.reading() as connection:
        return list_candidates(connection, month)


def _describe_row(candidate: Candidate, zone: ZoneInfo) -> list[str]:
    post = candidate.post
    probability = f" {candidate.guess.probability:.0%}" if candidate.guess else ""
    return [
        str(post.id),
        f"{candidate.score.value:.2f}" if candidate.score else "",
        f"{candidate.section or '?'}{probability}",
        f"{post.published_at.astimezone(zone):%Y-%m-%d}",
        " ".join([_say_title(candidate), *list_doubts(post, zone)]),
        say_outcome(candidate),
    ]


def _say_title(candidate: Candidate) -> str:
    return f"{candidate.post.title} ({name_publisher(candidate) or readable_url(candidate.post.url)})"


def read_section(aggregator: App, text: str | None) -> Section | None:
    """Return the section that was named, if any. Raises BadParameter."""
    try:
        return aggregator.taxonomy.parse_section(text) if text else None
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _list_history(context: typer.Context, limit: int, *, as_json: bool) -> None:
    from aggregator.storage.actions import list_past

    with looking(context) as aggregator, aggregator.reading() as connection:
        past, zone = list_past(connection, limit=limit), aggregator.zone
    if as_json:
        from aggregator.shapes.actions import ActionShape

        print_json({"actions": [ActionShape.of(action, name) for action, name in past]})
        return
    columns = (t("action"), t("when"), t("by"), t("what"), "")
    table = Table(*columns, title=t("History, newest first"))
    for action, name in past:
        moment = words.day_and_time(action.at, zone)
        state = t("undone") if action.is_undone else ""
        table.add_row(str(action.id), moment, action.by, escape(say_action(action, name)), state)
    out.print(table)


def _rank_and_print(aggregator: App, changes: Sequence[Change], *, as_json: bool) -> None:
    """Rank what has changed, and say what is back."""
    for change in changes:
        aggregator.judge.take_up(change)
    if as_json:
        from aggregator.shapes.changes import ChangeShape

        print_json({"changes": [ChangeShape.of_history(change) for change in changes]})
        return
    for change in changes:
        out.print(escape(say_taken_back(change.actions, change.name, change.candidate, is_undo=change.is_undo)))


def _say_done(did: str, candidate: Candidate) -> str:
    return f"{did}: {candidate.post.title}"


def _tell_batch(batch: Batch, did: str, *, dry_run: bool, as_json: bool) -> None:
    """Say what was done to each post. Raises ReviewError if the only post was refused, and Exit if one of many was."""
    if as_json:
        from aggregator.shapes.changes import BatchShape

        print_json(BatchShape.of(batch, did, is_trial=dry_run))
    elif batch.refused and not (batch.done or batch.unchanged or batch.refused[1:]):
        raise ReviewError(batch.refused[0].why, post_id=batch.refused[0].post_id, verdict=did)
    else:
        did = t("would be {did}", did=did) if dry_run else did
        for candidate in batch.done:
            out.print(_say_done(did, candidate))
        for candidate in batch.unchanged:
            out.print(t("{did} already: {title}", did=did, title=candidate.post.title))
        for _, why in batch.refused:
            err.print(t("left out: {why}", why=why), soft_wrap=True)
        if len(batch.done) != 1 or batch.unchanged or batch.refused:
            out.print(f"{say_batch(batch, did)}.")
    if batch.refused:
        raise typer.Exit(1)
