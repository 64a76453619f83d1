"""Text of feeds: harmless, plain, and in which language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.text.html import normalise, plain_text, sanitise_html, shorten
from aggregator.text.titles import plain_title


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        '<a href="javascript:alert(1)">x</a>',
        '<a href="data:text/html,x">x</a>',
        "<iframe src=https://a.example></iframe>",
        "<style>*{display:none}</style>",
        "<form action=/steal><input></form>",
        '<svg onload="alert(1)">',
    ],
)
def test_html_is_made_harmless(hostile: str) -> None:
    clean = sanitise_html(f"<p>kept</p>{hostile}")
    assert clean.startswith("<p>kept</p>")
    for bad in ("script", "onerror", "onload", "javascript:", "data:", "iframe", "style", "form", "alert"):
        assert bad not in clean


@pytest.mark.parametrize(
    "markup", ["<pre>\n\nx</pre>", "<pre><code>\n\nx</code></pre>", "<pre lang='ko'>\n\n\nx</pre>"]
)
def test_what_is_harmless_stays_as_it_is(markup: str) -> None:
    clean = sanitise_html(markup)
    assert sanitise_html(clean) == clean


def test_what_may_not_stand_in_a_text_cannot_be_named_in_it_either() -> None:
    clean = sanitise_html("a&#8;b&#x1b;c&#0;")
    assert clean == "abc\ufffd"
    assert sanitise_html(clean) == clean
    assert sanitise_html("a&\0#8;b") == "ab", "what is left out may have parted a reference"


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>one</p><p>two</p>", "one two"),
        ("a &lt; b &amp; c", "a < b & c"),
        ("<p title='a>b'>x</p>", "x"),
        ("<script>alert(1)</script>after", "after"),
        ("추천\u0008 시스템", "추천 시스템"),
        ("\u1112\u1161\u11ab글", "한글"),
        ("a\u00a0b\n\n c", "a b c"),
    ],
)
def test_html_is_made_plain(markup: str, text: str) -> None:
    assert plain_text(markup) == text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        (
            '<p>It ran.</p><noscript><img src="https://a.example/c.png"></noscript><p>It is fast.</p>',
            "It ran. It is fast.",
        ),
        ("one <noscript><p>two</p></noscript> three", "one two three"),
        ("one <iframe src=x><b>no frames</b></iframe>two", "one two"),
        ("one <iframe src=x />two <b>three</b>", "one two three"),
        ("one <iframe src=x />two <iframe src=y></iframe>three", "one two three"),
        ("one <iframe>two <b>three</b>", "one two three"),
        ("one <noembed><b>x</b></noembed><noframes><b>x</b></noframes>two", "one two"),
        ("one <textarea><b>x</b></textarea>two <title>x <b>y</b></title>", "one two"),
        ("one <plaintext>two <b>three</b>", "one two three"),
        ("one <template><b>x</b></template>two", "one two"),
        ("one <xmp>if a < b: <b>x</b></xmp>two", "one if a < b: <b>x</b> two"),
        ("one <script>write('<iframe>', '<script>')</script>two <STYLE>a</STYLE >three", "one two three"),
        ("one <script src=x />two", "one two"),
        ("one <script>a < b", "one"),
        ("Showing &lt;noscript&gt; tags", "Showing <noscript> tags"),
        # CDATA that was escaped
        ("<![CDATA[<p>One.</p><p>Two.</p>]]>", "One. Two."),
        ("<p>One.</p><![CDATA[<p>Two.</p>]]><p>Three.</p>", "One. Two. Three."),
        ("<p>One.</p>]]>", "One."),
        ("a[b[0]]&gt;1", "a[b[0]]>1"),
        # characters
        ("an emoji &#55357;&#56832;, half &#55357;", "an emoji 😀, half \ufffd"),
        ("soft&shy;hyphen&#8203; &#x202E;turned", "softhyphen turned"),
    ],
)
def test_no_text_shows_its_tags(markup: str, text: str) -> None:
    assert plain_text(markup) == text


def test_shortening_prefers_a_space() -> None:
    assert shorten("one two three", 9) == "one two"
    assert shorten("가" * 50, 10) == "가" * 10
    assert shorten("short", 10) == "short"


def test_of_more_marks_than_anybody_reads_some_are_kept() -> None:
    assert normalise("a" + "\u0301\u0323" * 40 + "b") == normalise("a" + "\u0301\u0323" * 15) + "b"
    assert normalise("\u1112\u1161\u11ab" * 40) == "한" * 40


@given(st.text(max_size=300))
def test_no_markup_survives_and_nothing_breaks(markup: str) -> None:
    assert "<script" not in sanitise_html(markup)
    plain = plain_text(markup)
    assert plain == " ".join(plain.split())


@pytest.mark.parametrize(
    "markup",
    ["Emoji &#55357;&#56832; here", "Emoji &#xD83D;&#xDE00; here", "Emoji &amp;#55357;&amp;#56832; here", "Emoji &#128512; here"],
)  # fmt: skip
def test_two_halves_of_a_character_are_one(markup: str) -> None:
    assert plain_title(markup) == "Emoji 😀 here"
    assert sanitise_html(markup.replace("&amp;", "&")) == "Emoji 😀 here"
