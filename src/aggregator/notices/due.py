"""Which notices are due, and which are sent now. Pure: facts and the time in, a decision out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import NamedTuple

from aggregator.config.settings import NoticeSettings
from aggregator.feeds.health import Alarm
from aggregator.review.tending import is_under_review
from aggregator.types import Acceptance, DigestState, FeedState, FittedModel, MonthFacts, Notice, NoticeKind

#: How long before the day of the print undecided posts are told of.
CLOSING = timedelta(days=2)
#: A notice is given up after this many tries; the pause after each is twice as long as the one before, so that the last
#: is ten hours after the first.
MOST_TRIES = 8
_PAUSE = timedelta(minutes=5)
#: More notices at once go into the next message.
_MOST_IN_MESSAGE = 20


@dataclass(frozen=True, slots=True)
class Facts:
    """What notices are decided from."""

    #: The month that ended last; None if it has nothing to do.
    month: MonthFacts | None = None
    #: When it is printed by itself; None if the curator prints it.
    prints_at: datetime | None = None
    feeds: Sequence[FeedState] = ()
    alarm: Alarm | None = None
    #: When any visit last succeeded.
    succeeded_at: datetime | None = None
    #: The model that was fitted last.
    model: FittedModel | None = None


class Due(NamedTuple):
    """A notice before it is said: *subject* makes it the same notice again, *about* is what it says."""

    kind: NoticeKind
    subject: str
    about: MonthFacts | FeedState | Alarm | FittedModel


def list_due(facts: Facts, now: datetime, settings: NoticeSettings) -> list[Due]:
    """List the notices of the wanted kinds that hold now, said or not."""
    found = _list_all(facts, now, timedelta(days=settings.feed_days))
    return [due for due in found if not settings.kinds or due.kind in settings.kinds]


def _list_all(facts: Facts, now: datetime, broken_for: timedelta) -> Iterator[Due]:
    month = facts.month
    if month is not None and month.state is DigestState.DRAFT and is_under_review(month):
        yield Due(NoticeKind.DRAFT, str(month.month), month)
        is_near = facts.prints_at is not None and now >= facts.prints_at - CLOSING
        if is_near and month.undecided and not (month.is_print_undone or month.plan.is_closed):
            yield Due(NoticeKind.CLOSING, str(month.month), month)
    if facts.alarm is not None:
        # Any success ends an alarm, so that the last one names it.
        last = facts.succeeded_at.isoformat() if facts.succeeded_at else "never"
        yield Due(NoticeKind.ALARM, last, facts.alarm)
    else:  # While nothing succeeds, the feeds are not to blame.
        for state in facts.feeds:
            since = state.failing_since
            if since is not None and state.paused_at is None and now - since >= broken_for:
                yield Due(NoticeKind.FEED, f"{state.feed.key} {since.isoformat()}", state)
    if facts.model is not None and facts.model.acceptance is Acceptance.REFUSED:
        yield Due(NoticeKind.MODEL, facts.model.version, facts.model)


def is_quiet(quiet_hours: str, clock: time) -> bool:
    """Whether nothing is sent at this time of the curator's day; hours such as ``22:00-07:30`` go over midnight."""
    if not quiet_hours:
        return False
    start, end = map(time.fromisoformat, quiet_hours.split("-"))
    return start <= clock < end if start <= end else clock >= start or clock < end


def sort_messages(unsent: Sequence[Notice], urls: Collection[str], now: datetime) -> dict[str, list[Notice]]:
    """Sort the notices that are sent now by where they go: one message for each, with the oldest first."""
    ready = [notice for notice in unsent if _is_ready(notice, now)]
    messages = {name: [notice for notice in ready if name in notice.missing][:_MOST_IN_MESSAGE] for name in urls}
    return {name: notices for name, notices in messages.items() if notices}


def _is_ready(notice: Notice, now: datetime) -> bool:
    if notice.tried_at is None:
        return True
    # A last try in the future was made under a wrong clock.
    return not timedelta() <= now - notice.tried_at < _PAUSE * 2 ** (notice.tries - 1)
