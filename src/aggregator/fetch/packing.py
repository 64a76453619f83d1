"""Decompresses bodies by their first bytes, whatever the header says. Pure.

Servers declare plain text as compressed and compressed text as plain, call gzip x-gzip, compress files that are
already compressed, and mean either of two formats by deflate.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

_PIECE = 1 << 20
_GZIP = b"\x1f\x8b\x08"
_SHORTEST = len(_GZIP)
# Text does not begin with "x" and one of these bytes.
_ZLIB = (b"\x78\x01", b"\x78\x9c", b"\x78\xda")
_TEXT = re.compile(rb"""[\xef\xbb\xbf\s]*+(?:<[?!\w]|[{\[]\s*+["{\[])""")
_WBITS_GZIP, _WBITS_ZLIB, _WBITS_RAW = 31, 15, -15


class Unpacker:
    """Unpacks what it is fed, at most twice: a file may be stored compressed and be compressed again in transit.

    *coding* is the Content-Encoding. Each layer may expand a thousandfold, so only *limit* bytes of each are read.
    """

    def __init__(self, coding: str, limit: int) -> None:
        said = [name.strip() for name in coding.lower().split(",")]
        self._outer = _Layer(limit, may_be_raw="deflate" in said)
        self._inner = _Layer(limit, may_be_raw="deflate" in said and len(said) > 1)

    @property
    def is_full(self) -> bool:
        """Whether a layer is longer than the limit; the rest is ignored."""
        return self._outer.is_full or self._inner.is_full

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The pieces that *data*, the next part of the body, unpacks to. Raises zlib.error."""
        for piece in self._outer.feed(data):
            yield from self._inner.feed(piece)

    def finish(self) -> Iterator[bytes]:
        """What is left when the body has ended. Raises zlib.error."""
        for piece in self._outer.finish():
            yield from self._inner.feed(piece)
        yield from self._inner.finish()


class _Layer:
    def __init__(self, limit: int, *, may_be_raw: bool) -> None:
        self.is_full = False
        self._left = limit + 1
        self._may_be_raw = may_be_raw
        # The first bytes until the format is known, then None. A body that is not packed has no decompressor.
        self._start: bytes | None = b""
        self._engine: zlib._Decompress | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._start is not None:
            data = self._start + data
            if len(data) < _SHORTEST:
                self._start = data
                return
            data = self._choose(data)
        yield from self._unpack(data)

    def finish(self) -> Iterator[bytes]:
        """The rest: a body that is too short to be packed."""
        start, self._start = self._start, None
        if start:
            yield start

    def _choose(self, start: bytes) -> bytes:
        self._start = None
        if start.startswith(_GZIP):
            self._engine = zlib.decompressobj(_WBITS_GZIP)
        elif start.startswith(_ZLIB) or (self._may_be_raw and _is_zlib(start)):
            self._engine = zlib.decompressobj(_WBITS_ZLIB)
        elif self._may_be_raw and not _TEXT.match(start):
            self._engine = zlib.decompressobj(_WBITS_RAW)
        return start

    def _unpack(self, data: bytes) -> Iterator[bytes]:
        while data and not self.is_full:
            if self._engine is None:
                piece, data = data, b""
            else:
                piece = self._engine.decompress(data, _PIECE)
                data = self._engine.unconsumed_tail
                if self._engine.eof:
                    data = self._open_next(self._engine.unused_data)
            self._left -= len(piece)
            self.is_full = self._left <= 0
            if piece:
                yield piece

    def _open_next(self, rest: bytes) -> bytes:
        """Begin the next member of a gzip file; anything else after the end is dropped."""
        if not rest.startswith(_GZIP):
            return b""
        self._engine = zlib.decompressobj(_WBITS_GZIP)
        return rest


def _is_zlib(start: bytes) -> bool:
    """RFC 1950, 2.2: the method, and the check of the first two bytes."""
    return start[0] & 15 == 8 and (start[0] << 8 | start[1]) % 31 == 0
