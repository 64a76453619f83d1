"""A digest as page, feed, data and mail: valid, safe, the same each time, and each line where it was."""

from __future__ import annotations

import email
import email.policy
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import feedparser
import pytest
from lxml import html as lxml_html

from aggregator.digest.editions.issue import Issue, list_items, make_item
from aggregator.digest.editions.syndicate import Syndicate, write_atom
from aggregator.digest.editions.write import write_edition
from aggregator.digest.foot import mark_chosen
from aggregator.feeds.parse import parse_document
from aggregator.shipped import SHIPPED, SHIPPED_HEAD
from aggregator.types import Digest, EditionFormat, Line, Month, Taxonomy, Texts, Topic

MONTH = Month(2022, 12)
AT = datetime(2023, 1, 5, tzinfo=UTC)
TEXTS = Texts(
    SHIPPED_HEAD,
    {part: part.heading for part in SHIPPED.parts},
    {topic: topic.heading for topic in SHIPPED.topics},
)


def _line(section: str, title: str, url: str, **values: object) -> Line:
    return Line(SHIPPED.parse_section(section), title, url, MONTH, **values)  # type: ignore[arg-type]


LINES = (
    _line("1.2", "Notes on \\<script>alert(1)\\</script> & `<b>`", "https://a.example/?a=1&b=%22", organisation="A & B"),
    _line("2.3", "장바구니 **추천**을 실시간으로", "https://b.example/1", note=": 지연 시간이 </li></ul></body> 줄었습니다"),
    _line("2.4", "Batching", "https://c.example/", note="\n  * one <img src=x onerror=alert(1)>\n  * [two](javascript:x) <p>"),
    _line("2.4", "Batching Again", "https://c.example/", note=': <style>*{}</style><b>open ![p](https://t.example/p.png)'),
)  # fmt: skip
ISSUE = Issue(
    MONTH, "Digest of Dec 2022", "en", Digest(TEXTS, LINES), AT, "Mina & Co", "https://d.example/2022-12.html"
)


