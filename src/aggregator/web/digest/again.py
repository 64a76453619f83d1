"""The view of what was decided about a printed month since its print, and of what a further print changes. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aggregator import words
from aggregator.digest.escape import unescape_text
from aggregator.locales import t
from aggregator.pipeline.reprint import Look
from aggregator.types import Candidate, Month, Texts
from aggregator.web.digest.proof import ProofView, build_proof
from aggregator.web.paths import path_in_queue
from aggregator.words.posts import name_post


@dataclass(frozen=True, slots=True)
class SinceRow:
    """A post of which something else was decided than is printed."""

    did: str
    title: str
    #: In the queue; empty for a line whose post is not of the month any more.
    path: str = ""


@dataclass(frozen=True, slots=True)
class AgainView:
    """What a further print changes."""

    rows: tuple[SinceRow, ...]
    #: The month's own file, and its cumulative pages; None if it cannot be printed.
    proof: ProofView | None
    #: Why it cannot be printed.
    problem: str
    #: How many posts the next month could take up, and which month that is.
    missing: int
    following: Month


def build_again(look: Look, texts: Texts, following: Month) -> AgainView:
    """Build what is shown of a printed month that has changed."""
    since = look.since
    return AgainView(
        rows=(
            *_list_rows(since.missing, t("approved")),
            *_list_rows(since.corrected, t("changed")),
            *(SinceRow(t("not approved any more"), unescape_text(line.title)) for line in since.gone),
        ),
        proof=build_proof(look.change, texts, {}) if look.change else None,
        problem=words.sentence(look.problem) if look.problem else "",
        missing=len(since.missing),
        following=following,
    )


def _list_rows(candidates: Sequence[Candidate], did: str) -> list[SinceRow]:
    return [SinceRow(did, name_post(one.post), path_in_queue(one.post.month, one.post.id)) for one in candidates]
