"""A page written by hand becomes data: what is understood, what is remarked on, and what is refused."""

from __future__ import annotations

import pytest

from aggregator.digest.read import ReadDigest, read_digest
from aggregator.digest.render import render_digest
from aggregator.exceptions import DigestError
from aggregator.shipped import SHIPPED
from aggregator.types import Line, Month, Texts
from world.sections import AWS, BUSINESS, CV, MLOPS, NLP, RECSYS, RESEARCH

DEFAULTS = Texts(
    head="# Never used\n\n",
    parts={RESEARCH: "Science", BUSINESS: "Practice", AWS: "Clouds"},
    topics={CV: "Seeing", NLP: "Reading", RECSYS: "Choosing", MLOPS: "Running"},
)

PAGE = """\
# Our Digest
* NOTE: a bullet of the head is not a line of the page.

## 1. Science
### 1.1. Seeing
* [Looking at Cats (Dec 2022, Catco)](https://catco.example/cats): 고양이 분류

### 1.4. Running
* [Warm Starts (Nov 2022)](https://warm.example/starts)
* [Cold Starts](https://cold.example/starts)

## 3. Clouds
### 3.2. Reading
* [Reading in the Cloud (Nov 2022)](https://cloud.example/reading)
"""


def read(text: str) -> ReadDigest:
    return read_digest(text, DEFAULTS)


def read_bullet(bullet: str) -> Line:
    """The single line of a page that holds just this bullet."""
    (line,) = read(f"## 2. Practice\n### 2.4. Running\n{bullet}\n").digest.lines
    return line


class TestPage:
    def test_lines_carry_their_section_label_address_and_note(self) -> None:
        first, second, third, fourth = read(PAGE).digest.lines
        assert first == Line(
            SHIPPED.parse_section("research/cv"),
            "Looking at Cats",
            "https://catco.example/cats",
            Month(2022, 12),
            "Catco",
            ": 고양이 분류",
        )
        assert (second.section, second.organisation, second.note) == (SHIPPED.parse_section("research/mlops"), None, "")
        assert (third.title, third.month) == ("Cold Starts", None)
        assert fourth.section == SHIPPED.parse_section("aws/nlp")

    def test_the_head_is_kept_and_is_never_the_default(self) -> None:
        assert read(PAGE).digest.texts.head == PAGE[: PAGE.index("## 1.")]
        assert read(PAGE[PAGE.index("## 1.") :]).digest.texts.head == ""

    def test_headings_that_do_not_occur_take_the_default(self) -> None:
        texts = read(PAGE.replace("1.4. Running", "1.4. Serving")).digest.texts
        assert texts.parts == DEFAULTS.parts
        assert texts.topics == {**DEFAULTS.topics, MLOPS: "Serving"}

    def test_it_is_printed_as_it_was_without_a_remark(self) -> None:
        assert read(PAGE).remarks == ()
        assert render_digest(read(PAGE).digest) == PAGE

    def test_an_unnumbered_heading_or_a_fence_may_stand_in_the_head(self) -> None:
        head = "## How to Read\n```\n## 1. Like This\n```\n<!--\n### 1.1. Or this\n-->\n\n"
        assert read(head + PAGE[PAGE.index("## 1.") :]).digest.texts.head == head


class TestLabel:
    @pytest.mark.parametrize(
        ("text", "title", "month", "organisation"),
        [
            ("Plain (Dec 2022, Acme)", "Plain", Month(2022, 12), "Acme"),
            ("Nobody's (Jan 2023)", "Nobody's", Month(2023, 1), None),
            ("No label at all", "No label at all", None, None),
            ("Ends in (Parentheses)", "Ends in (Parentheses)", None, None),
            ("A Model (*TINY*) (Dec 2022, Acme)", "A Model (*TINY*)", Month(2022, 12), "Acme"),
            ("Open ( here (Dec 2022)", "Open ( here", Month(2022, 12), None),
            ("Closed :) here (Dec 2022)", "Closed :) here", Month(2022, 12), None),
            ("Org (Dec 2022, Acme (Seoul))", "Org", Month(2022, 12), "Acme (Seoul)"),
            ("Two (May 2020, Old) (Dec 2022, New)", "Two (May 2020, Old)", Month(2022, 12), "New"),
            ("Not last (Dec 2022) part 2", "Not last (Dec 2022) part 2", None, None),
            ("Comma (Dec 2022, Acme, Inc.)", "Comma", Month(2022, 12), "Acme, Inc."),
            ("No such month (Foo 2022)", "No such month (Foo 2022)", None, None),
            ("No such year (Dec 0000)", "No such year (Dec 0000)", None, None),
            (r"Escaped \(Dec 2022)", r"Escaped \(Dec 2022)", None, None),
            ("[Paper] Nested [1] (Dec 2022)", "[Paper] Nested [1]", Month(2022, 12), None),
            (r"Half \] open (Dec 2022)", r"Half \] open", Month(2022, 12), None),
            ("Code `a[0](` (Dec 2022)", "Code `a[0](`", Month(2022, 12), None),
            ("**굵은** 제목 (Dec 2022, 회사)", "**굵은** 제목", Month(2022, 12), "회사"),
        ],
    )
    def test_the_label_is_the_last_parenthesis(
        self, text: str, title: str, month: Month | None, organisation: str | None
    ) -> None:
        line = read_bullet(f"* [{text}](https://x.example/)")
        assert (line.title, line.month, line.organisation) == (title, month, organisation)
        assert line.url == "https://x.example/"


