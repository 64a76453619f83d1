"""Stores, previews and applies the curator's own rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from aggregator.exceptions import NotFoundError, RuleError
from aggregator.locales import mark, t
from aggregator.pipeline.actions import record
from aggregator.pipeline.home import Home
from aggregator.rank.rules import Matcher, Rulings, check_rule, decide_rulings
from aggregator.storage import rules
from aggregator.storage.candidates import list_candidates_by_id
from aggregator.storage.database import Connection
from aggregator.storage.feeds import list_brief_states
from aggregator.types import ActionKind, Candidate, Month, Rule, RuleState

#: What a preview looks back at.
LOOKED_BACK = timedelta(days=90)
_EXAMPLES = 8
NO_RULE = mark("there is no rule {number}")


@dataclass(frozen=True, slots=True)
class RulePreview:
    """The posts of the last 90 days that match a rule."""

    touched: int
    #: The number of these that were printed.
    printed: int
    #: Printed ones first, then the newest.
    examples: tuple[Candidate, ...]


class Book:
    """A cache of the matcher for the stored rules."""

    def __init__(self) -> None:
        self._matcher: Matcher | None = None
        self._made_of: object = None

    def read(self, connection: Connection) -> Matcher:
        """Return the matcher of the rules as stored now."""
        known, tags = rules.list_rules(connection), list_tags(connection)
        if self._matcher is None or self._made_of != (known, tags):
            self._matcher, self._made_of = Matcher(known, tags), (known, tags)
        return self._matcher


def gather_rulings(connection: Connection, month: Month, candidates: Sequence[Candidate], matcher: Matcher) -> Rulings:
    """Decide what the rules do to the candidates of a month."""
    if not matcher.rules:
        return Rulings()
    subjects = rules.list_subjects(connection, month, with_authors=matcher.needs_authors)
    return decide_rulings(matcher.match(subjects), candidates)


def list_tags(connection: Connection) -> dict[str, tuple[str, ...]]:
    """List the tags of each feed, by its key."""
    return {state.feed.key: state.feed.tags for state in list_brief_states(connection)}


def get_rule(connection: Connection, number: int) -> Rule:
    """Return a rule. Raises NotFoundError."""
    for rule in rules.list_rules(connection):
        if rule.number == number:
            return rule
    raise NotFoundError(t(NO_RULE, number=number))


def plan_rule(connection: Connection, rule: Rule) -> Rule:
    """Return the rule as it would be stored; a rule that is off stays off.

    Raises RuleError, and NotFoundError for an unknown number.
    """
    if rule.number and get_rule(connection, rule.number).state is RuleState.OFF:
        rule = replace(rule, state=RuleState.OFF)
    tags = list_tags(connection)
    if rule.feed is not None and rule.feed not in tags:
        raise RuleError(t("no feed has the key {key}", key=repr(rule.feed)), field="scope")
    if rule.tag is not None and not any(rule.tag in of_feed for of_feed in tags.values()):
        raise RuleError(t("no feed has the tag {tag}", tag=repr(rule.tag)), field="scope")
    return check_rule(rule)


def save_rule(home: Home, rule: Rule) -> Rule:
    """Store a new rule, or a new version of the rule with its number; does not rank.

    Raises RuleError and NotFoundError.
    """
    with home.database.writing() as connection:
        planned = replace(plan_rule(connection, rule), by=home.curator, at=home.now)
        action = record(home, connection, ActionKind.RULE, details={"rule": rule.number, "sought": planned.sought})
        return replace(planned, number=rules.append_rule(connection, planned, action))


def turn_rule(home: Home, number: int, state: RuleState) -> Rule:
    """Switch a rule on or off, remove it or restore it; does not rank. Raises NotFoundError."""
    with home.database.writing() as connection:
        rule = get_rule(connection, number)
        if rule.state is not state:
            details = {"rule": number, "sought": rule.sought, "state": str(state)}
            action = record(home, connection, ActionKind.RULE, details=details)
            rules.append_state(connection, number, state, by=home.curator, at=home.now, action=action)
        return replace(rule, state=state, by=home.curator, at=home.now)


def preview_rule(home: Home, rule: Rule) -> RulePreview:
    """Match a rule with the posts of the last 90 days, alone and as if it were on; does not store it.

    Raises RuleError and NotFoundError.
    """
    with home.reading() as connection:
        matcher = Matcher([replace(plan_rule(connection, rule), state=RuleState.ON)], list_tags(connection))
        since = home.now - LOOKED_BACK
        touched = list(matcher.match(rules.list_subjects_since(connection, since, with_authors=matcher.needs_authors)))
        printed = rules.list_printed(connection, touched)
        examples = sorted(touched, key=lambda number: number not in printed)[:_EXAMPLES]
        return RulePreview(len(touched), len(printed), tuple(list_candidates_by_id(connection, examples)))
