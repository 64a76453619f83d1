"""Which posts are the instalments of one series: tables of invented feeds, and that the order does not matter."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.posts import instalments
from aggregator.posts.instalments import arrange_all, arrange_series
from aggregator.posts.series import name_series, read_part
from aggregator.types import Series, Sibling

START = datetime(2022, 1, 10, tzinfo=UTC)


def make_sibling(number: int, title: str, day: int = 0, **changes: Any) -> Sibling:
    values: dict[str, Any] = {
        "post_id": number,
        "series": name_series(title) or "",
        "title": title,
        "url": f"https://tech.haneul.example/{number}",
        "published_at": START + timedelta(days=day),
        "feed_key": "haneul",
    }
    return Sibling(**values | changes)


def number_of(series: Series | None) -> list[tuple[int, float]] | None:
    return series and [(one.post_id, one.number) for one in series.instalments]  # type: ignore[return-value]


def test_parts_stand_in_the_order_of_their_numbers() -> None:
    siblings = [
        make_sibling(1, "구축기 서빙 2편", 20),
        make_sibling(2, "구축기 서빙 1편", 0),
        make_sibling(3, "구축기 서빙 3편", 50),
    ]
    series = arrange_series(1, siblings)
    assert number_of(series) == [(2, 1), (1, 2), (3, 3)]
    assert series
    assert series.missing == ()
    assert [one.post_id for one in series.list_earlier(1)] == [2]


def test_parts_may_lie_years_apart() -> None:
    siblings = [make_sibling(1, "Deep Dive into Shards, Part 1"), make_sibling(2, "Deep Dive into Shards, Part 2", 900)]
    assert number_of(arrange_series(2, siblings)) == [(1, 1), (2, 2)]


def test_what_was_not_seen_is_missing() -> None:
    (series,) = [
        arrange_series(1, [make_sibling(1, "Survival Curves (3/5)"), make_sibling(2, "Survival Curves (1/5)", -9)])
    ]
    assert series
    assert series.missing == (2, 4, 5)


def test_a_part_alone_tells_of_those_before_it() -> None:
    series = arrange_series(1, [make_sibling(1, "Survival Curves, Part 3")])
    assert series
    assert (number_of(series), series.missing) == ([(1, 3)], (1, 2))


@pytest.mark.parametrize(
    ("title", "is_shown"),
    [
        ("Survival Curves, Part 1", False),
        ("Survival Curves, Part 1 of 3", True),
        ("Survival Curves, Part 2", True),
        ("Survival Curves (2)", False),
        ("Survival Curves (2/3)", True),
        ("Survival Curves #2", False),
    ],
)
def test_a_number_alone_makes_no_series(title: str, is_shown: bool) -> None:
    assert (arrange_series(1, [make_sibling(1, title)]) is not None) is is_shown


def test_halves_miss_no_middle() -> None:
    siblings = [make_sibling(1, "추천 개선기 (상)"), make_sibling(2, "추천 개선기 (하)", 7)]
    series = arrange_series(2, siblings)
    assert series
    assert (number_of(series), series.missing) == ([(1, 1), (2, 3)], ())


def test_the_second_half_alone_misses_the_first() -> None:
    series = arrange_series(2, [make_sibling(2, "추천 개선기 (하)", 7)])
    assert series
    assert series.missing == (1,)


def test_a_first_part_may_say_nothing_of_it() -> None:
    siblings = [
        make_sibling(1, "MLOps 구축기"),
        make_sibling(2, "MLOps 구축기 2편: 서빙", 30),
        make_sibling(3, "MLOps 구축기", -900),
    ]
    assert number_of(arrange_series(2, siblings)) == [(1, 1), (2, 2)]
    assert number_of(arrange_series(1, siblings)) == [(1, 1), (2, 2)]
    assert arrange_series(3, siblings) is None


def test_a_title_that_a_digest_printed_without_its_mark_is_no_first_part() -> None:
    siblings = [make_sibling(1, "MLOps 구축기", feed_key=None), make_sibling(2, "MLOps 구축기 4편", 30)]
    series = arrange_series(2, siblings)
    assert series
    assert (number_of(series), series.missing) == ([(2, 4)], (1, 2, 3))


def test_the_address_tells_the_part_where_the_title_does_not() -> None:
    siblings = [
        make_sibling(
            1, "Search with a Film Graph", feed_key=None, url="https://tech.haneul.example/film-graph-part-3/"
        ),
        make_sibling(2, "Search with a Film Graph – Part 4", 30),
    ]
    assert number_of(arrange_series(2, siblings)) == [(1, 3), (2, 4)]


def test_a_title_that_comes_after_a_series_is_not_its_first_part() -> None:
    siblings = [make_sibling(1, "MLOps 구축기", 60), make_sibling(2, "MLOps 구축기 2편", 30)]
    assert arrange_series(1, siblings) is None


def test_a_post_that_names_no_part_is_of_no_series() -> None:
    assert arrange_series(1, [make_sibling(1, "MLOps 구축기"), make_sibling(2, "MLOps 구축기", 3)]) is None


def test_numbers_that_begin_again_later_are_another_series() -> None:
    titles = ["Summer of Code, Part 1", "Summer of Code, Part 2", "Summer of Code, Part 3"]
    siblings = [
        make_sibling(n + 10 * year, title, 365 * year + 14 * n) for year in (0, 1) for n, title in enumerate(titles)
    ]
    assert number_of(arrange_series(1, siblings)) == [(0, 1), (1, 2), (2, 3)]
    assert number_of(arrange_series(11, siblings)) == [(10, 1), (11, 2), (12, 3)]


def test_a_part_published_twice_counts_once() -> None:
    siblings = [
        make_sibling(1, "Multi-Armed Bandits at Hanul: Part 3"),
        make_sibling(2, "Push Notifications (Multi-Armed Bandits at Hanul: Part 4)", 20),
        make_sibling(3, "Push notifications (Multi-Armed Bandits at Hanul: Part-4)", 21),
        make_sibling(4, "Multi-Armed Bandits at Hanul: Part 5", 60),
    ]
    assert number_of(arrange_series(4, siblings)) == [(1, 3), (2, 4), (4, 5)]
    assert number_of(arrange_series(3, siblings)) == [(1, 3), (3, 4), (4, 5)]


def test_a_copy_counts_once_and_is_no_part_beside_its_original() -> None:
    siblings = [
        make_sibling(1, "Survival Curves, Part 1"),
        make_sibling(2, "Survival Curves, Part 1", 200, copy_of=1),
        make_sibling(3, "Survival Curves, Part 2", 210),
    ]
    assert number_of(arrange_series(3, siblings)) == [(1, 1), (3, 2)]
    assert number_of(arrange_series(2, siblings)) == [(2, 1), (3, 2)]


@pytest.mark.parametrize(
    ("url", "feed", "is_one"),
    [
        ("https://elsewhere.example/2", "haneul", True),
        ("https://tech.haneul.example/2", None, True),
        ("https://tech.haneul.example/2", "planet", True),
        ("https://elsewhere.example/2", "planet", False),
        ("https://elsewhere.example/2", None, False),
    ],
)
def test_a_series_is_of_one_feed_or_one_site(url: str, feed: str | None, is_one: bool) -> None:
    siblings = [
        make_sibling(1, "Survival Curves, Part 1"),
        make_sibling(2, "Survival Curves, Part 2", 9, url=url, feed_key=feed),
    ]
    assert (number_of(arrange_series(1, siblings)) == [(1, 1), (2, 2)]) is is_one


@pytest.mark.parametrize(
    ("first", "second", "is_one"),
    [
        ("https://medium.com/@mina/a", "https://medium.com/@mina/b", True),
        ("https://medium.com/@mina/a", "https://medium.com/@sori/b", False),
        ("https://velog.io/@mina/a", "https://velog.io/@sori/b", False),
        ("https://www.mina.example/a", "https://mina.example/b", True),
    ],
)
def test_authors_under_one_roof_are_told_apart(first: str, second: str, is_one: bool) -> None:
    siblings = [
        make_sibling(1, "Survival Curves, Part 1", url=first, feed_key=None),
        make_sibling(2, "Survival Curves, Part 2", 9, url=second, feed_key=None),
    ]
    assert (number_of(arrange_series(1, siblings)) == [(1, 1), (2, 2)]) is is_one


@pytest.mark.parametrize(
    ("titles", "pace", "is_series"),
    [
        (["Ethics Letter #1", "Ethics Letter #2: Bias"], 60, True),
        (["Ethics Letter #1", "Ethics Letter #2: Bias"], 300, False),
        (["Power Listeners #330: A", "Power Listeners #331: B"], 7, False),
        (["Things of Interest - Week 1", "Things of Interest - Week 2"], 7, False),
        (["The Vision Letter, Issue 1", "The Vision Letter, Issue 2"], 7, False),
        (["추천 모임 제1회", "추천 모임 제2회"], 365, False),
        (["추천 이야기 제1회", "추천 이야기 제2회"], 14, True),
        (["추천 구축기 1편", "추천 구축기 2편"], 365, True),
        (["Claude at Work: Part 12", "Claude at Work: Part 13"], 14, True),
    ],
)
def test_issues_of_a_column_are_no_parts(titles: list[str], pace: int, is_series: bool) -> None:
    siblings = [make_sibling(number, title, number * pace) for number, title in enumerate(titles)]
    assert (arrange_series(0, siblings) is not None) is is_series


_TITLES = st.sampled_from(
    ["Shards, Part 1", "Shards, Part 2", "Shards (3)", "Shards", "Shards 3/4", "Shards: Part 2.5", "Shards, Part 5.5"]
)
_SIBLINGS = st.lists(
    st.tuples(_TITLES, st.integers(0, 900), st.sampled_from(["a", "b", None])), min_size=1, max_size=12
).map(
    lambda rows: [
        make_sibling(n, title, day, feed_key=feed, url=f"https://{feed}.example/{n}")
        for n, (title, day, feed) in enumerate(rows)
    ]
)


@given(_SIBLINGS, st.randoms())
def test_the_order_in_which_posts_are_found_does_not_matter(siblings: list[Sibling], random: Any) -> None:
    shuffled = list(siblings)
    random.shuffle(shuffled)
    for one in siblings:
        assert arrange_series(one.post_id, siblings) == arrange_series(one.post_id, shuffled)


@given(_SIBLINGS, st.data())
def test_several_posts_at_once_have_the_series_of_each(siblings: list[Sibling], data: st.DataObject) -> None:
    ids = [one.post_id for one in siblings]
    posts = [
        replace(one, copy_of=copy if copy != one.post_id else None)
        for one in siblings
        for copy in [data.draw(st.sampled_from([None, *ids]))]
    ]
    alone = {number: series for number in ids if (series := arrange_series(number, posts))}
    assert arrange_all(ids, posts) == alone


def test_titles_are_read_once_for_a_whole_month(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Mock(wraps=read_part)
    monkeypatch.setattr(instalments, "read_part", reader)
    siblings = [make_sibling(number, f"Weekly notes #{number}", 7 * number) for number in range(1, 30)]
    assert arrange_all(range(30), siblings) == {}
    assert reader.call_count == len(siblings)


@given(_SIBLINGS)
def test_a_series_holds_its_post_once_and_no_number_twice(siblings: list[Sibling]) -> None:
    for one in siblings:
        if series := arrange_series(one.post_id, siblings):
            numbers = [instalment.number for instalment in series.instalments]
            assert numbers == sorted(set(numbers))
            assert [instalment.post_id for instalment in series.instalments].count(one.post_id) == 1
            assert not set(series.missing) & set(numbers)
            assert all(earlier.number < series.get(one.post_id).number for earlier in series.list_earlier(one.post_id))
