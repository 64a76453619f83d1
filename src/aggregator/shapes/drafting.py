"""Drafts of notes, as a script sees them."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, Field

from aggregator.types import DraftedNote, Prompt


class PromptShape(BaseModel):
    """What would be sent for a draft; nothing was sent."""

    endpoint: str = Field(description="The host that it would be sent to.")
    model: str
    system: str
    user: str

    @classmethod
    def of(cls, prompt: Prompt, endpoint: str, model: str) -> Self:
        return cls(endpoint=endpoint, model=model, system=prompt.system, user=prompt.user)


class ClaimShape(BaseModel):
    """A name, number or link of a draft."""

    kind: str = Field(description="name, number or link.")
    text: str
    found: bool = Field(description="Whether the post has it. The draft does not link to other addresses.")


class DraftShape(BaseModel):
    """A note that a language model drafted, to be checked by a person; its text is not stored."""

    model: str
    draft: str = Field(description="Markdown, ready for the note.")
    language: str
    claims: list[ClaimShape]
    sources: list[str] = Field(description="The sentences of the post that it seems to rest on.")

    @classmethod
    def of(cls, draft: DraftedNote) -> Self:
        claims = [ClaimShape(kind=str(one.kind), text=one.text, found=one.is_found) for one in draft.claims]
        return cls(
            model=draft.model, draft=draft.text, language=draft.language, claims=claims, sources=list(draft.sources)
        )