class TestAddress:
    @pytest.mark.parametrize(
        "url",
        [
            "https://x.example/a_(b)",
            "https://x.example/a_((b)_c)?q=[1]",
            r"https://x.example/a\)b",
            "./images/x.png",
            "https://x.example/글",
            "",
        ],
    )
    def test_parentheses_may_pair_inside(self, url: str) -> None:
        line = read_bullet(f"* [Title (Dec 2022)]({url}): note (with [another](https://y.example/))")
        assert line.url == url
        assert line.note == ": note (with [another](https://y.example/))"

    @pytest.mark.parametrize(
        ("written", "url"),
        [
            ("<https://x.example/a b>", "https://x.example/a%20b"),
            ('https://x.example/ "A title"', "https://x.example/"),
            (" https://x.example/ ", "https://x.example/"),
            ("<https://x.example/(>", "https://x.example/%28"),
        ],
    )
    def test_other_ways_to_write_it_are_read_with_a_remark(self, written: str, url: str) -> None:
        (remark,) = read(f"## 1. Science\n### 1.1. Seeing\n* [T (Dec 2022)]({written}): n\n").remarks
        assert (remark.number, remark.sentence) == (3, f"The line is printed as “* [T (Dec 2022)]({url})”.")


TAILS = {
    "nothing": "",
    "a note": ": 짧은 노트",
    "two trailing spaces": ": note  ",
    "only spaces": "  ",
    "a note on the next line": "\n다음 줄",
    "a line break by two spaces": ": first  \nsecond",
    "nested bullets": "\n  * one\n  * [two (Dec 2022)](https://two.example/)\n    - three",
    "an image": ": see\n![chart](./images/chart.png)",
    "a fence with bullets and headings": "\n```md\n* [No Line (Dec 2022)](https://no.example/)\n\n## 2. No Part\n```",
    "a tilde fence with a shorter one inside": "\n~~~~\n~~~\n* [No (Dec 2022)](https://no.example/)\n~~~~",
    "an indented fence": "\n  ```\n  ## 9. No\n  ```\n  after",
    "a fence behind a nested marker": "\n  - ```\n    x\n    ```",
    "a quoted fence": "\n> ```\n> x\n> ```",
    "a comment with a line kept for later": "\n<!--\n* [Later (Dec 2022)](https://later.example/)\n-->",
    "a paragraph of its own": ": one\n\nanother paragraph",
    "code in a sentence": "\n```not a fence``` at all",
    "a rule": "\n***\n* * *",
    "a hash that is not a heading": "\n#no-heading",
    "words in italics at the beginning of a line": "\n*기울임* 텍스트",
    "a dash at the first column that is not a line": "\n- [just a link](https://x.example/)",
}


class TestTail:
    @pytest.mark.parametrize("tail", TAILS.values(), ids=TAILS.keys())
    def test_what_stands_behind_the_link_is_kept(self, tail: str) -> None:
        page = (
            "## 1. Science\n### 1.1. Seeing\n"
            f"* [First (Dec 2022)](https://one.example/){tail}\n"
            f"* [Second (Dec 2022)](https://two.example/){tail}\n\n"
            f"### 1.2. Reading\n* [Third (Dec 2022)](https://three.example/){tail}\n"
        )
        result = read(page)
        assert [line.note for line in result.digest.lines] == [tail] * 3
        assert result.remarks == ()
        assert render_digest(result.digest) == page

    def test_an_open_fence_inside_a_bullet_ends_with_the_bullet(self) -> None:
        page = (
            "## 1. Science\n### 1.1. Seeing\n* [A (Dec 2022)](https://a.example/)\n  ```\n  x\n"
            "* [B (Dec 2022)](https://b.example/)\n  ```\n\n"
            "### 1.2. Reading\n* [C (Dec 2022)](https://c.example/)\n"
        )
        result = read(page)
        assert [(line.title, line.note) for line in result.digest.lines] == [
            ("A", "\n  ```\n  x"),
            ("B", "\n  ```"),
            ("C", ""),
        ]
        assert result.remarks == ()
        assert render_digest(result.digest) == page


