"""Derives data from posts again after the rules of this program have changed.

Each rule has a recipe: a number in the module that owns it. A database knows by which recipes its posts are derived,
and which posts are still behind. So the revisions of the tables do not need the rules, and always do the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from aggregator.addresses.urls import RECIPE as ADDRESSES
from aggregator.addresses.urls import canonicalise_url, clean_url
from aggregator.feeds.drafts import TEXT_LIMIT
from aggregator.feeds.items import fragment_of, page_of
from aggregator.posts import series
from aggregator.posts.copies.fingerprint import RECIPE as COPIES
from aggregator.storage import changes, renewal
from aggregator.storage.changes import Derived
from aggregator.storage.database import Connection, Database
from aggregator.text.content import RECIPE as TEXTS
from aggregator.text.content import read_content
from aggregator.text.html import shorten
from aggregator.text.language import SAMPLE, find_language
from aggregator.text.terms import RECIPE as TERMS

#: Addresses first, because they decide which posts there are. Guesses are not here: they have the version of a model.
_RECIPES = {
    Derived.ADDRESSES: ADDRESSES,
    Derived.SERIES: series.RECIPE,
    Derived.TEXTS: TEXTS,
    Derived.COPIES: COPIES,
    Derived.SEARCH: TERMS,
}
_BATCH = 500


def renew(database: Database, now: datetime, set_up_logs: Callable[[], None] = lambda: None) -> None:
    """Put behind what older rules have derived, and derive addresses, stems and texts again. If this is interrupted,
    the next start continues.

    It comes before anything else is written, for new entries are matched with what is stored. It takes about a minute
    for 100,000 posts if everything has to be read again. Copies and the index come later, while the page is served.
    Raises StorageError.
    """
    with database.reading() as connection:
        known = changes.list_recipes(connection)
    for derived, recipe in _RECIPES.items():
        if known.get(derived) != recipe:
            with database.writing(durable=False) as connection:
                if derived is Derived.ADDRESSES:
                    renewal.readdress_all(connection, compute_again, clean_url, now)
                else:
                    changes.put_all_behind(connection, derived)
                changes.save_recipe(connection, derived, recipe)
    for derived, step in _STEPS.items():
        _renew(database, derived, step, set_up_logs)


def _renew(database: Database, derived: Derived, step: _Step, set_up_logs: Callable[[], None]) -> None:
    while True:
        with database.reading() as connection:
            behind = changes.list_behind(connection, derived, limit=_BATCH)
        if not behind:
            return
        # A lost batch is derived again.
        with database.writing(durable=False) as connection:
            step(connection, list(behind))
            changes.catch_up(connection, behind.values())
        _log_step(derived, max(behind), set_up_logs)


def _log_step(derived: Derived, to: int, set_up_logs: Callable[[], None]) -> None:
    # Imported late: commands seldom have anything to tell.
    import structlog

    set_up_logs()
    structlog.get_logger().info("stored posts are made anew by the present rules", what=str(derived), up_to=to)


def compute_again(address: str) -> str:
    """Return the present canonical form of a stored canonical address. A fragment that distinguishes posts of one page
    stays.
    """
    page, fragment = page_of(address), fragment_of(address)
    new = canonicalise_url(clean_url(page) or page)
    return f"{new}#{fragment}" if fragment else new


def _renew_stems(connection: Connection, post_ids: Sequence[int]) -> None:
    rows = renewal.list_titles(connection, post_ids)
    stems = {row.id: series.name_series(row.title) for row in rows}
    renewal.save_stems(connection, {row.id: stems[row.id] for row in rows if stems[row.id] != row.series})


def _renew_texts(connection: Connection, post_ids: Sequence[int]) -> None:
    rows = renewal.list_texts(connection, post_ids)
    read = {row.id: _read_text(row) for row in rows}
    renewal.save_texts(
        connection, {row.id: read[row.id] for row in rows if any(getattr(row, k) != v for k, v in read[row.id].items())}
    )


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


#: Derives data of some posts again.
_Step = Callable[[Connection, Sequence[int]], None]
_STEPS: dict[Derived, _Step] = {Derived.SERIES: _renew_stems, Derived.TEXTS: _renew_texts}
