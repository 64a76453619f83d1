"""What decisions teach, what is held out, when a new model is worse, and when it is time: pure rules."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.classify.learning import (
    LEAST_HELD_OUT,
    MOST_HELD_OUT,
    Lesson,
    Rhythm,
    choose_forgotten,
    choose_held_out,
    find_worse,
    gather_material,
    is_fit_due,
    list_changes,
    measure_guesses,
    read_lessons,
)
from aggregator.classify.taught import measure_taught
from aggregator.classify.training import Row, name_version
from aggregator.classify.wording import read_wording
from aggregator.config import Settings
from aggregator.digest.escape import unescape_text
from aggregator.digest.read import read_digest
from aggregator.shipped import SHIPPED
from aggregator.types import Correction, Decision, Guess, Topic, Verdict
from fits import read_rows
from world import make_candidate, make_guess, make_post
from world.sections import BUSINESS, CV, NLP, RECSYS

SEOUL = ZoneInfo("Asia/Seoul")
THEN = datetime(2022, 12, 10, tzinfo=UTC)
OUT = {"off topic"}


def _verdict(decision: Decision, reason: str | None = None, by: str = "curator") -> Verdict:
    return Verdict(1, decision, by, THEN, reason, id=1)


def _correction(section: str, by: str = "curator") -> Correction:
    return Correction(1, by, THEN + timedelta(hours=1), section=SHIPPED.parse_section(section))


# --- what decisions teach ---


@pytest.mark.parametrize(
    ("verdict", "correction", "section", "origin"),
    [
        (_verdict(Decision.APPROVE), None, "2.4", "decision"),
        (_verdict(Decision.APPROVE), _correction("1.2"), "1.2", "correction"),
        (
            _verdict(Decision.APPROVE, by="digest 2023-01"),
            _correction("1.2", "digest 2023-01"),
            "1.2",
            "digest 2023-01",
        ),
        (_verdict(Decision.APPROVE, by="digest 2023-01"), _correction("3.2"), "3.2", "correction"),
        (_verdict(Decision.HOLD), _correction("1.2"), "1.2", "correction"),
        (_verdict(Decision.REJECT, "Off topic "), None, None, "rejection"),
        (_verdict(Decision.REJECT, "off topic"), _correction("1.2"), None, "rejection"),
    ],
)
def test_the_last_word_teaches_with_its_origin(
    verdict: Verdict, correction: Correction | None, section: str | None, origin: str
) -> None:
    (lesson,) = read_lessons([make_candidate(1, verdict=verdict, correction=correction)], out_of_scope=OUT)
    assert (str(lesson.section) if lesson.section else None, lesson.origin) == (section, origin)
    assert lesson.at == (correction.at if correction and section else THEN)


@pytest.mark.parametrize(
    ("verdict", "correction"),
    [
        (None, _correction("1.2")),
        (_verdict(Decision.HOLD), None),
        (_verdict(Decision.REJECT, "shallow"), None),
        (_verdict(Decision.REJECT, "duplicate"), _correction("1.2")),
    ],
)
def test_other_words_teach_nothing_of_the_section(verdict: Verdict | None, correction: Correction | None) -> None:
    assert read_lessons([make_candidate(1, verdict=verdict, correction=correction)], out_of_scope=OUT) == []


def test_an_approval_without_a_guess_teaches_nothing() -> None:
    assert read_lessons([make_candidate(1, guess=None, verdict=_verdict(Decision.APPROVE))], out_of_scope=OUT) == []


# --- rows ---


@cache
def _shipped() -> tuple[Row, ...]:
    return tuple(read_rows())


def _lesson(number: int, section: str | None = "2.1", **changes: object) -> Lesson:
    post = make_post(number, **changes)
    return Lesson(
        post, SHIPPED.parse_section(section) if section else None, "correction", THEN + timedelta(minutes=number)
    )


def test_corrections_count_most_and_shipped_rows_least() -> None:
    origins = ("correction", "decision", "rejection", "digest 2022-11")
    lessons = [replace(_lesson(n), origin=origin) for n, origin in enumerate(origins, 1)]
    weights = [row.weight for row in gather_material((), lessons).select()]
    assert weights[0] > weights[1] == weights[2] > weights[3] > max(row.weight for row in _shipped())


def test_a_row_tells_what_is_known_of_the_post_and_not_only_its_title() -> None:
    (row,) = gather_material((), [_lesson(1, text="Quokkas hum.", links=("https://github.com/a/b",))]).select()
    assert "quokka" in row.document.text.words


def test_an_imported_digest_that_is_among_the_shipped_rows_counts_once(shared: Path) -> None:
    text = (shared / "digest" / "README-2023-01.md").read_text("utf-8")
    lines = read_digest(text, Settings().merge_texts(None)).digest.lines
    lessons = [
        replace(
            _lesson(n, str(line.section), title=unescape_text(line.title).replace("*", ""), url=line.url),
            origin="digest 2023-01",
            printed_title=line.title,
        )
        for n, line in enumerate(lines, 1)
    ]
    rows = gather_material(_shipped(), lessons).select()
    assert sum(row.origin == "digest 2023-01" for row in rows) == len(lines) == 64
    raw = [replace(lesson, post=replace(lesson.post, title=f"Raw {lesson.post.id}")) for lesson in lessons]
    rows = gather_material(_shipped(), raw).select()
    assert sum(row.origin == "digest 2023-01" for row in rows) == 64, "by the title that was printed"


numbers = st.lists(st.integers(1, 400), unique=True, max_size=60)


@given(numbers, st.randoms(use_true_random=False))
def test_the_order_of_decisions_does_not_matter(given_numbers: list[int], random: Random) -> None:
    lessons = [_lesson(number, title=f"Post {number}") for number in given_numbers]
    shuffled = random.sample(lessons, len(lessons))
    one, other = (gather_material(_shipped()[:50], some).select() for some in (lessons, shuffled))
    assert one == other
    assert name_version(one, "r") == name_version(other, "r")


@given(st.integers(0, 300), st.integers(0, 63))
def test_no_post_that_is_held_out_is_among_the_rows_of_either_model(count: int, known: int) -> None:
    """Neither as a lesson nor as a shipped row of the same title."""
    printed = [row for row in _shipped() if row.origin.startswith("digest")]
    titles = [*_titles_of_the_shipped_digest()[:known], *(f"Quokka {_spell(n)}" for n in range(known, count))]
    lessons = [_lesson(n, title=titles[n]) for n in range(count)]
    ours, theirs = gather_material(printed, lessons), gather_material(printed, lessons[::2], lessons)
    for fold in choose_held_out(lessons):
        held = {_read(lesson.post.title) for lesson in fold}
        for material in (ours, theirs):
            rows = material.select({lesson.post.id for lesson in fold})
            assert not held & {(row.document.title.words, row.document.title.hangul) for row in rows}


def _spell(number: int) -> str:
    """In letters, for numbers are not words."""
    return "".join("bcdfghjklm"[int(digit)] for digit in str(number))


def _titles_of_the_shipped_digest() -> list[str]:
    text = (resources.files("aggregator.classify") / "data" / "digest-2023-01.jsonl").read_text("utf-8")
    return [json.loads(line)["title"] for line in text.splitlines()]


def _read(title: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    wording = read_wording(title)
    return wording.words, wording.hangul


@given(st.integers(0, 2 * MOST_HELD_OUT))
def test_the_newest_are_held_out_each_once(count: int) -> None:
    lessons = [_lesson(number) for number in range(count)]
    folds = choose_held_out(lessons)
    held = [lesson.post.id for fold in folds for lesson in fold]
    if count < LEAST_HELD_OUT:
        assert held == []
    else:
        assert sorted(held) == list(range(max(0, count - MOST_HELD_OUT), count))


# --- the gate ---


def _guesses(rights: Sequence[bool], truth: Topic = CV, wrong: Topic = NLP) -> list[Guess]:
    return [make_guess(n, BUSINESS, truth if right else wrong) for n, right in enumerate(rights)]


@pytest.mark.parametrize(
    ("theirs", "ours", "worse"),
    [
        (40, 40, False),
        (40, 39, False),
        (40, 37, True),
        (30, 40, False),
        (20, 17, True),
    ],
)
def test_a_model_is_worse_when_it_misses_more_than_chance_explains(theirs: int, ours: int, worse: bool) -> None:
    lessons = [_lesson(n) for n in range(40)]
    old, new = (measure_guesses(lessons, _guesses([n < right for n in range(40)])) for right in (theirs, ours))
    said = find_worse(new, old)
    assert (said is not None) is worse
    if said:
        assert said == f"topics: {ours / 40:.0%} right instead of {theirs / 40:.0%}"


def test_a_rare_class_that_is_given_up_is_noticed_though_few_posts_are_of_it() -> None:
    lessons = [_lesson(n, "2.1") for n in range(194)] + [_lesson(n, "2.3") for n in range(194, 200)]
    good = _guesses([True] * 194) + _guesses([True] * 6, RECSYS)
    bad = _guesses([True] * 194) + _guesses([False] * 6, RECSYS, CV)
    old, new = measure_guesses(lessons, good), measure_guesses(lessons, bad)
    assert find_worse(new, {"topics": replace(old["topics"], accuracy=0.97)}) == "topics: macro-F1 0.49 instead of 1.00"


def test_a_guess_of_a_class_that_no_post_has_is_one_miss_and_no_more() -> None:
    lessons = [_lesson(n) for n in range(40)]
    old, new = (measure_guesses(lessons, _guesses(rights)) for rights in ([True] * 40, [True] * 39 + [False]))
    assert new["topics"].macro_f1 < 0.5
    assert find_worse(new, old) is None


def test_scope_is_measured_on_rejections_too() -> None:
    lessons = [_lesson(1), _lesson(2, None)]
    metrics = measure_guesses(lessons, [make_guess(1, out=0.1), make_guess(2, out=0.9)])
    assert (metrics["scope"].n, metrics["scope"].accuracy, metrics["topics"].n) == (2, 1.0, 1)
    assert measure_guesses([], []) == {}


# --- what decisions did ---


def _decided(days: Sequence[int]) -> list[Lesson]:
    return [replace(_lesson(n), at=THEN + timedelta(days=day)) for n, day in enumerate(days)]


@pytest.mark.parametrize(
    ("days", "told"),
    [
        ([0] * 40, [("all", 40)]),
        ([0] * 20 + [40] * 20, [("month", 20), ("all", 40)]),
        ([0] * 21 + [40] * 19, [("all", 40)]),
        ([0] * 10 + [9] * 10 + [40] * 20, [("month", 30), ("all", 40)]),
    ],
)
def test_the_last_month_of_decisions_is_told_apart_if_it_tells_anything(
    days: list[int], told: list[tuple[str, int]]
) -> None:
    lessons = _decided(days)
    found = measure_taught(lessons, _guesses([False] * 40), _guesses([True] * 40))
    assert [(one.of, one.decisions) for one in found] == told


def test_what_decisions_did_is_told_with_intervals_that_hold_the_figures() -> None:
    lessons = [*_decided([0] * 40), *(replace(_lesson(n, None), origin="rejection") for n in range(40, 60))]
    out = [replace(guess, out_of_scope=0.1 + 0.8 * (n % 2)) for n, guess in enumerate(_guesses([True] * 20))]
    before = [*_guesses([n % 2 == 0 for n in range(40)]), *out]
    after = [*_guesses([n % 8 > 0 for n in range(40)]), *(replace(guess, out_of_scope=0.9) for guess in out)]
    (taught,) = measure_taught(lessons, before, after)
    effects = {effect.name: effect for effect in taught.effects}
    assert {name: (round(one.before.value, 2), round(one.after.value, 2)) for name, one in effects.items()} == {
        "topics right": (0.5, 0.88),
        "topics, macro-F1": (0.33, 0.47),
        "parts right": (1.0, 1.0),
        "scope right": (0.83, 1.0),
        "scope, AUC": (0.75, 1.0),
        "out of scope found": (0.5, 1.0),
    }
    assert (effects["topics right"].posts, effects["scope, AUC"].posts) == (40, 60)
    for one in effects.values():
        for estimate in (one.before, one.after, one.gain):
            assert estimate.interval[0] <= estimate.value <= estimate.interval[1]
    assert effects["topics right"].gain.interval[0] > 0
    assert effects["parts right"].gain.interval == (0.0, 0.0)


def test_a_model_that_cannot_tell_topics_yet_is_right_in_none_of_them() -> None:
    lessons = _decided([0] * 40)
    before = [replace(guess, parts={}, topics={}, out_of_scope=None) for guess in _guesses([True] * 40)]
    after = [replace(guess, topics={}, out_of_scope=None) for guess in _guesses([True] * 40)]
    (taught,) = measure_taught(lessons, before, after)
    told = {effect.name: (effect.before.value, effect.after.value) for effect in taught.effects}
    assert told == {
        "topics right": (0, 0), "topics, macro-F1": (0, 0), "parts right": (0, 1), "scope right": (1, 1),
    }  # fmt: skip


# --- when ---


@pytest.mark.parametrize(
    ("new", "last", "now", "due"),
    [
        (0, "2022-12-01T03:00", "2022-12-31T03:00", False),
        (20, "2022-12-31T12:00", "2022-12-31T12:01", True),
        (19, "2022-12-31T12:00", "2022-12-31T23:59", False),
        (1, "2022-12-31T12:00", "2023-01-01T02:59", False),
        (1, "2022-12-31T12:00", "2023-01-01T03:00", True),
        (1, "2022-12-31T12:00", "2023-01-09T17:00", True),
        (1, "2022-12-31T02:00", "2022-12-31T02:59", False),
        (1, "2022-12-31T02:00", "2022-12-31T03:00", True),
        # The last one was under a clock that was years ahead.
        (1, "2026-12-31T02:00", "2022-12-31T03:00", True),
        (0, "2026-12-31T02:00", "2022-12-31T03:00", False),
    ],
)
def test_a_fit_is_due_after_enough_decisions_or_in_the_night(new: int, last: str, now: str, due: bool) -> None:
    there = [datetime.fromisoformat(text).replace(tzinfo=SEOUL).astimezone(UTC) for text in (last, now)]
    assert is_fit_due(new, *there, Rhythm(20, 3, SEOUL)) is due


def test_without_a_number_only_the_night_counts() -> None:
    noon = datetime(2022, 12, 31, 12, tzinfo=SEOUL)
    assert not is_fit_due(1000, noon, noon + timedelta(hours=1), Rhythm(0, 3, SEOUL))
    assert is_fit_due(1, noon, noon + timedelta(days=1), Rhythm(0, 3, SEOUL))


# --- versions ---


def test_the_newest_versions_are_kept_beside_the_protected() -> None:
    assert choose_forgotten(["e", "d", "c", "b", "a"], {"c", "a"}, 2) == ["b"]
    assert choose_forgotten(["e", "d"], {"e"}, 0) == ["d"]


def test_changes_between_two_models_are_listed_the_surest_first() -> None:
    posts = [make_post(n) for n in range(3)]
    before = [make_guess(n, topic=CV) for n in range(3)]
    after = [make_guess(0, topic=NLP), make_guess(1, topic=CV), make_guess(2, topic=NLP, sure=0.9)]
    assert [change.post.id for change in list_changes(posts, before, after)] == [2, 0]
    gone = [replace(before[0], out_of_scope=0.9), *before[1:]]
    assert [change.post.id for change in list_changes(posts, before, gone)] == [0]
