"""The curator's settings for the ranking. Loads no large library, because every command reads it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aggregator.types import Override, Section, Weight

#: The factor of each kind of reason: 1, or no entry, leaves it as learned; 0 ignores it.
Weights = Mapping[Weight, float]


@dataclass(frozen=True, slots=True)
class Quotas:
    """How many posts a shortlist may have: in total, per source and per section."""

    size: int = 40
    #: Posts with a lower score are not proposed.
    floor: float = -math.inf
    #: Posts with a higher probability of being out of scope are not proposed, unless there is much talk about them.
    out_of_scope: float = 1.0
    #: At least this many posts of a source on one day may be a burst, which is not proposed; 0 turns this off.
    burst: int = 0
    #: How much score a post loses if it is entirely similar to a better one.
    diversity: float = 1.0
    #: For sources and sections that are not in the mappings; None learns them (``shortlist.learn_quotas``).
    per_source: int | None = None
    per_section: int | None = None
    #: By the key of a feed, or by the place of its posts.
    sources: Mapping[str, int] = field(default_factory=dict)
    sections: Mapping[Section, int] = field(default_factory=dict)


def find_in_force(history: Sequence[Override], listed: Mapping[str, float]) -> dict[str, float]:
    """Return the curator's overrides that are in force, by name.

    The last one of each name is in force, unless feeds.toml has changed that value since. *history* is in order;
    *listed* has the present values of feeds.toml.
    """
    last = {override.name: override for override in history}
    return {
        name: override.value
        for name, override in last.items()
        if override.value is not None and override.listed == listed.get(name) and override.value != override.listed
    }
