"""Which stored entry an item of a document is. Pure: items and stored entries in, a key for each item out.

Feeds change their ids, use one id for many items, edit titles, move posts and whole sites. So no single mark identifies
an item. The strongest evidence is tried first, and each step looks only at what the steps before left over:

1. the id and the address, whatever the title;
2. for items without an id, the address, the title and the date;
3. the address and the title, then the id and the title;
4. the address and the date, then the id and the date;
5. the address alone, if one of the two has no id: the feed gave the item another title and date;
6. the title and the date, if only one item and one stored entry with them are left: the site moved, with all ids;
7. the title and the text of items without a date, likewise, if all that the last document carried is gone at once:
   links that change at every request.

What is left after that is new. An id that items of one document carry with different addresses identifies nothing. The
same holds for an address that several items or several stored entries share, such as the page of a changelog. They
count only in steps 1, 2 and 6. A title alone is never enough, because "Weekly Update" comes every week. An id alone is
not enough either, because feeds that number their items start again. A date counts if it can be read. A fragment is
part of the address if the items of one page that differ in title or date also differ in fragment.

The result does not depend on the order of the items. Of equally good stored entries, one that the last document
carried is preferred, then the smallest key. ``feeds.addressing`` gives entries that share a page addresses of their
own. ``docs/decisions/identity.md`` has the reasons, and what recorded feeds do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import blake2b
from itertools import count
from typing import TypeVar

from aggregator.addresses.urls import LONGEST_ADDRESS, clean_url
from aggregator.dates.read import UTC_ZONES, Zones
from aggregator.feeds.addressing import Place, give_places
from aggregator.feeds.items import Item, Look, Origin, fragment_of, look_of, page_of, read_items, text_mark
from aggregator.text.html import shorten_title
from aggregator.types import KnownEntry, ParsedEntry
from aggregator.types.numerous import numerous

_K = TypeVar("_K")
_V = TypeVar("_V")


@numerous
class Match:
    """An item of a document, and the entry that it is."""

    item: ParsedEntry
    #: The key of the stored entry, or the one that a new entry gets.
    key: str
    #: The address to link to, and the canonical address, which all addresses of one post share.
    url: str
    canonical_url: str
    #: The date that the feed gives the item now, if it can be read.
    published_at: datetime | None
    fingerprint: str
    #: None for a new entry.
    known: KnownEntry | None

    @property
    def is_fresh(self) -> bool:
        """Whether there is something to store: the entry is new, or the feed has changed it."""
        known = self.known
        if known is None or (known.fingerprint, known.canonical_url) != (self.fingerprint, self.canonical_url):
            return True
        # The rules for titles may have changed since.
        return bool(self.item.title) and shorten_title(self.item.title) != known.title


@dataclass(frozen=True, slots=True)
class Matching:
    """The items of a document that can be linked to, each once and in order."""

    matches: tuple[Match, ...]
    #: How many items have no address that can be linked to; they become no entries.
    unlinkable: int = 0
    #: How many of these have an address that is too long.
    overlong: int = 0
    #: Whether the last document carried several items and none was recognised by its marks.
    is_turned_over: bool = False


def match_entries(
    items: Sequence[ParsedEntry],
    known: Sequence[KnownEntry],
    base: str,
    zones: Zones = UTC_ZONES,
    *,
    site: str | None = None,
    owner: str = "",
    apart: bool = True,
) -> Matching:
    """Find the stored entry of every item of a document, or give it a key.

    *known* are the stored entries of the feed; *base* is the address of the document, *zones* are for dates without a
    zone, *site* is what the document calls its site, *owner* the key of the feed. Items with the same id and address
    are one. Keys of stored entries never change; the key of a new entry is its id if that is unique and free, else its
    address, else both, with a digest if even they are taken. With *apart*, entries that share a page get addresses of
    their own; without it, as for a signal feed, they are about the page.
    """
    origin = Origin(base, zones, site, owner)
    read = read_items(items, known, origin)
    distinct = _drop_repeats(read)
    spots = _find_spots(distinct, known)
    ids = Counter(item.id for item in distinct)
    for item in distinct:
        if ids[item.id] > 1:
            # An id of several items is not the address of any of them.
            item.own = None
    pairing = _Pairing(distinct, known, spots)
    found = pairing.found
    keys = _make_keys(distinct, [item for item in distinct if item not in found], {entry.key for entry in known})
    overlong = sum(len(item.url or "") > LONGEST_ADDRESS and not clean_url(item.url, base) for item in items)
    places = {item: Place(item.url, item.page) for item in distinct}
    if apart:
        places = give_places(distinct, known, found, pairing.rotated, origin)
    return Matching(
        tuple(_make_match(item, found.get(item), keys, places[item]) for item in distinct),
        unlinkable=len(items) - len(read),
        overlong=min(overlong, len(items) - len(read)),
        is_turned_over=pairing.is_turned_over,
    )


def _find_spots(items: Sequence[Item], known: Sequence[KnownEntry]) -> Mapping[str, str]:
    """The addresses of stored entries by key, if they differ from the page. Also sets the address of items: with the
    fragment on pages whose items differ in fragment.
    """
    marked = [item for item in items if fragment_of(item.url)]
    if not marked:
        return {}
    pages = {item.page for item in marked}
    stored = [(entry, page) for entry in known if (page := page_of(entry.canonical_url)) in pages]
    seen: dict[str, set[tuple[str, Look]]] = {page: set() for page in pages}
    for item in items:
        if item.page in pages:
            seen[item.page].add((fragment_of(item.url), item.look))
    for entry, page in stored:
        seen[page].add((fragment_of(entry.url), look_of(entry)))
    telling = {
        page
        for page, marks in seen.items()
        if len({fragment for fragment, _ in marks}) > 1 and len({look for _, look in marks}) > 1
    }
    for item in marked:
        if item.page in telling:
            item.address = f"{item.page}#{fragment_of(item.url)}"
    return {
        entry.key: f"{page}#{fragment}"
        for entry, page in stored
        if page in telling and (fragment := fragment_of(entry.url))
    }


def _drop_repeats(items: Sequence[Item]) -> list[Item]:
    groups = _group(((item.id, item.page), item) for item in items)
    if len(groups) == len(items):
        return list(items)
    kept = {item for (id_, _), group in groups.items() for item in _list_distinct(id_, group)}
    return [item for item in items if item in kept]


def _list_distinct(id_: str | None, group: Sequence[Item]) -> Iterable[Item]:
    """The items with one id and one page, those of one title and date once; with an id, also those of one fragment."""
    if len(group) == 1:
        return group
    if id_ is not None:
        group = _keep_last(_group((fragment_of(item.url), item) for item in group))
    return _keep_last(_group((item.look, item) for item in group))


def _keep_last(groups: Mapping[_K, Sequence[Item]]) -> list[Item]:
    return [max(group, key=lambda item: item.state) for group in groups.values()]


class _Pairing:
    """Finds the stored entry of each item that has one, step by step."""

    def __init__(self, items: Sequence[Item], known: Sequence[KnownEntry], spots: Mapping[str, str]) -> None:
        self.found: dict[Item, KnownEntry] = {}
        #: Found items whose links change at every request.
        self.rotated: set[Item] = set()
        self.is_turned_over = False
        self._taken: set[str] = set()
        self._waiting = list(items)
        self._known = known
        if not known:
            return
        self._spots = {entry.key: spots.get(entry.key) or page_of(entry.canonical_url) for entry in known}
        self._stored_by_id = _group((entry.guid, entry) for entry in known)
        self._stored_by_address = _group((self._spots[entry.key], entry) for entry in known)
        self._ids = Counter(item.id for item in items)
        self._addresses = Counter(item.address for item in items)
        for list_stored, agree in (
            (self._with_both, _agree_anyway),
            (self._with_address_and_look, _agree_anyway),
            (self._with_address, _agree_in_title),
            (self._with_id, _agree_in_title),
            (self._with_address, _agree_in_date),
            (self._with_id, _agree_in_date),
            (self._with_address, _is_without_id),
        ):
            self._pair_by(list_stored, agree)
        self._pair_by_title_and_date()
        before = [entry for entry in known if entry.is_in_window]
        pages = {item.page for item in items}
        stays = any(entry.is_in_window for entry in self.found.values())
        if items and not stays and not any(page_of(entry.canonical_url) in pages for entry in before):
            self.is_turned_over = len(before) > 1
            self._pair_by_text(before)

    def _pair_by(
        self, list_stored: Callable[[Item], Sequence[KnownEntry]], agree: Callable[[Item, KnownEntry], bool]
    ) -> None:
        # No two items want the same entry in one step, so their order does not matter.
        for item in self._waiting:
            stored = [entry for entry in list_stored(item) if entry.key not in self._taken and agree(item, entry)]
            if stored:
                self._take(item, min(stored, key=lambda entry: (not entry.is_in_window, entry.key)))
        self._waiting = [item for item in self._waiting if item not in self.found]

    def _pair_by_title_and_date(self) -> None:
        left = [entry for entry in self._known if entry.published_at and entry.key not in self._taken]
        dates = {entry.published_at for entry in left}
        items = _group((item.look, item) for item in self._waiting if item.date in dates)
        stored = _group((look_of(entry), entry) for entry in left)
        for look, group in items.items():
            if len(group) == len(stored.get(look, ())) == 1:
                self._take(group[0], stored[look][0])

    def _pair_by_text(self, before: Sequence[KnownEntry]) -> None:
        items = _group(((item.title, text_mark(item.fingerprint)), item) for item in self._waiting if not item.date)
        undated = [entry for entry in before if entry.published_at is None]
        stored = _group(((look_of(entry).title, text_mark(entry.fingerprint)), entry) for entry in undated)
        for (title, text), group in items.items():
            if text and len(group) == len(same := stored.get((title, text), [])) == 1:
                self._take(group[0], same[0])
                self.rotated.add(group[0])

    def _take(self, item: Item, entry: KnownEntry) -> None:
        self.found[item] = entry
        self._taken.add(entry.key)

    def _with_both(self, item: Item) -> Sequence[KnownEntry]:
        if not item.id:
            return ()
        if self._ids[item.id] > 1:
            return self._stored_by_both.get((item.id, item.address), ())
        return [entry for entry in self._stored_by_id.get(item.id, ()) if self._is_at(entry, item)]

    def _is_at(self, entry: KnownEntry, item: Item) -> bool:
        if self._spots[entry.key] == item.address:
            return True
        # The feed began to give fragments, or the entry's address is its id.
        return page_of(entry.canonical_url) == item.page or entry.canonical_url == item.own_address

    def _with_address_and_look(self, item: Item) -> Sequence[KnownEntry]:
        return () if item.id else self._stored_by_look.get((item.address, item.look), ())

    @cached_property
    def _stored_by_both(self) -> Mapping[tuple[str | None, str], Sequence[KnownEntry]]:
        return _group(((entry.guid, self._spots[entry.key]), entry) for entry in self._known)

    @cached_property
    def _stored_by_look(self) -> Mapping[tuple[str, Look], Sequence[KnownEntry]]:
        return _group(((self._spots[entry.key], look_of(entry)), entry) for entry in self._known)

    def _with_address(self, item: Item) -> Sequence[KnownEntry]:
        stored = self._stored_by_address.get(item.address, ())
        return stored if len(stored) == self._addresses[item.address] == 1 else ()

    def _with_id(self, item: Item) -> Sequence[KnownEntry]:
        return self._stored_by_id.get(item.id, ()) if item.id and self._ids[item.id] == 1 else ()


def _agree_anyway(item: Item, entry: KnownEntry) -> bool:
    return True


def _is_without_id(item: Item, entry: KnownEntry) -> bool:
    # With another id, title and date it is another entry: the page is a changelog, or always carries the newest.
    return item.id is None or entry.guid is None


def _agree_in_title(item: Item, entry: KnownEntry) -> bool:
    return item.title == look_of(entry).title


def _agree_in_date(item: Item, entry: KnownEntry) -> bool:
    return item.date is not None and item.date == entry.published_at


def _make_keys(items: Sequence[Item], new: Sequence[Item], stored: set[str]) -> dict[Item, str]:
    """Keys for the *new* items of a document; none of them is in *stored*."""
    ids = Counter(item.id for item in items)
    keys: dict[Item, str] = {}
    taken = set(stored)
    waiting = sorted(new, key=lambda item: item.rank)
    ways: tuple[Callable[[Item], Iterable[str]], ...] = (
        lambda item: [item.id] if item.id and ids[item.id] == 1 else [],
        lambda item: [item.address],
        lambda item: [f"{item.id} {item.address}"] if item.id else [],
        _list_last_keys,
    )
    # Ids first, for all items, so that no item loses its id to the address of another.
    for list_keys in ways:
        for item in waiting:
            if key := next((key for key in list_keys(item) if key not in taken), None):
                keys[item] = key
                taken.add(key)
        waiting = [item for item in waiting if item not in keys]
    return keys


def _list_last_keys(item: Item) -> Iterable[str]:
    for number in count():
        digest = blake2b(repr((item.title, item.date, number)).encode("utf-8", "surrogatepass"), digest_size=6)
        yield f"{item.id or ''} {item.address} {digest.hexdigest()}".lstrip()


def _make_match(item: Item, known: KnownEntry | None, keys: dict[Item, str], place: Place) -> Match:
    raw = item.item.published_raw
    is_date_known = known and known.published_at and raw and raw == known.published_raw
    return Match(
        item=item.item,
        key=known.key if known else keys[item],
        url=place.url,
        canonical_url=place.canonical_url,
        published_at=known.published_at if known and is_date_known else item.date,
        fingerprint=item.fingerprint,
        known=known,
    )


def _group(pairs: Iterable[tuple[_K, _V]]) -> dict[_K, list[_V]]:
    groups: dict[_K, list[_V]] = {}
    for mark, value in pairs:
        groups.setdefault(mark, []).append(value)
    return groups
