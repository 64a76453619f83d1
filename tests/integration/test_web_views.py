"""The pure parts of the page: words, filters and the way through a list, without HTTP."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator import words
from aggregator.config import SHIPPED_TEXTS
from aggregator.shipped import SHIPPED
from aggregator.storage.narrowing import NO_FEED
from aggregator.storage.outlines import Outline
from aggregator.types import Candidate, DateSource, Decision, Month, Post, Reason, Score, Verdict
from aggregator.web.pane.view import build_post
from aggregator.web.paths import find_local_path
from aggregator.web.queue.filter import QueueFilter, Show, find_filter, is_shown, read_filter
from aggregator.web.queue.view import PAGE, cut_window, list_months, measure_progress
from aggregator.words.dates import say_dated
from aggregator.words.sections import name_sections
from world import MONTH, NOW, make_post

SEOUL = ZoneInfo("Asia/Seoul")


def _place(number: int, decision: Decision | None = None, *, shortlisted: bool = False) -> Candidate:
    post = make_post(number, title=f"Post {number}", language="en", feed_key=None, organisation=None, kind=None)
    verdict = Verdict(number, decision, "curator", NOW) if decision else None
    return Candidate(post, verdict=verdict, score=Score(number, (), number, shortlisted))


def _outline(candidate: Candidate) -> Outline:
    post = candidate.post
    return Outline(
        post.id,
        None,
        NO_FEED,
        "",
        post.language,
        candidate.state,
        candidate.is_shortlisted,
        is_sampled=candidate.is_sampled,
    )


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "just now"),
        (20, "just now"),
        (60, "in 1 minute"),
        (3599, "in 1 hour"),
        (-60 * 119, "1 hour ago"),
        (-60 * 60 * 24 * 3, "3 days ago"),
    ],
)
def test_distances_are_said_as_a_person_would(seconds: int, said: str) -> None:
    assert words.distance(NOW + timedelta(seconds=seconds), NOW) == said


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (DateSource.PUBLISHED, "1 Jan 2023"),
        (DateSource.UPDATED, "updated 1 Jan 2023"),
        (DateSource.FIRST_SEEN, "first seen 1 Jan 2023"),
        (DateSource.DIGEST, "Jan 2023"),
        (DateSource.CURATOR, "Jan 2023"),
        (DateSource.URL, "1 Jan 2023, by its address"),
    ],
)
def test_a_date_is_said_with_its_source_on_the_curators_calendar(source: DateSource, said: str) -> None:
    new_year = make_post(published_at=NOW + timedelta(hours=4), published_from=source)
    assert say_dated(new_year, SEOUL) == said


def test_shares_have_a_sign_and_a_real_minus() -> None:
    assert [words.signed(share) for share in (0.624, -0.4, 1)] == ["+0.62", "−0.40", "+1.00"]


@given(
    st.builds(
        QueueFilter,
        month=st.builds(Month, st.integers(1, 9999), st.integers(1, 12)),
        show=st.sampled_from(Show),
        section=st.none() | st.sampled_from(SHIPPED.sections),
        source=st.sampled_from(["", NO_FEED, "aws-ml"]),
        language=st.sampled_from(["", "ko", "en"]),
        words=st.sampled_from(["", "추천 시스템", "a&b=c#d", "100% + more", "?"]),
        after=st.none() | st.integers(1, 10**12),
    )
)
def test_the_address_of_a_filter_reads_back_as_the_filter(chosen: QueueFilter) -> None:
    assert find_local_path(chosen.path) == chosen.path
    assert find_filter(chosen.path, SHIPPED) == chosen


@given(st.text())
def test_no_text_becomes_a_way_out(text: str) -> None:
    path = find_local_path(text)

    assert path is None or (path.startswith("/") and not path.startswith(("//", "/\\")))


@pytest.mark.parametrize("path", [None, "", "/", "/feeds", "/queue/", "/queue/x", "/digest/2022-12"])
def test_a_path_that_is_no_queue_has_no_filter(path: str | None) -> None:
    assert find_filter(path, SHIPPED) is None


@given(st.lists(st.sampled_from([None, Decision.APPROVE, Decision.REJECT]), max_size=230), st.data())
def test_turning_the_pages_shows_every_post_once(decisions: list[Decision | None], data: st.DataObject) -> None:
    outlines = [_outline(_place(n, decision)) for n, decision in enumerate(decisions, 1)]
    chosen = QueueFilter(MONTH, show=data.draw(st.sampled_from([Show.ALL, Show.UNDECIDED])))
    seen: list[int] = []
    turned: QueueFilter | None = chosen
    while turned:
        window = cut_window(outlines, turned)
        assert len(window.post_ids) <= PAGE
        seen += window.post_ids
        turned = window.later

    wanted = [one.post_id for one in outlines if is_shown(one, chosen.show)]
    assert seen == wanted


def test_progress_fills_the_bar() -> None:
    candidates = [
        _place(1, Decision.APPROVE, shortlisted=True),
        _place(2, Decision.REJECT),
        _place(3, shortlisted=True),
    ]

    progress = measure_progress([_outline(candidate) for candidate in candidates])

    assert [(s.state, s.count) for s in progress.segments] == [
        ("approved", 1), ("held", 0), ("rejected", 1), ("undecided", 1)
    ]  # fmt: skip
    assert sum(s.width for s in progress.segments) == pytest.approx(100, abs=0.01)
    assert (progress.shortlisted, progress.shortlisted_left) == (2, 1)


def test_the_progress_of_nothing_is_nothing() -> None:
    assert measure_progress([]).total == 0


def test_a_month_without_posts_stands_between_its_neighbours() -> None:
    months = list_months({Month(2022, 12): 9, Month(2022, 8): 4}, QueueFilter(Month(2022, 10)))

    assert months.earlier
    assert months.later
    assert (months.earlier.month, months.later.month) == (Month(2022, 8), Month(2022, 12))
    assert [link.count for link in months.links] == [9, 0, 4]


def test_a_post_without_a_safe_address_has_no_link() -> None:
    candidate = _place(1)
    hostile = Candidate(Post(**{**_fields(candidate.post), "url": "javascript:alert(1)", "title": ""}))

    shown = build_post(hostile, name_sections(SHIPPED_TEXTS), SEOUL)

    assert shown.url is None


def test_a_detail_does_not_repeat_the_name_of_its_reason() -> None:
    scored = Score(1, (Reason("out of scope", -1.5, "out of scope 88%"), Reason("depth", 0.1, "200 words")))
    shown = build_post(Candidate(_place(1).post, score=scored), name_sections(SHIPPED_TEXTS), SEOUL)

    assert [(share.name, share.detail) for share in shown.shares] == [("depth", "200 words"), ("out of scope", "88%")]


def test_the_sections_of_a_form_are_all_twelve_by_part() -> None:
    groups = name_sections(SHIPPED_TEXTS).groups

    assert [value for _, sections in groups for value, _ in sections] == [str(s) for s in SHIPPED.sections]
    assert groups[1][0] == "2. Business Cases and Implementations"
    assert groups[1][1][3] == ("2.4", "2.4 Training, Inference and MLOps")


def _fields(post: Post) -> dict[str, object]:
    return {name: getattr(post, name) for name in Post.__slots__}


def test_an_unreadable_filter_is_the_default_one() -> None:
    query = {"show": "x", "section": "7.7", "after": "١", "done": "9" * 30}

    assert read_filter(MONTH, query, SHIPPED) == QueueFilter(MONTH)
