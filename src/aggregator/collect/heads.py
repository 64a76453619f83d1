"""Heads of answers, read as browsers read them: a line that cannot be read costs itself and not the answer.

The HTTP library refuses an answer for one bad line. So what comes over a connection is looked at on its way to it, and
the lines that it would stumble over are mended or passed over; nearly all heads go on as they are.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterable
from typing import Any

import httpcore2

# Of the library too; a longer head is left to its judgement.
_LONGEST = 100 * 1024
_END = re.compile(rb"\n\r{0,2}\n")
_LONGEST_END = 4
_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_VALUE = rb"[^\x00\n\x0b\x0c\r]*"
_FLAWLESS = re.compile(rb"HTTP/1\.[01] \d{3}(?: " + _VALUE + rb")?\r\n(?:" + _TOKEN + rb":" + _VALUE + rb"\r\n)*\r\n")
# What says nothing of where the body ends, and would be refused for it: a second time, an empty length.
_EMPTY_FRAMING = re.compile(
    rb"\n(?:transfer-encoding:(?!\s*+chunked\r)|content-length:[ \t]*+\r|transfer-encoding:(?=.*\ntransfer-encoding:))",
    re.IGNORECASE | re.DOTALL,
)
_STATUS = re.compile(rb"\s*+(?:HTTP|ICY)(?:\s*+/\s*+(\d++)(?:\.(\d++))?)?\s++(\d{3})(?!\d)(.*)", re.IGNORECASE)
_FIELD = re.compile(rb"(" + _TOKEN + rb")[ \t]*:(.*)", re.DOTALL)
_LINE_ENDS = (b"\r", b"\n")
_EARLY = re.compile(rb"HTTP/1\.\d 1\d\d")
_FORBIDDEN = b"\x00\n\x0b\x0c\r"


def clean_head(head: bytes) -> bytes:
    """The head of an answer, its end included, without what HTTP does not allow; as it is when it is no such head.

    Lines without a colon or with a name that is none are passed over with their continuations, spaces before a colon
    and forbidden characters are left out, and a status line in an unusual spelling is written in the usual one.
    """
    if _FLAWLESS.fullmatch(head) and not _EMPTY_FRAMING.search(head):
        return head
    first, *lines = [line.strip(b"\r") for line in head.lstrip(b"\r\n").split(b"\n")]
    status = _STATUS.fullmatch(first)
    if status is None:
        return head
    version = b"1.0" if status[1] is None or (status[1], status[2]) == (b"1", b"0") else b"1.1"
    start = b"HTTP/%s %s %s" % (version, status[3], status[4].translate(None, _FORBIDDEN).strip())
    return b"\r\n".join([start, *_list_fields(lines), b"", b""])


def _list_fields(lines: Iterable[bytes]) -> list[bytes]:
    fields: list[bytes] = []
    is_kept = False
    for line in lines:
        if line[:1] in {b" ", b"\t"}:
            if is_kept:
                fields[-1] += b" " + line.translate(None, _FORBIDDEN).strip()
        else:
            found = _FIELD.fullmatch(line)
            field = found[1] + b": " + found[2].translate(None, _FORBIDDEN).strip() if found else b""
            is_kept = found is not None and not _is_empty_framing(field.lower(), fields)
            if is_kept:
                fields.append(field)
    return fields


def _is_empty_framing(field: bytes, before: list[bytes]) -> bool:
    if field.startswith(b"transfer-encoding:"):
        return field == b"transfer-encoding: identity" or field in [other.lower() for other in before]
    return field == b"content-length: "


class CleanStream(httpcore2.AsyncNetworkStream):
    """A connection on which the head of every answer comes clean. Each request is one write, for none has a body."""

    def __init__(self, stream: httpcore2.AsyncNetworkStream) -> None:
        self._stream = stream
        #: What came of a head, and how far its end was looked for; None while a body comes.
        self._head: bytearray | None = None
        self._searched = 0

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._head is None:
            return await self._stream.read(max_bytes, timeout)
        passed = b""
        while not passed and self._head is not None:
            passed = self._take(self._head, await self._stream.read(max_bytes, timeout))
        return passed

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if buffer:
            self._head, self._searched = bytearray(), 0
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.AsyncNetworkStream:
        return CleanStream(await self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def _take(self, waiting: bytearray, data: bytes) -> bytes:
        """What may go on, the head clean; empty while more has to come."""
        waiting += data
        passed = b""
        # An early answer (103 Early Hints) is followed by another.
        while end := self._find_end(waiting):
            clean = clean_head(bytes(waiting[:end]))
            del waiting[:end]
            self._searched = 0
            passed += clean
            if not _EARLY.match(clean):
                self._head = None
                return passed + waiting
        if not data or len(waiting) > _LONGEST or not waiting[:1].isascii() or b"\0" <= waiting[:1] < b"!":
            # No head that could be cleaned.
            self._head = None
            return passed + waiting
        return passed

    def _find_end(self, waiting: bytearray) -> int | None:
        """The end of the head that has come; line ends before it are taken away."""
        if waiting[:1] in _LINE_ENDS:
            waiting[:] = waiting.lstrip(b"\r\n")
        found = _END.search(waiting, max(0, self._searched - _LONGEST_END))
        self._searched = len(waiting)
        return found.end() if found else None
