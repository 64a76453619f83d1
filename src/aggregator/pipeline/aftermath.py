"""What became of it: three months as they look ninety days after their prints. Looks, and stores nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from weakref import WeakKeyDictionary

from aggregator.evaluate import burial
from aggregator.evaluate.aftermath import (
    DAYS,
    Evidence,
    Later,
    Quarter,
    Said,
    Subject,
    Vote,
    count_voices,
    find_taken_up,
)
from aggregator.evaluate.burial import Burier, Gap, Shares, WeightProposal
from aggregator.pipeline.home import Home
from aggregator.pipeline.weights import make_weights, read_settings_in_force
from aggregator.posts.sequels import Follower
from aggregator.rank.weights import Weights
from aggregator.storage import actions, aftermath, digests
from aggregator.storage.aftermath import StoredPost
from aggregator.storage.candidates import list_candidates_by_id
from aggregator.storage.database import Connection
from aggregator.storage.links import find_checks
from aggregator.types import Candidate, Line, LinkCheck, Month, PrintedPost

#: So many posts of a month are shown, those with the most voices.
MOST = 20
# So many of a quarter decide about weights, and as many that nobody took up.
_MOST_COUNTED = 500
# Quarters that are remembered.
_REMEMBERED = 8
# Of each database: what was found, and the stamp by which it was.
_KNOWN: WeakKeyDictionary[object, dict[Quarter, tuple[object, Aftermath]]] = WeakKeyDictionary()
# What another weight may change: the curator did not say it, and neither did a rule.
_OF_RANKING = frozenset({Burier.SCORE, Burier.FLOOR, Burier.QUOTA, Burier.SCOPE, Burier.NEARNESS})


@dataclass(frozen=True, slots=True)
class TakenUp:
    """A post that was not printed, and was taken up since."""

    candidate: Candidate
    burier: Burier
    #: Where its score lay furthest below the printed lines.
    gaps: tuple[Gap, ...]
    signs: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class LineAfter:
    """A printed line, with the signs that its post was taken up and the last look at its address."""

    post_id: int
    line: Line
    signs: tuple[Evidence, ...]
    check: LinkCheck | None = None

    @property
    def is_gone(self) -> bool:
        return self.check is not None and self.check.state.is_gone


@dataclass(frozen=True, slots=True)
class Buried:
    """How many posts one thing kept from being printed, and how many of them were taken up."""

    burier: Burier
    #: Of the verdict; empty for all others.
    reason: str
    posts: int
    taken_up: int


@dataclass(frozen=True, slots=True)
class MonthAfter:
    """A month of the quarter. Without a print, or before its days are over, nothing is known of it."""

    month: Month
    printed_at: datetime | None = None
    is_over: bool = False
    #: Most frequent first.
    buried: tuple[Buried, ...] = ()
    #: The first MOST of those that were taken up, those with the most voices first.
    taken_up: tuple[TakenUp, ...] = ()
    lines: tuple[LineAfter, ...] = ()

    @property
    def ends_at(self) -> datetime | None:
        return self.printed_at + DAYS if self.printed_at else None

    @property
    def looked_at(self) -> int:
        return sum(each.posts for each in self.buried)

    @property
    def all_taken_up(self) -> int:
        return sum(each.taken_up for each in self.buried)


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What became of a quarter."""

    quarter: Quarter
    months: tuple[MonthAfter, ...]
    #: How much was looked at: posts, links of round-ups and lists, and counts of talk that came after the prints.
    later: int = 0
    votes: int = 0
    counts: int = 0
    #: The posts that were taken up and not proposed, and the weights that they speak for.
    missed: int = 0
    proposals: tuple[WeightProposal, ...] = ()


@dataclass(frozen=True, slots=True)
class _Month:
    """What is stored of a month whose days are over."""

    month: Month
    printed_at: datetime
    left: Sequence[StoredPost]
    lines: Sequence[tuple[int, Line]]
    printed: Sequence[StoredPost]


def list_quarters(home: Home, connection: Connection) -> list[Quarter]:
    """List the quarters with a month whose ninety days are over, the newest first."""
    prints = aftermath.list_prints(connection)
    return list(dict.fromkeys(Quarter.of(month) for month, at in prints.items() if at + DAYS <= home.now))


def find_aftermath(home: Home, connection: Connection, quarter: Quarter) -> Aftermath:
    """Find what became of the posts of a quarter. Months that are not printed, or not for long enough, are empty.

    It takes seconds with ten thousand posts, so it is remembered for the day, until something is decided or printed.
    """
    prints = aftermath.list_prints(connection)
    over = {month: at for month in quarter.months if (at := prints.get(month)) and at + DAYS <= home.now}
    weights = make_weights(read_settings_in_force(connection, home.settings))
    today = home.now.astimezone(home.zone).date()
    stamp = today, tuple(prints.items()), tuple(over), tuple(weights.items()), actions.find_newest(connection)
    remembered = _KNOWN.setdefault(connection.engine, {})
    # Other threads may clear it meanwhile.
    known = remembered.get(quarter)
    if known is None or known[0] != stamp:
        if len(remembered) >= _REMEMBERED:
            remembered.clear()
        known = remembered[quarter] = stamp, _find(connection, quarter, prints, over, weights)
    return known[1]


