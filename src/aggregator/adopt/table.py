"""Rows of a table as lines: what the head of a column is called says what stands in it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from aggregator.adopt.days import find_day
from aggregator.adopt.line import ListedLine, add_notes, is_bare, read_line
from aggregator.adopt.words import LONGEST_HEADING, address_of, has_links, list_links, say, write
from aggregator.digest.escape import escape_organisation, escape_text
from aggregator.digest.read import Remark
from aggregator.locales import t
from aggregator.types import NoteStyle

if TYPE_CHECKING:
    from markdown_it.tree import SyntaxTreeNode as Node

_COLUMNS = {
    "title": "titles? posts? articles? names? links? url resources? 제목 글 이름 링크 포스트",
    "organisation": "compan(?:y|ies) org(?:ani[sz]ations?)? sources? by publishers? blogs? 회사 기업 조직 출처 블로그",
    "date": "dates? years? months? published when day 날짜 일자 발행일? 연도 월 게시일",
    "topic": "topics? categor(?:y|ies) sections? areas? fields? tags? types? 분야 주제 분류 카테고리 태그",
    "note": "notes? summar(?:y|ies) descriptions? comments? about why 설명 요약 비고 메모 내용",
}
_HEADS = {name: re.compile("|".join(words.split()), re.IGNORECASE) for name, words in _COLUMNS.items()}


def read_table(path: tuple[str, ...], table: Node) -> Iterator[ListedLine | Remark]:
    """Read the rows of a table below some headings: a line for each, or why it is not one; and the columns left out."""
    rows = [[cell.children[0] if cell.children else None for cell in row.children] for row in _list_rows(table)]
    names = [_name_column(say(cell.children)) if cell else "" for cell in rows[0]]
    if unread := _list_unread(names, rows):
        yield Remark((table.map or (0, 0))[0] + 1, t("Columns that are not read: {names}.", names=", ".join(unread)))
    for row, cells in zip(_list_rows(table)[1:], rows[1:], strict=True):
        number = (row.map or table.map or (0, 0))[0] + 1
        if line := _read_row(number, path, names, cells):
            yield line
        elif any(has_links(cell) for cell in cells if cell):
            yield Remark(number, t("The title of this line was not found."))
        elif any(cells):
            yield Remark(number, t("The row of the table has no link."))


def _list_rows(table: Node) -> list[Node]:
    return [row for part in table.children for row in part.children]


def _name_column(head: str) -> str:
    return next((name for name, words in _HEADS.items() if words.fullmatch(head.strip())), "")


def _list_unread(names: Sequence[str], rows: Sequence[Sequence[Node | None]]) -> list[str]:
    """The columns of no known name that have words, by their heads, else by their numbers; links alone make lines."""
    return [
        say(head.children) if (head := rows[0][at]) and head.children else str(at + 1)
        for at, name in enumerate(names)
        if not name and any((cell := row[at]) and cell.children and not has_links(cell) for row in rows[1:])
    ]


def _read_row(
    number: int, path: tuple[str, ...], names: Sequence[str], cells: Sequence[Node | None]
) -> ListedLine | None:
    # The first column of each name counts.
    named = {name: cell for name, cell in reversed(list(zip(names, cells, strict=False))) if cell and name}
    linked = [cell for cell in (named.get("title"), *cells) if cell and has_links(cell)]
    if not linked:
        return None
    said = {name: say(cell.children) for name, cell in named.items()}
    path = (*path, said["topic"][:LONGEST_HEADING]) if said.get("topic") else path
    line = read_line(number, path, linked[0]) or _name_link(number, path, said.get("title", ""), linked[0])
    if line is None:
        return None
    day = find_day(said.get("date", ""))
    line = replace(
        line,
        month=day.month if day else line.month,
        organisation=escape_organisation(said.get("organisation", "")) or line.organisation,
    )
    note = write(named["note"].children) if said.get("note") else ""
    return add_notes(line, [(note, NoteStyle.COLON)] if note else [])


def _name_link(number: int, path: tuple[str, ...], title: str, linked: Node) -> ListedLine | None:
    """A link that says nothing of itself, by the words of the column of titles."""
    if is_bare(title) or not title:
        return None
    return ListedLine(number, path, escape_text(title), address_of(next(list_links(linked))))
