"""Remarks on a draft, by what they are about. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from aggregator.digest.page import name_line
from aggregator.types import Line, Remark


class Remarks(dict[str | None, list[Remark]]):
    """Remarks by the canonical address of their line; those about the whole are at None."""

    def on(self, line: Line) -> list[Remark]:
        return self.get(name_line(line), [])


def group_by_line(remarks: Sequence[Remark]) -> Remarks:
    found = Remarks()
    for remark in remarks:
        found.setdefault(remark.line, []).append(remark)
    return found


def group_by_post(remarks: Sequence[Remark]) -> dict[int, list[Remark]]:
    """The remarks that are not done, by the post whose line they are about."""
    found: dict[int, list[Remark]] = {}
    for remark in remarks:
        if remark.post_id and not remark.done_at:
            found.setdefault(remark.post_id, []).append(remark)
    return found
