"""Heads of answers on their way from the connection to the HTTP library."""

from __future__ import annotations

import asyncio

import pytest

from aggregator.fetch.heads import CleanStream, clean_head


class _Pieces:
    """A connection that brings these pieces."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = iter(pieces)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return next(self._pieces, b"")

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        pass


async def _pass(pieces: list[bytes]) -> list[bytes]:
    stream = CleanStream(_Pieces(pieces))  # type: ignore[arg-type]
    await stream.write(b"GET / HTTP/1.1\r\n\r\n")
    passed = []
    while piece := await stream.read(65536):
        passed.append(piece)
    return passed


FIRST, CLEAN = b"HTTP/1.1 200 OK\r\nbad\r\nA: b\r\n\r\n", b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n"
EARLY, EARLY_CLEAN = b"HTTP/1.1 103 Early\r\nbad\r\n\r\n", b"HTTP/1.1 103 Early\r\n\r\n"


@pytest.mark.parametrize(
    ("pieces", "passed"),
    [
        ([FIRST + b"body", b"bad\r\n\r\n"], [CLEAN + b"body", b"bad\r\n\r\n"]),
        ([bytes([byte]) for byte in b"\r\n" + FIRST + b"xy"], [CLEAN, b"x", b"y"]),
        ([EARLY + FIRST + b"body"], [EARLY_CLEAN + CLEAN + b"body"]),
        ([EARLY, EARLY + FIRST[:9], FIRST[9:]], [EARLY_CLEAN, EARLY_CLEAN, CLEAN]),
        # What is not a head, and what never ends, is left to the library.
        ([b"\x15\x03\x01 bad\r\n"], [b"\x15\x03\x01 bad\r\n"]),
        ([b"HTTP/1.1 200 OK\r\nbad"], [b"HTTP/1.1 200 OK\r\nbad"]),
        ([b"SSH-2.0\r\nbad\r\n\r\n"], [b"SSH-2.0\r\nbad\r\n\r\n"]),
        ([b"HTTP/1.1 200 OK\r\nX: " + b"x" * 99_999, b"x" * 9999, b"z"], [b"HTTP/1.1 200 OK\r\nX: " + b"x" * 109_998, b"z"]),
    ],
)  # fmt: skip
def test_what_goes_on_to_the_library(pieces: list[bytes], passed: list[bytes]) -> None:
    assert asyncio.run(_pass(pieces)) == passed


@pytest.mark.parametrize(
    ("fields", "clean"),
    [
        (b"A: b\r\nA : c\r\n", b"A: b\r\nA: c\r\n"),
        (b"A: b\r\n c\r\n\td\r\n", b"A: b c d\r\n"),
        (b'"A: b"\r\nC: d\r\n', b"C: d\r\n"),
        (b"no colon\r\n its rest\r\nC: d\r\n", b"C: d\r\n"),
        (b"A: \xff\xb0b\x00\x0bc\r\n", b"A: \xff\xb0bc\r\n"),
        (b"A: b\nC: d\n", b"A: b\r\nC: d\r\n"),
        (b"Content-Length: 5\r\nContent-Length: 6\r\n", b"Content-Length: 5\r\nContent-Length: 6\r\n"),
        (b"Content-Length: \r\nTransfer-Encoding: identity\r\n", b""),
    ],
)
def test_the_fields_of_a_head(fields: bytes, clean: bytes) -> None:
    start = b"HTTP/1.1 200 OK\r\n"
    assert clean_head(start + fields + b"\r\n") == start + clean + b"\r\n"
