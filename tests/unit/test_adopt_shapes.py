"""Lists as people keep them: after awesome lists, weeklies of languages, newsletters in HTML, folders of Jekyll and Hugo, notes
of Obsidian. Each shape with what is read of it, and what is named as not read.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from aggregator.adopt.issues import Page
from aggregator.adopt.markup import to_markdown
from aggregator.adopt.sketch import Adoption, sketch
from aggregator.adopt.source import link_addresses, prepare
from aggregator.adopt.words import unwrap
from aggregator.config.settings import Settings
from aggregator.exceptions import NotFoundError
from aggregator.pipeline.adopted_pages import read_answer, refuse_other_markup
from aggregator.types import Month, Retrieved
from growth import find_growth

SEOUL = ZoneInfo("Asia/Seoul")
KNOWN = Settings().merge_texts(None)


def _sketch(*texts: str, names: tuple[str, ...] = ()) -> Adoption:
    pages = [Page(names[at] if names else f"{at}.md", text) for at, text in enumerate(texts)]
    return sketch(pages, KNOWN, {}, SEOUL)


def _list(adoption: Adoption) -> list[tuple[Any, ...]]:
    return [
        (each.line.section.topic.heading, each.line.title, each.line.organisation, each.line.note)
        for each in adoption.lines
    ]


def _left(adoption: Adoption) -> list[tuple[int, str]]:
    return [(remark.number, remark.sentence) for _, remark in adoption.left]


def test_an_awesome_list_with_badges_and_folded_parts() -> None:
    adoption = _sketch(
        "[![Awesome](https://b.example/badge.svg)](https://awesome.example)\n\n## Contents\n- [Stores](#stores)\n\n"
        "## Stores\n- [![Tecton](https://t.example/logo.svg)](https://t.example/) A platform.\n"
        "- [A](https://a.example/1), [B](https://a.example/2) and more\n\n"
        "<details>\n<summary>Older ones</summary>\n\n- [KServe](https://k.example/a) - Old.\n\n</details>\n\n"
        "## License\nSee [the file](LICENSE).\n"
    )
    assert _list(adoption) == [
        ("Stores", "A", None, ": [B](https://a.example/2) and more"),
        ("Stores", "KServe", None, ": Old."),
    ]
    assert _left(adoption) == [
        (7, "The link of this line is a picture alone."),
        (10, "HTML is not read."),
        (18, "This text belongs to no line."),
    ]


def test_a_weekly_whose_first_lines_say_its_day() -> None:
    adoption = _sketch(
        "Title: This Week in Rust 540\nDate: 2024-03-27\nCategory: This Week\n\nHello.\n\n## Updates\n### Official\n"
        "* [video] [A talk](https://t.example/1)\n"
        "## Events\n### Virtual\n* 2024-04-02 | Hybrid (Berlin, DE) | [Meetup](https://m.example/berlin)\n"
        "    * [**Hack and Learn**](https://m.example/berlin/event)\n"
    )
    assert _list(adoption) == [
        ("Official", "A talk", None, ""),
        ("Virtual", "Meetup", None, "\n  * [**Hack and Learn**](https://m.example/berlin/event)"),
    ]
    assert [str(each.chosen) for each in adoption.lines] == ["2024-03-27"] * 2
    assert adoption.texts.head == "Hello.\n\n"
    assert _left(adoption) == [
        (9, "The words before the link are not kept: [video]"),
        (12, "The words before the link are not kept: Hybrid (Berlin, DE)"),
    ]


KOREAN = """---
layout: post
date: {day} 09:00:00 +0900
---
이번 주도 골랐습니다.

### 🔥 추천

