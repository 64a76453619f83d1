"""The view of the model's page: what is in use, what it learned from, how it did. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.classify.learning import LEAST_HELD_OUT
from aggregator.locales import t, tn
from aggregator.locales.retelling import retell
from aggregator.pipeline.learner import TROUBLES, LearningState
from aggregator.types import FittedModel, Texts
from aggregator.words.model import (
    AXES,
    FitView,
    build_fit,
    count_decisions,
    name_classes,
    name_origin,
    say_heard,
    say_next_fit,
    say_reason,
)

#: How many fits are shown.
SHOWN = 12

_CURVE = 100


@dataclass(frozen=True, slots=True)
class OriginView:
    """How many rows come from one origin."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class HeardView:
    """How many decisions a class of the model has."""

    said: str
    is_enough: bool


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """Guesses of similar probability: their mean probability and the share that was right, both in percent."""

    sure: float
    right: float
    posts: int
    #: The radius of the dot.
    radius: float


@dataclass(frozen=True, slots=True)
class CellView:
    """How many posts of one class were guessed into one class."""

    count: int
    is_right: bool


@dataclass(frozen=True, slots=True)
class AxisView:
    """The metrics of the model on one axis, on decisions that it had not seen."""

    name: str
    posts: int
    right: str
    macro_f1: str
    top2: str
    ece: str
    classes: tuple[str, ...]
    confusion: tuple[tuple[str, tuple[CellView, ...]], ...]
    curve: tuple[CurvePoint, ...]
    path: str


@dataclass(frozen=True, slots=True)
class SortedView:
    """How many posts of a month stayed where they were guessed."""

    month: str
    path: str
    said: str


@dataclass(frozen=True, slots=True)
class EffectView:
    """One metric before and after, each with its interval."""

    name: str
    posts: int
    before: str
    after: str
    gain: str


@dataclass(frozen=True, slots=True)
class TaughtView:
    """The effect of some decisions."""

    heading: str
    effects: tuple[EffectView, ...]


@dataclass(frozen=True, slots=True)
class ModelView:
    """The page of the model."""

    version: str | None
    said: tuple[str, ...]
    #: What went wrong with model files.
    trouble: str
    pinned: str | None
    next_fit: str
    is_fitting: bool
    origins: tuple[OriginView, ...]
    total: int
    #: For a model that learns only from decisions: what it still needs.
    heard: tuple[HeardView, ...]
    sorted: tuple[SortedView, ...]
    axes: tuple[AxisView, ...]
    #: Says which model the metrics belong to.
    measured: str
    #: The effect of the decisions, on held-out ones; and a sentence about it, or about why there is none.
    taught: tuple[TaughtView, ...]
    said_of_taught: str
    fits: tuple[FitView, ...]
    more_fits: int
    previous: str | None


def build_model(
    state: LearningState, texts: Texts, zone: ZoneInfo, *, after_decisions: int, nightly_hour: int
) -> ModelView:
    used = state.in_use
    measured = next((model for model in state.models if model.figures), None)
    if used is not None and used.figures:
        measured = used
    rows = sorted((used.rows if used else {}).items(), key=lambda pair: (pair[0] == "written", -pair[1], pair[0]))
    return ModelView(
        version=used.version if used else None,
        said=tuple(_say_in_use(used, zone)),
        trouble=" ".join(retell(sentence, TROUBLES) for sentence in state.trouble),
        pinned=words.day_and_time(used.pinned_at, zone) if used and used.pinned_at else None,
        next_fit=say_next_fit(state, after_decisions=after_decisions, nightly_hour=nightly_hour),
        is_fitting=state.is_fitting,
        origins=tuple(OriginView(name_origin(origin), count) for origin, count in rows),
        total=sum(count for _, count in rows),
        heard=tuple(HeardView(say_heard(one, texts), one.lessons >= one.needed) for one in state.heard),
        sorted=tuple(
            SortedView(
                one.month.name,
                f"/queue/{one.month}?show=approved",
                t(
                    "{left} of {approved}, {share}",
                    left=f"{one.left_as_guessed:,}",
                    approved=f"{one.approved:,}",
                    share=words.percent(one.left_as_guessed / one.approved),
                ),
            )
            for one in state.sorted
        ),
        axes=tuple(_build_axes(measured.figures, texts)) if measured else (),
        measured=_say_measured(measured, used) if measured else "",
        taught=tuple(map(_build_taught, measured.figures.get("taught", ()))) if measured else (),
        said_of_taught=_say_taught(measured, state),
        fits=tuple(build_fit(model, zone) for model in state.models[:SHOWN]),
        more_fits=max(0, len(state.models) - SHOWN),
        previous=state.previous.version if state.previous else None,
    )


