"""Hides what came of a post, so that its month can be ranked anew. Pure; loads no large library, because a page reads
what is measured so.
"""

from __future__ import annotations

from dataclasses import replace

from aggregator.types import Candidate


def hide_outcome(candidate: Candidate) -> Candidate:
    """The candidate as it was when its month was new: undecided, not printed, with the classifier's section."""
    return replace(candidate, printed_in=None, is_seen=False, verdict=None, score=None, correction=None)
