"""Sequels and works on the card of a post: what is said, and the note that links back."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from functools import partial

import pytest

from aggregator.app import App
from aggregator.exceptions import ReviewError
from aggregator.pipeline import history, notes
from aggregator.pipeline.related import find_newest_followed, find_others_of_work, find_sequels
from aggregator.storage.candidates import get_candidate
from aggregator.storage.changes import Derived, catch_up, change_post, fall_behind, list_behind
from aggregator.types import Month, PostDraft
from world import FEED, import_page, make_draft, make_update, store, text_of, visit_page

PAGE = """\
# Posts

## 2. Business Cases and Implementations
### 2.4. Training, Inference and MLOps
* [**Nightjar** 1.0: Vector Search (Nov 2022, 하늘상점)](https://tech.haneul.example/nightjar-1)
"""


def draft(number: int, title: str, url: str, *links: str) -> PostDraft:
    return make_draft(number, title=title, url=url, canonical_url=url, links=links, language="en")


@pytest.fixture
def app(make_app: Callable[..., App]) -> App:
    app = make_app([FEED])
    import_page(app, PAGE, Month(2022, 11), is_judged=False)
    repository = "https://github.com/haneul/nightjar"
    store(
        app.database,
        make_update(
            draft(2, "Nightjar 2.0: Filters and Updates", "https://tech.haneul.example/nightjar-2", repository),
            draft(3, "nightjar: vector search in one file", repository),
            draft(4, "Hiring in 2023", "https://tech.haneul.example/hiring"),
        ),
    )
    return app


def test_a_sequel_is_found_once_the_links_of_what_was_printed_are_read(app: App) -> None:
    with app.database.writing() as connection:
        code = next(
            each for each in map(partial(get_candidate, connection), (2, 3, 4)) if "in one file" in each.post.title
        )
        fall_behind(connection, Derived.CONTENTS, [1])
        assert find_newest_followed(connection, [code.post]) == {}
        change_post(connection, 1, links=[code.post.url])
        catch_up(connection, list_behind(connection, Derived.CONTENTS).values())
        assert find_newest_followed(connection, [code.post])[code.post.id].printed.post_id == 1


def test_a_sequel_says_so_and_offers_the_link_back(
    app: App, call_console: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    with app.reading() as connection:
        numbers = {get_candidate(connection, number).post.title: number for number in (2, 3, 4)}
        newer = numbers["Nightjar 2.0: Filters and Updates"]
        post = get_candidate(connection, newer).post
        assert [str(one.printed.month) for one in find_sequels(connection, post)] == ["2022-11"]
        assert [one.post_id for one in find_others_of_work(connection, post)] == [
            numbers["nightjar: vector search in one file"]
        ]
    curator = visit_page(app).log_in()
    pane = text_of(curator.read(f"/posts/{newer}/pane"))
    assert "Printed in Nov 2022: this is a newer version of it" in pane
    assert "Of the same work code nightjar: vector search in one file" in pane
    assert "Printed in" not in curator.read(f"/posts/{numbers['Hiring in 2023']}/pane")

    queue = curator.read("/queue/2022-12?show=all")
    assert queue.count('<span title="Nightjar 1.0: Vector Search">follows Nov 2022</span>') == 1

    sent = curator.send(f"/posts/{newer}/sequel", language="ko", printed="1")
    assert sent.status_code == 303
    with app.reading() as connection:
        noted = get_candidate(connection, newer).correction
    said = "2022년 11월에 소개한 [Nightjar 1.0: Vector Search](https://tech.haneul.example/nightjar-1)도 읽어보세요."
    assert noted
    assert noted.note == said
    with pytest.raises(ReviewError, match="follows nothing"):
        notes.accept_sequel(app, newer, "ko")
    history.undo(app)
    shown = json.loads(call_console("--home", str(app.folder), "sequels", str(newer), "--json").stdout)
    assert (shown["follows"][0]["ground"], shown["note"]) == ("a newer version of it", None)
