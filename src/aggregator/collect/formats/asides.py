"""What stands before the first element of a document or aside from its elements: comments, instructions, CDATA."""

from __future__ import annotations

import re
from collections.abc import Iterator

_STARTS = re.compile(rb"<!--|<!\[CDATA\[|<\?")
_ENDS = {b"<!--": b"-->", b"<![CDATA[": b"]]>", b"<?": b"?>"}
_CDATA = b"<![CDATA["
# Blanks, comments, instructions and a document type, before the first element. An XML declaration ends at the first
# ">", for some lack their "?".
_PROLOG = re.compile(
    rb"(?:[\xef\xbb\xbf\s]++|<!--.*?-->|<\?xml\b[^>]*+>|<\?.*?\?>|<!doctype\b[^>\[]*+(?:\[[^\]]*+\]\s*+)?>)*+(?=<[a-zA-Z_])",
    re.IGNORECASE | re.DOTALL,
)
_ROOT = re.compile(rb"<(?:[\w.-]++:)?+([\w.-]++)")
# A longer processing instruction is rather the beginning of one without end.
_LONGEST_INSTRUCTION = 4000


def find_root(document: bytes) -> int | None:
    """Where the first element begins, in a document of which nothing else but a prolog stands before it."""
    found = _PROLOG.match(document)
    return found.end() if found else None


def name_root(document: bytes) -> str | None:
    """The name of that element, without a prefix and in small letters."""
    begin = find_root(document)
    found = None if begin is None else _ROOT.match(document, begin)
    return found[1].decode("latin-1").lower() if found else None


def hide_asides(document: bytes) -> bytes:
    """The document with spaces in the place of all that stands aside, so that only its own tags are found in it.

    Every byte keeps its place. A comment or section without end reaches to the end of the document.
    """
    pieces, done = [], 0
    for _, begin, end in _list_asides(document):
        stop = len(document) if end is None else end
        pieces += [document[done:begin], b" " * (stop - begin)]
        done = stop
    return b"".join([*pieces, document[done:]]) if pieces else document


def drop_asides(document: bytes) -> bytes:
    """The document without comments and processing instructions; what never ends is left."""
    pieces, done = [], 0
    for kind, begin, end in _list_asides(document):
        if kind != _CDATA and end is not None:
            pieces.append(document[done:begin])
            done = end
    return b"".join([*pieces, document[done:]]) if pieces else document


def _list_asides(document: bytes) -> Iterator[tuple[bytes, int, int | None]]:
    """Kind, begin and end of each, in order; the end is None where there is none."""
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
