"""Duplicates: posts that are the same article are found, and one of them is shown in place of the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product

from aggregator.exceptions import NotFoundError, ReviewError
from aggregator.pipeline import Progress, ignore_progress
from aggregator.posts.copies.compare import compare
from aggregator.posts.copies.group import Claim, assign_copies, find_in_force, form_groups, is_apart, list_unsaid
from aggregator.posts.copies.meet import choose_met, leave_crowds
from aggregator.posts.copies.sketch import RECIPE, Sketch, list_meetings, sketch_post
from aggregator.storage import changes, duplicates
from aggregator.storage.changes import Derived
from aggregator.storage.database import Connection, Database
from aggregator.types import Manuscript, Month, Pair, Sameness

_BATCH = 100
# Posts that are compared in a second or two.
_MOMENT = 300
#: Sketches that are kept from batch to batch.
_KEPT = 1000
_MACHINE = f"recipe {RECIPE}"


def has_much_to_compare(database: Database) -> bool:
    """Whether finding copies would take more than a moment."""
    with database.reading() as connection:
        return changes.count_behind(connection, Derived.COPIES) > _MOMENT


def find_copies(database: Database, *, now: datetime, progress: Progress = ignore_progress) -> set[Month]:
    """Compare every post that is new or has changed with those that it meets; returns the months that this changes.

    Each batch is stored, so that what comes later goes on from there.
    """
    months: set[Month] = set()
    known = _Sketches()
    with database.reading() as connection:
        behind = changes.list_behind(connection, Derived.COPIES)
    waiting = list(behind)
    for start in range(0, len(waiting), _BATCH):
        batch = waiting[start : start + _BATCH]
        with database.reading() as connection:
            read = duplicates.list_manuscripts(connection, batch)
            known.read(read)
            found = {number: list_meetings(known.held[number]) for number in read.keys() & known.held.keys()}
            stored = duplicates.list_met(connection, sorted(set().union(*found.values())))
            met = choose_met(found, stored)
            said = duplicates.list_pairs(connection, batch)
            partners = {number for pair in said for number in (pair.first_id, pair.second_id)}
            known.gather(connection, {number for pair in met for number in pair} | partners)
        asked = met | {(pair.first_id, pair.second_id) for pair in said}
        news = _compare(asked, known.held, find_in_force(pair for pair in said if not pair.is_by_hand), now)
        with database.writing(durable=False) as connection:
            duplicates.save_meetings(connection, leave_crowds(found, stored))
            duplicates.append_pairs(connection, news)
            # What a visit or a page has changed meanwhile stays behind: it was compared as it was before.
            changes.catch_up(connection, [behind[number] for number in batch])
            touched = {number for pair in news for number in (pair.first_id, pair.second_id)}
            _complete(connection, touched, known, now)
            # A group that is known already may have another original now.
            months |= settle_groups(connection, touched | partners)
        progress(len(batch))
        if len(known.held) > _KEPT:
            known.held.clear()
    return months


@dataclass
class _Sketches:
    """What posts are compared by; of those that were passed over there is nothing."""

    held: dict[int, Sketch] = field(default_factory=dict)
    _passed_over: set[int] = field(default_factory=set)

    def gather(self, connection: Connection, post_ids: set[int]) -> None:
        """Read those of these posts that are not held."""
        self.read(duplicates.list_manuscripts(connection, sorted(post_ids - self.held.keys() - self._passed_over)))

    def read(self, manuscripts: Mapping[int, Manuscript]) -> None:
        """Read these posts as they are now. One that cannot be read must not keep the others waiting for ever: it is
        passed over, with a line in the log, and has no copies.
        """
        for number, manuscript in manuscripts.items():
            try:
                self.held[number] = sketch_post(manuscript)
            except Exception:
                # Imported late: commands that find no copies load this module too.
                import structlog

                self.held.pop(number, None)
                self._passed_over.add(number)
                url = manuscript.canonical_url
                structlog.get_logger().exception("post passed over in the search for copies", post=number, url=url)


def _compare(
    asked: Iterable[tuple[int, int]],
    sketches: Mapping[int, Sketch],
    before: Mapping[tuple[int, int], Pair],
    now: datetime,
) -> list[Pair]:
    """What is new to say of pairs: the same as before is not said again, nor that two posts differ unasked."""
    news = []
    for first, second in sorted(asked):
        if first not in sketches or second not in sketches:
            continue
        thought = _think(sketches[first], sketches[second], now)
        old = before.get((first, second))
        before_said, was_apart = (old.said, is_apart(old)) if old else (Sameness.DIFFERENT, is_apart(thought))
        if (thought.said, is_apart(thought)) != (before_said, was_apart):
            news.append(thought)
    return news


def _complete(connection: Connection, touched: set[int], known: _Sketches, now: datetime) -> None:
    """Store which posts that hang together through others are apart from each other."""
    while touched:
        everyone, pairs = _gather_groups(connection, touched)
        unsaid = list_unsaid(pairs)
        known.gather(connection, {number for pair in unsaid for number in pair})
        held = known.held
        news = [_think(held[one], held[other], now) for one, other in unsaid if one in held and other in held]
        news = [pair for pair in news if pair.said is not Sameness.DIFFERENT or is_apart(pair)]
        duplicates.append_pairs(connection, news)
        # What is the same may lead to others.
        touched = everyone if any(pair.said is Sameness.SAME for pair in news) else set()


def _think(first: Sketch, second: Sketch, now: datetime) -> Pair:
    thought = compare(first, second)
    first_id, second_id = sorted((first.post_id, second.post_id))
    return Pair(first_id, second_id, thought.said, _MACHINE, now, score=thought.score, reasons=thought.reasons)


def settle_groups(connection: Connection, post_ids: Iterable[int]) -> set[Month]:
    """Decide anew which post is shown of every group that one of these belongs to; returns the months that change.

    To be called after anything that this rests on: what is said of pairs, verdicts, digests.
    """
    touched, pairs = _gather_groups(connection, post_ids)
    if len(touched) < 2:
        return set()
    places = {place.post_id: place for place in duplicates.list_places(connection, sorted(touched))}
    claims = {
        number: Claim(
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
    originals = assign_copies(form_groups(pairs), claims, pairs)
    changed = {number: original for number, original in originals.items() if places[number].copy_of != original}
    duplicates.set_originals(connection, changed)
    shown = {original for original in changed.values() if original is not None}
    return {places[number].month for number in changed.keys() | shown}


def _gather_groups(connection: Connection, post_ids: Iterable[int]) -> tuple[set[int], list[Pair]]:
    """All posts that hang together with these by what counts of their pairs, and what counts."""
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


def merge_posts(database: Database, post_ids: Sequence[int], *, by: str, now: datetime) -> set[Month]:
    """Remember that these posts are the same article; what was said otherwise of their groups counts no more.

    Returns the months that this changes. Raises NotFoundError, and ReviewError for fewer than two posts.
    """
    asked = list(dict.fromkeys(post_ids))
    with database.writing() as connection:
        _check_exist(connection, asked)
        if len(asked) < 2:
            raise ReviewError("a post is the same as itself", post_id=asked[0], verdict="merge")
        groups = [_list_group(connection, number) for number in asked]
        pairs = find_in_force(duplicates.list_pairs(connection, set().union(*groups)))
        wanted = {_order(asked[0], other) for other in asked[1:]}
        for place, group in enumerate(groups):
            for later in groups[place + 1 :]:
                across = {_order(one, other) for one, other in product(group, later) if one != other}
                # Whoever keeps two of them apart, be it a veto of the machine, the word of today goes before it.
                wanted |= {pair for pair in across if pair in pairs and is_apart(pairs[pair])}
        _append_words(connection, wanted, Sameness.SAME, by, now)
        return settle_groups(connection, asked)


def split_post(database: Database, post_id: int, *, by: str, now: datetime) -> set[Month]:
    """Remember that a post is not one of the articles that it is taken for. Raises NotFoundError, and ReviewError when
    it is taken for none.
    """
    with database.writing() as connection:
        _check_exist(connection, [post_id])
        group = _list_group(connection, post_id) - {post_id}
        if not group:
            raise ReviewError("it is not a copy and has none", post_id=post_id, verdict="split")
        _append_words(connection, {_order(post_id, other) for other in group}, Sameness.DIFFERENT, by, now)
        return settle_groups(connection, [post_id, *group])


def part_posts(database: Database, first_id: int, second_id: int, *, by: str, now: datetime) -> set[Month]:
    """Remember that two posts are different articles, whatever speaks for it.

    Raises NotFoundError, and ReviewError for one post twice.
    """
    with database.writing() as connection:
        _check_exist(connection, [first_id, second_id])
        if first_id == second_id:
            raise ReviewError("a post is the same as itself", post_id=first_id, verdict="split")
        group = _list_group(connection, first_id)
        others = group - {second_id} if second_id in group else {first_id}
        _append_words(connection, {_order(second_id, other) for other in others}, Sameness.DIFFERENT, by, now)
        return settle_groups(connection, [first_id, second_id, *group])


def _check_exist(connection: Connection, post_ids: Sequence[int]) -> None:
    found = {place.post_id for place in duplicates.list_places(connection, post_ids)}
    for number in post_ids:
        if number not in found:
            raise NotFoundError(f"there is no post {number}")


def _list_group(connection: Connection, post_id: int) -> frozenset[int]:
    """The posts that are taken for the same article as this one, itself among them."""
    _, pairs = _gather_groups(connection, [post_id])
    return next((group for group in form_groups(pairs) if post_id in group), frozenset({post_id}))


def _order(one: int, other: int) -> tuple[int, int]:
    return min(one, other), max(one, other)


def _append_words(
    connection: Connection, wanted: Iterable[tuple[int, int]], said: Sameness, by: str, now: datetime
) -> None:
    words = [Pair(first, second, said, by, now, is_by_hand=True) for first, second in sorted(wanted)]
    duplicates.append_pairs(connection, words)
