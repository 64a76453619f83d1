"""Head and headings: set on the page, by the command and over the API, above feeds.toml and the page that was read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from aggregator.app import App
from aggregator.digest.read import read_digest
from aggregator.pipeline import history, publish, review, texts
from aggregator.storage.digests import get_digest
from aggregator.types import Correction, Decision, DigestState
from world import FEEDS, MONTH, Curator, fill, text_of, visit_page

CV = "digest.topics.cv"
CALM = {"digest.head": "# Calm\r\n", CV: "Vision", "digest.parts.research": ""}


@pytest.fixture
def curator(make_app: Callable[..., App]) -> Curator:
    app = make_app(FEEDS)
    return visit_page(app, fill(app)).log_in()


def test_they_are_tried_set_and_taken_back(curator: Curator) -> None:
    shipped = publish.get_texts(curator.app)

    tried = text_of(curator.send("/texts/preview", **CALM).text)
    assert "1.1. Vision" in tried
    assert "shipped: CV" in tried
    assert publish.get_texts(curator.app) == shipped

    curator.send("/texts", **CALM)
    set_now = publish.get_texts(curator.app)
    assert (set_now.head, set_now.topics["cv"], set_now.parts) == ("# Calm\n\n", "Vision", shipped.parts)
    told = text_of(curator.read("/history"))
    assert "Set digest.head and digest.topics.cv" in told
    history.undo(curator.app)
    assert publish.get_texts(curator.app) == shipped
    history.redo(curator.app)
    assert publish.get_texts(curator.app) == set_now
    curator.send("/texts/reset")
    assert publish.get_texts(curator.app) == shipped


def test_what_is_printed_stays(curator: Curator) -> None:
    curator.decide("continuous-batching", "approve")
    publish.make_digest(curator.app, MONTH, DigestState.PRINTED)
    with curator.app.reading() as connection:
        before = get_digest(connection, MONTH)
    texts.set_texts(curator.app, {"digest.head": "# Calm"})
    with curator.app.reading() as connection:
        assert get_digest(connection, MONTH) == before


def test_the_styles_of_lines_are_tried_printed_and_no_correction_of_what_is_printed(curator: Curator) -> None:
    styles = {"digest.label_style": "colon", "digest.note_style": "nested"}
    assert "A title: Dec 2022, Its organisation" in text_of(curator.send("/texts/preview", **styles).text)
    post = curator.get("continuous-batching").post.id
    correction = Correction(post, "", curator.app.now, note="60% less\nOn *one* card")
    review.decide(curator.app, post, Decision.APPROVE, correction=correction)
    tried = text_of(curator.send("/texts/preview", **styles).text)
    publish.make_digest(curator.app, MONTH, DigestState.PRINTED)
    assert "with Continuous Batching: Dec 2022, Northwind 60% less On one card" in tried

    curator.send("/texts", **styles)
    assert "since the print" not in text_of(curator.read(f"/digest/{MONTH}"))
    publish.make_digest(curator.app, MONTH, DigestState.PRINTED, again=True)
    page = (curator.app.digest_folder / f"{MONTH}.md").read_text("utf-8")
    assert "Continuous Batching: Dec 2022, Northwind](" in page
    assert ")\n  * 60% less\n  * On *one* card\n" in page
    with curator.app.reading() as connection:
        assert read_digest(page, publish.get_texts(curator.app)).digest == get_digest(connection, MONTH).digest
    history.undo(curator.app)
    assert "Batching (Dec 2022, Northwind)](" in (curator.app.digest_folder / f"{MONTH}.md").read_text("utf-8")


def test_a_head_that_would_break_the_page_is_refused_where_it_is_typed(curator: Curator) -> None:
    refused = curator.send("/texts", **{"digest.head": "## 1. Mine", CV: "Vision"})
    page = refused.text
    assert refused.status_code == 422
    assert "Line 1: “## 1. Mine” would be read as the heading of a part." in text_of(page)
    assert 'value="Vision"' in page
    assert texts.set_texts(curator.app, {CV: "CV"}) == []


def test_the_command_shows_and_sets_them(
    curator: Curator, call_console: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGGREGATOR_HOME", str(curator.app.config.home))
    (head, *_) = json.loads(call_console("digest", "texts", "--json").stdout)
    assert (head["name"], head["source"]) == ("digest.head", "shipped")
    (told,) = json.loads(call_console("digest", "texts", CV, "Vision", "--json").stdout)
    assert told == {"name": CV, "text": "Vision", "source": "set here", "otherwise": "CV"}
    assert "shipped" in call_console("digest", "texts", CV).stdout
