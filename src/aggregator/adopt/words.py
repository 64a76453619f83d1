"""The words of a line as a tree: which links they have, how they are written in Markdown, how they are read. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aggregator.addresses.urls import clean_url
from aggregator.adopt.days import find_day
from aggregator.digest.escape import encode_address, escape_text
from aggregator.text.characters import clean

if TYPE_CHECKING:
    from markdown_it.tree import SyntaxTreeNode as Node

#: Of longer headings the beginning is taken, for each line is compared by all of those above it.
LONGEST_HEADING = 200
_LETTER = re.compile(r"[^\W\d_]")
_WIKI = re.compile(r"\[\[([^\[\]|]{1,200})(?:\|([^\[\]|]{1,200}))?\]\]")
_BREAK = re.compile(r"<br\b", re.IGNORECASE)


def begins_with_link(words: Node) -> bool:
    """Whether a link is the first thing that is said; signs, numbers and a date may stand before it."""
    for node in words.children:
        if node.type == "link":
            return _leads_away(node)
        if node.type in {"strong", "em"}:
            return begins_with_link(node)
        if node.type != "text":
            return False
        if _LETTER.search(node.content) and find_day(node.content.strip(" :-–—")) is None:
            return False
    return False


def list_links(within: Node) -> Iterator[Node]:
    """The links to pages elsewhere; a link of a picture alone is a picture."""
    return (node for node in within.walk(include_self=False) if node.type == "link" and _leads_away(node))


def has_links(within: Node) -> bool:
    return any(True for _ in list_links(within))


def is_site(link: Node) -> bool:
    """Whether a link leads to a site as a whole, as the name of a group does."""
    parts = urlsplit(address_of(link))
    return parts.path.strip("/") == "" and not parts.query


def is_below(link: Node, other: Node) -> bool:
    """Whether a link leads to a page of the same site in the folder that another leads to."""
    own, folder = urlsplit(address_of(link)), urlsplit(address_of(other))
    return (
        own.netloc == folder.netloc and own.path.startswith(f"{folder.path.rstrip('/')}/") and own.path != folder.path
    )


def address_of(link: Node) -> str:
    """The address of a link as a page may print it."""
    return encode_address(str(link.attrs["href"]))


def has_picture_link(within: Node) -> bool:
    """Whether a link of which all is a picture leads to a page elsewhere."""
    links = (node for node in within.walk(include_self=False) if node.type == "link")
    return any(_is_picture(link) and clean_url(str(link.attrs.get("href", ""))) for link in links)


def has_other_links(within: Node) -> bool:
    """Whether there are links to files beside the page, or with broken addresses."""
    links = (node for node in within.walk(include_self=False) if node.type == "link")
    return any(not _leads_away(link) and not str(link.attrs.get("href", "")).startswith("#") for link in links)


def _leads_away(link: Node) -> bool:
    return not _is_picture(link) and clean_url(str(link.attrs.get("href", ""))) is not None


def _is_picture(link: Node) -> bool:
    return bool(link.children) and all(child.type == "image" for child in link.children)


def write_title(link: Node) -> str:
    """The words of a link in Markdown, without pictures."""
    return write(child for child in link.children if child.type != "image")


def unwrap(text: str) -> str:
    """Plain words without the brackets of links between notes: ``[[Page|shown]]``.

    >>> unwrap("see [[Vector search|vectors]] and [[RAG]]")
    'see vectors and RAG'
    """
    return _WIKI.sub(lambda found: found[2] or found[1], text)


def flatten(nodes: Iterable[Node]) -> Iterator[Node]:
    """The pieces of a line; what is in bold or italics and has a link is taken apart."""
    for node in nodes:
        if node.type in {"strong", "em"} and any(child.type == "link" for child in node.walk(include_self=False)):
            yield from flatten(node.children)
        else:
            yield node


def write(nodes: Iterable[Node]) -> str:
    """Write pieces of a line as Markdown."""
    return "".join(_write(node) for node in nodes)


def _write(node: Node) -> str:
    match node.type:
        case "text":
            return escape_words(node.content)
        case "em" | "strong" | "s":
            return f"{node.markup}{write(node.children)}{node.markup}"
        case "code_inline":
            apart = " " if node.content[:1] == "`" or node.content[-1:] == "`" else ""
            return f"{node.markup}{apart}{node.content}{apart}{node.markup}"
        case "html_inline":
            return node.content
        case "softbreak" | "hardbreak":
            return "\n"
        case "link":
            return f"[{write(node.children)}]({address_of(node)})"
        case "image":
            return f"![{node.content}]({encode_address(str(node.attrs['src']))})"
    return ""


def escape_words(text: str) -> str:
    """Plain words as Markdown; the white space at their ends, which holds pieces apart, stays."""
    inner = text.strip()
    before, _, after = text.partition(inner) if inner else (text, "", "")
    return before + escape_text(inner) + after if inner else text


def say(nodes: Iterable[Node]) -> str:
    """What is read of some pieces, without marks, pictures and invisible characters."""
    return " ".join(clean("".join(_say(node) for node in nodes)).split())


def _say(node: Node) -> str:
    match node.type:
        case "text" | "code_inline":
            return node.content
        case "softbreak" | "hardbreak":
            return " "
        case "html_inline":
            return " " if _BREAK.match(node.content) else ""
        case "image":
            return ""
    return "".join(_say(child) for child in node.children)
