"""What a change of weights or quotas does to the order of a month. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aggregator.types import Reason, Score

# A share that moves less counts as unchanged.
_LEAST = 0.005


@dataclass(frozen=True, slots=True)
class Shift:
    """A post before and after."""

    before: Score
    after: Score

    @property
    def post_id(self) -> int:
        return self.after.post_id

    @property
    def places(self) -> int:
        """How many places the post moved up; negative if it moved down."""
        return self.before.rank - self.after.rank

    def find_cause(self) -> tuple[Reason | None, Reason | None]:
        """Return the reason whose share changed most in the direction that the post moved, before and after.

        Either is None if the reason was not there at that time. Both are None if only other posts changed.
        """
        before = {reason.name: reason for reason in self.before.reasons}
        after = {reason.name: reason for reason in self.after.reasons}
        sign = 1 if (self.after.shortlisted, self.places) > (self.before.shortlisted, 0) else -1
        best, most = "", _LEAST
        for name in {**before, **after}:
            gain = sign * (_share(after.get(name)) - _share(before.get(name)))
            if gain > most:
                best, most = name, gain
        return before.get(best), after.get(best)


@dataclass(frozen=True, slots=True)
class Effect:
    """The posts that would enter the shortlist, leave it, or move most otherwise."""

    entered: tuple[Shift, ...]
    left: tuple[Shift, ...]
    moved: tuple[Shift, ...]
    #: How many posts would change their place.
    total: int
    #: The size of the shortlist, before and after.
    sizes: tuple[int, int]


def measure_effect(before: Sequence[Score], after: Sequence[Score], *, most: int) -> Effect:
    """Compare two rankings of a month.

    Of the posts that neither enter nor leave the shortlist, list at most *most*, those that moved furthest. Posts that
    are in one ranking only, because they came or went in between, are left out.
    """
    known = {score.post_id: score for score in before}
    shifts = [Shift(known[score.post_id], score) for score in after if score.post_id in known]
    moved = [shift for shift in shifts if shift.places]
    others = [shift for shift in moved if shift.before.shortlisted == shift.after.shortlisted]
    others.sort(key=lambda shift: (-abs(shift.places) / min(shift.before.rank, shift.after.rank), shift.after.rank))
    return Effect(
        entered=tuple(shift for shift in shifts if shift.after.shortlisted and not shift.before.shortlisted),
        left=tuple(
            sorted(
                (shift for shift in shifts if shift.before.shortlisted and not shift.after.shortlisted),
                key=lambda shift: shift.before.rank,
            )
        ),
        moved=tuple(others[:most]),
        total=len(moved),
        sizes=(sum(score.shortlisted for score in before), sum(score.shortlisted for score in after)),
    )


def _share(reason: Reason | None) -> float:
    return reason.share if reason else 0.0
