"""The fields of a line and what is typed into them: pure cases."""

from __future__ import annotations

from typing import Any

import pytest

from aggregator.digest.markdown import show_bullet, show_note, show_title
from aggregator.digest.render import render_line
from aggregator.exceptions import DigestError
from aggregator.pipeline.lines import compose_typed, read_fields, show_fields
from aggregator.shipped import SHIPPED
from aggregator.types import Candidate, Correction, Month
from world import NOW, make_candidate, make_post

OWN = Correction(1, "mina", NOW, title="**Halyard**", note="first")
AWS = SHIPPED.parse_section("3.4")


def candidate_of(correction: Correction | None = None, title: str = "A [b] title") -> Candidate:
    return make_candidate(post=make_post(title=title), correction=correction)


def list_said(correction: Correction) -> dict[str, Any]:
    names = ("section", "title", "month", "organisation", "note")
    return {name: value for name in names if (value := getattr(correction, name)) is not None}


@pytest.mark.parametrize(
    ("before", "typed", "said"),
    [
        pytest.param(None, {}, {}, id="nothing sent"),
        pytest.param(None, {"title": " A  \\[b\\] title ", "note": ""}, {}, id="as shown, but for spaces"),
        pytest.param(None, {"title": ""}, {}, id="the site's title, emptied"),
        pytest.param(OWN, {"title": ""}, {"title": ""}, id="back to the site's title"),
        pytest.param(OWN, {"note": ""}, {"note": ""}, id="the note away"),
        pytest.param(OWN, {"note": "first\r\n  * second\r\n"}, {"note": "first\n  * second\n"}, id="line ends"),
        pytest.param(None, {"note": "\n  * nested"}, {"note": "\n  * nested"}, id="white space before a note"),
        pytest.param(None, {"organisation": ""}, {"organisation": ""}, id="no organisation"),
        pytest.param(None, {"section": "3.4"}, {"section": AWS}, id="the section alone, not what it does to the rest"),
        pytest.param(None, {"month": "2022-11"}, {"month": Month(2022, 11)}, id="month"),
    ],
)
def test_only_what_differs_becomes_a_correction(
    before: Correction | None, typed: dict[str, str], said: dict[str, Any]
) -> None:
    _, correction = compose_typed(candidate_of(before), read_fields(typed), SHIPPED, NOW)

    assert list_said(correction) == said


def test_what_is_shown_prints_what_is_stored() -> None:
    candidate = candidate_of(OWN)

    line, correction = compose_typed(candidate, show_fields(candidate), SHIPPED, NOW)

    assert list_said(correction) == {}
    assert render_line(line) == "* [**Halyard** (Dec 2022, 하늘상점)](https://tech.haneul.example/1): first"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"title": "broken [title"}, "title"),
        ({"title": "[a link](https://x.example)"}, "title"),
        ({"note": "x\n## heading"}, "note"),
        ({"note": "x\n```"}, "note"),
        ({"note": "x\n* a line of its own"}, "note"),
        ({"section": "9.9"}, "section"),
        ({"section": ""}, "section"),
        ({"month": "Dec"}, "month"),
        ({"month": ""}, "month"),
    ],
)
def test_a_line_that_cannot_be_printed_names_its_field(typed: dict[str, str], field: str) -> None:
    with pytest.raises(DigestError) as caught:
        compose_typed(candidate_of(), typed, SHIPPED, NOW)

    assert caught.value.field == field


@pytest.mark.parametrize(
    ("bullet", "html"),
    [
        ("* [a **b**](https://x.example/)", '<a href="https://x.example/" target="_blank" rel="noopener noreferrer">a <strong>b</strong></a>'),
        ("* a\n  * b", "a\n<ul>\n<li>b</li>\n</ul>"),
        ("* a <script>alert(1)</script><b onclick='x'>c</b>", "a <b>c</b>"),
        ("* a ![p](https://x.example/p.png)", 'a <span class="picture">picture https://x.example/p.png</span>'),
        ("* [a](javascript:alert)", "[a](javascript:alert)"),
    ],
)  # fmt: skip
def test_a_bullet_is_shown_without_what_is_not_safe(bullet: str, html: str) -> None:
    assert show_bullet(bullet).strip() == html


@pytest.mark.parametrize(
    ("note", "html"),
    [
        ("", ""),
        (": a *b*", "a <em>b</em>"),
        ("\n  * a\n  * b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        (": a\n\n  b", "<p>a</p>\n<p>b</p>"),
    ],
)
def test_a_note_is_shown_without_what_joins_it(note: str, html: str) -> None:
    assert show_note(note).strip() == html


def test_a_title_is_shown_without_escapes() -> None:
    assert show_title("a \\[b\\] <i>`c`</i>") == "a [b] <i><code>c</code></i>"
