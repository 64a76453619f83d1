"""Months replayed in order: figures checked by hand, and nothing of a month is known before it is over."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.evaluate.backtest import (
    SECONDS_A_POST,
    measure_months,
    pool_within_source,
    replay_months,
    write_metrics,
)
from aggregator.evaluate.baselines import order_newest, order_popularity, order_source_rate, order_svm
from aggregator.evaluate.candidates_file import read_posts
from aggregator.evaluate.depth import find_depth, find_recall
from aggregator.evaluate.metrics import OrderMetrics, count_pairs, list_places, measure_order
from aggregator.exceptions import ExampleError
from aggregator.rank.ranking import RankingContext, ShippedHistory
from aggregator.shipped import SHIPPED
from aggregator.types import Candidate, Feed, Kind, Month, Quotas, Signal
from profiles import costly
from world import make_guess

SEOUL = ZoneInfo("Asia/Seoul")


# --- figures by hand --------------------------------------------------------------------------------------------------


def test_the_figures_of_an_order_are_those_of_the_definitions() -> None:
    # Places 1 and 4 of six are printed, so n is 2.
    printed = [True, False, False, True, False, False]
    sources = ["a", "a", "b", "b", "a", "b"]
    found = measure_order(printed, sources)
    assert found.precision_at_n == 1 / 2
    assert found.recall_at_2n == 2 / 2
    assert found.average_precision == pytest.approx((1 / 1 + 2 / 4) / 2)
    # a: its printed post is above both others, 2 of 2; b: its printed post is above one of two, 1 of 2.
    assert found.within_source_auc == 3 / 4
    assert count_pairs(printed, sources) == 4


def test_figures_that_mean_nothing_are_none() -> None:
    assert measure_order([False, False], ["a", "a"]) == OrderMetrics(None, None, None, None)
    assert measure_order([True, False], ["a", "b"]).within_source_auc is None


def test_depth_and_recall() -> None:
    printed = [True, False, True, False, True]
    places = list_places(printed)
    assert [find_depth(places, share) for share in (0.6, 0.85, 1.0)] == [3, 5, 5]
    assert [find_recall(places, depth) for depth in range(1, 6)] == pytest.approx([1 / 3, 1 / 3, 2 / 3, 2 / 3, 1])


@settings(deadline=None)
@given(st.lists(st.booleans(), max_size=30))
def test_figures_lie_between_nothing_and_everything(printed: list[bool]) -> None:
    found = measure_order(printed, ["a"] * len(printed))
    for value in (getattr(found, name) for name in OrderMetrics.__slots__):
        # scikit-learn adds up steps of recall, which can be 1 and a rounding.
        assert value is None or 0 <= value <= 1 + 1e-12
    if any(printed):
        best = measure_order(sorted(printed, reverse=True), ["a"] * len(printed))
        assert best.precision_at_n == best.recall_at_2n == pytest.approx(best.average_precision) == 1


# --- an invented file -------------------------------------------------------------------------------------------------


def _line(number: int, month: str, title: str, source: str, *, printed: bool, **more: Any) -> dict[str, Any]:
    url = f"https://{source}.example/{number}"
    return {
        "url": url,
        "title": title,
        "published": month,
        "source": source,
        "printed": printed,
        "language": "ko",
    } | more


ROWS = [
    _line(1, "2023-01-03", "추천 모델 도입기", "haneul", printed=True, part="business", topic="recsys"),
    _line(2, "2023-01-09", "사내 행사 소식", "haneul", printed=False),
    _line(3, "2023-01-12", "New – a service now supports tags", "cloud", printed=False),
    _line(4, "2023-01-20", "Week in review", "cloud", printed=False),
    _line(5, "2023-02-01", "검색 랭킹 개선기", "haneul", printed=True, part="business", topic="recsys"),
    _line(6, "2023-02-05", "New – another service", "cloud", printed=False),
    _line(7, "2023-02-09", "채용 공고", "haneul", printed=False),
]


def _read(rows: list[dict[str, Any]] | str, feeds: tuple[Feed, ...] = ()) -> dict[Month, list[Candidate]]:
    text = rows if isinstance(rows, str) else "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return read_posts([("posts.jsonl", text)], zone=SEOUL, feeds={feed.key: feed for feed in feeds}).months


def _guessed(months: dict[Month, list[Candidate]]) -> dict[Month, list[Candidate]]:
    """With guesses that hang on the title alone."""
    return {
        month: [
            replace(
                c, guess=make_guess(c.post.id, out=0.95 if "행사" in c.post.title or "채용" in c.post.title else 0.1)
            )
            for c in each
        ]
        for month, each in months.items()
    }


def test_a_small_file_measured_by_hand() -> None:
    months = _guessed(_read(ROWS))
    january, february = measure_months(months, replay_months(months, ShippedHistory()))
    assert (january.month, january.n, january.printed) == (Month(2023, 1), 4, 1)
    # Newest first: 4, 3, 2, 1. The printed post comes last; nothing is known of sources, and there is nothing to fit.
    last = OrderMetrics(precision_at_n=0.0, recall_at_2n=0.0, average_precision=1 / 4, within_source_auc=0.0)
    assert january.orders["newest_first"] == january.orders["source_rate"] == january.orders["svm"] == last
    assert january.places["newest_first"] == [4]
    # Ours: the report of a company first.
    assert january.orders["ours"] == OrderMetrics(1.0, 1.0, 1.0, 1.0)
    assert january.places["ours"] == [1]
    assert january.count_minutes_saved() == 3 * SECONDS_A_POST / 60
    # February: haneul had 1 of 2 printed, cloud 0 of 2: 7 and 5 before 6, the newer first.
    assert february.orders["source_rate"] == OrderMetrics(0.0, 1.0, 1 / 2, 0.0)
    assert list(february.orders) == ["ours", "newest_first", "source_rate", "svm"]
    # One pair of haneul in January; in February haneul has one, and its printed post is the older one.
    assert (january.pairs, february.pairs) == (1, 1)
    assert pool_within_source([january, february]) == {
        name: pytest.approx((first.within_source_auc + february.orders[name].within_source_auc) / 2)
        for name, first in january.orders.items()
    }


def test_what_scope_keeps_off_is_counted_with_what_of_it_was_printed() -> None:
    months = _guessed(
        _read([*ROWS[:4], ROWS[1] | {"title": "행사 추천 모델", "printed": True, "url": "https://a.example/8"}])
    )
    quotas = Quotas(out_of_scope=0.3)
    (metrics,) = measure_months(months, replay_months(months, ShippedHistory(), quotas=quotas))
    assert metrics.beyond_scope == (2, 1)
    assert write_metrics(metrics)["beyond_scope"] == [2, 1]
    (metrics,) = measure_months(months, replay_months(months, ShippedHistory()))
    assert metrics.beyond_scope == (0, 0)


def test_pooled_pairs_weigh_each_pair_the_same_and_need_one() -> None:
    months = _guessed(_read(ROWS))
    january, february = measure_months(months, replay_months(months, ShippedHistory()))
    orders = {"ours": replace(january.orders["ours"], within_source_auc=1.0)}
    good, bad = replace(january, orders=orders, pairs=3), replace(february, orders=_all_wrong(orders), pairs=1)
    assert pool_within_source([good, bad, replace(bad, pairs=0)]) == {"ours": 0.75}
    # An order that one of the months does not have is not an order of all of them.
    assert pool_within_source([replace(good, orders=january.orders), bad]) == {"ours": 0.75}
    assert pool_within_source([]) == {}


def _all_wrong(orders: dict[str, OrderMetrics]) -> dict[str, OrderMetrics]:
    return {name: replace(order, within_source_auc=0.0) for name, order in orders.items()}


def test_source_rate_is_smoothed_towards_all_sources() -> None:
    months = _read(ROWS)
    past, now = months[Month(2023, 1)], months[Month(2023, 2)]
    # 1 of 4 was printed. haneul (1 + 1/4) / (2 + 1), cloud (0 + 1/4) / (2 + 1).
    assert order_source_rate([c.post for c in now], past) == pytest.approx([1.25 / 3, 0.25 / 3, 1.25 / 3])
    assert order_newest([c.post for c in now]) == sorted(order_newest([c.post for c in now]))
    assert order_popularity([c.post for c in now], {6: 9.0}) == [0.0, 9.0, 0.0]


def test_the_svm_learns_from_titles_of_the_months_before() -> None:
    past = _read([_line(n, "2023-01-03", f"ranking model {n}", "a", printed=n < 5) for n in range(5)])[Month(2023, 1)]
    other = [_line(n, "2023-01-04", f"office party {n}", "a", printed=False) for n in range(10, 15)]
    past += _read(other)[Month(2023, 1)]
    now = _read(
        [
            _line(90, "2023-02-01", "a ranking model", "b", printed=False),
            _line(91, "2023-02-01", "party", "b", printed=True),
        ]
    )
    values = order_svm([c.post for c in now[Month(2023, 2)]], past)
    assert values is not None
    assert values[0] > values[1]
    assert order_svm([], other and _read(other)[Month(2023, 1)]) is None


def test_popularity_is_a_baseline_where_anything_is_talked_about() -> None:
    months = _guessed(_read(ROWS))
    first = months[Month(2023, 1)][0].post
    signals = [Signal(first.canonical_url, "hn", "points", 50, first.published_at)]
    metrics = measure_months(months, replay_months(months, ShippedHistory(), RankingContext(), signals))
    assert metrics[0].orders["popularity"].average_precision == 1.0


# --- nothing leaks ----------------------------------------------------------------------------------------------------

_FLAGS = st.lists(st.booleans(), min_size=3, max_size=3)


@costly
@given(_FLAGS, _FLAGS, _FLAGS)
def test_labels_of_a_month_or_a_later_one_change_nothing_in_its_ranking(
    judged: list[bool], later: list[bool], last: list[bool]
) -> None:
    def make(flags: list[bool], month: str, first: int) -> list[dict[str, Any]]:
        titles = ["추천 모델 도입기", "New – a service", "검색 랭킹"]
        rows = []
        for number, (flag, title) in enumerate(zip(flags, titles, strict=True), first):
            more = {"part": "business", "topic": "recsys"} if flag else {}
            rows.append(_line(number, month, f"{title} {number}", f"s{number % 2}", printed=flag, **more))
        return rows

    def replay(*flags: list[bool]) -> list[Any]:
        rows = [row for place, each in enumerate(flags) for row in make(each, f"2023-0{place + 1}-05", 10 * place)]
        return replay_months(_guessed(_read(rows)), ShippedHistory())

    past = [True, False, False]
    base, changed = replay(past, [False] * 3, [False] * 3, [True] * 3), replay(past, judged, later, last)
    assert changed[0].scores == base[0].scores
    assert changed[1].scores == base[1].scores
    if judged == [False] * 3:
        assert changed[2].scores == base[2].scores


def test_the_section_of_a_printed_post_is_hidden_while_its_month_is_ranked() -> None:
    told = _guessed(_read(ROWS))
    untold = _guessed(_read([{k: v for k, v in row.items() if k not in {"part", "topic"}} for row in ROWS]))
    assert replay_months(told, ShippedHistory())[0].scores == replay_months(untold, ShippedHistory())[0].scores


def test_what_a_month_printed_is_known_in_the_next() -> None:
    months = _guessed(_read(ROWS))
    nothing = {m: [replace(c, printed_in=None) for c in each] for m, each in months.items()}
    told, untold = replay_months(months, ShippedHistory())[1], replay_months(nothing, ShippedHistory())[1]
    assert told.scores != untold.scores


# --- the file ---------------------------------------------------------------------------------------------------------


def test_dates_may_be_months_days_or_moments() -> None:
    months = _read(
        [
            _line(1, "2023-01", "a", "s", printed=False),
            _line(2, "2023-01-31", "b", "s", printed=False),
            # The first of February in Seoul.
            _line(3, "2023-01-31T20:00:00Z", "c", "s", printed=False),
            _line(4, "2023-01-31T20:00:00", "d", "s", printed=False),
        ]
    )
    assert [c.post.id for c in months[Month(2023, 1)]] == [1, 2, 4]
    assert [c.post.id for c in months[Month(2023, 2)]] == [3]
    assert months[Month(2023, 1)][0].post.published_at.astimezone(SEOUL).day == 15


def test_kinds_come_from_the_feeds_and_from_the_host() -> None:
    feed = Feed("lumen", "Lumen", "https://lumen.example/feed", Kind.RESEARCH, "en")
    rows = [
        _line(1, "2023-01", "a", "lumen", printed=False),
        _line(2, "2023-01", "b", "other", printed=False) | {"url": "https://lumen.example/2"},
        _line(3, "2023-01", "c", "aws", printed=False) | {"url": "https://aws.amazon.com/blogs/aws/x/"},
        _line(4, "2023-01", "d", "co", printed=False, organisation="Co"),
        _line(5, "2023-01", "e", "me", printed=False, organisation=None, summary=None),
    ]
    kinds = [c.post.kind for c in _read(rows, (feed,))[Month(2023, 1)]]
    assert kinds == [Kind.RESEARCH, Kind.RESEARCH, Kind.AWS, Kind.COMPANY, Kind.INDIVIDUAL]


def test_a_printed_post_has_the_section_that_the_digest_gave_it() -> None:
    first = _read(ROWS)[Month(2023, 1)][0]
    assert (first.printed_in, first.section) == (Month(2023, 1), SHIPPED.parse_section("business/recsys"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"url": None}, "url is missing"),
        ({"url": "javascript:x"}, "url: 'javascript:x' is not a web address"),
        ({"title": 7}, "title: 7 is not a text"),
        ({"printed": "yes"}, "printed: 'yes' is not true or false"),
        ({"published": "5 Jan"}, "published: '5 Jan' is not a date; write 2022-12"),
        ({"published": "2023-13"}, "2023-13 is not a month"),
        ({"published": "0001-01-01T00:00:00"}, "out of range"),
        ({"part": "art", "topic": "cv"}, "part and topic: 'art', 'cv' is not a section"),
    ],
)
def test_a_mistake_is_told_with_its_line(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ExampleError) as caught:
        _read([ROWS[0], ROWS[1] | change])
    assert str(caught.value).startswith("posts.jsonl, line 2: ")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "posts.jsonl, line 1: is not JSON"),
        ("\n[1]", "posts.jsonl, line 2: is not an object"),
        ("\n", "posts.jsonl: has no posts"),
    ],
)
def test_what_is_no_list_of_posts_is_refused(text: str, message: str) -> None:
    with pytest.raises(ExampleError, match=message):
        _read(text)


def test_a_line_ends_with_a_line_feed_alone() -> None:
    row = _line(1, "2023-01", "a\u2028b\x85c", "s", printed=False)
    months = _read(json.dumps(row, ensure_ascii=False) + "\r\n")
    assert [c.post.title for c in months[Month(2023, 1)]] == ["a\u2028b\x85c"]


def test_a_month_that_printed_nothing_has_no_figures() -> None:
    months = _guessed(_read([ROWS[1]]))
    (metrics,) = measure_months(months, replay_months(months, ShippedHistory()))
    assert metrics.orders["ours"] == OrderMetrics(None, None, None, None)
    assert metrics.places["ours"] == []
