"""Orders the unsure posts to ask the curator about: those whose answer says most about others first. Pure and
deterministic.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aggregator.rank.shortlist import ALIKE
from aggregator.rank.similarity import Array, compare_titles
from aggregator.types import Candidate, Question

# This many unsure posts are compared with all others, the most unsure first; the rest follow in the order of rank.
_MOST = 200


def order_questions(candidates: Sequence[Candidate], words: Sequence[Array]) -> dict[int, Question]:
    """Return questions by post, for the undecided posts whose section is unsure. *words* are those of each title, as
    ``similarity`` takes them: (words,).

    The value of an answer is how unsure the post is, times how many undecided posts are like it and not like a post
    asked about earlier. So the first questions are about different things.
    """
    open_ = [place for place, candidate in enumerate(candidates) if _is_open(candidate)]
    unsure = [
        (1 - guess.probability, place)
        for place in open_
        if (guess := candidates[place].guess) is not None and _is_unsure(candidates[place])
    ]
    asked = sorted(unsure, key=lambda each: (-each[0], each[1]))[:_MOST]
    if not asked:
        return {}
    listed = [words[place] for place in open_]
    nearness = compare_titles([words[place] for _, place in asked], listed)
    # Each post is like itself.
    is_alike = (nearness > ALIKE).toarray()
    is_alike[np.arange(len(asked)), np.searchsorted(open_, [place for _, place in asked])] = True
    doubts, left = np.array([doubt for doubt, _ in asked]), is_alike.sum(axis=1)
    alike, is_reached = left - 1, np.zeros(len(open_), dtype=bool)
    found: dict[int, Question] = {}
    # Posts asked about already have no more value.
    is_left = np.ones(len(asked), dtype=bool)
    for place in range(1, len(asked) + 1):
        best = int(np.where(is_left, doubts * (1 + left), -1.0).argmax())
        is_left[best] = False
        new = is_alike[best] & ~is_reached
        left = left - is_alike[:, new].sum(axis=1)
        is_reached |= new
        found[candidates[asked[best][1]].post.id] = Question(place, int(alike[best]))
    return found


def _is_open(candidate: Candidate) -> bool:
    return candidate.verdict is None and candidate.printed_in is None


def _is_unsure(candidate: Candidate) -> bool:
    """As in the queue: the guess is unsure and not corrected, and the post is likely in scope."""
    guess, correction = candidate.guess, candidate.correction
    is_corrected = correction is not None and correction.section is not None
    return guess is not None and guess.is_unsure and not guess.is_out_of_scope and not is_corrected
