"""Characters composed, whoever wrote them."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

#: Marks upon one letter that are kept, as in the Stream-Safe Text Format (Unicode, UAX #15).
MOST_MARKS = 30

# Where marks are, and letters too. Putting marks in their order takes quadratic time, so that a run is cut before.
_MAY_BE_MARKS = re.compile(
    "[\u0300-\u10ff\u1300-\u1dff\u20d0-\u20ff\u2cef-\u2dff\u302a-\u302f\u3099\u309a\ua66f-\uabff\ufb1e\ufe20-\ufe2f\uff9e\uff9f"
    rf"\U000101fd-\U0001e94a]{{{MOST_MARKS + 1},}}+"
)


def compose(text: str, form: Literal["NFC", "NFKC"] = "NFC") -> str:
    """The text in a normal form of Unicode; of more than 30 marks upon one letter, the first 30."""
    return unicodedata.normalize(form, _MAY_BE_MARKS.sub(_cut_marks, text))


def _cut_marks(found: re.Match[str]) -> str:
    kept, marks = [], 0
    for character in found[0]:
        # Some are marks only once they are taken apart.
        marks = marks + 1 if unicodedata.combining(unicodedata.normalize("NFKD", character)[0]) else 0
        if marks <= MOST_MARKS:
            kept.append(character)
    return "".join(kept)
