"""What a verdict may do, and how it is undone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.exceptions import ReviewError
from aggregator.review.corrections import clean_correction
from aggregator.review.verdicts import decide_undo, decide_verdict, find_in_force, find_last_to_undo
from aggregator.types import Correction, Decision, Verdict
from world import NOW, make_candidate


def test_an_approval_names_who_and_when() -> None:
    verdict = decide_verdict(make_candidate(), Decision.APPROVE, by="mina", at=NOW)
    assert verdict == Verdict(post_id=1, decision=Decision.APPROVE, by="mina", at=NOW)


@pytest.mark.parametrize("reason", [None, "", "  "])
def test_a_rejection_needs_a_reason(reason: str | None) -> None:
    with pytest.raises(ReviewError, match="needs a reason") as caught:
        decide_verdict(make_candidate(), Decision.REJECT, by="mina", at=NOW, reason=reason)
    assert (caught.value.post_id, caught.value.verdict) == (1, "reject")


def test_an_approval_needs_a_section() -> None:
    with pytest.raises(ReviewError, match="has no section yet"):
        decide_verdict(make_candidate(guess=None), Decision.APPROVE, by="mina", at=NOW)


def test_what_the_curator_types_is_composed_and_its_note_kept_byte_for_byte() -> None:
    hangul = "\u1112\u1161\u1102\u1173\u11af"
    typed = Correction(
        1, "mina", NOW, title=f"\u200b{hangul}  *x*", organisation=f"{hangul}\u202e", note=f"{hangul}\u202e"
    )
    cleaned = clean_correction(typed)
    assert (cleaned.title, cleaned.organisation, cleaned.note) == ("하늘  *x*", "하늘", hangul)
    assert clean_correction(Correction(1, "mina", NOW, organisation="")) == Correction(1, "mina", NOW, organisation="")


def test_saying_the_same_again_adds_nothing() -> None:
    approved = Verdict(1, Decision.APPROVE, "mina", NOW, id=7)
    assert decide_verdict(make_candidate(verdict=approved), Decision.APPROVE, by="mina", at=NOW) is None
    rejected = Verdict(1, Decision.REJECT, "mina", NOW, reason="shallow", id=8)
    assert decide_verdict(make_candidate(verdict=rejected), Decision.REJECT, by="m", at=NOW, reason="off topic")


def test_undo_goes_back_verdict_by_verdict() -> None:
    history = [Verdict(1, Decision.HOLD, "mina", NOW, id=1), Verdict(1, Decision.APPROVE, "mina", NOW, id=2)]
    history.append(_numbered(decide_undo(history, by="mina", at=NOW), 3))
    assert find_in_force(history) == history[0]
    history.append(_numbered(decide_undo(history, by="mina", at=NOW), 4))
    assert find_in_force(history) is None
    with pytest.raises(ReviewError, match="no verdict to undo"):
        decide_undo(history, by="mina", at=NOW)


def test_the_last_verdict_of_all_is_found_past_undone_ones() -> None:
    latest = [
        Verdict(3, Decision.APPROVE, "digest 2023-01", NOW, id=4),
        Verdict(2, Decision.UNDO, "mina", NOW, undoes=2, id=3),
        Verdict(2, Decision.REJECT, "mina", NOW, reason="x", id=2),
        Verdict(1, Decision.HOLD, "mina", NOW, id=1),
    ]
    assert find_last_to_undo(latest, by="mina") == latest[3]
    assert find_last_to_undo(latest[:3], by="mina") is None


@given(st.lists(st.sampled_from([Decision.APPROVE, Decision.REJECT, Decision.HOLD, Decision.UNDO]), max_size=20))
def test_undo_is_a_stack(said: list[Decision]) -> None:
    history: list[Verdict] = []
    stack: list[int] = []
    for decision in said:
        number = len(history) + 1
        if decision is Decision.UNDO:
            if not stack:
                continue
            history.append(_numbered(decide_undo(history, by="m", at=NOW), number))
            stack.pop()
        else:
            history.append(Verdict(1, decision, "m", NOW, reason="r", id=number))
            stack.append(number)
        in_force = find_in_force(history)
        assert (in_force.id if in_force else None) == (stack[-1] if stack else None)


def _numbered(verdict: Verdict, number: int) -> Verdict:
    from dataclasses import replace

    return replace(verdict, id=number)
