"""Review: stores and undoes verdicts on posts."""

from __future__ import annotations

from dataclasses import replace

from aggregator.exceptions import ReviewError
from aggregator.pipeline import duplicates
from aggregator.pipeline.home import Home
from aggregator.review.corrections import clean_correction, keep_ruled
from aggregator.review.verdicts import check_seen, decide_undo, decide_verdict, find_in_force, find_last_to_undo
from aggregator.storage import candidates, judgements, search
from aggregator.types import Candidate, Correction, Decision, Seen


def decide(
    home: Home,
    post_id: int,
    decision: Decision,
    *,
    reason: str | None = None,
    correction: Correction | None = None,
    seen: Seen | None = None,
) -> Candidate:
    """Store a verdict on a post, with an optional correction of its line; return the updated post.

    Raises NotFoundError; ReviewError if the state of the post does not allow the verdict; and MeanwhileError if it
    would overturn something that the curator has not *seen* (None skips this check).
    """
    by, now = home.curator, home.now
    if correction is not None:
        correction = replace(correction, by=by, at=now)
    with home.database.writing() as connection:
        before = candidates.get_candidate(connection, post_id)
        if decision is Decision.APPROVE:
            correction = keep_ruled(before, correction, by=by, now=now)
        if correction is not None:
            judgements.append_correction(connection, clean_correction(correction))
        candidate = candidates.get_candidate(connection, post_id)
        verdict = decide_verdict(candidate, decision, by=by, at=now, reason=reason)
        if verdict is not None or correction is not None:
            check_seen(before, seen, verdict=str(decision))
        if verdict is not None:
            number = judgements.append_verdict(connection, verdict)
            judgements.put_in_force(connection, post_id, number)
            duplicates.settle_clusters(connection, [post_id])
        search.index_posts(connection, [post_id])
        return candidates.get_candidate(connection, post_id)


def undo(home: Home, post_id: int | None = None, *, seen: Seen | None = None) -> Candidate:
    """Undo the verdict in force of a post, or the newest verdict of this curator; return the updated post.

    Raises ReviewError if there is nothing to undo, and MeanwhileError if the curator has not *seen* the verdict.
    """
    by, now = home.curator, home.now
    with home.database.writing() as connection:
        if post_id is None:
            last = find_last_to_undo(judgements.list_latest_verdicts(connection, limit=10_000), by=by)
            if last is None:
                raise ReviewError("there is no verdict to undo", post_id=0, verdict="undo")
            post_id = last.post_id
        check_seen(candidates.get_candidate(connection, post_id), seen, verdict=str(Decision.UNDO))
        taken_back = decide_undo(judgements.list_verdicts(connection, post_id), by=by, at=now)
        judgements.append_verdict(connection, taken_back)
        in_force = find_in_force(judgements.list_verdicts(connection, post_id))
        judgements.put_in_force(connection, post_id, in_force.id if in_force else None)
        duplicates.settle_clusters(connection, [post_id])
        search.index_posts(connection, [post_id])
        return candidates.get_candidate(connection, post_id)
