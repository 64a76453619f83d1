"""The curator's history in words: what an action did, and what is back once it is undone. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from aggregator import words
from aggregator.digest.escape import unescape_text
from aggregator.locales import mark, t, tn
from aggregator.types import (
    Action,
    ActionKind,
    Batch,
    Candidate,
    Decision,
    Month,
    Remedy,
    RuleState,
    Section,
    State,
    Until,
    read_until,
)
from aggregator.words.posts import say_until
from aggregator.words.readers import say_reader, say_reader_back

_DECIDED = {
    Decision.APPROVE: mark("Approved {what}"),
    Decision.REJECT: mark("Rejected {what}"),
    Decision.HOLD: mark("Held {what}"),
}
_DECIDED_AS = {
    Decision.APPROVE: mark("Approved {what} as {reason}"),
    Decision.REJECT: mark("Rejected {what} as {reason}"),
    Decision.HOLD: mark("Held {what} as {reason}"),
}
_PRINTED = {
    "print": mark("Printed {month}"),
    "open": mark("Put what is approved of {month} on the page"),
    "close": mark("Closed {month}: what is undecided is left out"),
    "wait": mark("Let the print of {month} wait until {day}"),
    "reopen": mark("Opened {month} again"),
}
_PRINTED_BACK = {
    "print": mark("{month} is a draft again"),
    "open": mark("The page is as it was before {month} was put there"),
    "close": mark("{month} is open again"),
    "wait": mark("The print of {month} is planned as before"),
    "reopen": mark("The print of {month} is planned as before"),
}
_REMEDIED = {
    Remedy.MOVED: mark("Gave the printed line of “{title}” its new address"),
    Remedy.ARCHIVED: mark("Put an archived address beside the printed line of “{title}”"),
    Remedy.LEFT: mark("Left the printed line of “{title}” as it is"),
}
_TURNED = {
    RuleState.ON: mark("Switched on the rule for “{sought}”"),
    RuleState.OFF: mark("Switched off the rule for “{sought}”"),
    RuleState.REMOVED: mark("Removed the rule for “{sought}”"),
}
_FEED_FIELDS = {
    "name": mark("name"),
    "organisation": mark("organisation"),
    "language": mark("language"),
    "kind": mark("kind"),
    "weight": mark("weight"),
    "tags": mark("tags"),
    "site": mark("site"),
    "url": mark("address"),
    "full_text": mark("full text"),
    "only": mark("filter"),
    "recipe": mark("recipe"),
}
_NOW = {
    State.APPROVED: mark("Approved: {title}"),
    State.REJECTED: mark("Rejected: {title}"),
    State.HELD: mark("Held: {title}"),
    State.UNDECIDED: mark("Undecided: {title}"),
}
_ALREADY = {
    State.APPROVED: mark("Approved already: {title}"),
    State.REJECTED: mark("Rejected already: {title}"),
    State.HELD: mark("Held already: {title}"),
    State.UNDECIDED: mark("Undecided already: {title}"),
}
_AGAIN = {
    State.APPROVED: mark("“{name}” is approved again"),
    State.REJECTED: mark("“{name}” is rejected again"),
    State.HELD: mark("“{name}” is held again"),
    State.UNDECIDED: mark("“{name}” is undecided again"),
}


def say_action(action: Action, name: str) -> str:
    """Say what an action did, such as ``Rejected “A post” as shallow``, or a batch: ``Rejected 12 posts as shallow``.

    *name* is the title of its post or the name of its feed. It is empty if it has neither, and where the post is known:
    ``Rejected it as shallow``.
    """
    details = action.details
    what = tn("{number} post", "{number} posts", action.size) if action.size > 1 else f"“{name}”" if name else t("it")
    match action.kind:
        case ActionKind.DECIDE:
            did = _say_verdict(details, what)
            is_told = details.get("fields") and action.size == 1
            return t("{did}, with its {fields}", did=did, fields=_list_fields(action)) if is_told else did
        case ActionKind.CORRECT:
            return _say_corrected(action, what)
        case ActionKind.ADD | ActionKind.GIVE_MONTH:
            return _say_month(action, what, action.month)
        case ActionKind.MERGE:
            others = len(details["posts"])
            return tn(
                "Merged {what} with {number} other post", "Merged {what} with {number} other posts", others, what=what
            )
        case ActionKind.SPLIT:
            others = len(details["posts"])
            return tn(
                "Split {what} from {number} other post", "Split {what} from {number} other posts", others, what=what
            )
        case ActionKind.WEIGH:
            return t("Set {names}", names=words.enumerate_words(list(details["weights"])))
        case ActionKind.RULE if state := details.get("state"):
            return t(_TURNED[RuleState(state)], sought=details["sought"])
        case ActionKind.RULE:
            return t("Saved a rule for “{sought}”", sought=details["sought"])
        case ActionKind.FEED:
            return _say_feed(action, name)
        case ActionKind.PRINT:
            return _say_print(action)
        case ActionKind.READER:
            return say_reader(action)
        case ActionKind.UNDO | ActionKind.REDO if details.get("of"):
            did = say_action(replace(action, kind=ActionKind(details["of"])), name)
            return t("Undid: {did}", did=did) if action.kind is ActionKind.UNDO else t("Redid: {did}", did=did)
    return words.capitalise(t(action.kind))


def _say_feed(action: Action, name: str) -> str:
    if action.size > 1:
        return tn("Dismissed {number} proposal", "Dismissed {number} proposals", action.size)
    if "proposal" in action.details:
        return t("Dismissed what was proposed about {name}", name=_name_proposed(action, name))
    if "paused" in action.changes:
        is_paused = action.changes["paused"][1]
        return t("Paused the feed {name}", name=name) if is_paused else t("Resumed the feed {name}", name=name)
    if "listed" in action.changes:
        return _say_listed(action, name)
    if "key" in action.changes:
        before, after = action.changes["key"]
        return t("Gave the feed {before} the key {key}", before=before, key=after)
    fields = words.enumerate_words([t(_FEED_FIELDS.get(each, each)) for each in sorted(action.changes)])
    return t("Changed the {fields} of the feed {name}", fields=fields, name=name)


def _say_listed(action: Action, name: str) -> str:
    before, after = action.changes["listed"]
    if before and after:
        return t("Changed the feed {name} in feeds.toml", name=name or next(iter(after)))
    if len(after) > 1:
        return tn("Added {number} feed", "Added {number} feeds", len(after))
    key = next(iter({**before, **after}), "")
    return t("Added the feed {name}", name=name or key) if after else t("Removed the feed {name}", name=name or key)


def _say_corrected(action: Action, what: str) -> str:
    if "withheld" in action.details:
        return t("Dismissed what the feed changed of {what}", what=what)
    if action.details["fields"] != ["star"]:
        return t("Changed the {fields} of {what}", fields=_list_fields(action), what=what)
    return t("Starred {what}", what=what) if action.details["star"] else t("Took the star off {what}", what=what)


def _say_month(action: Action, what: str, month: Month | None) -> str:
    details = action.details
    if action.kind is ActionKind.ADD and month:
        did = t("Added {what} to {month}", what=what, month=month.name)
        return t("{did}, with its {fields}", did=did, fields=_list_fields(action)) if details["fields"] else did
    if details.get("moved") and month:
        return t("Put {what} into {month}", what=what, month=month.name)
    return t("Gave {what} its month, {month}", what=what, month=month)


def _say_print(action: Action) -> str:
    if "texts" in action.details:
        return t("Set {names}", names=words.enumerate_words(list(action.details["texts"])))
    if (count := action.details.get("count", 1)) > 1:
        return t("Put {number} lines of the page right", number=count)
    if "mend" in action.details:
        return t("Put line {number} of the page right", number=action.details["line"])
    if "remedy" in action.details:
        return t(_REMEDIED[Remedy(action.details["remedy"])], title=unescape_text(action.details["title"]))
    name, month = _name_print(action.details), action.month.name if action.month else ""
    return t(_PRINTED[name], month=month, day=_name_until(action.details))


def _say_verdict(details: Mapping[str, Any], what: str) -> str:
    decision, reason = Decision(details["decision"]), details.get("reason")
    reason = t(reason) if reason else ""
    if details.get("until"):
        end = say_until(read_until(details["until"]))
        if reason:
            return t("Held {what} until {until} as {reason}", what=what, until=end, reason=reason)
        return t("Held {what} until {until}", what=what, until=end)
    return t(_DECIDED_AS[decision], what=what, reason=reason) if reason else t(_DECIDED[decision], what=what)


def say_decided(before: Candidate, after: Candidate) -> str:
    """What a verdict did to a post, such as ``Approved: A Post``."""
    title = after.post.title
    if before.verdict != after.verdict:
        return t(_NOW[after.state], title=title)
    if before.is_starred != after.is_starred:
        return t("Starred: {title}", title=title) if after.is_starred else t("Without its star: {title}", title=title)
    if before.correction != after.correction and before.section == after.section:
        return t("Changed: {title}", title=title)
    if before.section != after.section:
        return t("Moved to {section}: {title}", section=after.section, title=title)
    return t(_ALREADY[after.state], title=title)


def say_placed(candidate: Candidate) -> str:
    """What giving a post its month did."""
    return t("A candidate of {month}: {title}", month=candidate.post.month, title=candidate.post.title)


def say_taken_back(actions: Sequence[Action], name: str, candidate: Candidate | None, *, is_undo: bool) -> str:
    """Say what an undo of the actions of a batch has restored, or what a redo has done again.

    *name* is that of the one that was done first, *candidate* its post as it stands then.
    """
    last, posts = max(actions, key=lambda action: action.id), len({action.post_id for action in actions})
    size = len(actions) if last.kind is ActionKind.FEED else posts
    if not is_undo:
        return t("Done again: {did}", did=say_action(replace(last, size=size), name))
    if posts == 1:
        return _say_back(replace(last, size=size), name, candidate)
    total, others = f"{posts:,}", posts - 1
    if last.kind is ActionKind.DECIDE:
        return tn(
            "{total} verdicts are taken back: “{name}” and {number} other post are as before",
            "{total} verdicts are taken back: “{name}” and {number} other posts are as before",
            others,
            total=total,
            name=name,
        )
    if last.kind is ActionKind.GIVE_MONTH:
        return tn(
            "“{name}” and {number} other post are back where they were",
            "“{name}” and {number} other posts are back where they were",
            others,
            name=name,
        )
    return tn(
        "{total} corrections are taken back: “{name}” and {number} other post are as before",
        "{total} corrections are taken back: “{name}” and {number} other posts are as before",
        others,
        total=total,
        name=name,
    )


def say_starred(*, is_starred: bool) -> str:
    """What starring does to each of many posts, or taking their stars off."""
    return t("starred") if is_starred else t("without a star")


def say_done(decision: Decision | None, until: Until | None = None, section: Section | None = None) -> str:
    """What an act does to each of many posts, such as ``held until next month``; without a decision it is a section."""
    match decision:
        case Decision.APPROVE:
            return t("approved")
        case Decision.REJECT:
            return t("rejected")
        case Decision.HOLD:
            return t("held until {until}", until=say_until(until)) if until else t("held")
    return t("moved to {section}", section=section)


def say_batch(batch: Batch, did: str) -> str:
    """What an act on many posts did, such as ``12 posts rejected, 2 were so already``; *did* is what it does to a post,
    such as ``rejected``, in the present language. Why it left posts out is not said here.
    """
    parts = [tn("{number} post {did}", "{number} posts {did}", len(batch.done), did=did)]
    if batch.unchanged:
        parts.append(tn("{number} was so already", "{number} were so already", len(batch.unchanged)))
    if batch.refused:
        parts.append(t("{number} left out", number=f"{len(batch.refused):,}"))
    return ", ".join(parts)


def _say_back(action: Action, name: str, candidate: Candidate | None) -> str:
    match action.kind:
        case ActionKind.DECIDE if candidate is not None:
            is_again = t(_AGAIN[candidate.state], name=name)
            if not action.details.get("fields"):
                return is_again
            return t("{is_again}, and its {fields} as before", is_again=is_again, fields=_list_fields(action))
        case ActionKind.CORRECT:
            return _say_corrected_back(action, name, candidate)
        case ActionKind.ADD if action.details["new"]:
            return t("“{name}” is not a candidate any more", name=name)
        case ActionKind.ADD | ActionKind.GIVE_MONTH:
            return t("“{name}” is back where it was", name=name)
        case ActionKind.MERGE:
            return t("“{name}” and what it was merged with are as before", name=name)
        case ActionKind.SPLIT:
            return t("“{name}” is back with its copies", name=name)
        case ActionKind.WEIGH:
            return _say_set_back(action.details["weights"])
        case ActionKind.RULE:
            return t("The rule for “{sought}” is as before", sought=action.details["sought"])
        case ActionKind.FEED:
            return _say_feed_back(action, name)
        case ActionKind.PRINT:
            return _say_print_back(action)
        case ActionKind.READER:
            return say_reader_back(action)
    return t("Undone: {did}", did=say_action(action, name))


def _say_corrected_back(action: Action, name: str, candidate: Candidate | None) -> str:
    if "withheld" in action.details:
        return t("What the feed changed of “{name}” is shown again", name=name)
    if action.details["fields"] == ["star"]:
        is_starred = candidate is not None and candidate.is_starred
        return t("“{name}” is starred again", name=name) if is_starred else t("The star of “{name}” is off", name=name)
    return tn(
        "The {fields} of “{name}” is back",
        "The {fields} of “{name}” are back",
        len(action.details["fields"]),
        fields=_list_fields(action),
        name=name,
    )


def _name_proposed(action: Action, name: str) -> str:
    """The name of a feed, else the host that a proposal is about."""
    return name or str(action.details["proposal"]).partition(":")[2]


def _say_feed_back(action: Action, name: str) -> str:
    if action.size > 1:
        return tn("{number} proposal is made again", "{number} proposals are made again", action.size)
    if "proposal" in action.details:
        return t("What was proposed about {name} is proposed again", name=_name_proposed(action, name))
    if "listed" not in action.changes:
        return t("The feed {name} is as before", name=name)
    before, after = action.changes["listed"]
    return t("feeds.toml lists {keys} as before", keys=words.enumerate_words(sorted({*before, *after})))


def _say_set_back(changes: Mapping[str, Any]) -> str:
    said = words.enumerate_words(list(changes))
    return tn("{names} is as before", "{names} are as before", len(changes), names=said)


def _say_print_back(action: Action) -> str:
    if "texts" in action.details:
        return _say_set_back(action.details["texts"])
    if (count := action.details.get("count", 1)) > 1:
        return t("{number} lines of the page are as before", number=count)
    if "mend" in action.details:
        return t("Line {number} of the page is as before", number=action.details["line"])
    if "remedy" in action.details:
        return t("The printed line of “{title}” is as before", title=unescape_text(action.details["title"]))
    return t(_PRINTED_BACK[_name_print(action.details)], month=action.month.name if action.month else "")


def _name_print(details: Mapping[str, Any]) -> str:
    """What an action about the print of a month is."""
    return details.get("plan") or ("open" if details.get("open") else "print")


def _name_until(details: Mapping[str, Any]) -> str:
    return words.name_date(datetime.fromisoformat(details["until"]).date()) if details.get("until") else ""


def _list_fields(action: Action) -> str:
    return words.enumerate_words(list(map(t, action.details["fields"])))
