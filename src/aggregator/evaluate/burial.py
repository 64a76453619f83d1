"""What had buried a post that was taken up later, and which weights would have helped. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from statistics import fmean, median
from typing import NamedTuple

from aggregator.locales import mark
from aggregator.types import Cause, Decision, Ground, Weight

#: With fewer posts, weights are not proposed.
FEWEST = 5
#: Shares of a weight that differ less are equal.
LEAST_GAP = 0.15
#: A proposal lowers a weight to this part of it, or raises it by as much; it is one step, to be looked at.
STEP = 0.8
#: The settings take no higher factor.
HIGHEST = 10.0
#: At most so many weights are proposed.
MOST = 3
# The largest gaps that are named of one post.
_NAMED = 2
_CAUSES = {str(cause): cause for cause in Cause}

#: The shares of a score by weight.
Shares = Mapping[Weight, float]


class Burier(StrEnum):
    """What kept a post from being printed."""

    REJECTED = mark("rejected")
    PASSED_OVER = mark("proposed, not chosen")
    RULE = mark("a rule of yours")
    SCOPE = mark("beyond the scope")
    QUOTA = mark("a full quota")
    FLOOR = mark("below the floor")
    BURST = mark("a burst of its source")
    NEARNESS = mark("close to another post")
    SEEN = mark("passed over by the page that was read")
    SCORE = mark("its score")

    @staticmethod
    def of(decision: str | None, *, is_proposed: bool, ground: str | None) -> Burier:
        """Find it by the verdict in force, whether it was proposed, and the ground of its placement."""
        if decision == Decision.REJECT:
            return Burier.REJECTED
        if is_proposed:
            return Burier.PASSED_OVER
        return _GROUNDS.get(ground or "", Burier.SCORE)


_GROUNDS: dict[str, Burier] = {
    Ground.MUTED: Burier.RULE,
    Ground.SCOPE: Burier.SCOPE,
    Ground.SOURCE: Burier.QUOTA,
    Ground.SECTION: Burier.QUOTA,
    Ground.FLOOR: Burier.FLOOR,
    Ground.BURST: Burier.BURST,
    Ground.NEARNESS: Burier.NEARNESS,
    Ground.SEEN: Burier.SEEN,
}


class Gap(NamedTuple):
    """A share of a score that lies below the mean of the printed lines."""

    weight: Weight
    share: float
    #: The mean of the printed lines.
    printed: float


class WeightProposal(NamedTuple):
    """Another factor for a weight."""

    weight: Weight
    now: float
    proposed: float
    #: By how much it spoke for the posts that were taken up more than for those that were not, in the middle.
    gap: float


def sum_shares(reasons: Iterable[tuple[str, float]]) -> Shares:
    """Add up the shares of a score by weight, from the names and shares of its reasons; points of the curator's rules
    have no weight.
    """
    shares: defaultdict[Weight, float] = defaultdict(float)
    for name, share in reasons:
        if cause := _CAUSES.get(name):
            shares[cause.weight] += share
    return shares


def average_shares(posts: Sequence[Shares]) -> Shares:
    """Return the mean share of each weight; empty without posts."""
    return {weight: fmean(each.get(weight, 0.0) for each in posts) for weight in Weight} if posts else {}


def list_gaps(shares: Shares, printed: Shares) -> tuple[Gap, ...]:
    """List where a post lies furthest below the printed lines: what spoke against it, and what it lacked."""
    gaps = [Gap(weight, shares.get(weight, 0.0), mean) for weight, mean in printed.items()] if shares else []
    below = [gap for gap in gaps if gap.printed - gap.share >= LEAST_GAP]
    return tuple(sorted(below, key=lambda gap: gap.share - gap.printed)[:_NAMED])


def propose_weights(
    missed: Sequence[Shares], others: Sequence[Shares], weights: Mapping[Weight, float]
) -> list[WeightProposal]:
    """Propose other factors by the posts that were taken up although the ranking had put them too low, and by the
    *others* there that nobody took up; without any for few of either.

    A weight goes down by a step if it had held back what was taken up more than the others, and up if it had spoken for
    it. One that the step would leave as it is, is not proposed.
    """
    if min(len(missed), len(others)) < FEWEST:
        return []
    usual = average_shares(others)
    gaps = {weight: median(each.get(weight, 0.0) for each in missed) - usual[weight] for weight in Weight}
    found = [
        WeightProposal(weight, factor, proposed, gap)
        for weight, factor in weights.items()
        if abs(gap := gaps[weight]) >= LEAST_GAP
        and (proposed := round(min(factor * (STEP if gap < 0 else 1 / STEP), HIGHEST), 2)) != factor
    ]
    return sorted(found, key=lambda one: -abs(one.gap))[:MOST]
