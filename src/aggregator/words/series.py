"""The series of a post as its card shows it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aggregator import words
from aggregator.addresses.urls import clean_url
from aggregator.digest.series_note import name_instalment, propose_note
from aggregator.locales import mark, t, tn
from aggregator.types import Candidate, Instalment, Series, State, Wait

_WAITING = {
    Wait.DAY: mark("waits for its day"),
    Wait.DATE: mark("waits for a date"),
    Wait.ADDING: mark("not a candidate"),
}


@dataclass(frozen=True, slots=True)
class InstalmentView:
    """One part, linked to where it was published."""

    name: str
    title: str
    #: None if the address may not be linked.
    url: str | None
    #: Its state: printed in Jan 2023, approved, candidate, …
    state: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed note; one click puts it before the note of the line."""

    language: str
    name: str
    markdown: str


@dataclass(frozen=True, slots=True)
class SeriesView:
    """A series as the card of one instalment shows it."""

    said: str
    instalments: tuple[InstalmentView, ...]
    #: The parts that were never seen, as one sentence; empty if all were seen.
    missing: str
    proposals: tuple[Proposal, ...]


def build_series(candidate: Candidate, series: Series) -> SeriesView:
    """Build what the card of this instalment shows. A post that is already printed does not get proposals."""
    post = candidate.post
    note = (candidate.correction and candidate.correction.note) or ""
    languages = () if candidate.printed_in else list_languages(post.language)
    proposals = [(language, propose_note(series, post.id, note, language)) for language in languages]
    return SeriesView(
        said=_say_place(series, post.id),
        instalments=tuple(_build_instalment(one, post.id, post.language) for one in series.instalments),
        missing=_say_missing(series),
        proposals=tuple(Proposal(code, words.language(code), text) for code, text in proposals if text),
    )


def list_languages(language: str) -> tuple[str, ...]:
    """List the languages in which a note is proposed, the likeliest first. The digest's notes are Korean, even on
    English posts.
    """
    return ("ko",) if language == "ko" else ("ko", "en")


def say_state(one: Instalment) -> str:
    """Say the state of an instalment."""
    if one.printed_in:
        return t("printed in {month}", month=one.printed_in.name)
    if one.decision is None and one.waits_for:
        return t(_WAITING[one.waits_for])
    return t(State.of(one.decision))


def _build_instalment(one: Instalment, post_id: int, language: str) -> InstalmentView:
    return InstalmentView(
        name=name_instalment(one, language),
        title=one.title,
        url=clean_url(one.url),
        state=say_state(one),
        is_here=one.post_id == post_id,
    )


def _say_place(series: Series, post_id: int) -> str:
    here, said = series.get(post_id), max((one.of or 0 for one in series.instalments), default=0)
    if here.word in {"상", "중", "하", "전", "후", "前", "中", "後"}:
        return tn("One of {number} part", "One of {number} parts", len(series.instalments))
    last = max(said, int(max(one.number for one in series.instalments)))
    number = f"{here.number:g}"
    if said:
        return t("Part {number} of {last}", number=number, last=last)
    return t("Part {number} of {last} so far", number=number, last=last)


def _say_missing(series: Series) -> str:
    if not series.missing:
        return ""
    numbers = [str(number) for number in series.missing]
    return t("Not seen: {numbers}.", numbers=_shorten(numbers))


def _shorten(numbers: Sequence[str], most: int = 8) -> str:
    shown = ", ".join(numbers[:most])
    return t("{shown} and {more} more", shown=shown, more=len(numbers) - most) if len(numbers) > most else shown
