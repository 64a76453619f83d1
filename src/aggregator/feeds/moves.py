"""When a permanent redirect becomes the address of a feed. Pure: what a visit saw in, a decision out.

A server also answers 301 by mistake, for an hour, or for every page at once on the day a blog closes. So the target is
watched first, and adopted when it has been right for some days and visits. It is adopted at once only if nothing can be
lost (the old address is dead) or waiting gains nothing (the same address by https).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from aggregator.addresses.urls import origin_of
from aggregator.exceptions import FeedError, ParseError
from aggregator.types import FeedState, Hop, Move, Trial

#: Consecutive visits that have to agree.
AGREEMENTS = 3

# RFC 9110, 15.4.2 and 15.4.9; with other redirects the old address stays valid.
_PERMANENT = {301, 308}
_GONE = {404, 410}


@dataclass(frozen=True, slots=True)
class MoveDecision:
    """What a visit changes about the address of its feed."""

    #: The trial that continues; None if there is nothing to watch.
    trial: Trial | None = None
    move: Move | None = None
    #: Why a permanent redirect is never followed for good, as a sentence for a person.
    objection: str | None = None


def decide_move(
    state: FeedState,
    hops: Sequence[Hop],
    *,
    now: datetime,
    shares_entries: bool | None,
    error: FeedError | None,
    trial_days: timedelta,
    taken: Collection[str],
    refused: Collection[str],
    has_credentials: bool,
) -> MoveDecision:
    """Begin, continue or end the trial of the address that a visit was redirected to, or move the feed there.

    *shares_entries* says whether the document at the end has entries that are already stored; it is None for a 304,
    whose validators say the same. *taken* are the addresses of other feeds, *refused* those that the curator moved this
    feed back from. A failure does not change a trial, but a target that is not a feed starts its agreements again.
    """
    case = _Case(state, now, taken, refused, has_credentials)
    way = _list_permanent(hops)
    if error is None:
        return _decide_success(case, way, agrees=shares_entries is not False, trial_days=trial_days)
    # Not if the target of the redirect failed.
    return _decide_failure(case, way, error, is_dead=not hops and (error.status in _GONE or error.is_deserted))


@dataclass(frozen=True, slots=True)
class _Case:
    """One feed, and what prevents its move."""

    state: FeedState
    now: datetime
    taken: Collection[str]
    refused: Collection[str]
    has_credentials: bool

    @property
    def here(self) -> str:
        return self.state.feed.url

    def object_to(self, target: str) -> str | None:
        if target in self.taken:
            return f"it has moved to {target}, which another feed follows already"
        if target in self.refused:
            return f"it has moved to {target}, and that move was taken back"
        if self.has_credentials and origin_of(target) != origin_of(self.here):
            return f"it has moved to {target}, for which its credentials are not meant"
        return None

    def move_to(self, target: str, reason: str) -> Move:
        return Move(self.state.feed.key, self.now, self.here, target, reason, "aggregator")


def _decide_success(case: _Case, way: Sequence[str], *, agrees: bool, trial_days: timedelta) -> MoveDecision:
    upgrade = None
    if way and _is_upgrade(case.here, way[0]) and not case.object_to(way[0]):
        upgrade = case.move_to(way[0], "the old address redirects there for good, and it is the same by https")
    if not way or way[-1] == case.here or (upgrade and way[-1] == upgrade.to_url):
        return MoveDecision(move=upgrade)
    target = way[-1]
    if objection := case.object_to(target):
        return MoveDecision(move=upgrade, objection=objection)
    trial = continue_trial(case.state.trial, target, case.now, agrees=agrees)
    span = case.now - trial.since
    if trial.agreements >= AGREEMENTS and span >= trial_days:
        reason = f"the old address has redirected there for {_say_span(span)}, and the same entries are there"
        return MoveDecision(move=case.move_to(target, reason))
    return MoveDecision(trial, upgrade)


def _decide_failure(case: _Case, way: Sequence[str], error: FeedError, *, is_dead: bool) -> MoveDecision:
    trial = case.state.trial
    if trial is None:
        return MoveDecision()
    if isinstance(error, ParseError) and way and way[-1] == trial.url:
        return MoveDecision(replace(trial, agreements=0))
    if is_dead and trial.agreements and not case.object_to(trial.url):
        reason = f"the old address redirected there, to the same entries, and now it is dead: {error.reason}"
        return MoveDecision(move=case.move_to(trial.url, reason))
    return MoveDecision(trial)


def _list_permanent(hops: Sequence[Hop]) -> list[str]:
    """The targets of the permanent redirects before the first temporary one."""
    way = []
    for hop in hops:
        if hop.status not in _PERMANENT:
            break
        way.append(hop.url)
    return way


def continue_trial(trial: Trial | None, target: str, now: datetime, *, agrees: bool) -> Trial:
    """The trial of *target* after one more visit; a trial of another target ends."""
    # A trial that begins in the future was begun while the clock was wrong.
    if trial is None or trial.url != target or trial.since > now:
        trial = Trial(target, now)
    return replace(trial, agreements=trial.agreements + 1 if agrees else 0)


def _is_upgrade(here: str, target: str) -> bool:
    """Whether two addresses differ only in http and https, on the usual ports."""
    old, new = urlsplit(here), urlsplit(target)
    return (
        (old.scheme, new.scheme) == ("http", "https")
        and (old.hostname, old.port or 80, new.port or 443) == (new.hostname, 80, 443)
        and (old.path or "/", old.query) == (new.path or "/", new.query)
    )


def _say_span(span: timedelta) -> str:
    number, unit = (span.days, "day") if span.days else (span // timedelta(hours=1), "hour")
    return f"{number} {unit}" + ("" if number == 1 else "s")
