"""Review: stores verdicts on posts and corrections of their lines, of one post or of many at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from aggregator.digest.compose import compose_line
from aggregator.exceptions import DigestError, ReviewError
from aggregator.locales import t
from aggregator.pipeline import duplicates, months
from aggregator.pipeline.actions import record
from aggregator.pipeline.home import Home
from aggregator.posts.dating import find_next_open
from aggregator.review.corrections import apply_correction, clean_correction, keep_ruled, list_changed
from aggregator.review.highlights import check_star
from aggregator.review.verdicts import check_seen, decide_verdict
from aggregator.storage import actions, candidates, digests, feeds, judgements, search
from aggregator.storage.database import Connection
from aggregator.storage.narrowing import NO_FEED
from aggregator.types import (
    Action,
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
    ReviewError if the state of the post does not allow the verdict; MeanwhileError if it would overturn something that
    the curator has not *seen* (None skips this check); and DigestError, which knows the field, if the line of an
    approved post, or a field that is corrected, could not be printed.
    """
    return _act(home, post_id, _Wish(decision, reason, until, correction), seen)


def correct(
    home: Home, post_id: int, correction: Correction, *, seen: Seen | None = None, editor: str = ""
) -> Candidate:
    """Store what the curator changed in the line of a post, without a verdict; return the updated post.

    What comes from the same *editor*, with nothing else in between, is undone together. Raises NotFoundError,
    MeanwhileError and DigestError as ``decide`` does.
    """
    return _act(home, post_id, _Wish(correction=correction, editor=editor), seen)


def star(home: Home, post_id: int, *, is_starred: bool = True, seen: Seen | None = None) -> Candidate:
    """Make an approved post a highlight of its month, or an ordinary line again; return the updated post.

    A star stays when the verdict is taken back, and counts again with the next approval. Raises ReviewError if the post
    is not approved, or if its month has as many highlights as the settings allow; NotFoundError and MeanwhileError as
    ``decide`` does.
    """
    return correct(home, post_id, Correction(post_id, home.curator, home.now, star=is_starred), seen=seen)


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

    A post that does not exist, whose state does not allow the verdict, whose line could not be printed, or that has
    changed since it was *seen* is left out, and the batch says why. A trial stores nothing.
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


def list_of_source(home: Home, source: str, list_of: Callable[[Connection, str], list[int]]) -> list[int]:
    """List posts of a feed, or of none (``-``), to do the same to all of them. Raises NotFoundError for an unknown key.

    *list_of* lists those that are meant, such as the undecided ones of a month.
    """
    with home.reading() as connection:
        if source != NO_FEED:
            feeds.list_feed_states(connection, [source])
        return list_of(connection, source)


class _Wish(NamedTuple):
    """What the curator says of each post."""

    decision: Decision | None = None
    reason: str | None = None
    until: Until | None = None
    correction: Correction | None = None
    editor: str = ""


@dataclass(frozen=True, slots=True)
class _Step:
    """What to store for one post, as one action."""

    before: Candidate
    verdict: Verdict | None
    correction: Correction | None
    #: What the correction changes; if nothing, it is not stored.
    fields: tuple[str, ...]
    #: The editor that the correction comes from; empty for another source.
    editor: str = ""


