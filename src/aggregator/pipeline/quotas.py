"""How full the quotas of a month are, by section and by source."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from aggregator.pipeline.home import Home
from aggregator.storage.candidates import list_candidates
from aggregator.types import Candidate, Month, Quotas, State


@dataclass(frozen=True, slots=True)
class Filled:
    """One quota, and the posts that count for it."""

    #: The section, or the place of the posts of a source.
    name: str
    #: How many are proposed at most.
    most: int
    proposed: int
    approved: int


@dataclass(frozen=True, slots=True)
class FilledQuotas:
    """The quotas of a month: of each section, and of each source that has a post proposed or approved."""

    size: int
    proposed: int
    sections: tuple[Filled, ...]
    #: By the place of their posts, the fullest first.
    sources: tuple[Filled, ...]


def fill_quotas(home: Home, month: Month, limits: Quotas) -> FilledQuotas:
    """Count what is proposed and approved of a month against the *limits* by which it is ranked."""
    # Imported late: NumPy takes a while to load, and most commands do not rank.
    from aggregator.rank.record import name_source
    from aggregator.rank.shortlist import count_most_in, count_most_of

    with home.reading() as connection:
        found = [one for one in list_candidates(connection, month) if _counts(one)]
    sources = {name_source(one.post): count_most_of(limits, one.post) for one in found}
    sections = {str(section): int(count_most_in(limits, section)) for section in home.taxonomy.sections}
    by_source = _fill(sources, found, lambda one: name_source(one.post))
    return FilledQuotas(
        size=limits.size,
        proposed=sum(one.is_shortlisted for one in found),
        sections=tuple(_fill(sections, found, lambda one: str(one.section))),
        sources=tuple(sorted(by_source, key=lambda one: (-one.proposed, one.name))),
    )


def _counts(candidate: Candidate) -> bool:
    return candidate.is_shortlisted or candidate.state is State.APPROVED


def _fill(
    limits: Mapping[str, int], found: Collection[Candidate], name_of: Callable[[Candidate], str]
) -> Iterable[Filled]:
    for name, most in limits.items():
        here = [one for one in found if name_of(one) == name]
        proposed = sum(one.is_shortlisted for one in here)
        yield Filled(name, most, proposed, sum(one.state is State.APPROVED for one in here))
