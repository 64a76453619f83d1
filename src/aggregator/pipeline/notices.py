"""Tells the curator outside the page what should not wait: gathers what is due, stores it once, and sends it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import timedelta

import structlog

from aggregator.config import Settings
from aggregator.locales import ENGLISH, speaking, t
from aggregator.notices.due import MOST_TRIES, Due, Facts, is_quiet, list_due, sort_messages
from aggregator.notices.send import send_apart
from aggregator.pipeline import follow, months
from aggregator.pipeline.home import Home
from aggregator.storage import feeds, models, notices, progress
from aggregator.types import Month, Notice

log = structlog.get_logger()

#: Notices that were due longer ago say so.
_FRESH = timedelta(hours=1)


def tell(
    home: Home,
    urls: Mapping[str, str],
    say: Callable[[Due, Home], str],
    say_late: Callable[[Notice, Home], str],
    stopping: threading.Event,
) -> None:
    """Send what is due to *urls*, by the names of their variables. *say* says a notice, *say_late* one from before.

    Each notice is sent once, in the curator's language; what falls into the quiet hours is sent after them. What does
    not arrive is sent again later, ``MOST_TRIES`` times at most. Raises MissingExtraError and StoppedError.
    """
    if not urls:
        return
    with speaking(home.settings.language or ENGLISH):
        _store_due(home, tuple(urls), say)
        now = home.now
        if is_quiet(home.settings.notices.quiet_hours, now.astimezone(home.zone).time()):
            return
        with home.reading() as connection:
            messages = sort_messages(notices.list_unsent(connection, MOST_TRIES), urls, now)
        if not messages:
            return
        texts = {
            name: "\n".join(
                say_late(notice, home) if now - notice.due_at > _FRESH else notice.said for notice in message
            )
            for name, message in messages.items()
        }
        send = home.rehearsal.keep_notices if home.rehearsal else send_apart
        outcomes = send(urls, {name: _add_page(home.settings, text) for name, text in texts.items()}, stopping)
    _note(home, messages, outcomes, urls)


def send_test(settings: Settings, urls: Mapping[str, str], stopping: threading.Event) -> dict[str, str]:
    """Send a test to each URL; return why it was not sent there, by the names of the variables; empty if it was.

    Raises MissingExtraError and StoppedError.
    """
    said = _add_page(settings, t("This is a test. Notices arrive here."))
    return send_apart(urls, dict.fromkeys(urls, said), stopping) if urls else {}


def _add_page(settings: Settings, text: str) -> str:
    """Add the address of the page, if it is known from outside."""
    return "\n\n".join(filter(None, [text, settings.server.public_url]))


def list_newest(home: Home, limit: int) -> list[Notice]:
    """List the newest notices, newest first."""
    with home.reading() as connection:
        return notices.list_newest(connection, limit)


def _store_due(home: Home, names: tuple[str, ...], say: Callable[[Due, Home], str]) -> None:
    settings, now = home.settings, home.now
    due = list_due(_gather(home), now, settings.notices)
    if not due:
        return
    with home.reading() as connection:
        known = notices.list_known(connection, {each.kind for each in due})
    new = [Notice(each.kind, each.subject, say(each, home), now, names) for each in due if each[:2] not in known]
    if new:
        with home.database.writing() as connection:
            notices.add_notices(connection, new)


def _gather(home: Home) -> Facts:
    present = Month.of(home.now, home.zone)
    alarm = follow.find_alarm(home)
    with home.reading() as connection:
        last = present.shift(-1)
        month = next(
            (facts for facts in progress.list_month_facts(connection, present, home.zone) if facts.month == last), None
        )
        return Facts(
            month=month,
            prints_at=months.find_print(home, last, month.plan) if month else None,
            feeds=feeds.list_feed_states(connection),
            alarm=alarm,
            succeeded_at=feeds.find_last_success(connection),
            model=models.find_last(connection),
        )


def _note(
    home: Home, messages: Mapping[str, list[Notice]], outcomes: Mapping[str, str], urls: Mapping[str, str]
) -> None:
    """Note what has arrived; URLs that were taken out of the settings are not waited for."""
    tried = {(notice.kind, notice.subject): notice for message in messages.values() for notice in message}
    with home.database.writing() as connection:
        for notice in tried.values():
            missing = [name for name in notice.missing if name in urls and outcomes.get(name, "not in this message")]
            notices.note_sent(connection, notice, missing, home.now)
    sent = [name for name, reason in outcomes.items() if not reason]
    if sent:
        log.info("notices sent", to=sent, notices=[str(notice.kind) for notice in tried.values()])
    for name, reason in outcomes.items():
        if reason:
            log.warning("notices not sent", to=name, reason=reason)
