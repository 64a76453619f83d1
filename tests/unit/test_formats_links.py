"""Which address an item has, of all that it names; and what a link is seen from."""

from __future__ import annotations

import json

import pytest

from aggregator.feeds.parse import parse_document

URL = "https://feeds.example/blog.xml"
A = "https://blog.example/a"
_SITE = "https://blog.example/"
_IANA = "http://www.iana.org/assignments/relation"


def _read_rss(item: str, *, site: str = _SITE, url: str = URL) -> str | None:
    body = f'<rss version="2.0"><channel><title>B</title><link>{site}</link><item><title>T</title>{item}</item></channel></rss>'
    (entry,) = parse_document(body.encode(), url).entries
    return entry.url


def _read_atom(entry: str, *, head: str = f'<link href="{_SITE}"/>', url: str = URL, base: str = "") -> str | None:
    body = (
        f'<feed xmlns="http://www.w3.org/2005/Atom"{base}><title>B</title><id>urn:x</id>{head}'
        f"<entry><id>urn:x:1</id><title>T</title>{entry}<updated>2025-10-02T03:00:00Z</updated></entry></feed>"
    )
    (found,) = parse_document(body.encode(), url).entries
    return found.url


def _read_json(**item: object) -> str | None:
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "B", "home_page_url": _SITE, "items": [item]}
    (entry,) = parse_document(json.dumps(feed).encode(), URL).entries
    return entry.url


@pytest.mark.parametrize(
    ("links", "url"),
    [
        # what cannot be linked to hides nothing that can
        (f'<link rel="alternate" href="gemini://blog.example/a.gmi"/><link rel="alternate" href="{A}"/>', A),
        (f'<link href="mailto:a@blog.example"/><link rel="alternate" type="text/html" href="{A}"/>', A),
        (f'<link type="text/html" href="javascript:void(0)"/><link type="application/json" href="{A}"/>', A),
        (f'<link href="tag:blog.example,2025:a"/><link rel="related" href="{A}"/>', A),
        # nor does what only its writer's machine has
        (f'<link href="http://localhost:4000/a"/><link href="{A}"/>', A),
        ('<link href="http://localhost:4000/a"/><link rel="enclosure" href="https://cdn.example/a.mp3"/>', "http://localhost:4000/a"),
        # pages before other forms
        (f'<link type="application/pdf" href="https://blog.example/a.pdf"/><link type="text/html; charset=utf-8" href="{A}"/>', A),
        (f'<link type="application/pdf" href="{A}"/>', A),
        # relations by any name
        (f'<link rel="self" href="https://blog.example/a.atom"/><link rel="{_IANA}/alternate" href="{A}"/>', A),
        (f'<link rel="self" href="https://blog.example/a.atom"/><link rel="{_IANA.upper()}/ALTERNATE" href="{A}"/>', A),
        (f'<link rel="https://www.iana.org/assignments/link-relations/self" href="https://b.example/x"/><link href="{A}"/>', A),
        (f'<link rel="self" href="https://blog.example/a.atom"/><link rel="Alternate" href="{A}"/>', A),
        (f'<link rel="self" href="https://blog.example/a.atom"/><link rel="noopener alternate" href="{A}"/>', A),
        (f'<link rel="self" href="https://blog.example/a.atom"/><link rel="" href="{A}"/>', A),
        (f'<link rel="self" href="https://blog.example/a.atom"/><link rel="canonical" href="{A}"/>', A),
        (f'<link rel="{_IANA}/via" href="https://b.example/x"/><link rel="{_IANA}/related" href="{A}"/>', A),
        (f'<link rel="http://other.example/rel" href="https://b.example/x"/><link rel="self" href="{A}"/>', A),
        # content that stands outside of the document
        (f'<content type="text/html" src="{A}"/>', A),
        ('<content type="text/html" src="/a"/>', A),
        (f'<link rel="self" href="https://blog.example/a.atom"/><content type="html" src="{A}"/>', A),
        (f'<link href="{A}"/><content type="text/html" src="https://blog.example/body.html"/>', A),
        (f'<content type="image/png" src="https://cdn.example/a.png"/><link rel="via" href="{A}"/>', A),
        (f'<content type="application/pdf" src="{A}"/>', A),
    ],
)  # fmt: skip
def test_the_address_of_an_entry_of_atom(links: str, url: str) -> None:
    assert _read_atom(links) == url


