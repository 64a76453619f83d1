"""How much of one text is found in another, in any language. Pure."""

from __future__ import annotations

import re

# Words of Latin and other letters that carry meaning are rarely shorter.
_WORD = re.compile(r"[^\W_가-힣ぁ-ヿ一-鿿]{3,}")
# Korean words change at their ends, and Chinese and Japanese do not separate words, so pairs of characters serve all.
_RUN = re.compile(r"[가-힣ぁ-ヿ一-鿿]{2,}")


def list_marks(text: str) -> set[str]:
    """List what a text is recognised by: words of three letters and more, and pairs of Hangul, kana and Han."""
    text = text.lower()
    pairs = {run[place : place + 2] for run in _RUN.findall(text) for place in range(len(run) - 1)}
    return pairs | set(_WORD.findall(text))


def measure_share(part: str, whole: str) -> float:
    """Return the share of the marks of *part* that *whole* has; 0 if *part* has no marks."""
    marks = list_marks(part)
    return len(marks & list_marks(whole)) / len(marks) if marks else 0.0
