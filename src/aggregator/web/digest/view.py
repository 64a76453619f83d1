"""The view of a month's digest. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.digest.editions.outline import outline_digest
from aggregator.digest.escape import unescape_text
from aggregator.digest.extent import is_of_month
from aggregator.digest.render import render_digest
from aggregator.locales import t, tn
from aggregator.storage.digests import StoredDigest
from aggregator.storage.outlines import Outline
from aggregator.types import Candidate, Digest, DigestState, Month, Series
from aggregator.web.paths import path_in_queue
from aggregator.web.queue.view import Progress, measure_progress
from aggregator.words.series import build_series


@dataclass(frozen=True, slots=True)
class LineView:
    """One bullet as it is printed."""

    html: str
    #: The post that it can be edited of; None once it is frozen.
    post_id: int | None
    title: str
    anchor: str
    language: str
    is_highlight: bool = False


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section that has lines; ``part`` only on the first of its part."""

    anchor: str
    part: str
    heading: str
    lines: tuple[LineView, ...]


@dataclass(frozen=True, slots=True)
class DigestView:
    """The digest of a month, as stored or as it would be printed now."""

    month: Month
    #: Of the stored digest; None if there is none.
    state: DigestState | None
    said: str
    source: str
    sections: tuple[SectionView, ...]
    lines: int
    #: The titles of its highlights.
    highlights: tuple[str, ...]
    #: Why it cannot be printed, as sentences.
    problems: tuple[str, ...]
    progress: Progress

    @property
    def is_frozen(self) -> bool:
        return self.state in {DigestState.PRINTED, DigestState.READ}

    @property
    def can_print(self) -> bool:
        return not self.is_frozen and not self.problems and self.lines > 0


def is_frozen(stored: StoredDigest | None) -> bool:
    """Whether the stored digest is shown, and not what would be composed now."""
    return stored is not None and stored.is_frozen


def build_digest(
    month: Month,
    stored: StoredDigest | None,
    digest: Digest | None,
    problem: str,
    outlines: Sequence[Outline],
    zone: ZoneInfo,
    *,
    post_ids: Sequence[int] = (),
    on_page: int = 0,
) -> DigestView:
    """Build the page. *digest* is what is shown, or None if *problem* kept it from being composed. *post_ids* are those
    of its lines, if they can be edited. *on_page* is the number of lines of the month on the cumulative page that was
    read.
    """
    return DigestView(
        month=month,
        state=stored.state if stored else None,
        said=" ".join(filter(None, [_say_state(stored, zone), _say_page(on_page), _say_doubt(month, stored)])),
        source=render_digest(digest) if digest else "",
        sections=build_sections(digest, post_ids) if digest else (),
        lines=len(digest.lines) if digest else 0,
        highlights=tuple(unescape_text(line.title) for line in digest.lines if line.is_highlight) if digest else (),
        problems=tuple(f"{line.rstrip('.')}." for line in problem.splitlines() if line.strip()),
        progress=measure_progress(outlines),
    )


def list_unlinked(approved: Sequence[Candidate], series: Mapping[int, Series]) -> list[tuple[str, str]]:
    """List the approved posts whose note could link to an earlier part: title, and path in the queue."""
    return [
        (candidate.post.title, path_in_queue(candidate.post.month, candidate.post.id))
        for candidate in approved
        if candidate.post.id in series and build_series(candidate, series[candidate.post.id]).proposals
    ]


def _say_state(stored: StoredDigest | None, zone: ZoneInfo) -> str:
    if stored is None:
        return t("Not printed yet. This is how it would be printed now.")
    moment = words.day_and_time(stored.made_at, zone)
    match stored.state:
        case DigestState.DRAFT:
            return t("Draft of {moment}. This is how it would be printed now.", moment=moment)
        case DigestState.PRINTED:
            return t("Printed {moment}. What is printed is frozen: later verdicts do not change it.", moment=moment)
        case DigestState.READ:
            return t("Read from a published file on {moment}. It is kept as it was published.", moment=moment)


def _say_page(lines: int) -> str:
    if not lines:
        return ""
    return tn(
        "{number} of its lines is on the cumulative page that was read; it will not be printed again.",
        "{number} of its lines are on the cumulative page that was read; they will not be printed again.",
        lines,
    )


def _say_doubt(month: Month, stored: StoredDigest | None) -> str:
    """Say if the digest of the month may be a cumulative page, which does not close a month."""
    if stored is None or stored.state is not DigestState.READ:
        return ""
    if is_of_month([line.month for line in stored.digest.lines], month):
        return ""
    return t(
        "Most lines are of other months. If it is a cumulative page, read the file again; that opens {month}.",
        month=month.name,
    )


def build_sections(digest: Digest, post_ids: Sequence[int] = ()) -> tuple[SectionView, ...]:
    """Build the sections that have lines; *post_ids* are those of its lines, if they can be edited."""
    posts = dict(enumerate(post_ids))
    return tuple(
        SectionView(
            section.anchor,
            section.part,
            section.heading,
            tuple(
                LineView(
                    each.html, posts.get(each.place), each.title, each.anchor, each.language, each.line.is_highlight
                )
                for each in section.lines
            ),
        )
        for section in outline_digest(digest)
    )
