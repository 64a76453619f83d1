"""The sections of a digest that have lines, each with its anchor, and its lines with anchor, HTML and language."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from aggregator.digest.markdown import show_bullet, show_title
from aggregator.digest.page import name_line
from aggregator.digest.pictures import find_shown
from aggregator.digest.render import render_line
from aggregator.text.html import text_of
from aggregator.text.language import find_language
from aggregator.types import Digest, Line, Part, Section, Texts


@dataclass(frozen=True, slots=True)
class OutlinedLine:
    """A line of a digest."""

    #: Its place among all lines of the digest, from 0.
    place: int
    #: Of its address, so that it stays when lines above it come and go.
    anchor: str
    line: Line
    #: Safe HTML of the whole bullet.
    html: str
    #: Title and organisation as plain text.
    title: str
    organisation: str | None
    #: As in ``lang``.
    language: str


@dataclass(frozen=True, slots=True)
class OutlinedSection:
    """A section that has lines."""

    #: Of its keys, which stay when parts or topics are added.
    anchor: str
    section: Section
    #: The heading of its part, on the first section of the part; empty on the others, and if the part has no number.
    part: str
    #: Empty if the topic has no number.
    heading: str
    lines: tuple[OutlinedLine, ...]


def outline_digest(
    digest: Digest, language: str = "en", find_picture: Callable[[str], str | None] = find_shown
) -> tuple[OutlinedSection, ...]:
    """List the sections that have lines. What does not tell its language is in *language*. *find_picture* returns where
    a picture that is carried along is shown.
    """
    outlined = _outline_lines(digest.lines, language, find_picture)
    found: list[OutlinedSection] = []
    seen: set[Part] = set()
    for section in digest.texts.taxonomy.sections:
        lines = tuple(each for each in outlined if each.line.section == section)
        if lines:
            part, heading = _name_heads(section, digest.texts)
            found.append(
                OutlinedSection(name_anchor(section), section, "" if section.part in seen else part, heading, lines)
            )
            seen.add(section.part)
    return tuple(found)


def name_anchor(section: Section) -> str:
    """``part-topic`` by their keys: as it is anchored, and as its feed is called."""
    return section.key.replace("/", "-")


def write_lines(sections: Sequence[OutlinedSection], language: str, level: int, styles: Mapping[str, str]) -> str:
    """Write sections as HTML. Parts have headings of this *level*; *styles* are the ``style`` of tags, for mail."""
    written = []
    for section in sections:
        if section.part:
            written.append(_wrap(f"h{level}", escape(section.part), language, find_language(section.part), "", styles))
        if section.heading:
            said = find_language(section.heading)
            tag = f"h{level + 1 if section.section.part.number else level}"
            written.append(_wrap(tag, escape(section.heading), language, said, section.anchor, styles))
        written.append(_open("ul", language, language, "" if section.heading else section.anchor, styles))
        written += [_wrap("li", each.html, language, each.language, each.anchor, styles) for each in section.lines]
        written.append("</ul>")
    return "\n".join([*written, ""])


def _outline_lines(
    lines: Sequence[Line], language: str, find_picture: Callable[[str], str | None]
) -> list[OutlinedLine]:
    seen: dict[str, int] = {}
    outlined = []
    for place, line in enumerate(lines):
        name = "p-" + hashlib.sha256(name_line(line).encode()).hexdigest()[:12]
        # Posts may share a page and so an address.
        seen[name] = seen.get(name, 0) + 1
        anchor = name if seen[name] == 1 else f"{name}-{seen[name]}"
        html = show_bullet(render_line(line), find_picture)
        outlined.append(
            OutlinedLine(
                place,
                anchor,
                line,
                html,
                title=_strip(line.title),
                organisation=_strip(line.organisation) if line.organisation else None,
                language=find_language(text_of(html), language),
            )
        )
    return outlined


def _strip(markdown: str) -> str:
    return text_of(show_title(markdown))


def _name_heads(section: Section, texts: Texts) -> tuple[str, str]:
    """Return the headings of its part and of itself; both are empty if they have no number."""
    part = f"{section.part.number}. {texts.parts[section.part]}" if section.part.number else ""
    return part, f"{section}. {texts.topics[section.topic]}" if section.topic.number else ""


def _wrap(tag: str, html: str, around: str, language: str, anchor: str, styles: Mapping[str, str]) -> str:
    return f"{_open(tag, around, language, anchor, styles)}{html}</{tag}>"


def _open(tag: str, around: str, language: str, anchor: str, styles: Mapping[str, str]) -> str:
    """Open a tag. It says its language where that is another one than *around* it."""
    named = {"id": anchor, "lang": "" if language == around else language, "style": styles.get(tag, "")}
    return f"<{tag}" + "".join(f' {name}="{escape(value)}"' for name, value in named.items() if value) + ">"
