"""Which organisation the lines of a place name: of a site, an author's folder or a feed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

#: The share of the lines that have to agree.
_CONVINCING = 0.75


class Named(NamedTuple):
    """An organisation, and how many lines name it."""

    name: str
    lines: int


def learn_organisations(
    lines: Iterable[tuple[str, str | None]], *, least: int = 1, share: float = _CONVINCING
) -> dict[str, Named]:
    """Learn from lines, each as its place and the organisation that it names, by place: the one that at least so many
    lines name, and such a *share* of those that name any.

    Lines without an organisation say nothing: in some parts none is printed.
    """
    named: dict[str, Counter[str]] = {}
    for place, organisation in lines:
        if organisation:
            named.setdefault(place, Counter())[organisation] += 1
    best = {place: Named(*counts.most_common(1)[0]) for place, counts in named.items()}
    return {place: one for place, one in best.items() if one.lines >= max(least, share * named[place].total())}
