"""What the curator types into a line, fit to be stored. Pure."""

from __future__ import annotations

from dataclasses import replace

from aggregator.characters import clean, keep_direction
from aggregator.types import Correction


def clean_correction(correction: Correction) -> Correction:
    """The correction in NFC and without invisible characters. Its note stays byte for byte, apart from characters that
    would turn its line round.
    """
    return replace(
        correction,
        title=correction.title and clean(correction.title),
        organisation=correction.organisation and clean(correction.organisation),
        note=correction.note and keep_direction(correction.note),
    )