@pytest.mark.parametrize(
    ("item", "url"),
    [
        (f"<link>mailto:a@blog.example</link><guid>{A}</guid>", A),
        (f"<link>#</link><guid>{A}</guid>", A),
        (f'<link>N/A</link><guid isPermaLink="false">{A}</guid>', A),
        (f"<link>none</link><guid>{A}</guid>", A),
        ("<link>#</link><guid>17</guid>", "https://blog.example/"),
        (f"<link>http://192.168.0.7/a</link><guid>{A}</guid>", A),
        (f"<guid>17</guid><comments>{A}#comments</comments>", A),
        (f"<guid>{A}</guid><comments>https://blog.example/talk</comments>", A),
        (f'<enclosure url="{A}.mp3" type="audio/mpeg" length="1"/><comments>https://blog.example/b</comments>', f"{A}.mp3"),
        # of all items of that feed
        ('<guid>17</guid><source url="https://other.example/feed.xml">Other</source>', None),
        # hosts without a scheme, and paths
        ("<link>www.other.example/post-1</link>", "https://www.other.example/post-1"),
        ("<link>blog.example/a</link>", A),
        ("<link>//blog.example/a</link>", A),
        ("<link>https//blog.example/a</link>", A),
        ("<guid>www.blog.example/a</guid>", "https://www.blog.example/a"),
        ("<link>/posts/a</link>", "https://blog.example/posts/a"),
        ("<link>posts/a.html</link>", "https://blog.example/posts/a.html"),
        ("<link>index.html</link>", "https://blog.example/index.html"),
        ("<link>v1.2/notes</link>", "https://blog.example/v1.2/notes"),
        ("<link>?p=3</link>", "https://blog.example/?p=3"),
        # ampersands of every kind; the first make the document no XML
        ("<link>/p?a=1&b=2</link>", "https://blog.example/p?a=1&b=2"),
        ("<link>/p?a=1&copy=2&lt=3&sect=4</link>", "https://blog.example/p?a=1&copy=2&lt=3&sect=4"),
        ("<guid>https://blog.example/p?a=1&reg=2&b</guid>", "https://blog.example/p?a=1&reg=2&b"),
        ("<link>/p?a=1&amp;b=2</link>", "https://blog.example/p?a=1&b=2"),
        ("<link>/p?a=1&amp;amp;b=2</link>", "https://blog.example/p?a=1&b=2"),
        ("<link><![CDATA[/p?a=1&b=2&copy=3]]></link>", "https://blog.example/p?a=1&b=2&copy=3"),
        ("<link><![CDATA[/p?a=1&#038;b=2]]></link>", "https://blog.example/p?a=1&b=2"),
        ("<title>Q&A</title><link><![CDATA[/p?a=1&b=2]]></link><!-- a & b -->", "https://blog.example/p?a=1&b=2"),
    ],
)  # fmt: skip
def test_the_address_of_an_item_of_rss(item: str, url: str | None) -> None:
    assert _read_rss(item) == url


@pytest.mark.parametrize(
    ("item", "url"),
    [
        ({"id": "1", "url": "gemini://blog.example/a", "external_url": A}, A),
        ({"id": A, "url": "#"}, A),
        ({"id": "1", "url": "/a"}, A),
        ({"id": "1", "url": "blog.example/a"}, A),
        ({"id": "1", "url": "data:text/html,x"}, "data:text/html,x"),
        ({"id": "1"}, None),
    ],
)
def test_the_address_of_an_item_of_json_feed(item: dict[str, object], url: str | None) -> None:
    assert _read_json(**item) == url


@pytest.mark.parametrize(
    ("site", "url", "seen"),
    [
        (_SITE, "https://feeds.example/blog.xml", "https://blog.example/posts/a"),
        ("www.blog.example", "https://feeds.example/blog.xml", "https://www.blog.example/posts/a"),
        (_SITE, "https://blog.example/feeds/rss.xml", "https://blog.example/posts/a"),
        ("https://blog.example/notes/", "https://blog.example/feeds/rss.xml", "https://blog.example/notes/posts/a"),
        # a channel that names no site, or one that nobody else finds
        ("", "https://feeds.example/in/blog.xml", "https://feeds.example/in/posts/a"),
        ("gemini://blog.example/", "https://feeds.example/in/blog.xml", "https://feeds.example/in/posts/a"),
        ("http://localhost:4000/", "https://feeds.example/in/blog.xml", "https://feeds.example/in/posts/a"),
    ],
)
def test_a_relative_link_is_seen_from_the_site_that_the_channel_names(site: str, url: str, seen: str) -> None:
    assert _read_rss("<link>posts/a</link>", site=site, url=url) == seen


def test_what_a_document_says_of_its_links_goes_before_its_site() -> None:
    link = '<link href="posts/a"/>'
    assert _read_atom(link) == "https://blog.example/posts/a"
    assert _read_atom(link, base=' xml:base="https://base.example/x/"') == "https://base.example/x/posts/a"
    assert _read_atom(link, base=' xml:base="/x/"') == "https://feeds.example/x/posts/a"
    assert _read_atom(link, url="https://blog.example/in/feed.xml") == "https://blog.example/in/posts/a"
    assert _read_atom(link, head="", url="https://feeds.example/in/blog.xml") == "https://feeds.example/in/posts/a"
