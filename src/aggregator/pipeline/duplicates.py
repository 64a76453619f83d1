"""Duplicates: finds posts that are the same article, and chooses one of them to represent the others."""

from __future__ import annotations

import traceback
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from aggregator.exceptions import NotFoundError, ReviewError
from aggregator.locales import t
from aggregator.pipeline import Progress, ignore_progress
from aggregator.pipeline.actions import record
from aggregator.pipeline.home import Home
from aggregator.posts.copies.blocking import choose_pairs, drop_large_blocks
from aggregator.posts.copies.cluster import (
    Member,
    assign_representatives,
    find_in_force,
    form_clusters,
    is_apart,
    list_implied_pairs,
)
from aggregator.posts.copies.compare import compare
from aggregator.posts.copies.family import find_best, list_proposed
from aggregator.posts.copies.fingerprint import RECIPE, Fingerprint, fingerprint_post, list_blocking_keys
from aggregator.precedence import PAGES
from aggregator.storage import candidates, changes, duplicates
from aggregator.storage.changes import Derived
from aggregator.storage.database import Connection, Database
from aggregator.types import ActionKind, Candidate, Manuscript, Month, Pair, Post, Sameness

if TYPE_CHECKING:
    from aggregator.fetch.workers import WorkerPool

_BATCH = 100
# This many posts are compared in a second or two.
_MOMENT = 300
# Posts that one worker of a cluster is sent at once.
_PIECE = 25
#: Fingerprints that are kept between batches, each of some 50 kB.
_KEPT = 300
_MACHINE = f"recipe {RECIPE}"


def has_much_to_compare(database: Database) -> bool:
    """Whether finding copies would take more than a moment."""
    with database.reading() as connection:
        return changes.count_behind(connection, Derived.COPIES) > _MOMENT


def find_copies(
    database: Database, *, now: datetime, progress: Progress = ignore_progress, workers: WorkerPool | None = None
) -> set[Month]:
    """Compare every post that is new or has changed with those that share a blocking key; return the months that
    change. Each batch is stored, so a later call continues from there. *workers* of a cluster share in it.
    """
    months: set[Month] = set()
    known = _Fingerprints(workers)
    with database.reading() as connection:
        behind = changes.list_behind(connection, Derived.COPIES)
    waiting = list(behind)
    for start in range(0, len(waiting), _BATCH):
        batch = waiting[start : start + _BATCH]
        with database.reading() as connection:
            read = duplicates.list_manuscripts(connection, batch)
            known.read(read)
            found = {number: list_blocking_keys(known.held[number]) for number in read.keys() & known.held.keys()}
            stored = duplicates.list_blocks(connection, sorted(set().union(*found.values())))
            met = choose_pairs(found, stored)
            said = duplicates.list_pairs(connection, batch)
            partners = {number for pair in said for number in (pair.first_id, pair.second_id)}
            known.gather(connection, {number for pair in met for number in pair} | partners)
        asked = met | {(pair.first_id, pair.second_id) for pair in said}
        news = _compare(asked, known.held, find_in_force(pair for pair in said if not pair.is_by_hand), now)
        with database.writing(durable=False) as connection:
            duplicates.save_blocking_keys(connection, drop_large_blocks(found, stored))
            duplicates.append_pairs(connection, news)
            # Posts that a visit or a page has changed meanwhile stay behind.
            changes.catch_up(connection, [behind[number] for number in batch])
            touched = {number for pair in news for number in (pair.first_id, pair.second_id)}
            _complete(connection, touched, known, now)
            # A known cluster may have another representative now.
            months |= settle_clusters(connection, touched | partners)
        progress(len(batch))
        if len(known.held) > _KEPT:
            known.held.clear()
    return months


@dataclass
class _Fingerprints:
    """The fingerprints of posts; posts that cannot be read do not have one."""

    workers: WorkerPool | None = None
    held: dict[int, Fingerprint] = field(default_factory=dict)
    _passed_over: set[int] = field(default_factory=set)

    def gather(self, connection: Connection, post_ids: set[int]) -> None:
        """Read the posts that were not read yet, a batch at a time: their texts are larger than their fingerprints."""
        missing = sorted(post_ids - self.held.keys() - self._passed_over)
        for start in range(0, len(missing), _BATCH):
            self.read(duplicates.list_manuscripts(connection, missing[start : start + _BATCH]))

    def read(self, manuscripts: Mapping[int, Manuscript]) -> None:
        """Read these posts as they are now. If one cannot be read, log it and go on: it gets no copies, and the others
        are not held up.
        """
        asked = list(manuscripts.values())
        found = self.workers.map(_fingerprint, asked, size=_PIECE) if self.workers else _fingerprint(asked)
        for (number, manuscript), one in zip(manuscripts.items(), found, strict=True):
            if isinstance(one, Fingerprint):
                self.held[number] = one
                continue
            # Imported late: commands that find no copies load this module too.
            import structlog

            self.held.pop(number, None)
            self._passed_over.add(number)
            url = manuscript.canonical_url
            structlog.get_logger().error("post passed over in the search for copies", post=number, url=url, trace=one)


