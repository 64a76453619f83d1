"""The lines of a month go into a page that a person keeps, which stays byte for byte as it is otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config.settings import SHIPPED_TEXTS
from aggregator.digest.merge import merge_digest
from aggregator.digest.read import read_digest
from aggregator.digest.render import render_digest
from aggregator.exceptions import DigestError
from aggregator.types import Digest, Line, Month, Section
from growth import LINEAR, measure_doubling
from profiles import costly
from world.sections import BUSINESS, CV, MLOPS, NLP, RESEARCH

RESEARCH_CV, RESEARCH_NLP, BUSINESS_MLOPS = Section(RESEARCH, CV), Section(RESEARCH, NLP), Section(BUSINESS, MLOPS)

PAGE = """\
# Posts
Kept by hand.

## 1. Research
### 1.1. CV
* [Newer (Nov 2026)](https://a.example/newer)
* [Older (Sep 2026, Lumen)](https://a.example/older): a note
  ![a picture](./images/older.png)

## 2. Business Cases and Implementations
### 2.4. Training, Inference and MLOps
* [Shipping (Sep 2026)](https://a.example/shipping)

## About
Written on Sundays.
"""


def line(name: str, month: int = 10, section: Section = RESEARCH_CV, note: str = "") -> Line:
    return Line(section, name.capitalize(), f"https://a.example/{name}", Month(2026, month), None, note)


def digest(*lines: Line) -> Digest:
    return Digest(SHIPPED_TEXTS, lines)


def merge(page: str, now: tuple[Line, ...], before: tuple[Line, ...] = ()) -> str:
    return merge_digest(page, digest(*now), digest(*before)).text


OLD, NEW = line("middle"), line("middle", note=": a note")
PRINTED = PAGE.replace("* [Older", "* [Middle (Oct 2026)](https://a.example/middle)\n* [Older")

# What is printed before and now, on which page, and what the page has afterwards instead of "old": "new".
EDITS = {
    "a line goes between newer and older ones": (PAGE, (), (OLD,), "* [Older", "* [Middle (Oct 2026)](https://a.example/middle)\n* [Older"),
    "the newest line comes first": (PAGE, (), (line("top", 12),), "* [Newer", "* [Top (Dec 2026)](https://a.example/top)\n* [Newer"),
    "the oldest line comes last, below the note of the last one": (
        PAGE, (), (line("bottom", 1),), "older.png)\n", "older.png)\n* [Bottom (Jan 2026)](https://a.example/bottom)\n"),
    "a missing section is added in its part": (
        PAGE, (), (line("words", section=RESEARCH_NLP),), "## 2.", "### 1.2. NLP\n* [Words (Oct 2026)](https://a.example/words)\n\n## 2."),
    "a line that is on the page is not added again, with another address of the same post": (
        PAGE, (), (Line(RESEARCH_CV, "Newer", "http://www.a.example//newer?utm_source=x", Month(2026, 11)),), "", ""),
    "a corrected line is replaced where it stands": (
        PRINTED, (OLD,), (NEW,), "example/middle)", "example/middle): a note"),
    "a line that is not approved any more leaves": (
        PRINTED, (OLD,), (), "* [Middle (Oct 2026)](https://a.example/middle)\n", ""),
    "a line that was edited by hand stays": (
        PRINTED.replace("[Middle", "[*Middle*"), (OLD,), (NEW,), "", ""),
    "a line that was removed by hand stays out": (PAGE, (OLD,), (NEW,), "", ""),
    "a line that was edited by hand stays though it is not approved any more": (
        PRINTED.replace("[Middle", "[*Middle*"), (OLD,), (), "", ""),
    "a line that was moved by hand is corrected where it is now": (
        PAGE.replace("* [Shipping", "* [Middle (Oct 2026)](https://a.example/middle)\n* [Shipping"),
        (OLD,), (NEW,), "example/middle)", "example/middle): a note"),
    "nothing to print changes nothing": (PAGE, (), (), "", ""),
    "the same print twice changes nothing": (PRINTED, (OLD,), (OLD,), "", ""),
}  # fmt: skip


@pytest.mark.parametrize(("page", "before", "now", "old", "new"), EDITS.values(), ids=EDITS)
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CR LF"])
def test_only_its_lines_change(
    page: str, before: tuple[Line, ...], now: tuple[Line, ...], old: str, new: str, end: str
) -> None:
    merged = merge(page.replace("\n", end), now, before)
    assert merged == page.replace(old, new, 1).replace("\n", end)


def test_a_line_that_moves_to_another_section_leaves_the_first() -> None:
    merged = merge(PRINTED, (line("middle", section=BUSINESS_MLOPS),), (OLD,))
    assert merged == PAGE.replace("* [Shipping", "* [Middle (Oct 2026)](https://a.example/middle)\n* [Shipping")


def test_missing_parts_come_in_their_order_at_the_end() -> None:
    merged = merge("# Posts\n", (line("shipping", section=BUSINESS_MLOPS), line("words", section=RESEARCH_NLP)))
    assert merged == (
        "# Posts\n\n## 1. Research\n### 1.2. NLP\n* [Words (Oct 2026)](https://a.example/words)\n\n"
        "## 2. Business Cases and Implementations\n### 2.4. Training, Inference and MLOps\n"
        "* [Shipping (Oct 2026)](https://a.example/shipping)\n"
    )


def test_an_empty_page_is_written_whole() -> None:
    assert merge("", (OLD,)) == render_digest(digest(OLD))


def test_a_page_without_a_last_line_end_gets_one_below_which_a_line_is_added() -> None:
    page = "## 1. Research\n### 1.1. CV\n* [Newer (Nov 2026)](https://a.example/newer)"
    assert merge(page, (OLD,)) == f"{page}\n* [Middle (Oct 2026)](https://a.example/middle)\n"


REMARKS = {
    "edited, and corrected since": (PRINTED.replace("[Middle", "[*Middle*"), (OLD,), (NEW,), 7, "written by hand"),
    "on the page before it was printed": (PRINTED.replace("[Middle", "[*Middle*"), (), (NEW,), 7, "written by hand"),
    "removed": (PAGE, (OLD,), (NEW,), 0, "“Middle” was removed"),
}  # fmt: skip


@pytest.mark.parametrize(("page", "before", "now", "number", "said"), REMARKS.values(), ids=REMARKS)
def test_what_a_hand_did_is_remarked_on(
    page: str, before: tuple[Line, ...], now: tuple[Line, ...], number: int, said: str
) -> None:
    (remark,) = merge_digest(page, digest(*now), digest(*before)).remarks
    assert remark.number == number
    assert said in remark.sentence


def test_a_page_that_hides_its_rest_is_refused_with_its_line() -> None:
    with pytest.raises(DigestError, match="line 3: the code fence"):
        merge("## 1. Research\n### 1.1. CV\n```\n", (OLD,))


@costly
@given(data=st.data())
def test_lines_of_the_real_page_come_back_to_their_places(shared: Path, data: st.DataObject) -> None:
    page = (shared / "digest/README-2023-01.md").read_text(encoding="utf-8")
    whole = read_digest(page, SHIPPED_TEXTS).digest
    # A mistyped year does not say where its line belongs.
    sure = [each for each in whole.lines if each.month != Month(2002, 11) and each.month != Month(2022, 1)]
    taken = data.draw(st.sets(st.sampled_from(sure)))
    rest = Digest(whole.texts, tuple(each for each in whole.lines if each not in taken))
    merged = merge_digest(render_digest(rest), Digest(whole.texts, tuple(taken)))
    assert merged.text == page
    without = merge_digest(page, Digest(whole.texts, ()), Digest(whole.texts, tuple(taken))).text
    assert merge_digest(without, Digest(whole.texts, tuple(taken))).text == page


def test_a_long_page_takes_time_in_proportion() -> None:
    def merge_lines(number: int) -> None:
        lines = [line(f"p{each}", 1 + each % 12) for each in range(number)]
        page = merge("", tuple(lines[::2]))
        merge(page, tuple(lines))

    assert measure_doubling(merge_lines, 200) < LINEAR
