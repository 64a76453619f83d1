"""How near titles are to each other: for novelty, for a varied shortlist, and for the posts that explain a score. Pure.

Titles are compared by the words that ``wording`` finds in them, each the weightier the fewer titles have it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Sequence
from itertools import pairwise

import numpy as np
from scipy.sparse import csr_matrix


class Titles:
    """A fixed set of titles as vectors of length 1; others are compared with them by the same weights.

    A title is given by its words, whatever stands for a word.
    """

    def __init__(self, listed: Sequence[Collection[Hashable]]) -> None:
        self._numbers: dict[Hashable, int] = {}
        for words in listed:
            for word in words:
                self._numbers.setdefault(word, len(self._numbers))
        counts = np.zeros(len(self._numbers))
        for words in listed:
            counts[[self._numbers[word] for word in words]] += 1
        # As of a word that all titles have and one more: never 0, so that equal titles are equal however common.
        self._weights = np.log((1 + len(listed)) / (1 + counts)) + 1
        self._unknown = float(np.log(1 + len(listed)) + 1)
        self.vectors = self._vectorise(listed)

    def compare(self, listed: Sequence[Collection[Hashable]]) -> csr_matrix:
        """The nearness, 0 to 1, of each of these titles (rows) to each of the set (columns)."""
        return (self._vectorise(listed) @ self.vectors.T).tocsr()

    def find_nearest(self, listed: Sequence[Collection[Hashable]]) -> list[tuple[float, int] | None]:
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

    def _vectorise(self, listed: Sequence[Collection[Hashable]]) -> csr_matrix:
        columns: list[int] = []
        values: list[float] = []
        starts = [0]
        numbers, all_weights, unknown = self._numbers, self._weights.tolist(), self._unknown**2
        for words in listed:
            known = [numbers[word] for word in words if word in numbers]
            weights = [all_weights[number] for number in known]
            length = math.sqrt(sum(weight * weight for weight in weights) + (len(words) - len(known)) * unknown) or 1.0
            columns += known
            values += [weight / length for weight in weights]
            starts.append(len(columns))
        return csr_matrix((values, columns, starts), shape=(len(listed), len(numbers)))
