"""The view of the account of a month. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from aggregator.digest.account import Said, list_said
from aggregator.locales import t
from aggregator.types import Coverage, FeedCoverage, Gap
from aggregator.words.coverage import say_when
from aggregator.words.feeds import say_gap, say_reading


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A feed with something to tell."""

    key: str
    name: str
    visits: str
    days_missed: str
    #: What may have been missed, and whether it gave nothing; often empty.
    said: str


@dataclass(frozen=True, slots=True)
class CoverageView:
    """The page of a month's account."""

    when: str
    said: tuple[Said, ...]
    #: The feeds that were not visited completely, and those that gave nothing.
    feeds: tuple[FeedRow, ...]


def build_coverage(coverage: Coverage, zone: ZoneInfo, *, is_kept: bool) -> CoverageView:
    told = {feed.key: feed for feed in (*coverage.incomplete, *coverage.silent)}
    return CoverageView(
        when=say_when(coverage, zone, is_kept=is_kept),
        said=tuple(list_said(coverage, zone)),
        feeds=tuple(_build_row(feed, coverage.gaps, zone) for feed in told.values()),
    )


def _build_row(feed: FeedCoverage, gaps: Sequence[Gap], zone: ZoneInfo) -> FeedRow:
    said = [_say_gap(gap, zone) for gap in gaps if gap.feed_key == feed.key]
    return FeedRow(
        key=feed.key,
        name=feed.name,
        visits=t("{part} of {whole}", part=f"{feed.succeeded:,}", whole=f"{feed.succeeded + feed.failed:,}"),
        days_missed=f"{feed.days_missed:,}" if feed.days_missed else "–",
        said="; ".join([*said, *([t("silent")] if feed.is_silent else [])]),
    )


def _say_gap(gap: Gap, zone: ZoneInfo) -> str:
    reading = say_reading(gap, zone)
    said = t("Gap: {days}", days=say_gap(gap, zone))
    return t("{gap}, {reading}", gap=said, reading=reading) if reading else said
