"""An item of a document with the marks that may identify it. Pure.

Some feeds link an item to the home page, a fragment of a common page, ``#`` or a word such as N/A, instead of a page of
its own. If the id of such an item is an address, it becomes the item's address.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import blake2b
from typing import NamedTuple

from aggregator.addresses.networks import is_public_host
from aggregator.addresses.urls import canonicalise_url, clean_url, host_of, is_no_address, readable_url
from aggregator.dates.read import EARLIEST, Zones, parse_date
from aggregator.text.html import plain_text, sanitise_html, shorten, shorten_title
from aggregator.types import KnownEntry, ParsedEntry

# Characters of a text that replaces a missing title.
_TITLE_LIMIT = 80
_ABSOLUTE = re.compile(r"\s*https?://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the items of a document come from."""

    #: The address of the document; relative links are resolved against it.
    base: str
    #: For dates without a zone.
    zones: Zones
    #: The site that the document names as its own.
    site: str | None = None
    #: The key of the feed; distinguishes its items from another feed's if nothing else does.
    owner: str = ""

    @property
    def home(self) -> str:
        """The address of an item without a link of its own."""
        return clean_url(self.site, self.base) or clean_url(self.base) or self.base


class Look(NamedTuple):
    """What distinguishes two items, or two entries, of one page."""

    title: str
    date: datetime | None


def look_of(entry: KnownEntry) -> Look:
    # Older entries have titles that were not shortened.
    return Look(shorten_title(entry.title).casefold(), entry.published_at)


class Item:
    """One item with the marks that may identify it; title and date are read on first use."""

    def __init__(self, item: ParsedEntry, url: str, stored: dict[str, KnownEntry], origin: Origin) -> None:
        self.item = item
        self.id = item.id
        self.url = url
        self._origin = origin
        self.fingerprint = compute_fingerprint(item)
        # Canonical addresses take longest, and most items have not changed since the last visit.
        same = stored.get(self.fingerprint)
        page = page_of(same.canonical_url) if same else None
        self.page = page if page and _leads_to(url, page) else canonicalise_url(url)
        #: The page, with the fragment if that distinguishes items.
        self.address = self.page

    @cached_property
    def own(self) -> str | None:
        """Its id, if that is an address."""
        return _find_own(self.id, self._origin.base)

    @cached_property
    def title(self) -> str:
        return make_title(self.item, self.url).casefold()

    @cached_property
    def date(self) -> datetime | None:
        zones = self._origin.zones
        return parse_date(self.item.published_raw, zones) or parse_date(self.item.updated_raw, zones)

    @property
    def look(self) -> Look:
        return Look(self.title, self.date)

    @cached_property
    def own_address(self) -> str | None:
        """Its id in canonical form, if that is an address; with the fragment if it leads to the page of the link."""
        if self.own is None:
            return None
        page, fragment = canonicalise_url(self.own), fragment_of(self.own)
        return f"{page}#{fragment}" if fragment and page == self.page else page

    @property
    def rank(self) -> tuple[str, str, str]:
        """A sort key that does not depend on the order of the document."""
        return self.id or "", self.address, self.fingerprint

    @property
    def state(self) -> tuple[datetime, str]:
        """If a document repeats an item, the one with the greatest value is believed."""
        return parse_date(self.item.updated_raw, self._origin.zones) or self.date or EARLIEST, self.fingerprint


def read_items(items: Sequence[ParsedEntry], known: Sequence[KnownEntry], origin: Origin) -> list[Item]:
    """The items that can be linked to, in document order."""
    stored = {entry.fingerprint: entry for entry in known}
    home = _bare(origin.home)
    read = []
    for item in items:
        if url := _choose_link(item, home, origin):
            read.append(Item(item, url, stored, origin))
    return read


def _find_own(id_: str | None, base: str) -> str | None:
    own = clean_url(id_) if id_ and _ABSOLUTE.match(id_) else None
    return own if own and not is_nowhere(own, base) else None


def _choose_link(item: ParsedEntry, home: str, origin: Origin) -> str | None:
    url = origin.home if is_no_address(item.url or "") else clean_url(item.url, origin.base)
    # The home page is not the page of an item.
    return _find_own(item.id, origin.base) or url if url is None or _bare(url) == home else url


def _leads_to(url: str, page: str) -> bool:
    """Whether an address leads to a canonical page, apart from additions at its end."""
    rest, own = url.partition("://")[2].removeprefix("www."), page.partition("://")[2]
    return rest.startswith(own) and rest[len(own) :].removeprefix("/")[:1] in {"", "?", "#"}


def _bare(url: str) -> str:
    """A short form that is enough to recognise the home page; canonical addresses take long."""
    return url.partition("://")[2].removeprefix("www.").rstrip("/#")


def page_of(address: str) -> str:
    """A canonical address without a fragment, unless a script reads that to choose the page: ``#!``, ``#/``."""
    if "#" not in address:
        return address
    page, mark, fragment = address.partition("#")
    return f"{page}#{fragment.partition('#')[0]}" if mark and fragment.startswith(("!", "/")) else page


def fragment_of(url: str) -> str:
    """The fragment of an address, unless it chooses the page."""
    fragment = url.partition("#")[2]
    return "" if fragment.startswith(("!", "/")) else fragment


def is_nowhere(url: str, base: str) -> bool:
    """Whether an address means a different machine to everybody, such as http://localhost: its host is neither public
    nor that of the document at *base*.
    """
    host = host_of(url)
    return not is_public_host(host) and host != host_of(base)


def compute_fingerprint(item: ParsedEntry) -> str:
    """A digest of what a feed says about an item, except the number of comments and the time of its last update.

    The id is part of it: if the feed changes it, the new one is stored. If the item has no date, a digest of its text
    follows, by which it is recognised if id and link change.
    """
    media = [text for each in item.media for text in (each.url, each.type or "")]
    texts = [item.id, item.url, item.title, item.summary, item.content, item.author, item.published_raw]
    fields = [*(text or "" for text in texts), *item.tags, "", *media]
    # The lengths mark where a field ends.
    whole = _digest(f"{[len(field) for field in fields]}{''.join(fields)}")
    if item.published_raw or item.updated_raw:
        return whole
    text = plain_text(item.content or item.summary)
    return f"{whole} {_digest(text)}" if text else whole


def text_mark(fingerprint: str) -> str:
    """The part of a fingerprint that depends on the text alone; empty if the item has a date."""
    return fingerprint.partition(" ")[2]


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def make_title(item: ParsedEntry, url: str) -> str:
    """The title of an entry, at most 500 characters; if the feed gives no visible one, the beginning of its text, else
    its address.
    """
    if item.title:
        return shorten_title(item.title)
    return shorten(plain_text(sanitise_html(item.content or item.summary)), _TITLE_LIMIT) or shorten_title(
        readable_url(url)
    )
