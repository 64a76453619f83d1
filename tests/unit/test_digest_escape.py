"""Plain words and addresses become Markdown that shows them as they are; GitHub's parser is the judge."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.digest.bullet import parse_bullet
from aggregator.digest.emoji import is_shortcode
from aggregator.digest.escape import (
    check_address,
    encode_address,
    escape_alternative,
    escape_organisation,
    escape_text,
    unescape_text,
)
from aggregator.exceptions import DigestError
from aggregator.text.html import normalise
from github import show

_LINK = re.compile(r'<ul[^>]*>\n<li[^>]*><a href="([^"]*)">((?:[^<]|<span>[:$]</span>)*)</a></li>\n</ul>\n')
_TAG = re.compile("</?span>")


def show_link(markdown: str) -> tuple[str, str]:
    """Text and address of the link that the Markdown is, as a reader sees them; fails where it is more or less."""
    match = _LINK.fullmatch(show(markdown))
    assert match, show(markdown)
    # GitHub looks for these in what stands between two tags.
    for words in map(unescape, _TAG.split(match[2])):
        assert not [found for found in re.findall(r"(?=:([a-z0-9_+-]+):)", words) if is_shortcode(found)], words
        assert not re.search(r"\$\S(.*\S)?\$", words), words
    return unescape(_TAG.sub("", match[2])), unescape(match[1])


@pytest.mark.parametrize(
    ("plain", "markdown"),
    [
        ("Nothing to Do: 그대로 R&D, 50% (v2) – done!", "Nothing to Do: 그대로 R&D, 50% (v2) – done!"),
        ("[Paper] Deep Cats", r"\[Paper\] Deep Cats"),
        ("a `code` span", r"a \`code\` span"),
        ("C:\\temp and \\* star", r"C:\temp and \\\* star"),
        ("ends in \\", r"ends in \\"),
        ("*bold* claims", r"\*bold\* claims"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("snake_case_name", "snake_case_name"),
        ("__init__ and _x_", r"\_\_init\_\_ and \_x\_"),
        ("a < b but <b>", r"a < b but \<b>"),
        ("R&amp;D at AT&T;", r"R\&amp;D at AT\&T;"),
        ("1~2년", "1~2년"),
        ("1~2년, 3~4년", r"1\~2년, 3\~4년"),
        ("  two\n lines\t", "two lines"),
        ("Ship it :tada:", "Ship it <span>:</span>tada:"),
        ("parser.js:100:14", "parser.js<span>:</span>100:14"),
        (":octocat: and :kr:", "<span>:</span>octocat: and <span>:</span>kr:"),
        (":white_check_mark:", "<span>:</span>white_check_mark:"),
        ("std::vector::begin at 12:30:45", "std::vector::begin at 12:30:45"),
        ("From $0 to $1M", "From $0 to $1M"),
        ("Why $x^2$ grows", "Why <span>$</span>x^2<span>$</span> grows"),
        ("$5-$10", "<span>$</span>5-<span>$</span>10"),
    ],
)
def test_only_what_markdown_would_read_is_escaped(plain: str, markdown: str) -> None:
    assert escape_text(plain) == markdown


def test_the_words_of_a_picture_have_no_tags() -> None:
    assert escape_alternative(" $x$\n:tada: [a]") == r"$x$ :tada: \[a\]"


MARKS = st.sampled_from([*"[]()\\`*_<>&;~!#\"' a한1/:-.$", "](", "&lt;", "<b>", "**", "``", ":x:", "<span>"])
PLAIN = st.lists(MARKS, max_size=20).map("".join) | st.text(st.characters(exclude_categories=["C"]), max_size=20)


@given(title=PLAIN, organisation=PLAIN)
@example(title="](https://evil.example/)", organisation="")
@example(title="\\", organisation="a) (b")
@example(title="~1", organisation="2~")
@example(title="", organisation="\U0002f800")
def test_a_title_shows_as_it_is(title: str, organisation: str) -> None:
    title, organisation = normalise(title), normalise(organisation)
    label = f"(Dec 2022, {escape_organisation(organisation)})" if organisation else "(Dec 2022)"
    bullet = f"* [{escape_text(title)} {label}](https://x.example/)"
    seen = f"{title} (Dec 2022, {organisation})" if organisation else f"{title} (Dec 2022)"
    assert show_link(bullet)[0].strip() == seen.strip()
    assert unescape_text(escape_text(title)) == title
    read = parse_bullet(bullet)
    assert read is not None
    assert (read.title, read.organisation) == (escape_text(title), escape_organisation(organisation) or None)


@pytest.mark.parametrize(
    ("url", "printed"),
    [
        ("https://x.example/a?b=c&d=[e]#f_g*h", "https://x.example/a?b=c&d=[e]#f_g*h"),
        ("https://x.example/a_(b)", "https://x.example/a_(b)"),
        ("https://x.example/a_(b", "https://x.example/a_%28b"),
        ("https://x.example/)(", "https://x.example/%29%28"),
        (" https://x.example/a b\u3000c\n", "https://x.example/a%20b%E3%80%80c"),
        ('https://x.example/`\\<>"', "https://x.example/%60%5C%3C%3E%22"),
        ("https://x.example/한글", "https://x.example/한글"),
        ("https://x.example/%ed%95%9c", "https://x.example/%ed%95%9c"),
        ("https://x.example/?a;b&c=d;&lt=&lt;&#38;", "https://x.example/?a;b&c=d;&lt=&lt%3B&#38%3B"),
    ],
)
def test_an_address_is_encoded_only_where_it_would_break_the_link(url: str, printed: str) -> None:
    assert encode_address(url) == printed


@given(PLAIN)
def test_an_address_comes_back_from_the_page(path: str) -> None:
    url = encode_address("https://x.example/" + path)
    bullet = parse_bullet(f"* [T (Dec 2022)]({url}): a ` note)")
    assert bullet is not None
    assert (bullet.url, bullet.tail, bullet.flaw) == (url, ": a ` note)", None)
    title, shown = show_link(f"* [T]({url})")
    assert (title, unquote(shown)) == ("T", unquote(url))
    assert encode_address(url) == url


@pytest.mark.parametrize("url", ["http://x.example", "HTTPS://x.example/a b", " https://x.example/ "])
def test_http_and_https_are_allowed(url: str) -> None:
    check_address(url)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "ftp://x.example/", "mailto:a@x.example", "/relative", "", "https://", "http://["]
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(DigestError, match="the address"):
        check_address(url)