def _find(
    connection: Connection,
    quarter: Quarter,
    prints: Mapping[Month, datetime],
    over: Mapping[Month, datetime],
    weights: Weights,
) -> Aftermath:
    months = {month: MonthAfter(month, prints.get(month)) for month in quarter.months}
    if not over:
        return Aftermath(quarter, tuple(months.values()))
    stored = [_gather(connection, month, at) for month, at in over.items()]
    since, until = min(over.values()), max(over.values()) + DAYS
    votes, said = _gather_heard(connection, since)
    later = _LaterPosts(connection, since, until)
    signs = find_taken_up(_make_subjects(connection, stored), later, votes, said)
    printed = _list_shares(connection, [number for one in stored for number, _ in one.lines])
    usual = burial.average_shares(printed)
    months |= {each.month: _judge(connection, each, signs, usual) for each in stored}
    low = [post.post_id for one in stored for post in one.left if _find_burier(post) in _OF_RANKING]
    missed = [number for number in low if number in signs]
    others = [number for number in low if number not in signs]
    compared = [_list_shares(connection, _thin_out(numbers)) for numbers in (missed, others)]
    return Aftermath(
        quarter=quarter,
        months=tuple(months.values()),
        later=later.read,
        votes=len(votes),
        counts=len(said),
        missed=len(missed),
        proposals=tuple(burial.propose_weights(compared[0], compared[1], weights)),
    )


def _gather(connection: Connection, month: Month, printed_at: datetime) -> _Month:
    digest = digests.get_digest(connection, month).digest
    lines = list(zip(digests.list_post_ids(connection, month), digest.lines, strict=True))
    left = aftermath.list_left(connection, month)
    return _Month(month, printed_at, left, lines, aftermath.list_posts(connection, [number for number, _ in lines]))


def _make_subjects(connection: Connection, stored: Sequence[_Month]) -> list[Subject]:
    months = {post.month for one in stored for post in (*one.left, *one.printed)}
    others = aftermath.list_other_addresses(connection, months)
    return [
        Subject(
            PrintedPost(*post[:7], language=post.language),
            one.printed_at,
            (post.canonical_url, *others.get(post.post_id, ())),
            post.feed_key,
        )
        for one in stored
        for post in (*one.left, *one.printed)
    ]


class _LaterPosts:
    """The posts that came later, read one by one and counted: all of them at once would fill the memory."""

    def __init__(self, connection: Connection, since: datetime, until: datetime) -> None:
        self._connection, self._since, self._until = connection, since, until
        self.read = 0

    def __iter__(self) -> Iterator[Later]:
        for post in aftermath.list_later(self._connection, self._since, self._until):
            self.read += 1
            yield Later(Follower(*post[:7]), post.feed_key, post.article, post.is_chosen, post.language)


def _gather_heard(connection: Connection, since: datetime) -> tuple[list[Vote], list[Said]]:
    votes, said = [], []
    for address, heard, label, site in aftermath.list_heard(connection, since):
        # A round-up counts from its last issue, a list and talk from the first time.
        at = heard.observed_at if label else heard.first_at
        if at is None or at <= since:
            continue
        if heard.name == "links":
            votes.append(Vote(address, heard.source, label, at, heard.url, site))
        else:
            said.append(Said(address, heard))
    return votes, said


def _thin_out(numbers: Sequence[int]) -> Sequence[int]:
    """Some of many, evenly."""
    return numbers[:: len(numbers) // _MOST_COUNTED + 1]


def _list_shares(connection: Connection, numbers: Sequence[int]) -> list[Shares]:
    return [burial.sum_shares(said) for said in aftermath.list_reasons(connection, numbers).values()]


def _judge(
    connection: Connection, stored: _Month, signs: Mapping[int, tuple[Evidence, ...]], usual: Shares
) -> MonthAfter:
    taken = [post for post in stored.left if post.post_id in signs]
    taken.sort(key=lambda post: (-count_voices(signs[post.post_id]), signs[post.post_id][0].at, post.post_id))
    shown = {one.post.id: one for one in list_candidates_by_id(connection, [post.post_id for post in taken[:MOST]])}
    checks = find_checks(connection, [line.url for _, line in stored.lines])
    return MonthAfter(
        month=stored.month,
        printed_at=stored.printed_at,
        is_over=True,
        buried=_count_buried(stored.left, signs),
        taken_up=tuple(
            TakenUp(one, _find_burier(post), burial.list_gaps(_get_shares(one), usual), signs[post.post_id])
            for post in taken[:MOST]
            if (one := shown.get(post.post_id))
        ),
        lines=tuple(
            LineAfter(number, line, signs.get(number, ()), checks.get(line.url)) for number, line in stored.lines
        ),
    )


def _get_shares(candidate: Candidate) -> Shares:
    return burial.sum_shares((one.name, one.share) for one in candidate.score.reasons) if candidate.score else {}


def _find_burier(post: StoredPost) -> Burier:
    return Burier.of(post.decision, is_proposed=post.is_proposed, ground=post.ground)


def _count_buried(left: Sequence[StoredPost], signs: Mapping[int, object]) -> tuple[Buried, ...]:
    keys = [(_find_burier(post), post.reason or "", post.post_id in signs) for post in left]
    posts = Counter((burier, reason) for burier, reason, _ in keys)
    taken = Counter((burier, reason) for burier, reason, is_taken in keys if is_taken)
    return tuple(Buried(*key, number, taken[key]) for key, number in posts.most_common())
