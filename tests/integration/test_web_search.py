"""The page of a search, as a browser without scripts gets it."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

import pytest

from aggregator.app import App
from aggregator.pipeline.search import index_new
from aggregator.shipped import SHIPPED
from aggregator.text.terms import parse_query
from aggregator.web.search.filter import PAGE, SearchFilter, read_filter
from aggregator.web.search.view import cut_excerpt, mark_hits
from world import FEEDS, SAMPLES, Curator, fill, make_many, visit_page


@pytest.fixture
def curator(make_app: Callable[..., App]) -> Curator:
    app = make_app(FEEDS)
    numbers = fill(app, SAMPLES)
    index_new(app.database)
    return visit_page(app, numbers).log_in()


def search(curator: Curator, words: str = "", **fields: str) -> str:
    pairs = {"q": words, **fields}
    return curator.read("/search?" + "&".join(f"{name}={quote(value)}" for name, value in pairs.items()))


def list_found(curator: Curator, page: str) -> list[str]:
    by_number = {number: name for name, number in curator.numbers.items()}
    return [by_number[int(number)] for number in re.findall(r'<li id="found-(\d+)"', page)]


def test_it_is_for_the_curator_alone(make_app: Callable[..., App]) -> None:
    assert visit_page(make_app(FEEDS)).client.get("/search", params={"q": "x"}).status_code == 401


def test_every_page_leads_to_the_search_which_has_a_box_of_its_own(curator: Curator) -> None:
    for path in ("/queue/2022-12", "/feeds", "/digest", "/search"):
        page = curator.read(path)
        # Without the script, the button of the palette is a link.
        assert page.count('href="/search" data-opens="palette"') == page.count('<dialog id="palette"') == 1
        main, palette = page.split('<dialog id="palette"')
        assert palette.count('action="/search"') == 1
        assert main.count('action="/search"') == (path == "/search")


def test_words_are_found_and_marked(curator: Curator) -> None:
    page = search(curator, "재정렬 추천")
    assert list_found(curator, page)[0] == "실시간-추천"
    assert "장바구니 <mark>추천</mark>을 실시간으로: 두 단계 검색과 <mark>재정렬</mark>" in page
    assert f"/queue/2022-12?show=all&amp;done={curator.numbers['실시간-추천']}#post-" in page
    assert "2.3 " in page


def test_the_link_leads_to_the_post(curator: Curator) -> None:
    page = search(curator, "색인 없이")
    (path,) = re.findall(r'<a href="(/queue/[^"]+)">In the queue', page)
    assert path.startswith("/queue/2022-11?")
    path = path.replace("&amp;", "&").partition("#")[0]
    assert curator.list_shown(path) == ["색인-없이"]
    assert curator.find_open(path) == "색인-없이"


def test_what_was_said_of_a_post_is_shown_and_searched(curator: Curator) -> None:
    curator.decide("hiring", "reject", reason="job offer")
    curator.decide("feature-stores", "approve")
    rejected = search(curator, verdict="rejected")
    assert list_found(curator, rejected) == ["hiring"]
    assert "<b>Rejected</b>: job offer" in rejected
    assert list_found(curator, search(curator, "feature stores", verdict="approved")) == ["feature-stores"]
    assert list_found(curator, search(curator, "feature stores", verdict="held")) == []


def test_a_search_is_narrowed(curator: Curator) -> None:
    assert list_found(curator, search(curator, "검색", month="2022-11")) == ["색인-없이"]
    assert set(list_found(curator, search(curator, section="2.3"))) == {"실시간-추천", "eta-transformer"}
    assert list_found(curator, search(curator, source="cloud")) == ["tensor-parallelism"]
    page = search(curator, language="ko", section="2.1")
    assert list_found(curator, page) == ["이미지-중복"]
    assert '<option value="ko" selected>Korean</option>' in page


def test_markup_of_feeds_is_shown_and_not_run(curator: Curator) -> None:
    page = search(curator, "alert script")
    assert list_found(curator, page) == ["injections"]
    assert "&lt;<mark>script</mark>&gt;<mark>alert</mark>(1)&lt;/<mark>script</mark>&gt;" in page
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_markup_in_the_words_is_shown_and_not_run(curator: Curator) -> None:
    page = search(curator, '"><script>alert(2)</script>', source='"><b>', language="\0")
    assert "<script>alert" not in page
    assert '"><b>' not in page


@pytest.mark.parametrize("words", ["", "!!!", '"', "-", "AND OR NEAR( * ^", "x" * 100_000, "-x", "\0", "%' OR 1=1"])
def test_anything_can_be_asked(curator: Curator, words: str) -> None:
    page = search(curator, words[:5000])
    assert "Search" in page


def test_signs_alone_find_nothing_and_exclusions_the_rest(curator: Curator) -> None:
    assert list_found(curator, search(curator)) == []
    assert "Nothing found" not in search(curator)
    assert "Nothing found" in search(curator, "!!!", section="2.3")
    assert "hiring" in list_found(curator, search(curator, "-serving"))


def test_what_is_not_indexed_yet_is_said(make_app: Callable[..., App]) -> None:
    app = make_app(FEEDS)
    curator = visit_page(app, fill(app, SAMPLES)).log_in()
    assert f"{len(SAMPLES)} posts cannot be found yet" in search(curator, "추천")
    index_new(app.database)
    assert "cannot be found yet" not in search(curator, "nothing like this")


def test_a_long_list_has_pages(make_app: Callable[..., App]) -> None:
    app = make_app(FEEDS)
    curator = visit_page(app, fill(app, make_many(PAGE + 3))).log_in()
    index_new(app.database)
    first = search(curator, "post")
    assert f"1 to {PAGE} of {PAGE + 3} posts" in first
    (path,) = re.findall(r'href="(/search[^"]*)" rel="next"', first)
    second = curator.read(path.replace("&amp;", "&"))
    assert len(list_found(curator, second)) == 3
    assert not set(list_found(curator, first)) & set(list_found(curator, second))
    assert list_found(curator, search(curator, "post", page="40")) == []


def test_a_search_has_an_address() -> None:
    chosen = read_filter(
        {"q": " 추천  모델 ", "month": "2022-2", "section": "2.4", "verdict": "held", "page": "2"}, SHIPPED
    )
    assert chosen.words == "추천 모델"
    assert (chosen.narrowing.month, chosen.narrowing.section) == ("2022-02", SHIPPED.parse_section("2.4"))
    query = {"q": chosen.words, "section": "2.4", "month": "2022-02", "verdict": "held", "page": "2"}
    assert read_filter(query, SHIPPED) == chosen
    assert (
        chosen.path == "/search?q=%EC%B6%94%EC%B2%9C%20%EB%AA%A8%EB%8D%B8&section=2.4&month=2022-02&verdict=held&page=2"
    )
    assert read_filter({"month": "x", "section": "9.9", "verdict": "liked", "page": "-1"}, SHIPPED) == SearchFilter()


def test_an_excerpt_is_around_the_first_hit() -> None:
    text = "말 " * 300 + "언어모델을 배포 " + "끝 " * 300
    pieces = cut_excerpt(text, parse_query("모델"))
    assert pieces[0].text.startswith("… 말")
    assert [piece.text for piece in pieces if piece.is_hit] == ["모델"]
    assert sum(len(piece.text) for piece in pieces) < 300
    assert "".join(piece.text for piece in mark_hits(text, parse_query("모델"))) == text


def test_a_found_post_is_decided_where_it_was_found(curator: Curator) -> None:
    path, number = "/search?q=hiring", curator.numbers["hiring"]
    page = curator.read(path)
    (seen,) = set(re.findall(r'name="seen" value="([^"]*)"', page))
    assert re.findall(r'action="(/posts/\d+/\w+)"', page) == [
        f"/posts/{number}/{verdict}" for verdict in ("approve", "hold", "reject")
    ]

    answer = curator.decide("hiring", "reject", reason="off topic", seen=seen, next=path)

    assert (answer.status_code, answer.headers["location"]) == (303, path)
    page = curator.read(path)
    assert "Rejected</b>: off topic" in page
    assert f"/posts/{number}/" not in page


# --- what a phone shares ---


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("url={url}", "/posts/{post}"),
        ("title=A+Post&text=Read+this:+{url}%3Futm_source%3Dshare", "/posts/{post}"),
        ("text=https://unknown.example/a-post", "/add?url=https%3A%2F%2Funknown.example%2Fa-post"),
        ("title=색인+없이", "/search?q=%EC%83%89%EC%9D%B8%20%EC%97%86%EC%9D%B4"),
        ("", "/search?q="),
    ],
)
def test_a_shared_address_leads_to_its_post(curator: Curator, query: str, path: str) -> None:
    post = curator.get("색인-없이").post

    answer = curator.client.get(f"/share?{query.format(url=quote(post.url))}", follow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (303, path.format(post=post.id))


def test_what_is_shared_is_for_the_curator_alone(make_app: Callable[..., App]) -> None:
    assert visit_page(make_app(FEEDS)).client.get("/share?url=https://a.example/").status_code == 401
