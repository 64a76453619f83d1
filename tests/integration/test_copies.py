"""Copies from the feeds to the queue: found in any order, undone by hand, never back once printed; on both databases."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from aggregator.app import App
from aggregator.exceptions import NotFoundError, ReviewError, StoppedError
from aggregator.pipeline import duplicates, history, publish, review
from aggregator.pipeline.rank import RankedMonths
from aggregator.posts.copies.fingerprint import list_blocking_keys as fingerprint_keys
from aggregator.posts.disclosures import find_disclosures
from aggregator.shipped import SHIPPED
from aggregator.storage import candidates, changes, posts, samples
from aggregator.storage import duplicates as storage
from aggregator.storage.changes import Derived, fall_behind, list_behind
from aggregator.storage.database import Database
from aggregator.storage.feeds import list_feed_states
from aggregator.storage.judgements import append_correction, save_guesses
from aggregator.storage.outlines import list_outlines
from aggregator.types import (
    Correction,
    Decision,
    DigestState,
    Disclosure,
    DisclosureKind,
    DisclosureSource,
    Feed,
    Kind,
    Month,
    PostDraft,
    Quotas,
    Sameness,
    Signal,
    Texts,
)
from clock import Clock
from feed_server import FeedServer
from world import FEED, NOW, home_of, make_draft, make_guess, make_update, store

MONTH = Month(2022, 12)
TEXTS = Texts("# Head", {part: str(part) for part in SHIPPED.parts}, {topic: str(topic) for topic in SHIPPED.topics})
TITLE = "배치 추천을 실시간으로 바꾸며 배운 것들"
TEXT = " ".join(
    f"{number}번째 문단에서는 추천 {number * 7} 단계의 지연 {number * 13} ms를 줄인 방법과 그 결과{number}를 설명합니다."
    for number in range(3, 22)
)
OTHER = " ".join(
    f"배포 {number} 도구를 고르며 비교한 항목 {number * 17}과 결정{number}의 이유를 적습니다."
    for number in range(4, 30)
)
PLANET = Feed("planet", "Planet", "https://planet.example/rss", Kind.COMPANY, "ko")
MIRROR = Feed("mirror", "Mirror", "https://mirror.example/rss", Kind.COMPANY, "ko")


def original(number: int = 1, **changes: Any) -> PostDraft:
    return make_draft(number, **{"title": TITLE, "text": TEXT} | changes)


def copy(feed: Feed, number: int, **changes: Any) -> PostDraft:
    address = f"https://{feed.key}.example/{number}"
    values = {"title": TITLE, "text": f"먼저 알립니다. {TEXT}", "feed_key": feed.key, "at_home": False}
    return make_draft(number, **values | {"url": address, "canonical_url": address, "organisation": None} | changes)


def find(database: Database) -> set[Month]:
    return duplicates.find_copies(database, now=NOW)


def number_of(database: Database, address: str) -> int:
    with database.reading() as connection:
        found = posts.find_post_id(connection, address)
    assert found
    return found


def list_shown(database: Database) -> list[str]:
    """The addresses of the candidates."""
    with database.reading() as connection:
        shown = candidates.list_candidates(connection, MONTH)
        outlines = list_outlines(connection, MONTH)
        months = posts.count_candidates(connection)
    assert {one.post.id for one in shown} == {one.post_id for one in outlines}
    assert months.get(MONTH, 0) == len(shown)
    return sorted(one.post.url for one in shown)


ARTICLE, AT_PLANET, AT_MIRROR = (
    "https://tech.haneul.example/1",
    "https://planet.example/2",
    "https://mirror.example/3",
)


@pytest.fixture
def copied(database: Database) -> Database:
    """An article at home and in a planet, found to be the same, beside another one."""
    store(
        database,
        make_update(original(), make_draft(9, title="배포 도구 고르기", text=OTHER)),
        make_update(copy(PLANET, 2), feed=PLANET),
    )
    assert find(database) == {MONTH}
    return database


def test_one_of_the_copies_is_shown(copied: Database) -> None:
    assert list_shown(copied) == [ARTICLE, "https://tech.haneul.example/9"]
    with copied.reading() as connection:
        (pair,) = storage.list_joined(connection, 10)
        first = number_of(copied, ARTICLE)
        assert storage.list_copies(connection, [first]) == {first: [number_of(copied, AT_PLANET)]}
    assert pair.said is Sameness.SAME
    assert {reason.name for reason in pair.reasons} >= {"text", "title"}


def test_looking_again_changes_nothing(copied: Database) -> None:
    with copied.writing() as connection:
        numbers = [number_of(copied, address) for address in (ARTICLE, AT_PLANET)]
        fall_behind(connection, Derived.COPIES, numbers)
    assert find(copied) == set()
    with copied.reading() as connection:
        assert len(storage.list_pairs(connection, [number_of(copied, ARTICLE)])) == 1


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_order_in_which_posts_arrive_does_not_matter(database: Database, order: tuple[int, ...]) -> None:
    updates = (
        make_update(original()),
        make_update(copy(PLANET, 2), feed=PLANET),
        make_update(copy(MIRROR, 3, title="실시간 추천 이야기"), feed=MIRROR),
    )
    for place in order:
        store(database, updates[place])
        find(database)
    assert list_shown(database) == [ARTICLE]
    with database.reading() as connection:
        first = number_of(database, ARTICLE)
        assert set(storage.list_copies(connection, [first])[first]) == {
            number_of(database, AT_PLANET),
            number_of(database, AT_MIRROR),
        }


def test_a_text_that_changes_is_compared_again(copied: Database) -> None:
    update = make_update(copy(PLANET, 2, title="다른 이야기", text=OTHER.replace("배포", "조직")), feed=PLANET)
    store(copied, update)
    assert find(copied) == {MONTH}
    assert AT_PLANET in list_shown(copied)


def test_a_text_that_changes_while_it_is_compared_is_compared_again(
    copied: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = original(text=OTHER, title="배포 도구 고르기", was_at=ARTICLE)

    def list_blocking_keys(fingerprint: Any) -> set[int]:
        monkeypatch.undo()
        store(copied, make_update(changed))
        return fingerprint_keys(fingerprint)

    store(copied, make_update(original(text=f"{TEXT} 끝.")))
    monkeypatch.setattr(duplicates, "list_blocking_keys", list_blocking_keys)
    find(copied)
    with copied.reading() as connection:
        assert list(list_behind(connection, Derived.COPIES)) == [number_of(copied, ARTICLE)]
    find(copied)
    with copied.reading() as connection:
        assert not list_behind(connection, Derived.COPIES)


def test_what_is_said_of_a_post_goes_with_it_where_it_is_not_said_there(database: Database) -> None:
    new = "https://tech.haneul.example/moved"
    store(database, make_update(original()))
    said = [Signal(ARTICLE, "hn", "points", 40.0, NOW), Signal(ARTICLE, "lobsters", "points", 7.0, NOW)]
    store(database, replace(make_update(), signals=(*said, Signal(new, "hn", "points", 90.0, NOW))))
    store(database, make_update(original(url=new, canonical_url=new, was_at=ARTICLE)))
    with database.reading() as connection:
        rows = connection.execute(sa.text("SELECT canonical_url, source, value FROM signals")).all()
    assert {tuple(row) for row in rows} == {(new, "hn", 90.0), (new, "lobsters", 7.0), (ARTICLE, "hn", 40.0)}


def test_what_the_curator_splits_is_never_joined_again(copied: Database) -> None:
    planet = number_of(copied, AT_PLANET)
    duplicates.split_post(home_of(copied), planet)
    assert list_shown(copied) == [AT_PLANET, ARTICLE, "https://tech.haneul.example/9"]
    with copied.writing() as connection:
        fall_behind(connection, Derived.COPIES, [planet])
    find(copied)
    assert AT_PLANET in list_shown(copied)
    # Nor through a third one, which joins one of them.
    store(copied, make_update(copy(MIRROR, 3), feed=MIRROR))
    find(copied)
    shown = list_shown(copied)
    assert {AT_PLANET, ARTICLE} <= set(shown)
    assert AT_MIRROR not in shown
    with pytest.raises(ReviewError, match="not a copy"):
        duplicates.split_post(home_of(copied), number_of(copied, "https://tech.haneul.example/9"))


def test_what_the_curator_merges_stays_merged(copied: Database) -> None:
    planet, other, first = (number_of(copied, url) for url in (AT_PLANET, "https://tech.haneul.example/9", ARTICLE))
    duplicates.split_post(home_of(copied), planet)
    duplicates.merge_posts(home_of(copied), [other, planet, first])
    assert list_shown(copied) == [ARTICLE]
    with copied.writing() as connection:
        fall_behind(connection, Derived.COPIES, [planet, other])
    find(copied)
    assert list_shown(copied) == [ARTICLE]
    duplicates.part_posts(home_of(copied), first, other)
    assert list_shown(copied) == [ARTICLE, "https://tech.haneul.example/9"]
    with pytest.raises(NotFoundError):
        duplicates.merge_posts(home_of(copied), [first, 999])
    with pytest.raises(ReviewError, match="itself"):
        duplicates.merge_posts(home_of(copied), [first, first])


def test_what_the_curator_merges_is_joined_whatever_a_veto_says(database: Database) -> None:
    in_planet = [copy(PLANET, number, title=f"{TITLE} {word}") for number, word in ((2, "다시"), (3, "또"))]
    store(database, make_update(original()), make_update(*in_planet, feed=PLANET))
    find(database)
    shown = list_shown(database)
    assert len(shown) == 2, "two entries side by side in one document are not the same"
    duplicates.merge_posts(home_of(database), [number_of(database, address) for address in shown])
    assert list_shown(database) == [ARTICLE]
    with database.reading() as connection:
        (copies,) = storage.list_copies(connection, [number_of(database, ARTICLE)]).values()
    assert len(copies) == 2


def test_a_post_with_a_verdict_is_not_hidden(database: Database) -> None:
    store(database, make_update(copy(PLANET, 2), feed=PLANET))
    find(database)
    planet = number_of(database, AT_PLANET)
    section = Correction(planet, "me", NOW, section=SHIPPED.parse_section("2.3"))
    review.decide(home_of(database), planet, Decision.APPROVE, correction=section)
    store(database, make_update(original()))
    find(database)
    assert list_shown(database) == [AT_PLANET]
    history.undo_verdict(home_of(database), planet)
    assert list_shown(database) == [ARTICLE]
    with pytest.raises(ReviewError, match="copy of post"):
        review.decide(home_of(database), planet, Decision.REJECT, reason="x")


def test_what_was_printed_does_not_come_back_as_new(database: Database, tmp_path: Any) -> None:
    store(database, make_update(original()))
    find(database)
    first = number_of(database, ARTICLE)
    with database.writing() as connection:
        append_correction(connection, Correction(first, "me", NOW, section=SHIPPED.parse_section("2.3")))
    review.decide(home_of(database), first, Decision.APPROVE)
    publish.make_digest(home_of(database, folder=tmp_path), MONTH, DigestState.PRINTED)
    later = copy(PLANET, 2, at_home=True, month=Month(2023, 2), published_at=NOW + timedelta(days=50))
    store(database, make_update(later, feed=PLANET))
    assert find(database) == {Month(2023, 2), MONTH}
    with database.reading() as connection:
        assert candidates.list_candidates(connection, Month(2023, 2)) == []
        again = candidates.get_candidate(connection, number_of(database, AT_PLANET))
    assert (again.post.copy_of, again.printed_in) == (first, MONTH)


def test_signals_of_copies_count_for_the_original(copied: Database) -> None:
    with copied.reading() as connection:
        (state,) = list_feed_states(connection, ["planet"])
    signal = Signal("https://planet.example/2", "hn", "points", 150.0, NOW)
    store(copied, replace(make_update(feed=PLANET, signals=(signal,)), state=state))
    ranked = RankedMonths().rank_month(copied, MONTH, weights={}, quotas=Quotas(), now=NOW)
    reasons = {score.post_id: {reason.name: reason.detail for reason in score.reasons} for score in ranked}
    assert "150 points" in reasons[number_of(copied, ARTICLE)]["popularity"]


def test_a_process_that_is_killed_leaves_nothing_half_done(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is not stored with its marks is compared at the next start."""
    store(database, make_update(original()), make_update(copy(PLANET, 2), feed=PLANET))

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    for owner, name in (
        (storage, "save_blocking_keys"),
        (storage, "append_pairs"),
        (changes, "catch_up"),
        (storage, "set_representatives"),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(owner, name, die)
            with pytest.raises(KeyboardInterrupt):
                find(database)
        with database.reading() as connection:
            assert len(list_behind(connection, Derived.COPIES)) == 2
            assert storage.list_joined(connection, 10) == []
            assert connection.execute(sa.text("SELECT count(*) FROM meetings")).scalar_one() == 0
    assert find(database) == {MONTH}
    assert list_shown(database) == [ARTICLE]


# --- through the whole App --------------------------------------------------------------------------------------------


def item(title: str, link: str, text: str, day: int) -> str:
    return (
        f"<item><title>{title}</title><link>{link}</link><guid>{link}</guid>"
        f"<pubDate>{day:02d} Dec 2022 09:00:00 +0900</pubDate><description><![CDATA[<p>{text}</p>]]></description></item>"
    )


def document(*items: str) -> str:
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>{"".join(items)}</channel></rss>'


def test_cross_posts_in_feeds_become_one_candidate(make_app: Callable[..., App], feed_server: FeedServer) -> None:
    home = document(
        item(f"{TITLE} 1편", "https://haneul.example/1", TEXT, 3),
        item(f"{TITLE} 2편", "https://haneul.example/2", OTHER, 9),
    )
    planet = document(
        item(f"{TITLE} 1편", "https://planet.example/x", TEXT, 4),
        item(f"{TITLE} 2편", "https://planet.example/y", OTHER[:300], 10),
    )
    feeds = [
        Feed(
            "haneul", "하늘", feed_server.play("/haneul.xml", home), Kind.COMPANY, "ko", site="https://haneul.example/"
        ),
        Feed("planet", "Planet", feed_server.play("/planet.xml", planet), Kind.COMPANY, "ko"),
    ]
    app = make_app(feeds)
    asyncio.run(app.visitor.visit_due())
    app.judge.judge_new()
    with app.reading() as connection:
        shown = candidates.list_candidates(connection, MONTH)
        copies = storage.list_copies(connection, [one.post.id for one in shown])
    assert sorted(one.post.url for one in shown) == ["https://haneul.example/1", "https://haneul.example/2"]
    assert sorted(map(len, copies.values())) == [1, 1]


# --- when they are looked for ---


def _fill_month(app: App) -> None:
    """Eight articles, two of them in a planet as well, one of these under another month."""
    articles = [
        original(number, title=f"{number}번째 도구를 고르며", text=OTHER.replace("배포", f"배포{number}"), month=MONTH)
        for number in range(10, 16)
    ]
    twins = [original(1), original(2, title="검색 색인을 나누어 담은 이야기", text=TEXT.replace("추천", "검색"))]
    late = copy(
        PLANET,
        4,
        title=twins[1].title,
        text=twins[1].text,
        month=MONTH.shift(-1),
        published_at=NOW - timedelta(days=30),
    )
    store(app.database, make_update(*articles, *twins), make_update(copy(PLANET, 3), late, feed=PLANET))


def _describe_home(app: App) -> list[Any]:
    """All that the curator sees of it, with the spot check."""
    with app.reading() as connection:
        months = {month: candidates.list_candidates(connection, month) for month in (MONTH.shift(-1), MONTH)}
        ids = [one.post.id for each in months.values() for one in each]
        return [months, samples.list_sample(connection, MONTH), storage.list_copies(connection, ids)]


def test_a_queue_that_is_shown_before_copies_are_found_ends_the_same(
    make_app: Callable[..., App], clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.now = NOW + timedelta(days=30)
    homes = []
    for moment in (0, 10_000):
        monkeypatch.setattr(duplicates, "_MOMENT", moment)
        home = tmp_path / f"home-{moment}"
        home.mkdir()
        (home / "sample-salt").write_text("salt" * 10)
        app = make_app([FEED, PLANET], home=home, shortlist={"size": 2, "sample": 2})
        _fill_month(app)
        app.judge.judge_new()
        homes.append(_describe_home(app))
    early, late = homes
    assert early == late
    months, drawn, copies = early
    assert [len(each) for each in months.values()] == [0, 8]
    assert len(drawn) == 2
    assert sorted(map(len, copies.values())) == [1, 1]


def test_many_new_posts_have_sections_and_ranks_before_copies_are_found(
    make_app: Callable[..., App], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duplicates, "_MOMENT", 5)
    app = make_app([FEED, PLANET], shortlist={"size": 2, "sample": 2})
    _fill_month(app)

    def stop(*_: Any, **_rest: Any) -> set[Month]:
        raise StoppedError

    with monkeypatch.context() as broken:
        broken.setattr(duplicates, "find_copies", stop)
        with pytest.raises(StoppedError):
            app.judge.judge_new()
    with app.reading() as connection:
        shown = candidates.list_candidates(connection, MONTH)
        assert len(shown) == 9
        assert all(one.guess and one.score and one.score.rank for one in shown)
        assert samples.list_sample(connection, MONTH) == []
    app.judge.judge_new()
    assert len(list_shown(app.database)) == 8


@pytest.mark.parametrize(("is_declared", "is_merged"), [(True, False), (True, True), (False, False)])
def test_what_a_machine_translated_stands_behind_what_it_names(
    database: Database, is_declared: bool, is_merged: bool
) -> None:
    place = "https://planet.example/en/store"
    said = Disclosure(DisclosureKind.MACHINE_TRANSLATED, "lang: ko-x-mtfrom-en", DisclosureSource.PAGE, place)
    english = " ".join(f"Step {n * 7} of the store took {n * 13} ms until we changed part {n}." for n in range(3, 22))
    korean = original(published_at=NOW - timedelta(days=2), said=(said,) if is_declared else ())
    written = {
        "title": "How we built our store",
        "text": english,
        "language": "en",
        "url": place,
        "canonical_url": place,
    }
    store(database, make_update(korean), make_update(copy(PLANET, 2, **written), feed=PLANET))
    with database.reading() as connection:
        both = [one.post for one in candidates.list_candidates(connection, MONTH)]
    # What a post discloses may become known after it was compared.
    find(database)
    if is_merged:
        duplicates.merge_posts(home_of(database), [post.id for post in both])
        assert list_shown(database) == [ARTICLE]
    with database.writing() as connection:
        save_guesses(
            connection, [replace(make_guess(post.id), disclosures=find_disclosures(post)) for post in both], NOW
        )
    find(database)
    assert list_shown(database) == ([place] if is_declared else sorted([ARTICLE, place]))
