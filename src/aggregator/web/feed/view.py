"""The view of one feed: its state, its posts, its changes. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.addresses.urls import clean_url, hide_credentials, readable_url
from aggregator.feeds.health import Health, find_silence, judge_health
from aggregator.feeds.moves import AGREEMENTS
from aggregator.locales import mark, t, tn, tp
from aggregator.types import Feed, FeedState, Gap, Month, Move, PageOutcome, Taxonomy, Trial, Visit, Withheld
from aggregator.web.feed.form import Field, Typed, build_fields
from aggregator.web.feeds.chart import Chart, build_chart
from aggregator.web.feeds.view import STANDINGS, Standing
from aggregator.words.feeds import (
    NAMES,
    NO_REASON,
    When,
    list_kinds,
    list_remedies,
    say_begin,
    say_health,
    say_missed,
    say_next_visit,
    say_only,
    say_quiet,
    say_reading,
    say_verified,
    say_visit,
    say_warning,
    say_when,
    say_withheld,
)
from aggregator.words.reasons import say_reason
from aggregator.words.recipes import say_maker, say_recipe

VISITS = 20
TITLES = 10


@dataclass(frozen=True, slots=True)
class FeedFacts:
    """What is stored about a feed."""

    state: FeedState
    #: The last ones, newest first, as are moves and gaps.
    visits: Sequence[Visit]
    moves: Sequence[Move]
    gaps: Sequence[Gap]
    #: Posts of consecutive months, the current one last.
    posts: Sequence[tuple[Month, int]]
    #: The number of posts, and of printed ones; None if no digest of their months is published.
    printed: tuple[int, int] | None
    #: Title and address of the newest entries.
    titles: Sequence[tuple[str, str]]
    #: The outcomes of reading its posts' pages, and why the last unusable page could not be used.
    pages: Mapping[PageOutcome, int] = field(default_factory=dict)
    page_trouble: str | None = None
    #: Why pages cannot be read here.
    unread: str = ""
    #: What it has changed about approved or printed posts, with their titles.
    withheld: Sequence[tuple[str, Withheld]] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of facts about a feed."""

    name: str
    said: str
    exact: str = ""


@dataclass(frozen=True, slots=True)
class Failing:
    """The failure of a feed."""

    said: str
    reason: str
    #: HTTP status of the last response; empty if there was none, or if the reason says it.
    status: str
    #: The first characters of the response.
    excerpt: str


@dataclass(frozen=True, slots=True)
class Silence:
    """A feed that has been silent for longer than usual."""

    newest: str
    length: str
    habit: str
    #: The day since which it counts as silent.
    since: str


@dataclass(frozen=True, slots=True)
class TrialView:
    """A redirect that is watched."""

    url: str
    address: str
    since: str
    agreements: str
    #: How many consecutive visits have to agree.
    needed: int
    #: The day on which the address is adopted if the redirect stays.
    until: str


@dataclass(frozen=True, slots=True)
class MoveView:
    """A change of address."""

    id: int
    day: str
    from_address: str
    to_address: str
    reason: str
    by: str
    #: The day on which it was undone; empty if it was not.
    undone: str
    #: Only the last move can be undone, since it led to the present address.
    can_undo: bool


@dataclass(frozen=True, slots=True)
class GapView:
    """A period in which something may have been missed."""

    said: str
    seen: str
    noticed: str
    #: What became of reading it back; empty if that was never tried.
    reading: str
    #: Whether the feed was new then, and missed nothing.
    is_first: bool


@dataclass(frozen=True, slots=True)
class VisitView:
    """One visit."""

    number: int
    when: When
    said: str
    is_failure: bool
    status: str
    new: str
    seconds: str
    kilobytes: str
    reason: str


@dataclass(frozen=True, slots=True)
class TitleView:
    """One of the newest entries."""

    title: str
    #: None if the address may not be linked.
    url: str | None


@dataclass(frozen=True, slots=True)
class WithheldView:
    """What the feed has changed about a post that keeps its title and address."""

    title: str
    day: str
    said: str


