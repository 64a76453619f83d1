"""The sections of the digest by their headings. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from aggregator.locales import t
from aggregator.types import Section, Texts


@dataclass(frozen=True, slots=True)
class SectionNames:
    """The headings of the digest, as labels."""

    texts: Texts
    #: For a ``select``: each part with its sections, as (value, label).
    groups: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = field(default=())

    @property
    def hint(self) -> str:
        """What belongs where, a line for each topic."""
        return "\n".join(f"{text}: {t(topic.hint)}" for topic, text in self.texts.topics.items() if topic.hint)

    def name(self, section: Section | None) -> str:
        """``2.4`` and the heading of its topic, or of its part if there are no topics; empty for none."""
        return name_section(section, self.texts) if section else ""


def name_sections(texts: Texts) -> SectionNames:
    names, sections = SectionNames(texts), texts.taxonomy.sections
    groups = [
        (
            f"{part.number}. {heading}" if part.number else heading,
            tuple((str(section), names.name(section)) for section in sections if section.part == part),
        )
        for part, heading in texts.parts.items()
    ]
    return SectionNames(texts, tuple(groups))


def name_section(section: Section, texts: Texts) -> str:
    """``2.4`` and the heading of its topic, or of its part if there are no topics."""
    place = section.topic
    return f"{section} {texts.topics[place] if place.number else texts.parts[section.part]}"


def shorten_section(section: Section | None) -> str:
    """Its number and the short name of its topic, else of its part; empty for none."""
    if section is None:
        return ""
    return f"{section} {(section.topic if section.topic.number else section.part).name}"
