"""Notices in words. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection

from aggregator import words
from aggregator.config.settings import NoticeSettings
from aggregator.feeds.health import Alarm, is_refusal
from aggregator.locales import mark, t, tn
from aggregator.notices.due import MOST_TRIES, Due
from aggregator.pipeline import months
from aggregator.pipeline.home import Home
from aggregator.types import FeedState, FittedModel, MonthFacts, Notice, NoticeKind
from aggregator.words.feeds import NO_REASON, REASON, say_alarm
from aggregator.words.model import say_reason as say_why_refused
from aggregator.words.reasons import say_reason

_KINDS = {
    NoticeKind.DRAFT: mark("the draft of a month is ready"),
    NoticeKind.CLOSING: mark("a month closes, and posts are undecided"),
    NoticeKind.FEED: mark("a feed has been broken for {days} days"),
    NoticeKind.ALARM: mark("no visit succeeds"),
    NoticeKind.MODEL: mark("a new model is not taken"),
}


_BROKEN = mark("The feed {feed} has been broken since {day}: {reason}")
_REFUSED = mark("The site of the feed {feed} has refused this machine since {day}: {reason}")


def say_due(due: Due, home: Home) -> str:
    """Say a notice in one sentence."""
    now, zone = home.now, home.zone
    match due.about:
        case MonthFacts() as facts if due.kind is NoticeKind.DRAFT:
            return t(
                "The draft of {month} is ready: {approved} approved, {undecided} undecided.",
                month=facts.month.name,
                approved=facts.approved,
                undecided=facts.undecided,
            )
        case MonthFacts() as facts:
            return tn(
                "{month} is to be printed on {day}, and {number} post is undecided.",
                "{month} is to be printed on {day}, and {number} posts are undecided.",
                facts.undecided,
                month=facts.month.name,
                day=words.day(months.find_print(home, facts.month, facts.plan) or now, zone),
            )
        case FeedState() as state:
            return t(
                _REFUSED if is_refusal(state.last_status, state.last_wall) else _BROKEN,
                feed=state.feed.name,
                day=words.day(state.failing_since or now, zone),
                reason=words.sentence(words.cut(say_reason(state.last_reason or NO_REASON), REASON)),
            )
        case Alarm() as alarm:
            return say_alarm(alarm, now, zone)
        case FittedModel() as model:
            return t("A new model was not taken: {reason}", reason=words.sentence(say_why_refused(model)))


def say_late(notice: Notice, home: Home) -> str:
    """Say a notice that was due earlier."""
    return t("{said} (noticed {moment})", said=notice.said, moment=words.day_and_time(notice.due_at, home.zone))


def say_kinds(settings: NoticeSettings) -> list[str]:
    """Say what is told and when nothing is sent, a line each."""
    kinds = [t(_KINDS[kind], days=f"{settings.feed_days:g}") for kind in settings.kinds or NoticeKind]
    said = [t("A notice is sent when {kinds}.", kinds="; ".join(kinds))]
    if settings.quiet_hours:
        said.append(t("Quiet hours: {hours}.", hours=settings.quiet_hours.replace("-", "–")))
    return said


def say_outcome(reason: str) -> str:
    """Say what came of a message."""
    return t("not sent: {reason}", reason=reason) if reason else t("sent")


def say_service(url: str) -> str:
    """``slack``: the beginning of a URL, which is not secret."""
    found = re.match(r"([a-z][a-z0-9]{0,19})://", url, re.IGNORECASE)
    return found[1].lower() if found else ""


def say_arrival(notice: Notice, urls: Collection[str]) -> str:
    """Say where a notice has not arrived, of the variables that are still set."""
    missing = [name for name in notice.missing if name in urls]
    if not missing:
        return t("sent")
    names = words.enumerate_words(missing)
    if notice.tries >= MOST_TRIES:
        return t("given up for {names}", names=names)
    return t("waits for {names}", names=names)
