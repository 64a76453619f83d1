"""Review: stores verdicts on posts and corrections of their lines, of one post or of many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from aggregator.exceptions import ReviewError
from aggregator.locales import t
from aggregator.pipeline import duplicates, months
from aggregator.pipeline.actions import record
from aggregator.pipeline.home import Home
from aggregator.posts.dating import find_next_open
from aggregator.review.corrections import apply_correction, clean_correction, keep_ruled, list_changed
from aggregator.review.verdicts import check_seen, decide_verdict
from aggregator.storage import actions, candidates, digests, judgements, search
from aggregator.storage.database import Connection
from aggregator.types import (
    ActionKind,
    Batch,
    Candidate,
    Correction,
    Decision,
    Month,
    Next,
    Refusal,
    Seen,
    Until,
    Verdict,
)


def decide(
    home: Home,
    post_id: int,
    decision: Decision,
    *,
    reason: str | None = None,
    until: Until | None = None,
    correction: Correction | None = None,
    seen: Seen | None = None,
) -> Candidate:
    """Store a verdict on a post, with an optional correction of its line; return the updated post.

    A post that is held *until* a month moves there, and is back at once if that month has begun. Raises NotFoundError;
    ReviewError if the state of the post does not allow the verdict; and MeanwhileError if it would overturn something
    that the curator has not *seen* (None skips this check).
    """
    return _act(home, post_id, _Wish(decision, reason, until, correction), seen)


def correct(home: Home, post_id: int, correction: Correction, *, seen: Seen | None = None) -> Candidate:
    """Store what the curator changed in the line of a post, without a verdict; return the updated post.

    Raises NotFoundError, and MeanwhileError as ``decide`` does.
    """
    return _act(home, post_id, _Wish(correction=correction), seen)


def decide_many(
    home: Home,
    post_ids: Sequence[int],
    decision: Decision,
    *,
    reason: str | None = None,
    until: Until | None = None,
    correction: Correction | None = None,
    seen: Mapping[int, Seen] | None = None,
    is_trial: bool = False,
) -> Batch:
    """Store a verdict on each of many posts in one transaction, as one batch of the history; each line gets the same
    correction.

    A post that does not exist, whose state does not allow the verdict, or that has changed since it was *seen* is left
    out, and the batch says why. A trial stores nothing.
    """
    return _act_on_many(home, post_ids, _Wish(decision, reason, until, correction), seen or {}, is_trial=is_trial)


def correct_many(
    home: Home,
    post_ids: Sequence[int],
    correction: Correction,
    *,
    seen: Mapping[int, Seen] | None = None,
    is_trial: bool = False,
) -> Batch:
    """Store the same correction, such as a section, for the lines of many posts, as ``decide_many`` stores verdicts."""
    return _act_on_many(home, post_ids, _Wish(correction=correction), seen or {}, is_trial=is_trial)


class _Wish(NamedTuple):
    """What the curator says of each post."""

    decision: Decision | None = None
    reason: str | None = None
    until: Until | None = None
    correction: Correction | None = None


@dataclass(frozen=True, slots=True)
class _Step:
    """What to store for one post, as one action."""

    before: Candidate
    verdict: Verdict | None
    correction: Correction | None
    #: What the correction changes; if nothing, it is not stored.
    fields: tuple[str, ...]


def _act(home: Home, post_id: int, wish: _Wish, seen: Seen | None) -> Candidate:
    with home.database.writing() as connection:
        before = candidates.get_candidate(connection, post_id)
        step = _plan(home, digests.list_published(connection), before, wish, seen)
        _store(home, connection, [step] if step else [])
        return candidates.get_candidate(connection, post_id)


def _act_on_many(
    home: Home, post_ids: Sequence[int], wish: _Wish, seen: Mapping[int, Seen], *, is_trial: bool
) -> Batch:
    post_ids = list(dict.fromkeys(post_ids))
    with home.reading() if is_trial else home.database.writing() as connection:
        found = {one.post.id: one for one in candidates.list_candidates_by_id(connection, post_ids)}
        published = digests.list_published(connection)
        steps, unchanged, refused = [], [], []
        for post_id in post_ids:
            try:
                if post_id not in found:
                    raise ReviewError(t("there is no post {post}", post=post_id), post_id=post_id, verdict="")
                step = _plan(home, published, found[post_id], wish, seen.get(post_id))
            except ReviewError as error:
                refused.append(Refusal(post_id, str(error)))
                continue
            if step:
                steps.append(step)
            else:
                unchanged.append(found[post_id])
        changed = set() if is_trial else _store(home, connection, steps)
        done = candidates.list_candidates_by_id(connection, [step.before.post.id for step in steps])
    return Batch(tuple(done), tuple(unchanged), tuple(refused), frozenset(changed))


def _plan(home: Home, published: frozenset[Month], before: Candidate, wish: _Wish, seen: Seen | None) -> _Step | None:
    """What to store for a post; None if nothing changes. Raises ReviewError."""
    by, now, correction = home.curator, home.now, wish.correction
    if wish.decision is Decision.APPROVE:
        correction = keep_ruled(before, correction, by=by, now=now)
    if correction is not None:
        correction = clean_correction(replace(correction, post_id=before.post.id, by=by, at=now))
    verdict = None
    if wish.decision is not None:
        verdict = decide_verdict(
            apply_correction(before, correction),
            wish.decision,
            by=by,
            at=now,
            reason=wish.reason,
            until=_name_month(home, published, before) if wish.until is Next.MONTH else wish.until,
            today=now.astimezone(home.zone).date(),
        )
    fields = list_changed(before, correction)
    if verdict is None and not fields:
        return None
    check_seen(before, seen, verdict=str(verdict.decision if verdict else ActionKind.CORRECT))
    return _Step(before, verdict, correction, fields)


def _name_month(home: Home, published: frozenset[Month], candidate: Candidate) -> Month:
    """The next month that a post can be held until; a post that is held for its month stays there."""
    month = candidate.post.month
    if candidate.verdict and candidate.verdict.until == month:
        return month
    return find_next_open(month, published, home.current_month)


def _store(home: Home, connection: Connection, steps: Sequence[_Step]) -> set[Month]:
    """Store an action for each post, all of them as one batch; returns the months that posts have left or joined."""
    first, changed = None, set[Month]()
    for step in steps:
        action = _store_one(home, connection, step, first)
        if step.verdict and isinstance(step.verdict.until, Month):
            changed |= {step.before.post.month, step.verdict.until}
        if first is None and len(steps) > 1:
            first = action
            actions.start_batch(connection, first)
    if changed:
        # The month may have begun.
        changed |= months.return_held(home, connection)
    post_ids = [step.before.post.id for step in steps]
    changed |= duplicates.settle_clusters(connection, [step.before.post.id for step in steps if step.verdict])
    search.index_posts(connection, post_ids)
    return changed


def _store_one(home: Home, connection: Connection, step: _Step, batch: int | None) -> int:
    post, verdict = step.before.post, step.verdict
    details: dict[str, Any] = {"fields": list(step.fields)}
    changes = {}
    if verdict:
        details |= {"decision": str(verdict.decision), "reason": verdict.reason}
        if verdict.until:
            details["until"] = str(verdict.until)
        if isinstance(verdict.until, Month):
            changes = months.hold_over(connection, post, verdict.until)
    action = record(
        home,
        connection,
        ActionKind.DECIDE if verdict else ActionKind.CORRECT,
        post_id=post.id,
        month=post.month,
        details=details,
        changes=changes,
        batch=batch,
    )
    if step.correction is not None and step.fields:
        judgements.append_correction(connection, step.correction, action)
    if verdict is not None:
        judgements.append_verdict(connection, verdict, action)
    return action
