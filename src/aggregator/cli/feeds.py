"""``aggregator feeds``."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from aggregator.addresses.urls import origin_of
from aggregator.cli.base import (
    Json,
    beginning,
    changing,
    describe,
    looking,
    out,
    print_json,
    read_contents,
    tell_changes,
)
from aggregator.cli.completion import complete_feeds
from aggregator.cli.feed_care import care, hosts
from aggregator.cli.feed_fields import (
    OPTIONS,
    CategoriesOption,
    FullTextOption,
    KindOption,
    LanguageOption,
    NameOption,
    OrganisationOption,
    SiteOption,
    TagsOption,
    WeightOption,
    WordsOption,
    read_fields,
    read_filter,
)
from aggregator.cli.feed_health import (
    FeedReport,
    describe_reports,
    gather_reports,
)
from aggregator.cli.feed_preview import preview
from aggregator.cli.feed_table import (
    NotedTable,
    build_details,
    build_table,
    clean,
    open_table,
    say_outcome,
    say_value,
    summarise,
)
from aggregator.cli.feeds_listed import add, export, find, import_list, remove, rename
from aggregator.exceptions import ConfigError
from aggregator.locales import t, tn
from aggregator.types import Feed, FeedState, Outcome, PageReading, Visit
from aggregator.words.feeds import hide, list_differences, say_alarm, say_missed, say_reading, say_verified
from aggregator.words.reasons import say_reason

if TYPE_CHECKING:
    from aggregator.app import App

app = typer.Typer(name="feeds", no_args_is_help=True, help="Find, add, check, visit, pause, change and move feeds.")

app.command()(find)
app.command()(add)
app.command()(remove)
app.command()(rename)
app.command()(export)
app.command("import")(import_list)

Key = Annotated[
    str, typer.Argument(help="The key of a feed; `aggregator feeds list` shows them.", autocompletion=complete_feeds)
]
Keys = Annotated[
    list[str], typer.Argument(help="Keys of feeds; `aggregator feeds list` shows them.", autocompletion=complete_feeds)
]

app.command()(care)
app.command()(hosts)

# Exit statuses of `check`; 2 is wrong usage, as in every command.
_NEEDS_ATTENTION = 1
_ALARM = 3

# Not the docstring: the help would keep its line breaks.
_CHECK_HELP = (
    "Show the state of the feeds, those that need you first.\n\n"
    "Exit status: 0 if all is well; 1 if a feed needs attention (it fails, is gone, or a gap was noticed in the "
    "last 30 days) or the command fails; 2 for wrong usage; 3 if all visits of all feeds fail (alarm)."
)

_PAGE_FACTS = ("post_id", "url", "outcome", "status", "reason", "words", "attempts", "retry_at", "canonical_url")


@app.command("list")
def list_feeds(context: typer.Context, as_json: Json = False) -> None:
    """Show how every feed is configured, and where it differs from feeds.toml."""
    with looking(context) as aggregator:
        states, now = _list_states(aggregator), aggregator.now
    if as_json:
        from aggregator.shapes.feeds import FeedShape

        print_json([FeedShape.of(state, now) for state in states])
        return
    table = open_table(t("key"), t("name"), t("kind"), t("language"), t("weight"), t("tags"))
    for feed in (state.feed for state in states):
        name, tags = Text(clean(feed.name)), Text(clean(", ".join(feed.tags)))
        table.add_row(feed.key, name, str(feed.kind), feed.language, f"{feed.weight:g}", tags)
    out.print(NotedTable(table, [_note_configuration(state) for state in states]))
    failed = sum(state.last_outcome is Outcome.FAILED for state in states)
    out.print(
        t(
            "{number} feeds, {failed} failed at their last visit. `aggregator feeds check` says more.",
            number=len(states),
            failed=failed,
        )
    )


@app.command(help=_CHECK_HELP)
def check(
    context: typer.Context,
    keys: Annotated[
        list[str] | None, typer.Argument(help="Keys of feeds to show in full.", autocompletion=complete_feeds)
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all/--attention", help="All feeds, or only those that need attention.")
    ] = True,
    as_json: Json = False,
) -> None:
    """Show the state of the feeds, those that need you first."""
    from aggregator.pipeline import follow

    with looking(context) as aggregator:
        reports = gather_reports(aggregator, list(dict.fromkeys(keys)) if keys else None)
        alarm = follow.find_alarm(aggregator)
        shown = [report for report in reports if everything or report.calls]
        now, zone = aggregator.now, aggregator.zone
        if as_json:
            print_json(describe_reports(shown, alarm, now))
        else:
            if alarm:
                out.print(Text(t("ALARM: {alarm}", alarm=say_alarm(alarm, now, zone)), style="bold red"))
            if keys:
                _show_details(aggregator, shown)
            elif shown:
                out.print(build_table(shown, now, zone))
            out.print(summarise(reports, now))
    if alarm:
        raise typer.Exit(_ALARM)
    if any(report.calls for report in reports):
        raise typer.Exit(_NEEDS_ATTENTION)


@app.command()
def apply(
    context: typer.Context,
    yes: Annotated[bool, typer.Option("--yes", help="Apply it even if more than half of the feeds would go.")] = False,
    as_json: Json = False,
) -> None:
    """Apply feeds.toml. Feeds that are gone from it are no longer visited; their posts stay."""
    from aggregator.pipeline import follow

    with beginning(context, tell=False) as aggregator:
        difference = follow.compare_feeds(aggregator.database, aggregator.config.feeds)
        if difference.is_drastic and not yes:
            counts = {"gone": len(difference.gone), "followed": difference.followed}
            if not sys.stdin.isatty():
                said = t("{gone} of {followed} feeds would no longer be followed; --yes applies it anyway", **counts)
                raise ConfigError(said, file=str(aggregator.config.file))
            question = t(
                "{gone} of {followed} feeds would no longer be followed ({difference}). Apply it?",
                **counts,
                difference=difference,
            )
            typer.confirm(question, abort=True)
        follow.take_over(aggregator.database, aggregator.config.feeds, file=str(aggregator.config.file), is_asked=True)
        number, file = len(aggregator.config.feeds), aggregator.config.file
    told = tn("{number} feed followed as {file} says.", "{number} feeds followed as {file} says.", number, file=file)
    if difference:
        told = tn(
            "{number} feed followed as {file} says: {difference}.",
            "{number} feeds followed as {file} says: {difference}.",
            number,
            file=file,
            difference=difference,
        )
    tell_changes([told], as_json=as_json)


@app.command()
def visit(
    context: typer.Context,
    keys: Keys,
    full: Annotated[
        bool, typer.Option("--full", help="Retrieve the whole document, even if it has not changed.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Visit feeds now, whether due or not, even if paused. Exit status 1 if a visit failed."""
    from aggregator.pipeline import search

    with beginning(context) as aggregator:
        visits = asyncio.run(aggregator.visitor.visit_now(list(dict.fromkeys(keys)), whole=full))
        read_contents(aggregator)
        search.index_new(aggregator.database)
        if as_json:
            print_json([describe(visit) for visit in visits])
        else:
            for visit in visits:
                _print_visit(aggregator, visit)
    if any(visit.outcome is Outcome.FAILED for visit in visits):
        raise typer.Exit(1)


