"""History: every kind of action of the curator is undone and redone here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aggregator.exceptions import ConfigError, FeedError, ReviewError, StorageError
from aggregator.locales import t
from aggregator.pipeline import (
    corrections,
    cumulative,
    duplicates,
    follow,
    invitations,
    listing,
    mending,
    months,
    plans,
    publish,
    receipts,
)
from aggregator.pipeline.actions import record
from aggregator.pipeline.home import Home
from aggregator.pipeline.texts import find_texts
from aggregator.review.verdicts import check_seen
from aggregator.storage import actions, candidates, judgements, placed, search
from aggregator.storage.database import Connection
from aggregator.types import Action, ActionKind, Candidate, Month, Seen


@dataclass(frozen=True, slots=True)
class Change:
    """What an undo or a redo did."""

    #: The actions that were undone, newest first, or redone, oldest first.
    actions: tuple[Action, ...]
    is_undo: bool
    #: The months whose posts have changed, or whose order may have.
    months: frozenset[Month]
    #: Whether the order of every month under review may have changed.
    is_about_ranking: bool
    #: The title of the post or the name of the feed of the one that was done first; empty if it is about neither.
    name: str
    #: Its post as it stands now.
    candidate: Candidate | None


def undo(home: Home, number: int | None = None) -> Change:
    """Undo an action, with those of its batch; without a number, the newest of this curator that is in force.

    Raises NotFoundError, ReviewError if there is nothing to undo or if a feed has changed again since, and DigestError
    if a digest is no longer printed.
    """
    with home.database.writing() as connection:
        action = actions.get_action(connection, number) if number else actions.find_last(connection, by=home.curator)
        if action is None:
            raise ReviewError(t("there is nothing to undo"), post_id=0, verdict="undo")
        if action.kind.is_about_action:
            raise ReviewError(t("an undo is taken back by a redo"), post_id=0, verdict="undo")
        batch = [each for each in actions.list_batch(connection, action) if not each.is_undone]
        if not batch:
            raise ReviewError(t("that is undone already"), post_id=action.post_id or 0, verdict="undo")
        return _take_back(home, connection, batch)


def redo(home: Home, number: int | None = None) -> Change:
    """Redo an undone action, with those of its batch; without a number, the one that this curator undid last, unless
    they did something else since.

    Raises ReviewError if there is nothing to redo, and what ``undo`` raises.
    """
    with home.database.writing() as connection:
        if number is None:
            last = actions.find_last_undo(connection, by=home.curator)
            number = last.undoes if last else None
        if number is None:
            raise ReviewError(t("there is nothing to redo"), post_id=0, verdict="redo")
        action = actions.get_action(connection, number)
        batch = [each for each in reversed(actions.list_batch(connection, action)) if each.is_undone]
        if not batch:
            raise ReviewError(t("that is not undone"), post_id=action.post_id or 0, verdict="redo")
        changed = _set_undone(home, connection, batch, is_undone=False)
        for each in batch:
            undone_by = actions.find_undo_of(connection, each.id)
            if undone_by is not None:
                actions.set_undone(connection, undone_by.id, is_undone=True)
        _record_about(home, connection, ActionKind.REDO, batch)
        return _sum_up(connection, batch, changed, is_undo=False)


def undo_verdict(home: Home, post_id: int, *, seen: Seen | None = None) -> Change:
    """Take back the verdict in force of a post, with the correction that came with it.

    A post that is back from a hold is undecided as if it had not been held. Raises NotFoundError, ReviewError if the
    post is undecided, and MeanwhileError when the curator has not *seen* it.
    """
    with home.database.writing() as connection:
        candidate = candidates.get_candidate(connection, post_id)
        check_seen(candidate, seen, verdict="undo")
        verdict = candidate.verdict or candidate.returned
        if verdict is None:
            raise ReviewError(t("there is no verdict to undo"), post_id=post_id, verdict="undo")
        number = actions.find_action_of_verdict(connection, verdict.id)
        if number is None:
            details = {"decision": str(verdict.decision), "reason": verdict.reason}
            number = record(home, connection, ActionKind.DECIDE, post_id=post_id, details=details, by=verdict.by)
            actions.claim_verdict(connection, verdict.id, number)
        return take_back(home, connection, [number])


def take_back(home: Home, connection: Connection, numbers: Sequence[int]) -> Change:
    """Undo these actions, which are in force, without others of their batches. Raises what ``undo`` raises."""
    return _take_back(home, connection, [actions.get_action(connection, number) for number in numbers])


def _take_back(home: Home, connection: Connection, batch: list[Action]) -> Change:
    changed = _set_undone(home, connection, batch, is_undone=True)
    _record_about(home, connection, ActionKind.UNDO, batch)
    return _sum_up(connection, batch, changed, is_undo=True)


def _record_about(home: Home, connection: Connection, kind: ActionKind, batch: Sequence[Action]) -> None:
    first = None
    for action in batch:
        details = {**action.details, "of": str(action.kind)}
        about = replace(action, kind=kind, by=home.curator, at=home.now, undoes=action.id, batch=first, details=details)
        number = actions.append_action(connection, about).id
        if first is None and len(batch) > 1:
            first = number
            actions.start_batch(connection, first)


def _sum_up(connection: Connection, batch: list[Action], changed: set[Month], *, is_undo: bool) -> Change:
    first = min(batch, key=lambda each: each.id)
    return Change(
        tuple(batch),
        is_undo,
        frozenset(changed),
        is_about_ranking=any(each.kind in {ActionKind.WEIGH, ActionKind.RULE} for each in batch),
        name=actions.name_subject(connection, first),
        candidate=candidates.get_candidate(connection, first.post_id) if first.post_id else None,
    )


def _set_undone(home: Home, connection: Connection, batch: Sequence[Action], *, is_undone: bool) -> set[Month]:
    """Store whether actions are undone, and bring what depends on them up to date; returns the months that change."""
    changed, touched = set[Month](), set[int]()
    for action in batch:
        actions.set_undone(connection, action.id, is_undone=is_undone)
        changed |= _apply(home, connection, action, is_undone=is_undone)
        touched.update(actions.list_touched(connection, action.id))
    for post_id in touched:
        judgements.settle_verdict(connection, post_id)
    changed |= duplicates.settle_clusters(connection, touched)
    search.index_posts(connection, sorted(touched))
    return changed


def _apply(home: Home, connection: Connection, action: Action, *, is_undone: bool) -> set[Month]:
    """Change back, or change again, what an action changed besides its rows; returns the months that change."""
    match action.kind:
        case ActionKind.FEED if action.changes:
            _put_feed_back(home, connection, action, is_undone=is_undone)
        case ActionKind.READER:
            invitations.put_back(connection, action, is_undone=is_undone)
        case ActionKind.PRINT if "mend" in action.details:
            before, after = action.changes["lines"]
            file = home.find_file(action.details["file"])
            mending.put_back(home, connection, file, *((after, before) if is_undone else (before, after)))
        case ActionKind.PRINT if "remedy" in action.details:
            corrections.put_back(home, connection, action, is_undone=is_undone)
        case ActionKind.PRINT if action.month and "plan" in action.changes:
            plans.put_back(home, connection, action.month, action.changes["plan"][not is_undone])
            return {action.month}
        case ActionKind.PRINT if action.month:
            if "print" in action.changes:
                before, after = action.changes["print"]
                now, wanted = (after, before) if is_undone else (before, after)
                publish.put_print_back(home, connection, action.month, now, wanted)
            elif action.details.get("again"):  # From before prints were kept.
                raise ReviewError(
                    t(
                        "{month} had been printed before, and that print is not kept; print it again instead",
                        month=action.month,
                    ),
                    post_id=0,
                    verdict="undo",
                )
            elif not action.details.get("open"):
                publish.set_printed(home, connection, action.month, is_printed=not is_undone)
            if "page" in action.changes:
                _put_page_back(home, connection, action, is_undone=is_undone)
            receipts.renew(home, connection, action.month)
            return {action.month}
        case _ if action.post_id and "place" in action.changes:
            return _put_in_place(connection, action, action.post_id, is_undone=is_undone)
    return set()


def _put_feed_back(home: Home, connection: Connection, action: Action, *, is_undone: bool) -> None:
    # By field, the value to set, and the one that is to be there now.
    changes = {name: (old, new) if is_undone else (new, old) for name, (old, new) in action.changes.items()}
    try:
        if listing.is_about_file(action):
            listing.put_back(home, connection, action, is_undone=is_undone)
        else:
            follow.put_back(home, connection, str(action.feed_key), changes)
    except (ConfigError, FeedError, StorageError) as error:
        raise ReviewError(str(error), post_id=0, verdict="undo") from error


def _put_in_place(connection: Connection, action: Action, post_id: int, *, is_undone: bool) -> set[Month]:
    """Put a post where the actions have put it. Raises ReviewError if it is printed, and would be no candidate."""
    if is_undone and action.kind is ActionKind.ADD and action.details["new"]:
        printed_in = candidates.get_candidate(connection, post_id).printed_in
        if printed_in:
            said = t("it is printed in {month}; undo that first", month=printed_in.name)
            raise ReviewError(said, post_id=post_id, verdict="undo")
    return months.settle_place(connection, post_id)


def _put_page_back(home: Home, connection: Connection, action: Action, *, is_undone: bool) -> None:
    """Put on the cumulative page what was there before a print, or again what it put there."""
    assert action.month  # noqa: S101 - every print is of a month
    before, after = action.changes["page"]
    now, wanted = (after, before) if is_undone else (before, after)
    if placed.find_placed(connection, action.month) != now:
        raise ReviewError(t("the page was printed again since; undo that first"), post_id=0, verdict="undo")
    old, new = action.changes.get("feet", ({}, {}))
    there, back = (new, old) if is_undone else (old, new)
    feet = {file: (back[file], there[file]) for file in there}
    cumulative.put_back(home, connection, action.month, find_texts(home, connection), wanted, feet)
