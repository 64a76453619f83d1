"""How texts are cut into tokens: words, runs of characters and their pieces. Pure; owns snowballstemmer.

There is one way of cutting, with options that have names. Case and accents stay as they are; who wants to be without
them changes the text before it is cut (``str.lower``, ``terms.fold``).
"""

from __future__ import annotations

import re
import threading
from functools import lru_cache
from typing import Literal

HANGUL = "가-힣"
#: What is written without spaces or with particles: kana, Bopomofo, Hangul as letters and as syllables, Han with its
#: extensions.
CJK = f"々〇぀-ヿㄅ-ㆎㇰ-ㇿ㐀-䶿一-鿿{HANGUL}豈-﫿\U00020000-\U0003ffff"
#: A letter of any other alphabet, and a letter or a digit.
LETTER = rf"[^\W\d_{CJK}]"
WORD = rf"[^\W_{CJK}]"
RUN = re.compile(f"[{CJK}]+")

_EASTERN = {
    "left out": (),
    "hangul": (f"[{HANGUL}]+",),
    "runs": (RUN.pattern,),
    "characters": (f"[{HANGUL}]+", f"[{CJK}]"),
    "letters": (),
}
_local = threading.local()


def compile_token(
    *,
    alphabets: bool = False,
    numbers: bool = False,
    apart: bool = False,
    joints: bool = False,
    signs: bool = False,
    cjk: Literal["left out", "hangul", "runs", "characters", "letters"] = "hangul",
) -> re.Pattern[str]:
    """The pattern of a token. By itself: a word of Latin letters and digits (``gpt``, ``k8s``, ``3d``), or a run of
    Hangul.

    - *alphabets*: words of every alphabet; otherwise letters with accents and of other alphabets part words.
    - *numbers*: a number is a token too.
    - *apart*: letters and digits are tokens of their own: ``gpt``, ``3``.
    - *joints*: what hyphens, dots, slashes and underscores join is one word: ``GPT-4``, ``text-to-image``.
    - *signs*: plus and hash behind a word belong to it: ``C++``, ``C#``.
    - *cjk*: of Hangul, Han and kana nothing is a token; or runs of Hangul are; or runs of all; or runs of Hangul and
      each character of the others; or they are letters like all others.
    """
    letter, word = (LETTER, WORD) if alphabets else ("[A-Za-z]", "[A-Za-z0-9]")
    if cjk == "letters":
        letter, word = r"[^\W\d_]", r"[^\W_]"
    if apart:
        words = [f"{letter}+", r"\d+"]
    elif numbers:
        words = [f"{word}+"]
    else:
        # The more frequent first.
        words = [f"{letter}{word}*", f"(?<![0-9])[0-9]++{letter}{word}*"]
    end = (f"(?:[-._+/]{word}+)*" if joints else "") + ("[+#]*" if signs else "")
    return re.compile("|".join((*_EASTERN[cjk], *(f"{each}{end}" for each in words))))


def list_grams(run: str, length: int) -> list[str]:
    """Each stretch of so many characters of a run."""
    return [run[place : place + length] for place in range(len(run) - length + 1)]


@lru_cache(maxsize=100_000)
def stem_word(word: str) -> str:
    """What all forms of an English word, in small letters, have in common."""
    # The stemmer keeps the word in itself while it works.
    stemmer = getattr(_local, "stemmer", None)
    if stemmer is None:
        # Imported late: it brings all its languages, and most commands read no text.
        import snowballstemmer

        stemmer = _local.stemmer = snowballstemmer.stemmer("english")
    stem: str = stemmer.stemWord(word)
    return stem or word
