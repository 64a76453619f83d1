"""The curator's corrections: cleaned for storage, and put on what is known of a post. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from aggregator.text.characters import clean, keep_direction
from aggregator.types import CORRECTED_FIELDS, Candidate, Correction


def clean_correction(correction: Correction) -> Correction:
    """The correction in NFC and without invisible characters. The note stays byte for byte, apart from characters that
    reverse the direction of its line.
    """
    return replace(
        correction,
        title=correction.title and clean(correction.title),
        organisation=correction.organisation and clean(correction.organisation),
        note=correction.note and keep_direction(correction.note),
    )


def list_changed(candidate: Candidate, correction: Correction | None) -> tuple[str, ...]:
    """The fields that a correction changes of what was corrected before."""
    if correction is None:
        return ()
    before = _list_values(candidate.correction) if candidate.correction else {}
    return tuple(name for name, value in _list_values(correction).items() if value != before.get(name))


def apply_correction(candidate: Candidate, correction: Correction | None) -> Candidate:
    """The candidate as it is once a correction is stored."""
    if correction is None:
        return candidate
    before = candidate.correction
    merged = replace(before, **_list_values(correction)) if before else correction
    return replace(candidate, correction=merged, lost_section=None if correction.section else candidate.lost_section)


def _list_values(correction: Correction) -> dict[str, Any]:
    """The fields that a correction gives."""
    return {name: value for name in CORRECTED_FIELDS if (value := getattr(correction, name)) is not None}


def keep_ruled(candidate: Candidate, correction: Correction | None, *, by: str, now: datetime) -> Correction | None:
    """The correction that an approval implies: a section that a rule gave becomes the curator's own, and stays if the
    rule is removed.
    """
    ruled = candidate.score.ruled if candidate.score else None
    said = [each for each in (candidate.correction, correction) if each is not None and each.section is not None]
    if ruled is None or said:
        return correction
    return replace(correction or Correction(candidate.post.id, by, now), section=ruled.section)
