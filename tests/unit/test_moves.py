"""When a permanent redirect becomes the address of a feed: every rule, and the laws that hold over any history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from aggregator.exceptions import FeedError, ParseError, RetrieveError
from aggregator.feeds.moves import AGREEMENTS, MoveDecision, decide_move
from aggregator.types import Feed, FeedState, Hop, Kind, Move, Trial
from world import NOW

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
OLD = "https://old.example/feed"
NEW = "https://new.example/feed"
OTHER = "https://other.example/feed"

GONE = RetrieveError(OLD, "the document is gone for good (HTTP 410)", status=410)
MISSING = RetrieveError(OLD, "there is no such document (HTTP 404)", status=404)
DESERTED = RetrieveError(OLD, "the name old.example cannot be resolved", is_deserted=True)
TIMEOUT = RetrieveError(OLD, "no complete answer within 30 seconds")
TROUBLE = RetrieveError(OLD, "the server is in trouble (HTTP 500)", status=500)
NO_FEED = ParseError(NEW, "the answer is an HTML page, not a feed")


def _state(url: str = OLD, trial: Trial | None = None) -> FeedState:
    return FeedState(Feed("a", "A", url, Kind.COMPANY, "en"), trial=trial)


def _hops(*way: str | int) -> list[Hop]:
    """``301, a, 302, b`` as hops."""
    return [Hop(int(status), str(url)) for status, url in zip(way[::2], way[1::2], strict=True)]


def _decide(state: FeedState, *way: str | int, now: datetime = NOW, **changes: Any) -> MoveDecision:
    given: dict[str, Any] = {
        "shares_entries": True,
        "error": None,
        "trial_days": 3 * DAY,
        "taken": (),
        "refused": (),
        "has_credentials": False,
        **changes,
    }
    return decide_move(state, _hops(*way), now=now, **given)


def _trial(days: float, agreements: int, url: str = NEW) -> Trial:
    return Trial(url, NOW - days * DAY, agreements)


@pytest.mark.parametrize("status", [301, 308])
def test_a_permanent_redirect_is_watched_at_first(status: int) -> None:
    assert _decide(_state(), status, NEW) == MoveDecision(Trial(NEW, NOW, 1))


@pytest.mark.parametrize("status", [300, 302, 303, 307])
def test_a_temporary_redirect_is_never_watched(status: int) -> None:
    assert _decide(_state(), status, NEW) == MoveDecision()


@pytest.mark.parametrize(
    ("way", "target"),
    [
        ((301, OTHER, 308, NEW), NEW),
        ((301, NEW, 302, OTHER), NEW),
        ((302, NEW, 301, OTHER), None),
        ((301, NEW, 307, OTHER, 301, "https://last.example/"), NEW),
        ((301, OTHER, 301, OLD), None),
        ((), None),
    ],
)
def test_only_the_permanent_redirects_at_the_beginning_count(way: Sequence[str | int], target: str | None) -> None:
    trial = _decide(_state(), *way).trial
    assert (trial and trial.url) == target


@pytest.mark.parametrize(
    ("trial", "shares_entries", "after"),
    [
        (_trial(1, 1), True, _trial(1, 2)),
        # Not modified: the validators matched.
        (_trial(1, 1), None, _trial(1, 2)),
        # Another document breaks the row, while the redirect goes on.
        (_trial(1, 2), False, _trial(1, 0)),
        (_trial(9, 0), True, _trial(9, 1)),
        (None, False, Trial(NEW, NOW, 0)),
        # Another target begins anew.
        (_trial(9, 9, OTHER), True, Trial(NEW, NOW, 1)),
        # So does what began in the future, for the clock was wrong then.
        (_trial(-900, 2), True, Trial(NEW, NOW, 1)),
        # Days alone or agreements alone are not enough.
        (_trial(9, 1), True, _trial(9, 2)),
        (_trial(2.9, 8), True, _trial(2.9, 9)),
        (_trial(9, 8), False, _trial(9, 0)),
    ],
)
def test_a_trial_goes_on(trial: Trial | None, shares_entries: bool | None, after: Trial) -> None:
    assert _decide(_state(trial=trial), 301, NEW, shares_entries=shares_entries) == MoveDecision(after)


@pytest.mark.parametrize("way", [(), (302, NEW), (307, NEW, 301, NEW), (301, OLD)])
def test_a_trial_ends_when_the_redirect_stops(way: Sequence[str | int]) -> None:
    assert _decide(_state(trial=_trial(9, 2)), *way) == MoveDecision()


@pytest.mark.parametrize("shares_entries", [True, None])
@pytest.mark.parametrize(
    ("days", "words"), [(3, "for 3 days"), (4.9, "for 4 days"), (40, "for 40 days")],
)  # fmt: skip
def test_after_days_and_visits_that_agree_the_feed_moves(days: float, words: str, shares_entries: bool | None) -> None:
    decision = _decide(_state(trial=_trial(days, 2)), 301, NEW, shares_entries=shares_entries)
    reason = f"the old address has redirected there {words}, and the same entries are there"
    assert decision == MoveDecision(move=Move("a", NOW, OLD, NEW, reason, "aggregator"))


@pytest.mark.parametrize(("trial_days", "span", "words"), [(0, 0, "0 hours"), (0, 1.5 / 24, "1 hour"), (1, 1, "1 day")])
def test_the_length_of_a_trial_is_a_setting(trial_days: float, span: float, words: str) -> None:
    decision = _decide(_state(trial=_trial(span, 2)), 301, NEW, trial_days=trial_days * DAY)
    assert decision.move
    assert f"for {words}," in decision.move.reason


@pytest.mark.parametrize("error", [TIMEOUT, TROUBLE, FeedError(OLD, "internal error: KeyError")])
@pytest.mark.parametrize("way", [(), (301, NEW), (301, OTHER), (302, OTHER)])
def test_failures_neither_feed_nor_break_a_trial(error: FeedError, way: Sequence[str | int]) -> None:
    trial = _trial(9, 2)
    assert _decide(_state(trial=trial), *way, error=error, shares_entries=False) == MoveDecision(trial)
    assert _decide(_state(), *way, error=error, shares_entries=False) == MoveDecision()


def test_a_target_that_is_no_feed_breaks_the_row() -> None:
    state = _state(trial=_trial(9, 2))
    assert _decide(state, 301, NEW, error=NO_FEED, shares_entries=False) == MoveDecision(_trial(9, 0))
    # A page for maintenance, behind another redirect, says nothing of the target.
    assert _decide(state, 302, OTHER, error=NO_FEED, shares_entries=False) == MoveDecision(_trial(9, 2))
    assert _decide(state, error=NO_FEED, shares_entries=False) == MoveDecision(_trial(9, 2))


@pytest.mark.parametrize("error", [GONE, MISSING, DESERTED])
def test_a_dead_address_is_left_at_once_for_one_that_agreed(error: FeedError) -> None:
    decision = _decide(_state(trial=_trial(0.1, 1)), error=error, shares_entries=False)
    reason = f"the old address redirected there, to the same entries, and now it is dead: {error.reason}"
    assert decision == MoveDecision(move=Move("a", NOW, OLD, NEW, reason, "aggregator"))


@pytest.mark.parametrize("error", [GONE, MISSING, DESERTED])
@pytest.mark.parametrize(
    ("trial", "way"),
    [
        (None, ()),
        (_trial(9, 0), ()),
        # The target is dead, not the old address.
        (_trial(9, 2), (301, NEW)),
        (_trial(9, 2), (302, OTHER)),
    ],
)
def test_a_dead_address_is_not_left_for_nothing(
    error: FeedError, trial: Trial | None, way: Sequence[str | int]
) -> None:
    assert _decide(_state(trial=trial), *way, error=error, shares_entries=False) == MoveDecision(trial)


@pytest.mark.parametrize(
    ("here", "target"),
    [
        ("http://a.example/feed", "https://a.example/feed"),
        ("http://a.example", "https://a.example/"),
        ("http://A.example:80/feed?x=1", "https://a.example/feed?x=1"),
        ("http://a.example/feed", "https://a.example:443/feed"),
    ],
)
@pytest.mark.parametrize("shares_entries", [True, None, False])
def test_the_same_address_by_https_is_adopted_at_once(here: str, target: str, shares_entries: bool | None) -> None:
    decision = _decide(_state(here), 301, target, shares_entries=shares_entries)
    reason = "the old address redirects there for good, and it is the same by https"
    assert decision == MoveDecision(move=Move("a", NOW, here, target, reason, "aggregator"))


@pytest.mark.parametrize(
    ("here", "status", "target"),
    [
        ("http://a.example/feed", 302, "https://a.example/feed"),
        ("http://a.example/feed", 307, "https://a.example/feed"),
        ("http://a.example/feed", 301, "https://www.a.example/feed"),
        ("http://a.example/feed", 301, "https://a.example/"),
        ("http://a.example/feed", 301, "https://a.example/feed/"),
        ("http://a.example/feed?x=1", 301, "https://a.example/feed"),
        ("http://a.example:8080/feed", 301, "https://a.example/feed"),
        ("http://a.example/feed", 301, "https://a.example:8443/feed"),
        ("https://a.example/feed", 301, "http://a.example/feed"),
        ("http://a.example/feed", 301, "http://b.example/feed"),
    ],
)
def test_everything_else_waits(here: str, status: int, target: str) -> None:
    assert _decide(_state(here), status, target).move is None


def test_by_https_only_when_something_answers_there() -> None:
    state = _state("http://a.example/feed")
    for error in (TIMEOUT, NO_FEED, MISSING):
        assert _decide(state, 301, "https://a.example/feed", error=error).move is None


def test_by_https_first_and_then_the_rest_of_the_way() -> None:
    way = (301, "https://a.example/feed", 301, NEW)
    decision = _decide(_state("http://a.example/feed"), *way)
    assert decision.move
    assert decision.move.to_url == "https://a.example/feed"
    assert decision.trial == Trial(NEW, NOW, 1)
    # The trial that has come to its end goes before.
    decision = _decide(_state("http://a.example/feed", _trial(3, 2)), *way)
    assert decision.move
    assert decision.move.to_url == NEW
    assert decision.trial is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"taken": [NEW]}, f"it has moved to {NEW}, which another feed follows already"),
        ({"refused": [NEW]}, f"it has moved to {NEW}, and that move was taken back"),
        ({"has_credentials": True}, f"it has moved to {NEW}, for which its credentials are not meant"),
    ],
)
def test_what_is_never_adopted(changes: dict[str, Any], words: str) -> None:
    state = _state(trial=_trial(9, 9))
    assert _decide(state, 301, NEW, **changes) == MoveDecision(objection=words)
    # Not when the old address is dead either.
    assert _decide(state, error=GONE, **changes).move is None
    # The next address is judged for itself.
    if not changes.get("has_credentials"):
        assert _decide(_state(), 301, OTHER, **changes) == MoveDecision(Trial(OTHER, NOW, 1))


@pytest.mark.parametrize(
    "changes",
    [{"taken": ["https://a.example/feed"]}, {"refused": ["https://a.example/feed"]}, {"has_credentials": True}],
)
def test_nor_by_https(changes: dict[str, Any]) -> None:
    decision = _decide(_state("http://a.example/feed"), 301, "https://a.example/feed", **changes)
    assert decision.move is decision.trial is None
    assert decision.objection


def test_credentials_stay_in_their_origin_and_move_within_it() -> None:
    state = _state(trial=_trial(3, 2, "https://old.example/new-feed"))
    decision = _decide(state, 301, "https://old.example/new-feed", has_credentials=True)
    assert decision.move
    assert decision.move.to_url == "https://old.example/new-feed"


class Following(RuleBasedStateMachine):
    """A feed whose server says anything in any order; what was seen is written down beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.state = _state("http://a.example/feed")
        #: For each target: when its row of permanent redirects began, and how many visits have agreed since.
        self.seen: dict[str, list[Any]] = {}
        self.moves: list[Move] = []

    def _take(self, decision: MoveDecision) -> None:
        assert not (decision.trial and decision.objection)
        feed = self.state.feed
        if decision.move:
            assert decision.move.from_url == feed.url
            assert decision.move.to_url not in {OTHER, feed.url}
            self.moves.append(decision.move)
            feed = replace(feed, url=decision.move.to_url)
        self.state = replace(self.state, feed=feed, trial=decision.trial)

    @rule(hours=st.sampled_from([1, 20, 80]))
    def wait(self, hours: int) -> None:
        self.now += hours * HOUR

    @rule(
        goal=st.sampled_from([NEW, OTHER]),
        hours=st.sampled_from([1, 20, 80]),
        shares_entries=st.lists(st.sampled_from([True, False, None]), min_size=1, max_size=4),
    )
    def be_redirected_for_a_while(self, goal: str, hours: int, shares_entries: list[bool | None]) -> None:
        for shares in shares_entries:
            self.succeed([(301, goal)], shares)
            self.wait(hours)

    @rule(
        way=st.lists(
            st.tuples(
                st.sampled_from([301, 308, 302, 303, 307]),
                st.sampled_from(["https://a.example/feed", NEW, OLD, OTHER, "http://a.example/feed"]),
            ),
            max_size=3,
        ),
        shares_entries=st.sampled_from([True, False, None]),
    )
    def come_this_way(self, way: list[tuple[int, str]], shares_entries: bool | None) -> None:
        self.succeed(way, shares_entries)

    def succeed(self, way: list[tuple[int, str]], shares_entries: bool | None) -> None:
        leading = []
        for status, url in way:
            if status not in {301, 308}:
                break
            leading.append(url)
        target = leading[-1] if leading else None
        self.seen = {url: row for url, row in self.seen.items() if url == target}
        before, trial = self.state.feed.url, self.state.trial
        if target:
            row = self.seen.setdefault(target, [self.now, 0])
            row[1] = 0 if shares_entries is False else row[1] + 1
        decision = _decide(
            self.state, *[part for hop in way for part in hop], now=self.now, shares_entries=shares_entries,
            taken=[OTHER],
        )  # fmt: skip
        if decision.move:
            assert decision.move.to_url in leading, "a temporary redirect was adopted"
            by_https = (before, decision.move.to_url) == ("http://a.example/feed", "https://a.example/feed")
            since, agreed = self.seen[target] if target else (self.now, 0)
            assert by_https or (agreed >= AGREEMENTS and self.now - since >= 3 * DAY), "adopted without a trial"
            assert by_https or (trial and trial.url == decision.move.to_url)
        self._take(decision)

    @precondition(lambda self: self.state.trial is not None)
    @rule(
        way=st.sampled_from([(), (), (301, NEW), (302, NEW)]),
        error=st.sampled_from([TIMEOUT, TROUBLE, NO_FEED, GONE, MISSING, DESERTED]),
    )
    def fail(self, way: tuple[str | int, ...], error: FeedError) -> None:
        trial = self.state.trial
        decision = _decide(self.state, *way, now=self.now, error=error, shares_entries=False, taken=[OTHER])
        if decision.move:
            assert error in {GONE, MISSING, DESERTED}
            assert not way
            assert trial
            assert trial.agreements, "adopted although it never agreed"
            assert decision.move.to_url == trial.url
        else:
            assert (decision.trial and decision.trial.since) == (trial and trial.since), "a failure changed the trial"
            assert (decision.trial.agreements if decision.trial else 0) <= (trial.agreements if trial else 0)
        if isinstance(error, ParseError) and len(way) == 2 and way[0] == 301 and way[1] in self.seen:
            self.seen[str(way[1])][1] = 0
        self._take(decision)

    @invariant()
    def a_trial_is_never_of_the_own_address(self) -> None:
        assert self.state.trial is None or self.state.trial.url != self.state.feed.url

    @invariant()
    def a_trial_counts_what_was_seen(self) -> None:
        trial = self.state.trial
        if trial is not None:
            since, agreed = self.seen[trial.url]
            assert trial.agreements <= agreed
            assert trial.since >= since


TestFollowing = Following.TestCase
