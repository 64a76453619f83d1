"""The versions of the section model in words: what they learned from, how they did, when the next is due. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.classify.learning import CORRECTION, DECISION, REJECTION, Heard
from aggregator.pipeline.learner import LearningState
from aggregator.types import Acceptance, FittedModel, Texts

_ORIGINS = {
    CORRECTION: "your corrections of a section",
    DECISION: "approved with the section as guessed",
    REJECTION: "rejected as out of scope",
    "written": "written for this project",
}
#: What the model guesses about a post.
AXES = {"topics": "Topics", "parts": "Parts", "scope": "In or out of scope"}


@dataclass(frozen=True, slots=True)
class FigureView:
    """One axis of a comparison."""

    axis: str
    new: str
    in_use: str


@dataclass(frozen=True, slots=True)
class FitView:
    """One version, as a line of the list."""

    version: str
    made: str
    acceptance: str
    reason: str
    decisions: int
    figures: tuple[FigureView, ...]
    in_use: bool
    can_be_used: bool


def name_origin(origin: str) -> str:
    if origin.startswith("digest "):
        return f"lines of the digest of {origin.removeprefix('digest ')}"
    return _ORIGINS.get(origin, origin)


def say_heard(heard: Heard, texts: Texts) -> str:
    """``12 of 20 approved in “Databases”``."""
    labels = name_classes(texts) | {"in": "approved in any section", "out": "rejected as out of scope"}
    count = f"{heard.lessons:,}" if heard.lessons >= heard.needed else f"{heard.lessons} of {heard.needed}"
    label = labels.get(heard.key, heard.key)
    return f"{count} {label}" if heard.axis == "scope" else f"{count} approved in “{label}”"


def say_next_fit(state: LearningState, *, after_decisions: int, nightly_hour: int) -> str:
    """Say how many decisions are not learned yet, and when they will be."""
    new = state.new_decisions
    decided = f"{words.count(new, 'post')} decided since the last fit"
    if state.in_use is not None and state.in_use.pinned_at is not None:
        return f"{decided}. While a model is pinned, no new one is fitted automatically."
    night = f"at {nightly_hour:02}:00"
    if not new:
        return f"Nothing was decided since the last fit; the next is {night} after a decision."
    if after_decisions and new < after_decisions:
        return f"{decided}; the next fit is {night}, or after {words.count(after_decisions - new, 'more decision')}."
    return f"{decided}; the next fit is {night if not after_decisions else 'within a minute'}."


def count_decisions(model: FittedModel) -> int:
    return sum(model.rows.get(origin, 0) for origin in (CORRECTION, DECISION, REJECTION))


def build_fit(model: FittedModel, zone: ZoneInfo) -> FitView:
    figures = model.figures
    return FitView(
        version=model.version,
        made=words.day_and_time(model.made_at, zone),
        acceptance=str(model.acceptance),
        reason=model.reason,
        decisions=count_decisions(model),
        figures=tuple(
            FigureView(AXES[axis], _say_share(figures["new"][axis]), _say_share(figures["in_use"].get(axis)))
            for axis in AXES
            if figures and axis in figures["new"]
        ),
        in_use=model.in_use,
        can_be_used=model.is_kept and not model.in_use and model.acceptance is not Acceptance.REFUSED,
    )


def _say_share(axis: Mapping[str, Any] | None) -> str:
    return words.percent(axis["accuracy"]) if axis else "could not tell"


def name_classes(texts: Texts) -> dict[str, str]:
    return {str(place): heading for axis in (texts.topics, texts.parts) for place, heading in axis.items()}
