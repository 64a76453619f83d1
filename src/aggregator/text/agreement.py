"""How much of one text is found in another, in any language. Pure."""

from __future__ import annotations

from aggregator.text.tokens import RUN, compile_token, list_grams

_TOKEN = compile_token(alphabets=True, numbers=True, cjk="runs")
# Words of Latin and other letters that carry meaning are rarely shorter.
_SHORTEST = 3


def list_marks(text: str) -> set[str]:
    """What a text is recognised by: its words of three letters and more, and pairs of Hangul, kana and Han.

    Korean words change at their ends, and the others have no ends: pairs of characters do for all.
    """
    marks = set[str]()
    for token in _TOKEN.findall(text.lower()):
        if RUN.match(token):
            marks.update(list_grams(token, 2))
        elif len(token) >= _SHORTEST:
            marks.add(token)
    return marks


def measure_share(part: str, whole: str) -> float:
    """The share of the marks of *part* that *whole* has; 0 where *part* has none."""
    marks = list_marks(part)
    return len(marks & list_marks(whole)) / len(marks) if marks else 0.0
