"""Figures of guesses: what is right, what was believed, and what is held out."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.classify.features import describe
from aggregator.classify.metrics import (
    BINS,
    FlagMetrics,
    estimate_interval,
    estimate_macro_f1,
    measure_auc,
    measure_axis,
    measure_flag,
    measure_found,
    measure_macro_f1,
    measure_scope,
)
from aggregator.classify.training import Row, find_group
from aggregator.evaluate.examples import read_examples
from aggregator.evaluate.groups import Judged, measure_groups
from aggregator.evaluate.holdout import cross_validate, hold_out_months, measure_held, measure_held_scope
from aggregator.exceptions import ExampleError
from aggregator.shipped import SHIPPED
from aggregator.types import Month
from world import make_guess

GOOD = {"title": "A", "url": "https://a.example/1", "part": "research", "topic": "cv"}


# --- figures ---


def test_an_axis_is_measured() -> None:
    truth = ["a", "a", "b", "c"]
    beliefs = [
        {"a": 0.8, "b": 0.1, "c": 0.1},
        {"a": 0.3, "b": 0.6, "c": 0.1},
        {"a": 0.25, "b": 0.55, "c": 0.2},
        {"a": 0.5, "b": 0.3, "c": 0.2},
    ]
    metrics = measure_axis(truth, beliefs)
    assert metrics.n == 4
    assert metrics.accuracy == 0.5
    assert metrics.top2_accuracy == 0.75
    # F1 of a is 1/2, of b 2/3, of c 0.
    assert metrics.macro_f1 == pytest.approx((1 / 2 + 2 / 3) / 3)
    assert metrics.classes == ("a", "b", "c")
    assert metrics.confusion == ((1, 1, 0), (0, 1, 0), (1, 0, 0))
    # Two guesses lie from 0.5 to 0.6 (one right), and one each above 0.6 (wrong) and above 0.8 (right).
    assert metrics.ece == pytest.approx((2 * abs(0.525 - 0.5) + 0.6 + 0.2) / 4)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.tuples(*[st.floats(0.01, 1)] * 3)), min_size=1, max_size=40))
def test_figures_stay_in_their_bounds(posts: list[tuple[str, tuple[float, float, float]]]) -> None:
    truth = [true for true, _ in posts]
    beliefs = [dict(zip("abc", (p / sum(shares) for p in shares), strict=True)) for _, shares in posts]
    metrics = measure_axis(truth, beliefs)
    assert 0 <= metrics.ece <= 1
    assert 0 <= metrics.macro_f1 <= 1
    assert metrics.accuracy <= metrics.top2_accuracy <= 1
    assert sum(map(sum, metrics.confusion)) == len(posts) == sum(each.n for each in metrics.reliability)
    assert len(metrics.reliability) == BINS
    for each in metrics.reliability:
        if each.n:
            assert each.low - 1e-9 <= each.confidence <= each.high + 1e-9


def test_a_class_that_is_nowhere_does_not_count() -> None:
    metrics = measure_axis(["a", "b"], [{"a": 0.9, "b": 0.1, "c": 0.0}, {"a": 0.2, "b": 0.8, "c": 0.0}])
    assert metrics.macro_f1 == 1


def test_nothing_cannot_be_measured() -> None:
    with pytest.raises(ValueError, match="nothing to measure"):
        measure_axis([], [])


@pytest.mark.parametrize(
    ("truth", "guessed", "metrics"),
    [
        ("aab", "aba", FlagMetrics(0.5, 0.5, 0.5)),
        ("aab", "bbb", FlagMetrics(0.0, 0.0, 0.0)),
        ("bbb", "bbb", FlagMetrics(0.0, 0.0, 0.0)),
        ("aab", "aaa", FlagMetrics(2 / 3, 1.0, 0.8)),
    ],
)
def test_a_flag_is_measured(truth: str, guessed: str, metrics: FlagMetrics) -> None:
    measured = measure_flag(list(truth), list(guessed), "a")
    for one, other in zip(
        (measured.precision, measured.recall, measured.f1), (metrics.precision, metrics.recall, metrics.f1), strict=True
    ):
        assert math.isclose(one, other)


@pytest.mark.parametrize(
    ("inside", "outside", "auc", "found"),
    [
        ([0.1, 0.2], [0.8, 0.9], 1.0, 1.0),
        ([0.8, 0.9], [0.1, 0.2], 0.0, 0.0),
        ([0.5, 0.5], [0.5, 0.5], 0.5, 0.0),
        ([0.1, 0.6], [0.5, 0.7], 0.75, 0.5),
        # One of 25 is the four in a hundred that may be called out, and one of 24 is not.
        ([0.9, *[0.1] * 24], [0.5, 0.05], 0.48, 0.5),
        ([0.9, *[0.1] * 23], [0.5, 0.95], 47 / 48, 0.5),
        ([0.1], [], None, None),
        ([], [0.1], None, None),
    ],
)
def test_scope_is_measured(inside: list[float], outside: list[float], auc: float | None, found: float | None) -> None:
    is_out = [*[False] * len(inside), *[True] * len(outside)]
    assert measure_auc(is_out, [*inside, *outside]) == (auc if auc is None else pytest.approx(auc))
    assert measure_found(is_out, [*inside, *outside]) == found


def test_scope_is_measured_where_posts_really_count_as_out() -> None:
    metrics = measure_scope([False, False, True, True, True], [0.02, 0.7, 0.6, 0.59, 0.04])
    assert (metrics.inside, metrics.outside) == (2, 3)
    assert (metrics.found_there, metrics.called_out_there, metrics.out_of_sure) == (pytest.approx(1 / 3), 0.5, 0.5)


def test_an_interval_holds_the_figure_and_is_the_same_each_time() -> None:
    truth, guessed = ["a", "b"] * 40, [*["a", "b"] * 30, *["b", "a"] * 10]
    interval = estimate_interval(measure_macro_f1, truth, guessed)
    assert interval is not None
    low, high = interval
    assert low < 0.75 < high
    assert 0.1 < high - low < 0.3
    assert estimate_interval(measure_macro_f1, truth, guessed) == interval
    assert estimate_interval(measure_auc, [True] * 80, [0.5] * 80) is None
    metrics = measure_axis(truth, [{"a": 0.9, "b": 0.1} if guess == "a" else {"a": 0.1, "b": 0.9} for guess in guessed])
    assert estimate_macro_f1(metrics) == pytest.approx(interval, abs=0.03)


def test_a_group_counts_the_second_answer_of_a_label_and_keeps_what_is_out_apart() -> None:
    """Guessed are business and MLOps each time, and one in ten is believed out."""
    records = [
        {"part": "business", "topic": "mlops", "alt": "out"},
        {"part": "business", "topic": "nlp", "alt": "research/mlops", "sure": False},
        {"part": "research", "topic": "nlp", "alt": "business/nlp", "language": "ko"},
        {"scope": "out", "alt": "business/mlops", "url": "https://engineering.a.example/4"},
    ]
    examples = read_examples("\n".join(json.dumps(GOOD | record) for record in records), "x.jsonl", SHIPPED)
    groups = measure_groups([Judged(each, each.to_post(n), make_guess(n)) for n, each in enumerate(examples)], SHIPPED)
    assert list(groups) == ["all", "sure", "en", "ko", "by engineering", "by others"]
    whole, out = groups["all"], groups["by engineering"]
    assert whole.sections
    right = {"topic": whole.sections.topic.accuracy, "part": whole.sections.part.accuracy}
    assert right == {"topic": pytest.approx(1 / 3), "part": pytest.approx(2 / 3)}
    assert whole.right_or_alt == {"topic": pytest.approx(2 / 3), "part": 1}
    assert (whole.scope.inside, whole.scope.outside, whole.scope.auc) == (3, 1, 0.5)
    assert (out.sections, out.scope.inside, out.intervals["topic"], out.intervals["auc"]) == (None, 0, None, None)


# --- examples ---


def test_a_record_becomes_the_post_that_a_feed_would_give() -> None:
    record = GOOD | {
        "title": "모델 <b>서빙</b> &amp; more",
        "summary": "<p>First.</p>",
        "text": "Second.",
        "organisation": "하늘",
        "seen": 3,
        "language": None,
    }
    (example,) = read_examples(f"{json.dumps(record)}\n\n  ", "x.jsonl", SHIPPED)
    assert example.section == SHIPPED.parse_section("research/cv")
    post = example.to_post(7)
    assert (post.id, post.title, post.text, post.organisation) == (7, "모델 서빙 & more", "First. Second.", "하늘")


@pytest.mark.parametrize(
    ("said", "section", "answers", "is_sure"),
    [
        ({}, "1.1", ["1.1"], True),
        ({"scope": "in", "alt": "aws/nlp", "sure": False}, "1.1", ["1.1", "3.2"], False),
        ({"alt": "out"}, "1.1", ["1.1", None], True),
        ({"scope": "out", "part": None, "topic": None}, None, [None], True),
        ({"scope": "out", "alt": "business/mlops"}, None, [None, "2.4"], True),
    ],
)
def test_a_record_says_what_is_right(
    said: dict[str, object], section: str | None, answers: list[str | None], is_sure: bool
) -> None:
    (example,) = read_examples(json.dumps(GOOD | said), "x.jsonl", SHIPPED)
    assert [answer and str(answer) for answer in example.answers] == answers
    assert (example.section and str(example.section), example.is_sure) == (section, is_sure)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "not JSON"),
        ("[]", "is not an object"),
        (json.dumps(GOOD | {"title": ""}), "title is missing"),
        (json.dumps(GOOD | {"title": 3}), "title is missing or is not text"),
        (json.dumps({k: v for k, v in GOOD.items() if k != "url"}), "url is missing"),
        (json.dumps(GOOD | {"url": "javascript:x"}), "not a web address"),
        (json.dumps(GOOD | {"part": "out"}), "part 'out' is not one of research, business, aws"),
        (json.dumps(GOOD | {"topic": "speech"}), "topic 'speech' is not one of cv, nlp, recsys, mlops"),
        (json.dumps(GOOD | {"scope": "maybe"}), "scope: 'maybe' is not in or out"),
        (json.dumps(GOOD | {"scope": "in", "part": None}), "part is missing"),
        (json.dumps(GOOD | {"alt": "nlp"}), "part 'nlp' is not one of"),
        (json.dumps(GOOD | {"alt": "aws/"}), "topic '' is not one of"),
        (json.dumps(GOOD | {"sure": "yes"}), "sure must be true or false"),
        (json.dumps(GOOD | {"text": ["x"]}), "text must be text"),
        (json.dumps(GOOD | {"organisation": 3}), "organisation must be text"),
    ],
)
def test_a_bad_line_is_named(line: str, words: str) -> None:
    with pytest.raises(ExampleError, match=words) as caught:
        read_examples(f"{json.dumps(GOOD)}\n{line}", "x.jsonl", SHIPPED)
    assert str(caught.value).startswith("x.jsonl, line 2: ")
    assert caught.value.line == 2


def test_a_file_without_records_is_told() -> None:
    with pytest.raises(ExampleError, match=r"x\.jsonl: has no posts"):
        read_examples("\n ", "x.jsonl", SHIPPED)


# --- what is held out ---


@pytest.fixture(scope="module")
def rows(all_rows: Sequence[Row], night: bool) -> list[Row]:
    """Some of every section: enough to fit, and quick."""
    return [row for number, row in enumerate(all_rows) if row.is_real or number % (4 if night else 16) == 0]


def test_folds_hold_out_every_row_once_with_its_publisher(rows: list[Row]) -> None:
    held = cross_validate(rows)
    assert sorted(map(repr, (each.row for each in held))) == sorted(map(repr, rows))
    metrics = measure_held(held)
    assert metrics.topic.n == metrics.part.n == sum(row.section is not None for row in rows)
    assert metrics.topic.accuracy > 0.6
    scope = measure_held_scope(held)
    assert scope.inside + scope.outside == len(rows)
    assert (scope.auc or 0) > 0.7


def test_rows_of_one_publisher_share_a_group_and_people_at_one_address_do_not() -> None:
    def group(title: str, url: str, organisation: str | None) -> int:
        return find_group(Row(describe(title=title, url=url, organisation=organisation), None, "written"))

    assert group("One", "https://a.example/1", "A") == group("Two", "https://a.example/2", "A")
    assert group("One", "https://medium.com/", None) != group("Two", "https://medium.com/", None)
    assert group("One", "https://aws.amazon.com/1", "Amazon") != group("Two", "https://aws.amazon.com/2", "Amazon")


def test_a_month_is_guessed_by_what_was_known_before_it(rows: list[Row]) -> None:
    printed = [row for row in rows if row.is_real]
    months = [(Month(2023, 1), printed), (Month(2022, 12), printed[:8])]
    replayed = list(hold_out_months(rows, months))
    assert [month for month, _ in replayed] == [Month(2022, 12), Month(2023, 1)]
    assert [len(held) for _, held in replayed] == [8, len(printed)]
    # The same eight lines: in January they are known from December, before that from nothing.
    first = replayed[0][1]
    again = replayed[1][1][:8]
    assert _mean_belief(again) > _mean_belief(first)
    assert measure_held(replayed[1][1][8:]).topic.accuracy < 1


def _mean_belief(held: list) -> float:
    return sum(each.topics[each.row.section.topic] for each in held) / len(held)
