"""The versions of the section model in words: what they learned from, how they did, when the next is due. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.classify.fitting import REASONS
from aggregator.classify.learning import CORRECTION, DECISION, REJECTION, Heard
from aggregator.locales import mark, t, tn
from aggregator.locales.retelling import retell
from aggregator.pipeline.learner import LearningState
from aggregator.types import Acceptance, FittedModel, Texts

_ORIGINS = {
    CORRECTION: mark("your corrections of a section"),
    DECISION: mark("approved with the section as guessed"),
    REJECTION: mark("rejected as out of scope"),
    "written": mark("written for this project"),
}
#: What the model guesses about a post.
AXES = {"topics": mark("Topics"), "parts": mark("Parts"), "scope": mark("In or out of scope")}


@dataclass(frozen=True, slots=True)
class FitView:
    """One version, as a line of the list."""

    version: str
    made: str
    acceptance: str
    reason: str
    decisions: int
    #: The share of right guesses on each axis, in brackets those of the model in use then; empty if unknown.
    compared: str
    in_use: bool
    can_be_used: bool


def say_reason(model: FittedModel) -> str:
    """Say why a model was taken or refused."""
    return retell(model.reason, REASONS)


def name_origin(origin: str) -> str:
    if origin.startswith("digest "):
        return t("lines of the digest of {month}", month=origin.removeprefix("digest "))
    return t(_ORIGINS.get(origin, origin))


def say_heard(heard: Heard, texts: Texts) -> str:
    """``12 of 20 approved in “Databases”``."""
    count = f"{heard.lessons:,}"
    if heard.lessons < heard.needed:
        count = t("{lessons} of {needed}", lessons=heard.lessons, needed=heard.needed)
    if heard.axis != "scope":
        return t("{count} approved in “{section}”", count=count, section=name_classes(texts).get(heard.key, heard.key))
    if heard.key == "in":
        return t("{count} approved in any section", count=count)
    return t("{count} rejected as out of scope", count=count)


def say_next_fit(state: LearningState, *, after_decisions: int, nightly_hour: int) -> str:
    """Say how many decisions are not learned yet, and when they will be."""
    new, night = state.new_decisions, f"{nightly_hour:02}:00"
    decided = tn("{number} post decided since the last fit", "{number} posts decided since the last fit", new)
    if state.in_use is not None and state.in_use.pinned_at is not None:
        return t("{decided}. While a model is pinned, no new one is fitted automatically.", decided=decided)
    if not new:
        return t("Nothing was decided since the last fit; the next is at {time} after a decision.", time=night)
    if after_decisions and new < after_decisions:
        return tn(
            "{decided}; the next fit is at {time}, or after {number} more decision.",
            "{decided}; the next fit is at {time}, or after {number} more decisions.",
            after_decisions - new,
            decided=decided,
            time=night,
        )
    if after_decisions:
        return t("{decided}; the next fit is within a minute.", decided=decided)
    return t("{decided}; the next fit is at {time}.", decided=decided, time=night)


def count_decisions(model: FittedModel) -> int:
    return sum(model.rows.get(origin, 0) for origin in (CORRECTION, DECISION, REJECTION))


def build_fit(model: FittedModel, zone: ZoneInfo) -> FitView:
    figures = model.figures
    return FitView(
        version=model.version,
        made=words.day_and_time(model.made_at, zone),
        acceptance=str(model.acceptance),
        reason=say_reason(model),
        decisions=count_decisions(model),
        compared=", ".join(
            t(
                "{axis} {new} ({in_use})",
                axis=t(name).lower(),
                new=_say_share(figures["new"][axis]),
                in_use=_say_share(figures["in_use"].get(axis)),
            )
            for axis, name in AXES.items()
            if figures and axis in figures["new"]
        ),
        in_use=model.in_use,
        can_be_used=model.is_kept and not model.in_use and model.acceptance is not Acceptance.REFUSED,
    )


def _say_share(axis: Mapping[str, Any] | None) -> str:
    return words.percent(axis["accuracy"]) if axis else t("could not tell")


def name_classes(texts: Texts) -> dict[str, str]:
    return {str(place): heading for axis in (texts.topics, texts.parts) for place, heading in axis.items()}
