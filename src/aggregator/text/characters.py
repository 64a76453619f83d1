"""Text with its characters composed and the invisible ones taken out. Pure.

All titles, names, texts, notes and pages go through here. A character that shapes its neighbours stays: a joiner in
emoji, Persian, Indic and similar scripts, a variation selector behind its base.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

#: The number of marks on one letter that are kept, as in the Stream-Safe Text Format (Unicode, UAX #15).
MOST_MARKS = 30

# Ranges that have marks, and letters too. Ordering marks takes quadratic time, so a run is cut before.
_MAY_BE_MARKS = re.compile(
    "[\u0300-\u10ff\u1300-\u1dff\u20d0-\u20ff\u2cef-\u2dff\u302a-\u302f\u3099\u309a\ua66f-\uabff\ufb1e\ufe20-\ufe2f\uff9e\uff9f"
    rf"\U000101fd-\U0001e94a]{{{MOST_MARKS + 1},}}+"
)
# Embeddings, overrides and isolates: they reverse the rest of the printed line.
_TURNS = "\u202a-\u202e\u2066-\u2069"
_TURN = re.compile(f"[{_TURNS}]")
# Control characters other than tabs and line ends, soft hyphens, zero-width characters, direction marks, other default
# ignorable code points, noncharacters and surrogates (terms of Unicode).
_UNSEEN = re.compile(
    f"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u17b4\u17b5\u180e\u200b\u200e\u200f{_TURNS}"
    "\u2060-\u2065\u206a-\u206f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff0-\ufffc\ufffe\uffff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e001f\U000e0080-\U000e00ff\U000e01f0-\U000e0fff]+"
)
# Blanks that are not spaces: control characters, an empty Braille cell, Hangul fillers. They separate words.
_BLANK = re.compile("[\x0b\x0c\x1c-\x1f\u2800\u3164\uffa0]")
# Useful in one place, invisible in all others.
_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_SPELT = "\U000e0020-\U000e007e"
_JAMO = "\u1100-\u115e\u1161-\u11ff\ua960-\ua97c\ud7b0-\ud7fb"
_SHAPED = (
    "\u0600-\u0dff\u0f00-\u109f\u1780-\u18af\u1900-\u1cff\ua800-\uabff\ufb50-\ufdff\ufe70-\ufefc"
    "\U00010a00-\U00010aff\U00010d00-\U000116ff\U0001e900-\U0001e95f"
)
_EMOJI = "\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
# It begins with a set of characters because a set is searched for fast.
_MISPLACED = re.compile(
    f"[\u115f\u1160\u200c\u200d{_SELECTORS}{_SPELT}\U000e007f\U0001f3f4](?:"
    f"(?<=\u200c)(?<![{_SHAPED}]\u200c)"
    f"|(?<=\u200d)(?<![{_SHAPED}]\u200d)(?:(?<![{_EMOJI}]\u200d)|(?![{_EMOJI}]))"
    f"|(?<=[{_SELECTORS}])(?<![^\\s\u200c\u200d{_SELECTORS}][{_SELECTORS}])"
    f"|(?<=[\u115f\u1160])(?<![{_JAMO}].)(?![{_JAMO}])"
    # Tag characters spell the flags of England, Scotland and Wales, and stay there alone.
    f"|(?<=\U0001f3f4)[{_SPELT}]{{1,16}}\U000e007f|(?<=[{_SPELT}\U000e007f]))"
)
# Those of them that Python considers printable.
_MAY_HIDE = re.compile(f"[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc{_SELECTORS}]")


def clean(text: str, form: Literal["NFC", "NFKC"] = "NFC") -> str:
    """Return the text in a normal form, without invisible characters. Spaces and line ends stay as they are."""
    if not text.isprintable() or (not text.isascii() and _MAY_HIDE.search(text)):
        text = _MISPLACED.sub(_keep_flag, _BLANK.sub(" ", _UNSEEN.sub("", text)))
    return text if text.isascii() else compose(text, form)


def keep_direction(text: str) -> str:
    """Return the text without the characters that would reverse its lines, otherwise unchanged."""
    return text if text.isascii() else _TURN.sub("", text)


def compose(text: str, form: Literal["NFC", "NFKC"] = "NFC") -> str:
    """Return the text in a normal form of Unicode, with at most the first 30 marks on one letter."""
    return unicodedata.normalize(form, _MAY_BE_MARKS.sub(_cut_marks, text))


def _keep_flag(found: re.Match[str]) -> str:
    return found[0] if len(found[0]) > 1 else ""


def _cut_marks(found: re.Match[str]) -> str:
    kept, marks = [], 0
    for character in found[0]:
        # Some are marks only once they are taken apart.
        marks = marks + 1 if unicodedata.combining(unicodedata.normalize("NFKD", character)[0]) else 0
        if marks <= MOST_MARKS:
            kept.append(character)
    return "".join(kept)
