"""The foot of a digest: read back and printed again byte for byte, replaced on the page at each print, and kept if a
hand has changed it.
"""

from __future__ import annotations

import pytest

from aggregator.config.settings import SHIPPED_TEXTS
from aggregator.digest.chosen import write_thanks
from aggregator.digest.foot import find_chosen, join_feet, mark_chosen, mark_coverage
from aggregator.digest.lint import Known, lint_page
from aggregator.digest.merge import Merged, NewFoot, merge_digest
from aggregator.digest.read import read_digest
from aggregator.digest.render import render_digest
from aggregator.types import Digest, Line, Month, Section
from growth import LINEAR, measure_doubling
from world.sections import BUSINESS, CV, MLOPS, RESEARCH

FIRST, SECOND = mark_chosen("**First**\n\n12 posts"), mark_chosen("**Second**")
COMMENT = mark_coverage(["Oct 2026", "Feeds: 3 of 4 -- complete"])
SERVING = Line(Section(RESEARCH, CV), "Serving", "https://a.example/serving", Month(2026, 10), "Lumen", ": a note")
OPS = Line(Section(BUSINESS, MLOPS), "Ops", "https://a.example/ops", Month(2026, 10))
BODY = render_digest(Digest(SHIPPED_TEXTS, (SERVING,)))


def lines(foot: str) -> list[str]:
    return foot.splitlines()


def merge(page: str, now: tuple[Line, ...], before: tuple[Line, ...] = (), foot: NewFoot | None = None) -> Merged:
    return merge_digest(page, Digest(SHIPPED_TEXTS, now), Digest(SHIPPED_TEXTS, before), foot=foot)


@pytest.mark.parametrize("foot", [FIRST, COMMENT, join_feet(FIRST, COMMENT)], ids=["chosen", "coverage", "both"])
def test_a_digest_with_a_foot_is_read_and_printed_byte_for_byte(foot: str) -> None:
    page = render_digest(Digest(SHIPPED_TEXTS, (SERVING,), foot))
    assert page == f"{BODY}\n{foot}"

    read = read_digest(page, SHIPPED_TEXTS)

    assert read.remarks == ()
    assert read.digest == Digest(read.digest.texts, (SERVING,), foot)
    assert render_digest(read.digest) == page
    assert lint_page(page, SHIPPED_TEXTS, Known(Month(2026, 12))) == lint_page(
        BODY, SHIPPED_TEXTS, Known(Month(2026, 12))
    )


def test_what_a_hand_wrote_below_the_foot_is_remarked_on() -> None:
    page = f"{BODY}\n{FIRST}\nThanks to all.\n"
    (remark,) = read_digest(page, SHIPPED_TEXTS).remarks
    assert "below the foot" in remark.sentence
    assert merge(page, (SERVING,), (SERVING,)).text == page


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CR LF"])
@pytest.mark.parametrize("below", ["", "\n## About\nWritten on Sundays.\n", "\nThanks to all.\n"])
def test_each_print_replaces_the_foot_and_undoing_it_brings_it_back(below: str, end: str) -> None:
    page = (BODY + below).replace("\n", end)
    first = merge(page, (SERVING,), (SERVING,), NewFoot(lines(FIRST)))
    second = merge(first.text, (SERVING, OPS), (SERVING,), NewFoot(lines(SECOND)))

    assert first.text == (BODY + below + "\n" + FIRST).replace("\n", end)
    assert second.text.count("aggregator: how this issue was chosen") == 1
    assert "**First**" not in second.text
    assert "### 2.4." in second.text
    if not below:
        assert second.text.index("### 2.4.") < second.text.index("**Second**")

    assert second.foot
    assert first.foot
    again = merge(second.text, (SERVING,), (SERVING, OPS), NewFoot(second.foot[0], instead_of=second.foot[1]))
    assert again.text == first.text
    assert merge(again.text, (SERVING,), (SERVING,), NewFoot(first.foot[0], instead_of=first.foot[1])).text == page


def test_a_foot_that_a_hand_has_changed_stays_with_a_remark() -> None:
    page = f"{BODY}\n{FIRST}".replace("12 posts", "a dozen posts")
    merged = merge(page, (SERVING, OPS), (SERVING,), NewFoot(lines(SECOND)))
    assert "a dozen posts" in merged.text
    assert "**Second**" not in merged.text
    assert [remark.sentence for remark in merged.remarks] == [
        "How the issue was chosen was edited by hand. It stays as it is."
    ]


def test_a_print_without_a_foot_leaves_that_of_the_page() -> None:
    page = f"{BODY}\n{FIRST}"
    assert merge(page, (SERVING,), (SERVING,)).text == page
    # The foot of a later month is not taken away with an earlier one.
    undone = NewFoot([], instead_of=lines(SECOND))
    assert merge(page, (SERVING,), (SERVING,), undone).text == page


def test_an_empty_page_begins_with_the_foot() -> None:
    merged = merge("", (SERVING,), (), NewFoot(lines(FIRST)))
    assert merged.text == f"{BODY}\n{FIRST}"
    assert merged.foot == ((), lines(FIRST))


@pytest.mark.parametrize(
    "text",
    [
        # Without its end, in a code fence, and below a bullet.
        FIRST.replace("<!-- aggregator: end -->\n", ""),
        f"```\n{FIRST}```\n",
        "  " + FIRST.replace("\n", "\n  ").rstrip(" "),
    ],
)
def test_marks_that_do_not_stand_as_they_were_written_are_text(text: str) -> None:
    page = f"{BODY}{text}"
    assert read_digest(page, SHIPPED_TEXTS).digest.foot == ""
    assert merge(page, (), ()).text == page


def test_a_mark_without_its_end_takes_no_lines_with_it() -> None:
    begin = FIRST.splitlines()[0] + "\n"
    above = f"# Head\n\n{begin}\n{BODY.partition(SHIPPED_TEXTS.head)[2]}\n"
    read = read_digest(f"{above}{FIRST}", SHIPPED_TEXTS)
    assert (read.digest.lines, read.digest.foot) == ((SERVING,), FIRST)
    assert merge(f"{above}{FIRST}", (SERVING, OPS), (SERVING,), NewFoot(lines(SECOND))).text.endswith(f"\n{SECOND}")
    # An end far below is not its own.
    (line,) = read_digest(f"{above}<!-- aggregator: end -->\n", SHIPPED_TEXTS).digest.lines
    assert line.title == "Serving"


def test_only_how_it_was_chosen_goes_to_the_page() -> None:
    assert find_chosen(join_feet(FIRST, COMMENT)) == lines(FIRST)
    assert find_chosen(COMMENT) == []


def test_a_page_full_of_marks_takes_time_in_proportion() -> None:
    marks = FIRST.splitlines()[0] + "\n"
    page = BODY + "\n"
    assert measure_doubling(lambda size: merge(page + marks * (size // len(marks)), (SERVING,)), 20_000) < LINEAR


def test_readers_are_thanked_between_the_marks_of_the_foot() -> None:
    foot = write_thanks(["Kim", "A*b*"])
    assert find_chosen(foot)[1:-1] == [r"Suggested by readers: Kim, A\*b\*."]
    assert write_thanks([]) == ""