@dataclass(frozen=True, slots=True)
class FeedView:
    """The page of a feed."""

    key: str
    name: str
    language: str
    site: str | None
    url: str | None
    address: str
    health: Health
    standing: Standing
    health_name: str
    said: str
    is_paused: bool
    is_gone: bool
    #: What may be done about a site that refuses this machine; empty if it does not.
    remedies: tuple[str, ...]
    failing: Failing | None
    #: The fault of the last document, which was read anyway.
    warning: str
    silence: Silence | None
    trial: TrialView | None
    next_visit: When
    facts: tuple[Fact, ...]
    #: None for feeds without posts.
    chart: Chart | None
    gaps: tuple[GapView, ...]
    moves: tuple[MoveView, ...]
    withheld: tuple[WithheldView, ...]
    visits: tuple[VisitView, ...]
    titles: tuple[TitleView, ...]
    fields: Mapping[str, Field]
    kinds: tuple[tuple[str, str], ...]
    #: Whether it differs from feeds.toml.
    is_changed: bool
    #: Whether its page is read by a recipe.
    has_recipe: bool = False


def build_feed(
    facts: FeedFacts,
    now: datetime,
    zone: ZoneInfo,
    *,
    taxonomy: Taxonomy,
    trial_days: float,
    typed: Typed | None = None,
) -> FeedView:
    """Build the page. *trial_days* is how long a redirect is watched, *typed* a form that was just refused."""
    state, feed = facts.state, facts.state.feed
    health = judge_health(state, now)
    return FeedView(
        key=feed.key,
        name=feed.name,
        language=feed.language,
        site=clean_url(feed.site),
        url=clean_url(feed.url) if hide_credentials(feed.url) == feed.url else None,
        address=readable_url(feed.url),
        health=health,
        standing=STANDINGS[health],
        health_name=t(NAMES[health]).capitalize(),
        said=say_health(state, health, now, zone),
        is_paused=state.paused_at is not None,
        is_gone=health is Health.GONE,
        remedies=list_remedies() if health is Health.REFUSED else (),
        failing=_build_failing(state, zone) if state.failures else None,
        warning=say_warning(state),
        silence=_build_silence(state, now, zone) if health is Health.SILENT else None,
        trial=_build_trial(state.trial, trial_days, zone) if state.trial else None,
        next_visit=say_next_visit(state, now, zone),
        facts=_list_facts(facts, now, zone),
        chart=build_chart(facts.posts) if feed.kind.gives_posts else None,
        gaps=tuple(_build_gap(gap, zone) for gap in facts.gaps),
        moves=_build_moves(facts, zone),
        withheld=tuple(
            WithheldView(title, words.day(one.at, zone), say_withheld(one)) for title, one in facts.withheld
        ),
        visits=tuple(_build_visit(visit, now, zone) for visit in facts.visits),
        titles=tuple(TitleView(title or readable_url(url), clean_url(url)) for title, url in facts.titles),
        fields=build_fields(state, typed),
        kinds=list_kinds(taxonomy, feed.kind),
        is_changed=state.listed is not None and state.listed != feed,
        has_recipe=feed.recipe is not None,
    )


def _build_failing(state: FeedState, zone: ZoneInfo) -> Failing:
    reason = say_reason(state.last_reason) if state.last_reason else t(NO_REASON)
    status = f"HTTP {state.last_status}" if state.last_status else ""
    return Failing(
        said=_say_failures(state, zone) if state.failures > 1 else t("The last visit failed"),
        reason=reason,
        status="" if status in reason else status,
        excerpt=state.last_excerpt or "",
    )


def _say_failures(state: FeedState, zone: ZoneInfo) -> str:
    number = f"{state.failures:,}"
    if not state.failing_since:
        return t("{number} failures in a row", number=number)
    first = words.day_and_time(state.failing_since, zone)
    return t("{number} failures in a row, the first on {moment}", number=number, moment=first)


def _build_silence(state: FeedState, now: datetime, zone: ZoneInfo) -> Silence | None:
    since = find_silence(state)
    if since is None or state.newest_at is None or state.habit is None:
        return None
    return Silence(
        newest=words.day(state.newest_at, zone),
        length=words.span(now - state.newest_at),
        habit=words.rhythm(state.habit),
        since=words.day(since, zone),
    )


def _build_trial(trial: Trial, days: float, zone: ZoneInfo) -> TrialView:
    return TrialView(
        url=hide_credentials(trial.url),
        address=readable_url(trial.url),
        since=words.day_and_time(trial.since, zone),
        agreements=tn("{number} visit", "{number} visits", trial.agreements),
        needed=AGREEMENTS,
        until=words.day_and_time(trial.since + timedelta(days=days), zone),
    )


