"""The curator's history in words: what an action did, and what is back once it is undone. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aggregator import words
from aggregator.types import (
    Action,
    ActionKind,
    Batch,
    Candidate,
    Decision,
    RuleState,
    Section,
    Until,
    read_until,
)
from aggregator.words.posts import say_until

_DECIDED = {Decision.APPROVE: "Approved", Decision.REJECT: "Rejected", Decision.HOLD: "Held"}
_TURNED = {RuleState.ON: "Switched on", RuleState.OFF: "Switched off", RuleState.REMOVED: "Removed"}


def say_action(action: Action, name: str) -> str:
    """Say what an action did, such as ``Rejected “A post” as shallow``, or a batch: ``Rejected 12 posts as shallow``.

    *name* is the title of its post or the name of its feed. It is empty if it has neither, and where the post is known:
    ``Rejected it as shallow``.
    """
    details = action.details
    quoted = words.count(action.size, "post") if action.size > 1 else f"“{name}”" if name else "it"
    match action.kind:
        case ActionKind.DECIDE:
            until = f" until {say_until(read_until(details['until']))}" if details.get("until") else ""
            reason = f" as {details['reason']}" if details.get("reason") else ""
            is_told = details.get("fields") and action.size == 1
            changed = f", with its {_list_fields(action)}" if is_told else ""
            return f"{_DECIDED[Decision(details['decision'])]} {quoted}{until}{reason}{changed}"
        case ActionKind.CORRECT:
            return f"Changed the {_list_fields(action)} of {quoted}"
        case ActionKind.GIVE_MONTH:
            return f"Gave {quoted} its month, {action.month}"
        case ActionKind.MERGE:
            return f"Merged {quoted} with {words.count(len(details['posts']), 'other post')}"
        case ActionKind.SPLIT:
            return f"Split {quoted} from {words.count(len(details['posts']), 'other post')}"
        case ActionKind.WEIGH:
            return f"Set {words.enumerate_words(list(details['weights']))}"
        case ActionKind.RULE if state := details.get("state"):
            return f"{_TURNED[RuleState(state)]} the rule for “{details['sought']}”"
        case ActionKind.RULE:
            return f"Saved a rule for “{details['sought']}”"
        case ActionKind.FEED if "paused" in action.changes:
            return f"{'Paused' if action.changes['paused'][1] else 'Resumed'} the feed {name}"
        case ActionKind.FEED:
            return f"Changed the {words.enumerate_words(sorted(action.changes))} of the feed {name}"
        case ActionKind.PRINT if action.month:
            return f"Printed {action.month.name}"
        case ActionKind.UNDO | ActionKind.REDO if details.get("of"):
            done = "Undid" if action.kind is ActionKind.UNDO else "Redid"
            return f"{done}: {say_action(replace(action, kind=ActionKind(details['of'])), name)}"
    return str(action.kind).capitalize()


def say_decided(before: Candidate, after: Candidate) -> str:
    """What a verdict did to a post, such as ``Approved: A Post``."""
    state, title = str(after.state).capitalize(), after.post.title
    if before.verdict != after.verdict:
        return f"{state}: {title}"
    if before.correction != after.correction and before.section == after.section:
        return f"Changed: {title}"
    return f"Moved to {after.section}: {title}" if before.section != after.section else f"{state} already: {title}"


def say_placed(candidate: Candidate) -> str:
    """What giving a post its month did."""
    return f"A candidate of {candidate.post.month}: {candidate.post.title}"


def say_taken_back(actions: Sequence[Action], name: str, candidate: Candidate | None, *, is_undo: bool) -> str:
    """Say what an undo of the actions of a batch has restored, or what a redo has done again.

    *name* is that of the one that was done first, *candidate* its post as it stands then.
    """
    last, posts = max(actions, key=lambda action: action.id), len({action.post_id for action in actions})
    if not is_undo:
        return f"Done again: {say_action(replace(last, size=posts), name)}"
    if posts == 1:
        return _say_back(last, name, candidate)
    noun = "verdict" if last.kind is ActionKind.DECIDE else "correction"
    others = words.count(posts - 1, "other post")
    return f"{words.count(posts, noun)} are taken back: “{name}” and {others} are as before"


def say_done(decision: Decision | None, until: Until | None = None, section: Section | None = None) -> str:
    """What an act does to each of many posts, such as ``held until next month``; without a decision it is a section."""
    if decision is None:
        return f"moved to {section}"
    done = _DECIDED[decision].lower()
    return f"{done} until {say_until(until)}" if until else done


def say_batch(batch: Batch, did: str) -> str:
    """What an act on many posts did, such as ``12 posts rejected, 2 were so already``; *did* is what it does to a post,
    such as ``rejected``. Why it left posts out is not said here.
    """
    parts = [f"{words.count(len(batch.done), 'post')} {did}"]
    if batch.unchanged:
        parts.append(f"{len(batch.unchanged):,} {'was' if len(batch.unchanged) == 1 else 'were'} so already")
    if batch.refused:
        parts.append(f"{len(batch.refused):,} left out")
    return ", ".join(parts)


def _say_back(action: Action, name: str, candidate: Candidate | None) -> str:
    quoted = f"“{name}”"
    match action.kind:
        case ActionKind.DECIDE if candidate is not None:
            fields = f", and its {_list_fields(action)} as before" if action.details.get("fields") else ""
            return f"{quoted} is {candidate.state} again{fields}"
        case ActionKind.CORRECT:
            return f"The {_list_fields(action)} of {quoted} {words.are(len(action.details['fields']))} back"
        case ActionKind.GIVE_MONTH:
            return f"{quoted} is back where it was"
        case ActionKind.MERGE:
            return f"{quoted} and what it was merged with are as before"
        case ActionKind.SPLIT:
            return f"{quoted} is back with its copies"
        case ActionKind.WEIGH:
            names = list(action.details["weights"])
            return f"{words.enumerate_words(names)} {words.are(len(names))} as before"
        case ActionKind.RULE:
            return f"The rule for “{action.details['sought']}” is as before"
        case ActionKind.FEED:
            return f"The feed {name} is as before"
        case ActionKind.PRINT if action.month:
            return f"{action.month.name} is a draft again"
    return f"Undone: {say_action(action, name)}"


def _list_fields(action: Action) -> str:
    return words.enumerate_words(action.details["fields"])
