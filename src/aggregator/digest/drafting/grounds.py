"""Looks up in the post what a draft says: its names, numbers and links, and the sentences that it seems to rest on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice

from aggregator.digest.drafting.answer import Answer
from aggregator.digest.hints.sentences import list_words
from aggregator.digest.house.phrases import load_short_forms
from aggregator.text.paragraphs import Paragraph, split_sentences
from aggregator.text.tokens import HANGUL
from aggregator.types import Claim, ClaimKind

#: Sentences that are named at most.
MOST_SOURCES = 6
#: Characters of the post that are read.
_LONGEST = 100_000
_LONGEST_SENTENCE = 600
_MOST_PIECES = 40
#: The share of its words that a piece of a draft has in common with a sentence that it rests on without a name.
_ALIKE = 0.34

_LETTERS = "A-Za-z0-9\u00c0-\u024f"
_TOKEN = re.compile(rf"[{_LETTERS}]++(?:[-.,'’+/_&][{_LETTERS}]++)*+")
# A number with its unit, such as "40 ms", or a word.
_FACT = re.compile(
    rf"(?P<number>\d[\d,]*+(?:\.\d++)?)(?:[{_LETTERS}]++| (?:[a-z]{{1,3}}|[kKMGT]B)(?![{_LETTERS}]))?|{_TOKEN.pattern}"
)
_PIECE = re.compile(r"[-.,'’+/_&]")
_NUMBER = re.compile(r"\d[\d,]*+(?:\.\d++)?")
# The number of an item: "1." or "2)".
_ITEM = re.compile(r"(?:^|(?<=[\s(]))\d{1,2}[.)](?=\s)", re.MULTILINE)
_BETWEEN = re.compile(r"[→←↔⇒①-⑳;\n]+")
_HANGUL = re.compile(f"[{HANGUL}]")


def list_claims(answer: Answer, title: str, paragraphs: Sequence[Paragraph], *known: str) -> tuple[Claim, ...]:
    """List the names, numbers and links of a draft, each with whether the post has it. *known* is what else is known of
    the post, such as its source.

    A number has to be written in the same way (``1,200`` is ``1200``, and twelve is not 12), a name in any case.
    """
    text = "\n".join([title, *known, *(one.text for one in paragraphs)])[:_LONGEST]
    there = _Vocabulary.of(text)
    found = {(kind, word): there.has(kind, word) for kind, word in _list_facts(answer.plain)}
    return (
        *(Claim(kind, word, is_found) for (kind, word), is_found in found.items()),
        *(Claim(ClaimKind.LINK, address, is_known) for address, is_known in answer.links),
    )


def mark_unfound(text: str, unfound: Iterable[Claim]) -> Iterator[tuple[str, bool]]:
    """Cut the text of a draft into pieces, each with whether it is a name or number that the post does not have."""
    words = {claim.text for claim in unfound}
    place = 0
    for match in _FACT.finditer(text):
        group = "number" if match["number"] else 0
        if match[group] in words:
            yield from ((piece, False) for piece in [text[place : match.start()]] if piece)
            yield match[group], True
            place = match.end(group)
    if text[place:]:
        yield text[place:], False


def list_sources(answer: Answer, paragraphs: Sequence[Paragraph]) -> tuple[str, ...]:
    """List the sentences of a post that a draft seems to rest on: for each of its pieces the one that shares most names
    and numbers with it, the rarer the better, and most words.
    """
    sentences = [_Sentence.of(text) for text in _split(paragraphs)]
    counts = Counter(fact for one in sentences for fact in one.facts)
    chosen: set[int] = set()
    for piece in (_Sentence.of(text) for text in islice(_split_draft(answer.plain), _MOST_PIECES)):
        shares = [_share(piece, one, counts) for one in sentences]
        if shares and (best := max(shares)) > 0 and len(chosen) < MOST_SOURCES:
            chosen.add(shares.index(best))
    return tuple(sentences[at].text for at in sorted(chosen))


def _share(piece: _Sentence, sentence: _Sentence, counts: Counter[str]) -> float:
    facts = sum(1 / counts[fact] for fact in piece.facts & sentence.facts)
    words = len(piece.words & sentence.words) / len(piece.words) if piece.words else 0.0
    return facts + words if facts or words >= _ALIKE else 0.0


def _split(paragraphs: Iterable[Paragraph]) -> Iterator[str]:
    left = _LONGEST
    for one in paragraphs:
        if left <= 0:
            return
        yield from (text[:_LONGEST_SENTENCE] for text in split_sentences(one.text[:left]) if text)
        left -= len(one.text)


def _split_draft(plain: str) -> Iterator[str]:
    for piece in _BETWEEN.split(plain):
        yield from split_sentences(piece.strip())


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    #: Its names and numbers, in small letters.
    facts: frozenset[str]
    #: What its words are compared by.
    words: frozenset[str]

    @classmethod
    def of(cls, text: str) -> _Sentence:
        facts = frozenset(_fold(kind, word) for kind, word in _list_facts(text))
        return cls(text, facts, frozenset(key for keys in list_words(text).values() for key in keys))


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    """The words and numbers of a post, in small letters."""

    text: str
    words: frozenset[str]
    numbers: frozenset[str]

    @classmethod
    def of(cls, text: str) -> _Vocabulary:
        tokens = [match[0] for match in _TOKEN.finditer(text)]
        pieces = {piece for token in tokens for piece in [token, *_PIECE.split(token)]}
        numbers = {match[0] for piece in pieces if (match := _NUMBER.match(piece))}
        return cls(
            text.lower(),
            frozenset(form for piece in pieces for form in _list_forms(piece)),
            frozenset(_fold(ClaimKind.NUMBER, number) for number in numbers),
        )

    def has(self, kind: ClaimKind, word: str) -> bool:
        if kind is ClaimKind.NUMBER:
            return _fold(kind, word) in self.numbers
        return self._has_word(word) or all(self._has_word(piece) for piece in _PIECE.split(word) if piece)

    def _has_word(self, word: str) -> bool:
        forms = _list_forms(word)
        is_short = any(long in self.text for form in forms for long in _list_long_forms().get(form, ()))
        return is_short or not self.words.isdisjoint(forms)


def _list_forms(word: str) -> set[str]:
    """A word in small letters, and without the s of a plural or possessive."""
    low = word.lower()
    return {low, low.removesuffix("'s").removesuffix("’s"), low.removesuffix("s") if len(low) > 2 else low}


@cache
def _list_long_forms() -> dict[str, list[str]]:
    """The terms that a short form stands for, in small letters."""
    found: dict[str, list[str]] = {}
    for long, short in load_short_forms().items():
        found.setdefault(short.lower(), []).append(long)
    return found


def _list_facts(plain: str) -> Iterator[tuple[ClaimKind, str]]:
    """The numbers of a text, and its words that may be names: in Korean all words in Latin letters, else those with
    capitals or digits, the first word of a sentence apart.
    """
    plain = _ITEM.sub(" ", plain)
    is_korean = _HANGUL.search(plain) is not None
    for match in _FACT.finditer(plain):
        if number := match["number"]:
            yield ClaimKind.NUMBER, number
        elif len(match[0]) > 1 and (is_korean or _is_name(plain, match)):
            yield ClaimKind.NAME, match[0]


def _is_name(plain: str, match: re.Match[str]) -> bool:
    word = match[0]
    inner = word[1:]
    if inner != inner.lower() or any(mark.isdigit() for mark in inner):
        return True
    before = plain[max(0, match.start() - 3) : match.start()].rstrip(" ")[-1:]
    return word[0].isupper() and before not in {"", "\n", ".", "!", "?", ":"}


def _fold(kind: ClaimKind, word: str) -> str:
    return word.replace(",", "").rstrip(".") if kind is ClaimKind.NUMBER else word.lower()
