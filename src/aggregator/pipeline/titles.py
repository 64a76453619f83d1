"""Titles: proposes the line of a post in the house style; stores nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from aggregator.digest.compose import compose_organisation
from aggregator.digest.escape import escape_text
from aggregator.digest.house.lessons import Lessons, learn
from aggregator.digest.house.propose import propose_title
from aggregator.pipeline.home import Home
from aggregator.rank.record import name_place
from aggregator.storage.printed_titles import list_title_pairs
from aggregator.types import Candidate, Proposal, TitlePair

# The languages of a digest in which titles are written in Title Case.
_ENGLISH = frozenset({"en", "ko"})
_CONVINCING = 0.75


def propose(home: Home, candidate: Candidate) -> Proposal:
    """Propose title, organisation and month for the line of a post, from what it came with and from all that was
    printed. A title without steps is in house style as it came.
    """
    with home.reading() as connection:
        style = _learn(tuple(list_title_pairs(connection)))
    post = candidate.post
    names = [name for name in (candidate.feed_name, post.organisation) if name]
    is_english = post.language in _ENGLISH
    own = escape_text(post.title)
    title, steps = propose_title(own, style.lessons, url=post.url, names=names, is_english=is_english)
    return Proposal(title, steps, _propose_organisation(candidate, style), post.own_month)


@dataclass(frozen=True, slots=True)
class _Style:
    lessons: Lessons
    #: The organisation that the lines of a place name.
    organisations: dict[str, str]


@lru_cache(maxsize=4)
def _learn(pairs: tuple[TitlePair, ...]) -> _Style:
    # Cached by what was printed: nothing has to be told when something is.
    return _Style(learn(pairs), _learn_organisations(pairs))


def _learn_organisations(pairs: Sequence[TitlePair]) -> dict[str, str]:
    named: dict[str, Counter[str]] = {}
    for pair in pairs:
        if pair.organisation:
            named.setdefault(name_place(pair.url), Counter())[pair.organisation] += 1
    best = {place: counts.most_common(1)[0] for place, counts in named.items()}
    return {place: name for place, (name, count) in best.items() if count >= _CONVINCING * named[place].total()}


def _propose_organisation(candidate: Candidate, style: _Style) -> str | None:
    """The name that lines of its place have, else its feed's; None in a part without organisations."""
    section = candidate.section
    if section is not None and not section.part.prints_organisation:
        return None
    own = compose_organisation(candidate.post, None, section)
    return style.organisations.get(name_place(candidate.post.url), own)
