"""Adding a post by its address: what is read, what it joins, and that it can be undone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from aggregator.addresses.urls import canonicalise_url
from aggregator.app import App
from aggregator.exceptions import DigestError
from aggregator.pipeline import adding, history
from aggregator.pipeline.adding import Details, add_post
from aggregator.posts.platforms import Apis
from aggregator.storage.articles import find_article
from aggregator.storage.candidates import count_waiting, get_candidate
from aggregator.storage.posts import find_by_addresses
from aggregator.storage.tables import posts
from aggregator.types import DateSource, Month, ReadPost, Wait
from feed_server import FeedServer
from world import FEED, import_page, make_draft, make_update, store

PAGE = """<!doctype html><html lang="ko"><head><title>벡터 검색을 다시 만든 이야기 | 하늘상점</title>
<meta property="og:title" content="벡터 검색을 다시 만든 이야기"><meta property="og:site_name" content="하늘상점">
<meta property="article:published_time" content="2022-12-09T10:00:00+09:00"></head>
<body><article><h1>벡터 검색을 다시 만든 이야기</h1>{body}</article></body></html>"""
BODY = "".join(
    f"<p>색인을 {n}번 다시 만들며 재현율과 지연 시간을 어떻게 맞바꾸었는지 자세히 적습니다.</p>" for n in range(9)
)


@pytest.fixture
def app(make_app: Callable[..., App]) -> App:
    return make_app([FEED])


def read(app: App, url: str, apis: str = "") -> ReadPost:
    reader = app.post_reader
    if apis:
        reader = replace(reader, apis=Apis(apis, apis))
    return asyncio.run(reader.read(url))


def test_a_page_is_read_corrected_added_and_taken_back(app: App, feed_server: FeedServer) -> None:
    url = feed_server.play("/post", PAGE.format(body=BODY), content_type="text/html; charset=utf-8")
    found = read(app, f"{url}?utm_source=x")
    assert (found.title, found.organisation, found.language) == ("벡터 검색을 다시 만든 이야기", "하늘상점", "ko")
    assert found.published_at == datetime(2022, 12, 9, 1, tzinfo=UTC)
    assert found.text
    assert found.text.words > 50
    assert not found.trouble

    section = app.taxonomy.sections[3]
    candidate, is_new = add_post(app, found, Details(organisation="하늘", section=section, note="좋은 글"))
    assert is_new
    assert (candidate.post.organisation, candidate.section, candidate.correction.note) == ("하늘", section, "좋은 글")  # type: ignore[union-attr]
    assert candidate.post.month == Month(2022, 12)
    assert candidate.added_by == app.curator
    with app.reading() as connection:
        assert "재현율" in find_article(connection, candidate.post.id).html  # type: ignore[union-attr]

    undone = history.undo(app).candidate
    assert undone
    assert undone.post.waits_for is Wait.ADDING
    assert undone.added_by is None
    assert undone.correction is None
    with app.reading() as connection:
        assert count_waiting(connection) == 0
    again = history.redo(app).candidate
    assert again
    assert (again.post.waits_for, again.section, again.added_by) == (None, section, app.curator)


def test_a_known_post_is_joined_by_what_its_page_calls_itself(app: App, feed_server: FeedServer) -> None:
    url = f"{feed_server.address}/vectors-again"
    known = make_draft(1, title="벡터 검색을 다시 만든 이야기", url=url, canonical_url=canonicalise_url(url))
    store(app.database, make_update(known))
    head = f'<link rel="canonical" href="{url}"></head>'
    feed_server.redirect("/s", "/amp/vectors-again")
    feed_server.play("/amp/vectors-again", PAGE.replace("</head>", head).format(body=BODY), content_type="text/html")
    found = read(app, f"{feed_server.address}/s")
    candidate, is_new = add_post(app, found, Details(note="덧붙임"))
    assert not is_new
    assert candidate.post.feed_key == FEED.key
    assert candidate.added_by == app.curator
    assert history.undo(app).candidate.correction is None  # type: ignore[union-attr]


def test_a_copy_stands_for_the_post_that_is_shown(app: App) -> None:
    shown, copy = make_draft(1), make_draft(2, title="다른 제목")
    store(app.database, make_update(shown, copy))
    with app.database.writing() as connection:
        numbers = {url: find_by_addresses(connection, [url]) for url in (shown.canonical_url, copy.canonical_url)}
        is_copy = posts.c.id == numbers[copy.canonical_url]
        connection.execute(posts.update().where(is_copy).values(copy_of=numbers[shown.canonical_url]))
    found = ReadPost(copy.url, (copy.canonical_url,), title=copy.title)
    assert adding.find_known(app, found).post.id == numbers[shown.canonical_url]  # type: ignore[union-attr]
    assert add_post(app, found).candidate.post.id == numbers[shown.canonical_url]


def test_a_printed_post_is_not_moved(app: App) -> None:
    url = "https://a.example/printed"
    import_page(app, f"## 1. Research\n### 1.1. CV\n* [A post (Nov 2022)]({url})\n", is_judged=False)
    found = ReadPost(url, (canonicalise_url(url),), title="A post")
    assert add_post(app, found).candidate.post.month == Month(2022, 11)
    with pytest.raises(DigestError, match="printed in Nov 2022"):
        add_post(app, found, Details(month=Month(2022, 12)))


def test_what_cannot_be_read_is_typed(app: App, feed_server: FeedServer) -> None:
    feed_server.play("/robots.txt", "User-agent: *\nDisallow: /closed", content_type="text/plain")
    found = read(app, f"{feed_server.address}/closed/1")
    assert "robots.txt" in found.trouble
    assert not any(path.startswith("/closed") for path, _ in feed_server.requests)
    with pytest.raises(DigestError, match="no title"):
        add_post(app, found)
    typed = adding.read_details(app, {"title": "손으로 쓴 제목", "day": "2022-11-30", "month": "2022-12"})
    candidate = add_post(app, found, typed).candidate
    assert (candidate.post.month, candidate.post.own_month) == (Month(2022, 12), Month(2022, 11))
    assert candidate.post.published_from is DateSource.CURATOR
    assert candidate.post.language == "ko"
    with pytest.raises(DigestError, match="after"):
        add_post(app, found, adding.read_details(app, {"title": "x", "day": "2022-12-01", "month": "2022-11"}))


def test_a_feed_makes_a_candidate_of_what_was_taken_back(app: App) -> None:
    draft = make_draft(7, title="다시 온 글")
    add_post(app, ReadPost(draft.url, (draft.canonical_url,), title="다시 온 글"))
    number = history.undo(app).candidate.post.id  # type: ignore[union-attr]
    store(app.database, make_update(draft))
    with app.reading() as connection:
        candidate = get_candidate(connection, number)
    assert (candidate.post.waits_for, candidate.post.feed_key) == (None, FEED.key)


REPOSITORY = {
    "name": "nightjar",
    "full_name": "haneul/nightjar",
    "description": "Vector search in a single file.",
    "owner": {"login": "haneul"},
    "topics": ["search"],
    "created_at": "2022-12-03T01:02:03Z",
    "homepage": None,
}
README = "<div id='readme'><article class='markdown-body'><h1>nightjar</h1><p>A small index for vectors, with the paper of it.</p></article></div>"


def test_a_repository_is_read_by_what_github_says_to_programs(app: App, feed_server: FeedServer) -> None:
    feed_server.play("/repos/haneul/nightjar", json.dumps(REPOSITORY), content_type="application/json")
    feed_server.play("/repos/haneul/nightjar/readme", README, content_type="application/vnd.github.html; charset=utf-8")
    found = read(app, "https://github.com/haneul/nightjar", feed_server.address)
    assert (found.title, found.organisation) == ("nightjar: Vector search in a single file", "haneul")
    assert found.published_at == datetime(2022, 12, 3, 1, 2, 3, tzinfo=UTC)
    assert found.text
    assert "small index" in found.text.text
    assert feed_server.requests[1][1]["accept"] == "application/vnd.github.html"
