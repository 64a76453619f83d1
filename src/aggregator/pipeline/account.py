"""The account of a month: taken as things stand now, and kept with the print of its digest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from aggregator.digest.account import write_comment
from aggregator.digest.chosen import write_chosen, write_thanks
from aggregator.digest.foot import join_feet
from aggregator.evaluate.coverage import keep_deleted, list_days, make_coverage
from aggregator.locales import ENGLISH, speaking
from aggregator.pipeline import weights
from aggregator.pipeline.follow import VISITS_KEPT
from aggregator.pipeline.home import Home
from aggregator.storage import coverage, health, readers
from aggregator.storage.database import Connection
from aggregator.storage.receipts import count_entries
from aggregator.types import Coverage, Digest, Month


def take_account(home: Home, connection: Connection, month: Month) -> Coverage:
    """Make the account of a month as things stand now."""
    now, zone = home.now, home.zone
    settings = weights.read_settings_in_force(connection, home.settings)
    days = list_days(month, zone, now)
    # The last day of the calendar has no next one.
    end = datetime.combine(min(month.last_day, date.max - timedelta(days=1)) + timedelta(days=1), time(), zone)
    so_far = max(min(end, now), days[0])
    return make_coverage(
        month,
        coverage.list_feed_facts(connection, month, days, so_far),
        health.list_gaps(connection, since=days[0]),
        coverage.count_funnel(connection, month, end=end, out_of_scope=settings.shortlist.out_of_scope),
        days,
        end=so_far,
        now=now,
        kept=VISITS_KEPT,
        reasons=coverage.list_proposed_reasons(connection, month),
        weights=weights.make_weights(settings),
    )


def take_for_print(home: Home, connection: Connection, month: Month) -> Coverage:
    """Do the same for a print, with the entries; if it is not the first, with what was deleted since."""
    taken, kept = take_account(home, connection, month), coverage.find_coverage(connection, month)
    taken = replace(taken, funnel=replace(taken.funnel, entries=count_entries(connection, month)))
    return keep_deleted(taken, kept) if kept else taken


def find_account(home: Home, connection: Connection, month: Month) -> tuple[Coverage, bool]:
    """Return the account that was kept when the month was printed (True), else the one of now (False)."""
    kept = coverage.find_coverage(connection, month)
    return (kept, True) if kept else (take_account(home, connection, month), False)


def has_foot(home: Home) -> bool:
    """Whether something is printed below the lines."""
    digest = home.settings.digest
    return digest.how_chosen or digest.coverage_comment or home.settings.suggestions.credit


def add_foot(home: Home, connection: Connection, digest: Digest, post_ids: Sequence[int], account: Coverage) -> Digest:
    """Return the digest with what the settings want below its lines, in the language of the digest. *post_ids* are
    those of its lines.
    """
    settings = home.settings.digest
    thanked = readers.list_credits(connection, post_ids) if home.settings.suggestions.credit else []
    with speaking(settings.language or home.settings.language or ENGLISH):
        return replace(
            digest,
            foot=join_feet(
                write_chosen(digest, account, thanked) if settings.how_chosen else write_thanks(thanked),
                write_comment(account, home.zone) if settings.coverage_comment else "",
            ),
        )
