"""The state of the feeds: read from storage, sorted by how much they need the curator, and described for a script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from aggregator.cli.base import describe
from aggregator.feeds.health import Alarm, Health, judge_health, list_calls, measure_urgency
from aggregator.types import FeedState, Gap, Month, Move, Visit, Withheld
from aggregator.words.feeds import hide

if TYPE_CHECKING:
    from aggregator.app import App

MONTHS = 12
_VISITS_SHOWN = 10
_OVERDUE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class FeedReport:
    """One feed and its state."""

    state: FeedState
    health: Health
    #: Why it needs the curator; see ``feeds.health.list_calls``.
    calls: tuple[str, ...]
    #: Posts of the last twelve months, the current one last.
    posts: Mapping[Month, int]
    #: Posts of the months whose digests were published, and how many of them were printed.
    given: int
    printed: int
    #: Newest first, as are moves and gaps.
    gaps: tuple[Gap, ...]
    moves: tuple[Move, ...]
    visits: tuple[Visit, ...]
    #: What it has changed about approved or printed posts, with their titles.
    withheld: tuple[tuple[str, Withheld], ...] = ()

    @property
    def share(self) -> float | None:
        """The printed share of its posts; None before a digest."""
        return self.printed / self.given if self.given else None


def gather_reports(app: App, keys: Sequence[str] | None = None) -> list[FeedReport]:
    """Gather the followed feeds, those that need the curator first. Raises NotFoundError for an unknown key."""
    from aggregator.storage import health
    from aggregator.storage.candidates import list_withheld
    from aggregator.storage.feeds import list_feed_states

    now = app.now
    months = [app.current_month.shift(-back) for back in reversed(range(MONTHS))]
    with app.reading() as connection:
        states = list_feed_states(connection, keys)
        followed = [state.feed.key for state in states]
        posts = health.count_posts(connection, months, followed)
        printed = health.count_printed(connection, followed)
        gaps: dict[str, list[Gap]] = {}
        for gap in health.list_gaps(connection):
            gaps.setdefault(gap.feed_key, []).append(gap)
        reports = [
            _report(
                state,
                now,
                posts={month: posts.get(state.feed.key, {}).get(month, 0) for month in months},
                printed=printed.get(state.feed.key, (0, 0)),
                gaps=gaps.get(state.feed.key, []),
                moves=health.list_moves(connection, state.feed.key),
                visits=health.list_visits(connection, state.feed.key, limit=_VISITS_SHOWN),
                withheld=list_withheld(connection, state.feed.key, limit=_VISITS_SHOWN) if keys is not None else (),
            )
            for state in states
        ]
    return sorted(reports, key=_find_place)


def count_overdue(reports: Sequence[FeedReport], now: datetime) -> int:
    """Count the feeds that have waited longer than they would with a running daemon."""
    due = [r.state for r in reports if r.health is not Health.PAUSED and r.state.is_due(now)]
    planned = [state.next_visit_at for state in due if state.next_visit_at]
    # A feed that is due although its visit is in the future was planned under a wrong clock.
    return sum(not now - _OVERDUE <= moment <= now for moment in planned)


def describe_reports(reports: Sequence[FeedReport], alarm: Alarm | None, now: datetime) -> dict[str, Any]:
    """Describe all reports for a script."""
    return {
        "alarm": {"since": alarm.since, "feeds": alarm.feeds} if alarm else None,
        "states": {str(state): sum(report.health is state for report in reports) for state in Health},
        "attention": sum(bool(report.calls) for report in reports),
        "feeds": [_describe(report, now) for report in reports],
    }


def _report(
    state: FeedState,
    now: datetime,
    *,
    posts: Mapping[Month, int],
    printed: tuple[int, int],
    gaps: Sequence[Gap],
    moves: Sequence[Move],
    visits: Sequence[Visit],
    withheld: Sequence[tuple[str, Withheld]],
) -> FeedReport:
    health = judge_health(state, now)
    return FeedReport(
        state=state,
        health=health,
        calls=list_calls(health, gaps, now),
        posts=posts,
        given=printed[0],
        printed=printed[1],
        gaps=tuple(gaps),
        moves=tuple(moves),
        visits=tuple(visits),
        withheld=tuple(withheld),
    )


def _find_place(report: FeedReport) -> tuple[bool, int, float]:
    return measure_urgency(report.state, report.health, needs_attention=bool(report.calls))


def _describe(report: FeedReport, now: datetime) -> dict[str, Any]:
    from aggregator.shapes.feeds import FeedShape

    state, trial = report.state, report.state.trial
    return FeedShape.of(state, now).model_dump() | {
        "attention": list(report.calls),
        **{name: getattr(state, name) for name in ("newest_at", "failing_since", "last_excerpt")},
        "pace_minutes": state.pace and state.pace / timedelta(minutes=1),
        "habit_minutes": state.habit and state.habit / timedelta(minutes=1),
        "quiet": {"hours": state.quiet.hours, "days": state.quiet.days},
        "posts": {str(month): posts for month, posts in report.posts.items()},
        "printed": {"posts": report.given, "printed": report.printed, "share": report.share},
        "redirect": trial and {"url": hide(trial.url), "since": trial.since, "agreements": trial.agreements},
        "gaps": [_describe_all(gap) for gap in report.gaps],
        "moves": [_describe_all(move) for move in report.moves],
        "withheld": [
            {"post": one.post_id, "title": title, "at": one.at, "title_now": one.title, "url_now": hide(one.url)}
            for title, one in report.withheld
        ],
        "visits": [_describe_all(visit) for visit in report.visits],
    }


def _describe_all(value: Gap | Move | Visit) -> dict[str, Any]:
    return {name: said for name, said in describe(value).items() if name != "feed_key"}
