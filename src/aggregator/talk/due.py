"""When a post is asked about, and how long a source rests."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.types import TalkState

#: The days after its publication at which a post is asked about.
DAYS = (1, 3, 7, 30)
#: A post that was found later than this is not asked about.
_LAST = timedelta(days=60)
_DAY = timedelta(days=1)
# A failure that may pass.
_HOUR = timedelta(hours=1)
#: The source does not want to be asked: no login, no access, too many questions, for reasons of law.
REFUSALS = frozenset({401, 403, 406, 429, 451})
#: What was asked before this is forgotten.
KEPT = timedelta(days=90)


def is_due(published_at: datetime, asked_at: datetime | None, now: datetime) -> bool:
    """Whether a post has reached another of the days since it was asked about."""
    if now - published_at > _LAST:
        return False
    reached = [day for day in DAYS if published_at + timedelta(days=day) <= now]
    return bool(reached) and (asked_at is None or asked_at < published_at + timedelta(days=reached[-1]))


def is_list_due(asked_at: datetime | None, pace: timedelta, now: datetime) -> bool:
    """Whether a list is to be read again."""
    return asked_at is None or not timedelta() <= now - asked_at < pace


def may_ask(state: TalkState, now: datetime) -> bool:
    """Whether a source does not rest. A rest that a wrong clock has made longer than any ends now."""
    return state.rests_until is None or not now < state.rests_until <= now + timedelta(days=8)


def note_answer(state: TalkState, now: datetime) -> TalkState:
    """The state after an answer."""
    return replace(state, asked_at=now, answered_at=now, reason="", failures=0, rests_until=None)


def note_failure(
    state: TalkState, reason: str, now: datetime, *, status: int | None = None, wait: timedelta | None = None
) -> TalkState:
    """The state after a failure. *wait* is what the source asked for. A source that refuses rests for a day, and one
    that is in trouble for an hour, then twice as long each time, up to a day.
    """
    failures = state.failures + 1
    usual = _DAY if status in REFUSALS else min(_HOUR * 2 ** min(failures - 1, 5), _DAY)
    rest = wait if wait is not None else usual
    return replace(state, asked_at=now, reason=reason, failures=failures, rests_until=now + max(rest, _HOUR / 60))
