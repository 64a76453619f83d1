"""How a home is, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.feeds.health import Health
from aggregator.locales import mark, t, tn
from aggregator.pipeline.cluster_note import ClusterNote
from aggregator.pipeline.state import HomeState, MonthState
from aggregator.types import Decision
from aggregator.words.feeds import NAMES, say_alarm
from aggregator.words.model import count_decisions

_DECIDED = {
    Decision.APPROVE: mark("{number} approved"),
    Decision.HOLD: mark("{number} on hold"),
    Decision.REJECT: mark("{number} rejected"),
}
_MEGABYTE = 1_000_000


def list_lines(state: HomeState, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    """List what one screen says: a name, and a sentence or figures."""
    if state.alarm:
        yield t("Alarm"), say_alarm(state.alarm, state.at, zone)
    yield t("Feeds"), _say_feeds(state)
    if state.gaps:
        yield t("Gaps"), tn("{number} in the last 30 days", "{number} in the last 30 days", state.gaps)
    for month in state.months:
        yield month.month.name, _say_month(month)
    yield t("Posts"), _say_posts(state)
    yield t("Model"), _say_model(state, zone)
    if state.unsent:
        yield t("Notices"), tn("{number} not sent yet", "{number} not sent yet", state.unsent)
    sizes = (state.database_bytes, state.free_bytes)
    database, free = (f"{round(size / _MEGABYTE):,}" for size in sizes)
    yield t("Disk"), t("database {database} MB, {free} MB free", database=database, free=free)


def say_cluster(address: str, note: ClusterNote | None, now: datetime) -> str:
    """Say how the cluster at this address was when the daemon noted it; None if it has noted nothing."""
    if note is None:
        return t("{address}; the daemon has not looked yet", address=address)
    if not note.scheduler:
        said = [t("{address} is not reached; the daemon does the work itself", address=address)]
    else:
        said = [address, tn("{number} worker", "{number} workers", len(note.workers))]
    if note.others:
        said.append(tn("{number} of another version", "{number} of another version", len(note.others)))
    said.append(tn("{number} unit done", "{number} units done", note.units))
    if note.lost:
        said.append(tn("{number} lost and done again", "{number} lost and done again", note.lost))
    if note.deaths:
        said.append(tn("{number} worker went away", "{number} workers went away", note.deaths))
    return f"{', '.join(said)} ({words.distance(note.at, now)})"


def _say_feeds(state: HomeState) -> str:
    counts = [f"{state.feeds[health]:,} {t(NAMES[health])}" for health in Health if state.feeds.get(health)]
    said = ", ".join(counts) or t("none")
    if state.last_success_at is None:
        return said
    return t("{feeds}; last success {when}", feeds=said, when=words.distance(state.last_success_at, state.at))


def _say_month(month: MonthState) -> str:
    counts = [t(said, number=month.decided[one]) for one, said in _DECIDED.items() if month.decided.get(one)]
    undecided = tn("{number} of the shortlist undecided", "{number} of the shortlist undecided", month.undecided)
    return ", ".join([undecided, *counts, *([t("draft made")] if month.state else [])])


def _say_posts(state: HomeState) -> str:
    said = [f"{state.posts:,}"]
    if state.waiting:
        said.append(tn("{number} waits for its day or a date", "{number} wait for their day or a date", state.waiting))
    if behind := max(state.behind.values(), default=0):
        said.append(tn("{number} not worked through yet", "{number} not worked through yet", behind))
    return ", ".join(said)


def _say_model(state: HomeState, zone: ZoneInfo) -> str:
    if state.model is None:
        return t("not fitted yet; the daemon does so at its start")
    made = words.day_and_time(state.model.made_at, zone)
    return tn(
        "fitted on {made}, with {number} decision of yours",
        "fitted on {made}, with {number} decisions of yours",
        count_decisions(state.model),
        made=made,
    )
