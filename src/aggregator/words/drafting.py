"""What is said of a note that a language model drafted."""

from __future__ import annotations

from aggregator.exceptions import DraftingError
from aggregator.locales import mark, t
from aggregator.types import Claim, ClaimKind, DraftedNote
from aggregator.words import sentence
from aggregator.words.reasons import say_reason

_UNFOUND = {
    ClaimKind.NAME: mark("Names that are not in the post: {words}."),
    ClaimKind.NUMBER: mark("Numbers that are not in the post: {words}."),
    ClaimKind.LINK: mark("Addresses that are not in the post; the draft does not link to them: {words}."),
}


def say_draft(draft: DraftedNote) -> str:
    return t("Draft by {model}. Check it; its text is not stored.", model=draft.model)


def say_recipient(model: str, host: str) -> str:
    return t("Goes to {model} at {host}.", model=model, host=host)


def list_unfound(draft: DraftedNote) -> list[str]:
    """Say what of a draft is not in its post, a sentence a kind."""
    return [
        t(said, words=", ".join(claims)) for kind, said in _UNFOUND.items() if (claims := _list(draft.unfound, kind))
    ]


def _list(claims: tuple[Claim, ...], kind: ClaimKind) -> list[str]:
    return [claim.text for claim in claims if claim.kind is kind]


def say_trouble(error: DraftingError) -> str:
    """Say why there is no draft."""
    return t("No draft: {reason}.", reason=sentence(say_reason(str(error))).removesuffix("."))
