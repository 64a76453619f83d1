"""A digest as the Markdown page that is published.

The page is written as section 4 of the design says: numbers belong to the place, so what is empty is left out and its
number stays unused; a blank line stands before each heading, except before the first section of a part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from aggregator.exceptions import DigestError
from aggregator.types import Digest, Line, Part, Section, Texts, Topic

_Key = TypeVar("_Key", Part, Topic)


def render_digest(digest: Digest) -> str:
    """Write the page. Lines keep their order inside each section; a digest without lines is its head alone.

    Raises DigestError when the texts lack the heading of a part or topic that has lines.
    """
    parts = [_render_part(part, digest) for part in Part if any(line.section.part is part for line in digest.lines)]
    return _render_head(digest.texts.head, followed=bool(parts)) + "\n\n".join(parts) + ("\n" if parts else "")


def render_part_heading(part: Part, texts: Texts) -> str:
    """``## 2. …``; raises DigestError when the texts lack it."""
    return f"## {part.number}. {_get_text(texts.parts, part)}"


def render_section_heading(section: Section, texts: Texts) -> str:
    """``### 2.4. …``; raises DigestError when the texts lack it."""
    return f"### {section}. {_get_text(texts.topics, section.topic)}"


def render_line(line: Line) -> str:
    """One bullet with its note. A line without a month has no label, and so no organisation."""
    return f"* [{line.title}{_render_label(line)}]({line.url}){line.note}"


def _render_label(line: Line) -> str:
    if line.month is None:
        return ""
    return f" ({line.month.label}, {line.organisation})" if line.organisation else f" ({line.month.label})"


def _render_head(head: str, *, followed: bool) -> str:
    if not head or head.endswith("\n"):
        return head
    return head + ("\n\n" if followed else "\n")


def _render_part(part: Part, digest: Digest) -> str:
    sections = [
        (section, [line for line in digest.lines if line.section == section])
        for section in Section.list_all()
        if section.part is part
    ]
    blocks = [_render_section(section, lines, digest.texts) for section, lines in sections if lines]
    return render_part_heading(part, digest.texts) + "\n" + "\n\n".join(blocks)


def _render_section(section: Section, lines: Sequence[Line], texts: Texts) -> str:
    return "\n".join([render_section_heading(section, texts), *map(render_line, lines)])


def _get_text(texts: Mapping[_Key, str], key: _Key) -> str:
    try:
        return texts[key]
    except KeyError:
        raise DigestError(f"the digest has no heading for {key.value}") from None
