"""How near titles are to each other: for novelty, for a varied shortlist, and for the posts that explain a score. Pure.

Titles are compared by the words that ``wording`` finds in them, each the weightier the fewer titles have it (tf-idf of
scikit-learn).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfTransformer

from aggregator.rank.wording import list_words

Array = np.ndarray[Any, Any]


def number_words(titles: Sequence[str]) -> list[Array]:
    """The words of titles by numbers of their own."""
    numbers: dict[str, int] = {}
    return [
        np.array([numbers.setdefault(word, len(numbers)) for word in list_words(title)], dtype=np.int32)
        for title in titles
    ]


class Titles:
    """A fixed set of titles as vectors of length 1; others are compared with them by the same weights.

    A title is given by its words, each once, as numbers.
    """

    def __init__(self, listed: Sequence[Array]) -> None:
        known = np.unique(np.concatenate([np.array([], dtype=np.int32), *listed]))
        # A word of no title of the set has the number 0.
        self._lookup = np.zeros(int(known[-1]) + 1 if len(known) else 1, dtype=np.int32)
        self._lookup[known] = np.arange(1, len(known) + 1)
        self._width = len(known) + 1
        counts = self._count(listed)
        self._weights = TfidfTransformer().fit(counts)
        self._vectors = self._weights.transform(counts)

    def compare(self, listed: Sequence[Array]) -> csr_matrix:
        """The nearness, 0 to 1, of each of these titles (rows) to each of the set (columns)."""
        return (self._weights.transform(self._count(listed)) @ self._vectors.T).tocsr()

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

    def _count(self, listed: Sequence[Array]) -> csr_matrix:
        """Titles as rows, words as columns. Unknown words lengthen a title, and are like nothing: they share the first
        column, as long as all of them together.
        """
        words = np.concatenate([np.array([], dtype=np.int32), *listed])
        rows = np.repeat(np.arange(len(listed)), [len(each) for each in listed])
        numbers = np.where(words < len(self._lookup), self._lookup[np.minimum(words, len(self._lookup) - 1)], 0)
        counts = csr_matrix((np.ones(len(words)), (rows, numbers)), shape=(len(listed), self._width))
        return counts.sqrt()
