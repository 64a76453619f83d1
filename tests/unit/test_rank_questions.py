"""Which unsure posts the curator is asked about first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from aggregator.rank.questions import order_questions
from aggregator.shipped import SHIPPED
from aggregator.types import Candidate, Correction, Decision, Month, Question, Verdict
from titles import number_titles
from world import NOW, make_candidate, make_guess, make_post


def _candidate(number: int, title: str, sure: float = 0.6, out: float = 0.1, **changes: Any) -> Candidate:
    """Sure of part and topic each; of the section less."""
    guess = make_guess(number, sure=sure, out=out)
    return make_candidate(number, guess=guess, post=make_post(number, title=title), **changes)


def _ask(candidates: Sequence[Candidate]) -> dict[int, Question]:
    return order_questions(candidates, list(number_titles(candidates).values()))


QUOKKA = "Quokka burrow sensors hum"
WOMBAT = "Wombat tunnel drones map"
TITLES = (f"{QUOKKA} today", f"{QUOKKA} tonight", f"{QUOKKA} again", f"{WOMBAT} one", f"{WOMBAT} two", "Plain tea")


@pytest.mark.parametrize(
    ("sure", "order", "alike"),
    [
        # Of equally unsure ones the largest group comes first, then the next one, and what is left last.
        ((0.6,) * 6, [1, 4, 6, 2, 3, 5], [2, 2, 2, 1, 1, 0]),
        # How unsure a post is counts too.
        ((0.6, 0.6, 0.6, 0.3, 0.7, 0.7), [4, 1, 6, 2, 3, 5], [2, 2, 2, 1, 1, 0]),
        # Posts that are sure are not asked about, and yet are those that an answer tells of.
        ((0.9, 0.6, 0.9, 0.9, 0.9, 0.6), [2, 6], [2, 0]),
        ((0.9,) * 6, [], []),
    ],
)
def test_what_tells_most_of_others_is_asked_first(sure: Sequence[float], order: list[int], alike: list[int]) -> None:
    found = _ask([_candidate(n, title, one) for n, (title, one) in enumerate(zip(TITLES, sure, strict=True), 1)])
    assert sorted(found, key=lambda number: found[number].place) == order
    assert sorted(found[number].place for number in found) == list(range(1, len(order) + 1))
    assert [found[number].alike for number in sorted(found)] == alike


@pytest.mark.parametrize(
    ("changes", "is_asked"),
    [
        ({}, True),
        ({"verdict": Verdict(1, Decision.HOLD, "curator", NOW)}, False),
        ({"printed_in": Month(2022, 12)}, False),
        ({"correction": Correction(1, "curator", NOW, section=SHIPPED.parse_section("1.1"))}, False),
        ({"correction": Correction(1, "curator", NOW, title="Another")}, True),
    ],
)
def test_what_somebody_has_said_is_not_asked(changes: dict[str, Any], is_asked: bool) -> None:
    assert (1 in _ask([_candidate(1, TITLES[0], **changes)])) is is_asked


def test_posts_out_of_scope_are_not_asked_about_and_those_decided_are_not_counted() -> None:
    first, other = _candidate(1, TITLES[0]), _candidate(2, TITLES[1], out=0.9)
    decided = replace(_candidate(3, TITLES[2]), verdict=Verdict(3, Decision.APPROVE, "curator", NOW))
    assert _ask([first, other, decided]) == {1: Question(1, 1)}


def test_posts_without_a_guess_or_words_are_no_hindrance() -> None:
    candidates = [_candidate(1, ""), _candidate(2, ""), make_candidate(3, guess=None)]
    assert _ask(candidates) == {1: Question(1, 0), 2: Question(2, 0)}
    assert order_questions([], []) == {}
