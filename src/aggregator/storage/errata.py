"""Printed lines whose addresses do not lead to their pages any more, and what the curator did about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from aggregator.addresses.urls import clean_url
from aggregator.storage.actions import holds
from aggregator.storage.links import list_faulty
from aggregator.storage.printed import IS_PUBLISHED
from aggregator.storage.rows import row_values
from aggregator.storage.tables import digest_lines, digests, link_remedies
from aggregator.types import Fault, LinkCheck, LinkState, Month, Remedy

_LINES = (
    sa.select(digest_lines.c.url, digest_lines.c.title, digests.c.month, digests.c.until_at)
    .join(digests, digests.c.id == digest_lines.c.digest_id)
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
    done: dict[str, list[_Done]] = {}
    for one in _list_in_force(connection):
        done.setdefault(one.url, []).append(one)
    checks = [one for one in list_faulty(connection) if not any(each.settles(one) for each in done.get(one.url, ()))]
    return list(_find_lines(connection, zone, checks, _LINES.where(IS_PUBLISHED)).values())


def list_put_right(connection: sa.Connection, zone: ZoneInfo) -> list[Fault]:
    """List the faults that were put right, and are not undone, in the order in which they were; the check of each says
    how it was found, and when it was put right.
    """
    done = [one for one in _list_in_force(connection) if one.remedy is not Remedy.LEFT]
    checks = [LinkCheck(one.url, one.at, one.state, one.at, target=one.target) for one in done]
    # Also of a print that is being undone.
    found = _find_lines(connection, zone, checks, _LINES)
    return [replace(found[check.url], check=check) for check in checks if check.url in found]


@dataclass(frozen=True, slots=True)
class _Done:
    """What the curator did about an address, and how it was found then."""

    url: str
    remedy: Remedy
    state: LinkState
    target: str | None
    at: datetime

    def settles(self, check: LinkCheck) -> bool:
        """Whether nothing is left to do about the address as it is found now."""
        if self.remedy is Remedy.LEFT:
            return (self.state, self.target) == (check.state, check.target)
        # A line that has a new address has lost this one; an archived page helps however the page itself is gone.
        return self.remedy is Remedy.MOVED or check.state.is_gone


def _list_in_force(connection: sa.Connection) -> list[_Done]:
    query = sa.select(link_remedies).where(holds(link_remedies)).order_by(link_remedies.c.id)
    return [
        _Done(row.url, Remedy(row.remedy), LinkState(row.state), row.target, row.at)
        for row in connection.execute(query)
    ]


def _find_lines(
    connection: sa.Connection, zone: ZoneInfo, found_so: Sequence[LinkCheck], lines: sa.Select[Any]
) -> dict[str, Fault]:
    """Find which of these lines have the addresses that were found so, by address, in the order of printing."""
    checks = {check.url: check for check in found_so}
    if not checks:
        return {}
    found: dict[str, Fault] = {}
    for row in connection.execute(lines):
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
    return found


def add_remedy(
    connection: sa.Connection, check: LinkCheck, remedy: Remedy, *, by: str, at: datetime, action: int
) -> None:
    """Store what the curator did about an address as it was found."""
    # With the copy that the curator has seen, because an archive may name another one later.
    target = check.archived if remedy is Remedy.ARCHIVED else check.target
    values = row_values(url=check.url, remedy=remedy, state=check.state, target=target, by=by, at=at, action_id=action)
    connection.execute(link_remedies.insert().values(values))
