"""What changed in the window of a feed between two visits, and whether entries may have been missed. Pure.

The window is the set of entries that a document carries. Feeds carry their newest entries. If a document shares none
with the one before, some entries may have been missed: a gap.

- A permanent entry, such as a pinned one, must not hide a gap. The dates look like a gap if at least half of the window
  and more than one entry are gone, and every new entry is newer than all that are gone. Then a shared entry does not
  count if it is older than all that are gone, newer than all that are new, or undated.
- New entries that are older than all that are gone are not a gap: a restored backup, or old posts that were imported.
- Entries that were seen earlier and are back close a gap unless they are older than all that are gone: some feeds are
  served in two alternating versions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator.feeds.identity import Match
from aggregator.types import Gap, KnownEntry


@dataclass(frozen=True, slots=True)
class WindowChange:
    """How the document of a visit differs from the stored window."""

    #: Keys of entries that left the window, and of stored ones that came back.
    left: tuple[str, ...]
    returned: tuple[str, ...]
    #: Whether the document carries any entry that is stored.
    shares_entries: bool
    has_gap: bool = False
    #: Dates of the newest entry before the gap and of the oldest after it, if there is a gap and they have dates.
    newest_before_at: datetime | None = None
    oldest_after_at: datetime | None = None

    def find_gap(self, feed_key: str, *, since_at: datetime | None, now: datetime) -> Gap | None:
        """The gap that this visit found. *since_at* is the last successful visit."""
        if not self.has_gap or since_at is None:
            return None
        return Gap(feed_key, now, since_at, self.newest_before_at, self.oldest_after_at)


def compare_windows(matches: Sequence[Match], known: Sequence[KnownEntry], *, is_cut: bool) -> WindowChange:
    """Compare the items of a document with the stored entries of its feed.

    Nothing leaves the window if the document has no entries, which is probably a fault, or if it was cut, because the
    rest may carry them. Neither shows a gap; the next complete document does.
    """
    here = [match.known for match in matches if match.known]
    returned = [entry for entry in here if not entry.is_in_window]
    if is_cut or not matches:
        return WindowChange((), _list_keys(returned), bool(here))
    present = set(_list_keys(here))
    gone = [entry for entry in known if entry.is_in_window and entry.key not in present]
    new = [match for match in matches if match.known is None]
    shared = [entry for entry in here if entry.is_in_window]
    if not _is_gap(gone, new, shared, returned):
        return WindowChange(_list_keys(gone), _list_keys(returned), bool(here))
    before = max(_list_dates(gone), default=None)
    after = [date for date in _list_dates(new) if before is None or date >= before]
    return WindowChange(
        _list_keys(gone), _list_keys(returned), bool(here), True, before, oldest_after_at=min(after, default=None)
    )


def _is_gap(
    gone: Sequence[KnownEntry], new: Sequence[Match], shared: Sequence[KnownEntry], returned: Sequence[KnownEntry]
) -> bool:
    if not gone or not new:
        return False
    before, after = _list_dates(gone), _list_dates(new)
    if before and after and max(after) < min(before):
        return False
    if not shared:
        return not any(before and date >= min(before) for date in _list_dates(returned))
    if len(gone) < max(2, len(shared)) or len(before) < len(gone) or len(after) < len(new):
        return False
    return max(before) <= min(after) and not any(min(before) <= date <= max(after) for date in _list_dates(shared))


def _list_dates(entries: Sequence[KnownEntry] | Sequence[Match]) -> list[datetime]:
    return [entry.published_at for entry in entries if entry.published_at]


def _list_keys(entries: Sequence[KnownEntry]) -> tuple[str, ...]:
    return tuple(entry.key for entry in entries)
