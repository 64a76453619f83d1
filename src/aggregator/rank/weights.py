"""What the curator may set of the ranking, in feeds.toml and over it; light, for every command reads it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aggregator.types import Override, Section, Weight

#: What the curator multiplies each kind of reason by: 1, or none, leaves it as it was learned, 0 ignores it.
Weights = Mapping[Weight, float]


@dataclass(frozen=True, slots=True)
class Quotas:
    """How many posts a shortlist may hold, in all, of a source and in a section."""

    size: int = 40
    #: Nothing with a lower score is proposed.
    floor: float = -math.inf
    #: A post that is likelier than this to be out of scope is not proposed, unless very many talk about it.
    out_of_scope: float = 1.0
    #: At least this many posts of a source on one day may be a burst, which is not proposed; 0 looks for none.
    burst: int = 0
    #: What a post loses that is entirely like one above it.
    diversity: float = 1.0
    #: For sources and sections that the mappings do not name; None learns them (``shortlist.learn_quotas``).
    per_source: int | None = None
    per_section: int | None = None
    #: By the key of a feed, or by where its posts stand.
    sources: Mapping[str, int] = field(default_factory=dict)
    sections: Mapping[Section, int] = field(default_factory=dict)


def find_in_force(history: Sequence[Override], listed: Mapping[str, float]) -> dict[str, float]:
    """Which of the curator's overrides count, by name.

    The last of each counts, unless feeds.toml has changed since it was set. *listed* is what feeds.toml says now;
    *history* is in order.
    """
    last = {override.name: override for override in history}
    return {
        name: override.value
        for name, override in last.items()
        if override.value is not None and override.listed == listed.get(name) and override.value != override.listed
    }
