"""Finds the organisation that publishes at a place, and the words by which a title names its own publisher. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from aggregator.rank.wording import list_words
from aggregator.text.tables import load_data

#: Its blogs are a kind of their own, and the kind says more than the organisation does.
_AWS = "AWS"


class _Table(NamedTuple):
    #: Place → organisation.
    places: dict[str, str]
    #: Organisation → names of its products.
    products: dict[str, tuple[str, ...]]


@cache
def _load() -> _Table:
    table = load_data("aggregator.rank", "organisations")
    places = {place: name for name, each in table.items() for place in each["places"]}
    return _Table(places, {name: tuple(each["products"]) for name, each in table.items()})


@lru_cache(maxsize=50_000)
def find_organisation(place: str, named: str | None = None) -> str | None:
    """Return the organisation in the table that publishes at this place, else *named* if the table has it."""
    table = _load()
    for address in _list_addresses(place):
        if name := table.places.get(address):
            return name
    return named if named in table.products else None


def find_level(place: str, named: str | None = None) -> str | None:
    """Return the organisation whose places share a coefficient with this one, if there is one."""
    organisation = find_organisation(place, named)
    return None if organisation == _AWS else organisation


@lru_cache(maxsize=10_000)
def list_own_words(place: str, named: str | None) -> frozenset[str]:
    """Return the terms by which titles at a place name their publisher; *named* is its name in the feed."""
    organisation = find_organisation(place, named)
    names = [name for name in (organisation, named, *_load().products.get(organisation or "", ())) if name]
    return frozenset(word for name in names for word in list_words(name))


def _list_addresses(place: str) -> Iterator[str]:
    """Yield the place, the folders above it, its host, and the domains above that."""
    while "/" in place:
        yield place
        place = place.rpartition("/")[0]
    while "." in place:
        yield place
        place = place.partition(".")[2]
