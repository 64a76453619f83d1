"""The view of everything that the program was taught. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.locales import mark, t, tn
from aggregator.storage.taught import Said
from aggregator.types import Candidate, Decision, FeedState, Month, Override, Rule, RuleState, Sameness
from aggregator.web.paths import path_in_queue
from aggregator.web.weights.view import name_override
from aggregator.words.feeds import list_differences
from aggregator.words.posts import name_post
from aggregator.words.rules import RuleView, build_rule
from aggregator.words.sections import SectionNames

_VIEWS = {Decision.APPROVE: "approved", Decision.HOLD: "held", Decision.REJECT: "rejected"}
_COUNTS = {
    "approved": mark("{number} approved"),
    "held": mark("{number} held"),
    "rejected": mark("{number} rejected"),
}
_PAIRS = {Sameness.SAME: mark("the same article"), Sameness.DIFFERENT: mark("different articles")}


@dataclass(frozen=True, slots=True)
class TaughtFacts:
    """The facts on the page."""

    rules: Sequence[Rule]
    #: Those in force, by their names in feeds.toml; and the last changes, newest first.
    overrides: Mapping[str, float]
    history: Sequence[Override]
    decisions: Mapping[tuple[Month, Decision], Said]
    reasons: Mapping[str, int]
    #: Posts that are approved because a digest that was read has them.
    read: int
    corrections: Mapping[str, Said]
    corrected: Sequence[Candidate]
    pairs: Mapping[Sameness, Said]
    states: Sequence[FeedState]
    #: The names of feeds by key.
    feeds: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was taught, where to change it, and how often and when it was said."""

    name: str
    path: str
    said: str


@dataclass(frozen=True, slots=True)
class DecidedMonth:
    """The decisions of a month: views of the queue with their counts."""

    name: str
    counts: tuple[Row, ...]
    last: str


@dataclass(frozen=True, slots=True)
class TaughtView:
    """The page of everything that was taught."""

    #: How much there is of each kind.
    summary: tuple[str, ...]
    rules: tuple[RuleView, ...]
    weights: tuple[Row, ...]
    history: tuple[Row, ...]
    months: tuple[DecidedMonth, ...]
    reasons: str
    read: int
    corrections: tuple[Row, ...]
    corrected: tuple[Row, ...]
    pairs: tuple[Row, ...]
    feeds: tuple[Row, ...]


def build_taught(facts: TaughtFacts, names: SectionNames, zone: ZoneInfo) -> TaughtView:
    known = [rule for rule in facts.rules if rule.state is not RuleState.REMOVED]
    decided = sum(said.times for said in facts.decisions.values())
    corrected = sum(said.times for said in facts.corrections.values())
    return TaughtView(
        summary=(
            tn("{number} rule", "{number} rules", len(known)),
            tn("{number} change of weights", "{number} changes of weights", len(facts.overrides)),
            tn("{number} decision", "{number} decisions", decided),
            tn("{number} correction", "{number} corrections", corrected),
        ),
        rules=tuple(build_rule(rule, facts.feeds, names, zone) for rule in known),
        weights=tuple(
            Row(name_override(name, facts.feeds, names), "/weights", _say_number(value))
            for name, value in facts.overrides.items()
        ),
        history=tuple(_build_change(override, facts.feeds, names, zone) for override in facts.history),
        months=tuple(_build_months(facts.decisions, zone)),
        reasons=", ".join(f"{t(reason)} {count:,}" for reason, count in facts.reasons.items()),
        read=facts.read,
        corrections=tuple(
            Row(t(name), "", _say_last(tn("{number} post", "{number} posts", said.times), said, zone))
            for name, said in facts.corrections.items()
        ),
        corrected=tuple(
            Row(
                name_post(one.post),
                path_in_queue(one.post.month, one.post.id),
                one.post.language,
            )
            for one in facts.corrected
        ),
        pairs=tuple(
            Row(
                t(_PAIRS[sameness]), "/copies", _say_last(tn("{number} pair", "{number} pairs", said.times), said, zone)
            )
            for sameness, said in facts.pairs.items()
            if sameness in _PAIRS
        ),
        feeds=tuple(_list_feeds(facts.states, zone)),
    )


def _build_change(override: Override, feeds: Mapping[str, str], names: SectionNames, zone: ZoneInfo) -> Row:
    value = t("as in feeds.toml") if override.value is None else _say_number(override.value)
    said = t("{moment}, by {name}", moment=words.day_and_time(override.at, zone), name=override.by)
    return Row(f"{name_override(override.name, feeds, names)}: {value}", "/weights", said)


def _say_number(value: float) -> str:
    return f"{value:g}".replace("-", "−")


def _build_months(decisions: Mapping[tuple[Month, Decision], Said], zone: ZoneInfo) -> list[DecidedMonth]:
    found = []
    for month in sorted({month for month, _ in decisions}, reverse=True):
        given = {name: decisions[month, kind] for kind, name in _VIEWS.items() if (month, kind) in decisions}
        counts = tuple(
            Row(name, f"/queue/{month}?show={name}", t(_COUNTS[name], number=f"{said.times:,}"))
            for name, said in given.items()
        )
        last = max(said.last_at for said in given.values()) if given else None
        found.append(DecidedMonth(month.name, counts, words.day(last, zone) if last else ""))
    return found


def _list_feeds(states: Sequence[FeedState], zone: ZoneInfo) -> list[Row]:
    """List the feeds that differ from feeds.toml or are paused."""
    rows = []
    for state in states:
        changed = [t(name.replace("_", " ")) for name in list_differences(state.feed, state.listed)]
        said = [t("differs from feeds.toml: {fields}", fields=", ".join(changed))] if changed else []
        said += [t("paused on {day}", day=words.day(state.paused_at, zone))] if state.paused_at else []
        if said:
            rows.append(Row(state.feed.name, f"/feeds/{state.feed.key}", "; ".join(said)))
    return rows


def _say_last(count: str, said: Said, zone: ZoneInfo) -> str:
    return t("{count}, last on {day}", count=count, day=words.day(said.last_at, zone))
