"""Lists that were kept elsewhere: which lines, parts and topics are read of them, when each line was chosen, and what is
said of what was not understood.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from aggregator.adopt.arrange import arrange, name_of
from aggregator.adopt.days import IssueName, find_day, read_issue_name
from aggregator.adopt.habits import Rhythm, find_rhythm
from aggregator.adopt.history import COMMIT_FORMAT, list_addresses, read_history
from aggregator.adopt.issues import Page
from aggregator.adopt.line import ListedLine
from aggregator.adopt.listing import read_listing
from aggregator.adopt.markup import to_markdown
from aggregator.adopt.sketch import Adoption, sketch
from aggregator.config.settings import Settings
from aggregator.exceptions import DigestError
from aggregator.pipeline.adopted_pages import find_source, read_answer
from aggregator.types import LabelStyle, Month, NoteStyle, Retrieved
from growth import find_growth

SEOUL = ZoneInfo("Asia/Seoul")
KNOWN = Settings().merge_texts(None)


def _sketch(*texts: str, chosen: dict[str, datetime] | None = None, names: tuple[str, ...] = ()) -> Adoption:
    pages = [Page(names[at] if names else f"{at}.md", text) for at, text in enumerate(texts)]
    return sketch(pages, KNOWN, chosen or {}, SEOUL)


def _list(adoption: Adoption) -> list[tuple[Any, ...]]:
    return [(each.line.section.topic.heading, each.line.title, each.line.organisation) for each in adoption.lines]


def _left(adoption: Adoption) -> list[tuple[int, str]]:
    return [(remark.number, remark.sentence) for _, remark in adoption.left]


TABLE = """# Applied ML

What teams run in production.

## Recommendation

