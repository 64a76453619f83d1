"""The parts of a document that are not elements: its prolog, comments, processing instructions, CDATA sections."""

from __future__ import annotations

import re
from collections.abc import Iterator

_STARTS = re.compile(rb"<!--|<!\[CDATA\[|<\?")
_ENDS = {b"<!--": b"-->", b"<![CDATA[": b"]]>", b"<?": b"?>"}
_CDATA = b"<![CDATA["
# Blanks, comments, instructions and a document type. An XML declaration ends at the first ">": in some the "?" is
# missing.
_PROLOG = re.compile(
    rb"(?:[\xef\xbb\xbf\s]++|<!--.*?-->|<\?xml\b[^>]*+>|<\?.*?\?>|<!doctype\b[^>\[]*+(?:\[[^\]]*+\]\s*+)?>)*+(?=<[a-zA-Z_])",
    re.IGNORECASE | re.DOTALL,
)
_ROOT = re.compile(rb"<(?:[\w.-]++:)?+([\w.-]++)")
# Anything longer is more likely an instruction that is never closed.
_LONGEST_INSTRUCTION = 4000


def find_root(document: bytes) -> int | None:
    """The offset of the first element; None if anything but a prolog comes before it."""
    found = _PROLOG.match(document)
    return found.end() if found else None


def name_root(document: bytes) -> str | None:
    """The name of the first element, without a prefix and in lower case."""
    begin = find_root(document)
    found = None if begin is None else _ROOT.match(document, begin)
    return found[1].decode("latin-1").lower() if found else None


def hide_asides(document: bytes) -> bytes:
    """The document with its comments, instructions and CDATA sections replaced by spaces: what looks like a tag in them
    is not a tag. Every byte keeps its offset. An unclosed comment or section reaches to the end of the document.
    """
    pieces, done = [], 0
    for _, begin, end in _list_asides(document):
        stop = len(document) if end is None else end
        pieces += [document[done:begin], b" " * (stop - begin)]
        done = stop
    return b"".join([*pieces, document[done:]]) if pieces else document


def drop_asides(document: bytes) -> bytes:
    """The document without comments and processing instructions; those that are never closed stay."""
    pieces, done = [], 0
    for kind, begin, end in _list_asides(document):
        if kind != _CDATA and end is not None:
            pieces.append(document[done:begin])
            done = end
    return b"".join([*pieces, document[done:]]) if pieces else document


def _list_asides(document: bytes) -> Iterator[tuple[bytes, int, int | None]]:
    """Kind, begin and end of each, in order; the end is None if it is never closed."""
    place = 0
    while start := _STARTS.search(document, place):
        kind, begin = start[0], start.start()
        limit = begin + _LONGEST_INSTRUCTION if kind == b"<?" else len(document)
        found = document.find(_ENDS[kind], start.end(), limit)
        if found >= 0:
            place = found + len(_ENDS[kind])
            yield kind, begin, place
        elif kind == b"<?":
            place = start.end()
        else:
            yield kind, begin, None
            return
