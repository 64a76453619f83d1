"""Turns documents into rows of numbers: the vocabulary, and the weight of each piece of a document."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import log

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from aggregator.classify.features import Document
from aggregator.classify.wording import Wording
from aggregator.text.tokens import list_grams

#: The weight of a word by its place.
_TITLE, _SLUG, _TEXT = 2.0, 1.0, 1.0
#: The length of all words together is this, that of n-grams is 1. Terms and marks are few and must not drown the rest.
_WORDS, _TERMS, _MARKS = 1.2, 0.25, 0.3
_MOST_TERMS = 4.0
#: In how many documents a piece of each block must occur: words, Hangul, terms, marks.
_LEAST = {"w": 1, "h": 2, "t": 1, "m": 2}
_NORMED = frozenset("wh")
_GRAMS = (2, 3)
_MOST_RUNS = 20_000


class _Block:
    """Builds the rows of one sort of pieces, as a sparse matrix."""

    def __init__(self) -> None:
        # Not lists, which take twice the memory: a fit has millions of numbers.
        self.numbers, self.counts = array("i"), array("f")
        self.starts = array("i", [0])

    def add(self, numbers: Sequence[int], share: float) -> None:
        self.numbers.extend(numbers)
        self.counts.extend([share] * len(numbers))

    def end_row(self) -> None:
        self.starts.append(len(self.numbers))

    def to_matrix(self, width: int) -> csr_matrix:
        """Return how often each piece occurs in each row: (rows, width)."""
        counts, numbers, starts = map(np.asarray, (self.counts, self.numbers, self.starts))
        matrix = csr_matrix((counts, numbers, starts), shape=(len(starts) - 1, width))
        matrix.sum_duplicates()
        return matrix


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The pieces that a model knows, each with its weight."""

    numbers: dict[str, int]
    #: (pieces,).
    weights: NDArray[np.float32]
    #: A cache of the known n-grams of recent runs of Hangul, because the same runs recur.
    _runs: dict[str, tuple[int, ...]] = field(default_factory=dict, compare=False, repr=False)

    def vectorize(self, documents: Sequence[Document]) -> csr_matrix:
        """Return the features (documents, pieces)."""
        words, hangul, terms, marks = _Block(), _Block(), _Block(), _Block()
        for document in documents:
            for wording, share in _weigh_places(document):
                words.add(self._find(_list_words(wording)), share)
                for run in wording.hangul:
                    hangul.add(self._find_grams(run), share)
                terms.add(self._find(f"t:{term}" for term in wording.terms), share)
            marks.add(self._find(_list_marks(document)), 1.0)
            for block in (words, hangul, terms, marks):
                block.end_row()
        width = len(self.weights)
        # One block after the other: together they would be the largest that a fit holds.
        features = self._bring_to_length(words.to_matrix(width))
        features.data *= _WORDS
        del words
        features = features + self._bring_to_length(hangul.to_matrix(width))
        del hangul
        counted = terms.to_matrix(width)
        counted.data = _TERMS * np.sqrt(np.minimum(counted.data, _MOST_TERMS))
        return csr_matrix(features + counted + _MARKS * marks.to_matrix(width))

    def _bring_to_length(self, counted: csr_matrix) -> csr_matrix:
        """Scale rows to length 1, so that a long text does not weigh more than a title."""
        counted.data = (1 + np.log(counted.data)) * self.weights[counted.indices]
        squared = csr_matrix((counted.data**2, counted.indices, counted.indptr), counted.shape)
        squares = np.asarray(squared.sum(axis=1)).ravel()
        counted.data /= np.repeat(np.sqrt(np.maximum(squares, 1e-12)), np.diff(counted.indptr))
        return counted

    def _find(self, pieces: Iterable[str]) -> list[int]:
        numbers = self.numbers
        return [numbers[piece] for piece in pieces if piece in numbers]

    def _find_grams(self, run: str) -> tuple[int, ...]:
        found = self._runs.get(run)
        if found is None:
            if len(self._runs) >= _MOST_RUNS:
                self._runs.clear()
            found = self._runs[run] = tuple(self._find(_list_grams(run)))
        return found


def build_vocabulary(documents: Sequence[Document]) -> Vocabulary:
    """Build a vocabulary of all pieces of the documents. Words in many documents weigh less."""
    seen: Counter[str] = Counter()
    for document in documents:
        seen.update(_list_pieces(document))
    kept = sorted(piece for piece, times in seen.items() if times >= _LEAST[piece[0]])
    weights = np.fromiter((_weigh(piece, seen[piece], len(documents)) for piece in kept), np.float32, len(kept))
    return Vocabulary({piece: number for number, piece in enumerate(kept)}, weights)


def _weigh(piece: str, times: int, documents: int) -> float:
    """The inverse document frequency of words and n-grams, as scikit-learn smooths it."""
    if piece[0] not in _NORMED:
        return 1.0
    return log((1 + documents) / (1 + times)) + 1


def _list_pieces(document: Document) -> set[str]:
    """All different pieces of a document."""
    pieces = set(_list_marks(document))
    for wording, _ in _weigh_places(document):
        pieces.update(_list_words(wording))
        pieces.update(gram for run in wording.hangul for gram in _list_grams(run))
        pieces.update(f"t:{term}" for term in wording.terms)
    return pieces


def _weigh_places(document: Document) -> tuple[tuple[Wording, float], ...]:
    return (document.title, _TITLE), (document.slug, _SLUG), (document.text, _TEXT)


def _list_words(wording: Wording) -> Iterable[str]:
    """Words and pairs of neighbours."""
    words = wording.words
    yield from (f"w:{word}" for word in words)
    yield from (f"w:{first} {second}" for first, second in pairwise(words))


def _list_grams(run: str) -> Iterable[str]:
    """The n-grams of a run of Hangul, with markers at its ends."""
    for length in _GRAMS:
        yield from (f"h:{gram}" for gram in list_grams(f" {run} ", length))


def _list_marks(document: Document) -> list[str]:
    marks = [f"m:{mark}" for mark in (*document.marks, *document.organisation)]
    # The same wording means something else on an AWS blog.
    return [*marks, "m:aws"] if document.is_aws else marks
