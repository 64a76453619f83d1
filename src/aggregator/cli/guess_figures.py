"""The metrics of guesses, as tables for the terminal and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.table import Table

from aggregator.cli.base import out
from aggregator.locales import mark, t, tp

if TYPE_CHECKING:
    from aggregator.classify.metrics import AxisMetrics, Interval, ScopeMetrics
    from aggregator.evaluate.groups import GroupMetrics
    from aggregator.evaluate.holdout import SectionMetrics
    from aggregator.types import Taxonomy


_TRUE = {"topic": mark("true topic"), "part": mark("true part")}
_PROBABILITY = {"topic": mark("topic: probability"), "part": mark("part: probability")}


def sum_up_group(group: GroupMetrics, taxonomy: Taxonomy) -> dict[str, Any]:
    """Describe a group's metrics for a script; topic, part and the reserved part are null if no post is in scope."""
    told: dict[str, Any] = {"topic": None, "part": None}
    if reserved := taxonomy.reserved:
        told[str(reserved)] = None
    if group.sections:
        for name, figures in _list_axes(group.sections):
            told[name] = _sum_up(figures) | {
                "right_or_alt": group.right_or_alt[name],
                "macro_f1_interval": group.intervals.get(name),
            }
        if group.sections.reserved:
            told[group.sections.reserved[0]] = asdict(group.sections.reserved[1])
    scope = asdict(group.scope)
    axis = scope.pop("axis")
    intervals = {f"{name}_interval": group.intervals.get(name) for name in ("auc", "found")}
    return told | {"scope": scope | intervals | {"ece": axis["ece"]}}


def describe_figures(figures: SectionMetrics) -> dict[str, Any]:
    """Describe all metrics of sections for a script; those of the reserved part are under its key."""
    told = asdict(figures)
    reserved = told.pop("reserved")
    return told | ({reserved[0]: reserved[1]} if reserved else {})


def print_groups(name: str, groups: Mapping[str, GroupMetrics], taxonomy: Taxonomy) -> None:
    """Print a table of sections and a table of scope, with a row per group."""
    table = Table(name, "n", t("axis"), t("right"), t("or alt"), "macro-F1", t("95 % of draws"), t("among first two"),
                  "ECE", *_name_reserved(taxonomy, "F1"))  # fmt: skip
    for group, figures in groups.items():
        if figures.sections is None:
            continue
        reserved = figures.sections.reserved
        for axis, each in _list_axes(figures.sections):
            table.add_row(
                group if axis == "topic" else "",
                str(each.n),
                t(axis),
                f"{each.accuracy:.3f}",
                f"{figures.right_or_alt[axis]:.3f}",
                f"{each.macro_f1:.3f}",
                _say_interval(figures.intervals.get(axis)),
                f"{each.top2_accuracy:.3f}",
                f"{each.ece:.3f}",
                *([f"{reserved[1].f1:.3f}" if axis == "part" else ""] if reserved else []),
            )
    out.print(table)
    print_scope([(group, figures.scope, figures.intervals) for group, figures in groups.items()])


def print_scope(sets: Sequence[tuple[str, ScopeMetrics, Mapping[str, Interval | None]]]) -> None:
    """Print how well posts out of scope are found, with a row per set."""
    drawn = t("95 % of draws")
    table = Table(t("scope"), tp("column", "in"), tp("column", "out"), "AUC", drawn, t("found at 4 %"), drawn,
                  t("found"), t("called out"), t("out of sure"), "ECE")  # fmt: skip
    for name, scope, intervals in sets:
        table.add_row(
            name,
            str(scope.inside),
            str(scope.outside),
            _say(scope.auc),
            _say_interval(intervals.get("auc")),
            _say(scope.found),
            _say_interval(intervals.get("found")),
            f"{scope.found_there:.3f}",
            f"{scope.called_out_there:.3f}",
            f"{scope.out_of_sure:.3f}",
            f"{scope.axis.ece:.3f}",
        )
    out.print(table)
    out.print(
        t(
            "found at 4 %: the share of posts out of scope that is found if 4 % of the posts in scope may be called "
            "out; found, called out: the shares of posts out of scope and in scope that are called out at the "
            "threshold in use; out of sure: the share out of scope among posts that are in scope with a probability of "
            "95 % or more"
        )
    )


def _name_reserved(taxonomy: Taxonomy, said: str) -> list[str]:
    return [f"{taxonomy.reserved.name}: {said}"] if taxonomy.reserved else []


def print_figures(sets: Sequence[tuple[str, SectionMetrics]], taxonomy: Taxonomy) -> None:
    table = Table(t("posts"), "n", t("axis"), t("right"), "macro-F1", t("among first two"), "ECE",
                  *_name_reserved(taxonomy, t("precision, recall, F1")))  # fmt: skip
    for name, figures in sets:
        flag = asdict(figures.reserved[1]).values() if figures.reserved else ()
        apart = " ".join(f"{each:.3f}" for each in flag)
        for axis, each in _list_axes(figures):
            numbers = [f"{number:.3f}" for number in _sum_up(each).values()]
            # If all rows are of one part, its metrics say nothing.
            if axis == "topic" or sum(map(any, each.confusion)) > 1:
                table.add_row(
                    name, f"{each.n:,}", t(axis), *numbers, *([apart if axis == "part" else ""] if flag else [])
                )
    out.print(table)


def print_details(figures: SectionMetrics) -> None:
    for axis, each in _list_axes(figures):
        table = Table(t(_TRUE[axis]), *(t("guessed {name}", name=name) for name in each.classes))
        for name, row in zip(each.classes, each.confusion, strict=True):
            table.add_row(name, *map(str, row))
        out.print(table)
        table = Table(t(_PROBABILITY[axis]), t("guesses"), t("mean probability"), t("right"))
        for held in each.reliability:
            sure = t("{least} to {most}", least=f"{held.low:.1f}", most=f"{held.high:.1f}")
            if held.n:
                table.add_row(sure, str(held.n), f"{held.confidence:.3f}", f"{held.right:.3f}")
        out.print(table)


def _list_axes(figures: SectionMetrics) -> tuple[tuple[str, AxisMetrics], ...]:
    return (mark("topic"), figures.topic), (mark("part"), figures.part)


def _sum_up(figures: AxisMetrics) -> dict[str, float]:
    return {
        "accuracy": figures.accuracy,
        "macro_f1": figures.macro_f1,
        "top2_accuracy": figures.top2_accuracy,
        "ece": figures.ece,
    }


def _say(figure: float | None) -> str:
    return "" if figure is None else f"{figure:.3f}"


def _say_interval(interval: Interval | None) -> str:
    return t("{least} to {most}", least=f"{interval[0]:.2f}", most=f"{interval[1]:.2f}") if interval else ""
