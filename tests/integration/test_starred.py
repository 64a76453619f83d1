"""Highlights from the star to the print: on the page, by the command, by the API; refused, undone, frozen."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from aggregator.app import App
from aggregator.config.settings import SHIPPED_TEXTS
from aggregator.digest.read import read_digest
from aggregator.digest.render import render_digest
from aggregator.exceptions import ReviewError
from aggregator.pipeline import history, publish, review, tokens
from aggregator.pipeline.reprint import find_since
from aggregator.pipeline.year import review_year
from aggregator.shapes.years import YearShape
from aggregator.storage.candidates import get_candidate
from aggregator.storage.digests import get_digest
from aggregator.types import Decision, DigestState
from aggregator.web.server import create_server
from world import FEEDS, MONTH, fill, text_of, visit_page

FIRST, SECOND = "continuous-batching", "feature-stores"


def test_a_star_is_given_refused_undone_and_frozen(make_app: Callable[..., App]) -> None:
    app = make_app(FEEDS, digest={"highlights": 1, "highlight_place": "mark"})
    numbers = fill(app)
    first, second = numbers[FIRST], numbers[SECOND]

    def is_starred(number: int) -> bool:
        with app.reading() as connection:
            return get_candidate(connection, number).is_highlight

    with pytest.raises(ReviewError, match="only approved posts are starred"):
        review.star(app, first)
    for number in (first, second):
        review.decide(app, number, Decision.APPROVE)
    review.star(app, first)
    with pytest.raises(ReviewError, match=r"Dec 2022 has its 1 highlight: “Cutting Serving Cost"):
        review.star(app, second)

    review.decide(app, first, Decision.HOLD)
    assert not is_starred(first)
    assert "⭐" not in render_digest(publish.compose_month(app, MONTH))
    review.decide(app, first, Decision.APPROVE)
    assert is_starred(first), "the star comes back with the approval"

    review.star(app, first, is_starred=False)
    history.undo(app)
    assert is_starred(first)

    publish.make_digest(app, MONTH, DigestState.DRAFT)
    with app.reading() as connection:
        draft = get_digest(connection, MONTH).digest
    assert draft == publish.compose_month(app, MONTH), "a draft that says the same is not written again"

    path = publish.make_digest(app, MONTH, DigestState.PRINTED)
    with app.reading() as connection:
        assert find_since(connection, MONTH).number == 0
    printed = path.read_text(encoding="utf-8")
    assert "* [⭐ Cutting Serving Cost" in printed
    review.star(app, first, is_starred=False)
    with app.reading() as connection:
        frozen = get_digest(connection, MONTH).digest
    assert render_digest(frozen) == printed
    assert [line.title for line in frozen.lines if line.is_highlight] == [
        "Cutting Serving Cost by 60% with Continuous Batching"
    ]


def test_a_star_is_given_by_a_form_on_the_queue_and_on_the_digest(make_app: Callable[..., App]) -> None:
    app = make_app(FEEDS, digest={"highlight_place": "mark"})
    curator = visit_page(app, fill(app)).log_in()
    number = curator.numbers[FIRST]
    assert curator.decide(FIRST, "star").status_code == 422
    curator.decide(FIRST, "approve")
    assert f'action="/posts/{number}/star"' in curator.read(f"/queue/2022-12?show=approved&open={number}")

    answer = curator.decide(FIRST, "star", next="/digest/2022-12")

    assert answer.headers["location"] == "/digest/2022-12"
    page = curator.read("/digest/2022-12")
    assert f'action="/posts/{number}/unstar"' in page
    assert "Highlights 1 of at most 5" in text_of(page)
    assert "data-starred" in curator.read("/queue/2022-12?show=approved")
    assert "[⭐ Cutting Serving Cost" in curator.read(f"/posts/{number}/edit")
    curator.decide(FIRST, "unstar", next="/digest/2022-12")
    assert "Highlights" not in text_of(curator.read("/digest/2022-12"))


def test_the_year_is_reviewed_on_its_page_and_as_markdown(
    make_app: Callable[..., App],
) -> None:
    app = make_app(FEEDS)
    numbers = fill(app)
    curator = visit_page(app, numbers).log_in()
    curator.read("/digests/2022", 404)
    curator.read("/digests/soon", 404)
    for number in (numbers[FIRST], numbers[SECOND]):
        review.decide(app, number, Decision.APPROVE)
    review.star(app, numbers[FIRST])
    publish.make_digest(app, MONTH, DigestState.PRINTED)

    assert 'href="/digests/2022"' in curator.read("/digests")
    page = text_of(curator.read("/digests/2022"))
    assert "2022 in review 2 lines were printed; 1 is a highlight and stands below." in page
    markdown = curator.client.get("/digests/2022.md").text
    assert [line.title for line in read_digest(markdown, SHIPPED_TEXTS).digest.lines] == [
        "Cutting Serving Cost by 60% with Continuous Batching"
    ]
    year, digest = review_year(app, 2022)
    assert YearShape.of(year, digest).model_dump()["months"] == [
        {"name": "2022-12", "heading": "", "lines": 2, "highlights": 1}
    ]


def test_a_program_stars_a_post_and_reads_the_year(make_app: Callable[..., App]) -> None:
    app = make_app(FEEDS, digest={"highlights": 1})
    numbers = fill(app)
    client = TestClient(create_server(app), headers={"Authorization": f"Bearer {tokens.add_token(app, 'script')[1]}"})

    def ask(post: str, act: str) -> Response:
        return client.post(f"/api/v1/posts/{numbers[post]}/{act}")

    refused = ask(FIRST, "star")
    assert (refused.status_code, "only approved posts are starred" in refused.text) == (422, True)
    for post in (FIRST, SECOND):
        ask(post, "approve")
    starred = ask(FIRST, "star").json()
    assert (starred["message"], starred["post"]["starred"]) == (
        "Starred: Cutting Serving Cost by 60% with Continuous Batching",
        True,
    )
    assert "has its 1 highlight" in ask(SECOND, "star").text
    publish.make_digest(app, MONTH, DigestState.PRINTED)
    assert client.get("/api/v1/years/2022").json()["highlights"] == 1
    assert client.get("/api/v1/years/2021").status_code == 404
    assert ask(FIRST, "unstar").json()["post"]["starred"] is False


def test_the_commands_star_posts_and_write_the_year(
    make_app: Callable[..., App], call_console: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    app = make_app(FEEDS)
    numbers = fill(app)
    for post in (FIRST, SECOND):
        review.decide(app, numbers[post], Decision.APPROVE)
    publish.make_digest(app, MONTH, DigestState.PRINTED)

    def run(*arguments: str) -> str:
        ended = call_console("--home", str(app.folder), *arguments)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    said = json.loads(run("star", str(numbers[FIRST]), str(numbers[SECOND]), "--json"))
    assert (said["message"], [change["post"]["starred"] for change in said["changes"]]) == (
        "2 posts starred",
        [True] * 2,
    )
    assert run("unstar", str(numbers[SECOND])).startswith("without a star: ")
    file = app.folder / "year.md"
    assert run("digest", "year", "2022", "--out", str(file)) == f"Wrote {file}\n"
    assert run("digest", "year", "2022") == file.read_text(encoding="utf-8")
    assert len(read_digest(run("digest", "year", "2022"), SHIPPED_TEXTS).digest.lines) == 1
