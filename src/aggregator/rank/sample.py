"""The spot check below the shortlist: draws posts, and estimates how many good ones were missed. Pure.

This is a stratified sample. Each post has a lot: a hash of its address, the month and the salt of the home. The posts
below the shortlist are cut by rank into as many layers as posts are drawn, and the post with the lowest lot is drawn
from each layer. So all posts of a layer are equally likely, and a month always gives the same sample.
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

# The quantile of the normal distribution for 95 %.
_Z = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class Drawing:
    """What changes in the sample of a month."""

    drawn: tuple[Sampled, ...] = ()
    #: Posts that leave it: undecided ones that have moved to the shortlist, and those that are not candidates any more.
    dropped: tuple[int, ...] = ()


def draw_sample(
    month: Month, ranked: Sequence[RankedPost], stored: Sequence[Sampled], *, size: int, salt: str, now: datetime
) -> Drawing:
    """Fill the sample of a month up to its *size*.

    A drawn post stays while it is below the shortlist, at any rank, and for good once it is decided. Undecided posts
    that moved to the shortlist are replaced. *ranked* are the candidates, best first. *stored* is the present sample
    without copies: a post counts as not drawn while it is a copy of another.
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
    """Layers of nearly equal size, each with at least one post."""
    count = min(size, len(below))
    edges = [round(len(below) * edge / count) for edge in range(count + 1)] if count else []
    return [below[start:end] for start, end in pairwise(edges)]


def _choose_layers(
    layers: Sequence[Sequence[RankedPost]], kept: Sequence[RankedPost], wanted: int
) -> list[Sequence[RankedPost]]:
    """The layers to draw from: those with the fewest *kept* posts first, then from the top."""
    held = [sum(layer[0].rank <= place.rank <= layer[-1].rank for place in kept) for layer in layers]
    chosen = sorted(range(len(layers)), key=lambda number: (held[number], number))[: max(wanted, 0)]
    return [layers[number] for number in sorted(chosen)]


def _draw_lot(place: RankedPost, month: Month, salt: str) -> tuple[bytes, int]:
    lot = blake2b(f"{salt} {month} {place.canonical_url}".encode(), digest_size=8).digest()
    return lot, place.post_id


# --- estimate ---


@dataclass(frozen=True, slots=True)
class Estimate:
    """How many posts below the shortlist would have been approved if the curator had looked at them."""

    #: Of the sample: decided posts, and approved ones among them.
    looked_at: int
    approved: int
    #: The posts that the sample represents.
    below: int
    #: Estimated missed posts among them, with bounds at 95 % confidence.
    least: float
    missed: float
    most: float


def estimate_missed(looks: Sequence[tuple[Sampled, Decision | None]]) -> Estimate | None:
    """Estimate from the verdicts on the samples of one or more months; None before the first verdict.

    The bounds are Wilson's score interval, which is good for few and extreme outcomes (Wilson 1927). Held posts do not
    count as decided. Several months are pooled.
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
    """Return Wilson's interval at 95 % for a share, given *successes* in *trials*.

    SciPy has it too, but takes two seconds and 99 MB to load, and the page Figures needs this.
    """
    share, weight = successes / trials, _Z**2 / trials
    middle = (share + weight / 2) / (1 + weight)
    half = _Z / (1 + weight) * math.sqrt(share * (1 - share) / trials + weight / (4 * trials))
    # At 0 and 1, rounding would put the bound slightly inside the share.
    return max(0.0, min(middle - half, share)), min(1.0, max(middle + half, share))
