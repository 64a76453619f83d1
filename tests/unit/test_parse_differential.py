"""The fast reader and feedparser give the same answers, field by field."""

from __future__ import annotations

from dataclasses import fields
from html import escape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.feeds.formats.common import build_feed
from aggregator.feeds.formats.tolerant import read_tolerantly
from aggregator.feeds.formats.wellformed import read_wellformed
from aggregator.text.charset import decode_document, strip_illegal
from aggregator.types import ParsedEntry, ParsedFeed

URL = "https://feeds.example/blog/feed.xml"
ODDITIES = Path(__file__).parents[1] / "data" / "feeds"

# Documents that the fast reader leaves to feedparser.
LEFT = {
    "after-the-end.xml",
    "ampersand-bare.xml",
    "atom-base64.xml",
    "atom-xhtml-svg.xml",
    "before-the-start-warning.xml",
    "entities-bomb.xml",
    "entities-declared.xml",
    "entities-external.xml",
    "entities-of-html.xml",
    "item-image.xml",
    "items-never-closed.xml",
    "markup-unescaped.xml",
    "namespace-undeclared.xml",
    "opml.xml",
    "rss-091-netscape.xml",
    "sitemap.xml",
    "truncated-and-broken.xml",
}
# Where feedparser is wrong, or does what we do not want.
DELIBERATE = {
    ("authors-with-addresses.xml", "author"): "it takes the end of an address after a dot and four letters for a name",
    ("truncated-in-entry.xml", "entries"): "it gives the entry at which the document was cut, half",
    ("truncated-in-cdata.xml", "entries"): "the same",
}


def _prepare(body: bytes) -> bytes:
    document, _ = decode_document(body, None)
    return strip_illegal(document.strip())


def _read_fast(document: bytes) -> ParsedFeed | None:
    found = read_wellformed(document)
    return build_feed(found, URL) if found else None


def _read_slowly(document: bytes) -> ParsedFeed:
    return build_feed(read_tolerantly(document), URL)


def _list_differences(fast: ParsedFeed, slow: ParsedFeed) -> list[tuple[str, object, object]]:
    pairs: list[tuple[ParsedFeed | ParsedEntry, ParsedFeed | ParsedEntry]] = [(fast, slow)]
    pairs += zip(fast.entries, slow.entries, strict=False)
    found = [
        (field.name, getattr(one, field.name), getattr(other, field.name))
        for one, other in pairs
        for field in fields(one)
        if field.name not in {"entries", "warning", "is_cut"} and getattr(one, field.name) != getattr(other, field.name)
    ]
    if len(fast.entries) != len(slow.entries):
        found.append(("entries", len(fast.entries), len(slow.entries)))
    # What ends too early is told by our own reader alone.
    if fast.warning is None and slow.warning is not None:
        found.append(("warning", None, slow.warning))
    return found


def test_the_recorded_documents_are_read_alike_and_all_of_them_fast(documents: list[Path], night: bool) -> None:
    entries = 0
    for file in documents:
        document = _prepare(file.read_bytes())
        fast = _read_fast(document)
        assert fast is not None, file.name
        assert _list_differences(fast, _read_slowly(document)) == [], file.name
        entries += len(fast.entries)
    assert entries > (3_800 if night else 1_000)


@pytest.mark.parametrize("file", sorted(ODDITIES.glob("*.xml")), ids=lambda file: file.name)
def test_oddities_are_read_alike(file: Path) -> None:
    document = _prepare(file.read_bytes())
    fast = _read_fast(document)
    assert (fast is None) == (file.name in LEFT)
    if fast is not None:
        differing = {(file.name, name) for name, _, _ in _list_differences(fast, _read_slowly(document))}
        assert differing == {place for place in DELIBERATE if place[0] == file.name}


# --- invented documents ----------------------------------------------------------------------------------------------

LETTERS = st.sampled_from(
    [*"abc 12\n\t.,:/?=#;%", *"<>&\"'", *"추천시스템", "é", "Ã", "©", "\xa0", "\x93", "—", "😀", "日"]
)
PLAIN = st.text(LETTERS, max_size=12)
MARKUP = st.lists(
    st.sampled_from(
        ["<p>", "</p>", "<br/>", "추천", " a&amp;b ", "&lt;", "&#8217;", "<a href='/x'>", '<a href="y?a=1&amp;b=2">', "</a>",
         '<img src="https://cdn.example/i.png">', '<img alt="src=q" src=../i.png>', 'href="z"', '<a href="#n">', "]]", "\n"]
    ),
    max_size=6,
).map("".join)  # fmt: skip
ADDRESS = st.sampled_from(
    [
        "https://blog.example/1",
        "/2",
        "3?a=b",
        "//cdn.example/4",
        "http://blog.example/?a=1&b=2",
        "",
        "tag:x,2022:5",
        "x:///y",
    ]
)
# feedparser takes an id for a relative address, and tidies it up.
ID = st.text(st.sampled_from([*"ab12-_", "글"]), max_size=5)
BASE = st.sampled_from(["", "", ' xml:base="https://base.example/a/"', ' xml:base="b/"', ' xml:base="/c/d"'])
DATE = st.sampled_from(["2022-12-01T09:00:00+09:00", "Thu, 01 Dec 2022 09:00:00 GMT", "2022.12.01", ""])
TYPE = st.sampled_from(["", ' type="text"', ' type="html"', ' type="HTML"', ' type="text/html"'])