def _say_in_use(used: FittedModel | None, zone: ZoneInfo) -> list[str]:
    if used is None:
        return [t("The first model is being fitted.")]
    since = used.used_since
    said = t("In use since {moment}.", moment=words.day_and_time(since, zone)) if since else t("In use.")
    return [said, say_reason(used)]


def _say_measured(measured: FittedModel, used: FittedModel | None) -> str:
    is_used = used is not None and measured.version == used.version
    said = tn(
        "Metrics of {model} on {number} decision, each guessed by a model that had not seen it.",
        "Metrics of {model} on {number} decisions, each guessed by a model that had not seen it.",
        measured.figures["held_out"],
        model=t("the model in use") if is_used else measured.version,
    )
    has_intervals = any(axis.get("macro_f1_interval") for axis in measured.figures["new"].values())
    intervals = t("In brackets: 95% intervals.")
    return f"{said} {intervals}" if has_intervals else said


def _say_taught(measured: FittedModel | None, state: LearningState) -> str:
    if measured is None or "taught" not in measured.figures:
        decided = state.new_decisions + (count_decisions(state.in_use) if state.in_use else 0)
        missing = LEAST_HELD_OUT - decided
        if missing <= 0:
            return t("The next fit measures this.")
        return tn(
            "{number} more decision is needed to measure this.",
            "{number} more decisions are needed to measure this.",
            missing,
        )
    said = t(
        "A model that did not learn from you, compared with models that did, on decisions that they had not seen. "
        "Intervals contain 95% of draws of these posts."
    )
    if not measured.figures.get("undecided"):
        return said
    moved = tn(
        "Of {number} undecided post in open months, {moved} moved to another section.",
        "Of {number} undecided posts in open months, {moved} moved to another section.",
        measured.figures["undecided"],
        moved=f"{measured.figures['moved']:,}",
    )
    return f"{said} {moved}"


def _build_taught(taught: Mapping[str, Any]) -> TaughtView:
    decisions = f"{taught['decisions']:,}"
    return TaughtView(
        t("The last month of decisions: {number}", number=decisions)
        if taught["of"] == "month"
        else t("The newest decisions: {number}", number=decisions),
        tuple(
            EffectView(
                words.capitalise(t(one["name"])),
                one["posts"],
                before=_say_estimate(one["before"]),
                after=_say_estimate(one["after"]),
                gain=_say_estimate(one["gain"], words.signed),
            )
            for one in taught["effects"]
        ),
    )


def _say_estimate(estimate: Mapping[str, Any], say: Callable[[float], str] = words.decimal) -> str:
    low, high = map(say, estimate["interval"])
    return t("{value} ({low} to {high})", value=say(estimate["value"]), low=low, high=high)


def _build_axes(figures: Mapping[str, Any], texts: Texts) -> list[AxisView]:
    labels = name_classes(texts) | {"in": t("in scope"), "out": t("out of scope")}
    return [_build_axis(t(name), figures["new"][axis], labels) for axis, name in AXES.items() if axis in figures["new"]]


def _build_axis(name: str, axis: Mapping[str, Any], labels: Mapping[str, str]) -> AxisView:
    classes = tuple(labels.get(one, one) for one in axis["classes"])
    curve = _build_curve(axis["reliability"])
    return AxisView(
        name=name,
        posts=axis["n"],
        right=words.percent(axis["accuracy"]),
        macro_f1=_say_macro_f1(axis),
        top2=words.percent(axis["top2_accuracy"]),
        ece=words.decimal(axis["ece"]),
        classes=classes,
        confusion=tuple(
            (label, tuple(CellView(count, across == down) for across, count in enumerate(row)))
            for down, (label, row) in enumerate(zip(classes, axis["confusion"], strict=True))
        ),
        curve=curve,
        path="M" + " L".join(f"{point.sure:.1f} {_CURVE - point.right:.1f}" for point in curve) if curve else "",
    )


def _say_macro_f1(axis: Mapping[str, Any]) -> str:
    """Say macro-F1, with its interval if the fit measured one."""
    interval = axis.get("macro_f1_interval")
    if not interval:
        return words.decimal(axis["macro_f1"])
    return _say_estimate({"value": axis["macro_f1"], "interval": interval})


def _build_curve(bins: Sequence[Mapping[str, Any]]) -> tuple[CurvePoint, ...]:
    most = max((one["n"] for one in bins), default=1) or 1
    return tuple(
        CurvePoint(_CURVE * one["confidence"], _CURVE * one["right"], one["n"], 1.5 + 3.5 * (one["n"] / most) ** 0.5)
        for one in bins
        if one["n"]
    )
