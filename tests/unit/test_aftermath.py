"""What counts as taken up after a print, what had buried a post, and which weights that speaks for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aggregator.evaluate.aftermath import (
    DAYS,
    EvidenceKind,
    Later,
    Quarter,
    Said,
    Subject,
    Vote,
    count_voices,
    find_taken_up,
)
from aggregator.evaluate.burial import Burier, average_shares, list_gaps, propose_weights, sum_shares
from aggregator.exceptions import NotFoundError
from aggregator.posts.sequels import Follower
from aggregator.types import Heard, Month, PrintedPost, Weight

PRINTED = datetime(2026, 8, 7, tzinfo=UTC)
URL = "https://blog.northwind.example/batching"
OTHER = "https://lumen.example/survey"


def after(days: float) -> datetime:
    return PRINTED + timedelta(days=days)


def make_subject(url: str = URL, *more: str, title: str = "Continuous Batching", number: int = 1) -> Subject:
    post = PrintedPost(number, title, url, url, Month(2026, 7), after(-20), "Northwind")
    return Subject(post, PRINTED, (url, *more), "northwind")


def make_later(*links: str, url: str = OTHER, days: float = 10, number: int = 50, **changes: Any) -> Later:
    organisation = changes.pop("organisation", "Lumen")
    title = changes.pop("title", "A Survey")
    post = Follower(number, title, url, url, after(days), organisation, links)
    return Later(post, **{"feed_key": "lumen", "article": number} | changes)


def list_signs(
    *later: Later, votes: tuple[Vote, ...] = (), said: tuple[Said, ...] = (), subject: Subject | None = None
):
    return find_taken_up([subject or make_subject()], later, votes, said).get(1, ())


@pytest.mark.parametrize(
    ("later", "counts"),
    [
        (make_later(URL), True),
        (make_later(f"{URL}?utm_source=feed"), True),
        (make_later("https://old.example/batching"), True),
        (make_later("https://blog.northwind.example/other"), False),
        # Only what came after the print, within ninety days.
        (make_later(URL, days=0), False),
        (make_later(URL, days=90), True),
        (make_later(URL, days=90.1), False),
        # Not what the publisher says itself: by its place, a host above or below, its name, its feed.
        (make_later(URL, url="https://blog.northwind.example/best-of"), False),
        (make_later(URL, url="https://northwind.example/news"), False),
        (make_later(URL, url="https://medium.com/northwind/x", organisation="NORTHWIND"), False),
        (make_later(URL, feed_key="northwind"), False),
        (make_later(URL, url="https://southwind.example/news"), True),
        # A copy that names its original.
        (make_later(URL, article=1), False),
    ],
)
def test_a_link_of_somebody_else_after_the_print_counts(later: Later, counts: bool) -> None:
    subject = make_subject(URL, "https://old.example/batching")

    assert [sign.kind for sign in list_signs(later, subject=subject)] == [EvidenceKind.LINK] * counts


def test_who_says_it_twice_counts_once_with_the_first() -> None:
    second, first = make_later(URL, days=20, number=51, title="Again"), make_later(URL, days=10)

    signs = list_signs(
        second, first, make_later(URL, url="https://mina.example/x", organisation="", number=52, days=30)
    )

    assert [(sign.of, sign.post_id) for sign in signs] == [("A Survey", 50), ("A Survey", 52)]
    assert count_voices(signs) == 2


def test_a_copy_of_what_links_says_nothing_more() -> None:
    copy = make_later(URL, url="https://mirror.example/survey", organisation="Mirror", number=51, article=50, days=12)

    assert [sign.post_id for sign in list_signs(copy, make_later(URL))] == [50]


@pytest.mark.parametrize(
    ("vote", "counts"),
    [
        (Vote(URL, "weekly", "Weekly 12", after(5), "https://weekly.example/12"), True),
        (Vote(URL, "weekly", "Weekly 1", after(-5), "https://weekly.example/1"), False),
        (Vote(URL, "northwind", "Our Month", after(5)), False),
        (Vote(URL, "planet", "Our Month", after(5), None, "https://northwind.example/"), False),
    ],
)
def test_a_round_up_counts_unless_it_is_of_the_publisher(vote: Vote, counts: bool) -> None:
    assert [sign.of for sign in list_signs(votes=(vote,))] == [vote.label] * counts


def make_said(
    value: float, first: float = 5, *, name: str = "points", peak: float | None = None, url: str = URL
) -> Said:
    return Said(url, Heard("talk:hackernews", name, value, after(first + 40), None, value, after(first), peak))


@pytest.mark.parametrize(
    ("said", "value"),
    [
        (make_said(300), 300),
        (make_said(2, peak=90), 90),
        # Less than twice of what is usual there.
        (make_said(7), None),
        # It began before the print: what came since is not known.
        (make_said(300, first=-1), None),
        (make_said(300, name="downloads"), None),
    ],
)
def test_talk_counts_that_began_after_the_print_and_is_loud_for_its_place(said: Said, value: float | None) -> None:
    assert [(sign.value, sign.usual, sign.at) for sign in list_signs(said=(said,))] == (
        [(value, 4.0, after(5))] if value else []
    )


def test_what_is_usual_at_a_place_is_what_was_seen_there() -> None:
    others = tuple(make_said(200, url=f"https://other.example/{n}") for n in range(25))

    assert list_signs(said=(make_said(300), *others)) == ()
    assert [sign.usual for sign in list_signs(said=(make_said(401), *others))] == [200]


@pytest.mark.parametrize(("value", "counts"), [(0, False), (1, False), (2, True)])
def test_where_most_posts_have_nothing_little_is_not_loud(value: float, counts: bool) -> None:
    silent = tuple(make_said(0, name="comments", url=f"https://other.example/{n}") for n in range(25))

    signs = list_signs(said=(make_said(value, name="comments"), *silent))

    assert [(sign.value, sign.usual) for sign in signs] == [(value, 1.0)] * counts


def test_a_sequel_counts_if_the_curator_chose_it() -> None:
    subject = make_subject(title="Nightjar 1.0: Vector Search")
    own = {"url": "https://blog.northwind.example/2", "organisation": "Northwind", "title": "Nightjar 2.0: Filters"}

    assert list_signs(make_later(**own), subject=subject) == ()
    (sign,) = list_signs(make_later(**own, is_chosen=True), subject=subject)
    assert (sign.kind, sign.of) == (EvidenceKind.SEQUEL, "Nightjar 2.0: Filters")


@pytest.mark.parametrize(
    ("decision", "is_proposed", "ground", "burier"),
    [
        ("reject", True, "floor", Burier.REJECTED),
        (None, True, "shown", Burier.PASSED_OVER),
        (None, False, "muted", Burier.RULE),
        (None, False, "source", Burier.QUOTA),
        (None, False, "section", Burier.QUOTA),
        (None, False, "scope", Burier.SCOPE),
        (None, False, None, Burier.SCORE),
    ],
)
def test_what_buries_a_post(decision: str | None, is_proposed: bool, ground: str | None, burier: Burier) -> None:
    assert Burier.of(decision, is_proposed=is_proposed, ground=ground) is burier


def test_the_gaps_of_a_post_are_what_spoke_against_it_and_what_it_lacked() -> None:
    printed = [sum_shares([("popularity", 0.6), ("depth", 0.3)]), sum_shares([("popularity", 0.4), ("depth", 0.3)])]
    post = sum_shares([("round-up", -0.5), ("announcement", -0.5), ("depth", 0.2), ("rule 3", -9)])

    gaps = list_gaps(post, average_shares(printed))

    assert gaps == ((Weight.ANNOUNCEMENT, -1.0, 0.0), (Weight.POPULARITY, 0.0, 0.5))


LOW, PLAIN = {Weight.ANNOUNCEMENT: -1.0, Weight.DEPTH: 0.4}, {Weight.DEPTH: 0.1, Weight.TOPIC_FIT: 0.1}
FACTORS = dict.fromkeys(Weight, 1.0)


@pytest.mark.parametrize(
    ("missed", "others", "factors", "proposed"),
    [
        ([LOW] * 5, [PLAIN] * 5, FACTORS, {Weight.ANNOUNCEMENT: 0.8, Weight.DEPTH: 1.25}),
        # Only some of them had it.
        ([LOW] * 2 + [PLAIN] * 3, [PLAIN] * 5, FACTORS, {}),
        # It held back what nobody took up, too.
        ([LOW] * 5, [LOW] * 5, FACTORS, {}),
        # Few say nothing; and what counts nothing stays so, and nothing goes above what the settings take.
        ([LOW] * 4, [PLAIN] * 5, FACTORS, {}),
        ([LOW] * 5, [PLAIN] * 4, FACTORS, {}),
        ([LOW] * 5, [PLAIN] * 5, {Weight.ANNOUNCEMENT: 0.0, Weight.DEPTH: 9.0}, {Weight.DEPTH: 10.0}),
        # A step that changes nothing.
        ([LOW] * 5, [PLAIN] * 5, {Weight.ANNOUNCEMENT: 0.01, Weight.DEPTH: 10.0}, {}),
    ],
)
def test_weights_are_proposed_by_what_was_taken_up_and_what_was_not(
    missed: list[dict[Weight, float]],
    others: list[dict[Weight, float]],
    factors: dict[Weight, float],
    proposed: dict[Weight, float],
) -> None:
    assert {one.weight: one.proposed for one in propose_weights(missed, others, factors)} == proposed


def test_a_quarter_is_three_months() -> None:
    assert Quarter.parse("2026-q3").months == (Month(2026, 7), Month(2026, 8), Month(2026, 9))
    assert {Quarter.of(month) for month in Quarter(2026, 3).months} == {Quarter.parse("2026-Q3")}
    for text in ("2026-07", "2026-Q5", "0000-Q1", "Q3"):
        with pytest.raises(NotFoundError, match="write it as 2026-Q3"):
            Quarter.parse(text)
    assert timedelta(days=90) == DAYS
