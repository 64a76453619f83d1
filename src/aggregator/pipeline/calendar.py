"""The calendar of a month: until when posts count, when it is drafted and printed, and where its files lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aggregator.pipeline import cumulative, months, printouts, reprint
from aggregator.pipeline.home import Home
from aggregator.review.tending import Moment
from aggregator.storage import digests, posts
from aggregator.storage.database import Connection
from aggregator.storage.plans import find_plan
from aggregator.types import DigestState, Month, MonthPlan


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of a month on its way to the print. Moments are in the curator's zone."""

    month: Month
    state: DigestState | None
    plan: MonthPlan
    #: From when on there is a draft; None at the end of the calendar.
    draft_at: datetime | None
    #: From when on it is printed by itself; None if the curator prints it.
    print_at: datetime | None
    #: Its own file, which may not be there yet, and its cumulative pages.
    files: tuple[Path, ...]
    #: How many posts are here because they came too late for an earlier month, by that month.
    late: Mapping[Month, int]
    #: The month that takes up what comes too late for this one, and how many posts that are by now; None at the end.
    following: Month | None
    pending: int

    @property
    def is_frozen(self) -> bool:
        return self.state in {DigestState.PRINTED, DigestState.READ}

    @property
    def is_closed(self) -> bool:
        """Whether posts that are found now come too late."""
        return self.is_frozen or self.plan.is_closed


def look_at_calendar(home: Home, connection: Connection, month: Month) -> Calendar:
    """Read the calendar of a month."""
    settings, plan = home.settings.digest, find_plan(connection, month)
    stored = digests.find_digest(connection, month)
    state = stored.state if stored else None
    following = _find_following(home, connection, month)
    is_draft = state is None or state is DigestState.DRAFT
    own = printouts.name_file(home, month, DigestState.DRAFT if is_draft else DigestState.PRINTED)
    print_at = months.find_print(home, month, plan)
    return Calendar(
        month=month,
        state=state,
        plan=plan,
        draft_at=_find_draft(Moment(settings.draft_day, settings.draft_hour), month, home),
        print_at=print_at.astimezone(home.zone) if print_at else None,
        files=(own, *cumulative.list_pages(home, connection, month)) if state is not DigestState.READ else (),
        late=posts.count_late(connection, month),
        following=following,
        pending=posts.count_late(connection, following).get(month, 0) if following else 0,
    )


def _find_following(home: Home, connection: Connection, month: Month) -> Month | None:
    try:
        return reprint.find_next(home, connection, month)
    except ValueError:
        return None  # The calendar ends with the month.


def _find_draft(moment: Moment, month: Month, home: Home) -> datetime | None:
    try:
        return moment.of(month, home.zone)
    except ValueError:
        return None  # The calendar ends with the month.
