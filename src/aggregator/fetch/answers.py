"""What comes back: header fields and bodies, read as far as their limits allow."""

from __future__ import annotations

import asyncio
import io
import zlib
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from typing import NamedTuple

import httpx2

from aggregator.fetch.packing import Unpacker

# Only the beginning of a response without a document is read, in bytes and seconds.
START_BYTES = 4096
_START_SECONDS = 2.0
# Servers reject requests with long header fields: a longer validator would lock the feed out.
_LONGEST_VALIDATOR = 1000

# The values of each header field by its lower-case name, in latin-1, which keeps every byte.
Fields = dict[str, list[str]]


class Told(NamedTuple):
    """The header fields of a response that are kept."""

    etag: str | None
    last_modified: str | None
    cache_control: str | None
    expires: str | None

    @classmethod
    def read(cls, fields: Fields) -> Told:
        etag, last_modified = (
            value if value and len(value) <= _LONGEST_VALIDATOR else None
            for value in (first_of(fields, "etag"), first_of(fields, "last-modified"))
        )
        cache_control = ", ".join(fields.get("cache-control", ())) or None
        return cls(etag, last_modified, cache_control, first_of(fields, "expires"))


class Body(NamedTuple):
    """A body, unpacked, as far as it was read."""

    data: bytes
    is_cut: bool = False
    #: Whether the connection broke off, rather than we.
    is_broken: bool = False


def read_fields(response: httpx2.Response) -> Fields:
    """The header fields of a response."""
    fields: Fields = {}
    for name, value in response.headers.raw:
        fields.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    return fields


def first_of(fields: Fields, name: str) -> str | None:
    """A field that may occur once; of several, the first counts."""
    return fields[name][0] if name in fields else None


def _read_coding(fields: Fields) -> str:
    """How the body is packed, as its server says."""
    return ",".join(fields.get("content-encoding", ()))


async def read_body(response: httpx2.Response, fields: Fields, max_bytes: int) -> Body:
    """Read a body up to *max_bytes*. Raises httpx2.HTTPError and zlib.error if nothing of it comes."""
    unpacker = Unpacker(_read_coding(fields), max_bytes)
    body, is_broken = io.BytesIO(), False
    try:
        async with aclosing(_unpack(response, unpacker)) as pieces:
            async for piece in pieces:
                body.write(piece)
    except (httpx2.ReadError, httpx2.RemoteProtocolError, zlib.error):
        if not body.tell():
            raise
        is_broken = True
    body.truncate(max_bytes)
    return Body(body.getvalue(), is_cut=is_broken or unpacker.is_full, is_broken=is_broken)


async def _unpack(response: httpx2.Response, unpacker: Unpacker) -> AsyncGenerator[bytes]:
    async with aclosing(response.aiter_raw()) as chunks:
        async for chunk in chunks:
            for piece in unpacker.feed(chunk):
                yield piece
            if unpacker.is_full:
                return
    for piece in unpacker.finish():
        yield piece


async def read_start(response: httpx2.Response, fields: Fields) -> bytes:
    """The first bytes of a body that come soon. A short body is read whole, so that its connection can be kept."""
    start = bytearray()
    with suppress(httpx2.HTTPError, TimeoutError, zlib.error):
        unpacker = Unpacker(_read_coding(fields), START_BYTES)
        async with asyncio.timeout(_START_SECONDS), aclosing(_unpack(response, unpacker)) as pieces:
            async for piece in pieces:
                start += piece[:START_BYTES]
                if len(start) >= START_BYTES:
                    break
    return bytes(start[:START_BYTES])
