"""Whether the addresses of a document are believed, or are an accident of its publisher. Pure.

Some sites are published with the address of the author's machine (``http://localhost:4000/…``) or of a staging server,
and are corrected a day later. So an address that is not public never replaces a public one. If all stored items are
suddenly at another host, that is watched like a redirect of the feed (``moves``): the stored addresses stay until
several visits over several days agree. If the feed itself is at that host, it is believed at once. New items are
accepted at any public address.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.addresses.networks import is_public_host
from aggregator.addresses.urls import host_of
from aggregator.feeds.identity import Match
from aggregator.feeds.moves import AGREEMENTS, continue_trial
from aggregator.types import FeedState, KnownEntry, Trial


@dataclass(frozen=True, slots=True)
class BelievedItems:
    """The items of a document whose addresses are believed."""

    #: What the document carries, and the part of it to store.
    carried: tuple[Match, ...]
    believed: tuple[Match, ...]
    #: The watch on a host that all items have moved to.
    trial: Trial | None = None
    #: Warnings, each a sentence without its full stop.
    remarks: tuple[str, ...] = ()


def judge_addresses(
    state: FeedState,
    matches: Sequence[Match],
    known: Sequence[KnownEntry],
    document: str,
    *,
    now: datetime,
    trial_days: timedelta,
) -> BelievedItems:
    """Leave out what cannot be believed. *document* is the final address of the document, after redirects."""
    own = {host_of(url) for url in (state.feed.url, document, state.feed.site) if url}
    refused = _list_refused(matches, known, own)
    unsure = {match.key for match in refused}
    moved = [match for match in matches if match.key not in unsure and _is_elsewhere(match)]
    trial, remark = None, None
    if moved and not _is_believed(moved, own):
        trial, remark = _watch(state.host_trial, matches, moved, now, trial_days)
    if trial:
        unsure.update(match.key for match in moved)
    return BelievedItems(
        carried=tuple(match for match in matches if match.known or match.key not in unsure),
        believed=tuple(match for match in matches if match.key not in unsure),
        trial=trial,
        remarks=tuple(filter(None, (_say_refused(refused), remark))),
    )


def _list_refused(matches: Sequence[Match], known: Sequence[KnownEntry], own: set[str]) -> list[Match]:
    """The items whose address is not public although their feed is: feeds inside private networks are read too."""
    hosts = [(match, host_of(match.canonical_url)) for match in matches]
    inner = [(match, host) for match, host in hosts if not is_public_host(host)]
    if not inner:
        return []
    is_feed_public = any(map(is_public_host, own))
    was_public = any(map(_has_public, known))
    return [
        match
        for match, host in inner
        if (_has_public(match.known) if match.known else is_feed_public or (was_public and host not in own))
    ]


def _has_public(entry: KnownEntry) -> bool:
    return is_public_host(host_of(entry.canonical_url))


def _is_elsewhere(match: Match) -> bool:
    return match.known is not None and host_of(match.known.canonical_url) != host_of(match.canonical_url)


def _is_believed(moved: Sequence[Match], own: set[str]) -> bool:
    """Whether items moved to a public address for the first time, or to the feed's own host."""
    return all(
        host_of(match.canonical_url) in own or (match.known is not None and not _has_public(match.known))
        for match in moved
    )


def _watch(
    trial: Trial | None, matches: Sequence[Match], moved: Sequence[Match], now: datetime, trial_days: timedelta
) -> tuple[Trial | None, str | None]:
    target = Counter(host_of(match.canonical_url) for match in moved).most_common(1)[0][0]
    # Items that are newer than the trial were at the new host from the beginning.
    is_under_way = trial is not None and trial.url == target
    stayed = [match for match in matches if match.known and not _is_elsewhere(match)]
    if any(not is_under_way or host_of(match.canonical_url) != target for match in stayed):
        return None, None
    trial = continue_trial(trial, target, now, agrees=True)
    if trial.agreements >= AGREEMENTS and now - trial.since >= trial_days:
        return None, None
    before = Counter(host_of(match.known.canonical_url) for match in moved if match.known).most_common(1)[0][0]
    days = trial_days / timedelta(days=1)
    return trial, (
        f"all its items are at {target} now and no longer at {before}; the stored addresses stay until "
        f"{AGREEMENTS} visits in a row over {days:g} days agree (so far {trial.agreements})"
    )


def _say_refused(refused: Sequence[Match]) -> str | None:
    if not refused:
        return None
    stored = sum(match.known is not None for match in refused)
    counts = ((stored, "stored address stays", "stored addresses stay"), (len(refused) - stored, "is new", "are new"))
    told = [f"{count} {one if count == 1 else many}" for count, one, many in counts if count]
    if stored < len(refused):
        told[-1] += " and left out"
    example = host_of(refused[0].canonical_url)
    return f"addresses of its items that nobody else can reach ({example}) are not taken: {', '.join(told)}"
