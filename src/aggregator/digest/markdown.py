"""What Markdown makes of a text: the only module that loads markdown-it-py."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from html import unescape
from typing import TYPE_CHECKING, NamedTuple

from aggregator.digest.pictures import find_shown
from aggregator.exceptions import DigestError
from aggregator.locales import t
from aggregator.text.html import sanitise_head, sanitise_line

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token
    from markdown_it.tree import SyntaxTreeNode

#: Blocks and links that are nested deeper are not parsed: each level takes as long as the first. The library's default.
_DEEPEST = 20
_HOLDERS = ("list_item_open", "blockquote_open")
#: What begins an escape, code, or a tag or autolink.
_OPENERS = frozenset("\\`<")

#: The tags of a link in HTML.
_ANCHOR = re.compile(r"""<a\s(?:[^>]*?\s)?href\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_ANCHOR_END = re.compile(r"</a\s*>", re.IGNORECASE)

#: How a bullet begins that has no title, with what joins its note.
_NO_TITLE = re.compile('<a href=""></a>(?:: )?')


class Piece(NamedTuple):
    """A piece of the words of a page, with the address that it leads to."""

    text: str
    address: str = ""


@cache
def _load() -> MarkdownIt:
    # Slow to load, and few commands read Markdown.
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"maxNesting": _DEEPEST})


@cache
def _load_wide() -> MarkdownIt:
    """With what GitHub's Markdown has beyond CommonMark."""
    from markdown_it import MarkdownIt

    settings = {"maxNesting": _DEEPEST, "strikethrough_single_tilde": True}
    return MarkdownIt("commonmark", settings).enable(["table", "strikethrough"])


def list_blocks(lines: Sequence[str]) -> list[Token]:
    """The blocks of a page, each before those inside it. The words in them are not read.

    Raises DigestError, naming the line, for bullets and quotes that are nested too deeply: the library would not parse
    them, and a bullet would swallow the rest of the page.
    """
    markdown = _load()
    tokens: list[Token] = []
    markdown.block.parse("\n".join([*lines, ""]), markdown, {}, tokens)
    _check_depth(tokens, lines)
    return tokens


def _check_depth(tokens: Iterable[Token], lines: Sequence[str]) -> None:
    for token in tokens:
        if token.map and token.type in _HOLDERS and token.level >= _DEEPEST - 1:
            at = token.map[0]
            raise DigestError(t("line {number}: “{line}” is nested too deeply", number=at + 1, line=lines[at].strip()))


def read_tree(text: str) -> SyntaxTreeNode:
    """The blocks of a page with the pieces of their words, tables included, as a tree; links in HTML are links. Lines
    end with LF. Raises DigestError as ``list_blocks``.
    """
    from markdown_it.tree import SyntaxTreeNode

    tokens = _load_wide().parse(text)
    _check_depth(tokens, text.split("\n"))
    for token in tokens:
        if token.children:
            token.children = _link_anchors(_flatten(token.children))
    return SyntaxTreeNode(tokens)


def _flatten(tokens: Iterable[Token]) -> list[Token]:
    """The pieces of words without what is nested too deeply, such as bold within bold: a tree is made by recursion."""
    kept = [token for token in tokens if not token.nesting or token.level < _DEEPEST]
    for token in kept:
        if token.children:
            token.children = _flatten(token.children)
    return kept


def _link_anchors(tokens: list[Token]) -> list[Token]:
    """The pieces of words, with ``<a href="…">`` and ``</a>`` as a link of Markdown where they pair."""
    from markdown_it.token import Token

    found = list(tokens)
    #: Where what is open began; of an anchor with its address.
    still_open: list[tuple[int, str | None]] = []
    for at, token in enumerate(tokens):
        if token.nesting > 0:
            still_open.append((at, None))
        elif token.nesting < 0:
            while still_open and still_open.pop()[1] is not None:
                pass
        elif token.type == "html_inline" and (anchor := _ANCHOR.match(token.content)):
            if still_open and still_open[-1][1] is not None:
                # A link has no link inside.
                still_open.pop()
            still_open.append((at, unescape(anchor[1] or anchor[2] or "")))
        elif token.type == "html_inline" and _ANCHOR_END.fullmatch(token.content) and still_open:
            begin, address = still_open[-1]
            if address is not None:
                still_open.pop()
                found[begin] = Token("link_open", "a", 1, attrs={"href": address})
                found[at] = Token("link_close", "a", -1)
    return found


