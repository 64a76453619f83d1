"""What a post offers for the note of its line."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class HintKind(StrEnum):
    """The kinds of hints, in the order in which notes of the digest present them."""

    #: Links to earlier parts of the series.
    PARTS = "parts"
    #: A sentence that says what the post is about.
    IDEA = "idea"
    #: The sections or steps of the post, numbered.
    STEPS = "steps"
    #: Names of models and products.
    NAMES = "names"
    #: A sentence with figures or an outcome.
    RESULT = "result"
    #: Links to code, checkpoints, data sets and papers.
    LINKS = "links"


class HintCue(StrEnum):
    """What speaks for a sentence."""

    BEGINNING = "beginning"
    PURPOSE = "purpose"
    OUTCOME = "outcome"
    FIGURES = "figures"
    NAMES = "names"
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class Hint:
    """A piece of a note, made from the post; the curator takes it or leaves it."""

    kind: HintKind
    #: Markdown, ready for the note.
    text: str
    #: Of the text.
    language: str
    #: What speaks for a sentence, each with the words that say so; empty for other kinds.
    why: tuple[tuple[HintCue, tuple[str, ...]], ...] = ()
