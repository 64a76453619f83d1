"""Measures the similarity of titles, for novelty, a varied shortlist and questions. Pure.

Titles are compared by the words that ``wording`` finds in them: the cosine of their tf-idf, in which a word counts the
more, the fewer titles have it. A title is given by its words, each once, as numbers: (words,).

This is TfidfTransformer of scikit-learn with its usual settings; to load that for a few lines would take 40 MB.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

Array = np.ndarray[Any, Any]


def compare_titles(titles: Sequence[Array], known: Sequence[Array]) -> csr_matrix:
    """(titles, known): the nearness, 0 to 1, of each title to each known one, with the weights of the known ones."""
    if not (titles and known):
        return csr_matrix((len(titles), len(known)))
    width = 1 + int(np.concatenate([*titles, *known]).max(initial=0))
    rarity = np.log((1 + len(known)) / (1 + np.bincount(np.concatenate(known), minlength=width))) + 1
    return csr_matrix(_weigh_words(titles, rarity) @ _weigh_words(known, rarity).T)


def find_nearest(titles: Sequence[Array], known: Sequence[Array]) -> list[tuple[float, int] | None]:
    """For each title its nearness to the nearest known one, and which that is; None if they have no word in common."""
    nearness = compare_titles(titles, known)
    nearness.sort_indices()
    # Rounded, so that the order of a sum does not decide between equal ones; the first of these is taken.
    data, starts = np.minimum(np.round(nearness.data, 9), 1.0), nearness.indptr.tolist()
    found: list[tuple[float, int] | None] = []
    for start, end in pairwise(starts):
        if start == end:
            found.append(None)
        else:
            best = start + int(data[start:end].argmax())
            found.append((float(data[best]), int(nearness.indices[best])))
    return found


def _weigh_words(listed: Sequence[Array], rarity: Array) -> csr_matrix:
    """(titles, words): each word by its rarity (words,), each title scaled to length 1."""
    counts = np.array([len(words) for words in listed])
    words, titles = np.concatenate(listed), np.repeat(np.arange(len(listed)), counts)
    weights = rarity[words]
    lengths = np.sqrt(np.bincount(titles, weights**2, minlength=len(listed)))
    starts = np.concatenate([[0], np.cumsum(counts)])
    return csr_matrix((weights / lengths[titles], words, starts), shape=(len(listed), len(rarity)))
