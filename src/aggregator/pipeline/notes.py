"""Notes that link back: from a later part of a series to the earlier ones, from a sequel to what was printed."""

from __future__ import annotations

from aggregator.digest.sequel_note import propose_note as propose_sequel
from aggregator.digest.series_note import add_to_note, propose_note
from aggregator.exceptions import ReviewError
from aggregator.locales import t
from aggregator.pipeline import review
from aggregator.pipeline.home import Home
from aggregator.pipeline.related import find_sequels
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
    return _put_before(home, candidate, links, note)


def accept_sequel(
    home: Home, post_id: int, language: str, printed_id: int | None = None, *, seen: Seen | None = None
) -> Candidate:
    """Put a link to what a post follows in front of the note of its line, in Korean (ko) or English (en); return the
    updated post. *printed_id* is the post that was printed; None for the newest that it follows.

    Raises what ``accept_note`` raises.
    """
    with home.reading() as connection:
        candidate = candidates.get_candidate(connection, post_id)
        found = find_sequels(connection, candidate.post)
    note = (candidate.correction and candidate.correction.note) or ""
    check_seen(candidate, seen, verdict="sequel")
    wanted = [one.printed for one in found if printed_id in {None, one.printed.post_id}]
    link = next((said for one in wanted if (said := propose_sequel(one, note, language))), None)
    if link is None:
        reason = t("“{title}” follows nothing that its note does not link to", title=candidate.post.title)
        raise ReviewError(reason, post_id=post_id, verdict="sequel")
    return _put_before(home, candidate, link, note)


def _put_before(home: Home, candidate: Candidate, links: str, note: str) -> Candidate:
    number = candidate.post.id
    correction = Correction(number, home.curator, home.now, note=add_to_note(links, note))
    return review.correct(home, number, correction, seen=candidate.said)
