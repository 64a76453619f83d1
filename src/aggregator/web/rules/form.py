"""The form of a rule: reads a rule from it, and writes a rule into it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from aggregator.exceptions import RuleError
from aggregator.locales import t
from aggregator.storage.numbers import read_id
from aggregator.types import Act, Rule, Section, Taxonomy, Trait

_Kind = TypeVar("_Kind", Trait, Act)
_OF_FEED, _OF_TAG = "feed:", "tag:"


def read_rule(typed: Mapping[str, str], taxonomy: Taxonomy) -> Rule:
    """Read the typed rule; it is not checked as a whole yet. Raises RuleError."""
    scope = typed.get("scope", "")
    return Rule(
        trait=_choose(Trait, typed, "trait"),
        sought=typed.get("sought", ""),
        act=_choose(Act, typed, "act"),
        points=_read_points(typed.get("points", "")),
        section=_read_section(typed.get("section", ""), taxonomy),
        feed=scope.removeprefix(_OF_FEED) if scope.startswith(_OF_FEED) else None,
        tag=scope.removeprefix(_OF_TAG) if scope.startswith(_OF_TAG) else None,
        number=read_id(typed.get("number", "")) or 0,
    )


def write_rule(rule: Rule) -> dict[str, str]:
    """Write a rule as the fields of the form."""
    return {
        "trait": str(rule.trait),
        "sought": rule.sought,
        "act": str(rule.act),
        "points": "" if rule.points is None else f"{rule.points:g}",
        "section": str(rule.section or ""),
        "scope": f"{_OF_FEED}{rule.feed}" if rule.feed else f"{_OF_TAG}{rule.tag}" if rule.tag else "",
        "number": str(rule.number or ""),
    }


def _choose(kind: type[_Kind], typed: Mapping[str, str], name: str) -> _Kind:
    try:
        return kind(typed.get(name, ""))
    except ValueError as error:
        raise RuleError(t("one of {names}", names=", ".join(kind)), field=name) from error


def _read_points(text: str) -> float | None:
    try:
        return float(text.replace("−", "-")) if text.strip() else None
    except ValueError as error:
        raise RuleError(t("not a number"), field="points") from error


def _read_section(text: str, taxonomy: Taxonomy) -> Section | None:
    try:
        return taxonomy.parse_section(text) if text.strip() else None
    except ValueError as error:
        raise RuleError(str(error), field="section") from error


#: The empty form.
EMPTY = write_rule(Rule(Trait.WORDS, "", Act.POINTS, points=1.0))
