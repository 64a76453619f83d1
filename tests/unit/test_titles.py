"""Titles are text: what they tell of stays, what was meant as markup goes."""

from __future__ import annotations

import json
from html import escape

import pytest

from aggregator.feeds.items import make_title
from aggregator.feeds.parse import parse_document
from aggregator.text.titles import plain_title, plain_title_of_text, plain_title_of_xhtml

URL = "https://lab.example/feed.xml"


@pytest.mark.parametrize(
    ("title", "plain"),
    [
        # tags that a title tells of
        ("The <think> token in reasoning models", "The <think> token in reasoning models"),
        ("What a model writes between <think> and </think>", "What a model writes between <think> and </think>"),
        ("<think> 토큰은 왜 필요한가", "<think> 토큰은 왜 필요한가"),
        ("Why std::vector<bool> is slow", "Why std::vector<bool> is slow"),
        ("Map<String, List<T>> in Java", "Map<String, List<T>> in Java"),
        ("Loading <script> tags, and <style>", "Loading <script> tags, and <style>"),
        ("<script>alert(1)</script> still works", "<script>alert(1)</script> still works"),
        ("<mask>", "<mask>"),
        ("Tips for <|im_start|> and <tool_call> prompts", "Tips for <|im_start|> and <tool_call> prompts"),
        ("How <img> and <br> load, <b> not", "How <img> and <br> load, <b> not"),
        ("What <s> and </s> mean in LLaMA", "What <s> and </s> mean in LLaMA"),
        ("<s>와 </s> 토큰의 차이", "<s>와 </s> 토큰의 차이"),
        ("Loading <s> first and </s> last", "Loading <s> first and </s> last"),
        ("Loss is a < b && c > d", "Loss is a < b && c > d"),
        ("Styling &lt;select&gt; elements", "Styling <select> elements"),
        ("<code>&lt;b&gt;x&lt;/b&gt;</code> explained", "<b>x</b> explained"),
        ("Notes <!-- draft -->", "Notes <!-- draft -->"),
        # markup
        ("Plain <em>emphasis</em> in a title", "Plain emphasis in a title"),
        ("<span class='x'>모델</span>을 <mark>만드는</mark> 법", "모델을 만드는 법"),
        ('<a href="https://a.example/?q=a>b">A link</a>', "A link"),
        ("<H1> Big </H1>", "Big"),
        ("Batch <i>vs.</i> online, speed <em>and</em> Na<sup>+</sup>", "Batch vs. online, speed and Na+"),
        ("Use <code>List<T></code> now", "Use List<T> now"),
        ("&lt;em&gt;CLIP&lt;/em&gt; at scale", "CLIP at scale"),
        ("<b><i>nested</b></i> wrongly", "nested wrongly"),
        ('Launch <img src="https://a.example/r.png" alt="rocket"> day', "Launch day"),
        ('A<svg viewBox="0 0 1 1"><title>Logo</title><path d="M0"/></svg> day', "A day"),
        ('<picture><source srcset="/a.webp"><img src="/a.png"></picture>Launch day', "Launch day"),
        ("One<br/>two su<wbr>per", "One two super"),
        (
            "On <math><mi>k</mi><mo>=</mo><mspace/><mn>2</mn><annotation>k=2</annotation></math> neighbours",
            "On k=2 neighbours",
        ),
        # references
        ("Q&A with the R&D team of AT&T", "Q&A with the R&D team of AT&T"),
        ("cats&notdogs, &nosuch; and &notdogs;", "cats&notdogs, &nosuch; and &notdogs;"),
        ("Benchmarks &amp; Costs", "Benchmarks & Costs"),
        ("Benchmarks &amp;amp; Costs", "Benchmarks & Costs"),
        ("Attention&nbsp;again", "Attention again"),
        ("Emoji &#55357;&#56832; &#xD83D;&#xde00; here", "Emoji 😀 😀 here"),
        ("Half &#55357; here", "Half \ufffd here"),
        # Python reads no number of more than 4,300 digits.
        (f"&lt;b&gt;Costs&lt;/b&gt; &#{'9' * 5000};", "Costs \ufffd"),
        # CDATA that was escaped
        ("<![CDATA[Real title]]>", "Real title"),
        ("<![CDATA[Real <em>title</em> &amp; more]]>", "Real title & more"),
        ("&lt;![CDATA[Real title]]&gt;", "Real title"),
        ("<![CDATA[In two ]]><![CDATA[parts]]>", "In two parts"),
        ("Left over]]>", "Left over"),
        ("How to end CDATA: ]]>", "How to end CDATA: ]]>"),
        ("What <![CDATA[ means", "What <![CDATA[ means"),
        # what nobody sees
        ("<b></b> &nbsp;&#8203;", ""),
        ("&#x202E;Desrever", "Desrever"),
    ],
)
def test_a_title_keeps_its_words(title: str, plain: str) -> None:
    assert plain_title(title) == plain