**1. [검색 개선기](https://a.example/{at})**

- 지표
- 비용

### 📚 읽을거리

- 당근 | [추천 시스템](https://b.example/{at}) | 2024.02
- [네이버] 하이퍼클로바: https://c.example/{at}

---

구독은 [여기](https://d.example/)에서!
"""


def test_a_korean_newsletter_in_a_folder_of_posts() -> None:
    adoption = _sketch(*(KOREAN.format(day=f"2024-03-{day:02d}", at=day) for day in (4, 11, 18)), names=("a", "b", "c"))
    assert _list(adoption)[:3] == [
        ("추천", "검색 개선기", None, "\n  * 지표\n  * 비용"),
        ("읽을거리", "추천 시스템", "당근", ""),
        ("읽을거리", "하이퍼클로바", "네이버", ""),
    ]
    assert [each.month for each in adoption.lines[:3]] == [Month(2024, 3), Month(2024, 2), Month(2024, 3)]
    assert str(adoption.rhythm) == "weekly"
    assert [number for number, _ in _left(adoption)] == [21, 21, 21]


def test_notes_with_links_between_them_and_boxes_to_tick() -> None:
    adoption = _sketch(
        "# Reading\n\n## [[Models|LLM]]\n- [ ] [Scaling](https://x.example/scaling) #paper\n"
        "- [x] [[Chinchilla]] [Explained](https://x.example/c) ✅ 2024-02-28\n- ![[image.png]]\n\n"
        "## [[Agents]]\n> [!note] First these\n> - [ReAct](https://x.example/react)\n"
    )
    assert _list(adoption) == [
        ("LLM", "Scaling", None, ": #paper"),
        ("LLM", "Explained", None, ""),
        ("Agents", "ReAct", None, ""),
    ]
    assert _left(adoption) == [
        (5, "The words before the link are not kept: Chinchilla"),
        (6, "The bullet has no link."),
        (9, "This text belongs to no line."),
    ]


def test_footnotes_stand_where_they_are_named_first() -> None:
    adoption = _sketch(
        "## T\n* [A](https://a.example/1) — deep[^1]\n* [B][b][^2]\n* [C](https://a.example/3)[^1]\n\n"
        "[b]: https://a.example/2\n\n[^1]: See [code](https://c.example/x).\n[^2]: A note.\n[^3]: Nobody.\n"
    )
    notes = [each.line.note for each in adoption.lines]
    assert notes == [": deep (See [code](https://c.example/x).)", ": (A note.)", ""]
    assert _left(adoption) == [(10, "This text belongs to no line.")]


def test_bold_words_are_headings_and_numbers_are_bullets() -> None:
    adoption = _sketch(
        "# Digest\n\n2024\n====\n\nMarch\n-----\n\n**Streaming**\n\n1) [Kafka](https://k.example/1) (Confluent)\n\n"
        "**Batch:**\n\n1) [Spark](https://s.example/2): Databricks, 2024/02/11\n"
    )
    assert _list(adoption) == [("Streaming", "Kafka", "Confluent", ""), ("Batch", "Spark", "Databricks", "")]
    assert [(str(each.chosen), str(each.month)) for each in adoption.lines] == [
        ("2024-03", "2024-03"),
        ("2024-03", "2024-02"),
    ]


LETTER = """<html><body><table><tr><td><p><strong>#Favorites</strong></p>
<p><a href="https://a.example/1">A first thing</a><br>//a.example <a href="https://n.example/1">comments→</a></p>
<table><tr><td><p><a href="https://b.example/2"><b>Deno 2</b></a> — Out now.</p></td></tr></table>
<p><strong>#Ask</strong></p><p><a href="https://c.example/3">What?</a></p>
<p><a href="https://x.example/u">Unsubscribe</a> | <a href="https://x.example/v">View in browser</a></p>
</td></tr></table></body></html>"""


def test_a_newsletter_laid_out_by_tables() -> None:
    (page,) = read_answer(Retrieved("https://x.example/690", 200, LETTER.encode(), "text/html"))
    adoption = sketch([page], KNOWN, {}, SEOUL)
    assert [(topic, title) for topic, title, *_ in _list(adoption)] == [
        ("Favorites", "A first thing"),
        ("Favorites", "**Deno 2**"),
        ("Ask", "What?"),
    ]
    assert [sentence for _, sentence in _left(adoption)] == ["The title of this line was not found."]


def test_a_table_of_data_stays_one() -> None:
    said = to_markdown("<table><tr><td><a href='https://a.example/1'>A</a></td><td>Etsy</td></tr></table>")
    assert said == "| [A](https://a.example/1) | Etsy |\n|---|---|\n"


def test_issues_with_a_title_each_have_no_parts_of_these_names() -> None:
    page = "# {}: {}\n\n## Articles\n* [A](https://a.example/{})\n"
    said = [page.format(f"Letter #{at}", name, at) for at, name in enumerate(("Node", "Deno", "Bun"))]
    names = tuple(f"2024-03-{at + 1:02d}.md" for at in range(3))
    adoption = _sketch(*said, names=names)
    assert (list(adoption.texts.topics.values()), adoption.texts.head) == (["Articles"], "")
    # Pages that name no day are topics.
    topics = _sketch("# NLP\n* [A](https://a.example/1)\n", "# CV\n* [B](https://a.example/2)\n")
    assert (list(topics.texts.topics.values()), topics.texts.head) == (["NLP", "CV"], "")
    # Of one name with numbers, the name stays.
    weekly = _sketch(*(f"# Data Weekly {at}\n* [A](https://a.example/{at})\n" for at in range(2)))
    assert weekly.texts.head == "# Data Weekly\n\n"


@pytest.mark.parametrize(
    ("page", "titles"),
    [
        ("* [Uber](https://u.example/blog)\n  * [A](https://u.example/blog/a)\n", ["A"]),
        ("* [Big post](https://u.example/x)\n  * [slides](https://u.example/x/s.pdf)\n", ["Big post"]),
        ("* [Big post](https://u.example/x)\n  * [Other](https://v.example/x/y)\n", ["Big post"]),
    ],
)
def test_a_group_whose_link_leads_to_a_folder(page: str, titles: list[str]) -> None:
    assert [each.line.title for each in _sketch(page).lines] == titles


@pytest.mark.parametrize(
    ("line", "linked"),
    [
        ("see https://a.example/x_(1). and", "see <https://a.example/x_(1)>. and"),
        ("이름: https://a.example/x,", "이름: <https://a.example/x>,"),
        ("[A](https://a.example/1) https://b.example", "[A](https://a.example/1) https://b.example"),
        ("`curl https://a.example/1`", "`curl https://a.example/1`"),
        ("[b]: https://a.example/1", "[b]: https://a.example/1"),
    ],
)
def test_bare_addresses(line: str, linked: str) -> None:
    assert link_addresses(line) == linked


@pytest.mark.parametrize(
    ("front", "day"),
    [
        ("---\ntitle: A\ndate: 2024-03-04\n---\n", date(2024, 3, 4)),
        ('+++\ntitle = "A"\ndate = 2024-05-06T10:00:00Z\n+++\n', date(2024, 5, 6)),
        ("Title: A\nDate: 27 March 2024\n", date(2024, 3, 27)),
        ("---\ntitle: A\n---\n", None),
        ("Note: words\n", None),
    ],
)
def test_the_day_before_a_page(front: str, day: date | None) -> None:
    source = prepare(f"{front}\nWords.")
    assert (source.day, source.text.count("\n")) == (day, front.count("\n") + 1)


def test_links_between_notes() -> None:
    assert unwrap("see [[A|b]] and [[C]] [d]") == "see b and C [d]"


@pytest.mark.parametrize("name", ["list.rst", "list.adoc", "notes.org"])
def test_other_markup_is_refused_by_name(name: str) -> None:
    with pytest.raises(NotFoundError, match=r"^\S+ is \w+, and only Markdown and HTML are read"):
        refuse_other_markup(name)


@pytest.mark.parametrize(
    ("head", "pump", "tail"),
    [("", "[^1] ", "\n[^1]: x"), ("", "https://a.example/", ""), ("", "[[a", ""), ("title: x\n", "a: b\n", "c")],
)
def test_what_is_done_before_reading_is_linear(head: str, pump: str, tail: str) -> None:
    assert find_growth(lambda text: unwrap(link_addresses(prepare(text).text)), head, pump, tail, size=4000) is None
