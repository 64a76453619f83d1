"""The view of the form of a line. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import NamedTuple

from aggregator import words
from aggregator.digest.escape import escape_text
from aggregator.digest.markdown import show_bullet
from aggregator.digest.render import render_line
from aggregator.exceptions import DigestError
from aggregator.pipeline.lines import compose_typed, list_different, show_fields
from aggregator.types import Candidate, Line, LineStyle, MonthGround, Proposal, Seen, State, Taxonomy
from aggregator.words.titles import list_reasons, say_month, say_organisation

# Korean particles are pieces of their own.
_PIECE = re.compile(r"\*+|[^\W_가-힣]+|[가-힣]+|\s+|.")


class Piece(NamedTuple):
    """A piece of a title that a proposal keeps, takes out or puts in."""

    #: The element that shows it: del, ins or none.
    change: str
    text: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A title in house style, as a difference to the one that the post came with, and why."""

    title: str
    pieces: tuple[Piece, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Editor:
    """The form of the line of a post, with what is typed into it."""

    id: int
    #: Of the site.
    title: str
    language: str
    is_approved: bool
    printed_in: str
    #: The version that the fields are about, as the form carries it.
    seen: str
    values: Mapping[str, str]
    #: Why the line cannot be printed, by field; "" is for what the form does not have.
    faults: Mapping[str, str]
    #: What is stored of the fields that say something else, if somebody else changed it meanwhile.
    stored: Mapping[str, str]
    #: The site's title, if the line has another one.
    own_title: str
    #: What is proposed for the title as it came; None once it says something else.
    offer: Offer | None
    #: What is proposed for organisation and month, by field, each with why; none once the curator gave another.
    proposed: Mapping[str, tuple[str, str]]
    #: The line as it will be printed, as Markdown and as HTML; empty if it cannot be.
    source: str
    html: str
    #: Where to go back to.
    path: str
    #: Why nothing was stored.
    alert: str
    #: What is wrong with it, although it can be printed.
    mistakes: tuple[str, ...]


def build_editor(
    candidate: Candidate,
    taxonomy: Taxonomy,
    now: datetime,
    path: str,
    *,
    proposal: Proposal | None = None,
    typed: Mapping[str, str] | None = None,
    seen: Seen | None = None,
    alert: str = "",
    is_late: bool = False,
    style: LineStyle | None = None,
    find_mistakes: Callable[[Line], Sequence[str]] = lambda _: (),
) -> Editor:
    """Build the form with what was *typed*, else with what is stored. *seen* is the version that the form was about; if
    it *is_late*, what is stored now is shown beside what was typed, and sending the form again overwrites it.
    *find_mistakes* looks at the line as typed.
    """
    post, shown = candidate.post, show_fields(candidate)
    values = {**shown, **(typed or {})}
    source, faults = "", {}
    mistakes: tuple[str, ...] = ()
    try:
        line = compose_typed(candidate, values, taxonomy, now, style)[0]
        source, mistakes = render_line(line), tuple(find_mistakes(line))
    except DigestError as error:
        # The cause does not name the post.
        faults = {error.field: words.sentence(str(error.__cause__ or error))}
    own = escape_text(post.title)
    return Editor(
        id=post.id,
        title=post.title,
        language=post.language,
        is_approved=candidate.state is State.APPROVED,
        printed_in=str(candidate.printed_in or ""),
        seen=str(candidate.said if seen is None or is_late else seen),
        values=values,
        faults=faults,
        stored={name: shown[name] for name in list_different(values, shown)} if is_late else {},
        own_title=post.title if values["title"] != own else "",
        proposed=_propose(candidate, proposal, values) if proposal else {},
        offer=_offer(own, proposal) if proposal and proposal.steps and values["title"] == own else None,
        source=source,
        html=show_bullet(source) if source else "",
        path=path,
        alert=alert,
        mistakes=mistakes,
    )


def _propose(candidate: Candidate, proposal: Proposal, values: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """What is proposed where the curator has said nothing yet, and the field says something else."""
    given = candidate.correction
    proposed = {}
    if not (given and given.organisation is not None) and proposal.organisation_lines:
        proposed["organisation"] = (proposal.organisation or "", say_organisation(proposal))
    if not (given and given.month) and proposal.month_from is not MonthGround.POST:
        proposed["month"] = (str(proposal.month), say_month(proposal))
    return {name: one for name, one in proposed.items() if one[0] != values[name]}


def _offer(own: str, proposal: Proposal) -> Offer:
    return Offer(proposal.title, tuple(_list_pieces(own, proposal.title)), tuple(list_reasons(proposal.steps)))


def _list_pieces(before: str, after: str) -> Iterator[Piece]:
    old, new = _PIECE.findall(before), _PIECE.findall(after)
    for change, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        was, now = "".join(old[a:b]), "".join(new[c:d])
        if change == "equal":
            yield Piece("", now)
        elif was[1:] == now[1:] and was.lower() == now.lower():
            # A capital is seen without the small letter beside it.
            yield Piece("ins", now[0])
            yield Piece("", now[1:])
        else:
            yield from (Piece(kind, text) for kind, text in (("del", was), ("ins", now)) if text)
