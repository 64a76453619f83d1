"""The state of the feeds on a terminal: a table of all, and everything about one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rich.console import Console, ConsoleOptions, RenderResult
from rich.padding import Padding
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from aggregator import words
from aggregator.addresses.urls import hide_credentials
from aggregator.cli.feed_health import MONTHS, FeedReport, count_overdue
from aggregator.feeds.health import Health
from aggregator.feeds.moves import AGREEMENTS
from aggregator.locales import t, tn, tp
from aggregator.types import FeedState, Gap, Move, Only, Outcome, Recipe, Visit
from aggregator.words.feeds import (
    NO_REASON,
    RECENT,
    list_differences,
    say_begin,
    say_gap,
    say_health,
    say_last_answer,
    say_missed,
    say_only,
    say_quiet,
    say_reading,
    say_state,
    say_verified,
    say_visit,
    say_withheld,
)
from aggregator.words.reasons import say_reason
from aggregator.words.recipes import say_maker, say_recipe

_WIDTH = 100
_STYLES = {
    Health.GONE: "bold red",
    Health.REFUSED: "red",
    Health.FAILING: "red",
    Health.SILENT: "yellow",
    Health.PAUSED: "dim",
}
_SHORT = {"day": "d", "hour": "h", "minute": "min"}


@dataclass(frozen=True, slots=True)
class NotedTable:
    """A table of one-line rows; a row may have a note below it, as wide as the screen."""

    table: Table
    notes: Sequence[str]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = console.render_lines(self.table, options.update(width=min(options.max_width, _WIDTH)), pad=False)
        head = len(lines) - len(self.notes)
        for line, note in zip(lines, ["", *[""] * (head - 1), *self.notes], strict=True):
            yield from line
            yield Segment.line()
            if note:
                yield Padding(Text(note, style="dim"), (0, 0, 0, 4), expand=False)


def open_table(*columns: str) -> Table:
    """Make a table of one-line rows; the second column takes the room that the others leave."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, expand=True, highlight=False)
    for number, name in enumerate(columns):
        table.add_column(name, no_wrap=True, vertical="bottom", ratio=1 if number == 1 else None)
    return table


def build_table(reports: Sequence[FeedReport], now: datetime, zone: ZoneInfo) -> NotedTable:
    """Build a row for each feed, with its trouble in words below it."""
    table = open_table(
        t("state"),
        t("feed"),
        t("last\nsuccess"),
        t("next\nvisit"),
        t("posts of\n12 months"),
        t("gaps,\n90 days"),
        t("share\nprinted"),
    )
    for report in reports:
        feed, style = report.state.feed, _STYLES.get(report.health, "")
        table.add_row(
            Text(say_state(report.health), style=style),
            Text.assemble(feed.key, " ", (clean(feed.name), "dim")),
            _say_last(report, now),
            _say_next(report, now),
            t("no posts") if not feed.kind.gives_posts else f"{sum(report.posts.values()):,}",
            str(sum(gap.is_open and gap.noticed_at >= now - RECENT for gap in report.gaps) or ""),
            _say_share(report),
        )
    return NotedTable(table, [clean(_note(report, now, zone)) for report in reports])


def summarise(reports: Sequence[FeedReport], now: datetime) -> str:
    """``12 feeds: 1 failing, 11 well. 1 needs attention.``"""
    counts = [(health, sum(report.health is health for report in reports)) for health in Health]
    states = ", ".join(f"{count:,} {say_state(health)}" for health, count in counts if count)
    calling = sum(bool(report.calls) for report in reports)
    said = [
        tn("{number} feed: {states}.", "{number} feeds: {states}.", len(reports), states=states)
        if states
        else t("0 feeds."),
        tn("{number} needs attention.", "{number} need attention.", calling) if calling else t("None needs attention."),
    ]
    if overdue := count_overdue(reports, now):
        said.append(
            tn(
                "{number} is overdue by more than an hour: is the daemon running?",
                "{number} are overdue by more than an hour: is the daemon running?",
                overdue,
            )
        )
    return " ".join(said)


