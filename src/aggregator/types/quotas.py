"""How many posts may be proposed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from aggregator.types.sections import Section


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
