"""Fits a model, compares it with the one in use, and saves it if it may replace that one.

A fit gathers its data where it runs, which is another process; there it needs no more than that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aggregator.classify.learning import (
    AXES,
    LEAST_HELD_OUT,
    WORSE,
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
from aggregator.classify.training import list_origins, name_shipped, name_version, read_row
from aggregator.files import write_whole
from aggregator.locales import mark
from aggregator.types import Guess, Section, Taxonomy

#: Why the shipped model is used.
SHIPPED_REASON = mark("It is made from the rows that come with the project and needs no decisions.")
#: Why the first model of a home with its own parts and topics is used.
BLANK_REASON = mark("It knows nothing about your parts and topics yet and learns only from what you decide.")
_UNCOMPARED = mark("Taken without a comparison: fewer than {least} decisions are too few for one (so far {number}).")
_NOT_WORSE = mark("Not worse than the model in use on the newest {number} decisions, which neither model had seen.")
_WORSE = mark("Worse than the model in use on the newest {number} decisions, which neither model had seen: {on}.")
_FORCED = mark(
    "Taken because you asked for it. Worse than the model in use on the newest {number} decisions, which neither model "
    "had seen: {on}."
)
#: Why a model was taken or refused, as stored; the page says it in the reader's language.
REASONS = (SHIPPED_REASON, BLANK_REASON, _UNCOMPARED, _NOT_WORSE, _WORSE, _FORCED, *WORSE, *AXES)


@dataclass(frozen=True, slots=True)
class FitTask:
    """The data that a fit needs."""

    taxonomy: Taxonomy
    #: The lines of the rows that come with the project; empty if the home has other parts or topics.
    shipped: tuple[str, ...]
    lessons: tuple[Lesson, ...]
    #: The lessons that the model in use has learned, besides the shipped rows.
    in_use: tuple[Lesson, ...]
    #: The version that was fitted last: the same rows are not fitted again.
    last_version: str | None
    #: Whether to fit in any case, and to use the result even if it is worse.
    anyway: bool
    #: The numbers of the newest verdict and correction that are taken into account.
    newest: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Fit:
    """The outcome of a fit."""

    version: str
    recipe: str
    shipped: str
    rows: Mapping[str, int]
    is_taken: bool
    reason: str
    figures: Mapping[str, Any]
    #: False if the rows are those of the last fit.
    is_new: bool = True
    #: Of each lesson the number of the post, its section and its origin.
    learned: tuple[tuple[int, Section | None, str], ...] = ()
    #: The numbers of the newest verdict and correction that are taken into account.
    newest: tuple[int, int] = (0, 0)


def describe_shipped(shipped: Sequence[str], recipe: str, version: str) -> Fit:
    """Describe the model of the shipped lines alone, without fitting it."""
    return _describe(list_origins(shipped), recipe, version, version)


def _describe(origins: Sequence[str], recipe: str, version: str, shipped: str) -> Fit:
    return Fit(
        version=version,
        recipe=recipe,
        shipped=shipped,
        rows=count_origins(origins),
        is_taken=True,
        reason=SHIPPED_REASON if origins else BLANK_REASON,
        figures={},
    )


def fit_apart(gather: Callable[[], FitTask], folder: Path) -> Fit:
    """Fit a model of what *gather* finds, and compare it with the one in use. If it may be used, its complete file is
    in *folder* afterwards.

    The same task always gives the same result.
    """
    # Imported late: scikit-learn takes a second to load, and most users of this module do not need it.
    from aggregator.classify.model import fit_model, name_recipe

    task = gather()
    shipped = [read_row(line) for line in task.shipped]
    ours = gather_material(shipped, task.lessons)
    rows = ours.select()
    recipe = name_recipe(task.taxonomy)
    fit = replace(
        _describe([row.origin for row in rows], recipe, name_version(rows, recipe), name_shipped(task.shipped, recipe)),
        learned=tuple((lesson.post.id, lesson.section, lesson.origin) for lesson in task.lessons),
        newest=task.newest,
    )
    if fit.version == task.last_version and not task.anyway:
        return replace(fit, is_new=False)
    if task.lessons or task.in_use:
        fit = _compare(fit, task, ours)
    del ours, shipped
    if fit.is_taken:
        fit_model(rows, task.taxonomy).save(name_file(folder, fit.version))
    return fit


def fit_elsewhere(task: FitTask) -> tuple[Fit, bytes]:
    """Do the same on another machine; return the outcome with the file of the model, which is empty without a model."""
    with TemporaryDirectory() as folder:
        fit = fit_apart(lambda: task, Path(folder))
        file = name_file(Path(folder), fit.version)
        return fit, file.read_bytes() if file.exists() else b""


def save_fit(found: tuple[Fit, bytes], folder: Path) -> Fit:
    """Put the file of a fit that was done elsewhere into its *folder*. Raises StorageError."""
    fit, content = found
    if content:
        write_whole(name_file(folder, fit.version), lambda file: file.write(content))
    return fit


def _compare(fit: Fit, task: FitTask, ours: Material) -> Fit:
    """Compare both models on the newest lessons, which are held out of both by folds."""
    folds = choose_held_out(task.lessons)
    if not folds:
        return replace(fit, reason=_UNCOMPARED.format(least=LEAST_HELD_OUT, number=len(task.lessons)))
    from aggregator.classify.model import fit_model

    theirs = gather_material(ours.shipped, task.in_use, task.lessons, known=ours.lessons)

    def guess(material: Material, held_out: Sequence[Lesson]) -> list[Guess]:
        rows = material.select({lesson.post.id for lesson in held_out})
        return fit_model(rows, task.taxonomy).guess([lesson.post for lesson in held_out])

    held = [lesson for fold in folds for lesson in fold]
    after, in_use = ([one for fold in folds for one in guess(material, fold)] for material in (ours, theirs))
    # A model of the shipped rows alone has not seen any held-out lesson, so one model is enough.
    before = guess(gather_material(ours.shipped, (), held), held)
    new, old = measure_guesses(held, after), measure_guesses(held, in_use)
    worse = find_worse(new, old)
    message = _NOT_WORSE if worse is None else _FORCED if task.anyway else _WORSE
    figures = {
        "held_out": len(held),
        "new": {axis: _describe_axis(figures) for axis, figures in new.items()},
        "in_use": {axis: _describe_axis(figures) for axis, figures in old.items()},
        "taught": [asdict(one) for one in measure_taught(held, before, after)],
    }
    return replace(
        fit, is_taken=worse is None or task.anyway, reason=message.format(number=len(held), on=worse), figures=figures
    )


def _describe_axis(figures: AxisMetrics) -> dict[str, Any]:
    return asdict(figures) | {"macro_f1_interval": estimate_macro_f1(figures)}


def name_file(folder: Path, version: str) -> Path:
    return folder / f"{version}.npz"
