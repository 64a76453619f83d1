"""Guesses: what the classifier believes of a post, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aggregator.types.disclosures import Disclosure
from aggregator.types.sections import Part, Section, Topic

#: From this probability on a post counts as out of scope. Hiding a post costs more than showing one too many: of
#: written rows that belong in the digest 5 % are above it, of those that do not 82 % (docs/figures.md).
OUT_OF_SCOPE_FROM = 0.6


#: A guess below this probability is unsure.
UNSURE = 0.5


@dataclass(frozen=True, slots=True)
class Guess:
    """What the classifier believes of a post. Probabilities of each mapping add up to 1."""

    post_id: int
    #: Empty while the model has not learned to tell them.
    parts: Mapping[Part, float]
    topics: Mapping[Topic, float]
    #: Probability that the post is not the digest's business (hiring, events, other engineering); None while the
    #: model has not learned to tell.
    out_of_scope: float | None
    model_version: str
    #: Found in the post and its page when it was guessed; evidence, not a guess.
    disclosures: tuple[Disclosure, ...] = ()

    @property
    def section(self) -> Section | None:
        """The likeliest; None while the model has not learned to tell: the first one would be taken for a guess."""
        if not (self.parts and self.topics):
            return None
        return Section(max(self.parts, key=lambda p: self.parts[p]), max(self.topics, key=lambda t: self.topics[t]))

    @property
    def probability(self) -> float:
        """That part and topic are both right, taking the two as independent; 0 without a section."""
        return self._weigh(self.section) if self.section else 0.0

    def _weigh(self, section: Section) -> float:
        return self.parts[section.part] * self.topics[section.topic]

    @property
    def is_unsure(self) -> bool:
        """Whether it is as likely wrong as right, so that the curator should look at the section."""
        return self.probability < UNSURE

    @property
    def rival(self) -> Section | None:
        """The section that is likeliest but for the one guessed, if there is another."""
        sections = (Section(part, topic) for part in self.parts for topic in self.topics)
        return max((section for section in sections if section != self.section), key=self._weigh, default=None)

    @property
    def in_scope(self) -> float:
        """Probability that the post is the digest's business; 1 while the model has not learned to tell."""
        return 1 - (self.out_of_scope or 0.0)

    @property
    def is_out_of_scope(self) -> bool:
        """Whether the post is believed not to be the digest's business."""
        return (self.out_of_scope or 0.0) >= OUT_OF_SCOPE_FROM


@dataclass(frozen=True, slots=True)
class Clue:
    """One thing that the classifier saw in a post, with its signed share in a choice."""

    #: As a person reads it: a word of the post, what the word stands for, the host, the organisation.
    name: str
    #: In log-odds; positive speaks for what was chosen, negative for the runner-up.
    weight: float


@dataclass(frozen=True, slots=True)
class Choice:
    """Why one class was believed rather than the next. The weights of the clues add up to the difference."""

    #: ``part``, ``topic`` or ``scope``.
    axis: str
    chosen: str
    runner_up: str
    probability: float
    runner_up_probability: float
    #: The logarithm of how many times as likely the chosen class is as the runner-up.
    difference: float
    #: Strongest first, whichever way they speak.
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
    #: Each None while the model has not learned to tell, or has nothing to choose from.
    part: Choice | None
    topic: Choice | None
    #: Chosen is ``in`` or ``out``, the other is the runner-up.
    scope: Choice | None
    #: Rules that were applied beside what was learned, as sentences.
    rules: tuple[str, ...] = ()
