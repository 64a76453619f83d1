"""Review: stores and undoes verdicts on posts."""

from __future__ import annotations

from dataclasses import replace

from aggregator.pipeline import duplicates
from aggregator.pipeline.actions import record
from aggregator.pipeline.home import Home
from aggregator.review.corrections import apply_correction, clean_correction, keep_ruled, list_changed
from aggregator.review.verdicts import check_seen, decide_verdict
from aggregator.storage import candidates, judgements, search
from aggregator.storage.database import Connection
from aggregator.types import ActionKind, Candidate, Correction, Decision, Seen, Verdict


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
    with home.database.writing() as connection:
        before = candidates.get_candidate(connection, post_id)
        if decision is Decision.APPROVE:
            correction = keep_ruled(before, correction, by=by, now=now)
        after = apply_correction(before, correction)
        verdict = decide_verdict(after, decision, by=by, at=now, reason=reason)
        return _store(home, connection, before, verdict, correction, seen)


def correct(home: Home, post_id: int, correction: Correction, *, seen: Seen | None = None) -> Candidate:
    """Store what the curator changed in the line of a post, without a verdict; return the updated post.

    Raises NotFoundError, and MeanwhileError as ``decide`` does.
    """
    with home.database.writing() as connection:
        return _store(home, connection, candidates.get_candidate(connection, post_id), None, correction, seen)


def _store(
    home: Home,
    connection: Connection,
    before: Candidate,
    verdict: Verdict | None,
    correction: Correction | None,
    seen: Seen | None,
) -> Candidate:
    """One action for both; nothing is stored if neither changes anything."""
    post_id = before.post.id
    if correction is not None:
        correction = clean_correction(replace(correction, by=home.curator, at=home.now))
    fields = list_changed(before, correction)
    if verdict is None and not fields:
        return before
    kind = ActionKind.DECIDE if verdict else ActionKind.CORRECT
    check_seen(before, seen, verdict=str(verdict.decision if verdict else kind))
    details = {"decision": str(verdict.decision), "reason": verdict.reason} if verdict else {}
    action = record(
        home, connection, kind, post_id=post_id, month=before.post.month, details=details | {"fields": list(fields)}
    )
    if correction is not None and fields:
        judgements.append_correction(connection, correction, action)
    if verdict is not None:
        judgements.append_verdict(connection, verdict, action)
        duplicates.settle_clusters(connection, [post_id])
    search.index_posts(connection, [post_id])
    return candidates.get_candidate(connection, post_id)