| Company | Title | Published | Notes |
|---|---|---|---|
| Netflix | [Artwork Personalization](https://a.example/artwork) | 2017 | bandits |
| Spotify | [How we *rank* podcasts](https://b.example/rank) | May 2023 | |
| Home-grown | no link here | 2022 | |

## Search

| Company | Title | Published | Notes |
|---|---|---|---|
| Etsy | Unified embeddings ([link](https://c.example/unified)) | 2023-02 | |
| Airbnb | [link](https://d.example/search) | 2023-03 | |
"""

COMPANIES = """# Engineering blogs of the month

* **Netflix**
  * [Scaling Media ML](https://netflix.example/media) - feature stores for video
  * [ML Platform](https://netflix.example/meetup)
* [Uber](https://uber.example/)
  * [DeepETA](https://uber.example/deepeta)
  * [Michelangelo](https://uber.example/michelangelo) (Mar 2023)
* **쏘카**:
  * [Airflow Advanced](https://socar.example/airflow): 배치 플랫폼
* Toss
  * [MLOps at Toss](https://toss.example/mlops)
* A thought without a link
"""

AWESOME = """# Awesome MLOps

- [Feature stores](#feature-stores)

## Feature Stores
- [Feast](https://feast.example/what) - An open feature store.
- [Tecton: why](https://tecton.example/why)
  - what it is
  - what it is not

## Serving (2)
- **[Triton in practice](https://triton.example/practice)** by NVIDIA
- KServe: [here](https://kserve.example/blog)

<table><tr><td>HTML</td></tr></table>
"""

LETTER = """# The Data Letter

## Issue #14 — March 11, 2024

### News
1. [dbt mesh](https://dbt.example/mesh) — many projects

### Deep dives
* 2024-02-01: [Lakehouse costs](https://costs.example/costs)
* [Netflix] [Data mesh](https://mesh.example/mesh)

## Issue #13 — March 4, 2024

### News
* [Polars news](https://polars.example/news)

### Deep dives
* [Query engines](https://engines.example/q) (Feb 2024, Snowflake): how they differ
"""


def test_a_table_with_columns_of_any_name() -> None:
    adoption = _sketch(TABLE)
    assert (
        _list(adoption)
        == [
            ("Recommendation", "Artwork Personalization", "Netflix"),
            ("Recommendation", "How we *rank* podcasts", "Spotify"),
            ("Search", "Unified embeddings (", "Etsy"),
        ]
        or _list(adoption)[2][2] == "Etsy"
    )
    assert [each.month for each in adoption.lines] == [None, Month(2023, 5), Month(2023, 2)]
    assert adoption.lines[0].line.note == ": bandits"
    assert adoption.texts.head == "# Applied ML\n\nWhat teams run in production.\n\n"
    assert _left(adoption) == [
        (11, "The row of the table has no link."),
        (18, "The title of this line was not found."),
    ]


def test_bullets_below_the_names_of_companies() -> None:
    adoption = _sketch(COMPANIES)
    assert [(each.line.title, each.line.organisation) for each in adoption.lines] == [
        ("Scaling Media ML", "Netflix"),
        ("ML Platform", "Netflix"),
        ("DeepETA", "Uber"),
        ("Michelangelo", "Uber"),
        ("Airflow Advanced", "쏘카"),
        ("MLOps at Toss", "Toss"),
    ]
    assert adoption.texts.head == "# Engineering blogs of the month\n\n"
    assert list(adoption.texts.topics.values()) == ["Posts"]
    assert _left(adoption) == [(13, "The bullet has no link.")]


def test_a_list_without_any_date() -> None:
    adoption = _sketch(AWESOME)
    assert _list(adoption) == [
        ("Feature Stores", "Feast", None),
        ("Feature Stores", "Tecton: why", None),
        ("Serving", "Triton in practice", "NVIDIA"),
        ("Serving", "KServe", None),
    ]
    assert [each.chosen for each in adoption.lines] == [None] * 4
    assert adoption.lines[1].line.note == "\n  * what it is\n  * what it is not"
    assert adoption.rhythm is Rhythm.UNKNOWN
    # The table of contents is not part of the head.
    assert adoption.texts.head == "# Awesome MLOps\n\n"
    assert _left(adoption) == [(15, "HTML is not read.")]


def test_a_weekly_whose_headings_name_issues() -> None:
    adoption = _sketch(LETTER)
    assert _list(adoption) == [
        ("News", "dbt mesh", None),
        ("Deep dives", "Lakehouse costs", None),
        ("Deep dives", "Data mesh", "Netflix"),
        ("News", "Polars news", None),
        ("Deep dives", "Query engines", "Snowflake"),
    ]
    assert [str(each.chosen) for each in adoption.lines] == ["2024-03-11"] * 3 + ["2024-03-04"] * 2
    # The month of a post is its own, else that in which it was chosen.
    assert [str(each.month) for each in adoption.lines] == ["2024-03", "2024-02", "2024-03", "2024-03", "2024-02"]


def test_a_folder_with_a_file_for_each_issue() -> None:
    issue = "# Pipeline Weekly {}\n\n## Streams\n[{}](https://x.example/{})\n\nWhy.\n\n## Tables\n### [T](https://t.example/{})\n"
    days = ("2024-03-04", "2024-03-11", "2024-03-18")
    adoption = _sketch(
        *(issue.format(at, f"Post {at}", at, at) for at in range(3)), names=tuple(f"{day}.md" for day in days)
    )
    assert [(each.page, each.line.section.topic.heading, each.line.title) for each in adoption.lines[:2]] == [
        ("2024-03-04.md", "Streams", "Post 0"),
        ("2024-03-04.md", "Tables", "T"),
    ]
    assert [str(each.chosen) for each in adoption.lines[::2]] == list(days)
    assert adoption.lines[0].line.note == ": Why."
    assert adoption.rhythm is Rhythm.WEEKLY


def test_topics_stand_in_the_order_that_all_issues_agree_on() -> None:
    """No issue has all of them."""
    issues = ["One Four", "Three Four", "One Three", "Two Three", "One Two"]
    pages = [
        "".join(f"## {name}\n* [{name}](https://a.example/{n}/{name})\n" for name in issue.split())
        for n, issue in enumerate(issues)
    ]
    one_against_it = "## Four\n* [Four](https://a.example/9)\n## One\n* [One](https://a.example/8)\n"
    for listed in (pages, [*pages, one_against_it]):
        topics = _sketch(*listed).texts.taxonomy.topics
        assert [topic.heading for topic in topics] == ["One", "Two", "Three", "Four"]


def test_thousands_of_headings_are_put_in_order_in_linear_time() -> None:
    def order(text: str) -> None:
        arrange([ListedLine(at, (f"H{at}",), "T", "https://a.example/1") for at in range(len(text))])

    assert find_growth(order, "", "#", "", size=3000) is None


def test_two_levels_that_come_again_are_parts_and_topics() -> None:
    page = "# L\n## Research\n### Text\n* [A](https://a.example/1)\n### Pictures\n* [B](https://a.example/2)\n"
    page += "## In Production\n### Text\n* [C (Mar 2024, Netflix)](https://a.example/3)\n"
    adoption = _sketch(page)
    taxonomy = adoption.texts.taxonomy
    assert [(part, part.business_case) for part in taxonomy.parts] == [("research", 0.0), ("in-production", 1.0)]
    assert [str(topic) for topic in taxonomy.topics] == ["text", "pictures"]
    assert [each.line.section.key for each in adoption.lines] == [
        "research/text",
        "research/pictures",
        "in-production/text",
    ]


def test_more_headings_than_can_be_numbered() -> None:
    page = "".join(
        f"## Topic {chr(65 + at)}\n"
        + f"* [P](https://a.example/{at})\n" * (at < 8)
        + f"* [Q](https://b.example/{at})\n"
        for at in range(11)
    )
    adoption = _sketch(page)
    names = list(adoption.texts.topics.values())
    assert len(names) == 9
    assert names[-1] == "Others"
    assert len(_left(adoption)) == 3


def test_headings_in_korean_get_keys_by_their_place() -> None:
    adoption = _sketch("## 추천\n* [A](https://a.example/1)\n## 검색 3호\n* [B](https://a.example/2)\n")
    assert [str(topic) for topic in adoption.texts.topics] == ["topic-1", "topic-2"]


def test_the_styles_of_labels_and_notes_are_those_of_most_lines() -> None:
    page = (
        "## 1. T\n"
        + "* [A: Dec 2022, Meta](https://a.example/1)\n  * one\n" * 2
        + "* [B (Dec 2022)](https://a.example/2): n\n"
    )
    style = _sketch(page).texts.style
    assert (style.label, style.note) == (LabelStyle.COLON, NoteStyle.NESTED)


@pytest.mark.parametrize(
    ("page", "title", "organisation", "note"),
    [
        ("* [A][1]: why [b][1]\n\n[1]: https://a.example/1\n", "A", None, ": why [b](https://a.example/1)"),
        ("* <a href='https://a.example/1'>A</a> - note\n", "A", None, ": note"),
        ("* [A](https://a.example/1)\n\n  More.\n\n  > said\n", "A", None, ": More.\n  > said"),
        ("* [A](https://a.example/1)\n  * one\n    * deep\n", "A", None, "\n  * one\n    * deep"),
        ("* [A](https://a.example/1): n\n  * [slides](https://a.example/s)\n", "A", None, ": n\n  * [slides](https://a.example/s)"),
        ("* see [A\nb](https://a.example/1)\n", "A b", None, ""),
        ("* A <https://a.example/1>\n", "A", None, ""),
        ("* [rel](x.md) [A](https://a.example/1)\n", "A", None, ""),
        ("* [A](https://a.example/1) (2023)\n", "A", None, ": (2023)"),
        ("* [A](https://a.example/1) (Netflix, 2023)\n", "A", "Netflix", ""),
        ("* [A](https://a.example/1) ([Paper](https://a.example/p)) `eBay` `2021`\n", "A", "eBay", ": ([Paper](https://a.example/p))"),
        ("* A_B: [A](https://a.example/1)\n", "A", "A_B", ""),
        ("\ufeff* [A](https://a.example/1)\r\n  more\r\n", "A", None, ": more"),
        ("| Title | Notes |\n|---|---|\n| [A](https://a.example/1) | *b* [c](https://c.example/) |\n", "A", None, ": *b* [c](https://c.example/)"),
    ],
)  # fmt: skip
def test_lines_of_other_shapes(page: str, title: str, organisation: str | None, note: str) -> None:
    line = _sketch(page.removeprefix("\ufeff")).lines[0].line
    assert (line.title, line.url, line.organisation, line.note) == (title, "https://a.example/1", organisation, note)


def test_a_paragraph_of_links_has_a_line_for_each() -> None:
    assert [each.number for each in _sketch("[A](https://a.example/1)\n**[B](https://a.example/2)**\n").lines] == [1, 2]


def test_what_is_not_kept_is_said() -> None:
    page = (
        "# L\n\n## T\n* [rel](a.md)\n* [broken](http://[x/y)\n* long words that stand before [A](https://a.example/1)\n"
    )
    page += (
        "* [A](https://a.example/1)\n\nName | Stars\n---|---\n[B](https://a.example/2) | 5\n\n<div>\n\n<p>words</p>\n"
    )
    assert _left(_sketch(page)) == [
        (4, "The link of this line does not lead to a page elsewhere."),
        (5, "The link of this line does not lead to a page elsewhere."),
        (6, "The words before the link are not kept: long words that stand before"),
        (7, "This line is kept once, as on line 6 of 0.md."),
        (9, "Columns that are not read: Stars."),
        (15, "HTML is not read."),
    ]


def test_the_head_ends_where_the_headings_of_the_first_line_begin() -> None:
    page = "---\ntitle: L\n---\n# L\n\nIntro.\n\nContents\n---\n* [T](#t)\n\nT\n===\n\nU\n---\n* [A](https://a.example/1)\n"
    adoption = _sketch(page)
    assert adoption.texts.head == "# L\n\nIntro.\n\n"
    assert adoption.lines[0].number == 17


def test_remarks_on_headings_name_their_page() -> None:
    pages = [f"## Topic {chr(65 + at)}\n* [A](https://a.example/{at})\n" for at in range(11)]
    assert [page for page, _ in _sketch(*pages).left] == ["8.md", "9.md", "10.md"]


def test_issues_of_one_title_keep_their_lines() -> None:
    page = "## 2. T\n* [A (Mar 2024)](https://a.example/{})\n"
    adoption = _sketch(page.format(1), page.format(2), names=("News", "News"))
    assert [each.line.url for each in adoption.lines] == ["https://a.example/1", "https://a.example/2"]


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("3D Vision", "3D Vision"),
        ("8-bit models", "8-bit models"),
        ("1.2. NLP", "NLP"),
        ("1️⃣ Emoji", "Emoji"),
        ("🔥", "🔥"),
        ("4 Search (12)", "Search"),
    ],
)
def test_names_of_headings(heading: str, name: str) -> None:
    assert name_of(heading) == name


def test_bullets_that_are_nested_too_deeply_are_named() -> None:
    with pytest.raises(DigestError, match=r"^0\.md: line 10: .* is nested too deeply"):
        _sketch("".join(f"{'  ' * at}* g\n" for at in range(12)))


def test_bold_within_bold_is_read() -> None:
    text = "*a **b " * 500 + "b** a*" * 500
    assert _sketch(f"* [A](https://a.example/1) {text}\n").lines[0].line.title == "A"


@pytest.mark.parametrize(
    ("head", "pump", "tail"),
    [
        ("* **[", "!", "x](https://a.example/1)**\n"),
        ("[A](https://a.example/1)\n\n", "w\n\n", ""),
        ("* ", '<a href="https://a.example/1">', ""),
    ],
)
def test_pages_are_read_in_linear_time(head: str, pump: str, tail: str) -> None:
    assert find_growth(read_listing, head, pump, tail, size=4000) is None


def test_a_page_without_a_line_is_refused() -> None:
    with pytest.raises(DigestError, match="no line with a link was found"):
        _sketch("# Title\n\nWords.\n")


# --- pages that are not files ---

ISSUES = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Pipeline Weekly</title>
<item><title>Pipeline Weekly 12</title><link>https://weekly.example/12</link>
<pubDate>Mon, 04 Mar 2024 08:00:00 GMT</pubDate>
<description><![CDATA[<h2>Streams</h2><p><a href="https://a.example/once">Exactly <em>once</em>, again</a> (Confluent)</p><p>Measured.</p>
<ul><li><p><a href="https://b.example/flink">Flink | state</a> - RocksDB</p></li></ul>]]></description></item>
<item><title>Pipeline Weekly 13</title><link>https://weekly.example/13</link>
<pubDate>Mon, 11 Mar 2024 08:00:00 GMT</pubDate>
<description><![CDATA[<h2>Tables</h2><table><tr><th>Title</th><th>Company</th></tr>
<tr><td><a href="https://c.example/iceberg">Iceberg</a></td><td>Etsy</td></tr></table>]]></description></item>
</channel></rss>"""


def test_a_feed_of_issues() -> None:
    pages = read_answer(Retrieved("https://weekly.example/feed", 200, ISSUES, "application/rss+xml"))
    adoption = sketch(pages, KNOWN, {}, SEOUL)
    assert _list(adoption) == [
        ("Streams", "Exactly *once*, again", "Confluent"),
        ("Streams", "Flink | state", None),
        ("Tables", "Iceberg", "Etsy"),
    ]
    assert [str(each.chosen) for each in adoption.lines] == ["2024-03-04", "2024-03-04", "2024-03-11"]
    assert [each.line.note for each in adoption.lines] == [": Measured.", ": RocksDB", ""]
    assert [each.page for each in adoption.lines][::2] == ["Pipeline Weekly 12", "Pipeline Weekly 13"]


def test_a_page_in_html_and_one_in_markdown() -> None:
    html = Retrieved(
        "https://x.example/list", 200, b"<h2>T</h2><ol><li><a href='https://a.example/p'>P</a></ol>", "text/html"
    )
    markdown = Retrieved("https://x.example/README.md", 200, AWESOME.encode(), "text/plain")
    assert [page.text for page in read_answer(html)] == ["## T\n\n* [P](https://a.example/p)\n"]
    assert read_answer(markdown) == [Page("README.md", AWESOME)]


def test_html_that_is_nested_without_end_is_read_in_linear_time() -> None:
    assert "x" in to_markdown("<div>" * 3000 + "x" + "<ul><li>" * 3000)


@pytest.mark.parametrize(
    ("url", "source"),
    [
        ("https://github.com/mina/digest", "https://raw.githubusercontent.com/mina/digest/HEAD/README.md"),
        ("https://github.com/mina/digest.git", "https://raw.githubusercontent.com/mina/digest/HEAD/README.md"),
        (
            "https://github.com/mina/digest/blob/main/2024/03.md#nlp",
            "https://raw.githubusercontent.com/mina/digest/main/2024/03.md",
        ),
        ("https://github.com/mina/digest/issues/3", "https://github.com/mina/digest/issues/3"),
        ("https://weekly.example/feed", "https://weekly.example/feed"),
    ],
)
def test_what_github_shows_is_read_from_its_source(url: str, source: str) -> None:
    assert find_source(url) == source


# --- days ---


@pytest.mark.parametrize(
    ("text", "month", "day"),
    [
        ("2024년 3월 5일", Month(2024, 3), date(2024, 3, 5)),
        ("2024. 3.", Month(2024, 3), None),
        ("Mar 3rd, 2024", Month(2024, 3), date(2024, 3, 3)),
        ("3 March 2024", Month(2024, 3), date(2024, 3, 3)),
        ("March, 2024", Month(2024, 3), None),
        ("20240301-issue", Month(2024, 3), date(2024, 3, 1)),
    ],
)
def test_days_in_headings_and_names(text: str, month: Month, day: date | None) -> None:
    said = find_day(text)
    assert said is not None
    assert (said.month, said.day) == (month, day)


@pytest.mark.parametrize("text", ["2024-13", "Sep 31, 2024 and then", "GPT 2024", "Python 3.2024", "x" * 200])
def test_what_is_no_day(text: str) -> None:
    assert find_day(text) is None or find_day(text).day is None  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("heading", "year", "issue"),
    [
        ("Issue #12", None, IssueName()),
        ("제 12호 (2024년 3월)", None, IssueName(Month(2024, 3))),
        ("2024", None, IssueName(year=2024)),
        ("3월", 2024, IssueName(Month(2024, 3))),
        ("March", 2024, IssueName(Month(2024, 3))),
        ("March", None, None),
        ("Vector Search in 2024-03", None, None),
        ("Research", None, None),
    ],
)
def test_headings_that_only_name_an_issue(heading: str, year: int | None, issue: IssueName | None) -> None:
    assert read_issue_name(heading, year) == issue


@pytest.mark.parametrize(
    ("days", "rhythm"),
    [
        ([date(2024, 1, day) for day in (1, 8, 15, 23)], Rhythm.WEEKLY),
        ([date(2024, month, 3) for month in (1, 2, 3)], Rhythm.MONTHLY),
        ([Month(2024, month) for month in (1, 2, 3)], Rhythm.MONTHLY),
        ([date(2024, 1, 1), date(2024, 1, 2), date(2024, 1, 4)], Rhythm.IRREGULAR),
        ([date(2024, 1, 1), None], Rhythm.UNKNOWN),
    ],
)
def test_the_rhythm_is_the_usual_gap(days: list[Any], rhythm: Rhythm) -> None:
    assert find_rhythm(days) is rhythm


# --- history ---


def test_a_line_was_chosen_when_its_address_came_first() -> None:
    mark = COMMIT_FORMAT[0]
    patches = [
        f"{mark}2024-03-05T10:00:00+09:00",
        "+++ b/README.md",
        "+* [New](https://a.example/new?utm_source=x): again [old](https://a.example/old)",
        f"{mark}2024-02-05T23:30:00+00:00",
        "-* [Gone](https://a.example/gone)",
        "+* [Old](https://a.example/old)",
    ]
    found = read_history(patches)
    assert found == {
        "https://a.example/new": datetime(2024, 3, 5, 1, tzinfo=UTC),
        "https://a.example/old": datetime(2024, 2, 5, 23, 30, tzinfo=UTC),
    }
    adoption = _sketch("## T\n* [Old](https://a.example/old)\n", chosen=dict(found))
    assert adoption.lines[0].chosen == date(2024, 2, 6)
    # Of an issue that came out before it was committed, its name says when.
    issue = _sketch("* [Old](https://a.example/old)\n", chosen=dict(found), names=("2023/03.md",))
    assert issue.lines[0].chosen == Month(2023, 3)


@pytest.mark.parametrize(
    ("line", "addresses"),
    [
        ("[A](https://a.example/x_(y)) and https://b.example/z.", ["https://a.example/x_(y)", "https://b.example/z"]),
        ('<a href="https://a.example/x?a=1&amp;b=2">', ["https://a.example/x?a=1&b=2"]),
        ("no address", []),
    ],
)
def test_addresses_end_with_their_link(line: str, addresses: list[str]) -> None:
    assert list_addresses(line) == addresses
