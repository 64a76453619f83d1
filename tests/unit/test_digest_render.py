"""Data becomes the page: numbers that belong to the place, headings, blank lines, the final line end."""

from __future__ import annotations

import pytest

from aggregator.digest.render import render_digest, render_line
from aggregator.exceptions import DigestError
from aggregator.shipped import SHIPPED
from aggregator.types import Digest, Line, Month, Texts
from world.sections import AWS, BUSINESS, CV, MLOPS, NLP, RECSYS, RESEARCH

TEXTS = Texts(
    head="# Our Digest\n\n",
    parts={RESEARCH: "Science", BUSINESS: "Practice", AWS: "Clouds"},
    topics={CV: "Seeing", NLP: "Reading", RECSYS: "Choosing", MLOPS: "Running"},
)


def make_line(section: str, title: str = "T", **changes: object) -> Line:
    values: dict[str, object] = {"url": "https://x.example/", "month": Month(2022, 12), **changes}
    return Line(section=SHIPPED.parse_section(section), title=title, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "printed"),
    [
        (make_line("1.1"), "* [T (Dec 2022)](https://x.example/)"),
        (make_line("1.1", organisation="Acme"), "* [T (Dec 2022, Acme)](https://x.example/)"),
        (make_line("1.1", organisation=""), "* [T (Dec 2022)](https://x.example/)"),
        (make_line("1.1", month=None), "* [T](https://x.example/)"),
        (make_line("1.1", month=None, organisation="Acme"), "* [T](https://x.example/)"),
        (make_line("1.1", note=": 노트  "), "* [T (Dec 2022)](https://x.example/): 노트  "),
        (make_line("1.1", note="\n  * a\n  * b"), "* [T (Dec 2022)](https://x.example/)\n  * a\n  * b"),
    ],
)
def test_a_line(line: Line, printed: str) -> None:
    assert render_line(line) == printed


def test_empty_sections_are_left_out_and_numbers_stay() -> None:
    lines = (make_line("3.4", "D"), make_line("1.3", "B"), make_line("1.1", "A"), make_line("3.4", "C"))
    assert render_digest(Digest(TEXTS, lines)) == (
        "# Our Digest\n\n"
        "## 1. Science\n### 1.1. Seeing\n* [A (Dec 2022)](https://x.example/)\n\n"
        "### 1.3. Choosing\n* [B (Dec 2022)](https://x.example/)\n\n"
        "## 3. Clouds\n### 3.4. Running\n* [D (Dec 2022)](https://x.example/)\n* [C (Dec 2022)](https://x.example/)\n"
    )


@pytest.mark.parametrize(
    ("head", "printed"),
    [
        ("", ""),
        ("# A\n", "# A\n"),
        ("# A\n\n\n", "# A\n\n\n"),
        ("# A", "# A\n\n"),
    ],
)
def test_the_head_is_printed_as_it_is_and_never_runs_into_the_first_heading(head: str, printed: str) -> None:
    page = render_digest(Digest(Texts(head, TEXTS.parts, TEXTS.topics), (make_line("2.1"),)))
    assert page.partition("## 2.")[0] == printed


@pytest.mark.parametrize(("head", "printed"), [("", ""), ("# A", "# A\n"), ("# A\n\n", "# A\n\n")])
def test_a_digest_without_lines_is_its_head(head: str, printed: str) -> None:
    assert render_digest(Digest(Texts(head, {}, {}))) == printed


def test_a_heading_that_the_texts_lack_is_an_error() -> None:
    with pytest.raises(DigestError, match="no heading for aws"):
        render_digest(Digest(Texts("", {}, TEXTS.topics), (make_line("3.1"),)))
    with pytest.raises(DigestError, match="no heading for cv"):
        render_digest(Digest(Texts("", TEXTS.parts, {}), (make_line("3.1"),)))
