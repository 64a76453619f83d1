"""Gives each item of a document an address of its own, so that no post overwrites another. Pure.

An address is the key of a post. Items that share a page but differ in title or date are separate posts. The address of
such an item has its fragment if that is unique, is its id if that is an address, or else has a made-up fragment. Items
with the same page, title and date are one post, even if their ids differ.

An entry keeps its address while its link leads to the same page. So the first item of a page has the page's address,
and later ones have others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain, count
from operator import itemgetter
from typing import NamedTuple

from aggregator.addresses.urls import host_of
from aggregator.feeds.items import Item, Look, Origin, fragment_of, is_nowhere, look_of, page_of
from aggregator.types import KnownEntry


class Place(NamedTuple):
    """The link of an item, and the canonical address of its post."""

    url: str
    canonical_url: str


def give_places(
    items: Sequence[Item],
    known: Sequence[KnownEntry],
    found: Mapping[Item, KnownEntry],
    rotated: Collection[Item],
    origin: Origin,
) -> dict[Item, Place]:
    """The place of every item. *known* are all stored entries of the feed, *found* the stored entry of each recognised
    item, *rotated* the items whose links change at every request.
    """
    pages: dict[str, tuple[list[Item], list[KnownEntry]]] = {item.page: ([], []) for item in items}
    for item in items:
        pages[item.page][0].append(item)
    stored: dict[str, list[KnownEntry]] = {}
    for entry in known:
        stored.setdefault(entry.canonical_url, []).append(entry)
        if (page := page_of(entry.canonical_url)) in pages:
            pages[page][1].append(entry)
    now = {entry.key: item for item, entry in found.items()}
    shared = {
        address
        for address, entries in stored.items()
        if len(entries) > 1 and len({now[e.key].look if e.key in now else look_of(e) for e in entries}) > 1
    }
    # An id may be the address of another item.
    taken = {*stored, *pages}
    places: dict[Item, Place] = {}
    for page, (here, entries) in sorted(pages.items()):
        if len(here) == 1 and not entries and here[0] not in found:
            # The usual case, without reading titles and dates.
            places[here[0]] = Place(here[0].url, _find_plain(here[0], origin))
            continue
        places.update(_Page(page, here, entries, now.keys(), taken, shared, origin).give(found, rotated))
    return places


@dataclass(frozen=True, slots=True)
class _Page:
    """The items and the stored entries of one page."""

    page: str
    items: Sequence[Item]
    stored: Sequence[KnownEntry]
    #: The keys of the entries that the document carries.
    here: Collection[str]
    #: All addresses of the feed and pages of the document; new addresses are added.
    taken: set[str]
    #: Addresses that different posts share, given by older rules.
    shared: Collection[str]
    origin: Origin

    def give(self, found: Mapping[Item, KnownEntry], rotated: Collection[Item]) -> dict[Item, Place]:
        addresses = {
            item: entry.canonical_url
            for item in self.items
            if (entry := found.get(item)) and (item in rotated or self._keeps(item, entry))
        }
        new = [item for item in self.items if item not in addresses]
        if new:
            addresses |= self._distinguish(new, addresses)
        return {item: self._link(item, address) for item, address in addresses.items()}

    def _distinguish(self, new: Sequence[Item], kept: Mapping[Item, str]) -> dict[Item, str]:
        gone = [(look_of(e), e.canonical_url) for e in self.stored if e.key not in self.here]
        known = [*gone, *((item.look, address) for item, address in kept.items())]
        at: dict[Look, str] = {}
        for address, look in sorted(((a, look) for look, a in known if a not in self.shared), key=itemgetter(0)):
            at.setdefault(look, address)
        looks: dict[Look, list[Item]] = {}
        for item in sorted(new, key=lambda item: item.rank):
            looks.setdefault(item.look, []).append(item)
        is_alone = not self.stored and not kept and len(looks) == 1
        # A mark that several items have does not identify any of them.
        marks = Counter(mark for group in looks.values() for mark in {m for item in group for m in _list_marks(item)})
        for look, group in looks.items():
            if look not in at:
                at[look] = _find_plain(group[0], self.origin) if is_alone else self._choose(group[0], marks)
                self.taken.add(at[look])
        return {item: at[item.look] for item in new}

    def _keeps(self, item: Item, entry: KnownEntry) -> bool:
        address = entry.canonical_url
        if address in self.shared:
            return False
        return page_of(address) == self.page or (address == item.own_address and not self._has_moved(address))

    def _has_moved(self, address: str) -> bool:
        """Whether the item moved to a page of its own on another site, and its id still names the old address."""
        is_alone = len(self.items) == 1 and not self.stored
        return is_alone and host_of(address) != host_of(self.page)

    def _choose(self, item: Item, marks: Mapping[str, int]) -> str:
        told = (self.origin.owner, item.id, item.title, str(item.date))
        made_up = (f"{self.page}#~{_digest(repr((*told, number)))}" for number in count())
        ways = chain((mark for mark in _list_marks(item) if marks[mark] == 1), made_up)
        return next(address for address in ways if address not in self.taken)

    def _link(self, item: Item, address: str) -> Place:
        is_own = address != self.page and address == item.own_address
        return Place(item.own if is_own and item.own else item.url, address)


def _find_plain(item: Item, origin: Origin) -> str:
    """The page itself, marked as this feed's if the page has no public address."""
    return f"{item.page}#~{_digest(origin.owner)}" if is_nowhere(item.url, origin.base) else item.page


def _list_marks(item: Item) -> list[str]:
    """Addresses besides its page that may identify an item, the best first."""
    fragment = fragment_of(item.url)
    marks = [f"{item.page}#{fragment}"] if fragment else []
    return [*marks, item.own_address] if item.own_address and item.own_address != item.page else marks


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
