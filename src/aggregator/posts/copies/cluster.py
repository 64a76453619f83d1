"""From pairs to clusters, and the post that represents a cluster. Pure; the order of the pairs does not matter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from aggregator.types import Decision, Month, Pair, Sameness

_OTHER_TEXT = -0.3
# Of larger clusters only so many posts are compared with one another.
_LARGEST = 40
_STRENGTH = {Decision.APPROVE: 0, Decision.HOLD: 1, Decision.REJECT: 2}


@dataclass(frozen=True, slots=True)
class Member:
    """A post of a cluster: what decides whether it is the representative."""

    post_id: int
    published_at: datetime
    at_home: bool = False
    #: Whether its page names another canonical address.
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
    """The pair that counts for each two posts: the curator's last one, else the machine's last one."""
    found: dict[tuple[int, int], Pair] = {}
    for pair in sorted(pairs, key=lambda pair: (pair.is_by_hand, pair.id)):
        found[pair.first_id, pair.second_id] = pair
    return found


def is_apart(pair: Pair) -> bool:
    """Whether two posts must not come into one cluster through others.

    A person said so, there is a veto, or two whole texts have nothing in common.
    """
    if pair.said is not Sameness.DIFFERENT:
        return False
    return pair.is_by_hand or any(
        not reason.share or (reason.name == "text" and reason.share <= _OTHER_TEXT) for reason in pair.reasons
    )


def list_implied_pairs(pairs: Iterable[Pair]) -> list[tuple[int, int]]:
    """The pairs that other pairs would bring into one cluster, and that have not been compared yet.

    A summary can be a copy of two articles that begin alike, which are still different articles.
    """
    said = {(pair.first_id, pair.second_id): pair for pair in pairs}
    hanging: dict[int, set[int]] = {}
    for (first, second), pair in said.items():
        if pair.said is Sameness.SAME:
            joined = hanging.get(first, {first}) | hanging.get(second, {second})
            hanging.update(dict.fromkeys(joined, joined))
    clusters = {min(cluster): sorted(cluster)[:_LARGEST] for cluster in hanging.values()}
    return [pair for number in sorted(clusters) for pair in combinations(clusters[number], 2) if pair not in said]


def form_clusters(pairs: Iterable[Pair]) -> list[frozenset[int]]:
    """The clusters of two or more posts. *pairs* are those in force.

    The surest pairs are joined first, the curator's before all others. Posts are not joined if that would bring two
    posts that are apart into one cluster.
    """
    pairs = list(pairs)
    apart = {(pair.first_id, pair.second_id) for pair in pairs if is_apart(pair)}
    clusters: dict[int, frozenset[int]] = {}
    same = [pair for pair in pairs if pair.said is Sameness.SAME]
    for pair in sorted(same, key=lambda pair: (not pair.is_by_hand, -pair.score, pair.first_id, pair.second_id)):
        one, other = (clusters.get(number, frozenset({number})) for number in (pair.first_id, pair.second_id))
        if one is other or any((min(a, b), max(a, b)) in apart for a in one for b in other):
            continue
        joined = one | other
        clusters.update(dict.fromkeys(joined, joined))
    return sorted(set(clusters.values()), key=min)


def choose_representative(cluster: Iterable[Member]) -> Member:
    """The post that is shown.

    Printed comes before approved, held and rejected; then a post that does not wait for its date, one that people
    wrote, one whose page names no other address, one on the site of its feed, the older one, the lower number.
    """
    return min(cluster, key=_rank)


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
    clusters: Iterable[frozenset[int]], members: Mapping[int, Member], pairs: Iterable[Pair]
) -> dict[int, int | None]:
    """For each post its representative, or None if it is shown itself.

    A post with a verdict is hidden only behind a printed post, or if the curator said that they are the same.
    """
    by_hand = {(p.first_id, p.second_id) for p in pairs if p.is_by_hand and p.said is Sameness.SAME}
    copies: dict[int, int | None] = dict.fromkeys(members)
    for cluster in clusters:
        representative = choose_representative(members[number] for number in cluster)
        joined = _reach(representative.post_id, by_hand)
        for number in cluster - {representative.post_id}:
            is_hidden = not members[number].is_kept or representative.printed_in is not None or number in joined
            copies[number] = representative.post_id if is_hidden else None
    return copies


def _reach(start: int, joined: set[tuple[int, int]]) -> set[int]:
    """The posts that the curator joined with *start*, directly or through others."""
    reached, waiting = {start}, [start]
    while waiting:
        number = waiting.pop()
        for one, other in joined:
            if number in (one, other) and not {one, other} <= reached:
                new = other if number == one else one
                reached.add(new)
                waiting.append(new)
    return reached
