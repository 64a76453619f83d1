"""The note of a later part of a series: links to the earlier parts."""

from __future__ import annotations

from aggregator.digest.series_note import add_to_note, propose_note
from aggregator.exceptions import ReviewError
from aggregator.locales import t
from aggregator.pipeline import review
from aggregator.pipeline.home import Home
from aggregator.pipeline.series import find_series
from aggregator.review.verdicts import check_seen
from aggregator.storage import candidates
from aggregator.types import Candidate, Correction, Seen


def accept_note(home: Home, post_id: int, language: str, *, seen: Seen | None = None) -> Candidate:
    """Put links to the earlier parts in front of the note of the post's line, in Korean (ko) or English (en); return
    the updated post.

    Parts that the note links to already are left out. Raises NotFoundError; ReviewError if there is nothing to add; and
    MeanwhileError if the post has changed since the curator has *seen* it (None skips this check).
    """
    with home.reading() as connection:
        candidate = candidates.get_candidate(connection, post_id)
        whole = find_series(connection, [post_id]).get(post_id)
    note = (candidate.correction and candidate.correction.note) or ""
    check_seen(candidate, seen, verdict="series")
    links = propose_note(whole, post_id, note, language) if whole else None
    if links is None:
        title = candidate.post.title
        reason = t("“{title}” has no earlier part that its note does not link to", title=title)
        raise ReviewError(reason, post_id=post_id, verdict="series")
    correction = Correction(post_id, home.curator, home.now, note=add_to_note(links, note))
    return review.correct(home, post_id, correction, seen=candidate.said)
