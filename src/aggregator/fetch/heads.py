"""Cleans the heads of responses as browsers do: a malformed line is dropped, and the response is kept.

The HTTP library rejects a response for one malformed line. So heads are cleaned before it sees them. Nearly all pass
unchanged.
"""

from __future__ import annotations

import re
import select
import socket
import ssl
from collections.abc import Iterable
from typing import Any

import httpcore2

# The library has the same limit, and rejects a longer head itself.
_LONGEST = 100 * 1024
_END = re.compile(rb"\n\r{0,2}\n")
_LONGEST_END = 4
_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_VALUE = rb"[^\x00\n\x0b\x0c\r]*"
_FLAWLESS = re.compile(rb"HTTP/1\.[01] \d{3}(?: " + _VALUE + rb")?\r\n(?:" + _TOKEN + rb":" + _VALUE + rb"\r\n)*\r\n")
# Fields about the length of the body that say nothing and would be rejected: empty, unknown or repeated ones.
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
    """The head of a response, with its end, as HTTP allows it; bytes without a status line are returned unchanged.

    Lines without a colon or with an invalid name are dropped with their continuations. Spaces before a colon and
    forbidden characters are removed. An unusual spelling of the status line is replaced by the usual one.
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
    """A connection that cleans the head of every response. All of a request is written before its response is read."""

    def __init__(self, stream: httpcore2.AsyncNetworkStream) -> None:
        self._stream = stream
        self._socket: Any = None
        #: The part of a head received so far (None while a body comes), and how far it was searched for its end.
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
        if info != "is_readable":
            return self._stream.get_extra_info(info)
        # Asked of every idle connection at every request. The library describes the socket anew each time.
        if self._socket is None:
            self._socket = self._stream.get_extra_info("socket")
        return _is_readable(self._socket)

    def _take(self, waiting: bytearray, data: bytes) -> bytes:
        """The bytes that can be passed on, with a clean head; empty until the head is complete."""
        waiting += data
        passed = b""
        # An early response (103 Early Hints) is followed by another.
        while end := self._find_end(waiting):
            clean = clean_head(bytes(waiting[:end]))
            del waiting[:end]
            self._searched = 0
            passed += clean
            if not _EARLY.match(clean):
                self._head = None
                return passed + waiting
        if not data or len(waiting) > _LONGEST or not waiting[:1].isascii() or b"\0" <= waiting[:1] < b"!":
            # Not a head that can be cleaned.
            self._head = None
            return passed + waiting
        return passed

    def _find_end(self, waiting: bytearray) -> int | None:
        """The index of the end of the head, None until it has come. Line ends before the head are removed."""
        if waiting[:1] in _LINE_ENDS:
            waiting[:] = waiting.lstrip(b"\r\n")
        found = _END.search(waiting, max(0, self._searched - _LONGEST_END))
        self._searched = len(waiting)
        return found.end() if found else None


def _is_readable(place: socket.socket | None) -> bool:
    """Whether the other side has sent something, or closed the connection; also if it is closed here."""
    if place is None or place.fileno() < 0:
        return True
    poll = select.poll()
    poll.register(place, select.POLLIN)
    return bool(poll.poll(0))
