"""The line of a post as the curator types it: what its fields show, and what is stored of what was typed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aggregator.digest.compose import compose_line, compose_organisation
from aggregator.digest.escape import escape_text
from aggregator.exceptions import DigestError
from aggregator.pipeline import review
from aggregator.pipeline.home import Home
from aggregator.review.corrections import apply_correction
from aggregator.storage.candidates import get_candidate
from aggregator.text.html import normalise
from aggregator.types import (
    LINE_FIELDS,
    Candidate,
    Correction,
    Decision,
    Line,
    LineStyle,
    Month,
    Seen,
    Taxonomy,
    Until,
)


def save_line(
    home: Home,
    post_id: int,
    typed: Mapping[str, str],
    decision: Decision | None = None,
    *,
    reason: str | None = None,
    until: Until | None = None,
    seen: Seen | None = None,
    editor: str = "",
) -> Candidate:
    """Store what was *typed* of the line of a post where it says something else, with a verdict if one is given; return
    the post as it stands then. *editor* names the editor in which it was typed (``review.correct``).

    Raises DigestError, which knows the field, for what cannot be read, and what ``review.decide`` raises.
    """
    with home.reading() as connection:
        before = get_candidate(connection, post_id)
    correction = _read_correction(before, typed, home.taxonomy, home.now)
    if decision is None:
        return review.correct(home, post_id, correction, seen=seen, editor=editor)
    return review.decide(home, post_id, decision, reason=reason, until=until, correction=correction, seen=seen)


def show_fields(candidate: Candidate) -> dict[str, str]:
    """What the line of a post says now, as it is typed."""
    post, correction = candidate.post, candidate.correction
    return {
        "section": str(candidate.section or ""),
        "title": (correction and correction.title) or escape_text(post.title),
        "month": str((correction and correction.month) or post.own_month),
        "organisation": compose_organisation(post, correction, candidate.section) or "",
        "note": _end_lines((correction and correction.note) or ""),
    }


def read_fields(sent: Mapping[str, Any]) -> dict[str, str]:
    """What was typed, by field. White space at the beginning of a note is Markdown and stays."""
    typed = {name: value for name in LINE_FIELDS if isinstance(value := sent.get(name), str)}
    return {name: _end_lines(value) if name == "note" else value.strip() for name, value in typed.items()}


def list_different(typed: Mapping[str, str], shown: Mapping[str, str]) -> tuple[str, ...]:
    """The fields that say something else. White space counts in a note only."""
    return tuple(
        name
        for name, value in typed.items()
        if (value != shown[name] if name == "note" else normalise(value) != normalise(shown[name]))
    )


def compose_typed(
    candidate: Candidate,
    typed: Mapping[str, str],
    taxonomy: Taxonomy,
    now: datetime,
    style: LineStyle | None = None,
) -> tuple[Line, Correction]:
    """The line as typed, and the correction that leads to it, which has only what differs.

    An empty title or note takes back the curator's own. Raises DigestError, which knows the field.
    """
    correction = _read_correction(candidate, typed, taxonomy, now)
    return compose_line(apply_correction(candidate, correction), style), correction


def _read_correction(candidate: Candidate, typed: Mapping[str, str], taxonomy: Taxonomy, now: datetime) -> Correction:
    parsers = {"section": taxonomy.parse_section, "month": Month.parse}
    changed: dict[str, Any] = {}
    for name in list_different(typed, show_fields(candidate)):
        # There is nothing of the curator's to take back.
        if not typed[name] and name == "title" and not (candidate.correction and candidate.correction.title):
            continue
        try:
            value = parsers.get(name, str)(typed[name])
        except ValueError as error:
            raise DigestError(str(error), field=name) from error
        # A section has two names.
        if name != "section" or value != candidate.section:
            changed[name] = value
    # The home fills in who.
    return Correction(candidate.post.id, "", now, **changed)


def _end_lines(text: str) -> str:
    # A browser sends CR LF.
    return text.replace("\r\n", "\n").replace("\r", "\n")
