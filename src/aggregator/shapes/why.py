"""Why a section was guessed, as a script sees it."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, Field

from aggregator.types import Choice, Explanation
from aggregator.words.neighbours import NearView
from aggregator.words.why import WhyView


class ClueShape(BaseModel):
    """Something in the post that speaks for what was chosen, or with a negative weight for the runner-up."""

    name: str
    weight: float


class ChoiceShape(BaseModel):
    """Why one part, topic or scope was chosen over the next."""

    axis: str = Field(description="topic, part or scope.")
    chosen: str
    probability: float
    runner_up: str
    runner_up_probability: float
    clues: list[ClueShape]

    @classmethod
    def of(cls, choice: Choice) -> Self:
        return cls(
            axis=choice.axis,
            chosen=choice.chosen,
            probability=choice.probability,
            runner_up=choice.runner_up,
            runner_up_probability=choice.runner_up_probability,
            clues=[ClueShape(name=clue.name, weight=clue.weight) for clue in choice.clues],
        )


class NearShape(BaseModel):
    """A decided post that is similar."""

    post: int
    title: str
    url: str | None
    section: str
    said: str = Field(description="What became of it.", examples=["printed in 2022-11"])
    similarity: float = Field(description="From 0 to 1.")

    @classmethod
    def of(cls, near: NearView) -> Self:
        return cls(
            post=near.post_id,
            title=near.title,
            url=near.url,
            section=near.section,
            said=near.said,
            similarity=near.similarity,
        )


class WhyShape(BaseModel):
    """The reasons for a guess, and the decided posts that are most similar."""

    post: int
    model: str
    choices: list[ChoiceShape]
    rules: list[str]
    approved: list[NearShape]
    rejected: list[NearShape]

    @classmethod
    def of(cls, explanation: Explanation, view: WhyView) -> Self:
        choices = (explanation.topic, explanation.part, explanation.scope)
        return cls(
            post=explanation.post_id,
            model=explanation.model_version,
            choices=[ChoiceShape.of(choice) for choice in choices if choice],
            rules=list(explanation.rules),
            approved=[NearShape.of(near) for near in view.near.approved],
            rejected=[NearShape.of(near) for near in view.near.rejected],
        )
