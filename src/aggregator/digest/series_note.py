"""The note that links a later part of a series to the earlier ones. Pure.

It uses the words of the series itself (1편, 1부, 상편, Part 1), in Korean or in English, and comes before the curator's
text, which is kept byte for byte.
"""

from __future__ import annotations

from collections.abc import Sequence

from aggregator.digest.escape import check_address, encode_address
from aggregator.digest.notes import needs_own_line
from aggregator.exceptions import DigestError
from aggregator.types import Instalment, Series

#: The languages of the note.
LANGUAGES = ("ko", "en")

_COUNTERS = frozenset({"편", "부", "탄", "회", "화", "장", "강", "일차"})
_HALVES = frozenset("상중하전후")
_ENGLISH = {"chapter": "Chapter", "vol": "Vol.", "ep": "Episode", "lecture": "Lecture", "lesson": "Lesson"}
_KOREAN_END, _ENGLISH_BEGIN, _ENGLISH_END = "도 읽어보세요.", "See also ", "."


def name_instalment(one: Instalment, language: str) -> str:
    """``1편``, ``2부``, ``상편``; in English ``Part 1``, ``Chapter 2``."""
    number = f"{one.number:g}"
    if language != "ko":
        return f"{_ENGLISH.get(one.word, 'Part')} {number}"
    if one.word in _HALVES:
        return f"{one.word}편"
    return f"{number}{one.word if one.word in _COUNTERS else '편'}"


def propose_note(series: Series, post_id: int, note: str, language: str) -> str | None:
    """The links to the earlier parts that *note* does not link to yet; None if there are none."""
    left = [one for one in _list_linkable(series, post_id) if f"]({encode_address(one.url)})" not in note]
    links = [(name_instalment(one, language), encode_address(one.url)) for one in left]
    return _say(links, language) if links else None


def _list_linkable(series: Series, post_id: int) -> list[Instalment]:
    return [one for one in series.list_earlier(post_id) if _is_linkable(one.url)]


def _is_linkable(url: str) -> bool:
    try:
        check_address(url)
    except DigestError:
        return False
    return True


def _say(links: Sequence[tuple[str, str]], language: str) -> str:
    said = [f"[{name}]({address})" for name, address in links]
    if language != "ko":
        return _ENGLISH_BEGIN + _join(said, " and ") + _ENGLISH_END
    return _join(said, _choose_and(links[0][0]) if len(said) == 2 else ", ") + _KOREAN_END


def _join(said: Sequence[str], last: str) -> str:
    return last.join([*([", ".join(said[:-1])] if said[:-1] else []), said[-1]])


def _choose_and(name: str) -> str:
    """과 after a consonant, 와 after a vowel."""
    return "과 " if (ord(name[-1]) - 0xAC00) % 28 else "와 "


def add_to_note(said: str, note: str) -> str:
    """The note with the links to earlier parts before it; *note* is kept byte for byte."""
    if not note.strip():
        return said
    if note.startswith(": "):
        return f": {said} {note[2:]}"
    if note.startswith(("\n", "\r")):
        return said + note
    return f"{said}\n{note}" if needs_own_line(note) else f"{said} {note}"
