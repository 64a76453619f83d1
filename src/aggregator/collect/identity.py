"""Which stored entry an item of a document is. Pure: items and stored entries in, a key for each item out.

Feeds change their ids, use one id for many items, edit titles, move posts and whole sites. So no single mark of an item
is believed alone; what agrees is weighed, the strongest evidence first, and each step looks only at what the steps
before left over:

1. the id and the address, whatever the title;
2. for items without an id, the address, the title and the date;
3. the address and the title, then the id and the title;
4. the address and the date, then the id and the date;
5. the address alone: the feed gave the item another id, title and date;
6. the title and the date, where one item and one stored entry are left that have them: the site moved, with all ids.

What is left after that is new. An id that items of one document carry with different addresses identifies nothing; nor
does an address that several items or several stored entries share, such as the page of a changelog. They count only
in steps 1, 2 and 6. A title alone is never enough, for "Weekly Update" comes every week, nor is an id alone, for feeds
that number their items begin again. A date counts when it can be read.

The answer does not depend on the order of the items. Of stored entries that are equally good, one that the last
document carried is preferred, then the smallest key. ``docs/decisions/identity.md`` has the reasons, and what recorded
feeds do.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import blake2b
from itertools import count
from typing import TypeVar

from aggregator.dates import EARLIEST, UTC_ZONES, Zones, parse_date
from aggregator.text import plain_text, sanitise_html, shorten, shorten_title
from aggregator.types import KnownEntry, ParsedEntry
from aggregator.urls import LONGEST_ADDRESS, canonicalise_url, clean_url, readable_url

# Of a text that stands in for a missing title, in characters.
_TITLE_LIMIT = 80
_K = TypeVar("_K")
_V = TypeVar("_V")

_ABSOLUTE = re.compile(r"\s*https?://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Match:
    """An item of a document, and the entry that it is."""

    item: ParsedEntry
    #: Of the entry: the stored one, or the one that a new entry gets.
    key: str
    #: The address to link to, and the key under which all addresses of one post meet.
    url: str
    canonical_url: str
    #: The date that the feed gives the item now, where it can be read.
    published_at: datetime | None
    fingerprint: str
    #: None for a new entry.
    known: KnownEntry | None

    @property
    def is_fresh(self) -> bool:
        """Whether there is something to store: the entry is new, or the feed says something else of it now."""
        known = self.known
        if known is None or (known.fingerprint, known.canonical_url) != (self.fingerprint, self.canonical_url):
            return True
        # The rules by which titles are read may have changed since.
        return bool(self.item.title) and shorten_title(self.item.title) != known.title


@dataclass(frozen=True, slots=True)
class Matching:
    """The items of a document that can be linked to, each once and in its order."""

    matches: tuple[Match, ...]
    #: How many items have no address that can be linked to; they become no entries.
    unlinkable: int = 0
    #: How many of these have one that is too long.
    overlong: int = 0


def match_entries(
    items: Sequence[ParsedEntry], known: Sequence[KnownEntry], base: str, zones: Zones = UTC_ZONES
) -> Matching:
    """Find the stored entry of every item of a document, or give it a key.

    *known* are the stored entries of the feed; *base* is the address of the document, *zones* are those of dates that
    name none. Items with the same id and address are one. Keys of stored entries never change; a new entry gets its id
    where that is unique and free, else its address, else both, with a digest where even they are taken.
    """
    stored = {entry.fingerprint: entry for entry in known}
    read = [_Item(item, url, stored, zones) for item in items if (url := clean_url(item.url, base))]
    distinct = _drop_repeats(read)
    found = _Pairing(distinct, known).found if known else {}
    keys = _make_keys(distinct, [item for item in distinct if item not in found], {entry.key for entry in known})
    return Matching(
        tuple(_make_match(item, found.get(item), keys) for item in distinct),
        unlinkable=len(items) - len(read),
        overlong=sum(len(item.url or "") > LONGEST_ADDRESS and not clean_url(item.url, base) for item in items),
    )


def compute_fingerprint(item: ParsedEntry) -> str:
    """A digest of what a feed says of an item, but for the number of comments and the time of its last update.

    The id is part of it, so that one that the feed changed is stored and recognised the next time.
    """
    media = [text for each in item.media for text in (each.url, each.type or "")]
    texts = [item.id, item.url, item.title, item.summary, item.content, item.author, item.published_raw]
    fields = [*(text or "" for text in texts), *item.tags, "", *media]
    # The lengths tell where a field ends, whatever it contains.
    text = f"{[len(field) for field in fields]}{''.join(fields)}"
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def make_title(item: ParsedEntry, url: str) -> str:
    """The title of an entry, of at most 500 characters; where the feed gives none that can be seen, the beginning of
    its text, else its address.
    """
    if item.title:
        return shorten_title(item.title)
    return shorten(plain_text(sanitise_html(item.content or item.summary)), _TITLE_LIMIT) or shorten_title(
        readable_url(url)
    )


class _Item:
    """One item with the marks that may identify it; title and date are read when they are asked for."""

    def __init__(self, item: ParsedEntry, url: str, stored: dict[str, KnownEntry], zones: Zones) -> None:
        self.item = item
        self.id = item.id
        self.url = url
        self.fingerprint = compute_fingerprint(item)
        # Canonical addresses take the longest, and most items of most visits are as they were.
        same = stored.get(self.fingerprint)
        self.address = same.canonical_url if same and _ABSOLUTE.match(item.url or "") else canonicalise_url(url)
        self._zones = zones

    @cached_property
    def title(self) -> str:
        return make_title(self.item, self.url).casefold()

    @cached_property
    def date(self) -> datetime | None:
        return parse_date(self.item.published_raw, self._zones) or parse_date(self.item.updated_raw, self._zones)

    @property
    def rank(self) -> tuple[str, str, str]:
        """Its place in an order that is not the document's."""
        return self.id or "", self.address, self.fingerprint

    @property
    def state(self) -> tuple[datetime, str]:
        """The greater of two is the one to believe when a document repeats an item."""
        return parse_date(self.item.updated_raw, self._zones) or self.date or EARLIEST, self.fingerprint