def build_details(
    report: FeedReport, now: datetime, zone: ZoneInfo, *, trial: timedelta, origin: str | None
) -> Iterator[Text | Table]:
    """Build everything about one feed. *trial* is how long a redirect is watched, *origin* where its credentials go."""
    feed = report.state.feed
    yield Text.assemble((f"{feed.key} ", "bold"), clean(feed.name), ": ", (say_state(report.health), "bold"))
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for label, said in _list_details(report, now, zone, trial=trial, origin=origin):
        grid.add_row(f"  {label}", Text(clean(said)))
    yield grid


def clean(text: str) -> str:
    """Put foreign text on one line, without control characters for the terminal."""
    return "".join(c if c.isprintable() else "�" for c in " ".join(text.split()))


def _list_details(
    report: FeedReport, now: datetime, zone: ZoneInfo, *, trial: timedelta, origin: str | None
) -> Iterator[tuple[str, str]]:
    yield from _list_state(report, now, zone)
    yield from _list_yield(report, zone)
    if rest := say_quiet(report.state.quiet):
        yield t("asks for rest"), rest
    if origin:
        yield t("credentials"), t("sent only to {origin}", origin=origin)
    if found := report.state.trial:
        yield (
            t("redirect"),
            tn(
                "to {address} since {moment}, {number} visit agreed; adopted after {wait}",
                "to {address} since {moment}, {number} visits agreed; adopted after {wait}",
                found.agreements,
                address=hide_credentials(found.url),
                moment=words.day_and_time(found.since, zone),
                wait=_say_trial(trial),
            ),
        )
    yield from _list_differences(report.state)
    yield from ((t("move {number}", number=move.id), _say_move(move, zone)) for move in report.moves)
    yield from ((t("gap"), _say_gap(gap, zone)) for gap in report.gaps)
    for title, one in report.withheld:
        kept = t(
            "{day}: keeps “{title}”; the feed says {change}",
            day=words.day(one.at, zone),
            title=title,
            change=say_withheld(one),
        )
        yield t("post {number}", number=one.post_id), kept
    yield from ((t("visit {number}", number=visit.id), _say_visit(visit, zone)) for visit in report.visits)


