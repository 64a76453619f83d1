"""Learning from the curator: gathers what a fit needs, and stores its outcome."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from aggregator.classify.fitting import Fit, FitTask, name_file
from aggregator.classify.learning import Lesson, Rhythm, choose_forgotten, is_fit_due, read_lessons
from aggregator.exceptions import ModelError
from aggregator.locales import t
from aggregator.review.verdicts import OUT_OF_SCOPE_REASONS
from aggregator.storage import candidates, models, posts
from aggregator.storage.database import Aim, Connection, Database
from aggregator.storage.models import TaughtLesson
from aggregator.types import Acceptance, FittedModel, Taxonomy

# --- gather ---


def gather_task(place: str | Path, taxonomy: Taxonomy, shipped: Sequence[str], *, anyway: bool, again: bool) -> FitTask:
    """Gather what there is to learn besides the shipped lines, from the database at this place: a fit does so in its
    own process, because all decided posts would take long to send, and memory here. *again* fits the same rows again.
    """
    database = Database(place, Aim.LOOK, taxonomy)
    try:
        with database.reading() as connection:
            newest = models.find_newest_words(connection)
            lessons = tuple(gather_lessons(connection))
            used, last = models.find_in_use(connection), models.find_last(connection)
            taught = models.list_taught(connection, used.version) if used else []
            in_use = tuple(_recall_lessons(connection, taught, lessons))
    finally:
        database.close()
    last_version = last.version if last and not again else None
    return FitTask(taxonomy, tuple(shipped), lessons, in_use, last_version, anyway, newest)


def gather_lessons(connection: Connection) -> list[Lesson]:
    """Gather all lessons from the curator's decisions."""
    return read_lessons(candidates.list_decided(connection), out_of_scope=OUT_OF_SCOPE_REASONS)


def _recall_lessons(connection: Connection, taught: Sequence[TaughtLesson], lessons: Sequence[Lesson]) -> list[Lesson]:
    """The lessons of an earlier model, with the posts as they are now."""
    now = {lesson.post.id: lesson for lesson in lessons}
    others = posts.list_posts(connection, [one.post_id for one in taught if one.post_id not in now])
    recalled = []
    for one in taught:
        lesson = now.get(one.post_id)
        post = lesson.post if lesson else others.get(one.post_id)
        if post is not None:
            at, printed = (lesson.at, lesson.printed_title) if lesson else (post.first_seen_at, None)
            recalled.append(Lesson(post, one.section, one.origin, at, printed))
    return recalled


def is_due(connection: Connection, *, now: datetime, rhythm: Rhythm, recipe: str, shipped: str) -> bool:
    """Whether a new model should be fitted automatically: the curator has decided enough, or the program has changed
    since the last fit. Never while a model is pinned.
    """
    used, last = models.find_in_use(connection), models.find_last(connection)
    if used is None or last is None or used.pinned_at is not None:
        return False
    new = models.count_decided_since(connection, last.last_verdict, last.last_correction)
    if (last.recipe, last.shipped) != (recipe, shipped):
        return bool(models.count_decided_since(connection, 0, 0))
    return is_fit_due(new, last.seen_at, now, rhythm)


# --- apply ---


def record_fit(connection: Connection, fit: Fit, *, now: datetime) -> FittedModel:
    """Store the outcome of a fit, and use the model from now on if it was taken and no other is pinned."""
    used = models.find_in_use(connection)
    last_verdict, last_correction = fit.newest
    if not fit.is_new:
        models.mark_seen(connection, fit.version, now, last_verdict, last_correction)
        return models.get_model(connection, fit.version)
    is_pinned = used is not None and used.pinned_at is not None and used.version != fit.version
    taken = Acceptance.OFFERED if is_pinned else Acceptance.TAKEN
    known = models.find_model(connection, fit.version)
    model = FittedModel(
        version=fit.version,
        made_at=now,
        seen_at=now,
        recipe=fit.recipe,
        shipped=fit.shipped,
        rows=fit.rows,
        acceptance=taken if fit.is_taken else Acceptance.REFUSED,
        reason=fit.reason,
        figures=fit.figures,
        last_verdict=last_verdict,
        last_correction=last_correction,
        used_since=known.used_since if known else None,
        in_use=known.in_use if known else False,
        pinned_at=known.pinned_at if known else None,
        is_kept=fit.is_taken or (known is not None and known.is_kept),
    )
    models.save_model(connection, model, [TaughtLesson(*each) for each in fit.learned] if model.is_kept else [])
    if model.acceptance is Acceptance.TAKEN and not model.in_use:
        models.put_in_use(connection, fit.version, now, pinned=False)
    return models.get_model(connection, fit.version)


def forget_old(database: Database, folder: Path, *, keep: int, shipped: str) -> list[str]:
    """Remove the files of old versions and the remains of a killed fit; return these versions, and those whose file is
    gone or is of a former form.

    Their entries in the database stay, and so do the files of the model in use and of the shipped one.
    """
    with database.writing() as connection:
        stored = [model for model in models.list_models(connection) if model.is_kept]
        kept = [model for model in stored if model.in_use or name_file(folder, model.version).is_file()]
        protected = {shipped, *(model.version for model in kept if model.in_use)}
        forgotten = choose_forgotten([model.version for model in kept], protected, keep)
        forgotten += [model.version for model in stored if model not in kept]
        models.forget_files(connection, forgotten)
        known = {model.version for model in kept} - set(forgotten) | {shipped}
    for path in (*folder.glob("sections-*"), *folder.glob(".sections-*")):
        if path.stem not in known or path != name_file(folder, path.stem):
            path.unlink(missing_ok=True)
    return forgotten


def use_model(connection: Connection, version: str, *, recipe: str, now: datetime) -> FittedModel:
    """Use this version until the curator says otherwise. Raises NotFoundError and ModelError."""
    model = models.get_model(connection, version)
    if not model.is_kept:
        raise ModelError(
            t(
                "the file of {version} is not kept ({acceptance}), so it cannot be used any more",
                version=model.version,
                acceptance=t(str(model.acceptance)),
            )
        )
    if model.recipe != recipe:
        raise ModelError(
            t("{version} was made by another version of the program and this one cannot read it", version=model.version)
        )
    models.put_in_use(connection, model.version, now, pinned=True)
    return models.get_model(connection, model.version)


def find_previous(connection: Connection) -> FittedModel | None:
    """The model that was in use before the present one and can be used again."""
    used = [
        model
        for model in models.list_models(connection)
        if model.used_since is not None and not model.in_use and model.is_kept
    ]
    return max(used, key=lambda model: (model.used_since, model.version), default=None)
