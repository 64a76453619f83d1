"""What the reading pane shows of an article: everything a person reads of it, and nothing that does anything."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.text.html import sanitise_html
from aggregator.types import Article, TextSource
from aggregator.web.guard import HEADERS, PICTURES_FROM_ELSEWHERE
from aggregator.web.reading.article import LONGEST, ShownArticle, show_article

BASE = "https://blog.example/posts/one/"
OUT = '<span class="left-out">A picture is left out: {}</span>'
SHOWN = '<img src="{}" alt="{}"{} loading="lazy" referrerpolicy="no-referrer">'
LINK = '<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>'


def show(markup: str, *, with_pictures: bool = False, title: str = "One") -> ShownArticle:
    return show_article(Article(title, BASE, markup, TextSource.FEED), with_pictures=with_pictures)


@pytest.mark.parametrize(
    ("markup", "shown"),
    {
        "text": ("<p>One <b>two</b> &lt;b&gt;</p>", "<p>One <b>two</b> &lt;b&gt;</p>"),
        "a list": ("<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>"),
        "code": ('<pre><code class="language-python">a &lt; b\n</code></pre>', '<pre tabindex="0"><code>a &lt; b\n</code></pre>'),
        "code as trafilatura has it": ("<pre>\n  <pre>a\n</pre>\n</pre>", '<pre tabindex="0">a\n</pre>'),
        "a table": (
            '<table style="x"><tr><td colspan="2" align="left">a</td></tr></table>',
            '<div class="wide" tabindex="0"><table><tbody><tr><td colspan="2">a</td></tr></tbody></table></div>',
        ),
        "sections of a page": ("<article><nav>a</nav>b</article>", "<div><div>a</div>b</div>"),
        "a link": ('<a href="https://a.example/x" id="x" onclick="y()">a</a>', LINK.format("https://a.example/x", "a")),
        "a link to a folder above": ('<a href="../two">a</a>', LINK.format("https://blog.example/posts/two", "a")),
        "a footnote": ('<a href="#fn1">1</a>', LINK.format(f"{BASE}#fn1", "1")),
        "a link with a password": ('<a href="https://u:p@a.example/x">a</a>', LINK.format("https://a.example/x", "a")),
        "a script as a link": ('<a href="javascript:x()">a</a>', '<a target="_blank" rel="noopener noreferrer">a</a>'),
        "mail": ('<a href="mailto:a@a.example">a</a>', '<a target="_blank" rel="noopener noreferrer">a</a>'),
        "a scheme without a host": ('<a href="https:x">a</a>', LINK.format("https://blog.example/posts/one/x", "a")),
        "a button without text": ('a<a href="https://www.facebook.com/sharer.php"><img></a>', "a"),
        "a player of a video": (
            '<iframe src="https://www.youtube-nocookie.com/embed/abcdefghijk?rel=0" width="9"></iframe>',
            LINK.format("https://www.youtube.com/watch?v=abcdefghijk", "www.youtube.com/watch?v=abcdefghijk"),
        ),
        "another player": ("a<iframe src='//player.vimeo.com/video/12'></iframe>", "a" + LINK.format("https://vimeo.com/12", "vimeo.com/12")),
        "a player of a list": ('a<iframe src="https://www.youtube.com/embed/videoseries?list=x"></iframe>b', "ab"),
        "another frame": ('a<iframe src="https://ads.example/"></iframe>b', "ab"),
        "scripts and styles": ("a<script>x()</script><style>p{}</style><link rel=x><form><input></form>b", "ab"),
        "formulas in dollars": (r"<p>$a &lt; b_i$, \(c\)</p>", r"<p>$a &lt; b_i$, \(c\)</p>"),
        "formulas in MathML": ("<math><mi>x</mi><mo>=</mo><mn>1</mn></math>", "x=1"),
        "formulas with their TeX": (
            '<math><mi>x</mi><annotation encoding="application/x-tex">x^2 &lt; 1</annotation></math><math alttext="a_i"><mi>a</mi></math>',
            "$x^2 &lt; 1$$a_i$",
        ),
        "formulas of KaTeX": ('<span class="katex"><span><math><mn>1</mn></math></span><span class="katex-html">1</span></span>', "1"),
        "empty blocks": ("<p>a</p><p>&nbsp;</p><h2><br></h2>", "<p>a</p>"),
        "nothing": ("", ""),
    }.values(),
)  # fmt: skip
def test_an_article_is_shown_as_text_without_anything_that_acts(markup: str, shown: str) -> None:
    assert show(sanitise_html(markup)).html == shown


@pytest.mark.parametrize(
    ("given_levels", "shown_levels"),
    [
        ("123", "345"),
        ("2323", "3434"),
        ("24", "34"),
        ("42", "33"),
        ("3123", "3345"),
        ("123456", "345666"),
    ],
)
def test_headings_stand_below_the_title_of_the_pane_and_leave_no_level_out(
    given_levels: str, shown_levels: str
) -> None:
    markup = "".join(f"<h{level}>a</h{level}>" for level in given_levels)
    assert re.findall(r"<h(\d)>a</h\1>", show(markup).html) == list(shown_levels)


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ("<h1>One</h1><h2>a</h2>", "<h3>a</h3>"),
        ("<div>\n<h1> <b>ONE</b></h1>a</div>", "<div>\na</div>"),
        ("<h1>Two</h1>", "<h3>Two</h3>"),
        ("a<h1>One</h1>", "a<h3>One</h3>"),
    ],
)
def test_the_title_is_not_said_twice(markup: str, shown: str) -> None:
    assert show(markup).html == shown


@pytest.mark.parametrize(
    ("image", "name", "address", "size"),
    [
        ('<img src="https://a.example/b.png" alt="A chart">', "A chart", "https://a.example/b.png", ""),
        ('<img src="https://a.example/%EA%B0%80.png?w=1">', "가.png", "https://a.example/%EA%B0%80.png?w=1", ""),
        ('<img src="//a.example" alt=" ">', "a.example", "https://a.example/", ""),
        ('<img src="b.png" width="90" height="5em">', "b.png", f"{BASE}b.png", ' width="90"'),
        ('<img src="/b.png" alt="&lt;b&gt; &quot;">', "&lt;b&gt; &quot;", "https://blog.example/b.png", ""),
        ('<img src="b.png" srcset="c.png" onerror="x()" class="y">', "b.png", f"{BASE}b.png", ""),
    ],
)
def test_a_picture_is_left_out_by_its_name_until_it_is_asked_for(
    image: str, name: str, address: str, size: str
) -> None:
    markup = sanitise_html(f"<p>a {image}</p>")
    without, with_ = show(markup), show(markup, with_pictures=True)
    assert (without.html, without.pictures) == (f"<p>a {OUT.format(name)}</p>", 1)
    assert (with_.html, with_.pictures) == (f"<p>a {SHOWN.format(address, name, size)}</p>", 1)


@pytest.mark.parametrize(
    ("image", "text"),
    [
        ('<img src="https://a.example/1x1.gif" alt="">', ""),
        ('<img src="https://a.example/b.png" width="1" height="1">', ""),
        ('<img src="https://s.w.org/images/core/emoji/a.png" alt="😀">', "😀"),
        ('<img src="https://latex.codecogs.com/a" alt="a &lt; b">', "a &lt; b"),
        ('<img src="data:image/png;base64,xx" alt="A chart">', "A chart"),
        ("<img>", ""),
    ],
)
@pytest.mark.parametrize("with_pictures", [False, True])
def test_counters_faces_and_formulas_are_their_text_and_never_requested(
    image: str, text: str, with_pictures: bool
) -> None:
    shown = show(f"a {image}", with_pictures=with_pictures)
    assert (shown.html, shown.pictures) == (f"a {text}".strip(), 0)


def test_a_long_article_is_cut_between_elements() -> None:
    whole = "<ul>" + '<li title="a">가나다</li>' * 20_000 + "</ul>"
    shown = show(whole)
    assert shown.is_cut
    assert LONGEST / 3 < len(shown.html) < LONGEST
    assert shown.html.endswith("</ul>")
    assert re.fullmatch("<ul>(<li>가나다</li>)*(<li></li>)?</ul>", shown.html)
    assert not show("<p>가나다</p>").is_cut


@pytest.mark.parametrize("tag", ["div", "ul", "details", "pre"])
def test_elements_that_are_nested_without_end_lose_only_their_tags(tag: str) -> None:
    shown = show(f"<{tag}>" * 5_000 + 'a<img src="b.png">' + f"</{tag}>" * 5_000 + "<p>b</p>")
    assert shown.html.count(f"<{tag}") <= 200
    assert (shown.pictures, shown.is_cut) == (1, False)
    assert shown.html.endswith("<p>b</p>")


def test_only_the_answer_that_shows_pictures_lets_the_browser_ask_for_them() -> None:
    name = "Content-Security-Policy"
    assert "img-src 'self' data:;" in HEADERS[name]
    assert "img-src 'self' data: https: http:;" in PICTURES_FROM_ELSEWHERE[name]
    assert HEADERS["X-DNS-Prefetch-Control"] == "off"
    assert PICTURES_FROM_ELSEWHERE[name].replace(" https: http:", "") == HEADERS[name]


_PIECES = st.sampled_from(
    [
        *("<script>", "</script>", "<style>", "<svg>", "<math>", "<mtext>", "<noscript>", "<textarea>", "<title>", "<xmp>"),
        *("<iframe src='//player.vimeo.com/video/1'>", "<iframe src=//www.youtube.com/embed/abcdefghijk\" onload='x'>"),
        *("<img src=x onerror=y>", '<img src="https://a.example/b" alt="', "<img alt='<script>' src=//a>", "<img src=data:x>"),
        *("<a href=javascript:x>", "<a href='http:x'>", '<a href="//a.example/<b>">', "<a href='\x01javascript:x'>", "</a>"),
        *("<table>", "<td>", "</table>", "<pre>", "</pre>", "<pre><pre>", "<p style=x>", "<h1>", "<h5 onclick=x>", "</h1>"),
        *("<!--", "-->", "<![CDATA[", "]]>", "&lt;script&gt;", "&#x3c;", "&#0;", '"', "'", ">", "<", "=", "/", "a", "가", " "),
        *("<nav>", "</nav>", "<section>", "<details>", "<summary>", "<li>", "<ul id=x>", "<form action=x>", "<base href=x>"),
    ]
)  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "rel", "target"},
    "img": {"src", "alt", "width", "height", "loading", "referrerpolicy"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "pre": {"tabindex"},
    "div": {"class", "tabindex"},
    "span": {"class"},
}
_FORBIDDEN = {"script", "style", "iframe", "svg", "math", "form", "input", "base", "link", "meta", "object", "embed"}


class Inspector(HTMLParser):
    """Collects what is wrong with the tags of a page."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.open: list[str] = []
        self.level = 2
        self.images = 0
        self.feed(markup)
        self.close()
        self.wrong += [f"<{tag}> stays open" for tag in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _ in attrs}
        values = dict(attrs)
        if tag in _FORBIDDEN or not names <= _ATTRIBUTES.get(tag, set()):
            self.wrong.append(f"<{tag} {names}>")
        self.wrong += [
            f"{name}={values[name]}"
            for name in ("href", "src")
            if not re.match("https?://", values.get(name) or "https://")
        ]
        if tag == "a" and (values.get("target"), values.get("rel")) != ("_blank", "noopener noreferrer"):
            self.wrong.append(f"a link {attrs}")
        if values.get("class", "left-out") not in {"left-out", "wide"}:
            self.wrong.append(f"class {values['class']}")
        if re.fullmatch("h[1-6]", tag):
            level = int(tag[1])
            self.wrong += [tag] * (not 3 <= level <= self.level + 1)
            self.level = level
        self.images += tag == "img"
        if tag not in {"img", "br", "hr"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}>")

    def handle_comment(self, data: str) -> None:
        self.wrong.append(f"<!--{data}")


@given(st.lists(_PIECES | st.text(max_size=5), max_size=30).map("".join), st.booleans(), st.booleans())
def test_whatever_the_html_nothing_acts_and_no_address_is_another_than_of_the_web(
    markup: str, is_stored: bool, with_pictures: bool
) -> None:
    """The stored HTML may have been sanitised by other rules, or not at all."""
    shown = show(sanitise_html(markup) if is_stored else markup, with_pictures=with_pictures)
    found = Inspector(shown.html)
    assert found.wrong == []
    assert found.images == (shown.pictures if with_pictures else 0)
