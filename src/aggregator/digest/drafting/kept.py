"""How much of a note stands in drafts of it, told by hashes of its runs of words: the drafts are not kept."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from hashlib import blake2b
from typing import Literal

#: Words of a run. A shorter text is one run.
_RUN = 4
_WORD = re.compile(r"\w+")


def list_marks(text: str) -> frozenset[str]:
    """List the hashes of all runs of four words of a text, in any case and with any punctuation between them."""
    words = _WORD.findall(text.casefold())
    runs = [words[at : at + _RUN] for at in range(max(1, len(words) - _RUN + 1))] if words else []
    return frozenset(blake2b(" ".join(run).encode(), digest_size=6).hexdigest() for run in runs)


def find_share(note: str, marks: AbstractSet[str]) -> Literal["none", "some", "all"]:
    """Find how much of a note stands in drafts with these marks."""
    own = list_marks(note)
    if not own & marks:
        return "none"
    return "all" if own <= marks else "some"
