"""The view of the page Digests. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from aggregator.digest.markdown import show_bullet
from aggregator.digest.render import render_line
from aggregator.locales import t, tn
from aggregator.types import Line, PastDigest
from aggregator.words.digests import DigestRow, build_row


@dataclass(frozen=True, slots=True)
class DigestsView:
    """All that was printed and read, or what of it a search has found."""

    rows: tuple[DigestRow, ...]
    #: What a search has found, as a sentence; empty without one.
    said: str = ""
    #: HTML of the lines that it has found, by row.
    lines: Mapping[int, Sequence[str]] = field(default_factory=dict)


def build_digests(
    past: Sequence[PastDigest], found: tuple[int, Mapping[int, Sequence[Line]]] | None, zone: ZoneInfo, *, most: int
) -> DigestsView:
    """Build the page. *found* is what a search has found: how many posts, and the lines by digest of *most* of them."""
    if found is None:
        return DigestsView(tuple(build_row(one, zone) for one in past))
    posts, lines = found
    shown = {number: [show_bullet(render_line(line)) for line in of_digest] for number, of_digest in lines.items()}
    said = t("More than {number} posts found; the lines of the first are shown.", number=most)
    if posts <= most:
        said = tn("{number} line found.", "{number} lines found.", sum(map(len, shown.values())))
    return DigestsView(tuple(build_row(one, zone) for one in past if one.id in shown), said, shown)