def _write(text: str, in_cdata: bool) -> str:
    return f"<![CDATA[{text}]]>" if in_cdata and "]]>" not in text else escape(text, quote=False)


def _leaf(
    names: list[str], text: st.SearchStrategy[str], attributes: list[str] | None = None
) -> st.SearchStrategy[str]:
    return st.builds(
        lambda name, attribute, value, in_cdata: f"<{name}{attribute}>{_write(value, in_cdata)}</{name}>",
        st.sampled_from(names), st.sampled_from(attributes or [""]), text, st.booleans(),
    )  # fmt: skip


def _empty(name: str, attribute: str, values: st.SearchStrategy[str], more: list[str]) -> st.SearchStrategy[str]:
    return st.builds(
        lambda value, rest: f'<{name} {attribute}="{escape(value)}"{rest}/>', values, st.sampled_from(more)
    )


COMMON = [
    _leaf(["title", "media:title", "dc:title"], PLAIN | MARKUP),
    _leaf(["content:encoded", "media:description", "itunes:summary", "dc:description"], MARKUP),
    _leaf(["dc:date", "dcterms:issued", "dcterms:created", "updated", "published"], DATE),
    _leaf(["dc:subject", "itunes:keywords", "media:keywords", "tags"], PLAIN),
    _leaf(["slash:comments", "thr:total"], st.sampled_from(["7", " 8 ", "x", ""])),
    _leaf(["feedburner:origLink"], ADDRESS),
    _leaf(["x:title", "score", "comments", "x:unknown", "rating", "subtitle"], PLAIN, ["", ' kind="1"']),
    _leaf(["image"], ADDRESS),
    _empty("media:content", "url", ADDRESS, ["", ' type="image/png"', ' medium="video"']),
    _empty("media:thumbnail", "url", ADDRESS, [""]),
    st.builds(
        lambda parts: f"<media:group>{''.join(parts)}</media:group>",
        st.lists(_leaf(["media:title", "media:description"], PLAIN) | _leaf(["x:y"], PLAIN), max_size=2),
    ),
]
IN_RSS = st.one_of(
    _leaf(["description"], MARKUP | PLAIN, ["", ' xml:base="https://base.example/z/"']),
    _leaf(["link"], ADDRESS),
    _leaf(["guid"], ADDRESS | ID, ["", ' isPermaLink="false"', ' isPermaLink="true"', ' ISPERMALINK="false"']),
    _leaf(["pubDate", "date", "lastBuildDate"], DATE),
    # Not in Atom: of an author in words and one with a name feedparser gives the second twice.
    _leaf(["author", "managingEditor", "dc:creator", "itunes:author"], PLAIN),
    _leaf(["category"], PLAIN, ["", ' domain="d"']),
    _leaf(["source"], PLAIN, ["", ' url="https://other.example/"']),
    _empty("enclosure", "url", ADDRESS, ["", ' type="audio/mpeg"']),
    _empty("atom:link", "href", ADDRESS.filter(bool), ["", ' rel="self"', ' rel="ALTERNATE" type="Text/HTML"']),
    *COMMON,
)
XHTML = st.lists(
    st.sampled_from(
        ["<p>one</p>", "<br/>", "추천 ", "&lt;b&gt;", '<img src="i.png" alt="&quot;"/>', "<P CLASS='x'>two<hr/></P>", " \n "]
    ),
    max_size=4,
).map("".join)  # fmt: skip
PERSON = st.builds(
    lambda name, uri: f"<author><name>{escape(name)}</name>{uri}</author>",
    PLAIN,
    st.sampled_from(["", "<uri>https://mina.example/</uri>", "<x:y>z</x:y>", '<x:y z="1"/>']),
)
# A source without a title: after one feedparser takes no title from media:group, even where there is no other.
IN_ATOM = st.one_of(
    st.builds(
        lambda name, kind, base, text: f"<{name}{kind}{base}>{escape(text)}</{name}>",
        st.sampled_from(["title", "summary", "content", "rights"]), TYPE, BASE, MARKUP | PLAIN,
    ),
    st.builds(
        lambda name, base, inside: f'<{name} type="xhtml"{base}><div xmlns="http://www.w3.org/1999/xhtml">{inside}</div></{name}>',
        st.sampled_from(["title", "summary", "content"]), BASE, XHTML,
    ),
    _empty("link", "href", ADDRESS.filter(bool), ["", ' rel="alternate" type="text/html"', ' rel="self"', ' rel="enclosure" type="audio/mpeg"',
                                     ' rel="replies" thr:count="4"', ' rel="related"', ' type="application/json"']),
    _leaf(["id"], ADDRESS | ID),
    _leaf(["issued", "modified", "created"], DATE),
    _empty("category", "term", PLAIN, ["", ' label="L"', ' scheme="s"']),
    PERSON,
    st.just("<source><id>o</id><link href='https://other.example/'/><author><name>O</name></author></source>"),
    st.just("<contributor><name>Nobody</name><email>n@x.example</email></contributor>"),
    *COMMON,
)  # fmt: skip
NAMESPACES = "".join(
    f' xmlns:{prefix}="{namespace}"'
    for prefix, namespace in {
        "content": "http://purl.org/rss/1.0/modules/content/",
        "dc": "http://purl.org/dc/elements/1.1/",
        "dcterms": "http://purl.org/dc/terms/",
        "media": "http://search.yahoo.com/mrss/",
        "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
        "slash": "http://purl.org/rss/1.0/modules/slash/",
        "thr": "http://purl.org/syndication/thread/1.0",
        "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
        "sy": "http://purl.org/rss/1.0/modules/syndication/",
        "x": "urn:of-nobody",
    }.items()
)
HEAD = st.lists(
    st.sampled_from(
        ["<title>추천</title>", "<link>https://blog.example/</link>", "<ttl>60</ttl>", "<sy:updatePeriod>daily</sy:updatePeriod>",
         "<sy:updateFrequency>2</sy:updateFrequency>", "<image><title>Logo</title><url>/l.png</url><link>/</link></image>",
         "<description>A &lt;b&gt;</description>", "<skipHours><hour>3</hour><hour>24</hour></skipHours>",
         "<skipDays><day>Sunday</day></skipDays>", "<dc:title>D</dc:title>", "<media:title>M</media:title>", "<itunes:image href='/i.png'/>", "<link href='/h'/>",
         "<textInput><title>T</title><name>n</name><link>/q</link></textInput>", "<copyright>C</copyright>", "<x:title>X</x:title>"]
    ),
    max_size=6,
).map("".join)  # fmt: skip


