"""The view of the page of rules. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.locales import mark, t, tn
from aggregator.pipeline.rules import RulePreview
from aggregator.types import Act, Candidate, Rule, RuleState, Trait
from aggregator.web.parts import Choice
from aggregator.web.paths import path_in_queue
from aggregator.web.rules.form import EMPTY, write_rule
from aggregator.words.dates import say_dated
from aggregator.words.posts import name_post, name_publisher
from aggregator.words.rules import RuleView, build_rule, say_preview
from aggregator.words.sections import SectionNames

#: The label of each trait.
TRAITS = {
    Trait.WORDS: mark("words of the title, in any form"),
    Trait.PATTERN: mark("a pattern in the title (RE2)"),
    Trait.ADDRESS: mark("the address: host, or host/path"),
    Trait.AUTHOR: mark("the author"),
    Trait.CATEGORY: mark("the category that the feed gave"),
}
ACTS = {
    Act.POINTS: mark("give points"),
    Act.SECTION: mark("put into a section"),
    Act.MUTE: mark("mute"),
    Act.SHOW: mark("always show"),
}


@dataclass(frozen=True, slots=True)
class ExampleView:
    """A post that a rule would have touched."""

    title: str
    language: str
    publisher: str
    dated: str
    path: str
    is_printed: bool


@dataclass(frozen=True, slots=True)
class PreviewView:
    """What a rule would have touched."""

    said: str
    examples: tuple[ExampleView, ...]


@dataclass(frozen=True, slots=True)
class TypedRule:
    """The form as it was sent or as a rule fills it, and what is wrong with it."""

    values: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    #: The name of the wrong field; empty if the mistake is not in a field.
    field: str = ""
    mistake: str = ""


@dataclass(frozen=True, slots=True)
class RulesView:
    """The page of rules."""

    rules: tuple[RuleView, ...]
    removed: tuple[RuleView, ...]
    typed: TypedRule
    traits: tuple[Choice, ...]
    acts: tuple[Choice, ...]
    #: Groups of feeds, and feeds.
    tags: tuple[Choice, ...]
    feeds: tuple[Choice, ...]

    @property
    def edited(self) -> str:
        """The number of the rule that is edited; empty for a new one."""
        return self.typed.values.get("number", "")


def build_rules(
    known: Sequence[Rule],
    typed: TypedRule,
    feeds: Mapping[str, str],
    tags: Mapping[str, Sequence[str]],
    names: SectionNames,
    zone: ZoneInfo,
) -> RulesView:
    """Build the page. *feeds* are names by key, *tags* those of each followed feed."""
    chosen = typed.values
    scope = chosen.get("scope", "")
    groups = {f"tag:{tag}": tag for tag in sorted({*chain.from_iterable(tags.values())}, key=str.casefold)}
    followed = {f"feed:{key}": name for key, name in feeds.items() if key in tags}
    # A feed or tag that is gone stays chosen, so that saving does not turn the rule into one for all feeds.
    kind, _, gone = scope.partition(":")
    if gone and scope not in groups | followed:
        (groups if kind == "tag" else followed)[scope] = feeds.get(gone, gone)
    return RulesView(
        rules=tuple(build_rule(rule, feeds, names, zone) for rule in known if rule.state is not RuleState.REMOVED),
        removed=tuple(build_rule(rule, feeds, names, zone) for rule in known if rule.state is RuleState.REMOVED),
        typed=typed,
        traits=tuple(Choice(trait, t(label), trait == chosen.get("trait")) for trait, label in TRAITS.items()),
        acts=tuple(Choice(act, t(label), act == chosen.get("act")) for act, label in ACTS.items()),
        tags=tuple(Choice(value, label, value == scope) for value, label in groups.items()),
        feeds=tuple(Choice(value, label, value == scope) for value, label in followed.items()),
    )


def fill_form(rule: Rule) -> TypedRule:
    return TypedRule(write_rule(rule))


def build_preview(rule: Rule, preview: RulePreview, names: SectionNames, zone: ZoneInfo) -> PreviewView:
    said = say_preview(preview)
    if preview.touched:
        said += f" {_say_doing(rule, preview.touched, names)}"
    return PreviewView(said, tuple(_build_example(one, zone) for one in preview.examples))


def _say_doing(rule: Rule, posts: int, names: SectionNames) -> str:
    match rule.act:
        case Act.POINTS:
            points = words.signed(rule.points or 0.0)
            return tn(
                "It would be given {points} points.", "They would be given {points} points.", posts, points=points
            )
        case Act.SECTION:
            return tn(
                "It would be put into section {section}.",
                "They would be put into section {section}.",
                posts,
                section=names.name(rule.section),
            )
        case Act.MUTE:
            return tn("It would be muted.", "They would be muted.", posts)
        case Act.SHOW:
            return tn("It would be always shown.", "They would be always shown.", posts)


def _build_example(candidate: Candidate, zone: ZoneInfo) -> ExampleView:
    post = candidate.post
    return ExampleView(
        title=name_post(post),
        language=post.language,
        publisher=name_publisher(candidate),
        dated=say_dated(post, zone),
        path=path_in_queue(post.month, post.id),
        is_printed=candidate.printed_in is not None,
    )
