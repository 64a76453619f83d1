"""Digests and their lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from aggregator.types.dates import Month
from aggregator.types.sections import Part, Section, Topic


@dataclass(frozen=True, slots=True)
class Line:
    """One bullet of a digest.

    ``title`` is the curator's Markdown, ``url`` the address as printed, and ``note`` the Markdown that stands behind
    the link, byte for byte, with what joins it to the line (``": …"`` or a line break). The organisation is Markdown
    too, and a line without a month prints none.
    """

    section: Section
    title: str
    url: str
    month: Month | None
    organisation: str | None = None
    note: str = ""


class DigestState(StrEnum):
    """A *draft* is replaced at will, what is *printed* is frozen, what was *read* came from a published file."""

    DRAFT = "draft"
    PRINTED = "printed"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Texts:
    """The fixed texts of a digest: its head and its headings."""

    head: str
    parts: Mapping[Part, str]
    topics: Mapping[Topic, str]


@dataclass(frozen=True, slots=True)
class Digest:
    """The publication of a month: fixed texts, and lines in the order in which they are printed."""

    texts: Texts
    lines: tuple[Line, ...] = field(default=())
