"""The entries of one feed as storage keeps them between visits, in memory: for laws on identity and window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from aggregator.dates.read import parse_date
from aggregator.feeds.identity import Match, match_entries
from aggregator.feeds.items import make_title
from aggregator.feeds.window import WindowChange, compare_windows
from aggregator.types import KnownEntry, ParsedEntry

BASE = "https://tech.haneul.example/feed.xml"
FIRST_DAY = datetime(2022, 1, 1, 9, tzinfo=UTC)


def make_item(id_: str | None, path: str | None, title: str = "", day: int | None = None, **texts: str) -> ParsedEntry:
    """An item that leads to a path of the feed's site, or to a whole address; *day* is that of its date."""
    date = (FIRST_DAY + timedelta(days=day)).isoformat() if day is not None else None
    return ParsedEntry(id_, path, title, published_raw=date, **texts)


@dataclass(frozen=True)
class Seen:
    """What came of one visit."""

    matches: tuple[Match, ...]
    unlinkable: int
    window: WindowChange

    @property
    def keys(self) -> list[str]:
        return [match.key for match in self.matches]

    @property
    def new(self) -> list[str]:
        return [match.key for match in self.matches if match.known is None]

    @property
    def changed(self) -> list[str]:
        return [match.key for match in self.matches if match.known and match.is_fresh]


@dataclass
class Shelf:
    """Stored entries by key; a visit changes them as ``storage.updates`` does."""

    known: dict[str, KnownEntry] = field(default_factory=dict)

    def visit(self, items: Sequence[ParsedEntry], *, base: str = BASE, is_cut: bool = False) -> Seen:
        stored = list(self.known.values())
        matching = match_entries(items, stored, base)
        window = compare_windows(matching.matches, stored, is_cut=is_cut)
        for match in matching.matches:
            if match.is_fresh:
                self._store(match)
        for keys, is_in_window in ((window.left, False), (window.returned, True)):
            for key in keys:
                self.known[key] = replace(self.known[key], is_in_window=is_in_window)
        return Seen(matching.matches, matching.unlinkable, window)

    def _store(self, match: Match) -> None:
        item = match.item
        first = match.known
        raws = [raw for raw in (item.published_raw, item.updated_raw) if parse_date(raw)]
        self.known[match.key] = KnownEntry(
            key=match.key,
            guid=item.id,
            canonical_url=match.canonical_url,
            url=match.url,
            title=make_title(item, match.url),
            # A stored date does not move.
            published_at=first.published_at if first else match.published_at,
            published_raw=first.published_raw if first else next(iter(raws), None),
            fingerprint=match.fingerprint,
            is_in_window=True,
        )