@st.composite
def rss_documents(draw: st.DrawFn) -> str:
    items = [
        f"<item{draw(BASE)}>{''.join(draw(st.lists(IN_RSS, max_size=9)))}</item>"
        for _ in range(draw(st.integers(1, 3)))
    ]
    version = draw(st.sampled_from(["2.0", "0.91", "0.92", "3"]))
    namespaces = f'{NAMESPACES} xmlns:atom="http://www.w3.org/2005/Atom"'
    return f'<rss version="{version}"{namespaces}{draw(BASE)}><channel>{draw(HEAD)}{"".join(items)}{draw(HEAD)}</channel></rss>'


@st.composite
def rdf_documents(draw: st.DrawFn) -> str:
    items = [
        f'<item rdf:about="{n}">{"".join(draw(st.lists(IN_RSS, max_size=7)))}</item>'
        for n in range(draw(st.integers(1, 2)))
    ]
    namespaces = (
        f'{NAMESPACES} xmlns:atom="http://www.w3.org/2005/Atom" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    )
    core = draw(st.sampled_from(["http://purl.org/rss/1.0/", "http://my.netscape.com/rdf/simple/0.9/"]))
    return f'<rdf:RDF xmlns="{core}"{namespaces}><channel>{draw(HEAD)}</channel>{draw(HEAD)}{"".join(items)}</rdf:RDF>'


@st.composite
def atom_documents(draw: st.DrawFn) -> str:
    entries = [
        f"<entry{draw(BASE)}>{''.join(draw(st.lists(IN_ATOM, max_size=9)))}</entry>"
        for _ in range(draw(st.integers(1, 3)))
    ]
    core = draw(st.sampled_from(['"http://www.w3.org/2005/Atom"', '"http://purl.org/atom/ns#" version="0.3"']))
    return f"<feed xmlns={core}{NAMESPACES}{draw(BASE)}>{draw(HEAD)}{''.join(entries)}</feed>"


@given(st.one_of(rss_documents(), atom_documents(), rdf_documents()))
def test_invented_documents_are_read_alike(text: str) -> None:
    document = text.encode()
    fast = _read_fast(document)
    assert fast is not None
    assert _list_differences(fast, _read_slowly(document)) == []
