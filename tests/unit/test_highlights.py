"""Highlights: who may be one, how they are printed, and that a page with them is read, merged and checked."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import ValidationError

from aggregator.config import Settings
from aggregator.digest.compose import compose_digest
from aggregator.digest.lint import Known, lint_page
from aggregator.digest.merge import merge_digest
from aggregator.digest.read import read_digest
from aggregator.digest.render import render_digest, render_line
from aggregator.exceptions import ReviewError
from aggregator.review.highlights import check_star
from aggregator.types import Candidate, Correction, Decision, Digest, Line, Month, Section, Texts, Verdict
from world import NOW, make_candidate, make_post
from world.sections import BUSINESS, CV, MLOPS, RESEARCH

PLACE = Section(RESEARCH, CV)


def texts(place: str = "none", **more: object) -> Texts:
    return Settings(digest={"highlight_place": place, **more}).merge_texts(None)


def post(number: int, title: str, *, month: int = 10, is_starred: bool = False, decision: str = "approve") -> Candidate:
    url = f"https://a.example/{number}"
    made = make_post(number, url=url, canonical_url=url, title=title)
    correction = Correction(number, "mina", NOW, section=PLACE, month=Month(2026, month), organisation="")
    return make_candidate(
        number,
        post=made,
        correction=replace(correction, star=is_starred or None),
        verdict=Verdict(number, Decision(decision), "mina", NOW),
    )


APPROVED = [post(1, "Alpha"), post(2, "Beta", is_starred=True), post(3, "Newer", month=11)]
PLAIN = "* [Newer (Nov 2026)](https://a.example/3)\n* [Alpha (Oct 2026)](https://a.example/1)\n"
BETA = "* [Beta (Oct 2026)](https://a.example/2)\n"

#: How highlights are printed, and the lines of the page then.
PAGES = {
    "like other lines": ("none", PLAIN + BETA),
    "with a mark": ("mark", PLAIN + BETA.replace("[", "[⭐ ")),
    "before those of their month": ("first", PLAIN.replace("* [A", BETA.replace("[", "[⭐ ") + "* [A")),
}


@pytest.mark.parametrize("case", PAGES)
def test_a_page_with_highlights_is_printed_read_merged_and_checked(case: str) -> None:
    place, lines = PAGES[case]
    known = texts(place)
    digest = compose_digest(APPROVED, known)
    page = render_digest(digest)
    assert page.endswith(f"### 1.1. CV\n{lines}")

    read = read_digest(page, known)
    is_marked = place != "none"
    assert read.remarks == ()
    assert [line.title for line in read.digest.lines if line.is_highlight] == (["Beta"] if is_marked else [])
    assert read.digest.lines == tuple(line.as_printed for line in digest.lines)
    assert render_digest(read.digest) == page

    first = Digest(known, tuple(line for line in digest.lines if not line.is_highlight))
    assert merge_digest(render_digest(first), digest, first).text == page
    assert merge_digest(page, digest, digest).edits == ()
    assert lint_page(page, known, Known(Month(2026, 11))) == []


def test_a_star_that_is_given_after_the_line_was_merged_changes_that_line_alone() -> None:
    known = texts("mark")
    before = Digest(known, tuple(replace(line, star=None) for line in compose_digest(APPROVED, known).lines))
    (edit,) = merge_digest(render_digest(before), compose_digest(APPROVED, known), before).edits
    assert edit.lines == ("* [⭐ Beta (Oct 2026)](https://a.example/2)",)


def test_a_star_that_is_not_printed_is_no_difference_to_a_line_edited_by_hand() -> None:
    known = texts()
    now = compose_digest(APPROVED, known)
    before = Digest(known, tuple(replace(line, star=None) for line in now.lines))
    page = render_digest(before).replace("Beta", "Beta, by hand")
    assert merge_digest(page, now, before).remarks == ()


#: What stands before the title on a page, and whether it is read as a star.
MARKS = {"⭐ ": True, "⭐": True, "⭐\ufe0f ": True, "★ ": False, "": False, "**⭐** ": False}


@pytest.mark.parametrize("before", MARKS)
def test_a_mark_is_read_however_its_space_is_typed(before: str) -> None:
    page = f"## 1. Research\n### 1.1. CV\n* [{before}Beta (Oct 2026)](https://a.example/2)\n"
    (line,) = read_digest(page, texts()).digest.lines
    assert (line.is_highlight, line.title) == ((True, "Beta") if MARKS[before] else (False, f"{before}Beta"))


def test_a_title_that_is_only_the_mark_stays_a_title() -> None:
    page = "## 1. Research\n### 1.1. CV\n* [⭐ (Oct 2026)](https://a.example/2)\n"
    read = read_digest(page, texts("mark"))
    assert [(line.title, line.star) for line in read.digest.lines] == [("⭐", None)]
    assert render_digest(read.digest).endswith(page.partition("\n")[2])


def test_the_settings_choose_the_mark_and_switch_all_off() -> None:
    (starred,) = [line for line in compose_digest(APPROVED, texts("mark", highlight_mark="★")).lines if line.star]
    assert render_line(starred).startswith("* [★ Beta")
    assert texts("mark", highlights=0).style.star == ""
    # As phones write it.
    page = render_digest(compose_digest(APPROVED, texts("mark", highlight_mark="⭐\ufe0f")))
    for each in (page, page.replace("\ufe0f", "")):
        read = read_digest(each, texts("mark", highlight_mark="⭐\ufe0f"))
        assert [line.title for line in read.digest.lines if line.is_highlight] == ["Beta"]


@pytest.mark.parametrize("mark", ["", "top", "별", "*", "[", "⭐ ", "<b>", "⭐" * 9])
def test_a_mark_that_could_be_taken_for_a_title_or_markup_is_refused(mark: str) -> None:
    with pytest.raises(ValidationError, match="highlight_mark"):
        Settings(digest={"highlight_mark": mark})


#: The post, the highlights that its month has, how many it may have, and why it cannot be one.
REFUSED = {
    "rejected": (post(1, "Alpha", is_starred=True, decision="reject"), [], 5, "“Alpha” is not approved, and only"),
    "too many": (
        post(1, "Alpha", is_starred=True),
        ["Beta", "Gamma"],
        2,
        "has its 2 highlights: “Beta”, “Gamma”. Take a",
    ),
    "one is too many": (
        post(1, "Alpha", is_starred=True),
        ["Beta"],
        1,
        "has its 1 highlight: “Beta”. Take that star off",
    ),
    "switched off": (post(1, "Alpha", is_starred=True), [], 0, "highlights are switched off; digest.highlights in"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_star_is_refused_with_a_sentence(case: str) -> None:
    candidate, starred, most, why = REFUSED[case]
    with pytest.raises(ReviewError, match=why):
        check_star(candidate, starred, most=most)


def test_a_post_with_a_star_is_a_highlight_only_while_it_is_approved() -> None:
    held = post(1, "Alpha", is_starred=True, decision="hold")
    assert (held.is_starred, held.is_highlight, post(1, "Alpha", is_starred=True).is_highlight) == (True, False, True)
    assert compose_digest([held], texts("mark")).lines == ()
    assert Line(Section(BUSINESS, MLOPS), "A", "https://a.example", None).is_highlight is False
