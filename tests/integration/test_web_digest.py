"""The page of a digest: what would be printed, why it cannot be, printing it, taking it along."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest

from aggregator.app import App
from aggregator.digest.render import render_digest
from aggregator.pipeline import publish, review
from aggregator.storage.digests import get_digest
from aggregator.storage.judgements import append_correction
from aggregator.types import Correction, Decision, DigestState
from world import FEEDS, MONTH, Curator, fill, import_page, text_of, visit_page


@pytest.fixture
def curator(make_app: Callable[..., App]) -> Curator:
    app = make_app(FEEDS)
    return visit_page(app, fill(app)).log_in()


@pytest.fixture
def approved(curator: Curator) -> Curator:
    for path in ("continuous-batching", "실시간-추천", "tensor-parallelism"):
        curator.decide(path, "approve")
    return curator


def read_source(curator: Curator, month: str = "2022-12") -> str:
    page = curator.read(f"/digest/{month}?view=markdown")
    found = re.search(r'<pre class="source[^>]*>(.*?)</pre>', page, re.DOTALL)
    assert found
    return html.unescape(found[1])


def break_a_note(curator: Curator) -> None:
    number = curator.numbers["sparse-experts"]
    note = Correction(number, "", curator.app.now, note="\n## a heading")
    review.decide(curator.app, number, Decision.APPROVE)
    # From before approvals were refused for it.
    with curator.app.database.writing() as connection:
        append_correction(connection, note)


def test_the_preview_is_what_would_be_printed_now(approved: Curator) -> None:
    page = approved.read("/digest/2022-12")

    assert read_source(approved) == render_digest(publish.compose_month(approved.app, MONTH))
    assert "Not printed yet. This is how it would be printed now." in page
    assert "3 lines" in page


def test_the_lines_stand_under_their_sections(approved: Curator) -> None:
    page = text_of(approved.read("/digest/2022-12"))

    assert (
        "2. Business Cases and Implementations 2.3. RecSys, etc. 장바구니 추천을 실시간으로: 두 단계 검색과 재정렬 "
        "(Dec 2022, 하늘상점) Highlight: 장바구니 추천을 실시간으로: 두 단계 검색과 재정렬 Edit 장바구니 추천을 실시간으로: 두 단계 검색과 재정렬 2.4. Training, Inference and MLOps "
        "Cutting Serving Cost by 60% with Continuous Batching (Dec 2022, Northwind) "
        "Highlight: Cutting Serving Cost by 60% with Continuous Batching "
        "Edit Cutting Serving Cost by 60% with Continuous Batching 3. AWS ML Only 3.4. Training, Inference and MLOps "
        "Serve Large Models with Tensor Parallelism on Managed Endpoints (Dec 2022)"
    ) in page


def test_a_digest_without_lines_leads_to_the_queue(curator: Curator) -> None:
    page = curator.read("/digest/2022-12")

    assert "Nothing is approved yet" in page
    assert 'href="/queue/2022-12"' in page
    assert "/print" not in page


def test_hostile_titles_are_escaped_in_lines_and_source(curator: Curator) -> None:
    curator.decide("injections", "approve")

    page = curator.read("/digest/2022-12")

    assert "<script>" not in page
    assert "alert(1)" in page


def test_printing_freezes_the_digest(approved: Curator) -> None:
    printed = publish.compose_month(approved.app, MONTH)

    answer = approved.send("/digest/2022-12/print")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/digest/2022-12"
    approved.decide("sparse-experts", "approve")

    page = approved.read("/digest/2022-12")
    assert "Printed 31 Dec 2022, 21:00." in page
    assert read_source(approved) == render_digest(printed)
    assert "1 thing was decided since it was printed: approved: Sparse Experts" in text_of(page)
    assert "Sparse Experts" not in text_of(approved.read("/digest/2022-12?view=page").partition('class="paper"')[2])
    assert 'action="/digest/2022-12/print"' not in page
    with approved.app.reading() as connection:
        assert get_digest(connection, MONTH).state is DigestState.PRINTED


def test_the_undecided_of_the_shortlist_are_said_before_printing(approved: Curator) -> None:
    page = text_of(approved.read("/digest/2022-12"))

    assert "3 lines will be printed. The digest of" in page
    assert "2 posts of the shortlist are still undecided." in page


def test_a_draft_is_previewed_as_it_would_be_printed_now(approved: Curator) -> None:
    publish.make_digest(approved.app, MONTH, DigestState.DRAFT)
    approved.decide("sparse-experts", "approve")

    page = approved.read("/digest/2022-12")

    assert "Draft of 31 Dec 2022, 21:00." in page
    assert "4 lines" in page


def test_a_post_that_cannot_be_printed_is_named(approved: Curator) -> None:
    break_a_note(approved)

    page = text_of(approved.read("/digest/2022-12"))

    assert (
        "It cannot be printed yet: “Sparse Experts That Fit on One Card” cannot be printed: the note contains a heading"
        in page
    )
    assert "Print it now" not in page
    assert approved.send("/digest/2022-12/print").status_code == 409
    assert "cannot be printed" in approved.read("/digest/2022-12.md", status=409)


def test_a_view_that_the_digest_does_not_have_is_its_lines(approved: Curator) -> None:
    page = approved.read("/digest/2022-12?view=difference")

    assert 'view=page" aria-current="page"' in page
    assert 'view=difference"' not in page


def test_a_line_and_what_is_done_with_it_have_their_own_languages(approved: Curator) -> None:
    page = approved.read("/digest/2022-12")

    assert re.search(r'<li id="[^"]+" lang="ko">(?:(?!</li>).)*<div class="acts" lang="en">', page, re.DOTALL)


def test_printing_nothing_or_twice_is_refused_in_words(curator: Curator) -> None:
    nothing = curator.send("/digest/2022-12/print")
    assert nothing.status_code == 409
    assert "Nothing is approved for 2022-12" in nothing.text

    curator.decide("sparse-experts", "approve")
    curator.send("/digest/2022-12/print")
    again = curator.send("/digest/2022-12/print")

    assert again.status_code == 409
    assert "was already printed" in again.text


def test_the_markdown_can_be_taken_along(approved: Curator) -> None:
    answer = approved.client.get("/digest/2022-12.md")

    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="2022-12.md"'
    assert answer.content.decode() == render_digest(publish.compose_month(approved.app, MONTH))


def test_a_printed_digest_is_taken_along_as_it_was_printed(approved: Curator) -> None:
    approved.send("/digest/2022-12/print")
    file = (approved.app.digest_folder / "2022-12.md").read_bytes()
    approved.decide("sparse-experts", "approve")

    assert approved.client.get("/digest/2022-12.md").content == file


def test_a_published_digest_that_was_read_is_shown_as_it_was(approved: Curator) -> None:
    text = (
        render_digest(publish.compose_month(approved.app, MONTH))
        .replace("2022-12", "2021-03")
        .replace("Dec 2022", "Mar 2021")
    )
    import_page(approved.app, text)

    page = approved.read("/digest/2021-03")

    assert "Read from a published file on 31 Dec 2022, 21:00." in page
    assert read_source(approved, "2021-03") == text


def test_the_digest_link_leads_to_the_open_month(curator: Curator) -> None:
    answer = curator.client.get("/digest", follow_redirects=False)

    assert answer.headers["location"] == "/digest/2022-12"


@pytest.mark.parametrize("path", ["/digest/2022-13", "/digest/soon", "/digest/soon.md", "/digest/2022-12.txt"])
def test_what_is_no_month_is_not_found(curator: Curator, path: str) -> None:
    assert "Not found" in curator.read(path, status=404)