def test_a_title_that_is_text_by_its_word_loses_nothing() -> None:
    assert plain_title_of_text("What <b>and</b> &amp; do") == "What <b>and</b> &amp; do"
    assert plain_title_of_text("<![CDATA[Real title]]>") == "Real title"


def test_every_tag_of_an_xhtml_title_is_markup() -> None:
    markup = 'The <x:think xmlns:x="urn:x">&lt;think&gt;</x:think> <svg><title>a</title></svg>token<br/>again'
    assert plain_title_of_xhtml(markup) == "The <think> token again"


def _rss(title: str) -> str:
    return f'<rss version="2.0"><channel><title>t</title><item><title>{title}</title><link>/a</link></item></channel></rss>'


def _atom(title: str, kind: str = "") -> str:
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><entry><title{kind}>{title}</title></entry></feed>'
    )


def _json(title: str) -> str:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": [{"title": title}]})


TALK, MARKED = "What <b> and <think> do", "A <em>new</em> model &amp; more"
XHTML = '<div xmlns="http://www.w3.org/1999/xhtml">{}</div>'
MATH = '<math xmlns="http://www.w3.org/1998/Math/MathML"><mi>k</mi><mo>=</mo><mn>2</mn></math>'


@pytest.mark.parametrize(
    ("document", "title"),
    [
        (_rss(escape(TALK)), TALK),
        (_rss(f"<![CDATA[{TALK}]]>"), TALK),
        (_rss(escape(MARKED)), "A new model & more"),
        (_rss(f"<![CDATA[{MARKED}]]>"), "A new model & more"),
        (_rss("Q&A with AT&T"), "Q&A with AT&T"),
        (_rss("Attention&nbsp;&mdash; again &LT;T&GT; &nosuch;"), "Attention — again <T> &nosuch;"),
        (_rss("<![CDATA[R&D]]> & more"), "R&D & more"),
        (_rss("Option<T> and a < b in Rust"), "Option<T> and a < b in Rust"),
        (_rss("The <think>inner</think> <em>token</em>"), "The <think>inner</think> token"),
        (_rss("Emoji &#55357;&#56832; here"), "Emoji 😀 here"),
        (_rss(escape("<![CDATA[Real title]]>")), "Real title"),
        (_atom(escape(TALK)), TALK),
        (_atom(escape(TALK), ' type="text"'), TALK),
        (_atom(escape(TALK), ' type="html"'), TALK),
        (_atom(escape(MARKED)), MARKED),
        (_atom(f"<![CDATA[{MARKED}]]>", ' type="text"'), MARKED),
        (_atom(escape(MARKED), ' type="html"'), "A new model & more"),
        (_atom("Q&A", ' type="html"'), "Q&A"),
        (_atom(XHTML.format(f"The {escape('<think>')} <em>token</em>"), ' type="xhtml"'), "The <think> token"),
        (_atom(XHTML.format(f"On {MATH} nearest neighbours"), ' type="xhtml"'), "On k=2 nearest neighbours"),
        (_json(TALK), TALK),
        (_json(MARKED), MARKED),
        (_json("Emoji \ud83d\ude00 here"), "Emoji 😀 here"),
    ],
)
def test_a_title_is_read_as_its_format_means_it(document: str, title: str) -> None:
    parsed = parse_document(document.encode(), URL)
    assert [entry.title for entry in parsed.entries] == [title]


@pytest.mark.parametrize(
    "title", ["&#x200B;", "&#x3164;", "&#x115F;&#x1160;", "&amp;nbsp;", "&#xFEFF;&#xAD;", "&lt;b&gt;&lt;/b&gt;"]
)
def test_a_title_that_nobody_can_see_is_none(title: str) -> None:
    document = _rss(title).replace("</item>", "<description>The text of it</description></item>")
    (item,) = parse_document(document.encode(), URL).entries
    assert make_title(item, "https://lab.example/a") == "The text of it"
