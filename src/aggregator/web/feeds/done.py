"""The outcome of a form on the pages of feeds. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.addresses.urls import readable_url
from aggregator.locales import t
from aggregator.types import FeedState, Outcome, Visit
from aggregator.words.feeds import REASON, say_next_visit, say_visit
from aggregator.words.reasons import say_reason


class Done(StrEnum):
    """What a form of these pages did; the address that the browser is sent back to contains it."""

    VISIT = "visit"
    BUSY = "busy"
    PAUSE = "pause"
    RESUME = "resume"
    EDIT = "edit"
    ADDRESS = "address"
    RESET = "reset"
    UNDO = "undo"
    ADD = "add"
    RENAME = "rename"
    REMOVE = "remove"


class Cared(StrEnum):
    """What was done about a proposal."""

    TAKEN = "taken"
    DISMISSED = "dismissed"
    AGAIN = "again"


@dataclass(frozen=True, slots=True)
class Notice:
    """The outcome of a form."""

    said: str
    is_failure: bool = False


def find_done(text: str) -> Done | None:
    return Done(text) if text in set(Done) else None


def find_cared(text: str) -> Notice | None:
    """Say what was done about a proposal."""
    match text:
        case Cared.TAKEN:
            return Notice(t("Written into feeds.toml"))
        case Cared.DISMISSED:
            return Notice(t("It is not proposed again"))
        case Cared.AGAIN:
            return Notice(t("It is proposed again"))
    return None


def say_done(done: Done, state: FeedState, visit: Visit | None, now: datetime, zone: ZoneInfo) -> Notice | None:
    """Say the outcome of a form, from the present state of the feed. Anybody can write an address, so it only names the
    form; the facts are from storage. *visit* is the newest of the feed.
    """
    match done:
        case Done.VISIT if visit:
            failed = visit.outcome is Outcome.FAILED
            said = t("Visited {when}: {outcome}", when=words.distance(visit.started_at, now), outcome=say_visit(visit))
            reason = f": {words.cut(say_reason(visit.reason), REASON)}" if failed and visit.reason else ""
            return Notice(said + reason, failed)
        case Done.BUSY:
            return Notice(t("It is already being visited; reload the page in a moment"))
        case Done.PAUSE if state.paused_at:
            return Notice(t("Paused: it is not visited until you resume it"))
        case Done.RESUME if not state.paused_at:
            return Notice(t("Resumed; its next visit is {when}", when=say_next_visit(state, now, zone).said))
        case Done.EDIT:
            return Notice(t("Saved"))
        case Done.ADDRESS | Done.UNDO:
            return Notice(t("The next visit goes to {address}", address=readable_url(state.feed.url)))
        case Done.ADD:
            return Notice(
                t("It is in feeds.toml now; its next visit is {when}", when=say_next_visit(state, now, zone).said)
            )
        case Done.RENAME:
            return Notice(t("Its key is {key} now, in feeds.toml too", key=state.feed.key))
        case Done.RESET:
            return Notice(t("Now as in feeds.toml"))
    return None
