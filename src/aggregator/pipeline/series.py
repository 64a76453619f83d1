"""Series: finds the instalments of series."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from aggregator.posts.instalments import arrange_all
from aggregator.storage import series
from aggregator.storage.database import Connection
from aggregator.types import Month, Series, Sibling


def find_series(connection: Connection, post_ids: Sequence[int]) -> dict[int, Series]:
    """Find the series of these posts, by post; posts that are not instalments are left out."""
    return _arrange(series.list_siblings(connection, post_ids), post_ids)


def find_series_of_month(connection: Connection, month: Month) -> dict[int, Series]:
    """Find the series of the candidates of a month, by post, among all posts that share a stem with one of them."""
    siblings = series.list_siblings_of_month(connection, month)
    return _arrange(siblings, [one.post_id for one in siblings])


def name_series(connection: Connection, month: Month) -> dict[int, str]:
    """Name the series of each candidate of a month that is part of one; a series has the same name in every month."""
    found = find_series_of_month(connection, month)
    return {post_id: f"series of post {whole.instalments[0].post_id}" for post_id, whole in found.items()}


def has_further_part(connection: Connection, post_id: int, since: datetime) -> bool:
    """Whether a later part of the series of a post was first seen after *since*."""
    whole = find_series(connection, [post_id]).get(post_id)
    later = [one.post_id for one in whole.instalments if one.number > whole.get(post_id).number] if whole else []
    return bool(later) and bool(series.list_seen_since(connection, later, since))


def _arrange(siblings: Iterable[Sibling], post_ids: Iterable[int]) -> dict[int, Series]:
    stems: dict[str, list[Sibling]] = defaultdict(list)
    for one in siblings:
        stems[one.series].append(one)
    wanted = set(post_ids)
    return {post_id: whole for alike in stems.values() for post_id, whole in arrange_all(wanted, alike).items()}
