"""Link header fields (RFC 8288). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_LINK = re.compile(r'<([^<>]*+)>((?:\s*+;\s*+[\w*-]++\s*+=\s*+(?:"[^"]*+"|[^\s",;]++))*+)')
_PARAMETER = re.compile(r';\s*+([\w*-]++)\s*+=\s*+(?:"([^"]*+)"|([^\s",;]++))')


class Link(NamedTuple):
    """One link of a header field."""

    #: As it was written; it may be relative.
    target: str
    #: In lower case.
    rels: tuple[str, ...]
    #: A media type without parameters, in lower case; empty without one.
    type: str
    title: str


def read_link_header(header: str | None) -> Iterator[Link]:
    """Read the links of a header field in their order; what is not written as one is left out."""
    for target, parameters in _LINK.findall(header or ""):
        said: dict[str, str] = {}
        for name, quoted, plain in _PARAMETER.findall(parameters):
            said.setdefault(name.lower(), quoted or plain)
        kind = said.get("type", "").partition(";")[0].strip().lower()
        yield Link(target, tuple(said.get("rel", "").lower().split()), kind, said.get("title", ""))
