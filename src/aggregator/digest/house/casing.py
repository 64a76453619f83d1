"""English Title Case, as the digest writes it.

Articles, conjunctions, prepositions of any length and the forms of "to be" are small, except first and last. Each part
of a hyphenated word is capitalised. A word that has capitals or digits of its own is a name and stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from aggregator.digest.house.runs import Run, join_runs

_SMALL = frozenset([
    "a", "an", "the", "and", "or", "nor", "but", "as", "at", "by", "for", "from", "in", "into", "of", "off", "on",
    "onto", "over", "per", "to", "via", "vs", "versus", "with", "within", "without", "about", "across", "after",
    "against", "along", "amid", "among", "around", "before", "behind", "below", "between", "beyond", "despite",
    "during", "except", "through", "throughout", "toward", "towards", "under", "until", "upon", "is", "are", "was",
    "were", "be", "been", "am", "x",
])  # fmt: skip
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_BEGINS = re.compile(r"(?:^|[:?!•|]|\s[-–—])[\s\"'(\[]*$")
_ENDS = re.compile(r"[\s\"')\].!?]*(?:$|:|\s[-–—]\s)")
#: In addresses, paths and names of files, case has a meaning.
_TIED = frozenset("@_./#&*<>\\")
# A title that begins in small letters begins with the name of something.
_CODE = re.compile(r"[a-z][\w.-]*(?=:)")
_DIGIT = re.compile(r"\d")
# What stands before a word matters only this far back.
_BACK = 8


def is_sentence_case(text: str) -> bool:
    """Whether capitals in a title mean something: at least a third of the words behind its first have none, leaving out
    names in capitals.
    """
    words = [word for word in _WORD.findall(text)[1:] if word.lower() not in _SMALL and word[1:] == word[1:].lower()]
    small = [word for word in words if word.islower()]
    return bool(small) and 3 * len(small) >= len(words)


def change_case(runs: Sequence[Run], choose: Callable[[str, str], str]) -> list[Run]:
    """Write the unmarked words of a title in Title Case; *choose* is asked for the form of each word inside it, and
    given the rule's.
    """
    text = join_runs(runs)
    changed, start = [], 0
    for run in runs:
        end = start + len(run.text)
        changed.append(run if run.mark else Run(_write(text, start, end, choose)))
        start = end
    return changed


def _write(text: str, start: int, end: int, choose: Callable[[str, str], str]) -> str:
    pieces, place = [], start
    for match in _WORD.finditer(text, start, end):
        pieces += [text[place : match.start()], _form(text, match, choose)]
        place = match.end()
    return "".join([*pieces, text[place:end]])


def _form(text: str, match: re.Match[str], choose: Callable[[str, str], str]) -> str:
    word, start, end = match[0], match.start(), match.end()
    if _is_tied(text, start, end) or word[1:] != word[1:].lower() or _DIGIT.search(word):
        return word
    small, capital = word.lower(), word[0].upper() + word[1:]
    if (code := _CODE.match(text)) and end <= code.end():
        return word
    if start == 0 or _BEGINS.search(text, max(0, start - _BACK), start) or _ENDS.match(text, end):
        return capital
    # Of a hyphenated word, only small words in the middle are small: State-of-the-Art, On-Device.
    hyphens = text[start - 1] == "-", text.startswith("-", end)
    rule = small if small in _SMALL and all(hyphens) == any(hyphens) else capital
    return choose(small, rule)


def _is_tied(text: str, start: int, end: int) -> bool:
    """Whether a word is of an address, a path, a file, a function or a tag, or of what stands before it: Q&A, X's."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    is_possessive = before[-1:] == "'" and before[:1].isalnum()
    is_file = after[:1] in ("_", "(") or (after[:1] == "." and after[1:].isalnum())
    return before[-1:] in _TIED or is_possessive or is_file if before else is_file
