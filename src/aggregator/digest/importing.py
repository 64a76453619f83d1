"""What reading a published digest means for the store: posts, the curator's words on each line, and approvals. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator.dates import date_of_month
from aggregator.digest.escape import unescape_text
from aggregator.exceptions import DigestError
from aggregator.languages import find_language
from aggregator.types import Correction, DateConfidence, DateSource, Decision, Digest, Line, Month, PostDraft, Verdict
from aggregator.urls import canonicalise_url, clean_url


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What to store for a published digest: a post for each line, in the order of the lines."""

    month: Month
    digest: Digest
    drafts: tuple[PostDraft, ...]
    by: str

    def correct(self, line: Line, post_id: int, now: datetime) -> Correction:
        """The line as the curator had it, as corrections of its post."""
        return Correction(
            post_id=post_id,
            by=self.by,
            at=now,
            section=line.section,
            title=line.title,
            month=line.month,
            organisation=line.organisation or "",
            note=line.note.removeprefix(": "),
        )

    def approve(self, post_id: int, now: datetime) -> Verdict:
        return Verdict(post_id=post_id, decision=Decision.APPROVE, by=self.by, at=now)


def plan_import(digest: Digest, *, month: Month | None, now: datetime) -> ImportPlan:
    """Plan how to store a digest that was read. Without *month* it is that of its newest line.

    Raises DigestError for a line whose address is not http or https, and when no line has a month and none is given.
    """
    month = month or max((line.month for line in digest.lines if line.month), default=None)
    if month is None:
        raise DigestError("no line of the digest has a month; name the month of the digest")
    drafts = tuple(_draft_post(line, month, now) for line in digest.lines)
    return ImportPlan(month, digest, drafts, by=f"digest {month}")


def list_new(plan: ImportPlan, before: Sequence[Line]) -> list[int]:
    """The positions of the lines that were not read before, so that reading a file again repeats nothing."""
    known = set(before)
    return [position for position, line in enumerate(plan.digest.lines) if line not in known]


def _draft_post(line: Line, digest_month: Month, now: datetime) -> PostDraft:
    url = clean_url(line.url)
    if url is None:
        raise DigestError(f"“{line.title}” links to {line.url}, which is no http or https address")
    month = line.month or digest_month
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
