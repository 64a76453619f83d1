"""Guesses: what the classifier believes about a post, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aggregator.types.disclosures import Disclosure
from aggregator.types.sections import Part, Section, Topic

#: From this probability on a post counts as out of scope. Hiding a post costs more than showing one too many: 5 % of
#: the written rows that belong in the digest are above it, and 82 % of those that do not (docs/figures.md).
OUT_OF_SCOPE_FROM = 0.6


#: A guess below this probability is unsure.
UNSURE = 0.5


@dataclass(frozen=True, slots=True)
class Guess:
    """What the classifier believes about a post. The probabilities of each mapping add up to 1."""

    post_id: int
    #: Empty if the model has not learned them.
    parts: Mapping[Part, float]
    topics: Mapping[Topic, float]
    #: Probability that the post is out of scope (hiring, events, other engineering); None if the model has not learned
    #: it.
    out_of_scope: float | None
    model_version: str
    #: Found in the post and its page when it was guessed; evidence, not a guess.
    disclosures: tuple[Disclosure, ...] = ()

    @property
    def section(self) -> Section | None:
        """The likeliest section; None if the model has not learned sections."""
        if not (self.parts and self.topics):
            return None
        return Section(max(self.parts, key=self.parts.__getitem__), max(self.topics, key=self.topics.__getitem__))

    @property
    def probability(self) -> float:
        """Probability that part and topic are both right, assuming independence; 0 without a section."""
        return max(self.parts.values(), default=0.0) * max(self.topics.values(), default=0.0)

    def _weigh(self, section: Section) -> float:
        return self.parts[section.part] * self.topics[section.topic]

    @property
    def is_unsure(self) -> bool:
        """Whether it is as likely to be wrong as right, so that the curator should check the section."""
        return self.probability < UNSURE

    @property
    def rival(self) -> Section | None:
        """The second likeliest section, if there is one."""
        sections = (Section(part, topic) for part in self.parts for topic in self.topics)
        return max((section for section in sections if section != self.section), key=self._weigh, default=None)

    @property
    def in_scope(self) -> float:
        """Probability that the post is in scope; 1 if the model has not learned it."""
        return 1 - (self.out_of_scope or 0.0)

    @property
    def is_out_of_scope(self) -> bool:
        """Whether the post is believed to be out of scope."""
        return (self.out_of_scope or 0.0) >= OUT_OF_SCOPE_FROM


@dataclass(frozen=True, slots=True)
class Clue:
    """One feature of a post, with its signed share in a choice."""

    #: As a person reads it: a word of the post, the term it belongs to, the host, the organisation.
    name: str
    #: In log-odds; positive for the chosen class, negative for the runner-up.
    weight: float


@dataclass(frozen=True, slots=True)
class Choice:
    """Why one class was chosen over the next. The weights of the clues add up to the difference."""

    #: ``part``, ``topic`` or ``scope``.
    axis: str
    chosen: str
    runner_up: str
    probability: float
    runner_up_probability: float
    #: The log of the ratio of the two probabilities.
    difference: float
    #: Strongest first, by absolute weight.
    clues: tuple[Clue, ...]

    @property
    def for_chosen(self) -> tuple[Clue, ...]:
        return tuple(clue for clue in self.clues if clue.weight > 0)

    @property
    def for_runner_up(self) -> tuple[Clue, ...]:
        return tuple(clue for clue in self.clues if clue.weight < 0)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why the classifier guessed as it did, by one version of its model."""

    post_id: int
    model_version: str
    #: Each is None if the model has not learned it, or has nothing to choose from.
    part: Choice | None
    topic: Choice | None
    #: One of ``in`` and ``out`` is chosen, the other is the runner-up.
    scope: Choice | None
    #: Rules that were applied besides the model, as sentences.
    rules: tuple[str, ...] = ()