class _Checker(HTMLParser):
    """Every element is closed in its turn, and nothing is fetched or run."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in {"script", "img", "iframe", "object", "form"}
        assert not any(name.startswith("on") or name == "src" for name, _ in attrs)
        assert not any("javascript:" in (value or "") for _, value in attrs)
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag not in {"meta", "link", "br", "hr"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _check(markup: str) -> list[str]:
    """Its anchors."""
    checker = _Checker()
    checker.feed(markup)
    checker.close()
    assert checker.open == []
    assert len(checker.ids) == len(set(checker.ids))
    return checker.ids


@pytest.mark.parametrize("form", [EditionFormat.HTML, EditionFormat.MAIL])
def test_pages_are_whole_and_safe_and_say_their_languages(form: EditionFormat) -> None:
    written = write_edition(ISSUE, form)
    anchors = _check(written)
    assert write_edition(ISSUE, form) == written
    assert [each for each in anchors if not each.startswith("p-")] == [
        "research-nlp",
        "business-recsys",
        "business-mlops",
    ]
    read = lxml_html.document_fromstring(written.encode())
    assert read.get("lang") == "en"
    assert [
        each.get("lang") for each in read.iterfind(".//main/ul/li" if form is EditionFormat.HTML else ".//td/ul/li")
    ] == [None, "ko", None, None]
    assert read.findtext(".//h1") == "AI & ML 블로그 월간 정리"
    assert read.find(".//h1").get("lang") == "ko"
    assert "&lt;script&gt;alert(1)" in written
    assert "https://t.example/p.png" in read.text_content(), "a picture is named, and not fetched"
    if form is EditionFormat.MAIL:
        assert "<style" not in written
        assert all(each.get("style") for each in read.iterfind(".//td/ul/li"))


@pytest.mark.parametrize(
    ("form", "beside", "shown"),
    [
        (EditionFormat.HTML, "https://d.example/2022/12.html", "pictures/"),
        (EditionFormat.HTML, None, "pictures/"),
        (EditionFormat.MAIL, "https://d.example/2022/12.html", "https://d.example/2022/pictures/"),
        (EditionFormat.MAIL, None, None),
        (EditionFormat.ATOM, None, None),
    ],
)
def test_pictures_of_notes_are_shown_where_they_are_found(form: EditionFormat, beside: str, shown: str | None) -> None:
    name = f"{'0' * 32}.png"
    line = replace(LINES[2], note=f": ![a chart](pictures/{name}) ![p](https://t.example/p.png)")
    written = write_edition(replace(ISSUE, beside=beside, digest=Digest(TEXTS, (line,))), form)
    assert re.findall("<img [^>]*>", written) == ([f'<img src="{shown}{name}" alt="a chart">'] if shown else [])
    assert ("picture a chart<" in unescape(written)) == (shown is None)
    assert "picture https://t.example/p.png<" in unescape(written)


def test_a_mail_says_which_pictures_it_leaves_out() -> None:
    issue = replace(ISSUE, left_out="2 pictures are left out of this mail.")
    said = {form for form in EditionFormat if issue.left_out in write_edition(issue, form)}
    assert said == {EditionFormat.MAIL, EditionFormat.TEXT, EditionFormat.EML}


def test_what_the_markdown_says_of_highlights_and_choice_every_form_for_people_says() -> None:
    digest = Digest(TEXTS, (replace(LINES[2], star="⭐"),), mark_chosen("**선정 방법**\n\n열두 편을 모았습니다."))
    issue = replace(ISSUE, digest=digest)
    for form in (EditionFormat.HTML, EditionFormat.MAIL):
        written = write_edition(issue, form)
        _check(written)
        assert ">⭐ Batching (Dec 2022)</a>" in written
        assert '<footer lang="ko">\n<p><strong>선정 방법</strong></p>\n<p>열두 편을' in written
        assert "aggregator: how" not in written
    text = write_edition(issue, EditionFormat.TEXT)
    assert "\n* ⭐ Batching (Dec 2022)\n" in text
    told = json.loads(write_edition(issue, EditionFormat.JSON))
    assert told["chosen"] == "**선정 방법**\n\n열두 편을 모았습니다."
    assert told["sections"][0]["lines"][0]["highlight"] is True
    assert "\n\n**선정 방법**\n\n열두 편을 모았습니다.\n\n-- \n" in text


def test_anchors_stay_when_lines_come_and_go() -> None:
    def list_anchors(lines: tuple[Line, ...]) -> list[str]:
        return _check(write_edition(replace(ISSUE, digest=Digest(TEXTS, lines)), EditionFormat.HTML))

    before = list_anchors(LINES[1:])
    renamed = (LINES[0], replace(LINES[1], title="새 제목", note=""), *LINES[2:])
    assert set(before) < set(list_anchors(renamed))


def test_feeds_are_read_by_feedparser_and_by_our_own_reader() -> None:
    def read(syndicate: Syndicate) -> feedparser.FeedParserDict:
        document = write_atom(syndicate)
        ET.fromstring(document)
        found = feedparser.parse(document)
        assert (found.bozo, found.version) == (False, "atom10")
        ours = parse_document(document, "https://d.example/feed", "application/atom+xml")
        assert [entry.title for entry in ours.entries] == [entry.title for entry in found.entries]
        return found

    def gather(items: list[object]) -> Syndicate:
        return Syndicate("x", "T", None, None, "Mina & Co", AT, items, "en")  # type: ignore[arg-type]

    (entry,) = read(gather([make_item(ISSUE)])).entries
    assert (entry.title, entry.link) == ("Digest of Dec 2022", "https://d.example/2022-12.html")
    assert "지연 시간이" in entry.content[0].value
    (whole,) = gather([make_item(ISSUE)]).items
    assert _check(whole.html)[0] == "research-nlp"

    found = read(gather([*list_items(ISSUE, "business/mlops"), *list_items(ISSUE, "business/recsys")])).entries
    assert [each.title for each in found] == ["Batching", "Batching Again", "장바구니 추천을 실시간으로"]
    assert [each.link for each in found] == ["https://c.example/", "https://c.example/", "https://b.example/1"]
    assert len({each.id for each in found}) == 3
    assert feedparser.parse(write_edition(replace(ISSUE, url=None), EditionFormat.ATOM)).entries[0].id == entry.id


def test_data_has_what_a_site_is_built_from() -> None:
    told = json.loads(write_edition(ISSUE, EditionFormat.JSON))
    assert told["month"] == "2022-12"
    assert [(each["id"], each["number"], len(each["lines"])) for each in told["sections"]] == [
        ("research-nlp", "1.2", 1), ("business-recsys", "2.3", 1), ("business-mlops", "2.4", 2)
    ]  # fmt: skip
    first = told["sections"][0]["lines"][0]
    assert (first["title"], first["organisation"]) == ("Notes on <script>alert(1)</script> & <b>", "A & B")
    assert told["sections"][1]["lines"][0]["language"] == "ko"
    assert (first["highlight"], told["chosen"]) == (False, "")


def test_the_mail_has_its_text_and_its_html_and_is_the_same_each_time() -> None:
    written = write_edition(ISSUE, EditionFormat.EML)
    assert written == write_edition(ISSUE, EditionFormat.EML)
    assert written.isascii()
    message = email.message_from_string(written, policy=email.policy.default)
    assert message["subject"] == "AI & ML 블로그 월간 정리: Digest of Dec 2022"
    text, html = (part.get_content() for part in message.iter_parts())  # type: ignore[attr-defined]
    assert text == write_edition(ISSUE, EditionFormat.TEXT)
    assert html == write_edition(ISSUE, EditionFormat.MAIL)
    assert "* 장바구니 추천을 실시간으로 (Dec 2022)\n  https://b.example/1\n  지연 시간이" in text
    assert "  * one <img src=x onerror=alert(1)>\n" in text, "a note in Markdown is text"
    assert text.endswith("-- \nhttps://d.example/2022-12.html\n")


def test_a_digest_without_parts_and_with_a_plain_head() -> None:
    taxonomy = Taxonomy.of(SHIPPED.parts[:1], [Topic("a", "Anfang & Ende"), Topic("b", "빅데이터")])
    texts = Texts("", dict.fromkeys(taxonomy.parts, "Only"), {each: each.heading for each in taxonomy.topics})
    line = Line(taxonomy.sections[1], "T", "https://a.example/", None)
    page = write_edition(replace(ISSUE, url=None, digest=Digest(texts, (line,))), EditionFormat.HTML)
    assert _check(page)[0] == "research-b"
    assert '<h2 id="research-b" lang="ko">2. 빅데이터</h2>' in page
    assert re.search(r"<h1>Digest of Dec 2022</h1>\s*</header>", page)
