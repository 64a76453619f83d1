"""Drafts of notes in the editor: the first press shows what would be sent, the second sends it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from aggregator.digest.drafting.grounds import mark_unfound
from aggregator.exceptions import DraftingError
from aggregator.locales import t
from aggregator.pipeline.drafting import Drafter
from aggregator.types import DraftedNote, Prompt
from aggregator.words.drafting import list_unfound, say_draft, say_recipient, say_trouble


@dataclass(frozen=True, slots=True)
class Drafting:
    """Where the drafting of a note stands."""

    #: To whom everything is sent, and where.
    recipient: str
    #: How long the script waits for an answer.
    seconds: float
    #: What would be sent, or was; None before it was asked for.
    prompt: Prompt | None = None
    draft: DraftedNote | None = None
    #: What the draft is.
    said: str = ""
    #: The text of the draft in pieces, each with whether the post does not have it.
    pieces: tuple[tuple[str, bool], ...] = ()
    unfound: tuple[str, ...] = ()
    #: Why there is no draft.
    alert: str = ""


def begin(drafter: Drafter) -> Drafting | None:
    """Offer a draft; None if drafting is off."""
    return _show(drafter) if drafter.is_on else None


async def go_on(drafter: Drafter, post_id: int, sent: str) -> Drafting:
    """Show what would be sent for a post; or send it, if *sent* is the mark of the prompt that was shown. Raises
    NotFoundError.
    """
    material = await asyncio.to_thread(drafter.gather, post_id)
    prompt = material.prompt
    if drafter.settings.show_first and sent != prompt.mark:
        changed = t("What would be sent has changed meanwhile; look at it again.")
        return _show(drafter, prompt, alert=changed if sent else "")
    try:
        draft = await drafter.draft(material)
    except DraftingError as error:
        return _show(drafter, prompt, alert=say_trouble(error))
    return _show(drafter, prompt, draft)


def _show(
    drafter: Drafter, prompt: Prompt | None = None, draft: DraftedNote | None = None, *, alert: str = ""
) -> Drafting:
    settings = drafter.settings
    return Drafting(
        say_recipient(settings.model, drafter.host),
        # The daemon itself says that the endpoint takes too long.
        settings.timeout_seconds + 15,
        prompt,
        draft,
        say_draft(draft) if draft else "",
        tuple(mark_unfound(draft.text, draft.unfound)) if draft else (),
        tuple(list_unfound(draft)) if draft else (),
        alert,
    )