@app.command()
def text(
    context: typer.Context,
    key: Key,
    again: Annotated[bool, typer.Option(help="Include pages that failed or were refused for good.")] = False,
    as_json: Json = False,
) -> None:
    """Read the pages of a feed's new posts that have little text, if robots.txt allows it."""
    from aggregator.pipeline import search

    with changing(context) as aggregator:
        found = asyncio.run(aggregator.page_reader.read_due(key, again=again))
        search.index_new(aggregator.database)
        if as_json:
            print_json([{name: hide(getattr(one, name)) for name in _PAGE_FACTS} for one in found])
            return
        for one in found:
            said = f"{t(one.outcome)}: {say_reason(one.reason)}" if one.reason else _say_taken(one)
            out.print(Text(f"{hide(one.url)}: {clean(said)}"), soft_wrap=True)
        if not found:
            said = t("no page is left to read; its new posts have enough text, or were read already")
            out.print(f"{key}: {said}")


@app.command()
def pause(context: typer.Context, keys: Keys, as_json: Json = False) -> None:
    """Stop visiting feeds until they are resumed."""
    from aggregator.pipeline import follow

    told = []
    with changing(context) as aggregator:
        for state in _list_states(aggregator, keys):
            if state.paused_at:
                told.append(_say(state.feed, t("is paused already")))
            else:
                follow.pause_feed(aggregator, state.feed.key)
                said = t("is paused; `aggregator feeds resume {key}` resumes it", key=state.feed.key)
                told.append(_say(state.feed, said))
    tell_changes(told, as_json=as_json)


