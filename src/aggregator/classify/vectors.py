"""Documents as rows of numbers: the vocabulary, and how much each piece of a document counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from aggregator.classify.features import Document
from aggregator.classify.wording import Wording

#: How often a word of each place counts.
_TITLE, _SLUG, _TEXT = 2.0, 1.0, 1.0
#: Terms and marks are few beside the words; each block has its own length, so that none drowns the others.
_SCALES = {"w": 1.0, "h": 1.0, "t": 0.35, "m": 0.3}
_NORMED = frozenset("wh")
_LEAST = {"w": 1, "h": 2, "t": 1, "m": 2}
_MOST_TERMS = 4.0
_GRAMS = (2, 3, 4)
ORGANISATION = "organisation"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The pieces that a model knows, each with its weight."""

    numbers: dict[str, int]
    weights: NDArray[np.float32]

    def vectorize(self, documents: Sequence[Document]) -> csr_matrix:
        """One row for each document."""
        data: list[float] = []
        indices: list[int] = []
        starts = [0]
        for document in documents:
            for block, counts in count_pieces(document).items():
                self._add(block, counts, indices, data)
            starts.append(len(indices))
        return csr_matrix(
            (np.array(data, np.float32), np.array(indices, np.int32), np.array(starts, np.int32)),
            shape=(len(documents), len(self.weights)),
        )

    def _add(self, block: str, counts: dict[str, float], indices: list[int], data: list[float]) -> None:
        numbers, weights = self.numbers, self.weights
        known = [(number, count) for piece, count in counts.items() if (number := numbers.get(piece)) is not None]
        if not known:
            return
        if block in _NORMED:
            values = [(1 + log(count)) * weights[number] for number, count in known]
            scale = _SCALES[block] / sqrt(sum(value * value for value in values))
        elif block == "t":
            values, scale = [sqrt(min(count, _MOST_TERMS)) for _, count in known], _SCALES[block]
        else:
            values, scale = [1.0] * len(known), _SCALES[block]
        indices.extend(number for number, _ in known)
        data.extend(value * scale for value in values)


def build_vocabulary(documents: Sequence[Document]) -> Vocabulary:
    """All pieces of the documents; words that many documents have weigh less."""
    seen: Counter[str] = Counter()
    for document in documents:
        for counts in count_pieces(document).values():
            seen.update(counts.keys())
    kept = sorted(piece for piece, times in seen.items() if times >= _LEAST[piece[0]])
    weights = np.array([_weigh(piece, seen[piece], len(documents)) for piece in kept], np.float32)
    return Vocabulary({piece: number for number, piece in enumerate(kept)}, weights)


def _weigh(piece: str, times: int, documents: int) -> float:
    return log((1 + documents) / (1 + times)) + 1 if piece[0] in _NORMED else 1.0


def count_pieces(document: Document) -> dict[str, dict[str, float]]:
    """By block: words and pairs of them, Hangul n-grams, terms, marks."""
    words: dict[str, float] = {}
    hangul: dict[str, float] = {}
    terms: dict[str, float] = {}
    for wording, share in ((document.title, _TITLE), (document.slug, _SLUG), (document.text, _TEXT)):
        _count(words, _list_words(wording), share)
        _count(hangul, _list_grams(wording), share)
        _count(terms, (f"t:{term}" for term in wording.terms), share)
    marks = {f"m:{mark}": 1.0 for mark in (*document.marks, *document.organisation, *_list_aws_marks(document))}
    return {"w": words, "h": hangul, "t": terms, "m": marks}


def _count(counts: dict[str, float], pieces: Iterable[str], share: float) -> None:
    for piece in pieces:
        counts[piece] = counts.get(piece, 0.0) + share


def _list_words(wording: Wording) -> Iterable[str]:
    words = [f"w:{word}" for word in wording.words]
    yield from words
    for first, second in pairwise(wording.words):
        yield f"w:{first} {second}"


def _list_grams(wording: Wording) -> Iterable[str]:
    for run in wording.hangul:
        padded = f" {run} "
        for size in _GRAMS:
            for place in range(len(padded) - size + 1):
                yield f"h:{padded[place : place + size]}"


def _list_aws_marks(document: Document) -> list[str]:
    """On an AWS blog a service in the title says another thing than elsewhere."""
    if not document.is_aws:
        return []
    return ["aws"]
