"""What a verdict may do, and how it is undone."""

from __future__ import annotations

import pytest

from aggregator.exceptions import ReviewError
from aggregator.review.corrections import clean_correction
from aggregator.review.verdicts import decide_verdict
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