@app.command()
def resume(context: typer.Context, keys: Keys, as_json: Json = False) -> None:
    """Resume paused feeds."""
    from aggregator.pipeline import follow

    told = []
    with changing(context) as aggregator:
        for state in _list_states(aggregator, keys):
            if state.paused_at:
                follow.resume_feed(aggregator, state.feed.key)
                told.append(_say(state.feed, t("is visited again")))
            else:
                told.append(_say(state.feed, t("is not paused")))
    tell_changes(told, as_json=as_json)


@app.command()
def edit(
    context: typer.Context,
    key: Key,
    name: NameOption = None,
    organisation: OrganisationOption = None,
    language: LanguageOption = None,
    kind: KindOption = None,
    weight: WeightOption = None,
    tags: TagsOption = None,
    site: SiteOption = None,
    full_text: FullTextOption = None,
    only_words: WordsOption = None,
    only_categories: CategoriesOption = None,
    as_json: Json = False,
) -> None:
    """Change the description of a feed; fields without an option stay."""
    from aggregator.pipeline import follow

    given = read_fields(
        name=name,
        organisation=organisation,
        language=language,
        kind=kind,
        weight=weight,
        tags=tags,
        site=site,
        full_text=full_text,
    )
    if not given and only_words is None and only_categories is None:
        raise typer.BadParameter(t("nothing to change; give {options}", options=", ".join(OPTIONS)))
    with changing(context) as aggregator:
        (state,) = _list_states(aggregator, [key])
        changes = given | read_filter(state.feed.only, only_words, only_categories)
        changed = _say_changes(state.feed, follow.change_feed(aggregator, key, changes))
    tell_changes([changed], as_json=as_json)


@app.command()
def move(
    context: typer.Context,
    key: Key,
    url: Annotated[str, typer.Argument(help="The new address of its document.")],
    as_json: Json = False,
) -> None:
    """Give a feed a new address; its entries and posts stay."""
    from aggregator.pipeline import follow

    with changing(context) as aggregator:
        (state,) = _list_states(aggregator, [key])
        feed = follow.change_feed(aggregator, key, {"url": url})
        before, after = hide(state.feed.url), hide(feed.url)
        told = [t("moved from {before} to {after}; `aggregator undo` goes back", before=before, after=after)]
        credentials = aggregator.config.credentials.get(key)
        if feed.url == state.feed.url:
            told = [t("is at {address} already", address=after)]
        elif credentials and credentials.origin != origin_of(feed.url):
            told.append(t("its credentials are only for {origin} and are not sent there", origin=credentials.origin))
    tell_changes([_say(feed, said) for said in told], as_json=as_json)


@app.command()
def reset(context: typer.Context, key: Key, as_json: Json = False) -> None:
    """Go back to what feeds.toml says about a feed."""
    from aggregator.pipeline import follow

    with changing(context) as aggregator:
        (state,) = _list_states(aggregator, [key])
        feed = follow.reset_feed(aggregator, key)
    tell_changes([_say_changes(state.feed, feed, unchanged=t("is as in feeds.toml already"))], as_json=as_json)


