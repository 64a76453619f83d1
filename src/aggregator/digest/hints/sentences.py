"""Finds the sentences of a post that say most, by cues that can be told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from aggregator.digest.house.names import Found, Names, find_names
from aggregator.text.cues import Finder
from aggregator.text.paragraphs import IN_LIST, ITEM, Paragraph, split_sentences
from aggregator.text.tokens import HANGUL, compile_token, list_grams, stem_word
from aggregator.types import HintCue

#: Characters of the shortest and the longest sentence that is offered; Korean says more in fewer.
_SHORTEST, _SHORTEST_KOREAN, _LONGEST = 40, 18, 400
_LEAST = 1.0
_ALIKE = 0.5

_UNIT = (
    r"(?:%|percent\b|x(?![\w])|×|times\b|-?fold\b|ms\b|seconds?\b|minutes?\b|hours?\b|days?\b|[KMGT]i?B\b|GPUs?\b|tokens\b"
    r"|parameters\b|(?:thousand|million|billion|trillion)\b|[KMB](?!\w)|FPS\b|[QRT]PS\b|points?\b"
    r"|퍼센트|배(?!포)|초(?!기|반)|분(?!석|류|산|할|포|야)|시간|주(?:간|일)?(?![가-힣])|만\s?(?:건|개|명|원)?|억|건|원|개월|점|비트)"
)
_FIGURE = re.compile(
    rf"(?<![\w.,])(?:[$₩€£]\d[\d,]*+(?:\.\d++)?(?:[KMB]\b)?|\d[\d,]*+(?:\.\d++)?\s?{_UNIT}|\d/\d(?=로|의|\s수준))"
)
_TOKEN = compile_token()
_COMMON = frozenset([
    "about", "after", "before", "best", "better", "from", "have", "into", "more", "most", "over", "than", "that",
    "their", "them", "these", "they", "this", "using", "what", "when", "where", "which", "while", "will", "with",
    "your", "그리고", "위한", "위해", "대한", "통한", "통해", "하는", "하기", "있는",
])  # fmt: skip
_SHORTEST_WORD = 4
_NO_BULLET = re.compile(r"^[\s*+\-–—•·#>]+")
_HANGUL = re.compile(f"[{HANGUL}]")

_WEIGHTS = {
    HintCue.BEGINNING: 0.75,
    HintCue.PURPOSE: 1.0,
    HintCue.OUTCOME: 1.0,
    HintCue.FIGURES: 1.0,
    HintCue.NAMES: 0.4,
    HintCue.TITLE: 1.5,
}
_MOST_FIGURES, _MOST_NAMES = 1.5, 2
_PENALTIES = {"other": 3.0, "leaning": 0.75}
_QUESTION = 1.5


class Sentence(NamedTuple):
    """A sentence with what speaks for it."""

    place: int
    text: str
    score: float
    why: dict[HintCue, tuple[str, ...]]
    names: tuple[Found, ...]
    keys: frozenset[str]


def read_sentences(title: str, paragraphs: Sequence[Paragraph]) -> list[Sentence]:
    """Read the sentences of a post in their order; headings and numbered items are left to the steps."""
    words = list_words(title)
    texts = (
        _NO_BULLET.sub("", text)
        for one in paragraphs
        if one.kind in {"p", ITEM, IN_LIST}
        for text in split_sentences(one.text)
    )
    return [_read(place, text, words) for place, text in enumerate(filter(None, texts))]


def choose(sentences: Iterable[Sentence], most: int) -> list[Sentence]:
    """The best sentences in the order of the post, without repetition."""
    chosen: list[Sentence] = []
    good = [one for one in sentences if one.score >= _LEAST and _is_whole(one.text)]
    for one in sorted(good, key=lambda each: (-each.score, each.place)):
        if len(chosen) == most:
            break
        if not any(_are_alike(one.keys, other.keys) for other in chosen):
            chosen.append(one)
    return sorted(chosen, key=lambda each: each.place)


def _are_alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) > _ALIKE * min(len(one), len(other))


def _is_whole(text: str) -> bool:
    return (_SHORTEST_KOREAN if _HANGUL.search(text) else _SHORTEST) <= len(text) <= _LONGEST


def _read(place: int, text: str, title: dict[str, frozenset[str]]) -> Sentence:
    keys = frozenset(key for word in list_words(text).values() for key in word)
    if len(text) > _LONGEST or keys <= frozenset[str]().union(*title.values()):
        # It is too long, or says no more than the title.
        return Sentence(place, text, 0.0, {}, (), keys)
    names = tuple(_find_names(text))
    why: dict[HintCue, tuple[str, ...]] = {}
    score = 0.0
    found: dict[str, list[str]] = {}
    for start, end, name in _load_cues().read(text.lower()).found:
        found.setdefault(name, []).append(text[start:end])
    for cue, said, amount in _list_cues(place, text, found, keys, names, title):
        why[cue] = tuple(dict.fromkeys(said))
        score += _WEIGHTS[cue] * amount
    score -= sum(penalty for name, penalty in _PENALTIES.items() if name in found)
    score -= _QUESTION * text.endswith("?")
    return Sentence(place, text, score, why, names, keys)


def _list_cues(
    place: int,
    text: str,
    found: dict[str, list[str]],
    keys: frozenset[str],
    names: Sequence[Found],
    title: dict[str, frozenset[str]],
) -> Iterator[tuple[HintCue, Sequence[str], float]]:
    """What speaks for a sentence, with the words that say so, and how much."""
    if place == 0:
        yield HintCue.BEGINNING, (), 1.0
    yield from ((cue, found[cue], 1.0) for cue in (HintCue.PURPOSE, HintCue.OUTCOME) if cue in found)
    if said := [match[0].strip() for match in _FIGURE.finditer(text)]:
        yield HintCue.FIGURES, said, min(_MOST_FIGURES, (1 + len(said)) / 2)
    if said := [name.text for name in names]:
        yield HintCue.NAMES, said, min(_MOST_NAMES, len(set(said)))
    # More than half of the pieces of a word in Hangul are enough: endings differ.
    if said := [word for word, pieces in title.items() if 2 * len(pieces & keys) > len(pieces)]:
        yield HintCue.TITLE, said, len(said) / len(title)


def _find_names(text: str) -> Iterator[Found]:
    return find_names(text, Names(()), lambda _, rule: (rule, 0))


def list_words(text: str) -> dict[str, frozenset[str]]:
    """The words of a text that say something, each with the pieces that it is compared by."""
    words = {}
    for word in _TOKEN.findall(text):
        low = word.lower()
        if low in _COMMON:
            continue
        if word[0] >= "가":
            words[word] = frozenset(list_grams(word, 2))
        elif len(low) >= _SHORTEST_WORD:
            words[word] = frozenset([stem_word(low[:_LONGEST])])
    return {word: pieces for word, pieces in words.items() if pieces}


@cache
def _load_cues() -> Finder:
    return Finder("aggregator.digest.hints", {"cues": ""}, numbers=True)


def is_usual_section(heading: str) -> bool:
    """Whether a heading is one that every post has, such as a conclusion."""
    return any(name in {"section", "other"} for _, _, name in _load_cues().read(heading.lower()).found)
