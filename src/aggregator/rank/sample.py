"""A spot check below the shortlist: which posts are drawn, and what they tell of those that nobody looked at. Pure.

Each post has a lot that hangs on its address, the month and the salt of the home alone. The posts below the shortlist
are cut into as many layers of depth as posts are drawn, and of each layer the one with the least lot is taken: any
post of a layer is as likely as any other, and the same month gives the same sample however often it is asked for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from itertools import pairwise
from statistics import NormalDist

from aggregator.types import Decision, Month, RankedPost, Sampled

# Of the normal distribution, for nineteen times in twenty.
_Z = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class Drawing:
    """What changes in the sample of a month."""

    drawn: tuple[Sampled, ...] = ()
    #: Posts that leave it: undecided ones that came to the shortlist since, or that are candidates no more.
    dropped: tuple[int, ...] = ()


def draw_sample(
    month: Month, ranked: Sequence[RankedPost], stored: Sequence[Sampled], *, size: int, salt: str, now: datetime
) -> Drawing:
    """Fill the sample of a month up to its *size*. What was drawn stays, whatever its rank becomes, and for good once
    it is decided on; undecided posts that came to the shortlist are replaced. *ranked* are the candidates, best first;
    *stored* has no copies of others, which count as not drawn while they are that.
    """
    by_post = {place.post_id: place for place in ranked}
    decided = [place for each in stored if (place := by_post.get(each.post_id)) and place.is_decided]
    open_ = [place for each in stored if (place := by_post.get(each.post_id)) and place.is_below]
    kept = [*decided, *open_[: max(size - len(decided), 0)]]
    stays, known = {place.post_id for place in kept}, {each.post_id for each in stored}
    below = [place for place in ranked if place.is_below and place.post_id not in known]
    layers = _choose_layers(_cut_layers(below, size), kept, size - len(kept))
    chosen = [min(layer, key=lambda place: _draw_lot(place, month, salt)) for layer in layers]
    among = len(below) + len(open_)
    return Drawing(
        tuple(Sampled(place.post_id, month, place.rank, among, now) for place in chosen),
        tuple(each.post_id for each in stored if each.post_id not in stays),
    )


def _cut_layers(below: Sequence[RankedPost], size: int) -> list[Sequence[RankedPost]]:
    """As even as can be, none of them empty."""
    count = min(size, len(below))
    edges = [round(len(below) * edge / count) for edge in range(count + 1)] if count else []
    return [below[start:end] for start, end in pairwise(edges)]


def _choose_layers(
    layers: Sequence[Sequence[RankedPost]], kept: Sequence[RankedPost], wanted: int
) -> list[Sequence[RankedPost]]:
    """The layers to draw from: those first in which the fewest of the *kept* lie, from the top."""
    held = [sum(layer[0].rank <= place.rank <= layer[-1].rank for place in kept) for layer in layers]
    chosen = sorted(range(len(layers)), key=lambda number: (held[number], number))[: max(wanted, 0)]
    return [layers[number] for number in sorted(chosen)]


def _draw_lot(place: RankedPost, month: Month, salt: str) -> tuple[bytes, int]:
    lot = blake2b(f"{salt} {month} {place.canonical_url}".encode(), digest_size=8).digest()
    return lot, place.post_id


# --- what it tells ---


@dataclass(frozen=True, slots=True)
class Estimate:
    """How many posts below the shortlist would have been approved, had they been looked at."""

    #: Of the sample: decided on, and of these approved.
    looked_at: int
    approved: int
    #: Posts that the sample stands for.
    below: int
    #: Of all that stood below, with a likelihood of 95 %.
    least: float
    missed: float
    most: float


def estimate_missed(looks: Sequence[tuple[Sampled, Decision | None]]) -> Estimate | None:
    """From the verdicts on the samples of one or more months; None while none of them is decided on.

    The interval is Wilson's score interval, which is honest about few and extreme outcomes (Wilson 1927). Held posts
    are not decided on. Over several months the share is that of all of them together.
    """
    decided = [decision for _, decision in looks if decision in {Decision.APPROVE, Decision.REJECT}]
    if not decided:
        return None
    below: dict[Month, int] = {}
    for each, _ in looks:
        below[each.month] = max(below.get(each.month, 0), each.below)
    total, count = sum(below.values()), len(decided)
    approved = sum(decision is Decision.APPROVE for decision in decided)
    low, high = bound_share(approved, count)
    return Estimate(count, approved, total, low * total, approved / count * total, high * total)


def bound_share(successes: int, trials: int) -> tuple[float, float]:
    """Wilson's interval of a share that was seen *successes* times in so many *trials*.

    By hand, for the page Figures asks: SciPy has the same and takes two seconds and 99 MB to load.
    """
    share, weight = successes / trials, _Z**2 / trials
    middle = (share + weight / 2) / (1 + weight)
    half = _Z / (1 + weight) * math.sqrt(share * (1 - share) / trials + weight / (4 * trials))
    # At its ends the share itself bounds what rounding would put a hair inside.
    return max(0.0, min(middle - half, share)), min(1.0, max(middle + half, share))
