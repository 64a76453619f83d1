"""A digest as the Markdown page that is published.

The page follows section 4 of the design: numbers belong to the place, so an empty section is left out and its number
stays unused; a blank line comes before each heading, except before the first section of a part. A digest without parts
has only the headings of its topics, one level higher; one without topics has those of its parts. A foot comes last,
after a blank line.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter

from aggregator.exceptions import DigestError
from aggregator.locales import t
from aggregator.types import Digest, LabelStyle, Line, Part, Section, Texts


def render_digest(digest: Digest) -> str:
    """Write the page. Lines keep their order inside each section; a digest without lines is just its head.

    Raises DigestError if the texts lack the heading of a part or topic that has lines.
    """
    _check_headings(digest)
    used = {line.section for line in digest.lines}
    sections = [section for section in digest.texts.taxonomy.sections if section in used]
    parts = [_render_part(list(of_part), digest) for _, of_part in groupby(sections, key=attrgetter("part"))]
    body = render_head(digest.texts.head, followed=bool(parts)) + "\n\n".join(parts) + ("\n" if parts else "")
    return f"{body}\n{digest.foot}" if digest.foot else body


def render_part_heading(part: Part, texts: Texts) -> str:
    """``## 2. …``."""
    return f"## {part.number}. {texts.parts[part]}"


def render_section_heading(section: Section, texts: Texts) -> str:
    """``### 2.4. …``; ``## 4. …`` if the digest has no parts."""
    return f"{'###' if section.part.number else '##'} {section}. {texts.topics[section.topic]}"


def render_line(line: Line) -> str:
    """One bullet with its note. A line without a month has no label, and therefore no organisation. The mark of a
    highlight is inside the link.
    """
    star = f"{line.star} " if line.star else ""
    return f"* [{star}{line.title}{render_label(line, line.organisation)}]({line.url}){line.note}"


def render_label(line: Line, organisation: str | None) -> str:
    """What stands behind the title, with the organisation as Markdown or as plain text; empty without a month."""
    if line.month is None:
        return ""
    said = f"{line.month.label}, {organisation}" if organisation else line.month.label
    return f": {said}" if line.label is LabelStyle.COLON else f" ({said})"


def render_head(head: str, *, followed: bool) -> str:
    """The head with its line end, and with a blank line if headings are to follow."""
    if not head or head.endswith("\n"):
        return head
    return head + ("\n\n" if followed else "\n")


def _check_headings(digest: Digest) -> None:
    for line in digest.lines:
        for place, known in ((line.section.part, digest.texts.parts), (line.section.topic, digest.texts.topics)):
            if place not in known:
                raise DigestError(t("the digest has no heading for {place}", place=place))


def _render_part(sections: Sequence[Section], digest: Digest) -> str:
    """The sections of a part that have lines. A part without a number has no heading."""
    part = sections[0].part
    heading = render_part_heading(part, digest.texts) + "\n" if part.number else ""
    return heading + "\n\n".join(_render_section(section, digest) for section in sections)


def _render_section(section: Section, digest: Digest) -> str:
    heading = [render_section_heading(section, digest.texts)] if section.topic.number else []
    return "\n".join([*heading, *(render_line(line) for line in digest.lines if line.section == section)])
