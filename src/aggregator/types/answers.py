"""The responses of a server."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hop:
    """One redirect that was followed."""

    status: int
    #: Its target.
    url: str


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A response with a document."""

    #: The final address, after redirects.
    url: str
    status: int
    body: bytes
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    #: Raw header fields; read by ``feeds.schedule``.
    cache_control: str | None = None
    expires: str | None = None
    #: The redirects that were followed, in order.
    hops: tuple[Hop, ...] = ()
    #: Whether the document was longer than we read, or ended before the server said it would.
    is_cut: bool = False
    #: Raw header fields; read by ``posts.pages``.
    link: str | None = None
    robots_tag: str | None = None


@dataclass(frozen=True, slots=True)
class NotModified:
    """A response that the document is still the one we know."""

    url: str
    etag: str | None = None
    last_modified: str | None = None
    cache_control: str | None = None
    expires: str | None = None
    hops: tuple[Hop, ...] = ()
