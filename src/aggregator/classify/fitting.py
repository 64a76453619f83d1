"""One fit from its rows to its file: fitted, held against the model in use, and saved if it may take over.

Everything that it needs comes in, so that it can happen in another process.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from aggregator.classify.learning import (
    LEAST_HELD_OUT,
    Lesson,
    Material,
    choose_held_out,
    count_origins,
    find_worse,
    gather_material,
    measure_guesses,
)
from aggregator.classify.metrics import AxisMetrics, estimate_macro_f1
from aggregator.classify.taught import measure_taught
from aggregator.classify.training import Row, name_version
from aggregator.types import Guess, Taxonomy

#: What the shipped model is taken for.
SHIPPED_REASON = "It is made of the rows that come with the project, and needs no decisions."
#: What the first model of other parts and topics is taken for.
BLANK_REASON = "It knows nothing of your parts and topics yet, and learns from what you decide alone."


@dataclass(frozen=True, slots=True)
class FitTask:
    """All that a fit needs, so that it can happen in another process."""

    taxonomy: Taxonomy
    #: The rows that come with the project, if they tell its parts and topics apart.
    shipped: tuple[Row, ...]
    lessons: tuple[Lesson, ...]
    #: What the model in use learned beside the shipped rows.
    in_use: tuple[Lesson, ...]
    #: The version that was fitted last: the same rows need no second fit.
    last_version: str | None
    #: Whether to fit and to take it whatever comes out.
    anyway: bool


@dataclass(frozen=True, slots=True)
class Fit:
    """What came of a fit."""

    version: str
    recipe: str
    shipped: str
    rows: Mapping[str, int]
    is_taken: bool
    reason: str
    figures: Mapping[str, Any]
    #: False where the rows are those of the last fit.
    is_new: bool = True


def describe_shipped(shipped: Sequence[Row], recipe: str, version: str) -> Fit:
    """What is known of the model of the shipped rows alone, without fitting it."""
    return _describe(shipped, recipe, version, version)


def _describe(rows: Sequence[Row], recipe: str, version: str, shipped: str) -> Fit:
    return Fit(
        version=version,
        recipe=recipe,
        shipped=shipped,
        rows=count_origins(rows),
        is_taken=True,
        reason=SHIPPED_REASON if rows else BLANK_REASON,
        figures={},
    )


def fit_apart(task: FitTask, folder: Path) -> Fit:
    """Fit and compare; the file of a model that may be used is in *folder* afterwards, whole.

    Needs no database, and gives the same for the same task.
    """
    # Imported late: scikit-learn takes a second, and who only reads these nouns needs none of it.
    from aggregator.classify.model import fit_model, name_recipe

    material = gather_material(task.shipped, task.lessons)
    rows = material.select()
    recipe = name_recipe(task.taxonomy)
    fit = _describe(rows, recipe, name_version(rows, recipe), name_version(task.shipped, recipe))
    if fit.version == task.last_version and not task.anyway:
        return replace(fit, is_new=False)
    if task.lessons or task.in_use:
        fit = _compare(fit, task, material, gather_material(task.shipped, task.in_use, task.lessons))
    if fit.is_taken:
        fit_model(rows, task.taxonomy).save(name_file(folder, fit.version))
    return fit


def _compare(fit: Fit, task: FitTask, ours: Material, theirs: Material) -> Fit:
    """Hold the newest lessons out of both models, in turns, and see which of them does better on those."""
    folds = choose_held_out(task.lessons)
    if not folds:
        why = f"fewer than {LEAST_HELD_OUT} decisions tell nothing (so far {len(task.lessons)})"
        return replace(fit, reason=f"Taken without a comparison: {why}.")
    from aggregator.classify.model import fit_model

    def guess(material: Material, held_out: Sequence[Lesson]) -> list[Guess]:
        rows = material.select({lesson.post.id for lesson in held_out})
        return fit_model(rows, task.taxonomy).guess([lesson.post for lesson in held_out])

    held = [lesson for fold in folds for lesson in fold]
    after, in_use = ([one for fold in folds for one in guess(material, fold)] for material in (ours, theirs))
    # Of the shipped rows alone nothing that is held out can be learned, so that one model is enough.
    before = guess(gather_material(task.shipped, (), held), held)
    new, old = measure_guesses(held, after), measure_guesses(held, in_use)
    worse = find_worse(new, old)
    said = f"the newest {len(held)} decisions, which neither model had seen"
    if worse is None:
        reason = f"Not worse than the model in use on {said}."
    else:
        reason = f"Worse than the model in use on {said}: {worse}."
    if worse is not None and task.anyway:
        reason = f"Taken because you wanted it. {reason}"
    figures = {
        "held_out": len(held),
        "new": {axis: _tell(figures) for axis, figures in new.items()},
        "in_use": {axis: _tell(figures) for axis, figures in old.items()},
        "taught": [asdict(one) for one in measure_taught(held, before, after)],
    }
    return replace(fit, is_taken=worse is None or task.anyway, reason=reason, figures=figures)


def _tell(figures: AxisMetrics) -> dict[str, Any]:
    return asdict(figures) | {"macro_f1_interval": estimate_macro_f1(figures)}


def name_file(folder: Path, version: str) -> Path:
    return folder / f"{version}.skops"
