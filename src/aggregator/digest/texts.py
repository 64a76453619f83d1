"""Other fixed texts for a digest: its head, the headings of parts and topics, and the styles of lines, by their names
in feeds.toml. Pure.

Numbers and keys stay, so a page with the old headings is read and merged as before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from aggregator.digest.blocks import list_opaque
from aggregator.digest.read import find_first_heading
from aggregator.digest.render import render_line, render_part_heading, render_section_heading
from aggregator.exceptions import DigestError
from aggregator.locales import t
from aggregator.text.characters import clean
from aggregator.text.html import normalise
from aggregator.types import Digest, LabelStyle, NoteStyle, Part, TextChange, Texts

HEAD = "digest.head"
LABEL, NOTE = "digest.label_style", "digest.note_style"
#: What the styles can be, by name.
STYLES: Mapping[str, type[LabelStyle | NoteStyle]] = {LABEL: LabelStyle, NOTE: NoteStyle}
_PARTS, _TOPICS = "digest.parts.", "digest.topics."


def list_texts(texts: Texts) -> dict[str, str]:
    """The head, the styles of lines and the headings that are printed, by name."""
    parts = {f"{_PARTS}{part}": heading for part, heading in texts.parts.items() if part.number}
    topics = {f"{_TOPICS}{topic}": heading for topic, heading in texts.topics.items() if topic.number}
    return {HEAD: texts.head, LABEL: str(texts.style.label), NOTE: str(texts.style.note), **parts, **topics}


def change_texts(texts: Texts, changes: Mapping[str, str]) -> Texts:
    """The texts with some of them changed; names that they do not have are passed over."""
    return replace(
        texts,
        head=changes.get(HEAD, texts.head),
        parts={part: changes.get(f"{_PARTS}{part}", heading) for part, heading in texts.parts.items()},
        topics={topic: changes.get(f"{_TOPICS}{topic}", heading) for topic, heading in texts.topics.items()},
        style=replace(
            texts.style,
            label=LabelStyle(changes.get(LABEL, texts.style.label)),
            note=NoteStyle(changes.get(NOTE, texts.style.note)),
        ),
    )


def settle_text(name: str, typed: str, texts: Texts) -> str:
    """A typed text as it is printed; empty for one that is to be as in feeds.toml.

    Raises DigestError, whose field is the name, for a name that *texts* do not have, for a style that is not known, and
    for a head that would not end where the lines begin.
    """
    if name not in list_texts(texts):
        raise DigestError(t("{name} is not a text of the digest", name=name), field=name)
    if name in STYLES:
        return _settle_style(name, typed.strip())
    if name != HEAD:
        return normalise(typed)
    head = clean(typed.replace("\r\n", "\n").replace("\r", "\n")).strip("\n ")
    if not head:
        return ""
    _check_head(f"{head}\n\n")
    return f"{head}\n\n"


def _settle_style(name: str, typed: str) -> str:
    known = list(map(str, STYLES[name]))
    if typed and typed not in known:
        said = t("{name} is {typed}, but can only be {known}", name=name, typed=repr(typed), known=", ".join(known))
        raise DigestError(said, field=name)
    return typed


def _check_head(head: str) -> None:
    lines = [*head.split("\n")[:-1], "## 1. "]
    try:
        found = find_first_heading(lines, list_opaque(lines))
    except DigestError as error:
        raise DigestError(str(error), field=HEAD) from error
    if found != len(lines) - 1:
        said = t("line {number}: “{line}” would be read as the heading of a part", number=found + 1, line=lines[found])
        raise DigestError(said, field=HEAD)


def find_in_force(history: Sequence[TextChange], listed: Mapping[str, str]) -> dict[str, str]:
    """Return the curator's texts in force, by name: the last one of each name, unless feeds.toml, whose texts are
    *listed*, has changed that one since. *history* is in order.
    """
    last = {change.name: change for change in history}
    return {
        name: change.value
        for name, change in last.items()
        if change.value is not None and change.listed == listed.get(name)
    }


def render_outline(digest: Digest) -> str:
    """The page with all its headings, also of sections without lines, which a print leaves out."""
    pieces = [digest.texts.head.rstrip("\n")] if digest.texts.head.strip() else []
    seen: set[Part] = set()
    for section in digest.texts.taxonomy.sections:
        if section.part.number and section.part not in seen:
            pieces.append(render_part_heading(section.part, digest.texts))
        seen.add(section.part)
        if section.topic.number:
            pieces.append(render_section_heading(section, digest.texts))
        pieces.append("\n".join(render_line(line) for line in digest.lines if line.section == section))
    return "\n\n".join(filter(None, pieces)) + "\n"
