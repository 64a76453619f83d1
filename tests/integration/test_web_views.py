"""The pure parts of the page: words, filters and the way through a list, without HTTP."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator import words
from aggregator.config import SHIPPED_TEXTS
from aggregator.locales import speaking
from aggregator.shipped import SHIPPED
from aggregator.storage.narrowing import NO_FEED
from aggregator.storage.outlines import Outline
from aggregator.types import (
    Candidate,
    DateSource,
    Decision,
    DigestState,
    Month,
    MonthPlan,
    Post,
    Quotas,
    Reason,
    Score,
    Verdict,
)
from aggregator.web.pane.view import build_post, build_shares
from aggregator.web.paths import find_local_path
from aggregator.web.queue.filter import Order, QueueFilter, Show, find_filter, is_shown, read_filter
from aggregator.web.queue.month import build_standing
from aggregator.web.queue.row import pick_marks
from aggregator.web.queue.view import PAGE, cut_window, find_next, find_opened, list_months, measure_progress
from aggregator.words.dates import say_dated
from aggregator.words.sections import name_sections
from aggregator.words.shares import say_evidence
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
        post.published_at,
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
        has_code=st.booleans(),
        order=st.sampled_from(Order),
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
    show, order = data.draw(st.sampled_from([Show.ALL, Show.UNDECIDED])), data.draw(st.sampled_from(Order))
    chosen = QueueFilter(MONTH, show=show, order=order)
    seen: list[int] = []
    turned: QueueFilter | None = chosen
    while turned:
        window = cut_window(outlines, turned)
        assert len(window.post_ids) <= PAGE
        seen += window.post_ids
        turned = window.later

    wanted = [one.post_id for one in outlines if is_shown(one, chosen.show)]
    assert seen == wanted


# --- the open post ---


def _outlines(states: str) -> list[Outline]:
    """Posts from number 1 on: ``u``, ``a``, ``h`` and ``r`` for undecided, approved, held and rejected ones."""
    known = {"u": None, "a": Decision.APPROVE, "h": Decision.HOLD, "r": Decision.REJECT}
    return [_outline(_place(number, known[state])) for number, state in enumerate(states, 1)]


@pytest.mark.parametrize(
    ("states", "show", "decided", "following"),
    [
        ("auuu", Show.ALL, 1, 2),
        ("uaau", Show.ALL, 2, 4),
        ("uuaa", Show.ALL, 4, 1),
        ("uauu", Show.UNDECIDED, 2, 3),
        ("aaaa", Show.ALL, 2, None),
        ("aaua", Show.ALL, 3, None),
        ("uhah", Show.ALL, 2, 1),
        ("uhah", Show.HELD, 2, 4),
        ("uhau", Show.HELD, 2, None),
        ("auru", Show.ALL, None, 2),
        ("auru", Show.ALL, 99, 2),
    ],
)
def test_the_next_post_to_decide_is_the_next_below_or_the_first(
    states: str, show: Show, decided: int | None, following: int | None
) -> None:
    outlines = _outlines(states)
    window = cut_window(outlines, QueueFilter(MONTH, show=show, done=(decided,) if decided else ()))

    assert find_next(outlines, window, decided, show) == following


def test_the_next_post_is_one_of_the_page() -> None:
    outlines = _outlines("u" * PAGE + "uu")
    window = cut_window(outlines, QueueFilter(MONTH, show=Show.ALL, done=(PAGE,)))

    assert find_next(outlines, window, PAGE, Show.ALL) == 1


@pytest.mark.parametrize(
    ("states", "asked", "opened"),
    [
        ("auu", {}, 2),
        ("aar", {}, 1),
        ("", {}, None),
        ("auu", {"opened": 3}, 3),
        ("auu", {"opened": 1}, 1),
        ("auu", {"done": (1,)}, 1),
        ("auu", {"done": (1,), "opened": 3}, 3),
        ("auu", {"opened": 99}, 2),
        ("auu", {"show": Show.REJECTED}, None),
        ("auu", {"show": Show.REJECTED, "opened": 2}, 2),
    ],
)
def test_the_open_post_is_the_one_asked_for_or_the_first_to_decide(
    states: str, asked: dict[str, Any], opened: int | None
) -> None:
    outlines = _outlines(states)
    chosen = QueueFilter(MONTH, **{"show": Show.ALL, **asked})

    assert find_opened(outlines, cut_window(outlines, chosen), chosen) == opened
    assert chosen.is_reading is bool({"opened", "done"} & {*asked})


# --- where a month stands ---

# What is decided of two proposals and one other post, the day, the digest, the day of printing; the current stage, and
# what the stages say.
STANDINGS = {
    "collecting": ("auu", date(2022, 12, 10), None, 5, "Collecting", [
        ("Collecting", "3 posts so far", 32), ("Review", "1 of 2 decided", 50), ("Draft", "1 line", 100),
        ("Prints 5 Jan, 09:00", "when 0 are undecided, now 1", 0)]),
    "not begun": ("", date(2022, 11, 30), None, 5, "Collecting", [
        ("Collecting", "0 posts so far", 0), ("Review", "0 of 0 decided", 0), ("Draft", "0 lines", 0),
        ("Prints 5 Jan, 09:00", "when 0 are undecided, now 0", 0)]),
    "review": ("auu", date(2023, 1, 1), DigestState.DRAFT, 7, "Review", [
        ("Collected", "3 posts, until 31 Dec", 100), ("Review", "1 of 2 decided", 50), ("Draft", "1 line", 100),
        ("Prints 7 Jan, 09:00", "when 0 are undecided, now 1", 0)]),
    "all decided": ("rhu", date(2023, 1, 1), DigestState.DRAFT, 5, "Prints 5 Jan, 09:00", [
        ("Collected", "3 posts, until 31 Dec", 100), ("Review", "2 of 2 decided", 100), ("Draft", "0 lines", 0),
        ("Prints 5 Jan, 09:00", "when 0 are undecided, now 0", 0)]),
    "printed": ("aua", date(2023, 1, 5), DigestState.PRINTED, 5, "Printed", [
        ("Collected", "3 posts, until 31 Dec", 100), ("Review", "1 of 2 decided", 50), ("Draft", "2 lines", 100),
        ("Printed", "and frozen", 100)]),
    "read": ("auu", date(2023, 1, 5), DigestState.READ, 5, "Published", [
        ("Collected", "3 posts, until 31 Dec", 100), ("Review", "1 of 2 decided", 50), ("Draft", "1 line", 100),
        ("Published", "and read", 100)]),
    "by hand": ("aau", date(2023, 1, 5), DigestState.DRAFT, 0, "Print", [
        ("Collected", "3 posts, until 31 Dec", 100), ("Review", "2 of 2 decided", 100), ("Draft", "2 lines", 100),
        ("Print", "by hand; 0 are undecided", 0)]),
}  # fmt: skip


@pytest.mark.parametrize("case", STANDINGS)
def test_a_month_says_where_it_stands(case: str) -> None:
    states, today, digest, print_day, current, said = STANDINGS[case]
    proposed = [one._replace(is_shortlisted=one.post_id <= 2) for one in _outlines(states)]
    muted = _outlines("u")[0]._replace(post_id=9, is_shortlisted=True, is_muted=True)

    due = datetime(2023, 1, print_day, 9, tzinfo=SEOUL) if print_day else None
    now = datetime.combine(today, time(12), SEOUL)

    standing = build_standing([*proposed, muted], QueueFilter(MONTH), digest, MonthPlan(), due, now)

    assert [(stage.name, stage.said, stage.done) for stage in standing.stages] == said
    assert [stage.name for stage in standing.stages if stage.is_current] == [current]


def test_the_last_month_of_the_calendar_stands_somewhere() -> None:
    now = datetime(2023, 1, 1, tzinfo=SEOUL)
    standing = build_standing([], QueueFilter(Month(9999, 12)), None, MonthPlan(), None, now)

    assert standing.stages[-1].name == "Print"


def test_a_closed_month_waits_for_nothing_and_a_late_print_says_its_day() -> None:
    now = datetime(2023, 1, 1, tzinfo=SEOUL)
    plan = MonthPlan(wait_until=datetime(2023, 1, 9, tzinfo=UTC), is_closed=True)
    standing = build_standing(_outlines("auu"), QueueFilter(MONTH), None, plan, plan.wait_until, now)

    assert (standing.stages[-1].name, standing.stages[-1].said) == ("Prints 9 Jan, 09:00", "closed")


def test_sections_are_told_against_their_quotas_if_the_month_was_ranked() -> None:
    section, other = SHIPPED.parse_section("2.4"), SHIPPED.parse_section("1.2")
    outlines = [one._replace(section=section, is_shortlisted=True) for one in _outlines("auu")]
    quotas = Quotas(size=30, per_section=5, sections={section: 4, other: 2})

    standing = build_standing(
        outlines, QueueFilter(MONTH), None, MonthPlan(), None, datetime(2023, 1, 1, tzinfo=SEOUL), quotas=quotas
    )

    [quota] = standing.groups[0].quotas
    assert (quota.approved, quota.proposed, quota.most, quota.done) == (1, 3, 4, 25)
    assert quota.said == "2.4 MLOps: 1 approved of 3 proposed, at most 4"
    assert standing.most == 30


def test_sections_stand_by_part_with_what_is_approved_of_what_was_proposed() -> None:
    sections = [SHIPPED.parse_section(text) for text in ("2.4", "2.4", "1.2", "2.1", "3.4")]
    outlines = [
        one._replace(section=section, is_shortlisted=one.post_id != 4)
        for one, section in zip(_outlines("auuar"), sections, strict=True)
    ]
    chosen = QueueFilter(MONTH, show=Show.ALL, section=sections[2])

    standing = build_standing(outlines, chosen, None, MonthPlan(), None, datetime(2023, 1, 1, tzinfo=SEOUL))

    assert [
        (group.name, [(one.name, one.approved, one.proposed, one.done) for one in group.quotas])
        for group in standing.groups
    ] == [
        ("Research", [("NLP", 0, 1, 0)]),
        ("Business", [("CV", 1, 0, 100), ("MLOps", 1, 2, 50)]),
        ("AWS", [("MLOps", 0, 1, 0)]),
    ]
    assert (standing.approved, standing.most) == (2, 4)
    # A section leads to its posts, and the one that is chosen back to all.
    paths = [(one.path, one.is_chosen) for group in standing.groups[:2] for one in group.quotas]
    assert paths[:2] == [(f"/queue/{MONTH}?show=all", True), (f"/queue/{MONTH}?show=all&section=2.1", False)]


# --- reasons ---


@pytest.mark.parametrize(
    ("shares", "marks"),
    [
        ([], []),
        ([0.0], []),
        ([0.1, 0.9, -1.5, 0.5], [("1", 17, True), ("3", 10, True), ("2", 29, False)]),
        ([-0.1, -0.4], [("1", 29, False), ("0", 7, False)]),
        ([3.0, 0.01], [("0", 29, True), ("1", 4, True)]),
    ],
)
def test_the_three_strongest_reasons_are_marked_those_for_the_post_first(
    shares: list[float], marks: list[tuple[str, int, bool]]
) -> None:
    reasons = [Reason(str(number), share) for number, share in enumerate(shares)]

    assert [(mark.name, mark.width, mark.speaks_for) for mark in pick_marks(reasons)] == marks


@given(st.lists(st.integers(-500, 500).map(lambda hundredths: hundredths / 100), min_size=1, max_size=12))
def test_the_bars_of_a_score_lie_end_to_end(shares: list[float]) -> None:
    bars = build_shares([Reason(str(number), share) for number, share in enumerate(shares)])

    assert sorted(int(bar.name) for bar in bars) == list(range(len(shares)))
    assert [shares[int(bar.name)] for bar in bars] == sorted(shares, reverse=True)
    assert all(bar.start >= 0 and bar.start + bar.width <= 100.02 for bar in bars)
    begins = [bar.start if bar.speaks_for else bar.start + bar.width for bar in bars]
    ends = [bar.start + bar.width if bar.speaks_for else bar.start for bar in bars]
    assert begins[1:] == pytest.approx(ends[:-1], abs=0.02)
    # The same share is equally wide everywhere, and the widest sum fills the width.
    assert {bar.width for bar in bars if not shares[int(bar.name)]} <= {0}
    assert max(*begins, *ends) - min(*begins, *ends) == pytest.approx(100 if any(shares) else 0, abs=0.02)


# --- progress ---


def test_the_progress_of_a_month_counts_its_states() -> None:
    candidates = [
        _place(1, Decision.APPROVE, shortlisted=True),
        _place(2, Decision.REJECT),
        _place(3, shortlisted=True),
    ]

    progress = measure_progress([_outline(candidate) for candidate in candidates])

    counts = {state: progress.count(state) for state in ("approved", "held", "rejected", "undecided")}
    assert counts == {"approved": 1, "held": 0, "rejected": 1, "undecided": 1}
    assert progress.total == 3
    assert (progress.shortlisted, progress.shortlisted_left) == (2, 1)


def test_the_progress_of_nothing_is_nothing() -> None:
    assert measure_progress([]).total == 0


def test_a_month_without_posts_stands_between_its_neighbours() -> None:
    listed = [Month(2022, 12), Month(2022, 8), Month(2012, 1)]
    months = list_months(listed, {Month(2022, 12): 9, Month(2022, 8): 4}, QueueFilter(Month(2022, 10)))

    assert months.earlier
    assert months.later
    assert (months.earlier.month, months.later.month) == (Month(2022, 8), Month(2022, 12))
    assert [link.count for link in months.links] == [9, 0, 4, None]


def test_a_post_without_a_safe_address_has_no_link() -> None:
    candidate = _place(1)
    hostile = Candidate(Post(**{**_fields(candidate.post), "url": "javascript:alert(1)", "title": ""}))

    shown = build_post(hostile, name_sections(SHIPPED_TEXTS), SEOUL)

    assert shown.url is None


def test_a_detail_does_not_repeat_the_name_of_its_reason() -> None:
    scored = Score(1, (Reason("out of scope", -1.5, "out of scope 88%"), Reason("depth", 0.1, "200 words")))
    shown = build_post(Candidate(_place(1).post, score=scored), name_sections(SHIPPED_TEXTS), SEOUL)

    assert [(share.name, share.detail) for share in shown.shares] == [("depth", "200 words"), ("out of scope", "88%")]


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (Reason("depth", 0.4, "long read: 2,400 words, 1 picture"), "긴 글: 단어 2,400개, 그림 1개"),
        (Reason("popularity", 0.4, "12 points, 3 links elsewhere"), "12점, 다른 곳의 링크 3개"),
        (Reason("printed subject", 0.2, "near “What “Near” Means”"), "“What “Near” Means” 줄과 가까움"),
        (Reason("business case", 0.5, "in part AWS with a probability of 95%"), "AWS 부일 확률 95%"),
        (Reason("source", 0.5, "3 of about 40 posts printed"), "글 약 40건 중 3건 발행"),
        (
            Reason("sponsored", -1.0, "3 of 4 links carry a campaign of a.example"),
            "링크 4개 중 3개가 a.example의 캠페인",
        ),
        (Reason("rule 3", 1.0, "words “hiring”"), "제목의 단어 “hiring”"),
        (Reason("words", 0.3, "data points, gpu"), "data points, gpu"),
        (Reason("sponsored", -1.0, "of an older version"), "of an older version"),
    ],
)
def test_evidence_that_is_stored_in_english_is_said_in_the_language_of_the_reader(reason: Reason, said: str) -> None:
    assert say_evidence(reason) == reason.detail
    with speaking("ko"):
        assert say_evidence(reason) == said


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