app.command()(preview)


@app.command("recipe")
def propose_recipe(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="A page with a list of posts.")],
    example: Annotated[str, typer.Option(help="The address of one post on it.")] = "",
    add: Annotated[bool, typer.Option("--add", help="Write it into feeds.toml and follow it.")] = False,
    take: Annotated[int, typer.Option(min=1, help="Which proposal to add.")] = 1,
    key: Annotated[str, typer.Option(help="The key of the new feed.")] = "",
    name: Annotated[str, typer.Option(help="Its name for you.")] = "",
    organisation: Annotated[str, typer.Option(help="As the digest prints it.")] = "",
    as_json: Json = False,
) -> None:
    """Propose how a page without a feed can be followed, and print it for feeds.toml."""
    from aggregator.cli.feed_recipes import propose

    told = {"key": key, "name": name, "organisation": organisation}
    propose(context, url, example, told, take=take if add else 0, as_json=as_json)


def _list_states(aggregator: App, keys: Sequence[str] | None = None) -> list[FeedState]:
    """Read all states first, so that a wrong key does not leave work half done. Raises NotFoundError."""
    from aggregator.storage.feeds import list_feed_states

    with aggregator.reading() as connection:
        return list_feed_states(connection, list(dict.fromkeys(keys)) if keys is not None else None)


def _note_configuration(state: FeedState) -> str:
    changed = list_differences(state.feed, state.listed)
    verified = say_verified(state.feed.verified) if state.feed.verified else ""
    lines = [" · ".join(filter(None, [str(hide(state.feed.url)), verified]))]
    lines += [t("differs from feeds.toml: {fields}", fields=", ".join(changed))] if changed else []
    if state.last_outcome is Outcome.FAILED:
        lines.append(t("failed: {reason}", reason=clean(say_reason(state.last_reason or ""))))
    return "\n".join(lines)


def _show_details(aggregator: App, reports: Sequence[FeedReport]) -> None:
    trial = timedelta(days=aggregator.settings.visits.move_trial_days)
    for report in reports:
        credentials = aggregator.config.credentials.get(report.state.feed.key)
        for part in build_details(
            report,
            aggregator.now,
            aggregator.zone,
            trial=trial,
            origin=credentials.origin if credentials else None,
        ):
            out.print(part)


def _print_visit(aggregator: App, visit: Visit) -> None:
    """Print what a visit gave, with the moves and gaps that it noticed."""
    from aggregator.storage.health import list_gaps, list_moves

    zone, key = aggregator.zone, visit.feed_key
    with aggregator.reading() as connection:
        moves = [move for move in list_moves(connection, key) if move.at == visit.started_at]
        gaps = [gap for gap in list_gaps(connection, key) if gap.noticed_at == visit.started_at]
    said = [say_outcome(visit)]
    said += [
        t("moved to {address}: {reason}", address=hide(move.to_url), reason=hide(say_reason(move.reason)))
        for move in moves
    ]
    said += [say_missed(gap, zone) for gap in gaps if not gap.is_first]
    said += [say_reading(gap, zone) for gap in gaps if gap.trouble or (gap.next_url and not gap.is_first)]
    out.print(Text(f"{key}: {clean('; '.join(said))}"), soft_wrap=True)


def _say_changes(old: Feed, new: Feed, *, unchanged: str = "") -> str:
    changed = [
        t("{field} is {value}", field=name, value=say_value(getattr(new, name))) for name in list_differences(new, old)
    ]
    return _say(new, "; ".join(changed) or unchanged or t("has these values already"))


def _say_taken(page: PageReading) -> str:
    return tn("{outcome}, {number} word", "{outcome}, {number} words", page.words, outcome=t(page.outcome))


def _say(feed: Feed, said: str) -> str:
    return f"{feed.key}: {clean(said)}"
