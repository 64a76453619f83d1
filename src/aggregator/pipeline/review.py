"""Review: which month is reviewed, and what the curator says of a post."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from aggregator.exceptions import ReviewError
from aggregator.pipeline import duplicates
from aggregator.review.corrections import clean_correction, keep_ruled
from aggregator.review.tending import find_month_to_review
from aggregator.review.verdicts import check_seen, decide_undo, decide_verdict, find_in_force, find_last_to_undo
from aggregator.storage import candidates, judgements, posts, progress, search
from aggregator.storage.database import Database
from aggregator.types import Candidate, Correction, Decision, Month, Seen


def record_verdict(
    database: Database,
    post_id: int,
    decision: Decision,
    *,
    by: str,
    now: datetime,
    reason: str | None = None,
    correction: Correction | None = None,
    seen: Seen | None = None,
) -> Candidate:
    """Store what the curator said of a post, with what they changed in its line; returns the post as it stands then.

    Raises NotFoundError, ReviewError when the state of the post does not allow the verdict, and MeanwhileError when
    it would overturn what the curator has not *seen*; None leaves that unchecked.
    """
    with database.writing() as connection:
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
            duplicates.settle_groups(connection, [post_id])
        search.index_posts(connection, [post_id])
        return candidates.get_candidate(connection, post_id)


def undo_verdict(
    database: Database, *, by: str, now: datetime, post_id: int | None = None, seen: Seen | None = None
) -> Candidate:
    """Take back the verdict in force of a post, or the newest of this person; returns the post as it stands then.

    Raises ReviewError when there is nothing to undo, and MeanwhileError when the curator has not *seen* it.
    """
    with database.writing() as connection:
        if post_id is None:
            last = find_last_to_undo(judgements.list_latest_verdicts(connection, limit=10_000), by=by)
            if last is None:
                raise ReviewError("there is no verdict to undo", post_id=0, verdict="undo")
            post_id = last.post_id
        check_seen(candidates.get_candidate(connection, post_id), seen, verdict=str(Decision.UNDO))
        undo = decide_undo(judgements.list_verdicts(connection, post_id), by=by, at=now)
        judgements.append_verdict(connection, undo)
        in_force = find_in_force(judgements.list_verdicts(connection, post_id))
        judgements.put_in_force(connection, post_id, in_force.id if in_force else None)
        duplicates.settle_groups(connection, [post_id])
        search.index_posts(connection, [post_id])
        return candidates.get_candidate(connection, post_id)


def find_open_month(database: Database, present: Month, zone: ZoneInfo) -> Month:
    """The month to review: the oldest that is over, was collected here, is not published and has something undecided on
    its shortlist; else the newest with posts that is not in the future; *present* if there is none.
    """
    with database.reading() as connection:
        waiting = find_month_to_review(progress.list_month_facts(connection, present, zone))
        if waiting is not None:
            return waiting
        past = [month for month in posts.list_months(connection) if month <= present]
    return past[0] if past else present
