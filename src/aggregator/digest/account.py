"""The account of a month in words: on its page, in the terminal, and as a comment of its own file. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from aggregator.digest.foot import mark_coverage
from aggregator.locales import t, tn
from aggregator.types import Coverage, FeedCoverage, Unknown

# More names than these say less.
_MOST_NAMES = 12


class Said(NamedTuple):
    """What is said about one thing."""

    name: str
    sentences: tuple[str, ...]


def write_comment(coverage: Coverage, zone: ZoneInfo) -> str:
    """Write the account as a comment, without when it was taken: a draft that says the same stays the same."""
    lines = [f"{said.name}: {' '.join(said.sentences)}" for said in list_said(coverage, zone)]
    return mark_coverage([coverage.month.name, *lines])


def list_said(coverage: Coverage, zone: ZoneInfo) -> list[Said]:
    """Say the account of a month; days are on the calendar of *zone*."""
    said = [
        Said(t("Feeds"), tuple(_say_visits(coverage, zone))),
        Said(t("Gaps"), tuple(_say_gaps(coverage))),
        Said(t("Silent"), tuple(_say_silent(coverage))),
        Said(t("Late"), tuple(_say_late(coverage))),
        Said(t("Posts"), tuple(_say_posts(coverage))),
        Said(t("Decided"), tuple(_say_decided(coverage))),
        Said(t("Spot check"), tuple(_say_sample(coverage))),
    ]
    return [one for one in said if one.sentences]


def _say_visits(coverage: Coverage, zone: ZoneInfo) -> Iterator[str]:
    if coverage.known_from and coverage.unknown is Unknown.FORGOTTEN:
        yield t("Its visits are not known: the month is longer ago than visits are kept.")
    elif coverage.known_from and not coverage.is_visited:
        yield t("Its visits are not known: nothing was collected here yet.")
    elif coverage.known_from:
        day = _name_day(coverage.known_from, zone)
        yield t("Collected since {day}; what the feeds had dropped by then is not known.", day=day)
    if not coverage.is_visited:
        return
    failed = sum(feed.failed for feed in coverage.feeds)
    yield tn(
        "{complete} of {number} feed complete: visited with success on every day, without a gap.",
        "{complete} of {number} feeds complete: visited with success on every day, without a gap.",
        len(coverage.feeds),
        complete=f"{len(coverage.feeds) - len(coverage.incomplete):,}",
    )
    visits = failed + sum(feed.succeeded for feed in coverage.feeds)
    yield tn("{number} visit, {failed} failed.", "{number} visits, {failed} failed.", visits, failed=f"{failed:,}")
    if missed := [feed for feed in coverage.incomplete if feed.days_missed]:
        named = [tn("{name} ({number} day)", "{name} ({number} days)", f.days_missed, name=f.name) for f in missed]
        yield t("Days without a successful visit: {feeds}.", feeds=_join(named))


def _say_gaps(coverage: Coverage) -> Iterator[str]:
    names = {feed.key: feed.name for feed in coverage.feeds}
    if coverage.gapped:
        named = _join(sorted(names.get(key, key) for key in coverage.gapped))
        yield t("Something may have been missed of {feeds}.", feeds=named)
    if closed := {gap.feed_key for gap in coverage.gaps} - coverage.gapped:
        named = _join(sorted(names.get(key, key) for key in closed))
        yield t("What was missed of {feeds} was read from older pages.", feeds=named)


def _say_silent(coverage: Coverage) -> Iterator[str]:
    if coverage.silent:
        yield t("Nothing came from these feeds, which usually give something: {feeds}.", feeds=_name(coverage.silent))


def _say_late(coverage: Coverage) -> Iterator[str]:
    funnel = coverage.funnel
    if funnel.late:
        yield tn(
            "{number} post was found after the month had ended.",
            "{number} posts were found after the month had ended.",
            funnel.late,
        )
    if funnel.too_late:
        yield tn(
            "{number} post was too late for its digest and joined a later month.",
            "{number} posts were too late for its digest and joined a later month.",
            funnel.too_late,
        )


def _say_posts(coverage: Coverage) -> Iterator[str]:
    funnel = coverage.funnel
    yield tn("{number} candidate.", "{number} candidates.", funnel.candidates)
    if funnel.copies:
        yield tn("{number} copy of them.", "{number} copies of them.", funnel.copies)
    if funnel.out_of_scope:
        yield tn(
            "{number} likely out of scope and not proposed.",
            "{number} likely out of scope and not proposed.",
            funnel.out_of_scope,
        )
    yield tn("{number} proposed.", "{number} proposed.", funnel.proposed)


def _say_decided(coverage: Coverage) -> Iterator[str]:
    funnel = coverage.funnel
    yield t(
        "{approved} approved, {held} held, {rejected} rejected, {undecided} undecided.",
        approved=f"{funnel.approved:,}",
        held=f"{funnel.held:,}",
        rejected=f"{funnel.rejected:,}",
        undecided=f"{funnel.undecided:,}",
    )
    if funnel.approved_below:
        yield tn(
            "{number} of the approved was not proposed.",
            "{number} of the approved were not proposed.",
            funnel.approved_below,
        )
    if funnel.reasons:
        named = [(t(reason) if reason else t("without a reason"), number) for reason, number in funnel.reasons]
        yield t("Rejected as: {reasons}.", reasons=_join([f"{name} {number:,}" for name, number in named]))


def _say_sample(coverage: Coverage) -> Iterator[str]:
    funnel = coverage.funnel
    if funnel.sampled:
        yield tn(
            "{number} drawn below the shortlist, {decided} decided, {approved} approved.",
            "{number} drawn below the shortlist, {decided} decided, {approved} approved.",
            funnel.sampled,
            decided=f"{funnel.sampled_decided:,}",
            approved=f"{funnel.sampled_approved:,}",
        )


def _name(feeds: Sequence[FeedCoverage]) -> str:
    return _join([feed.name for feed in feeds])


def _join(names: Sequence[str]) -> str:
    if len(names) <= _MOST_NAMES:
        return ", ".join(names)
    more = tn("{number} more", "{number} more", len(names) - _MOST_NAMES)
    return ", ".join([*names[:_MOST_NAMES], more])


def _name_day(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d}"