def _fingerprint(manuscripts: Sequence[Manuscript]) -> list[Fingerprint | str]:
    """The fingerprint of each post; of one that cannot be read, the trace of what went wrong."""
    found: list[Fingerprint | str] = []
    for manuscript in manuscripts:
        PAGES.give_way()
        try:
            found.append(fingerprint_post(manuscript))
        except Exception:
            found.append(traceback.format_exc())
    return found


def _compare(
    asked: Iterable[tuple[int, int]],
    fingerprints: Mapping[int, Fingerprint],
    before: Mapping[tuple[int, int], Pair],
    now: datetime,
) -> list[Pair]:
    """The pairs to store. Pairs with the same result as *before* and new pairs that merely differ are left out."""
    news = []
    for first, second in sorted(asked):
        PAGES.give_way()
        if first not in fingerprints or second not in fingerprints:
            continue
        compared = _compare_pair(fingerprints[first], fingerprints[second], now)
        old = before.get((first, second))
        before_said, was_apart = (old.said, is_apart(old)) if old else (Sameness.DIFFERENT, is_apart(compared))
        if (compared.said, is_apart(compared)) != (before_said, was_apart):
            news.append(compared)
    return news


def _complete(connection: Connection, touched: set[int], known: _Fingerprints, now: datetime) -> None:
    """Compare the pairs that other pairs would bring into one cluster, until all are compared."""
    while touched:
        everyone, pairs = _gather_clusters(connection, touched)
        unsaid = list_implied_pairs(pairs)
        known.gather(connection, {number for pair in unsaid for number in pair})
        held = known.held
        news = [_compare_pair(held[one], held[other], now) for one, other in unsaid if one in held and other in held]
        news = [pair for pair in news if pair.said is not Sameness.DIFFERENT or is_apart(pair)]
        duplicates.append_pairs(connection, news)
        # Posts that are the same may connect others.
        touched = everyone if any(pair.said is Sameness.SAME for pair in news) else set()


def _compare_pair(first: Fingerprint, second: Fingerprint, now: datetime) -> Pair:
    compared = compare(first, second)
    first_id, second_id = sorted((first.post_id, second.post_id))
    return Pair(first_id, second_id, compared.said, _MACHINE, now, score=compared.score, reasons=compared.reasons)


def settle_clusters(connection: Connection, post_ids: Iterable[int]) -> set[Month]:
    """Choose the representative of every cluster with one of these posts; return the months that change.

    Call it after a change of pairs, verdicts or digests.
    """
    touched, pairs = _gather_clusters(connection, post_ids)
    if len(touched) < 2:
        return set()
    places = {place.post_id: place for place in duplicates.list_places(connection, sorted(touched))}
    members = {
        number: Member(
            number,
            place.published_at,
            at_home=place.at_home,
            is_away=place.is_away,
            printed_in=place.printed_in,
            decision=place.decision,
            is_waiting=place.is_waiting,
            is_machine_translated=place.is_machine_translated,
        )
        for number, place in places.items()
    }
    representatives = assign_representatives(form_clusters(pairs), members, pairs)
    changed = {
        number: representative
        for number, representative in representatives.items()
        if places[number].copy_of != representative
    }
    duplicates.set_representatives(connection, changed)
    shown = {representative for representative in changed.values() if representative is not None}
    return {places[number].month for number in changed.keys() | shown}


def _gather_clusters(connection: Connection, post_ids: Iterable[int]) -> tuple[set[int], list[Pair]]:
    """All posts that pairs in force connect with these, and the pairs in force among them."""
    touched = set(post_ids)
    fresh = set(touched)
    pairs: dict[tuple[int, int], Pair] = {}
    while fresh:
        pairs |= find_in_force(duplicates.list_pairs(connection, fresh))
        joined = {
            number
            for pair in pairs.values()
            if pair.said is Sameness.SAME
            for number in (pair.first_id, pair.second_id)
        }
        fresh = joined - touched
        touched |= fresh
    return touched, [pair for pair in pairs.values() if {pair.first_id, pair.second_id} <= touched]


# --- the curator's word ---


def merge_posts(home: Home, post_ids: Sequence[int]) -> set[Month]:
    """Record that these posts are the same article; this overrides earlier judgements of their clusters.

    Returns the months that this changes. Raises NotFoundError, and ReviewError for fewer than two posts.
    """
    asked = list(dict.fromkeys(post_ids))
    with home.database.writing() as connection:
        _check_exist(connection, asked)
        if len(asked) < 2:
            raise ReviewError(t("a post is the same as itself"), post_id=asked[0], verdict="merge")
        clusters = [_list_cluster(connection, number) for number in asked]
        pairs = find_in_force(duplicates.list_pairs(connection, set().union(*clusters)))
        wanted = {_order(asked[0], other) for other in asked[1:]}
        for place, cluster in enumerate(clusters):
            for later in clusters[place + 1 :]:
                across = {_order(one, other) for one, other in product(cluster, later) if one != other}
                # The new judgement overrides everything that keeps two of them apart, including a veto of the program.
                wanted |= {pair for pair in across if pair in pairs and is_apart(pairs[pair])}
        _append_words(home, connection, wanted, Sameness.SAME, asked)
        return settle_clusters(connection, asked)


