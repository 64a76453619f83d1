"""What is read of each oddity of tests/data/feeds; a file more there is a row more here."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.exceptions import ParseError
from aggregator.feeds.parse import parse_document
from aggregator.types import Media, ParsedFeed, QuietTimes

URL = "https://feeds.example/blog/feed.xml"
ODDITIES = Path(__file__).parents[1] / "data" / "feeds"
HANEUL = "https://tech.haneul.example"
LUMEN = "https://lumen.example"

# What stands in the feed, and in its entries; fields that are not named are not looked at.
READ: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {
    "rss-090.xml": (
        {"version": "rss090", "title": "Northwind", "site": "https://northwind.example/"},
        [{"title": "One & only", "url": "https://northwind.example/1"}, {"title": "Two"}],
    ),
    "rss-091.xml": (
        {"version": "rss091u", "quiet": QuietTimes((0, 1), (5, 6))},
        [{"summary": "<b>Bold</b> text", "id": None}],
    ),
    "rss-091-netscape.xml": ({"version": "rss091n", "warning": None}, [{"title": "First"}]),
    "rss-092.xml": (
        {"version": "rss092"},
        [
            {
                "title": "",
                "url": f"{HANEUL}/a.mp3",
                "summary": 'Only a text, with <a href="https://tech.haneul.example/about">a link</a>.',
                "media": (Media(f"{HANEUL}/a.mp3", "audio/mpeg"),),
            }
        ],
    ),
    "rss-10.xml": (
        {"version": "rss10", "ttl": timedelta(hours=6), "site": "https://northwind.example/"},
        [
            {
                "id": "https://northwind.example/1",
                "url": "https://northwind.example/1?from=rdf",
                "summary": "Short",
                "content": "<p>The whole release note, longer than the description.</p>",
                "author": "Mina Park",
                "tags": ("mlops",),
                "published_raw": None,
                "updated_raw": "2022-12-01T09:00:00+09:00",
            }
        ],
    ),
    "rss-20-modules.xml": (
        {"version": "rss20", "ttl": timedelta(minutes=90), "title": "하늘상점 기술블로그", "site": f"{HANEUL}/"},
        [
            {
                "id": f"{HANEUL}/?p=1",
                "url": f"{HANEUL}/?p=1&lang=ko",
                "title": "벡터 검색 & 추천",
                "summary": "<p>요약 [&#8230;]</p>",
                "content": f'<p>본문에는 <a href="{HANEUL}/2">링크</a>와 <img src="{HANEUL}/a.png"> 그림이 있다.</p>',
                "author": "박미나, 김도윤",
                "tags": ("추천", "search"),
                "published_raw": "Thu, 01 Dec 2022 09:00:00 +0900",
                "comments": 12,
            }
        ],
    ),
    "atom-03.xml": (
        {"version": "atom03"},
        [
            {
                "title": "A title",
                "content": "<p>Text</p>",
                "published_raw": "2003-12-13T08:29:29-04:00",
                "updated_raw": "2003-12-13T18:30:02Z",
            }
        ],
    ),
    "atom-10.xml": (
        {"version": "atom10", "title": "Lumen Labs", "site": f"{LUMEN}/"},
        [
            {
                "title": "Serving <b> fast",
                "summary": "Short &amp;amp; plain",
                "content": "<p>A text with <em>markup</em>.</p>",
                "author": "Mina Park",
                "tags": ("mlops", "serving"),
            },
            {
                "title": "2 < 3 & 4",
                "summary": "",
                "content": "2 &lt; 3 &amp; 4",
                "author": "team@lumen.example",
                "published_raw": None,
            },
        ],
    ),
    "atom-two-authors.xml": ({}, [{"author": "Mina Park, Doyun Kim"}]),
    "atom-xhtml.xml": (
        {},
        [
            {
                "title": "An inline title",
                "content": f'<p>Line<br>break &amp; <img src="{LUMEN}/a.png" alt="a &quot;b&quot; &lt; c"></p>\n'
                "<pre>if (a &lt; b) { }</pre><hr>",
            },
            {"summary": "<p>With a prefix</p>", "content": "<div>one</div> and <div>two</div>"},
        ],
    ),
    "atom-xhtml-details.xml": (
        {},
        [{"content": "<details><summary>More</summary><p>Hidden text</p></details><p>The end</p>"}],
    ),
    "atom-xhtml-svg.xml": (
        {},
        [
            {
                "content": '<p>Picture:</p><svg xmlns="http://www.w3.org/2000/svg" width="1"><title>dot</title>'
                '<circle r="1"></circle></svg>'
            }
        ],
    ),
    "atom-markup-called-text.xml": ({}, [{"summary": "<p>Not plain at all</p>"}]),
    "atom-base64.xml": ({}, [{"content": ""}]),
    "atom-links.xml": ({}, [{"url": f"{LUMEN}/ko/1", "media": (Media(f"{LUMEN}/1.mp3", "audio/mpeg"),)}]),
    "atom-no-alternate.xml": (
        {},
        [{"url": f"{LUMEN}/by-id"}, {"url": "https://elsewhere.example/story"}, {"title": "None", "url": None}],
    ),
    "atom-source.xml": (
        {"title": "Lumen Labs"},
        [{"title": "Entry", "url": f"{LUMEN}/1", "author": "Mina Park", "updated_raw": "2022-12-01T00:00:00Z"}],
    ),
    "atom-threading.xml": ({}, [{"comments": 7, "url": f"{LUMEN}/1"}, {"comments": 3}]),
    "atom-prefixed.xml": ({"version": "atom10", "title": "Prefixed"}, [{"title": "x", "id": "urn:uuid:1"}]),
    "xml-base.xml": (
        {},
        [
            {
                "url": f"{LUMEN}/blog/posts/1",
                "content": '<a href="https://cdn.example/deep/note.html">n</a> <img src="https://cdn.example/i.png"> '
                '<a href="#top">t</a>',
                "media": (Media(f"{LUMEN}/blog/posts/1.mp3", "audio/mpeg"),),
            },
            {"url": f"{LUMEN}/2", "summary": f'<a href="{LUMEN}/blog/two">2</a>'},
        ],
    ),
    "xml-base-relative.xml": (
        {},
        [
            {
                "url": "https://feeds.example/blog/1",
                "content": '<a href="https://feeds.example/blog/note.html">n</a>',
            }
        ],
    ),
    "relative-links.xml": (
        {},
        [
            {
                "id": "post-1",
                "url": f"{HANEUL}/posts/1/",
                "summary": f'<p><a href="{HANEUL}/posts/1/part-2">next</a> '
                f'<img alt="src=x" src="{HANEUL}/posts/i.png?a=1&amp;b=2"> '
                '<a href=https://other.example/>o</a> <a href="https://cdn.example/x">c</a> '
                '<a href="mailto:a@b.example">m</a> <code>href="untouched"</code></p>',
                "media": (Media(f"{HANEUL}/a.mp3", "audio/mpeg"),),
            }
        ],
    ),
    "media-rss.xml": (
        {},
        [
            {
                "title": "Film",
                "summary": "What the film shows",
                "tags": ("film", "serving"),
                "media": (
                    Media("https://cdn.example/film.mp4", "video/mp4"),
                    Media("https://cdn.example/film.webm", "video/webm"),
                    Media("https://cdn.example/film.jpg", None),
                    Media("https://cdn.example/by-text.jpg", None),
                ),
            },
            {"title": "Only this title", "media": (Media(f"{HANEUL}/relative.png", None),)},
        ],
    ),
    "media-beside-post.xml": (
        {},
        [
            {
                "title": "Post",
                "author": "Mina Park",
                "summary": "A word on the picture",
                "content": "<p>The whole post stands in its description and is much longer.</p>",
            }
        ],
    ),
    "podcast.xml": (
        {"site": f"{HANEUL}/"},
        [
            {
                "title": "Episode 1",
                "url": "https://cdn.example/e1.mp3",
                "author": "Mina Park",
                "summary": "Spoken words",
                "tags": ("ml", "ops"),
                "media": (Media("https://cdn.example/e1.mp3", "audio/mpeg"),),
            }
        ],
    ),
    "guid-as-link.xml": (
        {},
        [
            {"id": f"{HANEUL}/a", "url": f"{HANEUL}/a"},
            {"id": f"{HANEUL}/?p=2", "url": f"{HANEUL}/?p=2"},
            {"id": "/c", "url": f"{HANEUL}/c"},
            {"id": "12345", "url": None},
            {"id": f"{HANEUL}/e", "url": f"{HANEUL}/e"},
        ],
    ),
    "links-escaped-twice.xml": ({}, [{"url": f"{HANEUL}/?a=1&b=2"}, {"url": f"{HANEUL}/b"}]),
    "feedburner.xml": ({}, [{"url": f"{HANEUL}/a", "id": "p1"}]),
    "namespace-misspelt.xml": ({"warning": None}, [{"content": "<p>Full</p>", "author": "Mina"}]),
    "namespace-undeclared.xml": (
        {"warning": "the document is not well-formed XML (line 7: unbound prefix)"},
        [{"author": "Mina"}],
    ),
    "upper-case.xml": (
        {"version": "rss20", "title": "Loud"},
        [{"title": "A", "id": "1", "published_raw": "Thu, 01 Dec 2022 09:00:00 GMT"}],
    ),
    "authors-with-addresses.xml": (
        {},
        [
            {"author": "Mina Park"},
            {"author": "Mina Park"},
            {"author": "mina@haneul.example"},
            {"author": "Mina Park, Doyun Kim"},
        ],
    ),
    "comments-and-instructions.xml": (
        {"title": "Feed"},
        [{"title": "A title", "url": f"{HANEUL}/a", "summary": "one & two & three"}],
    ),
    "windows-1252-controls.xml": ({}, [{"title": "2020–2022 “quoted”", "summary": "It’s — fine"}]),
    "encoded-twice.xml": ({}, [{"title": "Café — naïve", "author": "José"}]),
    "euc-kr.xml": ({"warning": None}, [{"title": "추천 시스템의 똠방각하"}]),
    "euc-kr-claims-utf-8.xml": (
        {"title": "하늘상점 기술블로그", "warning": "the document is not in utf-8 as it says; read as cp949"},
        [{"title": "추천 시스템 개선기"}],
    ),
    "windows-1252-claims-utf-8.xml": (
        {"warning": "the document is not in utf-8 as it says; read as windows-1252"},
        [{"title": "Café “naïve”"}],
    ),
    "utf-8-claims-latin-1.xml": ({"warning": None}, [{"title": "추천 시스템"}]),
    "utf-8-damaged.xml": (
        {"warning": "the document has bytes that are not UTF-8; they are shown as \ufffd"},
        [{"title": "추천 \ufffd스템 이야기와 그 다음 이야기"}],
    ),
    "utf-16.xml": ({"warning": None}, [{"title": "추천 시스템"}]),
    "utf-16-without-mark.xml": ({"warning": None}, [{"title": "추천 시스템"}]),
    "utf-8-mark.xml": ({"warning": None}, [{"title": "추천"}]),
    "control-characters.xml": ({"warning": None}, [{"title": "추천 시스템", "summary": "ab"}]),
    "references-illegal.xml": ({"warning": None}, [{"title": "추천 시스템", "summary": "ab😀"}]),
    "entities-of-html.xml": (
        {"warning": "the document does not escape all that XML asks to escape, such as a bare & or &nbsp;"},
        [{"title": "One two © …", "summary": "a & b — <p>c</p>"}],
    ),
    "entities-declared.xml": ({"warning": None}, [{"title": "Haneul ©"}]),
    "entities-external.xml": ({}, [{"title": "a &secret; b"}]),
    "entities-bomb.xml": ({}, [{"title": "&h; end"}]),
    "ampersand-bare.xml": ({}, [{"title": "R & D"}]),
    "truncated-in-entry.xml": (
        {"warning": "the document ends too early; its 2 complete entries are read", "is_cut": True},
        [{"title": "One"}, {"title": "Two"}],
    ),
    "truncated-in-cdata.xml": (
        {"warning": "the document ends too early; its 1 complete entries are read", "is_cut": True},
        [{"title": "One"}],
    ),
    "truncated-between.xml": (
        {"warning": "the document ends too early; its 2 complete entries are read", "is_cut": True},
        [{"title": "One"}, {"title": "Two"}],
    ),
    "truncated-and-broken.xml": (
        {"warning": "the document ends too early; its 1 complete entries are read", "is_cut": True},
        [{"title": "R & D"}],
    ),
    "markup-unescaped.xml": (
        {"warning": None},
        [{"title": "A bold title", "summary": "<p>Not <em>escaped</em></p><p>at all</p>"}],
    ),
    "items-outside-channel.xml": ({"title": "Early end"}, [{"title": "One"}, {"title": "Two"}]),
    "items-never-closed.xml": ({"title": "Old"}, [{"title": "One"}, {"url": "https://northwind.example/2"}]),
    "after-the-end.xml": (
        {"is_cut": False, "warning": "the document is not well-formed XML (line 15: junk after document element)"},
        [{"title": "One"}],
    ),
    "before-the-start.xml": ({"warning": None}, [{"title": "One"}]),
    "before-the-start-warning.xml": ({"title": "하늘상점 기술블로그"}, [{"title": "One"}]),
    "item-image.xml": (
        {},
        [{"title": "a", "url": f"{HANEUL}/a"}, {"title": "b", "url": f"{HANEUL}/b"}],
    ),
    "date-elements.xml": (
        {},
        [
            {"published_raw": None, "updated_raw": "2022.12.01"},
            {"published_raw": "2022-12-02 오후 03:00:00", "updated_raw": "2022-12-03"},
            {"published_raw": "2022-12-04"},
        ],
    ),
    "two-texts.xml": ({}, [{"title": "a", "summary": "Short", "content": "A longer summary of it"}]),
    "empty.xml": ({"title": "하늘상점 기술블로그", "warning": None, "is_cut": False}, []),
    "elements-unknown.xml": ({}, [{"title": "a", "tags": (), "media": ()}]),
    "json-10.json": (
        {"version": "json10", "title": "Lumen & Labs", "site": f"{LUMEN}/"},
        [
            {
                "id": "2",
                "title": "2 < 3",
                "content": "a &lt; b\n&lt;p&gt;not markup&lt;/p&gt;",
                "author": "Mina Park",
                "published_raw": "2022-12-02T00:00:00+09:00",
            },
            {
                "url": "https://elsewhere.example/story",
                "content": '<p><a href="https://lumen.example/x">x</a></p>',
                "summary": "Short &amp; plain",
                "media": (Media("https://lumen.example/i.png", None),),
            },
        ],
    ),
    "json-11.json": (
        {"version": "json11", "title": "하늘상점"},
        [
            {
                "id": f"{HANEUL}/1",
                "url": f"{HANEUL}/1",
                "content": "<p>본문</p>",
                "summary": "",
                "author": "박미나, 김도윤",
                "tags": ("추천", "search"),
                "updated_raw": "2022-12-02T09:00:00+09:00",
                "media": (
                    Media("https://cdn.example/1.mp3", "audio/mpeg"),
                    Media("https://cdn.example/b.png", None),
                ),
            }
        ],
    ),
    "json-odd-types.json": (
        {"version": "json10", "title": None, "site": None},
        [
            {
                "id": "17",
                "title": "",
                "content": "text",
                "author": "Mina",
                "tags": ("a", "b"),
                "published_raw": "1672531200",
            },
            {
                "id": "1.5",
                "url": "https://elsewhere.example/",
                "author": "Doyun, Mina",
                "tags": ("c",),
                "summary": "NUL and  half",
                "media": (Media("https://cdn.example/a", None),),
            },
        ],
    ),
    "json-cut.json": (
        {"warning": "the JSON breaks off; its 2 complete entries are read", "is_cut": True},
        [{"id": "1"}, {"id": "2"}],
    ),
}
REFUSED = {
    "json-other.json": "the answer is JSON, but not a JSON Feed",
    "opml.xml": "the answer is an XML document of another kind (<opml>), not a feed",
    "sitemap.xml": "the answer is an XML document of another kind (<urlset>), not a feed",
    "page.html": "the answer is an HTML page (Just a moment…), not a feed",
}


def _parse(name: str) -> ParsedFeed:
    return parse_document((ODDITIES / name).read_bytes(), URL)


def test_every_oddity_has_its_row() -> None:
    assert {file.name for file in ODDITIES.iterdir()} == READ.keys() | REFUSED.keys()


@pytest.mark.parametrize("name", READ)
def test_what_is_read(name: str) -> None:
    feed, entries = READ[name]
    parsed = _parse(name)
    assert {field: getattr(parsed, field) for field in feed} == feed
    assert [
        {field: getattr(entry, field) for field in expected}
        for entry, expected in zip(parsed.entries, entries, strict=True)
    ] == entries


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name: str) -> None:
    with pytest.raises(ParseError) as caught:
        _parse(name)
    assert caught.value.reason == REFUSED[name]
