"""Titles are compared as scikit-learn's tf-idf compares them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfTransformer

from aggregator.rank.similarity import compare_titles

_WORDS = 12
_titles = st.lists(st.sets(st.integers(0, _WORDS - 1), max_size=5), min_size=1, max_size=8)


def _count(titles: list[set[int]]) -> np.ndarray:
    """(titles, words)."""
    return np.array([[float(word in title) for word in range(_WORDS)] for title in titles])


@given(_titles, _titles)
def test_nearness_is_the_cosine_that_scikit_learn_finds(titles: list[set[int]], known: list[set[int]]) -> None:
    tf_idf = TfidfTransformer().fit(_count(known))
    expected = (tf_idf.transform(_count(titles)) @ tf_idf.transform(_count(known)).T).toarray()

    mine, theirs = ([np.array(sorted(title), dtype=np.int32) for title in each] for each in (titles, known))
    assert compare_titles(mine, theirs).toarray() == pytest.approx(expected)