def split_post(home: Home, post_id: int) -> set[Month]:
    """Record that a post is not the same article as its cluster. Raises NotFoundError, and ReviewError if it has no
    cluster.
    """
    with home.database.writing() as connection:
        _check_exist(connection, [post_id])
        cluster = _list_cluster(connection, post_id) - {post_id}
        if not cluster:
            raise ReviewError(t("it is not a copy and does not have copies"), post_id=post_id, verdict="split")
        _append_words(home, connection, {_order(post_id, other) for other in cluster}, Sameness.DIFFERENT, [post_id])
        return settle_clusters(connection, [post_id, *cluster])


def part_posts(home: Home, first_id: int, second_id: int) -> set[Month]:
    """Record that two posts are different articles.

    Raises NotFoundError, and ReviewError for one post twice.
    """
    with home.database.writing() as connection:
        _check_exist(connection, [first_id, second_id])
        if first_id == second_id:
            raise ReviewError(t("a post is the same as itself"), post_id=first_id, verdict="split")
        cluster = _list_cluster(connection, first_id)
        others = cluster - {second_id} if second_id in cluster else {first_id}
        _append_words(home, connection, {_order(second_id, other) for other in others}, Sameness.DIFFERENT, [second_id])
        return settle_clusters(connection, [first_id, second_id, *cluster])


class Couple(NamedTuple):
    """Two posts that are, or may be, the same article."""

    post: Post
    other: Post
    #: None if other posts join the two.
    pair: Pair | None


def list_proposed_couples(home: Home) -> list[Couple]:
    """List the pairs that wait for a decision."""
    with home.reading() as connection:
        pairs = duplicates.list_proposals(connection)
        known = _read_posts(connection, {number for pair in pairs for number in (pair.first_id, pair.second_id)})
    return [Couple(known[pair.first_id], known[pair.second_id], pair) for pair in pairs]


def list_couples_of(home: Home, post_id: int) -> list[Couple]:
    """List the copies and possible copies of a post, or of the one that is shown in its place. Raises NotFoundError."""
    with home.reading() as connection:
        shown = find_shown(connection, post_id).post
        copies = duplicates.list_copies(connection, [shown.id]).get(shown.id, [])
        family = {shown.id, *copies}
        pairs = find_in_force(duplicates.list_pairs(connection, family))
        proposed = list_proposed(family, pairs)
        known = _read_posts(connection, {*copies, *proposed})
    same = [Couple(shown, known[number], find_best(number, family, pairs)) for number in copies]
    return same + [Couple(shown, known[number], pair) for number, pair in proposed.items()]


def find_shown(connection: Connection, post_id: int) -> Candidate:
    """Return a post, or the one that is shown in its place. Raises NotFoundError."""
    found = candidates.get_candidate(connection, post_id)
    return candidates.get_candidate(connection, found.post.copy_of) if found.post.copy_of else found


def _read_posts(connection: Connection, post_ids: Collection[int]) -> dict[int, Post]:
    return {one.post.id: one.post for one in candidates.list_candidates_by_id(connection, sorted(post_ids))}


def _check_exist(connection: Connection, post_ids: Sequence[int]) -> None:
    found = {place.post_id for place in duplicates.list_places(connection, post_ids)}
    for number in post_ids:
        if number not in found:
            raise NotFoundError(t("there is no post {number}", number=number))


def _list_cluster(connection: Connection, post_id: int) -> frozenset[int]:
    """The cluster of a post, the post included."""
    _, pairs = _gather_clusters(connection, [post_id])
    return next((cluster for cluster in form_clusters(pairs) if post_id in cluster), frozenset({post_id}))


def _order(one: int, other: int) -> tuple[int, int]:
    return min(one, other), max(one, other)


def _append_words(
    home: Home, connection: Connection, wanted: Iterable[tuple[int, int]], said: Sameness, asked: Sequence[int]
) -> None:
    """What the curator said of pairs, as one action about the posts that they *asked* for."""
    words = [Pair(first, second, said, home.curator, home.now, is_by_hand=True) for first, second in sorted(wanted)]
    if words:
        kind = ActionKind.MERGE if said is Sameness.SAME else ActionKind.SPLIT
        posts = sorted({number for pair in words for number in (pair.first_id, pair.second_id)} - {asked[0]})
        action = record(home, connection, kind, post_id=asked[0], details={"posts": posts})
        duplicates.append_pairs(connection, words, action)
