"""Where a month stands, from collecting to print, and how many posts of each section are approved."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from aggregator import words
from aggregator.locales import t, tn
from aggregator.pipeline import months
from aggregator.pipeline.home import Home
from aggregator.pipeline.reprint import Since
from aggregator.storage import digests
from aggregator.storage.database import Connection
from aggregator.storage.outlines import Outline
from aggregator.storage.plans import find_plan
from aggregator.storage.quotas import find_quotas
from aggregator.types import DigestState, Month, MonthPlan, Part, Quotas, Section, State
from aggregator.web.queue.filter import QueueFilter, Show
from aggregator.words.plans import say_since


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage on the way of a month to its digest."""

    name: str
    said: str
    #: In percent.
    done: int
    path: str
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class Quota:
    """A section: how many of its posts are approved and proposed."""

    name: str
    label: str
    approved: int
    proposed: int
    #: How many are proposed at most; as many as are, if the month was never ranked.
    most: int
    path: str
    is_chosen: bool

    @property
    def done(self) -> int:
        return min(100, round(100 * self.approved / self.most)) if self.most else 100 * bool(self.approved)

    @property
    def said(self) -> str:
        """All its numbers in words."""
        return t(
            "{section}: {approved} approved of {proposed} proposed, at most {most}",
            section=self.label,
            approved=self.approved,
            proposed=self.proposed,
            most=self.most,
        )


@dataclass(frozen=True, slots=True)
class Group:
    """The sections of a part."""

    name: str
    quotas: tuple[Quota, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a month stands."""

    stages: tuple[Stage, ...]
    groups: tuple[Group, ...]
    approved: int
    #: How many are proposed at most.
    most: int


def look_at_month(
    home: Home, connection: Connection, outlines: Sequence[Outline], chosen: QueueFilter, since: Since
) -> Standing:
    """Read and build the bar of a month; *since* is what was decided since its print."""
    state = dict(digests.list_digests(connection)).get(chosen.month)
    plan = find_plan(connection, chosen.month)
    due = months.find_print(home, chosen.month, plan)
    quotas = find_quotas(connection, chosen.month)
    now = home.now.astimezone(home.zone)
    return build_standing(outlines, chosen, state, plan, due, now, quotas=quotas, since=since.number)


def build_standing(
    outlines: Sequence[Outline],
    chosen: QueueFilter,
    state: DigestState | None,
    plan: MonthPlan,
    due: datetime | None,
    now: datetime,
    *,
    quotas: Quotas | None = None,
    since: int = 0,
) -> Standing:
    """Build the bar of a month. *state* is its digest's, if there is one. *due* is when it is printed by itself, or
    None; *now* is in the curator's zone. *quotas* are those of its shortlist, if it was ranked. *since* is how many
    things were decided since it was printed.
    """
    today = now.date()
    counted = [outline for outline in outlines if not outline.is_muted]
    approved = sum(one.state is State.APPROVED for one in counted)
    proposed = [one for one in counted if one.is_shortlisted]
    left = sum(one.state is State.UNDECIDED for one in proposed)
    looks = sum(one.is_sampled and one.state is State.UNDECIDED for one in counted)
    month = chosen.month
    present = Month(today.year, today.month)
    until = t("{day} {month}", day=month.last_day.day, month=month.name_in_year)
    is_over, is_now = present > month, present == month
    is_printed = state in {DigestState.PRINTED, DigestState.READ}
    stages = (
        Stage(
            t("Collected") if is_over else t("Collecting"),
            tn("{number} post, until {day}", "{number} posts, until {day}", len(counted), day=until)
            if is_over
            else tn("{number} post so far", "{number} posts so far", len(counted)),
            100 if is_over else round(100 * today.day / monthrange(today.year, today.month)[1]) if is_now else 0,
            QueueFilter(month, show=Show.ALL).path,
            not is_over,
        ),
        Stage(
            t("Review"),
            _say_reviewed(len(proposed) - left, len(proposed), looks),
            round(100 * (len(proposed) - left) / len(proposed)) if proposed else 0,
            QueueFilter(month).path,
            is_over and not is_printed and left > 0,
        ),
        Stage(t("Draft"), tn("{number} line", "{number} lines", approved), 100 * bool(approved), f"/digest/{month}"),
        _build_print(
            month, state, left, plan, due, now.tzinfo, is_current=is_over and (is_printed or not left), since=since
        ),
    )
    groups = _list_groups(counted, chosen, quotas)
    return Standing(stages, groups, approved, quotas.size if quotas else len(proposed))


def _build_print(
    month: Month,
    state: DigestState | None,
    left: int,
    plan: MonthPlan,
    due: datetime | None,
    zone: tzinfo | None,
    *,
    is_current: bool,
    since: int,
) -> Stage:
    path = f"/digest/{month}"
    if state is DigestState.PRINTED and since:
        return Stage(t("Printed"), say_since(since), 100, path, is_current)
    if state is DigestState.PRINTED:
        return Stage(t("Printed"), t("and frozen"), 100, path, is_current)
    if state is DigestState.READ:
        return Stage(t("Published"), t("and read"), 100, path, is_current)
    if due is None:
        said = tn("by hand; {number} is undecided", "by hand; {number} are undecided", left)
        return Stage(t("Print"), said, 0, path, is_current)
    there = due.astimezone(zone)
    moment = t("{day} {month}", day=there.day, month=Month(there.year, there.month).name_in_year)
    name = t("Prints {day}, {time}", day=moment, time=f"{there:%H:%M}")
    if plan.is_closed:
        return Stage(name, t("closed"), 0, path, is_current)
    said = t("when 0 are undecided, now {number}", number=f"{left:,}")
    return Stage(name, said, 0, path if not left else QueueFilter(month).path, is_current)


def _say_reviewed(decided: int, proposed: int, looks: int) -> str:
    reviewed = t("{decided} of {proposed} decided", decided=f"{decided:,}", proposed=f"{proposed:,}")
    left = tn("{number} spot check left", "{number} spot checks left", looks)
    return f"{reviewed}, {left}" if looks else reviewed


def _list_groups(counted: Sequence[Outline], chosen: QueueFilter, quotas: Quotas | None) -> tuple[Group, ...]:
    # Imported late, as everywhere in a page: NumPy takes a while to load.
    from aggregator.rank.shortlist import count_most_in

    approved = Counter(one.section for one in counted if one.state is State.APPROVED)
    proposed = Counter(one.section for one in counted if one.is_shortlisted)
    parts: dict[Part, list[Section]] = {}
    for section in sorted({one for one in (*approved, *proposed) if one}, key=str):
        parts.setdefault(section.part, []).append(section)
    return tuple(
        Group(
            words.capitalise(t(part.name)),
            tuple(
                Quota(
                    section.topic.name if section.topic.number else str(section),
                    f"{section} {section.topic.name}",
                    approved[section],
                    proposed[section],
                    int(count_most_in(quotas, section)) if quotas else proposed[section],
                    chosen.turn(section=None if section == chosen.section else section).path,
                    section == chosen.section,
                )
                for section in sections
            ),
        )
        for part, sections in parts.items()
    )
