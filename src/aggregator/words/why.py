"""The reasons for a guess in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.addresses.urls import clean_url
from aggregator.locales import mark, t
from aggregator.pipeline.neighbours import Why
from aggregator.types import Choice, Clue
from aggregator.words.neighbours import NeighboursView, build_neighbours
from aggregator.words.posts import name_post
from aggregator.words.sections import SectionNames

#: How many of the strongest clues are shown on each side.
SHOWN = 5
# The prior, and the sum of weak clues: neither is a word of the post.
_NAMELESS = frozenset({"before reading", "everything else"})
_CHOICES = {
    "topic": mark("Topic: {chosen} {probability}, then {next} {next_probability}"),
    "part": mark("Part: {chosen} {probability}, then {next} {next_probability}"),
    "scope": mark("Scope: {chosen} {probability}, then {next} {next_probability}"),
}


@dataclass(frozen=True, slots=True)
class ClueView:
    """One clue and its strength."""

    name: str
    share: str
    #: As a percentage of the strongest clue of both sides.
    width: int


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """Why one part, topic or scope was chosen over the next."""

    #: ``Topic: Serving 80%, then Training 12%``
    said: str
    chosen: str
    runner_up: str
    for_chosen: tuple[ClueView, ...]
    for_runner_up: tuple[ClueView, ...]

    @property
    def sides(self) -> tuple[tuple[str, tuple[ClueView, ...]], ...]:
        """The sides that have clues, with their clues."""
        both = ((self.chosen, self.for_chosen), (self.runner_up, self.for_runner_up))
        return tuple((name, clues) for name, clues in both if clues)


@dataclass(frozen=True, slots=True)
class WhyView:
    """A guess and its reasons."""

    post_id: int
    title: str
    language: str
    url: str | None
    #: What was guessed, and by which model, in sentences.
    notes: tuple[str, ...]
    choices: tuple[ChoiceView, ...]
    rules: tuple[str, ...]
    near: NeighboursView


def build_why(why: Why, names: SectionNames, zone: ZoneInfo) -> WhyView:
    post, explanation = why.candidate.post, why.explanation
    return WhyView(
        post_id=post.id,
        title=name_post(post),
        language=post.language,
        url=clean_url(post.url),
        notes=tuple(_list_notes(why, names)),
        choices=tuple(
            _build_choice(one, names) for one in (explanation.topic, explanation.part, explanation.scope) if one
        ),
        rules=explanation.rules,
        near=build_neighbours(why.near, names, zone),
    )


def _list_notes(why: Why, names: SectionNames) -> list[str]:
    guess, version = why.candidate.guess, why.explanation.model_version
    if guess is None:
        return [t("It has not been guessed yet; this is what the model {version} sees in it.", version=version)]
    if guess.section:
        section, probability = names.name(guess.section), words.percent(guess.probability)
        said = t(
            "Guessed: {section}, {probability}, by {version}.",
            section=section,
            probability=probability,
            version=guess.model_version,
        )
    else:
        said = t("Guessed: no section yet, by {version}.", version=guess.model_version)
    notes = [said]
    correction = why.candidate.correction
    if correction and correction.section and correction.section != guess.section:
        notes.append(t("You put it in {section}.", section=names.name(correction.section)))
    if guess.model_version != version:
        notes.append(t("That model is no longer kept; below is what {version} sees in the post.", version=version))
    return notes


def _build_choice(choice: Choice, names: SectionNames) -> ChoiceView:
    label = {
        **{str(part): text for part, text in names.texts.parts.items()},
        **{str(topic): text for topic, text in names.texts.topics.items()},
        "in": t("in scope"),
        "out": t("out of scope"),
    }
    chosen, runner_up = label.get(choice.chosen, choice.chosen), label.get(choice.runner_up, choice.runner_up)
    for_chosen, for_runner_up = _choose_clues(choice.for_chosen), _choose_clues(choice.for_runner_up)
    most = max((abs(clue.weight) for clue in (*for_chosen, *for_runner_up)), default=1.0)
    return ChoiceView(
        said=t(
            _CHOICES[choice.axis],
            chosen=chosen,
            probability=words.percent(choice.probability),
            next=runner_up,
            next_probability=words.percent(choice.runner_up_probability),
        ),
        chosen=chosen,
        runner_up=runner_up,
        for_chosen=_build_clues(for_chosen, most),
        for_runner_up=_build_clues(for_runner_up, most),
    )


def _choose_clues(clues: Sequence[Clue]) -> list[Clue]:
    return [clue for clue in clues if clue.name not in _NAMELESS][:SHOWN]


def _build_clues(clues: Sequence[Clue], most: float) -> tuple[ClueView, ...]:
    return tuple(
        ClueView(clue.name, words.decimal(abs(clue.weight)), max(1, round(100 * abs(clue.weight) / most)))
        for clue in clues
    )
