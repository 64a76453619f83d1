"""Search over everything stored: the same answers on both databases, at every moment of a post's life."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.pipeline import history, publish, renewal, review
from aggregator.pipeline.months import release_arrived
from aggregator.pipeline.search import index_new
from aggregator.shipped import SHIPPED
from aggregator.storage import judgements, posts
from aggregator.storage.candidates import list_candidates, list_candidates_by_id
from aggregator.storage.changes import Derived, list_behind
from aggregator.storage.database import Database
from aggregator.storage.feeds import change_feed
from aggregator.storage.narrowing import MOST_FOUND, VERDICTS, Narrowing
from aggregator.storage.outlines import Outline, list_outlines
from aggregator.storage.search import find_posts
from aggregator.text.characters import clean
from aggregator.text.terms import parse_query
from aggregator.types import (
    Correction,
    Decision,
    Digest,
    DigestState,
    Guess,
    Line,
    Month,
    PostDraft,
    Texts,
    Wait,
)
from databases import Postgres, Sqlite
from world import FEED, NOW, home_of, make_draft, make_update, store
from world.sections import AWS, BUSINESS, CV, NLP

TEXTS = Texts("# Head", {part: str(part) for part in SHIPPED.parts}, {topic: str(topic) for topic in SHIPPED.topics})
MONTH = Month(2022, 12)

PROBES = {
    1: ("실시간 추천시스템을 만들며", "피처 저장소"),
    2: ("대규모 언어모델 학습기", "모델은 작을수록 좋다"),
    3: ("의미검색", "색인과 검색엔진"),
    4: ("Serving GPT-3 on Kubernetes", "Recommendations served from C++ and k8s"),
    5: ("Serve a Recommendation Model", "with GPT3"),
    6: ("모래와 델타", "C and C# and a server"),
    7: ("Counting cars with YOLOv8", "Transport"),
    8: ("What DeepSeek R1 changed", "A fine day"),
    9: ("Notes on fine tuning small networks", "Time for a series"),
    10: ("Time series at scale on Hugging Face", "텐서플로 실험"),
}


def add(database: Database, *drafts: PostDraft) -> None:
    store(database, make_update(*drafts))
    index_new(database)


def search(database: Database, words: str = "", section: str = "", **narrowing: str) -> list[int]:
    """The numbers in the addresses of the posts found."""
    of_section = SHIPPED.parse_section(section) if section else None
    with database.reading() as connection:
        found = find_posts(connection, parse_query(words), Narrowing(section=of_section, **narrowing))
        candidates = list_candidates_by_id(connection, found)
    assert [candidate.post.id for candidate in candidates] == found
    return [int(candidate.post.url.rpartition("/")[2]) for candidate in candidates]


def number_of(database: Database, number: int) -> int:
    with database.reading() as connection:
        found = posts.find_post_id(connection, f"https://tech.haneul.example/{number}")
    assert found
    return found


@pytest.fixture
def probes(database: Database) -> Database:
    add(database, *(make_draft(n, title=title, text=text, organisation="") for n, (title, text) in PROBES.items()))
    return database


def test_the_probes_are_answered(probes: Database) -> None:
    expected = [
        ("추천", {1}),
        ("모델", {2}),
        ("검색", {3}),
        ("시스템", {1}),
        ("학습", {2}),
        ("언어모델", {2}),
        ("언어 모델", {2}),
        ("저장소 추천", {1}),
        (unicodedata.normalize("NFD", "추천시스템"), {1}),
        ("델", {2, 6}),
        ("serve", {4, 5}),
        ("serving", {4, 5}),
        ("serves", {4, 5}),
        ("served recommendation", {4, 5}),
        ("recommendations", {4, 5}),
        ("models", {5}),
        ("gpt-3", {4, 5}),
        ("yolo", {7}),
        ("yolo v8", {7}),
        ("port", set()),
        ("deepseek-r1", {8}),
        ("deepseekr1", {8}),
        ("fine-tuning", {9}),
        ("finetuning", {9}),
        ("time-series", {10}),
        ("huggingface", {10}),
        ("텐서플로우", {10}),
        ("하늘상점 -huggingface -fine-tuning", set(PROBES) - {9, 10}),
        ("GPT3", {4, 5}),
        ("k8s", {4}),
        ("c++", {4}),
        ("C#", {6}),
        ('"recommendation model"', {5}),
        ("serve -k8s", {5}),
        ("-serve -추천 -모델", {3, 6, 7, 8, 9, 10}),
        ("하늘상점", set(PROBES)),
        ("haneul", set(PROBES)),
        ("없는말", set()),
        # Signs that mean something to a database.
        ('"AND OR NEAR( * ^', set()),
        ("'); DROP TABLE posts; --", set()),
        ("terms:추천", set()),
        ("=추천", {1}),
        ("\\' & ! |", set(PROBES)),
        ("추천\0", {1}),
        ("😀", set(PROBES)),
    ]
    assert [(words, set(search(probes, words))) for words, _ in expected] == expected


def test_the_queue_finds_what_the_search_finds(probes: Database) -> None:
    expected = [
        ("GPT3", {4, 5}),
        ("served", {4, 5}),
        ("언어 모델", {2}),
        ("deepseek-r1", {8}),
        ("언어모델", {2}),
        ("kuber", set()),
        ("served -k8s", {5}),
        ('"recommendation model"', {5}),
        ("!!!", set()),
    ]
    with probes.reading() as connection:
        urls = {one.post.id: one.post.url for one in list_candidates(connection, MONTH)}
        found = [(words, list_outlines(connection, MONTH, words)) for words, _ in expected]

    def number(one: Outline) -> int:
        return int(urls[one.post_id].rpartition("/")[2])

    assert [(words, {number(one) for one in outlines if one.has_words}) for words, outlines in found] == expected


def test_the_longest_query_is_answered(probes: Database) -> None:
    assert search(probes, "추천시스템을 " * 10_000) == [1]
    syllables = [chr(code) for code in range(0xAC00, 0xAC00 + 1000)]
    assert search(probes, " ".join(f"-{one}" for one in syllables)) == [*range(10, 3, -1), 2]  # 간 is in 1, 검 in 3.
    assert search(probes, "".join(syllables)) == search(probes, " ".join(syllables)) == []
    assert search(probes, "a-" * 1000) == []


def test_titles_come_before_texts_and_newer_before_older(database: Database) -> None:
    add(
        database,
        make_draft(1, title="모델", text="x", published_at=NOW - timedelta(days=9)),
        make_draft(2, title="x", text="모델", published_at=NOW),
        make_draft(3, title="모델 서빙", text="x", published_at=NOW - timedelta(days=5)),
        make_draft(4, title="x", text="모델", published_at=NOW + timedelta(days=1)),
        make_draft(5, title="모델", text="서빙", published_at=NOW + timedelta(days=2)),
    )
    assert search(database, "모델") == [5, 3, 1, 4, 2]
    assert search(database, "모델 서빙") == [3, 5]


def test_dates_far_away_keep_their_order(database: Database) -> None:
    years = {1: 1, 2: 1800, 3: 1969, 4: 2030, 5: 9999}
    add(database, *(make_draft(n, published_at=datetime(year, 1, 2, tzinfo=UTC)) for n, year in years.items()))
    assert search(database, "도입기") == [5, 4, 3, 2, 1]


def test_no_more_are_found_than_were_asked_for(probes: Database) -> None:
    with probes.reading() as connection:
        assert len(find_posts(connection, parse_query("하늘상점"), Narrowing(), limit=2)) == 2
        assert len(find_posts(connection, parse_query("-x"), Narrowing(), limit=3)) == 3


# --- everything ever seen, whatever was said of it ---


def decide(database: Database, number: int, decision: Decision, **values: Any) -> None:
    review.decide(home_of(database), number_of(database, number), decision, **values)


def test_a_verdict_can_be_searched_at_once(probes: Database) -> None:
    section = Correction(number_of(probes, 1), "c", NOW, section=SHIPPED.parse_section("2.3"))
    decide(probes, 1, Decision.APPROVE, correction=section)
    decide(probes, 2, Decision.REJECT, reason="twice")
    decide(probes, 3, Decision.HOLD)

    found = {verdict: search(probes, verdict=verdict) for verdict in VERDICTS}
    assert found == {"approved": [1], "rejected": [2], "held": [3], "undecided": [*range(10, 3, -1)], "printed": []}
    assert search(probes, "모델") == [2]

    history.undo_verdict(home_of(probes), number_of(probes, 2))
    assert search(probes, "모델", verdict="rejected") == []
    assert search(probes, "모델", verdict="undecided") == [2]


def test_the_curators_words_find_a_post_until_they_are_replaced(probes: Database) -> None:
    def correct(title: str, note: str) -> None:
        correction = Correction(
            number_of(probes, 1), "c", NOW, title=title, note=note, section=SHIPPED.parse_section("2.3")
        )
        decide(probes, 1, Decision.APPROVE, correction=correction)

    correct("**Feast** 이야기", "이중 타워")
    assert search(probes, "feast 타워 추천") == [1]
    assert search(probes, section="2.3") == [1]
    correct("*Tecton*", "다른 말")
    assert search(probes, "tecton") == [1]
    assert search(probes, "feast") == search(probes, "타워") == []


def test_a_printed_line_finds_its_post(probes: Database, tmp_path: Any) -> None:
    section = SHIPPED.parse_section("1.2")
    correction = Correction(number_of(probes, 4), "c", NOW, title="GPT-3를 서비스하기", section=section)
    decide(probes, 4, Decision.APPROVE, correction=correction)
    publish.make_digest(home_of(probes, folder=tmp_path), MONTH, DigestState.DRAFT)
    index_new(probes)
    assert search(probes, verdict="printed") == []
    publish.make_digest(home_of(probes, folder=tmp_path), MONTH, DigestState.PRINTED)
    assert search(probes, "서비스하기", verdict="printed", section="1.2") == [4]
    assert search(probes, verdict="approved") == [4]


def test_a_digest_that_was_read_is_searched(database: Database) -> None:
    from aggregator.digest.extent import Wanted
    from aggregator.digest.read import ReadDigest

    line = Line(SHIPPED.parse_section("2.2"), "*Sparse* 전문가", "https://old.example/7", MONTH, "Lumen", ": 요약 메모")
    read = ReadDigest(Digest(TEXTS, (line,)), (1,))
    publish.import_digest(home_of(database), read, Wanted(MONTH))
    index_new(database)
    assert search(database, "전문가 메모 lumen", verdict="printed", section="2.2", month="2022-12", feed="-") == [7]


# --- what is narrowed ---


def test_a_search_is_narrowed_by_what_is_known_of_posts(database: Database) -> None:
    other = replace(FEED, key="dasan-1", name="다산 [블로그]", url="https://d.example/feed")
    store(
        database,
        make_update(make_draft(1, month=Month(2022, 11)), make_draft(2, language="en")),
        make_update(make_draft(3, feed_key="dasan-1"), feed=other),
    )
    guess = Guess(
        number_of(database, 2),
        {part: (part == AWS and 1.0) or 0.0 for part in SHIPPED.parts},
        {topic: (topic == CV and 1.0) or 0.0 for topic in SHIPPED.topics},
        0.0,
        "m",
    )
    with database.writing() as connection:
        judgements.save_guesses(connection, [guess], NOW)
    index_new(database)

    assert search(database, month="2022-11") == [1]
    assert search(database, language="en") == [2]
    assert search(database, section="3.1") == [2]
    assert search(database, feed="dasan-1") == [3]
    assert search(database, "도입기", month="2022-12") == [3, 2]
    assert search(database, "도입기 -다산", month="2022-12") == [2]
    assert search(database, feed="x\"y'z\\") == []


# --- kept up to date ---


def test_an_edited_post_is_found_by_its_new_words_only(probes: Database) -> None:
    store(probes, make_update(make_draft(1, title="벡터 데이터베이스", text="다른 글", organisation="")))
    assert len(_waiting(probes)) == 1
    assert index_new(probes) == 1
    assert search(probes, "벡터") == [1]
    assert search(probes, "추천") == []


def test_a_post_that_goes_over_to_its_own_feed_moves_in_the_order(database: Database) -> None:
    planet = replace(FEED, key="planet", name="Planet", url="https://planet.example/feed")
    store(database, make_update(make_draft(1, feed_key="planet", at_home=False), feed=planet))
    add(database, make_draft(2, published_at=NOW - timedelta(days=2)))
    assert search(database, "도입기") == [1, 2]
    add(database, make_draft(1, published_at=NOW - timedelta(days=5)))
    assert search(database, "도입기") == [2, 1]
    assert search(database, feed="planet") == []


def test_a_post_that_waited_is_found_under_the_month_that_it_joins(database: Database) -> None:
    day = NOW + timedelta(days=40)
    add(database, make_draft(1, published_at=day, month=Month(2033, 1), waits_for=Wait.DAY))
    assert release_arrived(home_of(database, now=day)) == {MONTH.shift(2)}
    index_new(database)
    assert search(database, month=str(MONTH.shift(2))) == [1]
    assert search(database, month="2033-01") == []


def test_a_renamed_feed_is_found_by_its_new_name(probes: Database) -> None:
    with probes.writing() as connection:
        change_feed(connection, replace(FEED, name="바다상점"))
    index_new(probes)
    assert len(search(probes, "바다상점")) == len(PROBES)
    assert search(probes, "하늘상점") == []


def test_guesses_of_another_model_are_taken_over(probes: Database) -> None:
    for topic in (CV, NLP):
        guess = Guess(number_of(probes, 1), {BUSINESS: 1.0}, {topic: 1.0}, 0.0, str(topic))
        with probes.writing() as connection:
            judgements.save_guesses(connection, [guess], NOW)
        index_new(probes)
    assert search(probes, section="2.2") == [1]
    assert search(probes, section="2.1") == []


def test_nothing_is_indexed_twice(probes: Database) -> None:
    assert index_new(probes) == 0
    assert _waiting(probes) == []
    assert index_new(probes, anew=True) == len(PROBES)
    assert search(probes, "추천") == [1]
    with probes.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM search_index").scalar_one() == len(PROBES)


def test_a_new_recipe_indexes_everything_anew(probes: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(renewal._RECIPES, Derived.SEARCH, 0)
    renewal.renew(probes, NOW)
    assert len(_waiting(probes)) == len(PROBES)


def test_more_than_a_batch_is_indexed(database: Database) -> None:
    seen: list[int] = []
    store(database, make_update(*(make_draft(n) for n in range(MOST_FOUND + 50))))
    assert index_new(database, progress=seen.append) == MOST_FOUND + 50 == sum(seen)
    assert len(seen) > 1
    assert len(search(database, "도입기")) == MOST_FOUND + 1
    assert search(database, "도입기")[:2] == [MOST_FOUND + 49, MOST_FOUND + 48]
    assert len(search(database, '"스토어 도입기"')) == MOST_FOUND


def _waiting(database: Database) -> list[int]:
    with database.reading() as connection:
        return list(list_behind(connection, Derived.SEARCH))


# --- laws ---


@pytest.fixture(scope="module")
def pair(
    postgres: Postgres, sqlite: Sqlite, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Database, Database]]:
    """One database of each kind."""
    with ExitStack() as stack:
        both = (
            Database(sqlite.create_migrated(tmp_path_factory.mktemp("pair") / "a.sqlite")),
            Database(postgres.create_migrated()),
        )
        for database in both:
            stack.callback(database.close)
            store(database, make_update(*(make_draft(n) for n in range(4))))
        yield both


CHARACTERS = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
PIECES = st.one_of(
    st.text(CHARACTERS, max_size=12),
    st.text(alphabet="가나모델추천시스템 abc12-+#'\"\\&|!()*:=^", max_size=12),
    st.sampled_from(["GPT-3", "C++", "k8s", "東京大学", "naïve", "½", "AND", "NEAR(", "serving", "서빙"]),
)
SENTENCES = st.lists(PIECES, max_size=6).map(" ".join)


@given(st.lists(st.tuples(SENTENCES, SENTENCES), min_size=4, max_size=4), st.lists(SENTENCES, max_size=6))
def test_both_databases_answer_alike_and_every_word_finds_its_post(
    pair: tuple[Database, Database], written: Sequence[tuple[str, str]], asked: Sequence[str]
) -> None:
    for database in pair:
        with database.writing() as connection:
            connection.exec_driver_sql("DELETE FROM corrections")
            for number, (title, note) in enumerate(written, 1):
                judgements.append_correction(connection, Correction(number, "c", NOW, title=title, note=note))
        index_new(database)
    words = [
        word for number in range(4) for word in clean(" ".join(written[number])).split() if not {*word} & {*'-"“”„«»'}
    ]
    for query in [*asked, *words[:12]]:
        answers = []
        for database in pair:
            with database.reading() as connection:
                answers.append(find_posts(connection, parse_query(query), Narrowing()))
        assert answers[0] == answers[1], query
        for number, texts in enumerate(written, 1):
            if query in clean(" ".join(texts)).split():
                assert number in answers[0] or parse_query(query).excluded or parse_query(query).needs_texts
