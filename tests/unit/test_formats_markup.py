"""Relative links inside texts, and texts that are called plain and are not."""

from __future__ import annotations

from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.feeds.formats.markup import has_relative_links, looks_like_markup, open_twice_escaped, resolve_links

DOCUMENT = "https://blog.example/feed.xml"
BASE = "https://blog.example/posts/1/"


@pytest.mark.parametrize(
    ("markup", "resolved"),
    [
        ('<a href="x">', '<a href="https://blog.example/posts/1/x">'),
        ("<a href='../x'>", '<a href="https://blog.example/posts/x">'),
        ("<a class=b href=/x>", '<a class=b href="https://blog.example/x">'),
        ('<img\n src = "i.png" alt="">', '<img\n src = "i.png" alt="">'),
        ('<img src= "i.png">', '<img src="https://blog.example/posts/1/i.png">'),
        ('<a href="?a=1&amp;b=2">', '<a href="https://blog.example/posts/1/?a=1&amp;b=2">'),
        ('<a href=" /x ">', '<a href="https://blog.example/x">'),
        ('<a href="//cdn.example/x">', '<a href="https://cdn.example/x">'),
        ('<a href="/x"><img src="/y"></a>', '<a href="https://blog.example/x"><img src="https://blog.example/y"></a>'),
        ('<a href="https://x.example/a">', '<a href="https://x.example/a">'),
        ('<a href="mailto:a@b.example"><a href="#note"><a href=""><a href>', '<a href="mailto:a@b.example"><a href="#note"><a href=""><a href>'),
        ('<img src="data:image/png;base64,AA=="><a href="javascript:x">', '<img src="data:image/png;base64,AA=="><a href="javascript:x">'),
        ('<code>&lt;a href="x"&gt;</code> href="y"', '<code>&lt;a href="x"&gt;</code> href="y"'),
        ('<img data-src="x" alt="src=y">', '<img data-src="x" alt="src=y">'),
        ('<a href="http://[bad/">a</a> <a href="//[bad/">b</a>', '<a href="http://[bad/">a</a> <a href="//[bad/">b</a>'),
        ('<a href="추천">', '<a href="https://blog.example/posts/1/추천">'),
        ("<a href=x", '<a href="https://blog.example/posts/1/x"'),
        ("no links", "no links"),
    ],
)  # fmt: skip
def test_relative_links_become_absolute_and_all_else_stays(markup: str, resolved: str) -> None:
    assert resolve_links(markup, BASE, DOCUMENT) == resolved


def test_a_base_may_be_relative_itself_or_none() -> None:
    assert resolve_links('<a href="x">', "/posts/", DOCUMENT) == '<a href="https://blog.example/posts/x">'
    assert resolve_links('<a href="x">', "http://[bad/", DOCUMENT) == '<a href="https://blog.example/x">'


PIECES = st.lists(
    st.sampled_from(
        ["<a ", "<img ", ">", " href", "href=", " src=", '"', "'", "/x", "y", "https://c.example/", "#n", " ", "\n", "&amp;", "mailto:a", "추", "="]
    ),
    max_size=14,
).map("".join)  # fmt: skip


@given(PIECES)
def test_resolving_twice_changes_nothing_more(markup: str) -> None:
    once = resolve_links(markup, BASE, DOCUMENT)
    assert resolve_links(once, BASE, DOCUMENT) == once


@given(PIECES)
def test_a_document_with_relative_links_is_never_overlooked(markup: str) -> None:
    if resolve_links(markup, BASE, DOCUMENT) != markup:
        for document in (f"<![CDATA[{markup}]]>", escape(markup, quote=False), escape(markup)):
            assert has_relative_links(document.encode(), 0)


@pytest.mark.parametrize(
    ("text", "is_markup"),
    [
        ("<p>text</p>", True),
        ("one<br/>two", True),
        ('see <a href="x">this</a>', True),
        ("a < b and c > d", False),
        ("Vec<T> and <select>", False),
        ("no markup", False),
        ("<" * 10_000, False),
    ],
)
def test_texts_that_are_called_plain(text: str, is_markup: bool) -> None:
    assert looks_like_markup(text) is is_markup


@pytest.mark.parametrize(
    ("text", "opened"),
    [
        ("&lt;p&gt;Hello &lt;b&gt;world&lt;/b&gt;&lt;/p&gt;", "<p>Hello <b>world</b></p>"),
        ("&lt;div class=&quot;a&quot;&gt;R&amp;amp;D&lt;/div&gt;\n", '<div class="a">R&amp;D</div>\n'),
        ("&lt;p&gt;코드는 &amp;lt;b&amp;gt;&lt;/p&gt;", "<p>코드는 &lt;b&gt;</p>"),
        ("&lt;p&gt;One&lt;br /&gt;", "<p>One<br />"),
        (
            "See &lt;a href=&quot;https://a.example/&quot;&gt;this&lt;/a&gt;.",
            'See <a href="https://a.example/">this</a>.',
        ),
        # a text that tells of tags
        ("Use &lt;p&gt; for paragraphs", "Use &lt;p&gt; for paragraphs"),
        ("&lt;p&gt; is the tag of paragraphs", "&lt;p&gt; is the tag of paragraphs"),
        ("a &lt; b and b &gt; a", "a &lt; b and b &gt; a"),
        ("<p>&lt;p&gt;Hello&lt;/p&gt;</p>", "<p>&lt;p&gt;Hello&lt;/p&gt;</p>"),
        ("a link is &lt;a href=&quot;…&quot;&gt;", "a link is &lt;a href=&quot;…&quot;&gt;"),
    ],
)
def test_a_text_that_was_escaped_twice(text: str, opened: str) -> None:
    assert open_twice_escaped(text) == opened
