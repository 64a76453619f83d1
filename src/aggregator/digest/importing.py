"""What reading a published page means for the store: posts, the curator's words on each line, and approvals. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from aggregator.addresses.urls import canonicalise_url, clean_url
from aggregator.dates.read import date_of_month
from aggregator.digest.escape import unescape_text
from aggregator.digest.extent import Wanted, decide_extent, find_mistaken, is_of_month
from aggregator.digest.read import ReadDigest, Remark
from aggregator.exceptions import DigestError
from aggregator.locales import t
from aggregator.text.language import find_language
from aggregator.types import (
    Correction,
    DateConfidence,
    DateSource,
    Decision,
    Digest,
    Extent,
    Line,
    Month,
    PostDraft,
    ReadBefore,
    Verdict,
)


class Choice(NamedTuple):
    """When a person chose a line, by what stands beside the page."""

    month: Month
    at: datetime


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What to store for a published page: a post for each line, in the order of the lines."""

    extent: Extent
    digest: Digest
    #: The month of each line: the one that it names unless that is mistaken; without one, that in which it was chosen,
    #: else the last month of the page.
    months: tuple[Month, ...]
    #: The positions of the lines that name a mistaken month.
    mistaken: frozenset[int]
    drafts: tuple[PostDraft, ...]
    remarks: tuple[Remark, ...]
    by: str
    chosen: tuple[Choice | None, ...] = ()

    def correct(self, place: int, post_id: int, now: datetime) -> Correction:
        """The line as the curator had it, as corrections of its post."""
        line = self.digest.lines[place]
        return Correction(
            post_id=post_id,
            by=self.by,
            at=now,
            section=line.section,
            title=line.title,
            month=self.months[place] if line.month else None,
            organisation=line.organisation or "",
            note=line.note.removeprefix(": "),
            # A page without marks does not say that nothing is starred.
            star=True if line.is_highlight else None,
        )

    def approve(self, place: int, post_id: int, now: datetime) -> Verdict:
        choice = self.chosen[place] if self.chosen else None
        return Verdict(post_id=post_id, decision=Decision.APPROVE, by=self.by, at=choice.at if choice else now)


def plan_import(
    read: ReadDigest,
    wanted: Wanted,
    *,
    now: datetime,
    today: date,
    under_review: Collection[Month],
    chosen: Sequence[Choice | None] = (),
) -> ImportPlan:
    """Plan how to store a page that was read. *today* is by the curator's calendar; *under_review* are the months whose
    review is not finished; *chosen* says of each line when a person chose it, or is empty.

    Raises DigestError for a line whose address is not http or https, and for a page that ``decide_extent`` rejects.
    """
    digest = read.digest
    named = [line.month for line in digest.lines]
    mistaken = find_mistaken(named, present=Month(today.year, today.month), anchor=wanted.month)
    believed = [mistaken.get(place, month) for place, month in enumerate(named)]
    certain = [None if place in mistaken else month for place, month in enumerate(named)]
    extent = decide_extent(certain, wanted, today=today, under_review=under_review)
    choices = chosen or [None] * len(named)
    months = tuple(
        month or (choice.month if choice else extent.last_month)
        for month, choice in zip(believed, choices, strict=True)
    )
    return ImportPlan(
        extent,
        digest,
        months,
        frozenset(mistaken),
        tuple(_draft_post(line, month, now) for line, month in zip(digest.lines, months, strict=True)),
        tuple(_remark_mistaken(read, mistaken)),
        by=f"digest {extent.month}" if extent.month else f"digest until {extent.until}",
        chosen=tuple(chosen),
    )


def list_new(plan: ImportPlan, before: Collection[Line]) -> list[int]:
    """The positions of the lines that were not read before, so that reading a file again repeats nothing."""
    known = {line.as_printed for line in before}
    return [position for position, line in enumerate(plan.digest.lines) if line not in known]


def list_replaced(extent: Extent, post_ids: Sequence[int], before: Iterable[ReadBefore]) -> list[ReadBefore]:
    """What was stored when the same page was read before, and is replaced now.

    A cumulative page may have grown since. It may also have been taken for the digest of a month, although few of its
    lines were of that month.
    """
    now = frozenset(post_ids)
    return [
        each
        for each in before
        if each.post_ids == now
        or (extent.until and each.post_ids < now and (each.month is None or not is_of_month(each.months, each.month)))
    ]


def _remark_mistaken(read: ReadDigest, mistaken: Mapping[int, Month]) -> Iterator[Remark]:
    for place, month in mistaken.items():
        line = read.digest.lines[place]
        if line.month:
            yield Remark(
                read.numbers[place],
                t(
                    "“{title}” names {named}, far from all other lines; it is kept as it stands, and the post counts "
                    "as one of {month}.",
                    title=unescape_text(line.title),
                    named=line.month.name,
                    month=month.name,
                ),
            )


def _draft_post(line: Line, month: Month, now: datetime) -> PostDraft:
    url = clean_url(line.url)
    if url is None:
        raise DigestError(
            t("“{title}” links to {address}, which is not an http or https address", title=line.title, address=line.url)
        )
    title = unescape_text(line.title).replace("*", "")
    return PostDraft(
        canonical_url=canonicalise_url(url),
        url=url,
        title=title,
        text="",
        words=0,
        links=(),
        tags=(),
        language=find_language(title),
        published_at=date_of_month(month),
        published_from=DateSource.DIGEST,
        month=month,
        first_seen_at=now,
        organisation=line.organisation,
        confidence=DateConfidence.SURE,
    )
