"""A random look below the shortlist: which posts are drawn for it, and what it tells of those that nobody looked at. Pure.

Each post has a lot that hangs on its address, the month and the salt of the home alone. The posts below the shortlist
are cut into as many layers of depth as posts are drawn, and of each layer the one with the least lot is taken: any post
of a layer is as likely as any other, and the same month gives the same sample however often it is asked for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from aggregator.types import Candidate, Decision, Month, Sampled

# Of the normal distribution, for nineteen times in twenty.
_Z = 1.96


@dataclass(frozen=True, slots=True)
class Drawing:
    """What changes in the sample of a month."""

    drawn: tuple[Sampled, ...] = ()
    #: Posts that leave it: undecided ones that came to the shortlist since, or that are candidates no more.
    dropped: tuple[int, ...] = ()


def draw_sample(
    month: Month, candidates: Sequence[Candidate], stored: Sequence[Sampled], *, size: int, salt: str, now: datetime
) -> Drawing:
    """Fill the sample of a month up to its *size*. What was drawn stays, whatever its rank becomes; only undecided posts
    that came to the shortlist are replaced. *candidates* have their scores.
    """
    by_post = {candidate.post.id: candidate for candidate in candidates}
    decided = [one for each in stored if (one := by_post.get(each.post_id)) and one.verdict]
    open_ = [one for each in stored if (one := by_post.get(each.post_id)) and _is_below(one)]
    kept = [*decided, *open_[: max(size - len(decided), 0)]]
    stays = {one.post.id for one in kept}
    known = {each.post_id for each in stored}
    below = [candidate for candidate in candidates if _is_below(candidate) and candidate.post.id not in known]
    below.sort(key=_rank)
    layers = _choose_layers(_cut_layers(below, size), [_rank(one) for one in kept], size - len(kept))
    chosen = [min(layer, key=lambda c: (_draw_lot(c, month, salt), c.post.id)) for layer in layers]
    among = len(below) + len(open_)
    return Drawing(
        tuple(Sampled(candidate.post.id, month, _rank(candidate), among, now) for candidate in chosen),
        tuple(each.post_id for each in stored if each.post_id not in stays),
    )


def _rank(candidate: Candidate) -> int:
    return candidate.score.rank if candidate.score else 0


def _is_below(candidate: Candidate) -> bool:
    """Whether nobody would look at it: ranked, not proposed, not decided, not printed."""
    is_open = candidate.verdict is None and candidate.printed_in is None
    return is_open and candidate.score is not None and not candidate.score.shortlisted


def _cut_layers(below: Sequence[Candidate], size: int) -> list[Sequence[Candidate]]:
    """As even as can be, none of them empty."""
    count = min(size, len(below))
    edges = [round(len(below) * place / count) for place in range(count + 1)] if count else []
    return [below[start:end] for start, end in zip(edges, edges[1:], strict=False)]


def _choose_layers(
    layers: Sequence[Sequence[Candidate]], kept: Sequence[int], wanted: int
) -> list[Sequence[Candidate]]:
    """The layers to draw from: those first in which the fewest of the *kept* ranks lie, from the top."""
    held = [sum(_rank(layer[0]) <= rank <= _rank(layer[-1]) for rank in kept) for layer in layers]
    chosen = sorted(range(len(layers)), key=lambda place: (held[place], place))[: max(wanted, 0)]
    return [layers[place] for place in sorted(chosen)]


def _draw_lot(candidate: Candidate, month: Month, salt: str) -> bytes:
    return blake2b(f"{salt} {month} {candidate.post.canonical_url}".encode(), digest_size=8).digest()


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

    The interval is Wilson's score interval, which is honest about few and extreme outcomes (Wilson 1927). Held posts are
    not decided on. Over several months the share is that of all of them together.
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
    """Wilson's interval of a share that was seen *successes* times in so many *trials*."""
    share, weight = successes / trials, _Z**2 / trials
    middle = (share + weight / 2) / (1 + weight)
    half = _Z / (1 + weight) * math.sqrt(share * (1 - share) / trials + weight / (4 * trials))
    return max(0.0, middle - half), min(1.0, middle + half)