def _list_state(report: FeedReport, now: datetime, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    state = report.state

    def at(moment: datetime | None) -> str:
        return f"{words.distance(moment, now)} ({words.day_and_time(moment, zone)})" if moment else t("never")

    yield t("address"), hide_credentials(state.feed.url)
    if recipe := state.feed.recipe:
        yield t("read from"), say_recipe(recipe)
    elif maker := say_maker(state.feed):
        yield t("made by"), t("a third party, not the site: {maker}", maker=maker)
    if state.feed.verified:
        yield t("verified"), say_verified(state.feed.verified)
    if state.feed.only:
        yield t("only"), say_only(state.feed.only)
    yield t("state"), f"{say_state(report.health)} {say_health(state, report.health, now, zone)}"
    yield t("last visit"), at(state.last_visit_at)
    yield t("last success"), at(state.last_success_at)
    due = t("due now") if state.is_due(now) else at(state.next_visit_at)
    yield t("next visit"), t("none while it is paused") if state.paused_at else due
    if state.last_reason:
        label = t("last error") if state.last_outcome is Outcome.FAILED else t("warning")
        yield label, say_reason(state.last_reason)
    if state.last_excerpt:
        yield t("response"), f"“{state.last_excerpt}”"


def _list_yield(report: FeedReport, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    state = report.state
    stored = f"{state.entries:,}"
    if state.newest_at:
        newest = words.day(state.newest_at, zone)
        stored = t("{number}, the newest from {day}", number=stored, day=newest)
    yield t("entries"), stored
    if not state.feed.kind.gives_posts:
        return
    yield t("posts"), _list_posts(report)
    share = tn(
        "{printed} of {number} post ({share})",
        "{printed} of {number} posts ({share})",
        report.given,
        printed=f"{report.printed:,}",
        share=_say_share(report),
    )
    yield t("printed"), share if report.given else t("no digest of its months is published yet")


def _list_differences(state: FeedState) -> Iterator[tuple[str, str]]:
    for name in list_differences(state.feed, state.listed):
        ours, listed = say_value(getattr(state.feed, name)), say_value(getattr(state.listed, name))
        yield t("{field} changed", field=name), t("{value}; feeds.toml says {listed}", value=ours, listed=listed)


def _say_trial(trial: timedelta) -> str:
    visits = tn("{number} visit", "{number} visits", AGREEMENTS)
    return words.enumerate_words(list(filter(None, [words.span(trial), visits])))


def say_outcome(visit: Visit) -> str:
    """Say what a visit gave, with the reason for a failure, or the fault of a document that was read."""
    if visit.outcome is Outcome.FAILED:
        return f"{say_visit(visit)}: {say_reason(visit.reason) if visit.reason else t(NO_REASON)}"
    if visit.reason:
        return t("{outcome} (warning: {reason})", outcome=say_visit(visit), reason=say_reason(visit.reason))
    return say_visit(visit)


def _say_last(report: FeedReport, now: datetime) -> str:
    return _shorten(report.state.last_success_at, now) if report.state.last_success_at else t("never")


def _say_next(report: FeedReport, now: datetime) -> str:
    state = report.state
    if state.paused_at:
        return "–"
    return t("due") if state.next_visit_at is None or state.is_due(now) else _shorten(state.next_visit_at, now)


def _shorten(moment: datetime, now: datetime) -> str:
    return re.sub(r"(day|hour|minute)s?", lambda found: _SHORT[found[1]], words.distance(moment, now))


def _say_share(report: FeedReport) -> str:
    return "" if report.share is None else words.percent(report.share)


def _note(report: FeedReport, now: datetime, zone: ZoneInfo) -> str:
    """Write the note of a row with trouble: what the row does not have room for."""
    state = report.state
    notes = [said] if (said := say_health(state, report.health, now, zone)) else []
    if report.health in {Health.GONE, Health.REFUSED, Health.FAILING}:
        notes = [": ".join([*notes, say_reason(state.last_reason) if state.last_reason else t(NO_REASON)])]
        if answered := say_last_answer(state, zone):
            notes.append(t("answered: {when}", when=answered))
    if "gap" in report.calls:
        notes.append(say_missed(next(gap for gap in report.gaps if gap.is_open), zone))
    if state.trial:
        notes.append(t("redirects to {address}", address=hide_credentials(state.trial.url)))
    return "; ".join(notes)


def _list_posts(report: FeedReport) -> str:
    months = ", ".join(f"{month.name} {count}" for month, count in report.posts.items() if count)
    total = sum(report.posts.values())
    if not months:
        return t("{number} in {months} months", number=f"{total:,}", months=MONTHS)
    return t("{number} in {months} months: {counts}", number=f"{total:,}", months=MONTHS, counts=months)


def say_value(value: object) -> str:
    """Say the value of a feed's field."""
    said = ", ".join(value) if isinstance(value, tuple) else say_recipe(value) if isinstance(value, Recipe) else value
    said = say_only(value) if isinstance(value, Only) else said
    return tp("value", "none") if said in {None, ""} else hide_credentials(str(said))


def _say_move(move: Move, zone: ZoneInfo) -> str:
    said = t(
        "{moment}: from {before} to {after}: {reason} ({name})",
        moment=words.day_and_time(move.at, zone),
        before=hide_credentials(move.from_url),
        after=hide_credentials(move.to_url),
        reason=say_reason(move.reason),
        name=move.by,
    )
    undone = t("undone {moment}", moment=words.day_and_time(move.undone_at, zone)) if move.undone_at else ""
    return "; ".join(filter(None, (said, undone)))


def _say_gap(gap: Gap, zone: ZoneInfo) -> str:
    said = (
        say_begin(gap, zone)
        if gap.is_first
        else t(
            "{days}, noticed {noticed}; the visit before was {before}",
            days=say_gap(gap, zone),
            noticed=words.day_and_time(gap.noticed_at, zone),
            before=words.day_and_time(gap.since_at, zone),
        )
    )
    return "; ".join(filter(None, (said, say_reading(gap, zone))))


def _say_visit(visit: Visit, zone: ZoneInfo) -> str:
    status = f"HTTP {visit.status}, " if visit.status else ""
    when = words.day_and_time(visit.started_at, zone)
    return f"{when}: {say_outcome(visit)} ({status}{visit.bytes / 1000:,.0f} kB, {visit.seconds:g} s)"
