"""HTML of an issue as Markdown, so that one reader reads every list. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aggregator.adopt.words import escape_words
from aggregator.digest.escape import encode_address
from aggregator.text.html import sanitise_html

#: Elements of a document that are nested deeper are read as text of the one above them.
_DEEPEST = 100
_LEVELS = {f"h{level}": "#" * level for level in range(1, 7)}
_LISTS = {"ul", "ol"}
_PARAGRAPHS = frozenset(
    ("p", "div", "section", "article", "header", "footer", "blockquote", "center", "figure", "main", "dl")
)
#: What stands in the cells of a table that is not one of data.
_BLOCKS = frozenset({*_LEVELS, *_LISTS, "p", "div", "table"})
_MARKS = {"em": "*", "i": "*", "strong": "**", "b": "**"}


def to_markdown(markup: str, title: str = "") -> str:
    """Write the HTML of an issue as Markdown, below its *title*."""
    from lxml import html

    clean = sanitise_html(markup)
    tree = html.fragment_fromstring(clean, create_parent="div") if clean.strip() else None
    said = "\n\n".join(_list_blocks(tree, 0)) if tree is not None else ""
    return f"# {escape_words(title)}\n\n{said}\n" if title else f"{said}\n"


def _list_blocks(element: Any, depth: int) -> Iterator[str]:
    """The blocks inside an element; words between blocks are a paragraph of their own."""
    words = [_words(element.text)]
    for child in element:
        block = _write_block(child, depth + 1) if isinstance(child.tag, str) and depth < _DEEPEST else None
        if block is None:
            words.append(_write_words(child, depth + 1))
        else:
            yield from _end_paragraph(words)
            yield from block
        words.append(_words(child.tail))
    yield from _end_paragraph(words)


def _end_paragraph(words: list[str]) -> Iterator[str]:
    said = " ".join("".join(words).split())
    words.clear()
    if said:
        yield said


def _write_block(element: Any, depth: int) -> Iterator[str] | None:
    """The blocks that an element is; None if it is words."""
    tag = element.tag
    if tag in _LEVELS:
        said = _write_line(element, depth)
        return iter([f"{_LEVELS[tag]} {said}"] if said else [])
    if tag in _LISTS:
        return iter(["\n".join(_list_items(element, depth, ""))])
    if tag == "table" and _is_layout(element):
        return _list_cells(element, depth)
    if tag == "table":
        return iter(["\n".join(_list_rows(element, depth))])
    if tag in _PARAGRAPHS:
        return _list_blocks(element, depth)
    return iter(["---"]) if tag == "hr" else None


def _list_items(element: Any, depth: int, indent: str) -> Iterator[str]:
    for item in element:
        if item.tag != "li":
            continue
        is_deepest = depth >= _DEEPEST
        yield f"{indent}* {_write_line(item, depth, without_lists=not is_deepest)}"
        for each in () if is_deepest else item:
            if each.tag in _LISTS:
                yield from _list_items(each, depth + 1, f"{indent}  ")


def _is_layout(table: Any) -> bool:
    """Whether a table only says where blocks stand, as those of mails do: without a head, and with one cell a row, or
    with blocks in its cells.
    """
    if any(True for _ in table.iter("th")):
        return False
    cells = [[cell for cell in row if cell.tag == "td"] for row in table.iter("tr")]
    return all(len(row) < 2 for row in cells) or any(each is not table for each in table.iter(*_BLOCKS))


def _list_cells(table: Any, depth: int) -> Iterator[str]:
    for part in table:
        rows = part if part.tag in {"tbody", "thead", "tfoot"} else [part]
        for row in rows:
            for cell in row if row.tag == "tr" else ():
                yield from _list_blocks(cell, depth + 1)


def _list_rows(table: Any, depth: int) -> Iterator[str]:
    for at, row in enumerate(table.iter("tr")):
        cells = [_write_line(cell, depth).replace("|", "\\|") for cell in row if cell.tag in {"td", "th"}]
        yield f"| {' | '.join(cells)} |"
        if at == 0:
            yield f"|{'---|' * len(cells)}"


def _write_line(element: Any, depth: int, *, without_lists: bool = False) -> str:
    words = [_words(element.text)]
    for child in element:
        if not (without_lists and child.tag in _LISTS):
            words.append(_write_words(child, depth + 1))
        words.append(_words(child.tail))
    return " ".join("".join(words).split())


def _write_words(element: Any, depth: int) -> str:
    if not isinstance(element.tag, str):
        return ""
    if depth > _DEEPEST:
        return _words(element.text_content())
    said = _write_line(element, depth)
    if element.tag == "a" and element.get("href") and said:
        return f"[{said}]({encode_address(element.get('href'))})"
    if element.tag in _MARKS and said:
        return f"{_MARKS[element.tag]}{said}{_MARKS[element.tag]}"
    # Blocks in a line, such as the paragraph of a bullet, stand apart.
    return f" {said} " if element.tag in {*_PARAGRAPHS, *_LEVELS, "br"} else said


def _words(text: str | None) -> str:
    return escape_words(text) if text else ""
