"""From pairs to groups, and which post of a group is shown. Pure, and the same whatever the order of the pairs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from aggregator.types import Decision, Month, Pair, Sameness

_OTHER_TEXT = -0.3
# Of which all pairs are compared.
_LARGEST = 40
_STRENGTH = {Decision.APPROVE: 0, Decision.HOLD: 1, Decision.REJECT: 2}


@dataclass(frozen=True, slots=True)
class Member:
    """What decides whether a post is shown in place of its copies."""

    post_id: int
    published_at: datetime
    at_home: bool = False
    #: Whether its page names another address as that of its article.
    is_away: bool = False
    #: The month of the digest that printed it.
    printed_in: Month | None = None
    #: Of the verdict in force.
    decision: Decision | None = None
    is_waiting: bool = False
    #: Whether it discloses that a machine translated it.
    is_machine_translated: bool = False

    @property
    def is_kept(self) -> bool:
        """Whether the machine may hide it only behind a printed post."""
        return self.decision is not None or self.printed_in is not None


def find_in_force(pairs: Iterable[Pair]) -> dict[tuple[int, int], Pair]:
    """For each two posts what counts: the last word of the curator, else the last one of the machine."""
    found: dict[tuple[int, int], Pair] = {}
    for pair in sorted(pairs, key=lambda pair: (pair.is_by_hand, pair.id)):
        found[pair.first_id, pair.second_id] = pair
    return found


def is_apart(pair: Pair) -> bool:
    """Whether two posts must not come into one group through others: a person said so, a veto, or two whole texts that
    have nothing in common.
    """
    if pair.said is not Sameness.DIFFERENT:
        return False
    return pair.is_by_hand or any(
        not reason.share or (reason.name == "text" and reason.share <= _OTHER_TEXT) for reason in pair.reasons
    )


def list_implied_pairs(pairs: Iterable[Pair]) -> list[tuple[int, int]]:
    """The pairs that would come into one group through others and that nothing is said of yet.

    A summary is like two articles that begin alike, which are not the same for that.
    """
    said = {(pair.first_id, pair.second_id): pair for pair in pairs}
    hanging: dict[int, set[int]] = {}
    for (first, second), pair in said.items():
        if pair.said is Sameness.SAME:
            joined = hanging.get(first, {first}) | hanging.get(second, {second})
            hanging.update(dict.fromkeys(joined, joined))
    groups = {min(group): sorted(group)[:_LARGEST] for group in hanging.values()}
    return [pair for number in sorted(groups) for pair in combinations(groups[number], 2) if pair not in said]


def form_clusters(pairs: Iterable[Pair]) -> list[frozenset[int]]:
    """The groups of two and more that pairs in force make.

    Posts are joined in the order of how sure it is, the curator's words first, but never when any two in such a group
    are apart.
    """
    pairs = list(pairs)
    apart = {(pair.first_id, pair.second_id) for pair in pairs if is_apart(pair)}
    groups: dict[int, frozenset[int]] = {}
    same = [pair for pair in pairs if pair.said is Sameness.SAME]
    for pair in sorted(same, key=lambda pair: (not pair.is_by_hand, -pair.score, pair.first_id, pair.second_id)):
        one, other = (groups.get(number, frozenset({number})) for number in (pair.first_id, pair.second_id))
        if one is other or any((min(a, b), max(a, b)) in apart for a in one for b in other):
            continue
        joined = one | other
        groups.update(dict.fromkeys(joined, joined))
    return sorted(set(groups.values()), key=min)


def choose_representative(group: Iterable[Member]) -> Member:
    """The post that is shown.

    Printed before approved, held and rejected; then one that can be shown before one that waits for its date; then what
    people wrote before what a machine translated; then one whose page names no other address before one that does; then
    one on the site of its feed before one that was taken over; then the older, then the lower number.
    """
    return min(group, key=_rank)


def _rank(post: Member) -> tuple[bool, Month, int, bool, bool, bool, bool, datetime, int]:
    return (
        post.printed_in is None,
        post.printed_in or Month(9999, 12),
        _STRENGTH.get(post.decision, 3) if post.decision else 3,
        post.is_waiting,
        post.is_machine_translated,
        post.is_away,
        not post.at_home,
        post.published_at,
        post.post_id,
    )


def assign_representatives(
    groups: Iterable[frozenset[int]], claims: Mapping[int, Member], pairs: Iterable[Pair]
) -> dict[int, int | None]:
    """For each post its original, None where it is shown itself.

    A post with a verdict is hidden only behind one that a digest printed, or where the curator said that they are the
    same.
    """
    by_hand = {(p.first_id, p.second_id) for p in pairs if p.is_by_hand and p.said is Sameness.SAME}
    copies: dict[int, int | None] = dict.fromkeys(claims)
    for group in groups:
        original = choose_representative(claims[number] for number in group)
        joined = _reach(original.post_id, by_hand)
        for number in group - {original.post_id}:
            is_hidden = not claims[number].is_kept or original.printed_in is not None or number in joined
            copies[number] = original.post_id if is_hidden else None
    return copies


def _reach(start: int, joined: set[tuple[int, int]]) -> set[int]:
    """The posts that the curator joined with one, directly or through others."""
    reached, waiting = {start}, [start]
    while waiting:
        number = waiting.pop()
        for one, other in joined:
            if number in (one, other) and not {one, other} <= reached:
                new = other if number == one else one
                reached.add(new)
                waiting.append(new)
    return reached
