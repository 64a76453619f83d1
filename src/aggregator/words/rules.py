"""The curator's rules in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.locales import t, tn
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
    said = t("{moment}, by {name}", moment=words.day_and_time(rule.at, zone), name=rule.by) if rule.at else ""
    return RuleView(
        rule.number,
        name_rule(rule.name),
        say_act(rule, names),
        say_scope(rule, feeds),
        rule.state is RuleState.ON,
        said,
    )


def name_rule(name: str) -> str:
    """The name of a rule, as it is stored, in the reader's language."""
    trait, _, sought = name.partition(" ")
    return f"{t(trait)} {sought}"


def say_act(rule: Rule, names: SectionNames) -> str:
    """``+1.50 points``, ``section 2.4 and its heading``, ``muted``, ``always shown``."""
    match rule.act:
        case Act.POINTS:
            return t("{points} points", points=words.signed(rule.points or 0.0))
        case Act.SECTION:
            return (
                t("a section that is gone")
                if rule.is_lost
                else t("section {section}", section=names.name(rule.section))
            )
        case Act.MUTE:
            return t("muted")
        case Act.SHOW:
            return t("always shown")


def say_scope(rule: Rule, feeds: Mapping[str, str]) -> str:
    """``all feeds``, ``feeds tagged ml``, ``the name of a feed``."""
    if rule.feed is not None:
        return feeds.get(rule.feed, rule.feed)
    return t("all feeds") if rule.tag is None else t("feeds tagged {tag}", tag=rule.tag)


def say_preview(preview: RulePreview) -> str:
    """``It would have touched 41 posts in 90 days, 3 of them printed.``"""
    if not preview.touched:
        return t("It would not have touched any post in 90 days.")
    return tn(
        "It would have touched {number} post in 90 days, {printed} of them printed.",
        "It would have touched {number} posts in 90 days, {printed} of them printed.",
        preview.touched,
        printed=f"{preview.printed:,}",
    )