def _drop_repeats(items: Sequence[_Item]) -> list[_Item]:
    groups = _group(((item.id, item.address), item) for item in items)
    if len(groups) == len(items):
        return list(items)
    kept: set[_Item] = set()
    for (id_, _), group in groups.items():
        # Without an id, different items that lead to one page are told apart by title and date.
        parts = [group] if id_ else _group(((item.title, item.date), item) for item in group).values()
        kept.update(max(part, key=lambda item: item.state) for part in parts)
    return [item for item in items if item in kept]


class _Pairing:
    """Finds the stored entry of each item that has one, step by step."""

    def __init__(self, items: Sequence[_Item], known: Sequence[KnownEntry]) -> None:
        self.found: dict[_Item, KnownEntry] = {}
        self._taken: set[str] = set()
        self._waiting = list(items)
        self._stored_by_id = _group((entry.guid, entry) for entry in known)
        self._stored_by_address = _group((entry.canonical_url, entry) for entry in known)
        self._ids = Counter(item.id for item in items)
        self._addresses = Counter(item.address for item in items)
        for list_stored, agree in (
            (self._with_both, _agree_anyway),
            (self._with_address_only, _agree_in_both),
            (self._with_address, _agree_in_title),
            (self._with_id, _agree_in_title),
            (self._with_address, _agree_in_date),
            (self._with_id, _agree_in_date),
            (self._with_address, _agree_anyway),
        ):
            self._pair_by(list_stored, agree)
        self._pair_by_title_and_date(known)

    def _pair_by(
        self, list_stored: Callable[[_Item], Sequence[KnownEntry]], agree: Callable[[_Item, KnownEntry], bool]
    ) -> None:
        # No two items ever want the same entry in one step, so that their order does not matter.
        for item in self._waiting:
            stored = [entry for entry in list_stored(item) if entry.key not in self._taken and agree(item, entry)]
            if stored:
                self._take(item, min(stored, key=lambda entry: (not entry.is_in_window, entry.key)))
        self._waiting = [item for item in self._waiting if item not in self.found]

    def _pair_by_title_and_date(self, known: Sequence[KnownEntry]) -> None:
        left = [entry for entry in known if entry.published_at and entry.key not in self._taken]
        dates = {entry.published_at for entry in left}
        items = _group(((item.date, item.title), item) for item in self._waiting if item.date in dates)
        stored = _group(((entry.published_at, shorten_title(entry.title).casefold()), entry) for entry in left)
        for mark, group in items.items():
            if len(group) == len(stored.get(mark, ())) == 1:
                self._take(group[0], stored[mark][0])

    def _take(self, item: _Item, entry: KnownEntry) -> None:
        self.found[item] = entry
        self._taken.add(entry.key)

    def _with_both(self, item: _Item) -> Sequence[KnownEntry]:
        stored = self._stored_by_id.get(item.id, ()) if item.id else ()
        return [entry for entry in stored if entry.canonical_url == item.address]

    def _with_address_only(self, item: _Item) -> Sequence[KnownEntry]:
        return () if item.id else self._stored_by_address.get(item.address, ())

    def _with_address(self, item: _Item) -> Sequence[KnownEntry]:
        stored = self._stored_by_address.get(item.address, ())
        return stored if len(stored) == self._addresses[item.address] == 1 else ()

    def _with_id(self, item: _Item) -> Sequence[KnownEntry]:
        return self._stored_by_id.get(item.id, ()) if item.id and self._ids[item.id] == 1 else ()


