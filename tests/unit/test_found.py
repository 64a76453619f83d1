"""What pages and services say of a post: their real structure, with invented words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lxml.html import fromstring

from aggregator.locales import speaking
from aggregator.posts.found import Answers, read_found
from aggregator.posts.page_facts import _list_articles
from aggregator.posts.platforms import Origin, Way, find_way
from aggregator.types import DateSource, ReadPost, Retrieved
from aggregator.words.adding import say_trouble
from growth import find_growth
from world import NOW


def read(
    url: str, head: str = "", body: str = "<p>A text of some words that is long enough to be read.</p>", **more: Any
) -> ReadPost:
    page = f"<html lang='{more.pop('lang', 'en')}'><head>{head}</head><body><article>{body}</article></body></html>"
    return read_found(
        find_way(url),
        Answers(None, Retrieved(url, 200, page.encode(), "text/html; charset=utf-8", **more)),
        4000,
        now=NOW,
    )


def read_api(url: str, said: dict[str, Any], text: Retrieved | None = None) -> ReadPost:
    way = find_way(url)
    facts = Retrieved(way.facts.url if way.facts else url, 200, json.dumps(said).encode(), "application/json")
    return read_found(way, Answers(facts, text), 4000, now=NOW)


@pytest.mark.parametrize(
    ("head", "title", "organisation", "day"),
    [
        ('<title>A Post | Acme Tech</title><meta property="og:site_name" content="Acme Tech">', "A Post", "Acme Tech", None),
        ('<meta property="og:title" content="A &amp; B"><meta name="date" content="2022-12-05">', "A & B", "", "2022-12-05"),
        (
            '<title>x</title><script type="application/ld+json">{"@graph": [{"@type": "BlogPosting", "datePublished": "2022-12-05T01:00:00Z",'
            ' "publisher": {"@type": "Organization", "name": "Acme"}}]}</script>',
            "x", "Acme", "2022-12-05",
        ),
        ('<title>On Medium | by Kim | Medium</title><meta property="og:site_name" content="Medium">', "On Medium | by Kim", "", None),
        ('<title>x</title><meta property="article:published_time" content="not a date">', "x", "", None),
    ],
)  # fmt: skip
def test_the_head_of_a_page(head: str, title: str, organisation: str, day: str | None) -> None:
    found = read("https://a.example/post", head)
    assert (found.title, found.organisation) == (title, organisation)
    assert (found.published_at.date().isoformat() if found.published_at else None) == day


def test_a_day_comes_from_the_only_time_or_the_address_or_from_nothing() -> None:
    one = read("https://a.example/p", body="<time datetime='2022-12-04'>4 Dec</time><p>Words of a text.</p>")
    assert one.published_from is DateSource.PUBLISHED
    two = read(
        "https://a.example/p",
        body="<time datetime='2022-12-04'></time><time datetime='2021-01-01'></time><p>Words.</p>",
    )
    assert two.published_at is None
    assert read("https://a.example/2022/12/04/p").published_from is DateSource.URL
    assert read("https://a.example/2022/p").published_at is None


def test_a_code_that_is_not_a_language_is_not_one() -> None:
    assert [read("https://a.example/p", body="", lang=code).language for code in ("KO-kr", " x", "{{")] == [
        *("ko", "en", "en"),
    ]


def test_a_long_list_of_json_is_read_in_linear_time() -> None:
    def read_head(text: str) -> object:
        return list(_list_articles(fromstring(f'<p><script type="application/ld+json">{text}</script></p>')))

    assert not find_growth(read_head, "[0", ",0", "]", size=60_000)


def test_what_came_in_the_way_is_said_in_the_language_of_the_reader() -> None:
    with speaking("ko"):
        said = say_trouble(ReadPost("u", ("u",), trouble="its server does not say what it documents"))
    assert said == "다 읽지 못했습니다: 서버가 공개한 형식으로 답하지 않습니다."


def test_half_a_character_is_left_out() -> None:
    said = {"description": "x", "files": {"a.md": {"filename": "a.md", "content": "# A title\ud800\n\nA text\ud800."}}}
    found = read_api(f"https://gist.github.com/kim/{'a' * 32}", said)
    assert (found.title, found.text and found.text.text) == ("A title", "A title A text.")
    topics = {"name": "nightjar\ud800", "topics": ["search\ud800"]}
    assert read_api("https://github.com/haneul/nightjar", topics).tags == ("search",)


def test_a_page_that_asks_not_to_be_kept_gives_its_title_alone() -> None:
    found = read("https://a.example/p", "<title>Closed</title>", robots_tag="noarchive")
    assert (found.title, found.text, found.trouble) == ("Closed", None, "the page asks not to be kept (noarchive)")


def test_a_paper_is_its_abstract_whichever_form_is_given() -> None:
    assert find_way("https://arxiv.org/pdf/2208.01234v2").text == find_way("https://arxiv.org/html/2208.01234v1").text
    head = (
        '<title>[2208.01234] Sparse Experts</title><meta name="citation_title" content="Sparse Experts on One Box">'
        '<meta name="citation_date" content="2022/08/02"><meta name="citation_abstract" content="We serve experts. Code: https://github.com/haneul/experts">'
        '<meta property="og:site_name" content="arXiv.org">'
    )
    found = read("https://arxiv.org/pdf/2208.01234", head)
    assert (found.url, found.title, found.organisation) == (
        "https://arxiv.org/abs/2208.01234",
        "Sparse Experts on One Box",
        "",
    )
    assert found.text
    assert found.text.links == ("https://github.com/haneul/experts",)


def test_services_say_what_they_document() -> None:
    release = read_api(
        "https://github.com/haneul/nightjar/releases/tag/v1.2.0",
        {"name": "v1.2.0", "tag_name": "v1.2.0", "published_at": "2022-12-05T00:00:00Z", "body_html": "<h2>Changes</h2><p>Faster by half.</p>",
         "html_url": "https://github.com/haneul/nightjar/releases/tag/v1.2.0"},
    )  # fmt: skip
    assert (release.title, release.organisation) == ("nightjar v1.2.0", "haneul")
    assert release.text
    assert "https://github.com/haneul/nightjar" in release.text.links

    gist = read_api(
        "https://gist.github.com/kim/8627fe009c40f57531cb18360106ce95",
        {"description": "notes", "created_at": "2022-12-01T00:00:00Z", "owner": {"login": "kim"},
         "files": {"a.md": {"filename": "a.md", "content": "# A minimal loop\n\nWords about it.\n\n```py\nx = 1\n```\nEnd."}}},
    )  # fmt: skip
    assert (gist.title, gist.organisation) == ("A minimal loop", "kim")
    assert gist.text
    assert (gist.text.code_blocks, "Words about it." in gist.text.text, "End." in gist.text.text) == (1, True, True)

    card = (
        "<main><article><h1>Nightjar</h1><p>A model card with words about what it was trained on.</p></article></main>"
    )
    model = read_api(
        "https://huggingface.co/haneul/nightjar-base",
        {"id": "haneul/nightjar-base", "author": "haneul", "createdAt": "2022-12-02T03:04:05.000Z", "tags": ["pytorch", "arxiv:2208.01234"]},
        Retrieved("https://huggingface.co/haneul/nightjar-base", 200, card.encode(), "text/html"),
    )  # fmt: skip
    assert (model.title, model.organisation, model.tags) == ("nightjar-base", "haneul", ("pytorch",))
    assert model.text
    assert "https://arxiv.org/abs/2208.01234" in model.text.links

    paper = read_api(
        "https://huggingface.co/papers/2208.01234",
        {
            "id": "2208.01234",
            "title": "Sparse\n Experts",
            "summary": "We serve experts.",
            "publishedAt": "2022-08-02T00:00:00.000Z",
        },
    )
    assert (paper.title, paper.canonical_urls[1]) == ("Sparse Experts", "https://arxiv.org/abs/2208.01234")


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"[" * 100_000, b'"x"', b'{"name": 4, "owner": [], "topics": {}}'])
def test_what_is_not_documented_is_no_traceback(body: bytes) -> None:
    way = Way("https://github.com/haneul/nightjar", Origin.REPOSITORY)
    found = read_found(way, Answers(Retrieved(way.url, 200, body), None), 4000, now=NOW)
    assert found.title == ""
