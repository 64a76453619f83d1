"""What a published page was printed of: one month, or everything up to a day, as a cumulative page is. Pure.

A cumulative page grows from month to month, and a line of the month that has just begun may stand on it already. So its
newest line tells nothing of what is finished, and reading it closes nothing that is open.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from aggregator.exceptions import DigestError
from aggregator.types import Extent, Month

# Of the dated lines of one month's digest, so many are of that month; the others came late.
_OWN_SHARE = 0.75
# A month with no more lines than this share of the fullest one has only begun on the page. Of a month that is taken for
# whole, nothing is proposed any more; of one that is not, some posts are proposed again.
_BEGUN_SHARE = 0.5
# Months without a line between two lines of one page; behind more, a year is mistaken.
_GAP = 60


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is known of a page beside its lines."""

    #: As the curator says.
    month: Month | None = None
    until: date | None = None
    #: As the file is named, if that is the name that this program gives.
    named: Month | None = None

    def __post_init__(self) -> None:
        if self.month and self.until:
            raise DigestError("a page is the digest of a month, or was printed up to a day, and not both")


def name_month(file_name: str) -> Month | None:
    """The month whose digest this program prints into a file of this name."""
    match = re.fullmatch(r"([0-9]{4}-[0-9]{2})\.md", file_name)
    try:
        return Month.parse(match[1]) if match else None
    except ValueError:
        return None


def find_mistaken(months: Sequence[Month | None], *, present: Month, anchor: Month | None = None) -> dict[int, Month]:
    """The positions of months that no line of this page can mean, with the month that each is taken for.

    That are those still to come, and those far from all others, such as Nov 2002 among lines of 2022: the year is
    mistyped, so the newest month of that name is taken that other lines name, else the newest of all. *anchor* is one
    more month that the page is known to be of.
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
    """The months that can be reached from the one in the *centre* without a gap."""
    first = last = months.index(centre)
    gaps = [(later.year - one.year) * 12 + later.month - one.month > _GAP for one, later in pairwise(months)]
    while first > 0 and not gaps[first - 1]:
        first -= 1
    while last < len(gaps) and not gaps[last]:
        last += 1
    return set(months[first : last + 1])


def decide_extent(
    months: Sequence[Month | None], wanted: Wanted, *, today: date, unfinished: Collection[Month] = ()
) -> Extent:
    """What a page was printed of, from the months of its lines, without mistaken ones.

    It is one month's digest when the curator says so, when it has the name of one and no other month has more lines,
    or when nearly all lines are of its newest month, that is over and its review is not *unfinished*. Else it was
    printed up to the day that the curator says, or up to the end of the newest month that has its share of lines, but
    not into the running month.

    Raises DigestError for a day that has not come, and when nothing tells of a month.
    """
    if wanted.month:
        return Extent(month=wanted.month)
    if wanted.until:
        if wanted.until > today:
            raise DigestError(f"nothing was printed up to {wanted.until}: that day has not come")
        return Extent(until=wanted.until)
    lines = Counter(month for month in months if month)
    if not lines:
        raise DigestError("no line of the digest has a month; name the month of the digest")
    fullest, newest, present = max(lines.values()), max(lines), Month(today.year, today.month)
    if wanted.named and lines[wanted.named] == fullest:
        return Extent(month=wanted.named)
    if newest < present and newest not in unfinished and is_of_month(months, newest):
        return Extent(month=newest)
    grown = max(month for month, count in lines.items() if count > _BEGUN_SHARE * fullest)
    return Extent(until=min(grown.last_day, present.shift(-1).last_day))


def is_of_month(months: Sequence[Month | None], month: Month) -> bool:
    """Whether nearly all lines of a page are of one month."""
    dated = [each for each in months if each]
    return dated.count(month) >= _OWN_SHARE * len(dated)
