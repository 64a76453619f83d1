"""The curator's rules in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.pipeline.rules import RulePreview
from aggregator.types import Act, Rule, RuleState
from aggregator.words.sections import SectionNames


@dataclass(frozen=True, slots=True)
class RuleView:
    """One rule as a row."""

    number: int
    name: str
    act: str
    scope: str
    is_on: bool
    said: str


def build_rule(rule: Rule, feeds: Mapping[str, str], names: SectionNames, zone: ZoneInfo) -> RuleView:
    said = f"{words.day_and_time(rule.at, zone)}, by {rule.by}" if rule.at else ""
    return RuleView(
        rule.number, rule.name, say_act(rule, names), say_scope(rule, feeds), rule.state is RuleState.ON, said
    )


def say_act(rule: Rule, names: SectionNames) -> str:
    """``+1.50 points``, ``section 2.4 and its heading``, ``muted``, ``always shown``."""
    match rule.act:
        case Act.POINTS:
            return f"{words.signed(rule.points or 0.0)} points"
        case Act.SECTION:
            return "a section that is gone" if rule.is_lost else f"section {names.name(rule.section)}"
        case Act.MUTE:
            return "muted"
        case Act.SHOW:
            return "always shown"


def say_scope(rule: Rule, feeds: Mapping[str, str]) -> str:
    """``all feeds``, ``feeds tagged ml``, ``the name of a feed``."""
    if rule.feed is not None:
        return feeds.get(rule.feed, rule.feed)
    return "all feeds" if rule.tag is None else f"feeds tagged {rule.tag}"


def say_preview(preview: RulePreview) -> str:
    """``It would have touched 41 posts in 90 days, 3 of them printed.``"""
    if not preview.touched:
        return "It would not have touched any post in 90 days."
    return (
        f"It would have touched {words.count(preview.touched, 'post')} in 90 days, {preview.printed:,} of them printed."
    )
