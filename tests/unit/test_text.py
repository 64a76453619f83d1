"""Text of feeds: harmless, plain, and in which language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.text import normalise, plain_text, plain_title, sanitise_html, shorten


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


def test_what_may_not_stand_in_a_text_cannot_be_named_in_it_either() -> None:
    clean = sanitise_html("a&#8;b&#x1b;c&#0;")
    assert clean == "abc\ufffd"
    assert sanitise_html(clean) == clean


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
    ("title", "plain"),
    [
        ("Benchmarks &amp; Costs", "Benchmarks & Costs"),
        ("Benchmarks &amp;amp; Costs", "Benchmarks & Costs"),
        ("<em>CLIP</em> at scale", "CLIP at scale"),
        ("&lt;em&gt;CLIP&lt;/em&gt; at scale", "CLIP at scale"),
        ("Styling &lt;select&gt; elements", "Styling <select> elements"),
        ("<script>alert(1)</script>Title", "Title"),
        # Python reads no number of more than 4,300 digits.
        (f"&lt;b&gt;Costs&lt;/b&gt; &#{'9' * 5000};", "Costs \ufffd"),
    ],
)
def test_titles_are_plain_text(title: str, plain: str) -> None:
    assert plain_title(title) == plain


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
