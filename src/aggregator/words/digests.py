"""What was printed or read, and how its month was reviewed, as rows of words. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.locales import mark, t
from aggregator.types import DigestState, EditionFormat, MonthReview, PastDigest

#: What a column says, and what it means.
COLUMNS = (
    (mark("Lines"), mark("what it has")),
    (mark("Candidates"), mark("the posts of the month, without copies")),
    (mark("Approved"), mark("when it was printed or read")),
    (mark("Rejected"), mark("when it was printed or read")),
    (mark("Undecided"), mark("when it was printed or read, with those that were held")),
    (mark("Deepest approved"), mark("the lowest place in the ranking that an approved post has")),
    (mark("Deepest decided"), mark("the lowest place that a post has which was approved, rejected or held")),
)
#: The forms of a digest beside Markdown.
FORMS = {
    EditionFormat.HTML: mark("a page"),
    EditionFormat.ATOM: "Atom",
    EditionFormat.JSON: "JSON",
    EditionFormat.MAIL: mark("HTML for a mail"),
    EditionFormat.TEXT: mark("plain text"),
    EditionFormat.EML: mark("a mail"),
}
_MADE = {DigestState.PRINTED: mark("printed {day}"), DigestState.READ: mark("read {day}")}


@dataclass(frozen=True, slots=True)
class DigestRow:
    """A digest or page as a row."""

    id: int
    name: str
    #: None for a page, which is shown nowhere else.
    path: str | None
    made: str
    #: How long the review took.
    review: str
    #: By column.
    cells: tuple[str, ...]


def build_row(past: PastDigest, zone: ZoneInfo) -> DigestRow:
    return DigestRow(
        id=past.id,
        name=_name(past, zone),
        path=f"/digest/{past.month}" if past.month else None,
        made=t(_MADE[past.state], day=words.day(past.made_at, zone)),
        cells=tuple("–" if value is None else f"{value:,}" for value in (past.lines, *_list_values(past.review))),
        review=_say_review(past.review, zone),
    )


def _name(past: PastDigest, zone: ZoneInfo) -> str:
    if past.month:
        return past.month.name
    # It covers its last day to the end.
    return t("Page up to {day}", day=words.day((past.until_at or past.made_at) - timedelta(seconds=1), zone))


def _list_values(review: MonthReview | None) -> tuple[int | None, ...]:
    if review is None:
        return (None,) * (len(COLUMNS) - 1)
    return (
        review.candidates,
        review.approved,
        review.rejected,
        review.undecided + review.held,
        review.deepest_approved,
        review.deepest_decided,
    )


def _say_review(review: MonthReview | None, zone: ZoneInfo) -> str:
    """Say how long it took from the first to the last verdict."""
    if review is None or review.first_at is None or review.last_at is None:
        return "–"
    day = words.day(review.first_at, zone)
    took = words.span(review.last_at - review.first_at)
    return t("{span}, from {day}", span=took, day=day) if took else t("at once, {day}", day=day)
