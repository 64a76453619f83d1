"""How texts are cut into tokens: words, runs of characters and their pieces. Pure; owns snowballstemmer.

All modules cut texts with the same options. Case and accents stay as they are; to ignore them, change the text before
(``str.lower``, ``terms.fold``).
"""

from __future__ import annotations

import re
import threading
from functools import lru_cache
from typing import Literal

HANGUL = "가-힣"
#: Scripts without spaces or with particles: kana, Bopomofo, Hangul as letters and as syllables, Han with its
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
    """Compile the pattern of a token. By default a token is a word of Latin letters and digits (``gpt``, ``k8s``,
    ``3d``), or a run of Hangul.

    - *alphabets*: words of every alphabet count; otherwise accented letters and other alphabets separate words.
    - *numbers*: numbers are tokens too.
    - *apart*: letters and digits are separate tokens: ``gpt``, ``3``.
    - *joints*: hyphens, dots, slashes and underscores join words: ``GPT-4``, ``text-to-image``.
    - *signs*: a plus or hash after a word belongs to it: ``C++``, ``C#``.
    - *cjk*: the tokens of Hangul, Han and kana: none; runs of Hangul; runs of all three; runs of Hangul and single
      characters of the others; or the same as for other letters.
    """
    letter, word = (LETTER, WORD) if alphabets else ("[A-Za-z]", "[A-Za-z0-9]")
    if cjk == "letters":
        letter, word = r"[^\W\d_]", r"[^\W_]"
    if apart:
        words = [f"{letter}+", r"\d+"]
    elif numbers:
        words = [f"{word}+"]
    else:
        # The most frequent first.
        words = [f"{letter}{word}*", f"(?<![0-9])[0-9]++{letter}{word}*"]
    end = (f"(?:[-._+/]{word}+)*" if joints else "") + ("[+#]*" if signs else "")
    return re.compile("|".join((*_EASTERN[cjk], *(f"{each}{end}" for each in words))))


def list_grams(run: str, length: int) -> list[str]:
    """All substrings of this *length*, in order."""
    return [run[place : place + length] for place in range(len(run) - length + 1)]


@lru_cache(maxsize=20_000)
def stem_word(word: str) -> str:
    """The stem of an English word in lower case."""
    # A stemmer has the word as its state, so each thread has its own.
    stemmer = getattr(_local, "stemmer", None)
    if stemmer is None:
        # Imported late: it loads all its languages, and most commands do not read texts.
        import snowballstemmer

        stemmer = _local.stemmer = snowballstemmer.stemmer("english")
    stem: str = stemmer.stemWord(word)
    return stem or word
