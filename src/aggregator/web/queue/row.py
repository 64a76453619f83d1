"""A post as a row of the list: title, source, date, section and the strongest reasons. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.locales import t
from aggregator.types import Candidate, Reason, Sequel, State
from aggregator.words.posts import name_post, name_publisher, say_added_by
from aggregator.words.readers import say_suggested
from aggregator.words.sections import shorten_section
from aggregator.words.sequels import name_printed
from aggregator.words.shares import name_reason

#: How many reasons a row shows, and the width of the strongest one in pixels.
REASONS = 3
_WIDEST, _NARROWEST = 29, 4


@dataclass(frozen=True, slots=True)
class Mark:
    """One of the strongest reasons, as a bar and two words."""

    name: str
    width: int
    speaks_for: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A post of the list."""

    id: int
    rank: int | None
    title: str
    language: str
    publisher: str
    day: str
    #: ``27 Oct``; the page names the year.
    dated: str
    state: State
    #: ``Rejected: off topic``; empty for an undecided post.
    said: str
    section: str
    #: How sure the guess is, or which other section it may be.
    sure: str
    is_unsure: bool
    marks: tuple[Mark, ...]
    is_shortlisted: bool
    is_sampled: bool
    #: ``added by you``; empty for a post that a feed or a digest gave.
    added: str
    #: ``suggested by 2 readers``; empty for the others.
    suggested: str
    #: ``follows Aug 2026``, and the title of what it follows; empty if it follows nothing that was printed.
    follows: str
    followed: str
    is_highlight: bool
    #: The verdicts so far, as the forms carry them.
    seen: str

    @property
    def is_decided(self) -> bool:
        return self.state is not State.UNDECIDED


def build_row(candidate: Candidate, zone: ZoneInfo, curator: str, sequel: Sequel | None = None) -> Row:
    """Build the row of a candidate for the *curator*; its date is in their *zone*."""
    post, score, guess = candidate.post, candidate.score, candidate.guess
    is_guess = guess is not None and candidate.section is not None and candidate.section == guess.section
    is_unsure = is_guess and guess is not None and guess.is_unsure
    return Row(
        id=post.id,
        rank=score.rank if score else None,
        title=name_post(post),
        language=post.language,
        publisher=name_publisher(candidate),
        day=post.published_at.astimezone(zone).date().isoformat(),
        dated=words.short_day(post.published_at, zone),
        state=candidate.state,
        said=say_verdict(candidate),
        section=shorten_section(candidate.section),
        sure=_say_sure(candidate) if is_guess else "",
        is_unsure=is_unsure,
        marks=pick_marks(score.reasons) if score else (),
        is_shortlisted=candidate.is_shortlisted,
        is_sampled=candidate.is_sampled,
        added=say_added_by(candidate, curator),
        suggested=say_suggested(candidate.suggested),
        follows=t("follows {month}", month=sequel.printed.month.name) if sequel else "",
        followed=name_printed(sequel.printed) if sequel else "",
        is_highlight=candidate.is_highlight,
        seen=str(candidate.said),
    )


def say_verdict(candidate: Candidate) -> str:
    verdict = candidate.verdict
    if verdict is None:
        return ""
    said = words.capitalise(t(candidate.state))
    return f"{said}: {t(verdict.reason)}" if verdict.reason else said


def pick_marks(reasons: Sequence[Reason]) -> tuple[Mark, ...]:
    """Pick the strongest reasons, those for the post first; the strongest has the widest bar."""
    strongest = sorted(reasons, key=lambda reason: -abs(reason.share))[:REASONS]
    most = max((abs(reason.share) for reason in strongest), default=0) or 1
    marks = [
        Mark(name_reason(reason), max(_NARROWEST, round(_WIDEST * abs(reason.share) / most)), reason.share > 0)
        for reason in strongest
        if reason.share
    ]
    return tuple(sorted(marks, key=lambda mark: not mark.speaks_for))


def _say_sure(candidate: Candidate) -> str:
    guess = candidate.guess
    if guess is None:
        return ""
    sure = words.percent(guess.probability)
    return t("{sure} or {rival}?", sure=sure, rival=guess.rival) if guess.is_unsure and guess.rival else sure