# The titles of a page are checked each time that it is shown.
@lru_cache(maxsize=2048)
def read_words(text: str) -> tuple[str, bool]:
    """The pieces of a line that Markdown leaves as they are, without escaped characters, one per line; and whether the
    line has a link or something that looks like one. An image is not a link.
    """
    markdown = _load()
    tokens = markdown.inline.parse(text, markdown, {}, [])
    plain = "\n".join(token.content for token in tokens if token.type == "text")
    # At exactly one bracket too many, the library overlooks the link inside.
    return plain, "](" in plain or any(token.type == "link_open" for token in tokens)


def show_bullet(bullet: str, find_picture: Callable[[str], str | None] = find_shown) -> str:
    """Safe HTML of what is inside one bullet. Pictures that are carried along are shown, of others the address is."""
    return sanitise_line(_render_bullet(bullet), find_picture)


def show_note(note: str) -> str:
    """Safe HTML of a note that is joined to its line."""
    return sanitise_line(_NO_TITLE.sub("", _render_bullet(f"* [](){note}"), count=1), find_shown) if note else ""


# A digest is shown again and again, and a search shows the same lines.
@lru_cache(maxsize=1024)
def _render_bullet(bullet: str) -> str:
    markup: str = _load().render(bullet)
    return markup.removeprefix("<ul>\n<li>").removesuffix("</li>\n</ul>\n")


def show_title(title: str) -> str:
    """Safe HTML of the title of a line."""
    return sanitise_line(_load().renderInline(title))


def show_head(head: str) -> str:
    """Safe HTML of the head of a digest."""
    return sanitise_head(_load().render(head))


def show_page(markdown: str, cut: Callable[[str, bool], Iterable[Piece]], *, below: int) -> str:
    """HTML of a page, not sanitised, with headings so many levels *below* their own. *cut* is asked for the pieces of
    words outside of code, and told whether they are in a link.
    """
    library = _load_wide()
    tokens = library.parse(markdown)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, int(token.tag[1]) + below)}"
        if token.children:
            token.children = list(_cut_words(token.children, cut))
    html: str = library.renderer.render(tokens, library.options, {})
    return html


def _cut_words(tokens: Sequence[Token], cut: Callable[[str, bool], Iterable[Piece]]) -> Iterator[Token]:
    from markdown_it.token import Token

    links = 0
    for token in tokens:
        links += (token.type == "link_open") - (token.type == "link_close")
        if token.type != "text":
            yield token
            continue
        for piece in cut(token.content, links > 0):
            if piece.address:
                yield Token("link_open", "a", 1, attrs={"href": piece.address})
            yield Token("text", "", 0, content=piece.text)
            if piece.address:
                yield Token("link_close", "a", -1)


def list_marks(text: str, start: int = 0) -> Iterator[tuple[int, str]]:
    """Index and character of everything from *start* on that is neither escaped nor in code, a tag or an autolink."""
    if _OPENERS.isdisjoint(text):
        # Most addresses and names; the library need not be loaded for them.
        yield from enumerate(text[start:], start)
        return
    from markdown_it.rules_inline import StateInline

    state = StateInline(text, _load(), {}, [])
    state.pos = start
    while state.pos < len(text):
        if text[state.pos] in _OPENERS:
            state.md.inline.skipToken(state)
        else:
            yield state.pos, text[state.pos]
            state.pos += 1
