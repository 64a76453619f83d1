"""Printed lines whose addresses do not lead to their pages any more, and what the curator did about them."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from aggregator.addresses.urls import clean_url
from aggregator.storage.actions import holds
from aggregator.storage.links import list_faulty
from aggregator.storage.printed import IS_PUBLISHED
from aggregator.storage.rows import row_values
from aggregator.storage.tables import digest_lines, digests, link_remedies
from aggregator.types import Fault, LinkCheck, Month, Remedy

_LINES = (
    sa.select(digest_lines.c.url, digest_lines.c.title, digests.c.month, digests.c.until_at)
    .join(digests, digests.c.id == digest_lines.c.digest_id)
    .where(IS_PUBLISHED)
    .order_by(digests.c.id, digest_lines.c.position)
)


def list_printed_addresses(connection: sa.Connection) -> list[str]:
    """List the addresses of all printed and imported lines, each once."""
    query = sa.select(digest_lines.c.url).join(digests).where(IS_PUBLISHED).distinct()
    return list(dict.fromkeys(url for each in connection.execute(query).scalars() if (url := clean_url(each))))


def list_faults(connection: sa.Connection, zone: ZoneInfo) -> list[Fault]:
    """List the printed lines whose pages have moved or are gone, and about which nothing was done yet, in the order of
    printing.
    """
    done = {
        (row.url, row.state, row.target)
        for row in connection.execute(sa.select(link_remedies).where(holds(link_remedies)))
    }
    checks = {
        check.url: check for check in list_faulty(connection) if (check.url, str(check.state), check.target) not in done
    }
    if not checks:
        return []
    found: dict[str, Fault] = {}
    for row in connection.execute(_LINES):
        url = clean_url(row.url)
        if url is None or url not in checks:
            continue
        # The moment is the end of the last day.
        until = (row.until_at - timedelta(seconds=1)).astimezone(zone).date() if row.until_at else None
        place, day = str(until or row.month), until or Month.parse(row.month).last_day
        known = found.get(url)
        places = (*known.printed_in, place) if known else (place,)
        found[url] = Fault(
            url, known.title if known else row.title, places, known.seen_on if known else day, checks[url]
        )
    return list(found.values())


def add_remedy(
    connection: sa.Connection, check: LinkCheck, remedy: Remedy, *, by: str, at: datetime, action: int
) -> None:
    """Store what the curator did about an address as it was found."""
    values = row_values(
        url=check.url, remedy=remedy, state=check.state, target=check.target, by=by, at=at, action_id=action
    )
    connection.execute(link_remedies.insert().values(values))
