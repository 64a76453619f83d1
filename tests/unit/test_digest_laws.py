"""Laws of the page: reading and printing undo each other, and nobody's words can change how many lines there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from urllib.parse import unquote

from hypothesis import assume, example, given
from hypothesis import strategies as st

from aggregator.config import SHIPPED_TEXTS
from aggregator.digest.compose import compose_digest, compose_line
from aggregator.digest.notes import is_same_note, join_note
from aggregator.digest.order import get_place, order_lines
from aggregator.digest.read import ReadDigest, read_digest
from aggregator.digest.render import render_digest
from aggregator.exceptions import DigestError
from aggregator.shipped import SHIPPED
from aggregator.text.html import normalise
from aggregator.types import (
    Candidate,
    Correction,
    Decision,
    Digest,
    LabelStyle,
    Line,
    LineStyle,
    Month,
    NoteStyle,
    Texts,
    Verdict,
)
from github import list_bullets, list_links
from world import NOW, make_post

# --- digests as the curator writes them -------------------------------------------------------------------------------

MONTHS = st.builds(Month, st.integers(1, 9999), st.integers(1, 12))
SECTIONS = st.sampled_from(SHIPPED.sections)
WORDS = (
    st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="\\`[]()<*#"), min_size=1, max_size=8)
    .map(normalise)
    .filter(bool)
)
PIECES = WORDS | st.sampled_from(
    [
        "한글",
        "가나다 AI",
        "[Paper]",
        "(v2)",
        "*GPT*",
        "**Tool**",
        r"\[",
        r"\]",
        r"\(",
        "`a[0`",
        "[a [b] c]",
        "(Dec 2022)",
        ":)",
        "(",
    ]
)
TITLES = st.lists(PIECES, min_size=1, max_size=5).map(" ".join)
ORGANISATIONS = st.none() | st.lists(
    WORDS | st.sampled_from(["회사", "(KR)", "A,", r"\)"]), min_size=1, max_size=3
).map(" ".join)
URLS = st.lists(st.sampled_from(["a", "한글", "_", "*", "[]", "?&=%", "/", "(b)", "(c_(d))"]), max_size=5).map(
    lambda path: "https://x.example/" + "".join(path)
)
NOTE_BEGINNINGS = st.sampled_from(
    ["", ": 짧은 노트", ": [earlier](https://e.example/)도 (참고)", "  ", " ` [ ( *", ": line  "]
)
NOTE_LINES = st.sampled_from(
    [
        "다음 줄",
        "  * nested\n    * deeper [x (Dec 2022)](https://x.example/)",
        "  - dash  \n  - dash",
        "\nparagraph",
        "```\n* [No (Dec 2022)](https://no.example/)\n\n## 2. No\n```",
        "~~~ md\n```\n### 1.1. No\n~~~",
        "  ```\n\n  # no\n  ```",
        "![i](i.png)",
        "<!--\n### 9.9\n-->",
        "* * *",
        "- [x](y)",
        "#tag",
    ]
)
NOTES = st.builds(
    lambda beginning, lines: "\n".join([beginning, *lines]), NOTE_BEGINNINGS, st.lists(NOTE_LINES, max_size=3)
)
HEADINGS = st.lists(WORDS | st.sampled_from(["2.1.", "10", "비즈니스", "#"]), min_size=1, max_size=3).map(" ".join)
TEXTS = st.builds(
    Texts,
    head=st.sampled_from(["", "# 제목\n", "# Title\n* NOTE: x\n  * y \n\n", "\n```\n## 1. x\n```\n", "## 요약\n\n"]),
    parts=st.fixed_dictionaries(dict.fromkeys(SHIPPED.parts, HEADINGS)),
    topics=st.fixed_dictionaries(dict.fromkeys(SHIPPED.topics, HEADINGS)),
)
LINES = st.builds(Line, SECTIONS, TITLES, URLS, MONTHS, ORGANISATIONS, NOTES, label=st.sampled_from(LabelStyle))


def unlabel(line: Line) -> Line:
    """A line whose title does not end like a label, without one."""
    return replace(line, title=line.title + " ...", month=None, organisation=None, label=LabelStyle.BRACKETS)


@st.composite
def digests(draw: st.DrawFn) -> Digest:
    lines = draw(st.lists(LINES | LINES.map(unlabel), min_size=1, max_size=8))
    return Digest(draw(TEXTS), tuple(sorted(lines, key=lambda line: get_place(line.section))))


@given(digests())
def test_reading_what_was_printed_gives_the_same_digest(digest: Digest) -> None:
    result = read_digest(render_digest(digest), digest.texts)
    assert result.digest == digest
    assert result.remarks == ()


@given(digests())
def test_printing_what_was_read_gives_the_same_page(digest: Digest) -> None:
    page = render_digest(digest)
    assert render_digest(read_digest(page, digest.texts).digest) == page


@given(st.lists(LINES, max_size=8), st.randoms(use_true_random=False))
def test_the_order_is_one_whatever_the_lines_come_in(lines: list[Line], random: Random) -> None:
    shuffled = list(lines)
    random.shuffle(shuffled)
    ordered = order_lines(lines)
    assert order_lines(shuffled) == ordered
    assert order_lines(ordered) == ordered


@given(LINES.filter(lambda line: not line.note or line.note.startswith((": ", "\n"))))
def test_a_line_that_was_read_composes_to_itself_from_corrections(line: Line) -> None:
    correction = Correction(
        1, "curator", NOW, line.section, line.title, line.month, line.organisation or "", line.note.removeprefix(": ")
    )
    candidate = _approve(1, "Something Else", "Somebody Else", correction)
    candidate = replace(candidate, post=replace(candidate.post, url=line.url))
    assert compose_line(candidate, LineStyle(label=line.label)) == line


@given(st.lists(LINES, max_size=4), st.sampled_from(NoteStyle))
def test_notes_of_each_style_are_read_back(lines: list[Line], style: NoteStyle) -> None:
    joined = [replace(line, note=join_note(line.note.removeprefix(": "), style)) for line in lines]
    digest = Digest(SHIPPED_TEXTS, tuple(sorted(joined, key=lambda line: get_place(line.section))))
    assume(digest.lines)
    assert read_digest(render_digest(digest), SHIPPED_TEXTS).digest == digest
    assert all(
        is_same_note(join_note(line.note.removeprefix(": ")), each.note)
        for line, each in zip(lines, joined, strict=True)
    )


# --- pages as they come -----------------------------------------------------------------------------------------------

#: Pages that begin well are tried more often: the others are mostly refused.
STARTS = st.sampled_from(["", "# T\n", *["# T\n\n## 1. Science\n### 1.1. Seeing\n"] * 3])
MILD = st.sampled_from(
    [
        "# Title",
        "## 1. Science\n### 1.3. Choosing",
        "## 2 Practice\n### 2.1. Seeing",
        "## 3. Clouds ",
        "### 1.1. Seeing",
        "### 1.2 Reading",
        "###2.2. Reading too",
        " ### 2.4.Running",
        "### 3.4.",
        "* [A (Dec 2022, Acme)](https://a.example/)",
        "* [B (Nov 2022)](https://b.example/): note  ",
        "* [C](<https://c.example/c c>) tail",
        '* [D(Dec 2022,Acme )](  https://d.example/ "d" )',
        "- [E (Dec 2022)](https://e.example/(e): x)",
        " *[F [f] (Dec 2022)](https://f.example/)",
        "* [G [ (Dec 2022)](https://g.example/)",
        "* [ H  (Dec 2022)](https://h.example/ h)",
        "*\t[(Dec 2022)](i)",
        "* [J ` (Dec 2022)](https://j.example/) ` ](k)",
        "text",
        "  * nested",
        "> quoted",
        "> ```",
        "  ```",
        "  - ```",
        "```\n* [Z (Dec 2022)](z)\n```",
        "<!-- ### 1.1.\n\n-->",
        "-->",
        "***",
        "",
        "",
        "  ",
        "\r",
        "\x0b\x85\u2028",
    ]
)
#: What makes most pages unreadable.
WILD = st.sampled_from(["## Farewell", "* plain", "```", "~~~~", "<!--", "### 1.5. Nothing"])
PAGES = (st.lists(MILD, max_size=25) | st.lists(MILD | WILD, max_size=12)).map("\n".join)
PLAIN_TEXTS = Texts("", {part: str(part) for part in SHIPPED.parts}, {topic: str(topic) for topic in SHIPPED.topics})


def find_digest(page: str) -> ReadDigest | None:
    """What a page says; None where it is refused, and then the line is named."""
    try:
        return read_digest(page, PLAIN_TEXTS)
    except DigestError as error:
        if not str(error).startswith("line "):
            raise
        return None


@given(STARTS, PAGES)
def test_a_page_is_refused_or_nothing_changes_without_a_remark(start: str, page: str) -> None:
    page = start + page
    result = find_digest(page)
    if result is None:
        return
    printed = render_digest(result.digest)
    assert printed == page or result.remarks
    if not result.digest.lines:
        return
    again = read_digest(printed, result.digest.texts)
    assert again.digest == result.digest
    assert render_digest(again.digest) == printed
    assert all(remark.sentence.startswith("Markdown shows no link") for remark in again.remarks)


# --- whatever anybody writes ------------------------------------------------------------------------------------------

NASTY = st.lists(
    st.sampled_from(
        [
            *"[]()\\`*_<>#~-: \n\r\t!&",
            "```",
            "~~~",
            "\n* [X (Dec 2022)](https://x.example/)",
            "\n## 2. X",
            "\n\n",
            "\n  ",
            "\n<div>",
            "\n```\n\n```\n",
            "\n</details>\n",
            "\n<img src=x>",
            "\n<pre>",
            "<b>",
            "\n<!X",
            "\n<?x",
            "\n---",
            "\n> ",
            "\n  * ",
            "](",
            "](http",
            "<!--",
        ]
    )
    | WORDS,
    max_size=10,
).map("".join)


def _approve(number: int, title: str, organisation: str, correction: Correction) -> Candidate:
    url = f"https://post.example/{number}"
    post = make_post(number, title=title, organisation=organisation, canonical_url=url, url=f"{url}/{organisation}")
    return Candidate(post, verdict=Verdict(number, Decision.APPROVE, "curator", NOW), correction=correction)


CORRECTIONS = st.builds(
    Correction,
    post_id=st.just(0),
    by=st.just("curator"),
    at=st.just(NOW),
    section=SECTIONS,
    title=st.none() | NASTY,
    month=st.none() | MONTHS,
    organisation=st.none() | NASTY,
    note=st.none() | NASTY,
)


def list_printable(drawn: Sequence[tuple[str, str, Correction]]) -> list[Candidate]:
    candidates = [_approve(number, *words) for number, words in enumerate(drawn)]
    return [candidate for candidate in candidates if is_printable(candidate)]


def is_printable(candidate: Candidate) -> bool:
    try:
        compose_digest([candidate], PLAIN_TEXTS)
    except DigestError:
        return False
    return True


@given(st.lists(st.tuples(NASTY, NASTY, CORRECTIONS), min_size=1, max_size=5))
def test_no_title_and_no_note_changes_the_number_of_lines(drawn: list[tuple[str, str, Correction]]) -> None:
    candidates = list_printable(drawn)
    assume(candidates)
    digest = compose_digest(candidates, PLAIN_TEXTS)
    result = read_digest(render_digest(digest), PLAIN_TEXTS)
    assert len(result.digest.lines) == len(candidates)
    assert (result.digest, result.remarks) == (digest, ())


@given(st.lists(st.tuples(NASTY, NASTY, CORRECTIONS), min_size=1, max_size=5))
@example(
    [
        ("First", "", Correction(0, "curator", NOW, section=SHIPPED.sections[0], note=note))
        for note in ("\n<img src=x>", "")
    ]
)
def test_github_shows_every_line_as_a_link_where_we_read_it(drawn: list[tuple[str, str, Correction]]) -> None:
    digest = compose_digest(list_printable(drawn), PLAIN_TEXTS)
    page = render_digest(digest)
    links = [link for link in list_links(page) if link.startswith("https://post.example/")]
    assert [unquote(link) for link in links] == [unquote(line.url) for line in digest.lines]
    if digest.lines:
        assert list_bullets(page) == list(read_digest(page, PLAIN_TEXTS).numbers)
