"""Fixes of single lines of a page that a person keeps: each is told from others, and can be taken back. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from aggregator.digest.lint import Finding
from aggregator.digest.page import Edit

#: A run of lines as JSON: the index of its first line (``at``), the line ``above``, null if it is the first, and the
#: ``lines``.
Piece = Mapping[str, Any]


def name_fix(lines: Sequence[str], finding: Finding) -> str:
    """Name the fix of a finding by the lines that it replaces and by the new ones, wherever they stand on the page."""
    said = [(lines[edit.first : edit.end], edit.lines) for edit in finding.fix]
    return hashlib.sha256(f"{finding.rule}\0{said!r}".encode()).hexdigest()[:16]


def list_pieces(lines: Sequence[str], edits: Sequence[Edit]) -> tuple[list[Piece], list[Piece]]:
    """List what ordered edits replace, and by what, so that both are found again."""
    before: list[Piece] = []
    after: list[Piece] = []
    moved = 0
    for edit in edits:
        above = lines[edit.first - 1] if edit.first else None
        before.append({"at": edit.first, "above": above, "lines": list(lines[edit.first : edit.end])})
        after.append({"at": edit.first + moved, "above": above, "lines": list(edit.lines)})
        moved += len(edit.lines) - (edit.end - edit.first)
    return before, after


def replace_pieces(lines: Sequence[str], now: Sequence[Piece], wanted: Sequence[Piece]) -> list[Edit] | None:
    """The edits that put the *wanted* pieces where those of *now* stand; None if these are not on the page, or if it
    is not certain which they are.
    """
    edits: list[Edit] = []
    for old, new in zip(now, wanted, strict=True):
        at = _find_piece(lines, old)
        if at is None:
            return None
        edits.append(Edit(at, at + len(old["lines"]), tuple(new["lines"])))
    edits.sort(key=lambda edit: (edit.first, edit.end))
    return edits


def _find_piece(lines: Sequence[str], piece: Piece) -> int | None:
    size = len(piece["lines"])
    found = [
        at
        for at in range(len(lines) - size + 1)
        if (list(lines[at : at + size]) == piece["lines"] if size else _is_below(lines, at, piece["above"]))
    ]
    if piece["at"] in found:
        return int(piece["at"])
    return found[0] if len(found) == 1 else None


def _is_below(lines: Sequence[str], at: int, above: str | None) -> bool:
    return lines[at - 1] == above if at else above is None
