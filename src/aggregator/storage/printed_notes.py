"""The curator's own notes, of corrections and of digests that were printed or read."""

from __future__ import annotations

import sqlalchemy as sa

from aggregator.storage.actions import holds
from aggregator.storage.candidates import list_candidates_by_id
from aggregator.storage.printed import IS_PUBLISHED
from aggregator.storage.tables import corrections, digest_lines, digests
from aggregator.types import NotedLine

#: The newest are enough to learn a style from.
MOST_NOTES = 100


def list_noted_lines(connection: sa.Connection, *, without: int) -> list[NotedLine]:
    """List lines with a note, one of each post, but not of the post *without*: those of corrections, then those of
    digests, the newest first.
    """
    found: dict[int, NotedLine] = {}
    for candidate in list_candidates_by_id(connection, _list_corrected(connection)):
        post, correction = candidate.post, candidate.correction
        if correction and correction.note:
            found[post.id] = NotedLine(post.title, correction.note, str(candidate.section or "") or None)
    lines = (
        sa.select(digest_lines.c.post_id, digest_lines.c.title, digest_lines.c.note, digest_lines.c.section)
        .join(digests, digests.c.id == digest_lines.c.digest_id)
        .where(IS_PUBLISHED, digest_lines.c.note != "")
        .order_by(digests.c.made_at.desc(), digests.c.id.desc(), digest_lines.c.position)
        .limit(MOST_NOTES)
    )
    for row in connection.execute(lines):
        found.setdefault(row.post_id, NotedLine(row.title, row.note.removeprefix(": ").strip(), row.section))
    found.pop(without, None)
    return list(found.values())


def _list_corrected(connection: sa.Connection) -> list[int]:
    last = sa.func.max(corrections.c.id)
    query = (
        sa.select(corrections.c.post_id)
        .where(corrections.c.note.is_not(None), corrections.c.note != "", holds(corrections))
        .group_by(corrections.c.post_id)
        .order_by(last.desc())
        .limit(MOST_NOTES)
    )
    return list(connection.scalars(query))
