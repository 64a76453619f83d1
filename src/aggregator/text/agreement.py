"""How much of one text is found in another, in any language. Pure."""

from __future__ import annotations

from aggregator.text.tokens import RUN, compile_token, list_grams

_WORD = compile_token(alphabets=True, numbers=True, cjk="left out")
# Words of Latin and other letters that carry meaning are rarely shorter.
_SHORTEST = 3


def list_marks(text: str) -> set[str]:
    """List what a text is recognised by: words of three letters and more, and pairs of Hangul, kana and Han.

    Korean words change at their ends, and Chinese and Japanese do not separate words, so pairs of characters serve all.
    """
    text = text.lower()
    pairs = {pair for run in set(RUN.findall(text)) for pair in list_grams(run, 2)}
    return pairs | {word for word in set(_WORD.findall(text)) if len(word) >= _SHORTEST}


def measure_share(part: str, whole: str) -> float:
    """Return the share of the marks of *part* that *whole* has; 0 if *part* has no marks."""
    marks = list_marks(part)
    return len(marks & list_marks(whole)) / len(marks) if marks else 0.0
