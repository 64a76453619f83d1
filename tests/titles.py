"""The words of titles by number, as a ranking has them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aggregator.rank.similarity import Array
from aggregator.rank.wording import list_words
from aggregator.types import Candidate


def number_titles(candidates: Sequence[Candidate]) -> dict[int, Array]:
    """The words of each title by numbers of their own, by post: (words,)."""
    numbers: dict[str, int] = {}
    return {
        each.post.id: np.array(
            [numbers.setdefault(word, len(numbers)) for word in list_words(each.post.title)], dtype=np.int32
        )
        for each in candidates
    }
