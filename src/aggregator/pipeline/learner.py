"""Holds the section model in use in memory, and runs at most one fit at a time."""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property, partial
from types import TracebackType
from typing import TYPE_CHECKING, Self

import structlog

from aggregator.classify.fitting import (
    Fit,
    FitTask,
    describe_shipped,
    fit_apart,
    fit_elsewhere,
    name_file,
    save_fit,
)
from aggregator.classify.learning import Heard, Rhythm, count_lessons, list_changes
from aggregator.classify.training import load_shipped_lines, name_shipped, serves
from aggregator.exceptions import ModelError, ModelNotTrainedError, StoppedError
from aggregator.locales import mark, t
from aggregator.pipeline import contents, fits
from aggregator.pipeline.home import Home
from aggregator.processes import run_apart
from aggregator.storage import models, posts
from aggregator.storage.database import Connection
from aggregator.storage.models import Sorted
from aggregator.types import FittedModel

if TYPE_CHECKING:
    from aggregator.classify.model import SectionModel
    from aggregator.fetch.workers import WorkerPool

log = structlog.get_logger()

_GONE = mark("The file of model {version} is gone, or is for other parts and topics or another program.")
_UNFITTED = mark("The first model could not be fitted; the next attempt is within the hour: {reason}.")
# What is used if a model is lost: a model of the shipped rows or an empty one, without decisions or with some.
_INSTEAD = {
    (True, False): mark("The model of the rows that come with the project is used in its place."),
    (True, True): mark(
        "The model of the rows that come with the project is used in its place, and what you decided is learned again."
    ),
    (False, False): mark("The model that has learned nothing yet is used in its place."),
    (False, True): mark(
        "The model that has learned nothing yet is used in its place, and what you decided is learned again."
    ),
}
#: What trouble is made from; it is kept in English, and the page says it in the reader's language.
TROUBLES = (
    _GONE,
    _UNFITTED,
    *_INSTEAD.values(),
    mark("{file} cannot be read as a model ({reason})."),
    mark("{file} holds another model ({version})."),
)
#: After a failure the next attempt would probably fail too, and a fit takes long.
PAUSE_AFTER_FAILURE = timedelta(hours=1)
_SORTED_MONTHS = 6
# This cannot be interrupted; two models guess this many posts in a second.
_MOST_COUNTED = 2000


@dataclass(frozen=True, slots=True)
class Shipped:
    """What the program ships: its recipe, and the version of a model of the shipped rows alone."""

    recipe: str
    version: str


@dataclass(frozen=True, slots=True)
class LearningState:
    """The state of learning."""

    #: None before the first fit.
    in_use: FittedModel | None
    #: All versions, newest first.
    models: list[FittedModel]
    #: The one to go back to.
    previous: FittedModel | None
    #: Posts decided since the last fit.
    new_decisions: int
    is_fitting: bool
    sorted: list[Sorted]
    #: How many lessons there are and are needed by class, for a model without shipped rows; else empty.
    heard: Sequence[Heard] = ()
    #: Why there is no model, or not the expected one, in sentences made from ``TROUBLES``; empty if all is well.
    trouble: tuple[str, ...] = ()


