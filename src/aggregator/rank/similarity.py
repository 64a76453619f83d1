"""Measures the similarity of titles, for novelty, a varied shortlist and questions. Pure.

Titles are compared by the words that ``wording`` finds in them; the fewer titles have a word, the more it weighs.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from aggregator.rank.wording import list_words

Array = np.ndarray[Any, Any]


def number_words(titles: Sequence[str]) -> list[Array]:
    """The words of each title by numbers of their own: (words,)."""
    numbers: dict[str, int] = {}
    return [
        np.array([numbers.setdefault(word, len(numbers)) for word in list_words(title)], dtype=np.int32)
        for title in titles
    ]


class Titles:
    """A fixed set of titles as vectors of length 1; others are compared with them by the same weights.

    A title is given by its words, each once, as numbers: (words,).
    """

    def __init__(self, listed: Sequence[Array]) -> None:
        everything = np.concatenate([np.array([], dtype=np.int32), *listed])
        # A word of no title of the set has the number 0.
        known, counts = np.unique(everything, return_counts=True)
        self._lookup = np.zeros(int(known[-1]) + 1 if len(known) else 1, dtype=np.int32)
        self._lookup[known] = np.arange(1, len(known) + 1)
        # As of a word that all titles have and one more: never 0, so that equal titles are equal however common.
        self._weights = np.log((1 + len(listed)) / (1 + np.concatenate([[0], counts]))) + 1
        self._vectors = self._vectorise(listed)

    def compare(self, listed: Sequence[Array]) -> csr_matrix:
        """(titles, set): the nearness, 0 to 1, of each of these titles to each of the set."""
        return (self._vectorise(listed) @ self._vectors.T).tocsr()

    def find_nearest(self, listed: Sequence[Array]) -> list[tuple[float, int] | None]:
        """For each of these titles its nearness to the nearest of the set, and which that is; None where no word is in
        common.
        """
        nearness = self.compare(listed)
        nearness.sort_indices()
        # Rounded, lest the order of a sum decide between equals; the first of these is taken.
        data, starts = np.minimum(np.round(nearness.data, 9), 1.0), nearness.indptr.tolist()
        found: list[tuple[float, int] | None] = []
        for start, end in pairwise(starts):
            if start == end:
                found.append(None)
            else:
                best = start + int(data[start:end].argmax())
                found.append((float(data[best]), int(nearness.indices[best])))
        return found

    def _vectorise(self, listed: Sequence[Array]) -> csr_matrix:
        """(titles, words of the set and 1)."""
        words = np.concatenate([np.array([], dtype=np.int32), *listed])
        lengths = [len(each) for each in listed]
        rows = np.repeat(np.arange(len(listed)), lengths)
        numbers = np.where(words < len(self._lookup), self._lookup[np.minimum(words, len(self._lookup) - 1)], 0)
        weights = self._weights[numbers]
        norms = np.sqrt(np.bincount(rows, weights**2, minlength=len(listed)))
        # Unknown words lengthen a title, and are like nothing.
        kept = numbers > 0
        values = weights[kept] / norms[rows[kept]]
        return csr_matrix((values, (rows[kept], numbers[kept])), shape=(len(listed), len(self._weights)))
