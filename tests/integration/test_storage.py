"""What is stored comes back as it was, on both databases, and nothing is stored twice."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa

from aggregator.exceptions import NotFoundError, StorageError
from aggregator.precedence import PAGES
from aggregator.shipped import SHIPPED
from aggregator.storage import candidates, digests, feeds, judgements, posts, tables, updates
from aggregator.storage.database import Database
from aggregator.storage.tables import UtcDateTime, entries, visits
from aggregator.types import (
    Candidate,
    Correction,
    DateSource,
    Decision,
    Digest,
    DigestState,
    FeedState,
    Ground,
    Kind,
    Line,
    Month,
    Outcome,
    Placement,
    Reason,
    Score,
    Signal,
    Texts,
    Verdict,
)
from world import FEED, NOW, make_draft, make_guess, make_update, store

DECEMBER = Month(2022, 12)
TEXTS = Texts(
    "# 제목\n\n", {part: str(part) for part in SHIPPED.parts}, {topic: str(topic) for topic in SHIPPED.topics}
)


def _candidate(database: Database, post_id: int = 1) -> object:
    with database.reading() as connection:
        return candidates.get_candidate(connection, post_id)


# --- feeds and visits ---


def test_each_statement_of_work_gives_way_to_pages(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[None] = []
    monkeypatch.setattr(PAGES, "give_way", lambda: asked.append(None))
    with database.writing() as connection:
        before = len(asked)
        connection.execute(sa.select(visits.c.id))
        connection.execute(sa.select(entries.c.key))
    assert len(asked) == before + 2


def test_a_feed_and_its_state_come_back(database: Database) -> None:
    update = make_update(make_draft(1))
    store(database, update)
    with database.reading() as connection:
        (state,) = feeds.list_feed_states(connection)
    assert state == replace(update.state, entries=1, listed=FEED)


def test_feeds_toml_is_followed(database: Database) -> None:
    store(database, make_update(make_draft(1)))
    renamed = replace(FEED, name="하늘상점 Tech")
    other = replace(FEED, key="dasan", url="https://dasan.example/feed", name="다산")
    with database.writing() as connection:
        feeds.save_feeds(connection, [renamed, other])
    with database.reading() as connection:
        states = {state.feed.key: state for state in feeds.list_feed_states(connection)}
    assert states["haneul"].feed == renamed
    assert states["haneul"].etag == '"e"'
    assert states["dasan"].last_visit_at is None
    with database.writing() as connection:
        feeds.save_feeds(connection, [other])
    with database.reading() as connection:
        assert [state.feed.key for state in feeds.list_feed_states(connection)] == ["dasan"]
        assert candidates.get_candidate(connection, 1).feed_name == "하늘상점 Tech"


def test_a_feed_with_a_new_address_starts_without_validators(database: Database) -> None:
    store(database, make_update(make_draft(1)))
    with database.writing() as connection:
        feeds.save_feeds(connection, [replace(FEED, url="https://new.example/feed")])
    with database.reading() as connection:
        (state,) = feeds.list_due_feeds(connection, NOW)
    assert (state.etag, state.last_modified, state.next_visit_at) == (None, None, None)


def test_feeds_come_due_by_the_clock(database: Database) -> None:
    store(database, make_update(make_draft(1)))
    with database.reading() as connection:
        assert feeds.list_due_feeds(connection, NOW) == []
        assert len(feeds.list_due_feeds(connection, NOW + timedelta(hours=1))) == 1


def test_an_unknown_key_is_named(database: Database) -> None:
    with database.reading() as connection, pytest.raises(NotFoundError, match="no feed has the key 'nobody'"):
        feeds.list_feed_states(connection, ["nobody"])


def test_every_visit_is_kept(database: Database) -> None:
    for _ in range(2):
        store(database, make_update())
    with database.reading() as connection:
        rows = connection.execute(sa.select(visits)).all()
    assert [(row.outcome, row.started_at) for row in rows] == [(str(Outcome.RETRIEVED), NOW)] * 2


# --- entries and posts ---


def test_an_entry_is_stored_once_and_its_date_does_not_move(database: Database) -> None:
    store(database, make_update(make_draft(1)))
    again = make_update(make_draft(1, title="edited"))
    moved = replace(again.entries[0], fingerprint="f2", published_at=NOW + timedelta(days=40))
    store(database, replace(again, entries=(moved,)))
    with database.reading() as connection:
        (row,) = connection.execute(sa.select(entries)).all()
        (known,) = updates.list_known_entries(connection, "haneul")
        assert updates.list_known_entries(connection, "nobody") == []
    assert (row.title, row.published_at, row.post_id) == ("edited", NOW, 1)
    assert (known.key, known.guid, known.fingerprint, known.is_in_window) == ("tag:1", "tag:1", "f2", True)


def test_one_post_for_the_entries_of_many_feeds(database: Database) -> None:
    planet = replace(
        FEED, key="planet", url="https://planet.example/feed", site="https://planet.example/", organisation=None
    )
    store(database, make_update(make_draft(1, feed_key="planet", organisation=None, at_home=False), feed=planet))
    store(database, make_update(make_draft(1)))
    store(
        database,
        make_update(make_draft(1, feed_key="planet", organisation=None, at_home=False, title="x"), feed=planet),
    )
    with database.reading() as connection:
        assert connection.execute(sa.select(entries.c.post_id)).scalars().all() == [1, 1]
        post = candidates.get_candidate(connection, 1).post
    assert (post.feed_key, post.organisation, post.title) == ("haneul", "하늘상점", "피처 스토어 도입기 1")


@pytest.mark.parametrize("together", [True, False], ids=["in one transaction", "one after the other"])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["original first", "translation first"])
def test_the_original_comes_before_its_translation(
    database: Database, order: tuple[int, int], *, together: bool
) -> None:
    translating = replace(FEED, key="cloud-ko", url="https://cloud.example/ko/feed")
    address = "https://aws.example/blogs/ml/agents"
    original = make_draft(1, title="Agents", canonical_url=address, url=address)
    translated = replace(original, feed_key="cloud-ko", title="에이전트", url="https://aws.example/ko/blogs/ml/agents/")
    found = [make_update(original), make_update(translated, feed=translating)]
    visits = [found[number] for number in order]
    for batch in [visits] if together else [[one] for one in visits]:
        store(database, *batch)
    with database.reading() as connection:
        post = candidates.get_candidate(connection, 1).post
        assert connection.execute(sa.select(sa.func.count()).select_from(entries)).scalar() == 2
    assert (post.feed_key, post.title, post.url) == (FEED.key, "Agents", address)


def test_an_edited_post_is_guessed_again(database: Database) -> None:
    store(database, make_update(make_draft(1)))
    with database.writing() as connection:
        judgements.save_guesses(connection, [make_guess(1)], NOW)
    with database.reading() as connection:
        assert posts.list_unclassified(connection, "test", 10) == []
        assert len(posts.list_unclassified(connection, "next model", 10)) == 1
        assert len(posts.list_unclassified(connection, "next model", 10, months=[Month(2022, 12)])) == 1
        assert posts.list_unclassified(connection, "next model", 10, months=[Month(2022, 11)]) == []
    store(database, make_update(make_draft(1, text="quite another text")))
    with database.reading() as connection:
        assert posts.list_unclassified(connection, "test", 10) == [1]


def test_a_post_is_found_by_number_and_by_any_of_its_addresses(database: Database) -> None:
    store(database, make_update(make_draft(1)))
    with database.reading() as connection:
        for reference in ("1", "https://tech.haneul.example/1", "http://www.tech.haneul.example//1/?utm_source=x"):
            assert posts.find_post_id(connection, reference) == 1
        for reference in ("2", "https://tech.haneul.example/2", "nonsense"):
            assert posts.find_post_id(connection, reference) is None
        with pytest.raises(NotFoundError, match="no post 99"):
            candidates.get_candidate(connection, 99)


def test_everything_of_a_post_comes_back(database: Database) -> None:
    draft = make_draft(1, links=("https://github.com/haneul-example/store",), tags=("ml", "데이터"))
    store(database, make_update(draft))
    guess = make_guess(1)
    score = Score(1, (Reason("open code", 0.6, "links github.com/haneul-example/store"),), rank=1, shortlisted=True)
    with database.writing() as connection:
        judgements.save_guesses(connection, [guess], NOW)
        judgements.save_scores(connection, DECEMBER, [score], NOW)
    with database.reading() as connection:
        (candidate,) = candidates.list_candidates(connection, DECEMBER)
        assert posts.count_candidates(connection) == {DECEMBER: 1}
    assert (candidate.guess, candidate.score, candidate.verdict) == (guess, score, None)
    assert (candidate.post.links, candidate.post.tags) == (draft.links, draft.tags)
    assert (candidate.post.published_at, candidate.post.published_from) == (NOW, DateSource.PUBLISHED)
    assert (candidate.post.kind, candidate.feed_name) == (Kind.COMPANY, "하늘상점 기술 블로그")


def test_scores_of_a_month_replace_those_it_had(database: Database) -> None:
    store(database, make_update(make_draft(1), make_draft(2)))
    for order in ([1, 2], [2, 1]):
        ranked = [Score(number, (Reason("x", 1.0),), rank=rank) for rank, number in enumerate(order, 1)]
        with database.writing() as connection:
            judgements.save_scores(connection, DECEMBER, ranked, NOW)
        with database.reading() as connection:
            assert [c.post.id for c in candidates.list_candidates(connection, DECEMBER)] == order


def test_a_burst_is_one_row_however_many_posts_it_has(database: Database) -> None:
    store(database, make_update(*(make_draft(number) for number in range(1, 6))))
    placements = [Placement(Ground.BURST, "2022-12-09", 2, 1)] * 2 + [Placement(Ground.BURST, "2022-12-10", 30, 1)]
    others = [Placement(Ground.SOURCE, "burst", 3, 2), None]
    scores = [Score(number, (), number, False, placement) for number, placement in enumerate([*placements, *others], 1)]
    with database.writing() as connection:
        judgements.save_scores(connection, DECEMBER, scores, NOW)
        found = judgements.list_bursts(connection, DECEMBER)
        assert judgements.list_bursts(connection, Month(2022, 11)) == []
    assert found == [(placements[2], "haneul", FEED.name), (placements[0], "haneul", FEED.name)]


# --- signals, verdicts, corrections ---


def test_a_signal_is_the_latest_observation_and_may_come_before_its_post(database: Database) -> None:
    address = make_draft(1).canonical_url
    for points in (10.0, 25.0):
        store(database, make_update(signals=(Signal(address, "popular", "points", points, NOW),)))
    with database.reading() as connection:
        assert judgements.list_signals(connection, [address, "https://x.example"]) == [
            Signal(address, "popular", "points", 25.0, NOW)
        ]


def test_verdicts_are_appended_and_the_one_in_force_shows(database: Database) -> None:
    store(database, make_update(make_draft(1)))
    with database.writing() as connection:
        judgements.append_verdict(connection, Verdict(1, Decision.HOLD, "mina", NOW))
        judgements.append_verdict(connection, Verdict(1, Decision.REJECT, "mina", NOW, reason="홍보"))
    with database.reading() as connection:
        history = judgements.list_verdicts(connection, 1)
        assert [verdict.decision for verdict in history] == [Decision.HOLD, Decision.REJECT]
        assert candidates.get_candidate(connection, 1).verdict == history[-1]


def test_later_corrections_go_over_earlier_ones_field_by_field(database: Database) -> None:
    store(database, make_update(make_draft(1)))
    section = SHIPPED.parse_section("business/cv")
    with database.writing() as connection:
        judgements.append_correction(connection, Correction(1, "mina", NOW, section=section, note="첫 메모"))
        judgements.append_correction(connection, Correction(1, "mina", NOW, note="둘째 메모", organisation=""))
    with database.reading() as connection:
        candidate = candidates.get_candidate(connection, 1)
    assert candidate.correction == Correction(1, "mina", NOW, section=section, note="둘째 메모", organisation="")
    assert candidate.section == section


def test_decided_posts_are_made_anew_if_anything_of_them_changes(database: Database) -> None:
    """Each change is seen, whoever writes it; a post that has not changed is the same object."""
    store(database, make_update(make_draft(1, text="12345"), make_draft(2)))
    section = SHIPPED.parse_section("business/cv")
    known = candidates.DecidedRows()

    def look() -> dict[int, Candidate]:
        with database.reading() as connection:
            return {one.post.id: one for one in known.list_since(connection, 0, 0, limit=9, characters=4)}

    assert look() == {}
    with database.writing() as connection:
        judgements.append_verdict(connection, Verdict(1, Decision.HOLD, "mina", NOW))
        judgements.append_verdict(connection, Verdict(2, Decision.HOLD, "mina", NOW))
    before = look()
    assert before[1].post.text == "1234"
    with database.writing() as connection:
        connection.execute(tables.posts.update().where(tables.posts.c.id == 1).values(title="새 제목"))
        judgements.append_correction(connection, Correction(2, "mina", NOW, section=section))
    after = look()
    assert after[1].post.title == "새 제목"
    assert after[2].section == section
    with database.writing() as connection:
        judgements.append_verdict(connection, Verdict(1, Decision.APPROVE, "mina", NOW))
    last = look()
    assert last[1].verdict is not None
    assert last[1].verdict.decision is Decision.APPROVE
    assert last[2] is after[2]


def test_a_list_of_feeds_shows_what_another_connection_changed(database: Database) -> None:
    """Rows that have not changed are remembered; every change of a row is seen."""
    store(database, make_update())
    key = FEED.key

    def look() -> FeedState:
        with database.reading() as connection:
            return feeds.list_brief_states(connection)[0]

    assert look() is look()
    for values in (
        {"name": "다른 이름"},
        {"tags": ["llm", "가"]},
        {"paused_at": NOW},
        {"failures": 3, "last_reason": "x"},
    ):
        with database.writing() as connection:
            connection.execute(tables.feeds.update().where(tables.feeds.c.key == key).values(values))
            (whole,) = feeds.list_feed_states(connection, [key])
        seen = look()
        assert (seen.feed.name, seen.feed.tags, seen.paused_at, seen.failures, seen.last_reason) == (
            *(whole.feed.name, whole.feed.tags, whole.paused_at, whole.failures, whole.last_reason),
        )


# --- digests ---


def _line(number: int, note: str = "") -> Line:
    return Line(
        SHIPPED.parse_section("business/mlops"),
        f"**제목** {number}",
        f"https://a.example/{number}",
        DECEMBER,
        "하늘상점",
        note,
    )


def test_a_digest_comes_back_in_its_order_and_marks_its_posts(database: Database) -> None:
    store(database, make_update(make_draft(1), make_draft(2)))
    digest = Digest(TEXTS, (_line(2, ": 메모\n  * 더"), _line(1)))
    with database.writing() as connection:
        digests.save_digest(connection, DECEMBER, DigestState.DRAFT, digest, [2, 1], NOW)
    with database.reading() as connection:
        assert digests.get_digest(connection, DECEMBER).digest == digest
        assert candidates.get_candidate(connection, 1).printed_in is None
    with database.writing() as connection:
        digests.save_digest(connection, DECEMBER, DigestState.PRINTED, digest, [2, 1], NOW)
    with database.reading() as connection:
        assert digests.list_digests(connection) == [(DECEMBER, DigestState.PRINTED)]
        assert candidates.get_candidate(connection, 1).printed_in == DECEMBER
        assert digests.find_last_texts(connection) is None
        with pytest.raises(NotFoundError, match="no digest of 2022-11 yet"):
            digests.get_digest(connection, Month(2022, 11))


# --- the database itself ---


def test_a_transaction_is_all_or_nothing(database: Database) -> None:
    class Interrupted(Exception):
        pass

    def write_and_fail() -> None:
        with database.writing() as connection:
            feeds.save_feeds(connection, [FEED])
            raise Interrupted

    with pytest.raises(Interrupted):
        write_and_fail()
    with database.reading() as connection:
        assert feeds.list_feed_states(connection) == []


def test_many_writers_wait_for_each_other(database: Database) -> None:
    store(database, make_update(make_draft(1)))
    failures: list[BaseException] = []

    def write() -> None:
        try:
            for _ in range(10):
                with database.writing() as connection:
                    count = len(judgements.list_verdicts(connection, 1))
                    judgements.append_verdict(connection, Verdict(1, Decision.HOLD, "mina", NOW, reason=str(count)))
        except BaseException as error:  # told below, in the test's own thread
            failures.append(error)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with database.reading() as connection:
        assert len(judgements.list_verdicts(connection, 1)) == 40


def test_reading_goes_on_while_something_is_written(database: Database) -> None:
    with database.writing() as writer:
        feeds.save_feeds(writer, [FEED])
        with database.reading() as reader:
            assert feeds.list_feed_states(reader) == []


def test_times_come_back_in_utc_and_need_a_zone(database: Database) -> None:
    table = sa.Table("times", sa.MetaData(), sa.Column("at", UtcDateTime))
    korean = datetime(2022, 12, 1, 9, tzinfo=timezone(timedelta(hours=9)))
    with database.writing() as connection:
        table.create(connection)
        connection.execute(table.insert().values(at=korean))
        assert connection.execute(sa.select(table.c.at)).scalar_one() == datetime(2022, 12, 1, tzinfo=UTC)
    with pytest.raises(sa.exc.StatementError, match="has no zone"), database.writing() as connection:
        connection.execute(table.insert().values(at=datetime(2022, 12, 1)))


def test_a_lost_database_is_told_in_words(tmp_path: object) -> None:
    with pytest.raises(StorageError, match="reading failed"), Database("postgresql://a@127.0.0.1:1/b").reading():
        pass


def test_the_disk_gets_back_what_a_large_transaction_took(tmp_path: Path) -> None:
    file = tmp_path / "aggregator.sqlite"
    database = Database(file)
    try:
        with database.writing() as connection:
            connection.exec_driver_sql("CREATE TABLE large (body BLOB)")
            connection.exec_driver_sql("INSERT INTO large VALUES (zeroblob(60000000))")
        for _ in range(2):
            with database.writing() as connection:
                connection.exec_driver_sql("INSERT INTO large VALUES (zeroblob(10))")
        assert file.with_name(f"{file.name}-wal").stat().st_size <= 32 * 2**20
    finally:
        database.close()


def test_of_many_connections_two_are_kept_and_all_have_one_limit(tmp_path: Path) -> None:
    closed: list[object] = []
    database = Database(tmp_path / "aggregator.sqlite")
    listener = sa.Pool, "close", lambda connection, _record: closed.append(connection)
    sa.event.listen(*listener)
    try:
        database.prepare()
        with ExitStack() as stack:
            connections = [stack.enter_context(database.reading()) for _ in range(5)]
            limits = {connection.exec_driver_sql("PRAGMA soft_heap_limit").scalar() for connection in connections}
            assert not closed
        assert len(closed) == 3
        assert limits == {64_000_000}
    finally:
        sa.event.remove(*listener)
        database.close()
