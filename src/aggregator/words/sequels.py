"""What a post follows, as its card and the terminal say it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aggregator import words
from aggregator.addresses.urls import clean_url
from aggregator.digest.escape import unescape_text
from aggregator.digest.sequel_note import propose_note
from aggregator.locales import t
from aggregator.types import Candidate, PrintedPost, Sequel
from aggregator.words.series import Proposal, list_languages


@dataclass(frozen=True, slots=True)
class SequelView:
    """One thing that a post follows."""

    #: The number of the printed post.
    post_id: int
    #: ``Printed in Aug 2026: this is a newer version of it``.
    said: str
    title: str
    language: str
    #: None if the address may not be linked.
    url: str | None
    #: What says so.
    detail: str
    #: Notes that link back, one a language; none once the post is printed.
    proposals: tuple[Proposal, ...]


def name_printed(printed: PrintedPost) -> str:
    """The title of a printed line, without its Markdown."""
    return unescape_text(printed.title).replace("**", "")


def build_sequels(candidate: Candidate, sequels: Sequence[Sequel]) -> tuple[SequelView, ...]:
    """Build what the card of a post shows of what it follows."""
    note = (candidate.correction and candidate.correction.note) or ""
    languages = () if candidate.printed_in else list_languages(candidate.post.language)
    return tuple(
        SequelView(
            post_id=one.printed.post_id,
            said=t("Printed in {month}: this is {ground}", month=one.printed.month.name, ground=t(one.ground)),
            title=name_printed(one.printed),
            language=one.printed.language,
            url=clean_url(one.printed.url),
            detail=one.detail,
            proposals=tuple(
                Proposal(code, words.language(code), text)
                for code in languages
                if (text := propose_note(one.printed, note, code))
            ),
        )
        for one in sequels
    )
