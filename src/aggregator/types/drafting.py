"""Drafts of notes: what is sent to a language model, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b


@dataclass(frozen=True, slots=True)
class NotedLine:
    """A line with a note of the curator's own."""

    #: Plain text.
    title: str
    #: Markdown, without what joins it to its line.
    note: str
    #: The number of its section; None if it is not known.
    section: str | None = None


@dataclass(frozen=True, slots=True)
class Prompt:
    """All that is sent for one draft, besides the name of the model."""

    system: str
    user: str

    @property
    def mark(self) -> str:
        """Tells it from any other prompt, so that only what was shown is sent."""
        return blake2b(f"{self.system}\0{self.user}".encode(), digest_size=12).hexdigest()


class ClaimKind(StrEnum):
    """What of a draft can be looked up in the post."""

    NAME = "name"
    NUMBER = "number"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Claim:
    """A name, number or link of a draft."""

    kind: ClaimKind
    #: As the draft has it.
    text: str
    #: Whether the post has it, too.
    is_found: bool


@dataclass(frozen=True, slots=True)
class DraftedNote:
    """A note that a language model drafted; it is stored nowhere until the curator takes it."""

    model: str
    #: Markdown, ready for the note; it has no links but those of the post.
    text: str
    language: str
    #: In the order of the draft; each once.
    claims: tuple[Claim, ...]
    #: The sentences of the post that it seems to rest on, in their order.
    sources: tuple[str, ...]

    @property
    def unfound(self) -> tuple[Claim, ...]:
        """What the post does not have."""
        return tuple(claim for claim in self.claims if not claim.is_found)
