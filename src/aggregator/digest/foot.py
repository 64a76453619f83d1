"""What stands below the lines of a digest, between marks by which it is found again.

How the issue was chosen stands between two comments; the first has a checksum of what is between them, so that text
that a hand has changed is known and kept. The coverage of the month is one comment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

_CHOSEN = "<!-- aggregator: how this issue was chosen, {checksum} -->"
_CHOSEN_END = "<!-- aggregator: end -->"
_COVERAGE = "<!-- aggregator: coverage of the month"
_BEGINS_CHOSEN = re.compile(r"<!-- aggregator: how this issue was chosen, ([0-9a-f]{8}) -->")


@dataclass(frozen=True, slots=True)
class Foot:
    """A piece of the foot on a page: the indexes of its first line and after its last."""

    first: int
    end: int
    #: None if it is a comment.
    checksum: str | None = None


def mark_chosen(text: str) -> str:
    """Put the text that says how an issue was chosen between its marks."""
    body = text.strip("\n")
    return "\n".join([_CHOSEN.format(checksum=_sum_up(body.split("\n"))), body, _CHOSEN_END, ""])


def mark_coverage(lines: Sequence[str]) -> str:
    """Put lines into the comment with the coverage of a month. Two hyphens would end it, so they become a dash."""
    return "\n".join([_COVERAGE, *(line.replace("--", "–") for line in lines), "-->", ""])


def join_feet(*feet: str) -> str:
    """Join pieces of a foot, of which some may be empty."""
    return "\n".join(filter(None, feet))


def list_feet(lines: Sequence[str], comments: Mapping[int, int]) -> list[Foot]:
    """List the pieces of a foot. *comments* are the indexes of the first line of each comment, and after its last."""
    found: list[Foot] = []
    # Without its end, a beginning is text: the end of another piece is not its own.
    begun: tuple[int, str] | None = None
    for at, end in comments.items():
        line = lines[at].rstrip()
        if match := _BEGINS_CHOSEN.fullmatch(line):
            begun = at, match[1]
        elif line == _COVERAGE:
            found.append(Foot(at, end))
            begun = None
        elif line == _CHOSEN_END and begun:
            found.append(Foot(begun[0], at + 1, begun[1]))
            begun = None
    return found


def find_chosen(foot: str) -> list[str]:
    """Find the lines of a digest's foot that say how it was chosen, with their marks; empty if it does not say."""
    lines = foot.split("\n")
    first = next((at for at, line in enumerate(lines) if _BEGINS_CHOSEN.fullmatch(line)), None)
    return [] if first is None else lines[first : lines.index(_CHOSEN_END, first) + 1]


def is_unchanged(foot: Foot, lines: Sequence[str]) -> bool:
    """Whether what stands between the marks is what was written there."""
    return foot.checksum == _sum_up(lines[foot.first + 1 : foot.end - 1])


def _sum_up(lines: Sequence[str]) -> str:
    return sha256("\n".join(line.rstrip() for line in lines).encode()).hexdigest()[:8]