class _Starred:
    """The titles of the highlights of each month, with those that are planned."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._titles: dict[Month, list[str]] = {}

    def list_titles(self, month: Month) -> list[str]:
        if month not in self._titles:
            approved = candidates.list_approved(self._connection, month)
            self._titles[month] = [one.post.title for one in approved if one.is_highlight]
        return self._titles[month]

    def add(self, candidate: Candidate, *, most: int) -> None:
        """Plan one more. Raises ReviewError if it cannot be one."""
        titles = self.list_titles(candidate.post.month)
        check_star(candidate, titles, most=most)
        titles.append(candidate.post.title)


def _act(home: Home, post_id: int, wish: _Wish, seen: Seen | None) -> Candidate:
    with home.database.writing() as connection:
        before = candidates.get_candidate(connection, post_id)
        step = _plan(home, digests.list_closed(connection), before, wish, seen, _Starred(connection))
        _store(home, connection, [step] if step else [])
        return candidates.get_candidate(connection, post_id)


def _act_on_many(
    home: Home, post_ids: Sequence[int], wish: _Wish, seen: Mapping[int, Seen], *, is_trial: bool
) -> Batch:
    post_ids = list(dict.fromkeys(post_ids))
    with home.reading() if is_trial else home.database.writing() as connection:
        found = {one.post.id: one for one in candidates.list_candidates_by_id(connection, post_ids)}
        published = digests.list_closed(connection)
        steps, unchanged, refused = [], [], []
        starred = _Starred(connection)
        for post_id in post_ids:
            try:
                if post_id not in found:
                    raise ReviewError(t("there is no post {number}", number=post_id), post_id=post_id, verdict="")
                step = _plan(home, published, found[post_id], wish, seen.get(post_id), starred)
            except (ReviewError, DigestError) as error:
                refused.append(Refusal(post_id, str(error)))
                continue
            if step:
                steps.append(step)
            else:
                unchanged.append(found[post_id])
        changed, action = (set(), None) if is_trial else _store(home, connection, steps)
        done = candidates.list_candidates_by_id(connection, [step.before.post.id for step in steps])
    return Batch(tuple(done), tuple(unchanged), tuple(refused), frozenset(changed), action)


def _plan(
    home: Home,
    published: frozenset[Month],
    before: Candidate,
    wish: _Wish,
    seen: Seen | None,
    starred: _Starred,
) -> _Step | None:
    """What to store for a post; None if nothing changes. Raises ReviewError and DigestError."""
    by, now, correction = home.curator, home.now, wish.correction
    if wish.decision is Decision.APPROVE:
        correction = keep_ruled(before, correction, by=by, now=now)
    if correction is not None:
        correction = clean_correction(replace(correction, post_id=before.post.id, by=by, at=now))
        if correction.star is False and not before.is_starred:
            correction = replace(correction, star=None)
    after = apply_correction(before, correction)
    verdict = None
    if wish.decision is not None:
        verdict = decide_verdict(
            after,
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
    _check_line(home, after, fields, is_final=wish.decision is Decision.APPROVE)
    if "star" in fields and after.is_starred:
        starred.add(replace(after, verdict=verdict or before.verdict), most=home.settings.digest.highlights)
    return _Step(before, verdict, correction, fields, wish.editor)


def _check_line(home: Home, after: Candidate, fields: Sequence[str], *, is_final: bool) -> None:
    """Raise DigestError for a line that cannot be printed. Before it *is_final*, only for one of the *fields* that
    change: what else it lacks, such as a section, may be given later.
    """
    if not is_final and after.section is None:
        some = Correction(after.post.id, home.curator, home.now, section=home.taxonomy.sections[0])
        after = apply_correction(after, some)
    try:
        compose_line(after)
    except DigestError as error:
        if is_final or error.field in fields:
            raise


def _name_month(home: Home, published: frozenset[Month], candidate: Candidate) -> Month:
    """The next month that a post can be held until; a post that is held for its month stays there."""
    month = candidate.post.month
    if candidate.verdict and candidate.verdict.until == month:
        return month
    return find_next_open(month, published, home.current_month)


def _store(home: Home, connection: Connection, steps: Sequence[_Step]) -> tuple[set[Month], int | None]:
    """Store an action for each post, all of them as one batch; returns the months that posts have left or joined, and
    the number of the last action.
    """
    first, action, changed = None, None, set[Month]()
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
    return changed, action


def keep_title_and_address(home: Home, post_id: int, *, seen: Seen | None = None) -> Candidate:
    """Let what its feed changed of an approved or printed post rest, until the feed gives something else.

    Raises NotFoundError, ReviewError if nothing is withheld, and MeanwhileError when the curator has not *seen* the
    post as it is.
    """
    with home.database.writing() as connection:
        candidate = candidates.get_candidate(connection, post_id)
        check_seen(candidate, seen, verdict=str(ActionKind.CORRECT))
        found = candidate.withheld
        if found is None:
            raise ReviewError(t("its feed has changed nothing"), post_id=post_id, verdict=str(ActionKind.CORRECT))
        details = {"fields": [], "withheld": {"title": found.title, "url": found.url}}
        number = record(home, connection, ActionKind.CORRECT, post_id=post_id, details=details)
        candidates.keep_against(connection, post_id, number)
        return candidates.get_candidate(connection, post_id)


def _find_same_session(home: Home, connection: Connection, step: _Step) -> Action | None:
    """Find the newest action if the same editor has stored it."""
    newest = actions.find_newest(connection)
    wanted = ActionKind.CORRECT, home.curator, step.before.post.id, step.editor
    if newest and (newest.kind, newest.by, newest.post_id, newest.details.get("editor")) == wanted:
        return None if newest.is_undone else newest
    return None


def _store_one(home: Home, connection: Connection, step: _Step, batch: int | None) -> int:
    post, verdict = step.before.post, step.verdict
    details: dict[str, Any] = {"fields": list(step.fields)}
    if step.correction and "star" in step.fields:
        details["star"] = step.correction.star
    changes = {}
    if step.editor:
        details["editor"] = step.editor
        if before := _find_same_session(home, connection, step):
            batch = before.batch or before.id
            actions.start_batch(connection, batch)
            details["fields"] = list(dict.fromkeys([*before.details["fields"], *step.fields]))
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
