"""What a published page covers: one month, or, for a cumulative page, everything up to a day. Pure.

A cumulative page grows from month to month, and may already have a line of the month that has just begun. So its newest
line does not tell which months are finished, and reading it closes no open month.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from aggregator.exceptions import DigestError
from aggregator.locales import t
from aggregator.types import Extent, Month

# At least this share of the dated lines of a month's digest are of that month; the others came late.
_OWN_SHARE = 0.75
# A month with more lines than this share of the fullest month is complete on the page; others have only begun. If this
# is wrong, posts of a begun month are no longer proposed, or some of a complete month are proposed again.
_BEGUN_SHARE = 0.5
# Neighbouring months of a page are at most this many months apart; if they are further apart, a year is mistyped.
_GAP = 60


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is known of a page besides its lines."""

    #: The month that the curator gives.
    month: Month | None = None
    until: date | None = None
    #: The month in the name of the file, if the file is named as this program does.
    named: Month | None = None

    def __post_init__(self) -> None:
        if self.month and self.until:
            raise DigestError(t("a page is the digest of a month, or was printed up to a day, and not both"))


def find_mistaken(months: Sequence[Month | None], *, present: Month, anchor: Month | None = None) -> dict[int, Month]:
    """The positions of mistaken months, with the month that each is taken for.

    A month is mistaken if it is in the future, or far from all others: Nov 2002 among lines of 2022 is mistyped. Such a
    line counts for the newest month with the same name on the page, or else for the newest month. *anchor* is one
    more month that is known to be on the page.
    """
    named = [*months, anchor]
    dated = sorted(month for month in named if month and month <= present.shift(1))
    if not dated:
        return {}
    plausible = _list_near(sorted(set(dated)), dated[len(dated) // 2])
    found: dict[int, Month] = {}
    for position, month in enumerate(months):
        if month and month not in plausible:
            alike = [other for other in plausible if other.month == month.month]
            found[position] = max(alike or plausible)
    return found


def _list_near(months: Sequence[Month], centre: Month) -> set[Month]:
    """The months that can be reached from *centre* without a gap; *months* are sorted."""
    groups = [{months[0]}]
    for one, later in pairwise(months):
        if later > one.shift(_GAP):
            groups.append(set())
        groups[-1].add(later)
    return next(group for group in groups if centre in group)


def decide_extent(
    months: Sequence[Month | None], wanted: Wanted, *, today: date, under_review: Collection[Month] = ()
) -> Extent:
    """What a page covers, from the *months* of its lines, without mistaken ones.

    It is the digest of one month if the curator says so, if the file has its name and no other month has more lines, or
    if nearly all lines are of the newest month, which is over and not *under_review*. Otherwise it was printed up to
    the day that the curator says, or up to the end of the newest month that is complete on it, but not into the present
    month.

    Raises DigestError for a day that has not come, and if no line has a month.
    """
    if wanted.month:
        return Extent(month=wanted.month)
    if wanted.until:
        if wanted.until > today:
            raise DigestError(t("nothing was printed up to {day}: that day has not come", day=wanted.until))
        return Extent(until=wanted.until)
    lines = Counter(month for month in months if month)
    if not lines:
        raise DigestError(t("no line of the digest has a month; name the month of the digest"))
    fullest, newest, present = max(lines.values()), max(lines), Month(today.year, today.month)
    if wanted.named and lines[wanted.named] == fullest:
        return Extent(month=wanted.named)
    if newest < present and newest not in under_review and is_of_month(months, newest):
        return Extent(month=newest)
    grown = max(month for month, count in lines.items() if count > _BEGUN_SHARE * fullest)
    return Extent(until=min(grown.last_day, present.shift(-1).last_day))


def is_of_month(months: Sequence[Month | None], month: Month) -> bool:
    """Whether nearly all lines of a page are of one month."""
    dated = [each for each in months if each]
    return dated.count(month) >= _OWN_SHARE * len(dated)
