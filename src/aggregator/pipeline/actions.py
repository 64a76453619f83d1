"""Actions: what the curator does is recorded here, once for all kinds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aggregator.pipeline.home import Home
from aggregator.storage import actions
from aggregator.storage.database import Connection
from aggregator.types import Action, ActionKind, Month


def record(
    home: Home,
    connection: Connection,
    kind: ActionKind,
    *,
    post_id: int | None = None,
    feed_key: str | None = None,
    month: Month | None = None,
    details: Mapping[str, Any] | None = None,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    by: str | None = None,
    batch: int | None = None,
) -> int:
    """Append an action of the curator, or *by* somebody else; returns its number, for the rows that belong to it.
    *batch* is the number of the first of those that are undone together.
    """
    by, details, changes = by or home.curator, details or {}, changes or {}
    action = Action(kind, by, home.now, post_id, feed_key, month, details=details, changes=changes, batch=batch)
    return actions.append_action(connection, action).id
