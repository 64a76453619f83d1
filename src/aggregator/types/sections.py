"""The taxonomy of a digest: its parts, its topics, and the sections that they form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from aggregator.locales import t

#: The most parts, and the most topics: a section is written with one digit for each.
MOST_PLACES = 9


class _Place(str):
    """A part or topic: a string that is its key, by which it is stored and compared."""

    #: From 1; 0 if it is the only one of its kind and therefore neither numbered nor printed.
    number: int
    #: As the page prints it.
    heading: str
    #: As a short text names it.
    name: str


class Part(_Place):
    """A part of the digest: its key, with its properties."""

    prints_organisation: bool
    #: The only publisher of its posts, such as ``aws``; None for any.
    published_by: str | None
    #: How far a post in it counts as a business case, from 0 to 1; a second-hand report counts as half a case at most.
    business_case: float

    def __new__(
        cls,
        key: str,
        heading: str = "",
        name: str = "",
        *,
        number: int = 0,
        prints_organisation: bool = True,
        published_by: str | None = None,
        business_case: float = 0.0,
    ) -> Part:
        made = super().__new__(cls, key)
        made.number, made.heading, made.name = number, heading or key, name or heading or key
        made.prints_organisation = prints_organisation
        made.published_by, made.business_case = published_by, business_case
        return made


class Topic(_Place):
    """A topic, into which every part is divided: its key, with its properties."""

    #: What belongs to it, shown where a section is chosen.
    hint: str

    def __new__(cls, key: str, heading: str = "", name: str = "", *, number: int = 0, hint: str = "") -> Topic:
        made = super().__new__(cls, key)
        made.number, made.heading, made.name, made.hint = number, heading or key, name or heading or key, hint
        return made


_AnyPlace = TypeVar("_AnyPlace", Part, Topic)


@dataclass(frozen=True, slots=True)
class Section:
    """A part with a topic. Its number belongs to the place: 2.4 is always the second part and the fourth topic."""

    part: Part
    topic: Topic

    def __str__(self) -> str:
        return ".".join(str(place.number) for place in (self.part, self.topic) if place.number)

    @property
    def key(self) -> str:
        """``part/topic``, as it is stored: it does not change if others are added or removed."""
        return f"{self.part}/{self.topic}"


@dataclass(frozen=True)
class Taxonomy:
    """The parts and topics of a digest, in the order in which they are printed."""

    parts: tuple[Part, ...]
    topics: tuple[Topic, ...]
    #: Reasons for a rejection that this digest alone has; they mean that a post is out of scope.
    reasons: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def of(cls, parts: Iterable[Part], topics: Iterable[Topic], reasons: tuple[str, ...] = ()) -> Taxonomy:
        """Number parts and topics in this order. A sole part or topic has no number, but a sole section has."""
        parts, topics = tuple(parts), tuple(topics)
        return cls(
            _number(parts, is_printed=len(parts) > 1),
            _number(topics, is_printed=len(topics) > 1 or len(parts) == 1),
            reasons,
        )

    @property
    def keys(self) -> tuple[frozenset[str], frozenset[str]]:
        """The keys of its parts and topics: the classes of a model."""
        return frozenset(self.parts), frozenset(self.topics)

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        return tuple(Section(part, topic) for part in self.parts for topic in self.topics)

    @property
    def is_flat(self) -> bool:
        """Whether a section has one number, because there are only parts or only topics."""
        return "." not in str(self.sections[0])

    @property
    def reserved(self) -> Part | None:
        """The part that is reserved for one publisher, if there is one."""
        return next((part for part in self.parts if part.published_by), None)

    @cached_property
    def _by_key(self) -> dict[str, Section]:
        return {section.key: section for section in self.sections}

    @cached_property
    def _by_name(self) -> dict[str, Section]:
        """The sections by number, by key, and, if one axis is not printed, by the key of the other."""
        names: dict[str, Section] = {}
        for section in self.sections:
            if not section.part.number:
                names[section.topic] = section
            elif not section.topic.number:
                names[section.part] = section
            names |= {section.key: section, str(section): section}
        return names

    def find_section(self, key: str | None) -> Section | None:
        """The section with this key; None if this digest does not have it."""
        return self._by_key.get(key or "")

    def parse_section(self, text: str) -> Section:
        """Read ``2.4`` or ``part/topic``; raises ValueError with the allowed forms."""
        name = text.strip().lower()
        if found := self._by_name.get(name.removesuffix(".") if re.fullmatch(r"[\d.]+", name) else name):
            return found
        first, last = self.sections[0], self.sections[-1]
        raise ValueError(
            t(
                "{text} is not a section; write one from {first} to {last}, or part/topic such as {key}",
                text=repr(text),
                first=first,
                last=last,
                key=last.key,
            )
        )

    def get_section(self, part: str | None, topic: str | None) -> Section:
        """The section of these keys; a sole part or topic may be omitted. Raises ValueError with the known keys."""
        found = [_get("part", part, self.parts), _get("topic", topic, self.topics)]
        return self._by_key["/".join(found)]


def _get(axis: str, key: str | None, places: Sequence[str]) -> str:
    if key is None and len(places) == 1:
        return places[0]
    if key is None or key not in places:
        raise ValueError(t("{axis} {key} is not one of {known}", axis=axis, key=repr(key), known=", ".join(places)))
    return key


def _number(places: Sequence[_AnyPlace], *, is_printed: bool) -> tuple[_AnyPlace, ...]:
    numbered = tuple(copy(place) for place in places)
    for number, place in enumerate(numbered, 1):
        place.number = number if is_printed else 0
    return numbered
