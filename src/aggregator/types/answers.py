"""What a server answers to one request."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hop:
    """One redirect on the way to an answer."""

    status: int
    #: Where it leads.
    url: str


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The answer to one request that brought a document."""

    #: The address that answered, after redirects.
    url: str
    status: int
    body: bytes
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    #: Header fields as they came; read by ``feeds.schedule``.
    cache_control: str | None = None
    expires: str | None = None
    #: The redirects on the way, in order.
    hops: tuple[Hop, ...] = ()
    #: Whether the document was longer than we read, or ended before the server said it would.
    is_cut: bool = False
    #: Header fields as they came; read by ``posts.pages``.
    link: str | None = None
    robots_tag: str | None = None


@dataclass(frozen=True, slots=True)
class NotModified:
    """The answer to one request when the document is still the one we know."""

    url: str
    etag: str | None = None
    last_modified: str | None = None
    cache_control: str | None = None
    expires: str | None = None
    hops: tuple[Hop, ...] = ()