#: The page, the page as it is printed (None: the same), and the line and beginning of each remark.
REMARKS = {
    "a heading number without its dot": (
        PAGE.replace("### 3.2. ", "### 3.2 "),
        PAGE,
        [(13, "The heading is printed as “### 3.2. Reading”")],
    ),
    "a heading of another level": (
        PAGE.replace("### 3.2. ", "## 3.2. "),
        PAGE,
        [(13, "The heading is printed as “### 3.2. Reading”")],
    ),
    "a heading without its space": (
        PAGE.replace("### 3.2. ", "###3.2."),
        PAGE,
        [(13, "The heading is printed as “### 3.2. Reading”")],
    ),
    "a heading without its text": (
        PAGE.replace("### 3.2. Reading", "### 3.2."),
        PAGE,
        [(13, "The heading is printed as “### 3.2. Reading”")],
    ),
    "a heading with spaces behind it": (
        PAGE.replace("3.2. Reading", "3.2. Reading  "),
        PAGE,
        [(13, "The heading is printed as “### 3.2. Reading”")],
    ),
    "no line end at the end": (PAGE.rstrip("\n"), PAGE, [(14, "The last line has no line end")]),
    "blank lines at the end": (PAGE + "\n\n", PAGE, [(15, "No blank line is printed here")]),
    "carriage returns": (PAGE.replace("\n", "\r\n"), PAGE, [(1, "Lines end in CR")]),
    "a byte order mark": ("\ufeff" + PAGE, PAGE, [(1, "The page begins with a byte order mark")]),
    "a blank line between bullets": (
        PAGE.replace("* [Cold", "\n* [Cold"),
        PAGE,
        [(10, "No blank line is printed here")],
    ),
    "a blank line below a part": (
        PAGE.replace("### 1.1", "\n### 1.1"),
        PAGE,
        [(5, "No blank line is printed here")],
    ),
    "two blank lines before a heading": (
        PAGE.replace("## 3. ", "\n## 3. "),
        PAGE,
        [(11, "One blank line is printed here, not more")],
    ),
    "no blank line before a heading": (
        PAGE.replace("\n\n## 3. ", "\n## 3. "),
        PAGE,
        [(11, "A blank line is printed before this heading")],
    ),
    "spaces in the blank line before a heading": (
        PAGE.replace("\n\n## 3. ", "\n  \n## 3. "),
        PAGE,
        [(11, "The blank line contains spaces")],
    ),
    "text between heading and first bullet": (
        PAGE.replace("### 3.2. Reading\n", "### 3.2. Reading\nThis month was quiet.\n"),
        PAGE,
        [(14, "This text is between a heading and the first line")],
    ),
    "an empty section": (
        PAGE.replace("### 1.4", "### 1.2. Reading\n\n### 1.4"),
        PAGE,
        [(8, "No line follows this heading")],
    ),
    "an empty part": (
        PAGE.replace("## 3. ", "## 2. Practice\n## 3. "),
        PAGE,
        [(12, "No line follows this heading")],
    ),
    "a topic that is called otherwise in a later part": (
        PAGE.replace("3.2. Reading", "3.1. Watching"),
        PAGE.replace("3.2. Reading", "3.1. Seeing"),
        [(13, "The heading is printed as “### 3.1. Seeing”")],
    ),
    "a section outside its part": (
        PAGE.replace("## 3. Clouds\n", ""),
        PAGE,
        [(12, "The section is not in its part; it is printed below “## 3. Clouds”")],
    ),
    "a label without its space": (
        PAGE.replace("Warm Starts (", "Warm Starts("),
        PAGE,
        [(9, "The line is printed as “* [Warm Starts (Nov 2022)](https://warm.example/starts)”")],
    ),
    "a dash for a star": (PAGE.replace("* [Warm", "- [Warm"), PAGE, [(9, "The line is printed as “* [Warm")]),
    "a star without its space": (PAGE.replace("* [Warm", "*[Warm"), PAGE, [(9, "The line is printed as “* [Warm")]),
    "a star a space too far": (PAGE.replace("* [Warm", " * [Warm"), PAGE, [(9, "The line is printed as “* [Warm")]),
    "a title whose brackets do not pair": (
        PAGE.replace("Warm Starts", "Warm [ Starts"),
        None,
        [(9, "Markdown shows no link here: the brackets or backticks")],
    ),
    "an address whose parentheses do not pair": (
        PAGE.replace("warm.example/starts", "warm.example/(starts"),
        None,
        [(9, "Markdown shows no link here: the address")],
    ),
    "a title that turns the line round, in parts of letters": (
        PAGE.replace("Warm Starts", "\u202eWarm \u1112\u1161\u11ab Starts"),
        PAGE.replace("Warm Starts", "Warm 한 Starts"),
        [(9, "The line is printed as “* [Warm 한 Starts (Nov 2022)]")],
    ),
    "a note that turns the line round": (
        PAGE.replace("고양이 분류", "\u2067고양이 e\u0301\u200b"),
        PAGE.replace("고양이 분류", "고양이 e\u0301\u200b"),
        [(6, "The note is printed without the characters that turn its line round")],
    ),
    "an address with a space": (
        PAGE.replace("warm.example/starts", "warm.example/new starts"),
        None,
        [(9, "Markdown shows no link here: the address")],
    ),
}


