"""The real page is the specification: reading and printing it gives the same bytes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from aggregator.digest.compose import compose_digest
from aggregator.digest.order import order_lines
from aggregator.digest.read import ReadDigest, read_digest
from aggregator.digest.render import render_digest
from aggregator.shipped import SHIPPED
from aggregator.types import Candidate, Correction, DateSource, Decision, Line, Month, Post, Texts, Verdict
from github import list_bullets
from world import NOW

#: Every heading text comes from the page.
TEXTS = Texts("", dict.fromkeys(SHIPPED.parts, "?"), dict.fromkeys(SHIPPED.topics, "?"))


@pytest.fixture(scope="module")
def text(shared: Path) -> str:
    return (shared / "digest" / "README-2023-01.md").read_bytes().decode("utf-8")


@pytest.fixture(scope="module")
def result(text: str) -> ReadDigest:
    return read_digest(text, TEXTS)


def test_it_is_printed_byte_for_byte_without_a_remark(text: str, result: ReadDigest) -> None:
    assert render_digest(result.digest).encode() == text.encode()
    assert result.remarks == ()


def test_every_line_is_read_with_address_and_month(text: str, result: ReadDigest) -> None:
    lines = result.digest.lines
    assert len(lines) == sum(line.startswith("* [") for line in text.split("\n")) == 64
    assert all(line.month and line.title and line.url.startswith("http") for line in lines)
    assert Counter(str(line.section) for line in lines) == {
        "1.1": 3, "1.2": 10, "1.3": 5, "2.1": 4, "2.2": 5, "2.3": 7, "2.4": 11, "3.3": 1, "3.4": 18,
    }  # fmt: skip
    assert all(line.organisation is None for line in lines if str(line.section).startswith("3"))


def test_github_sees_each_line_where_it_is_read(text: str, result: ReadDigest) -> None:
    assert list_bullets(text)[1:] == sorted(result.numbers)


#: The curator's one inversion, by its place on the page: a slip in the label, the year 2002 for 2022.
SLIP = ("http://ruder.io/state-of-multilingual-ai/", Month(2002, 11))


def test_all_lines_but_one_stand_where_the_rule_puts_them(result: ReadDigest) -> None:
    lines = result.digest.lines
    others = tuple(line for line in lines if (line.url, line.month) != SLIP)
    assert len(others) == len(lines) - 1
    assert order_lines(others) == others
    assert order_lines(lines) != lines


def test_its_lines_as_corrections_compose_to_the_same_lines(result: ReadDigest) -> None:
    """What the curator printed is no different when it comes from the store."""
    digest = compose_digest([to_candidate(number, line) for number, line in enumerate(result.digest.lines)], TEXTS)
    assert digest.lines == order_lines(result.digest.lines)


def to_candidate(number: int, line: Line) -> Candidate:
    post = Post(
        id=number,
        canonical_url=line.url,
        url=line.url,
        title="Something Else",
        text="",
        words=0,
        links=(),
        tags=(),
        language="ko",
        published_at=NOW,
        published_from=DateSource.DIGEST,
        month=Month(2001, 1),
        first_seen_at=NOW,
        organisation="Somebody Else",
    )
    correction = Correction(
        number,
        "curator",
        NOW,
        section=line.section,
        title=line.title,
        month=line.month,
        organisation=line.organisation or "",
        note=line.note.removeprefix(": "),
    )
    return Candidate(post, verdict=Verdict(number, Decision.APPROVE, "curator", NOW), correction=correction)


def test_with_the_year_that_was_meant_all_lines_do(result: ReadDigest) -> None:
    lines = tuple(
        replace(line, month=Month(2022, 11)) if (line.url, line.month) == SLIP else line for line in result.digest.lines
    )
    assert order_lines(lines) == lines
