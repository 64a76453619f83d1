"""Ranking with a database: what was printed and decided is learned, on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from aggregator.app import App
from aggregator.config import SHIPPED_TEXTS
from aggregator.pipeline import review
from aggregator.pipeline.metrics import measure_stored
from aggregator.pipeline.rank import RankedMonths
from aggregator.scheduler import Daemon
from aggregator.shipped import SHIPPED
from aggregator.storage import digests, judgements, posts, tables
from aggregator.storage.candidates import list_candidates
from aggregator.storage.database import Database
from aggregator.storage.outlines import list_outlines
from aggregator.storage.quotas import find_quotas
from aggregator.storage.talk import save_signals
from aggregator.types import (
    Candidate,
    Correction,
    Decision,
    Digest,
    DigestState,
    Feed,
    Line,
    Month,
    PostDraft,
    Quotas,
    Reason,
    Score,
    Signal,
    Verdict,
)
from clock import Clock
from world import FEED, NOW, make_draft, make_guess, make_update, store

NOVEMBER, DECEMBER = Month(2022, 11), Month(2022, 12)
OTHER = replace(FEED, key="dasan", url="https://dasan.example/feed", site="https://dasan.example/", organisation="다산")


def _draft(number: int, title: str, feed: Feed = FEED, month: Month = DECEMBER, **changes: Any) -> PostDraft:
    url = f"{feed.site}{number}"
    return make_draft(
        number, title=title, url=url, canonical_url=url, feed_key=feed.key, month=month, organisation=None, **changes
    )


def _fill(database: Database) -> None:
    """November: one feed gave what was printed, the other what was not. December: two posts of each."""
    store(
        database,
        make_update(
            *(_draft(n, f"검색 품질 {n}", month=NOVEMBER) for n in range(1, 6)),
            *(_draft(n, f"음성 모델 {n}") for n in (21, 22)),
        ),
        make_update(
            *(_draft(n, f"사내 행사 {n}", OTHER, NOVEMBER) for n in range(11, 16)),
            *(_draft(n, f"음성 모델 {n}", OTHER) for n in (31, 32)),
            feed=OTHER,
        ),
    )
    with database.writing() as connection:
        guessed = [make_guess(number) for number in posts.list_unclassified(connection, "test", 100)]
        judgements.save_guesses(connection, guessed, NOW)


def test_a_month_is_ranked_again_only_if_something_of_it_has_changed(database: Database) -> None:
    _fill(database)
    months = RankedMonths()

    def rank(minute: int, ranked: RankedMonths = months) -> int:
        """Rank December in a later minute; return the minute from which the stored scores are."""
        now = NOW + timedelta(minutes=minute)
        ranked.rank_month(database, DECEMBER, weights={}, quotas=Quotas(), now=now)
        with database.reading() as connection:
            found = judgements.find_scored_at(connection, DECEMBER)
        assert found is not None
        return (found - NOW) // timedelta(minutes=1)

    # What the first ranking wrote, shortlist and order, changes nothing.
    assert [rank(0), rank(1)] == [0, 0]
    months.forget([])
    assert rank(4) == 0
    # Another program has ranked the month since.
    assert rank(5, RankedMonths()) == 5
    assert rank(6) == 6
    with database.writing() as connection:
        number = list_candidates(connection, DECEMBER)[0].post.id
        judgements.append_verdict(connection, Verdict(number, Decision.APPROVE, "curator", NOW))
    assert rank(7) == 7


def _print_november(database: Database, state: DigestState = DigestState.PRINTED) -> None:
    with database.writing() as connection:
        printed = [c for c in list_candidates(connection, NOVEMBER) if c.post.feed_key == FEED.key]
        lines = tuple(
            Line(SHIPPED.parse_section("business/mlops"), c.post.title, c.post.url, NOVEMBER, None) for c in printed
        )
        ids = [candidate.post.id for candidate in printed]
        digests.save_digest(connection, NOVEMBER, state, Digest(SHIPPED_TEXTS, lines), ids, NOW)


def _say(database: Database, post_id: int, decision: Decision) -> None:
    with database.writing() as connection:
        judgements.append_verdict(connection, Verdict(post_id, decision, "curator", NOW))


def _rank(memory: RankedMonths, database: Database, month: Month = DECEMBER) -> list[Candidate]:
    ranked = memory.rank_month(database, month, weights={}, quotas=Quotas(), now=NOW)
    with database.reading() as connection:
        stored = list_candidates(connection, month)
    assert [candidate.score for candidate in stored] == ranked
    return stored


def _order(candidates: list[Candidate]) -> list[int]:
    return [int(candidate.post.url.rpartition("/")[2]) for candidate in candidates]


def _share(candidates: list[Candidate], number: int, name: str) -> float:
    candidate = next(c for c in candidates if c.post.url.endswith(f"/{number}"))
    assert candidate.score is not None
    return next((reason.share for reason in candidate.score.reasons if reason.name == name), 0.0)


def test_questions_are_stored_with_the_scores_and_go_once_they_are_answered(database: Database) -> None:
    _fill(database)
    with database.writing() as connection:
        unsure = [make_guess(number, sure=0.6) for number in posts.list_unclassified(connection, "other", 100)]
        judgements.save_guesses(connection, unsure, NOW)
    memory = RankedMonths()
    asked = {candidate.post.id: candidate.score and candidate.score.question for candidate in _rank(memory, database)}
    assert sorted(one.place for one in asked.values() if one) == [1, 2, 3, 4]
    assert {one.alike for one in asked.values() if one} == {3}
    with database.reading() as connection:
        outlines = list_outlines(connection, DECEMBER)
    assert {one.post_id: one.asked for one in outlines} == {number: one and one.place for number, one in asked.items()}

    answered = next(number for number, one in asked.items() if one and one.place == 1)
    _say(database, answered, Decision.APPROVE)
    after = {candidate.post.id: candidate.score and candidate.score.question for candidate in _rank(memory, database)}
    assert after[answered] is None
    assert sorted(one.place for one in after.values() if one) == [1, 2, 3]


def test_a_post_has_code_by_its_blocks_or_by_its_score(database: Database) -> None:
    store(database, make_update(make_draft(1), make_draft(2, code_blocks=2), make_draft(3), make_draft(4)))
    reasons = {3: Reason("open code", 0.6, "links github.com/haneul/store"), 4: Reason("depth", 0.1, "open code")}
    with database.writing() as connection:
        scores = [Score(number, (reason,), number, shortlisted=False) for number, reason in reasons.items()]
        judgements.save_scores(connection, DECEMBER, scores, NOW)
    with database.reading() as connection:
        assert {one.post_id for one in list_outlines(connection, DECEMBER) if one.has_code} == {2, 3}


def test_what_was_printed_before_is_learned(database: Database) -> None:
    _fill(database)
    memory = RankedMonths()
    cold = _rank(memory, database)
    assert _share(cold, 21, "source") == pytest.approx(_share(cold, 31, "source"))
    _print_november(database)
    warm = _rank(memory, database)
    assert set(_order(warm)[:2]) == {21, 22}
    assert _share(warm, 21, "source") > 0 > _share(warm, 31, "source")
    # A new memory, as after a restart, reads the same past.
    assert [c.score for c in _rank(RankedMonths(), database)] == [c.score for c in warm]


def test_the_quotas_of_a_month_are_kept_with_what_was_learned(database: Database) -> None:
    _fill(database)
    with database.reading() as connection:
        assert find_quotas(connection, DECEMBER) is None
    memory = RankedMonths()
    _rank(memory, database)
    limits = memory.try_month(database, DECEMBER, weights={}, quotas=Quotas()).limits
    assert limits.sections

    with database.reading() as connection:
        assert find_quotas(connection, DECEMBER) == limits


def test_a_draft_teaches_nothing(database: Database) -> None:
    _fill(database)
    cold = _rank(RankedMonths(), database)
    _print_november(database, DigestState.DRAFT)
    assert [c.score for c in _rank(RankedMonths(), database)] == [c.score for c in cold]


def test_a_month_teaches_the_ones_after_it_alone(database: Database) -> None:
    _fill(database)
    memory = RankedMonths()
    _rank(memory, database, NOVEMBER)
    with database.writing() as connection:
        december = [c.post.id for c in list_candidates(connection, DECEMBER) if c.post.feed_key == FEED.key]
        lines = tuple(
            Line(SHIPPED.parse_section("business/mlops"), "x", f"https://x.example/{n}", DECEMBER) for n in december
        )
        digests.save_digest(connection, DECEMBER, DigestState.PRINTED, Digest(SHIPPED_TEXTS, lines), december, NOW)
    november = _rank(memory, database, NOVEMBER)
    assert _share(november, 1, "source") == pytest.approx(_share(november, 11, "source"))


def test_a_verdict_moves_the_rest_of_its_month(database: Database) -> None:
    _fill(database)
    memory = RankedMonths()
    before = _rank(memory, database)
    assert memory.find_decided(database) == set()
    first = next(c.post.id for c in before if c.post.url == f"{FEED.site}21")
    _say(database, first, Decision.REJECT)
    assert memory.find_decided(database) == {DECEMBER}
    after = _rank(memory, database)
    assert memory.find_decided(database) == set()
    assert _share(after, 22, "source") < _share(before, 22, "source")
    # What was rejected keeps its place in the shortlist, and lets nobody in.
    assert all(c.score and c.score.shortlisted for c in after)


def test_a_month_is_ranked_as_if_nothing_of_it_were_kept(database: Database) -> None:
    """Only what a change leaves as it is may be kept."""
    _fill(database)
    _print_november(database)
    memory = RankedMonths()
    last = [c.score for c in _rank(memory, database)]
    with database.reading() as connection:
        ids = {c.post.url.rpartition("/")[2]: c.post.id for c in list_candidates(connection, DECEMBER)}
    correction = Correction(ids["31"], "curator", NOW, section=SHIPPED.parse_section("business/cv"))
    talk = Signal(f"{FEED.site}22", "popular", "points", 900.0, NOW)
    changes: list[Callable[[Any], object]] = [
        lambda connection: judgements.append_verdict(connection, Verdict(ids["21"], Decision.APPROVE, "curator", NOW)),
        lambda connection: judgements.append_correction(connection, correction),
        lambda connection: judgements.save_guesses(connection, [make_guess(ids["32"], out=0.9)], NOW),
        lambda connection: connection.execute(
            tables.posts.update().where(tables.posts.c.id == ids["22"]).values(title="검색 품질 9")
        ),
        lambda connection: save_signals(connection, [talk]),
    ]
    for number, change in enumerate(changes):
        with database.writing() as connection:
            change(connection)
        kept = [c.score for c in _rank(memory, database)]
        assert kept == [c.score for c in _rank(RankedMonths(), database)], number
        # A correction alone changes no score.
        assert (kept == last) is (number == 1), number
        last = kept


def test_verdicts_of_a_month_without_a_digest_count_too(database: Database) -> None:
    _fill(database)
    memory = RankedMonths()
    cold = _rank(memory, database)
    with database.reading() as connection:
        november = [c.post for c in list_candidates(connection, NOVEMBER)]
    for post in november:
        _say(database, post.id, Decision.REJECT if post.feed_key == OTHER.key else Decision.HOLD)
    warm = _rank(memory, database)
    assert _share(warm, 31, "source") < _share(cold, 31, "source")


def test_what_a_new_model_thinks_of_the_past_is_read_again(database: Database) -> None:
    _fill(database)
    _print_november(database)
    memory = RankedMonths()
    before = _rank(memory, database)
    with database.writing() as connection:
        ids = [candidate.post.id for candidate in list_candidates(connection, NOVEMBER)]
        judgements.save_guesses(connection, [replace(make_guess(n, out=0.9), model_version="new") for n in ids], NOW)
    memory.forget({NOVEMBER})
    assert [c.score for c in _rank(memory, database)] != [c.score for c in before]
    assert [c.score for c in _rank(memory, database)] == [c.score for c in _rank(RankedMonths(), database)]


def test_the_curator_s_weight_of_a_feed_counts(database: Database) -> None:
    _fill(database)
    ranked = _rank(RankedMonths(), database)
    assert _share(ranked, 21, "feed weight") == pytest.approx(2.0 * FEED.weight)


@pytest.fixture
def app(make_app: Callable[..., App], clock: Clock) -> App:
    # No feed is due yet.
    clock.now = NOW
    return make_app([FEED, OTHER])


def test_the_daemon_ranks_anew_what_was_decided(app: App) -> None:
    _fill(app.database)
    app.judge.rank([DECEMBER])
    with app.reading() as connection:
        before = list_candidates(connection, DECEMBER)
    review.decide(app, before[0].post.id, Decision.REJECT, reason="off topic")
    asyncio.run(Daemon(app).visit_and_judge())
    with app.reading() as connection:
        after = {c.post.id: c.score for c in list_candidates(connection, DECEMBER)}
    assert after[before[1].post.id] != before[1].score


def test_stored_months_are_replayed(app: App) -> None:
    _fill(app.database)
    _print_november(app.database)
    (metrics,) = measure_stored(app)
    assert (metrics.month, metrics.n, metrics.printed) == (NOVEMBER, 10, 5)
    assert set(metrics.orders) == {"ours", "newest_first", "source_rate", "svm"}
    assert metrics.places["ours"][-1] <= 10


def test_an_empty_home_has_nothing_to_replay(app: App) -> None:
    assert measure_stored(app) == []