class TestRemarks:
    @pytest.mark.parametrize(("page", "printed", "remarks"), REMARKS.values(), ids=REMARKS.keys())
    def test_what_becomes_different_is_said(
        self, page: str, printed: str | None, remarks: list[tuple[int, str]]
    ) -> None:
        result = read(page)
        assert render_digest(result.digest) == (printed or page)
        assert len(result.digest.lines) == 4
        assert [remark.number for remark in result.remarks] == [number for number, _ in remarks]
        for remark, (_, beginning) in zip(result.remarks, remarks, strict=True):
            assert remark.sentence.startswith(beginning)

    def test_sections_in_another_order_are_put_in_order(self) -> None:
        page = (
            "## 2. Practice\n### 2.2. Reading\n* [B (Dec 2022)](https://b.example/)\n\n"
            "### 2.1. Seeing\n* [A (Dec 2022)](https://a.example/)\n\n"
            "### 2.2. Reading\n* [C (Dec 2022)](https://c.example/)\n"
        )
        result = read(page)
        assert [line.title for line in result.digest.lines] == ["A", "B", "C"]
        assert [remark.number for remark in result.remarks] == [5, 8]
        assert "out of its order" in result.remarks[0].sentence


class TestRefusals:
    @pytest.mark.parametrize(
        ("page", "message"),
        [
            ("", "line 1: the page ends without a heading"),
            ("# Title\n\nsome text\n", "line 3: the page ends without a heading"),
            ("## Only\n### Unnumbered\n", "line 2: the page ends without a heading"),
            ("## 1. A\n* [T (Dec 2022)](https://x.example/)\n", "line 2: the bullet comes before any section"),
            (PAGE + "\n## 2. B\n* [T (Dec 2022)](https://x.example/)\n", "line 17: the bullet comes before"),
            ("## 1. A\n### 1.1. B\n* no link\n", "line 3: the bullet is not a link"),
            ("## 1. A\n### 1.1. B\n* [no address]\n", "line 3: the bullet is not a link"),
            ("## 1. A\n### 1.1. B\n* [T] (https://x.example/)\n", "line 3: the bullet is not a link"),
            ("## 1. A\n### 1.1. B\n* [T](https://x.example/\n", "line 3: the bullet is not a link"),
            ("## 1. A\n### 1.1. B\n*\n", "line 3: the bullet is not a link"),
            ("## 4. A\n", "line 1: “## 4. A” has an unknown number; parts go from 1 to 3"),
            ("## 1. A\n### 4.1. B\n", "line 2: “### 4.1. B” has an unknown number; sections go from 1.1 to 3.4"),
            ("## 1. A\n### 1.5. B\n", "line 2: “### 1.5. B” has an unknown number"),
            ("## 1. A\n### 1.0. B\n", "line 2: “### 1.0. B” has an unknown number"),
            ("## 1. A\n### 1.1.1. B\n", "line 2: “### 1.1.1. B” is neither a part"),
            (PAGE + "\n## Farewell\n", "line 16: “## Farewell” is neither a part"),
            (PAGE + "# 1. Again\n", "line 15: “# 1. Again” is neither a part"),
            (PAGE + "```\ncode\n", "line 15: the code fence or comment that begins here is never closed"),
            (PAGE + "<!-- later\n", "line 15: the code fence or comment that begins here is never closed"),
            (PAGE + "\n<pre>\n", "line 16: the HTML that begins here is never closed"),
            (PAGE + f"  {'- ' * 20}x\n", "line 15: “- - - - "),
        ],
    )
    def test_what_cannot_be_understood_names_its_line(self, page: str, message: str) -> None:
        with pytest.raises(DigestError) as caught:
            read(page)
        assert str(caught.value).startswith(message)