def _list_facts(facts: FeedFacts, now: datetime, zone: ZoneInfo) -> tuple[Fact, ...]:
    state = facts.state
    moments = (
        (t("Last visit"), say_when(state.last_visit_at, now, zone), t("never")),
        (t("Last success"), say_when(state.last_success_at, now, zone), t("never")),
        (t("Next visit"), say_next_visit(state, now, zone), ""),
        (t("Newest post"), say_when(state.newest_at, now, zone), t("none yet")),
    )
    lines = [
        Fact(name, when.said if when else otherwise, when.exact if when else "") for name, when, otherwise in moments
    ]
    lines += [
        Fact(t("Posts"), words.rhythm(state.habit) if state.habit else t("rhythm not known yet")),
        Fact(tp("how often", "Visited"), words.rhythm(state.pace) if state.pace else t("rhythm not known yet")),
        Fact(t("Entries stored"), f"{state.entries:,}"),
        Fact(t("Printed"), _say_share(facts.printed)),
    ]
    if facts.pages or state.feed.full_text:
        is_unread = facts.unread and state.feed.full_text
        said = t("not read: {reason}", reason=facts.unread) if is_unread else _say_pages(facts.pages)
        lines.append(Fact(t("Pages of posts"), said, say_reason(facts.page_trouble or "")))
    if recipe := state.feed.recipe:
        lines.append(Fact(t("Read from"), say_recipe(recipe)))
    elif maker := say_maker(state.feed):
        lines.append(Fact(t("Made by"), t("a third party, not the site: {maker}", maker=maker)))
    if state.feed.only:
        lines.append(Fact(t("Filter"), say_only(state.feed.only)))
    if state.feed.verified:
        lines.append(Fact(t("Address"), say_verified(state.feed.verified)))
    if quiet := say_quiet(state.quiet):
        lines.append(Fact(t("Asks not to be visited"), quiet))
    return tuple(lines)


_PAGES = {
    PageOutcome.TAKEN: mark("{number} read"),
    PageOutcome.KEPT: mark("{number} no better than the feed's text"),
    PageOutcome.REFUSED: mark("{number} refused by the site"),
    PageOutcome.FAILED: mark("{number} failed"),
}


def _say_pages(pages: Mapping[PageOutcome, int]) -> str:
    found = [t(said, number=f"{pages[outcome]:,}") for outcome, said in _PAGES.items() if outcome in pages]
    return ", ".join(found) or t("none yet")


def _say_share(printed: tuple[int, int] | None) -> str:
    if not printed:
        return t("no digest of its months yet")
    return t("{part} of {whole} posts", part=f"{printed[1]:,}", whole=f"{printed[0]:,}")


def _build_gap(gap: Gap, zone: ZoneInfo) -> GapView:
    noticed, seen = words.day_and_time(gap.noticed_at, zone), words.day_and_time(gap.since_at, zone)
    said = say_begin(gap, zone) if gap.is_first else say_missed(gap, zone)
    return GapView(said, seen, noticed, words.capitalise(say_reading(gap, zone)), gap.is_first)


def _build_moves(facts: FeedFacts, zone: ZoneInfo) -> tuple[MoveView, ...]:
    last = find_last_move(facts.moves, facts.state.feed)
    return tuple(
        MoveView(
            id=move.id,
            day=words.day_and_time(move.at, zone),
            from_address=hide_credentials(move.from_url),
            to_address=hide_credentials(move.to_url),
            reason=say_reason(move.reason),
            by=move.by,
            undone=words.day(move.undone_at, zone) if move.undone_at else "",
            can_undo=move is last,
        )
        for move in facts.moves
    )


def find_last_move(moves: Sequence[Move], feed: Feed) -> Move | None:
    """Find the move that led to the feed's present address."""
    return next((move for move in moves if move.to_url == feed.url and move.undone_at is None), None)


def _build_visit(visit: Visit, now: datetime, zone: ZoneInfo) -> VisitView:
    return VisitView(
        number=visit.id,
        when=When(words.distance(visit.started_at, now), words.day_and_time(visit.started_at, zone)),
        said=say_visit(visit),
        is_failure=visit.outcome == "failed",
        status=str(visit.status or ""),
        new=f"{visit.entries_new:,}",
        seconds=f"{visit.seconds:.1f}",
        kilobytes=f"{visit.bytes / 1000:,.1f}" if visit.bytes else "0",
        reason=say_reason(visit.reason or ""),
    )