class Learner:
    """Fits models in child processes or on a worker of a cluster, one at a time, and loads the one in use."""

    def __init__(self, home: Home, workers: WorkerPool | None = None) -> None:
        """*workers* of a cluster fit, if one is set."""
        self._home, self._workers = home, workers
        self._taxonomy = home.taxonomy
        self._folder = home.model_folder
        self._rhythm = Rhythm(home.settings.learning.after_decisions, home.settings.learning.nightly_hour, home.zone)
        self._loaded: SectionModel | None = None
        #: The other model that was loaded last.
        self._other: SectionModel | None = None
        self._loading = threading.Lock()
        self._stopping = threading.Event()
        self._background: threading.Thread | None = None
        #: When the fit of the first model failed: callers get an error, and it is not tried again at once.
        self._failed_at: datetime | None = None
        self._trouble: tuple[str, ...] = ()
        #: Whether a model that had learned from the curator was lost.
        self._is_forgetful = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if self._background:
            self._background.join()

    def stop(self) -> None:
        """End a fit that is under way, and do not begin another."""
        self._stopping.set()

    @cached_property
    def shipped(self) -> Shipped:
        # Imported late: NumPy and SciPy take half a second to load, and most commands do not need a model.
        from aggregator.classify.model import name_recipe

        recipe = name_recipe(self._taxonomy)
        return Shipped(recipe, name_shipped(self._list_lines(), recipe))

    def _list_lines(self) -> list[str]:
        """The rows to learn from without decisions, each as a line; empty for a home with its own parts and topics."""
        return load_shipped_lines() if serves(self._taxonomy) else []

    # --- the model in use ---

    def find_version(self) -> str | None:
        """Return the version in use; None while there is no readable model."""
        used = self._find_in_use()
        return used.version if used else None

    def find(self) -> SectionModel | None:
        """Return the model in use without waiting for a fit; None while there is no readable model."""
        used = self._find_in_use()
        return self._load(used.version) if used else None

    def get(self) -> SectionModel:
        """Return the model in use. If there is none, fit the first one from the shipped rows and wait for it.

        A model that cannot be read is replaced by that of the shipped rows, and the curator's decisions are learned
        again at the next tick. Raises StoppedError; and ModelError if the fit fails, then ModelNotTrainedError for an
        hour.
        """
        found = self.find()
        if found is None:
            if self._failed_at is not None and timedelta() <= self._home.now - self._failed_at < PAUSE_AFTER_FAILURE:
                raise ModelNotTrainedError(" ".join(self._trouble) or t("there is no model"))
            with self._alone(wait=True):
                # Another process may have fitted it meanwhile.
                found = self.find() or self._begin()
        return found

    def _find_in_use(self) -> FittedModel | None:
        with self._home.reading() as connection:
            used = models.find_in_use(connection)
        if used is None or used.recipe != self.shipped.recipe or not self._has_file(used.version):
            return None
        # A model of shipped rows alone is only valid for the present rows.
        return used if used.has_learned or used.version == self.shipped.version else None

    def _has_file(self, version: str) -> bool:
        return name_file(self._folder, version).is_file()

    def find_kept(self, version: str) -> SectionModel | None:
        """Return a model by its version, to explain guesses; None if its file is not kept or cannot be read."""
        with self._home.reading() as connection:
            known = models.find_model(connection, version)
        return self._open(version) if known and known.recipe == self.shipped.recipe else None

    def _open(self, version: str) -> SectionModel | None:
        from aggregator.classify.model import load_model

        for known in (self._loaded, self._other):
            if known is not None and known.version == version:
                return known
        try:
            self._other = load_model(name_file(self._folder, version), version, self._taxonomy)
        except ModelNotTrainedError as error:
            self._other = None
            self._set_aside(version, error)
        return self._other

    def _set_aside(self, version: str, error: ModelNotTrainedError) -> None:
        """Treat the model as if its file were gone. The file stays until the next fit, so that it can be examined."""
        path = name_file(self._folder, version)
        self._trouble = (f"{error}.",)
        log.error("a model cannot be read", version=version, reason=str(error))
        try:
            path.replace(path.with_suffix(".unreadable"))
        except FileNotFoundError:
            pass  # Another process set it aside.
        except OSError as failed:
            raise ModelError(
                t("{file} cannot be read, and cannot be set aside either: {reason}", file=path, reason=failed.strerror)
            ) from failed

    def _load(self, version: str) -> SectionModel | None:
        with self._loading:
            found = self._open(version)
            self._loaded, self._other = found, None
            return found

    def _begin(self) -> SectionModel:
        """Use the shipped model: at first, and if the model in use cannot be read any more."""
        version = self.shipped.version
        lines = tuple(self._list_lines())
        if self._load(version) is not None:
            fit = describe_shipped(lines, self.shipped.recipe, version)
        else:
            log.info("fitting the section model", version=version)
            fit = self._fit_first(lines)
        with self._home.database.writing() as connection:
            before = models.find_in_use(connection)
            if before is not None:
                log.warning("the model in use is lost", version=before.version, instead=version)
                models.unpin(connection)
                self._is_forgetful = before.has_learned
                if not self._has_file(before.version):
                    models.forget_files(connection, [before.version])
                self._trouble = self._say_lost(before)
            fits.record_fit(connection, fit, now=self._home.now)
        found = self._load(version)
        if found is None:
            raise ModelError(t("{file} was removed while it was needed", file=name_file(self._folder, version)))
        return found

    def _say_lost(self, before: FittedModel) -> tuple[str, ...]:
        reason = self._trouble or (_GONE.format(version=before.version),)
        return (*reason, _INSTEAD[serves(self._taxonomy), before.has_learned])

    def _fit_first(self, lines: tuple[str, ...]) -> Fit:
        try:
            fit = self._run(partial(FitTask, self._taxonomy, lines, (), (), None, anyway=True))
        except StoppedError:
            raise
        except Exception as error:
            self._failed_at = self._home.now
            self._trouble = (_UNFITTED.format(reason=error),)
            log.error("the first model could not be fitted", reason=str(error), again_after=str(PAUSE_AFTER_FAILURE))
            raise
        self._failed_at = None
        return fit

    def look(self) -> LearningState:
        """Return the state of learning."""
        with self._home.reading() as connection:
            last = models.find_last(connection)
            new = models.count_decided_since(connection, last.last_verdict, last.last_correction) if last else 0
            return LearningState(
                in_use=models.find_in_use(connection),
                models=models.list_models(connection),
                previous=fits.find_previous(connection),
                new_decisions=new,
                is_fitting=self.is_fitting,
                sorted=models.list_sorted(connection, _SORTED_MONTHS),
                heard=() if serves(self._taxonomy) else count_lessons(fits.gather_lessons(connection), self._taxonomy),
                trouble=self._trouble,
            )

    # --- fits ---

    def is_due(self) -> bool:
        """Whether a new model should be fitted automatically now."""
        if self._is_forgetful:
            return True
        with self._home.reading() as connection:
            return fits.is_due(
                connection,
                now=self._home.now,
                rhythm=self._rhythm,
                recipe=self.shipped.recipe,
                shipped=self.shipped.version,
            )

    @property
    def is_fitting(self) -> bool:
        """Whether a fit is under way, here or in another process."""
        try:
            # This takes the lock for a moment, and does not create its file.
            with (self._folder / "lock").open() as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except FileNotFoundError:
            return False
        return False

    def fit(self, *, anyway: bool = False) -> FittedModel:
        """Fit a model to the curator's decisions, and use it if it is not worse (*anyway*: in any case).

        Returns its entry. Raises ModelError if another fit is under way, and StoppedError.
        """
        # An explicit fit does not wait for the end of a pause.
        self._failed_at = None
        self.get()
        with self._alone(wait=False):
            contents.read_decided(self._home.database)
            log.info("fitting a new section model")
            fit = self._run(
                partial(
                    fits.gather_task,
                    self._home.database.place,
                    self._taxonomy,
                    self._list_lines(),
                    anyway=anyway,
                    # A model that is lost was fitted to the same rows.
                    again=self._is_forgetful,
                )
            )
            if fit.is_new and fit.is_taken and fit.figures:
                fit = replace(fit, figures={**fit.figures, **self._count_moved(fit.version)})
            with self._home.database.writing() as connection:
                model = fits.record_fit(connection, fit, now=self._home.now)
            fits.forget_old(
                self._home.database,
                self._folder,
                keep=self._home.settings.learning.keep_versions,
                shipped=self.shipped.version,
            )
            self._trouble, self._is_forgetful = (), False
        log.info(
            "section model fitted",
            version=model.version,
            decisions=len(fit.learned),
            acceptance=str(model.acceptance),
            reason=model.reason,
        )
        return model

    def fit_in_background(self) -> None:
        """Begin a fit and return at once. Raises ModelError if one is under way."""
        if self.is_fitting:
            raise ModelError(t("a fit is under way already"))
        self._background = threading.Thread(target=self._fit_quietly, name="fit")
        self._background.start()

    def _fit_quietly(self) -> None:
        try:
            self.fit()
        except StoppedError:
            log.info("the fit was ended early")
        except Exception:
            log.exception("the fit failed")

    def _run(self, gather: Callable[[], FitTask]) -> Fit:
        if self._workers and (found := self._workers.call_elsewhere(self._stopping, fit_elsewhere, gather)):
            return save_fit(found, self._folder)
        try:
            return run_apart(self._stopping, fit_apart, gather, self._folder)
        except ChildProcessError as error:
            raise ModelError(
                t("the model could not be fitted: {reason}; is there enough memory?", reason=error)
            ) from error

    @contextmanager
    def _alone(self, *, wait: bool) -> Iterator[None]:
        """Hold the lock on fitting, which is shared by all processes; the system releases it if a process dies."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "lock").open("w") as lock:
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError as error:
                    if not wait:
                        raise ModelError(t("a fit is under way already")) from error
                    if self._stopping.wait(0.2):
                        raise StoppedError from error
            yield

    # --- the curator's choice ---

    def use(self, version: str) -> FittedModel:
        """Use this version until the curator unpins it. Raises NotFoundError and ModelError."""
        with self._home.database.writing() as connection:
            return self._choose(connection, version)

    def go_back(self) -> FittedModel:
        """Use the model that was in use before this one. Raises ModelError if there is none."""
        with self._home.database.writing() as connection:
            before = fits.find_previous(connection)
            if before is None:
                raise ModelError(t("no other model was in use before"))
            return self._choose(connection, before.version)

    def _choose(self, connection: Connection, version: str) -> FittedModel:
        model = fits.use_model(connection, version, recipe=self.shipped.recipe, now=self._home.now)
        if self._open(model.version) is None:
            raise ModelError(
                t(
                    "the file of {version} is gone from {folder}, or cannot be read",
                    version=model.version,
                    folder=self._folder,
                )
            )
        return model

    def unpin(self) -> None:
        """Allow new models to be used again; the present one stays until then."""
        with self._home.database.writing() as connection:
            models.unpin(connection)

    def _count_moved(self, version: str) -> dict[str, int]:
        """Count by axis the newest undecided posts of open months that the shipped model would put elsewhere."""
        shipped, new = (self._open(each) for each in (self.shipped.version, version))
        if shipped is None or new is None:
            return {}
        with self._home.reading() as connection:
            present = self._home.current_month
            months = posts.list_open_months(connection, present)
            undecided = posts.list_open_undecided(connection, months, limit=_MOST_COUNTED)
        moved = list_changes(undecided, shipped.guess(undecided), new.guess(undecided))
        return {"undecided": len(undecided), "moved": len(moved)}
