"""Derives data from posts again after the rules of this program have changed.

Each rule has a recipe: a number in the module that owns it. The database stores the recipes by which its data was
derived. So the revisions of the tables do not need the rules and always do the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aggregator.addresses.urls import RECIPE as ADDRESSES
from aggregator.addresses.urls import canonicalise_url, clean_url
from aggregator.feeds.drafts import TEXT_LIMIT
from aggregator.feeds.items import fragment_of, page_of
from aggregator.posts import series
from aggregator.storage import renewal
from aggregator.storage.database import Connection, Database
from aggregator.storage.renewal import Done
from aggregator.text.content import RECIPE as TEXTS
from aggregator.text.content import read_content
from aggregator.text.html import shorten
from aggregator.text.language import SAMPLE, find_language

#: Renews the next posts after a number; returns the number of the last of them, None if there are no more.
_Step = Callable[[Connection, int, datetime], int | None]


@dataclass(frozen=True, slots=True)
class _Rule:
    name: str
    recipe: int
    step: _Step


def renew(database: Database, now: datetime, set_up_logs: Callable[[], None] = lambda: None) -> None:
    """Renew what older rules derived. If this is interrupted, the next start continues from there.

    Call it before anything else is written, because new entries are matched with stored ones. It takes about a minute
    for 100,000 posts if everything has to be read again. Raises StorageError.
    """
    with database.reading() as connection:
        done = renewal.list_done(connection)
    for rule in _RULES:
        if done.get(rule.name) != Done(rule.recipe, None):
            _renew(database, rule, now, set_up_logs)


def _renew(database: Database, rule: _Rule, now: datetime, set_up_logs: Callable[[], None]) -> None:
    while True:
        # A lost batch is done again.
        with database.writing(durable=False) as connection:
            last = renewal.list_done(connection).get(rule.name)
            after = last.to if last and last.recipe == rule.recipe else 0
            if after is None:
                return
            to = rule.step(connection, after, now)
            renewal.save_done(connection, rule.name, Done(rule.recipe, to))
        if to is not None:
            _tell(rule, to, set_up_logs)


def _tell(rule: _Rule, to: int, set_up_logs: Callable[[], None]) -> None:
    # Imported late: commands seldom log anything here.
    import structlog

    set_up_logs()
    structlog.get_logger().info("renewing stored posts by the present rules", what=rule.name, up_to=to)


def _renew_addresses(connection: Connection, after: int, now: datetime) -> None:
    renewal.readdress_all(connection, compute_again, clean_url, now)


def compute_again(address: str) -> str:
    """Return the present canonical form of a stored canonical address. A fragment that distinguishes posts of one page
    stays.
    """
    page, fragment = page_of(address), fragment_of(address)
    new = canonicalise_url(clean_url(page) or page)
    return f"{new}#{fragment}" if fragment else new


def _renew_stems(connection: Connection, after: int, now: datetime) -> int | None:
    rows = renewal.list_titles(connection, after)
    stems = {row.id: series.name_series(row.title) for row in rows}
    renewal.save_stems(connection, {row.id: stems[row.id] for row in rows if stems[row.id] != row.series})
    return rows[-1].id if rows else None


def _renew_texts(connection: Connection, after: int, now: datetime) -> int | None:
    rows, last = renewal.list_texts(connection, after)
    read = {row.id: _read_text(row) for row in rows}
    renewal.save_texts(
        connection, {row.id: read[row.id] for row in rows if any(getattr(row, k) != v for k, v in read[row.id].items())}
    )
    return last


def _read_text(row: Any) -> Mapping[str, object]:
    content = read_content(row.content)
    # Some feeds put the same links into all items; these were left out of the post.
    kept = [link for link in content.links if link in set(row.links)] if row.links else list(content.links)
    return {
        "text": shorten(content.text, TEXT_LIMIT),
        "words": content.words,
        "links": kept,
        "language": find_language(f"{row.title}\n{content.text[:SAMPLE]}", row.declared),
        "images": content.images,
        # If the text has no picture, the one that the feed names separately stays.
        "first_image": content.first_image or row.first_image,
        "code_blocks": content.code_blocks,
        "code_lines": content.code_lines,
        "said": [list(one) for one in content.said],
    }


_RULES = (
    _Rule("addresses", ADDRESSES, _renew_addresses),
    _Rule("series", series.RECIPE, _renew_stems),
    _Rule("texts", TEXTS, _renew_texts),
)