def _agree_anyway(item: _Item, entry: KnownEntry) -> bool:
    return True


def _agree_in_title(item: _Item, entry: KnownEntry) -> bool:
    # One that was stored before titles were cut is the same.
    return item.title == shorten_title(entry.title).casefold()


def _agree_in_date(item: _Item, entry: KnownEntry) -> bool:
    return item.date is not None and item.date == entry.published_at


def _agree_in_both(item: _Item, entry: KnownEntry) -> bool:
    return _agree_in_title(item, entry) and item.date == entry.published_at


def _make_keys(items: Sequence[_Item], new: Sequence[_Item], stored: set[str]) -> dict[_Item, str]:
    """Keys for the *new* ones among the items of a document, other than the *stored* ones."""
    ids = Counter(item.id for item in items)
    keys: dict[_Item, str] = {}
    taken = set(stored)
    waiting = sorted(new, key=lambda item: item.rank)
    ways: tuple[Callable[[_Item], Iterable[str]], ...] = (
        lambda item: [item.id] if item.id and ids[item.id] == 1 else [],
        lambda item: [item.address],
        lambda item: [f"{item.id} {item.address}"] if item.id else [],
        _list_last_keys,
    )
    # One way after the other, so that no item loses its id to the address of another.
    for list_keys in ways:
        for item in waiting:
            if key := next((key for key in list_keys(item) if key not in taken), None):
                keys[item] = key
                taken.add(key)
        waiting = [item for item in waiting if item not in keys]
    return keys


def _list_last_keys(item: _Item) -> Iterable[str]:
    for number in count():
        digest = blake2b(repr((item.title, item.date, number)).encode("utf-8", "surrogatepass"), digest_size=6)
        yield f"{item.id or ''} {item.address} {digest.hexdigest()}".lstrip()


def _make_match(item: _Item, known: KnownEntry | None, keys: dict[_Item, str]) -> Match:
    raw = item.item.published_raw
    is_date_known = known and known.published_at and raw and raw == known.published_raw
    return Match(
        item=item.item,
        key=known.key if known else keys[item],
        url=item.url,
        canonical_url=item.address,
        published_at=known.published_at if known and is_date_known else item.date,
        fingerprint=item.fingerprint,
        known=known,
    )


def _group(pairs: Iterable[tuple[_K, _V]]) -> dict[_K, list[_V]]:
    groups: dict[_K, list[_V]] = {}
    for mark, value in pairs:
        groups.setdefault(mark, []).append(value)
    return groups
