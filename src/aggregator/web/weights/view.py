"""The view of the page of weights and quotas. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aggregator.config import Settings, list_weights
from aggregator.config.settings import ShortlistSettings
from aggregator.locales import mark, t, tn
from aggregator.rank.effect import Effect, Shift
from aggregator.types import Candidate, Month, Quotas, Texts, Weight
from aggregator.web.paths import path_in_queue
from aggregator.web.weights.form import Typed
from aggregator.words.placement import say_cause, say_effect
from aggregator.words.posts import name_post, name_publisher
from aggregator.words.sections import SectionNames

QUOTAS = {
    "size": (mark("Size"), mark("at most so many posts are proposed")),
    "floor": (mark("Floor"), mark("posts with a lower score are not proposed, so that a thin month stays thin")),
    "out_of_scope": (
        mark("Scope"),
        mark(
            "posts that are out of scope with a higher probability are not proposed, unless they are very popular; 1 "
            "proposes all"
        ),
    ),
    "burst": (
        mark("Burst"),
        mark(
            "if a source has at least so many posts on a day, far more than usual, they are not proposed until you "
            "look; 0 switches this off"
        ),
    ),
    "diversity": (mark("Diversity"), mark("what a post loses if it is identical to one above it")),
    "per_source": (mark("Posts per source"), mark("the most from one source; 0 learns it from printed digests")),
    "per_section": (mark("Posts per section"), mark("the most in one section; 0 learns it from printed digests")),
    "sample": (
        mark("Spot checks"),
        mark("posts drawn at random from below the shortlist, to see what is missed; 0 draws none"),
    ),
}
_LABELS = {f"weights.{weight}": weight.label for weight in Weight} | {
    f"shortlist.{quota}": label for quota, (label, _) in QUOTAS.items()
}


@dataclass(frozen=True, slots=True)
class WeightFacts:
    """The facts on the page."""

    #: Those of feeds.toml, and those with the curator's changes.
    listed: Settings
    overridden: Settings
    #: Including learned quotas; None if the month was not ranked yet.
    limits: Quotas | None
    #: The source of each feed's posts of the month.
    places: Mapping[str, str]
    #: The names of feeds by key.
    feeds: Mapping[str, str]
    #: The number of each feed's posts in the month.
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class NumberField:
    """One number of the form."""

    name: str
    label: str
    help: str
    value: str
    #: The learned value, which holds while the field is empty.
    learned: str
    #: The value in feeds.toml if it differs.
    listed: str | None
    step: str
    mistake: str

    @property
    def is_changed(self) -> bool:
        return self.listed is not None


@dataclass(frozen=True, slots=True)
class WeightsView:
    """The page of weights and quotas."""

    month: Month
    weights: tuple[NumberField, ...]
    quotas: tuple[NumberField, ...]
    sections: tuple[NumberField, ...]
    sources: tuple[NumberField, ...]
    #: Feeds without a field, for the select that names another source.
    other_feeds: tuple[tuple[str, str], ...]
    new_source: str
    new_most: str
    #: What is wrong with the fields for another source, and with the form as a whole.
    new_mistake: str
    mistake: str
    is_changed: bool


def build_weights(month: Month, facts: WeightFacts, names: SectionNames, typed: Typed | None = None) -> WeightsView:
    typed = typed or Typed()
    build = _FieldMaker(list_weights(facts.listed), list_weights(facts.overridden), typed)
    learned_sections = facts.limits.sections if facts.limits else {}
    sections = tuple(
        build.make(f"shortlist.sections.{section}", names.name(section), learned=learned_sections.get(section))
        for section in names.texts.taxonomy.sections
    )
    keys = list(dict.fromkeys([*facts.places, *_list_sources(facts), *_list_typed_sources(typed)]))
    learned_sources = facts.limits.sources if facts.limits else {}
    sources = tuple(
        build.make(
            f"shortlist.sources.{key}",
            facts.feeds.get(key, key),
            tn("{number} post in {month}", "{number} posts in {month}", facts.counts.get(key, 0), month=month.name),
            learned=learned_sources.get(facts.places.get(key, key)),
        )
        for key in keys
    )
    return WeightsView(
        month=month,
        weights=tuple(
            build.make(f"weights.{weight}", t(weight.label), t(weight.help), step="0.1") for weight in Weight
        ),
        quotas=tuple(
            build.make(f"shortlist.{name}", t(label), t(help), step=_choose_step(name))
            for name, (label, help) in QUOTAS.items()
        ),
        sections=sections,
        sources=sources,
        other_feeds=tuple((key, name) for key, name in facts.feeds.items() if key not in keys),
        new_source=typed.values.get("source", "") if typed.values.get("source", "") not in keys else "",
        new_most=typed.values.get("most", "") if typed.values.get("source", "") not in keys else "",
        new_mistake=typed.mistakes.get("source", ""),
        mistake=typed.mistakes.get("", ""),
        is_changed=list_weights(facts.listed) != list_weights(facts.overridden),
    )


def _choose_step(quota: str) -> str:
    return "any" if ShortlistSettings.model_fields[quota].annotation is float else "1"


def _list_sources(facts: WeightFacts) -> list[str]:
    return [*facts.listed.shortlist.sources, *facts.overridden.shortlist.sources]


def _list_typed_sources(typed: Typed) -> list[str]:
    prefix = "shortlist.sources."
    return [name.removeprefix(prefix) for name in typed.values if name.startswith(prefix)]


@dataclass(frozen=True, slots=True)
class _FieldMaker:
    listed: Mapping[str, float]
    overridden: Mapping[str, float]
    typed: Typed

    def make(
        self, name: str, label: str, help: str = "", *, step: str = "1", learned: float | None = None
    ) -> NumberField:
        listed, overridden = self.listed.get(name), self.overridden.get(name)
        return NumberField(
            name=name,
            label=label,
            help=help,
            value=self.typed.values.get(name, "" if overridden is None else f"{overridden:g}"),
            learned="" if learned is None else f"{learned:g}",
            listed=None if listed == overridden else "nothing" if listed is None else f"{listed:g}",
            step=step,
            mistake=self.typed.mistakes.get(name, ""),
        )


def name_override(name: str, feeds: Mapping[str, str], names: SectionNames) -> str:
    """Name a weight or quota: ``Use in practice``, the name of a feed, ``2.4`` and the heading of its topic."""
    if label := _LABELS.get(name):
        return t(label)
    key, _, entry = name.partition(".")[2].partition(".")
    if key == "sections":
        # A section that is gone keeps its old name.
        sections = {str(section): section for section in names.texts.taxonomy.sections}
        return names.name(sections[entry]) if entry in sections else t("Section {number}", number=entry)
    return feeds.get(entry, entry) if key == "sources" else name


# --- the effect of a change ---


@dataclass(frozen=True, slots=True)
class ShiftView:
    """A post that would move."""

    title: str
    language: str
    publisher: str
    path: str
    before: int
    after: int
    why: str


@dataclass(frozen=True, slots=True)
class EffectView:
    """The effect of a change on a month."""

    said: str
    entered: tuple[ShiftView, ...]
    left: tuple[ShiftView, ...]
    moved: tuple[ShiftView, ...]


def build_effect(month: Month, effect: Effect, candidates: Mapping[int, Candidate], texts: Texts) -> EffectView:
    """Build the effect; *candidates* are the posts that move, by id."""
    entered, left, moved = (
        tuple(_build_shift(shift, candidates[shift.post_id], texts) for shift in each if shift.post_id in candidates)
        for each in (effect.entered, effect.left, effect.moved)
    )
    return EffectView(say_effect(month, effect), entered, left, moved)


def _build_shift(shift: Shift, candidate: Candidate, texts: Texts) -> ShiftView:
    post = candidate.post
    return ShiftView(
        title=name_post(post),
        language=post.language,
        publisher=name_publisher(candidate),
        path=path_in_queue(post.month, post.id),
        before=shift.before.rank,
        after=shift.after.rank,
        why=say_cause(shift, candidate, texts),
    )
