"""The page that adds a post, and the same through the API and the command line."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable

import pytest

from aggregator.app import App
from aggregator.pipeline import tokens
from aggregator.storage.actions import list_past
from aggregator.storage.candidates import get_candidate
from aggregator.storage.posts import find_post_id
from aggregator.types import Candidate
from feed_server import FeedServer
from world import FEED, Curator, text_of, visit_page

TITLE = "Serving experts from one box"
TEXT = "<p>We moved the experts of a sparse model onto one machine and kept its latency flat.</p>" * 8
PAGE = f"""<html lang="en"><head><title>{TITLE} - Lumen</title><meta property="og:site_name" content="Lumen">
<meta property="article:published_time" content="2022-12-06T09:00:00Z"></head>
<body><article><h1>{TITLE}</h1>{TEXT}</article></body></html>"""


@pytest.fixture
def page(feed_server: FeedServer) -> str:
    return feed_server.play("/experts", PAGE, content_type="text/html")


@pytest.fixture
def app(make_app: Callable[..., App]) -> App:
    return make_app([FEED])


@pytest.fixture
def curator(app: App) -> Curator:
    return visit_page(app).log_in()


def find(app: App, url: str) -> Candidate:
    with app.reading() as connection:
        number = find_post_id(connection, url)
        assert number
        return get_candidate(connection, number)


def test_a_page_is_shown_corrected_and_added(app: App, curator: Curator, page: str) -> None:
    shown = curator.read(f"/add?url={page}&title=Another&note=planted")
    assert f'value="{TITLE}"' in shown
    assert 'value="2022-12-06"' in shown
    assert "planted" not in shown
    with app.reading() as connection:
        assert find_post_id(connection, page) is None, "a look stores nothing"

    refused = curator.send("/add", url=page, title=TITLE, organisation="Lumen", month="2022-11")
    assert refused.status_code == 422
    assert "It was published in Dec 2022, after Nov 2022." in text_of(refused.text)
    sent = curator.send("/add", url=page, title=TITLE, organisation="Lumen AI", section="2.4", note="Read it.")
    assert sent.status_code == 303
    there = curator.read(sent.headers["location"])
    assert "added by you" in text_of(there)
    assert find(app, page).post.organisation == "Lumen AI"
    assert TITLE in curator.read("/queue/2022-12?show=all&added=yes")
    known = curator.read(f"/add?url={page}&month=2023-01")
    assert "This post is known" in text_of(known)
    assert 'name="month" value=""' in known, "what is known is not moved by a link"
    assert f"Added {TITLE} to Dec 2022, with its section and note" in text_of(curator.read("/history"))


def test_only_our_own_form_adds(app: App, curator: Curator, page: str) -> None:
    answer = curator.client.post(
        "/add", data={"url": page, "title": TITLE}, headers={"Origin": "https://elsewhere.example"}
    )
    assert answer.status_code == 403
    with app.reading() as connection:
        assert not list_past(connection, limit=1)


def test_what_a_phone_shares_is_offered(curator: Curator, page: str) -> None:
    answer = curator.client.get("/share", params={"text": f"look {page}", "title": "T"}, follow_redirects=False)
    assert answer.headers["location"].startswith("/add?url=http%3A%2F%2F127.0.0.1")


def test_a_program_and_a_terminal_add_too(
    app: App, curator: Curator, page: str, call_console: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    secret = tokens.add_token(app, "script")[1]
    answer = curator.client.post(
        "/api/v1/posts", json={"url": page, "note": "From a script."}, headers={"Authorization": f"Bearer {secret}"}
    )
    told = answer.json()
    assert (answer.status_code, told["is_new"], told["post"]["added_by"]) == (200, True, "script")
    home = f'[visits]\nallowed_networks = ["127.0.0.0/8"]\n[feeds.{FEED.key}]\nurl = "{FEED.url}"\nname = "x"\nkind = "company"\n'
    (app.folder / "feeds.toml").write_text(home, encoding="utf-8")
    looked = call_console("--home", str(app.folder), "add", page, "--dry-run")
    assert f"\n{TITLE}\n" in looked.stdout
    assert "known as post" in looked.stdout
    added = json.loads(call_console("--home", str(app.folder), "add", page, "--section", "2.4", "--json").stdout)
    assert (added["is_new"], added["post"]["section"]) == (False, "2.4")
