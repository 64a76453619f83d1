"""Fitted models for the tests, each fitted once: the same code makes the same model of the same rows."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Sequence
from functools import cache, lru_cache
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path

from aggregator import classify
from aggregator.classify import fitting, training
from aggregator.classify.training import Row, name_version
from aggregator.rank import preference
from aggregator.shipped import SHIPPED
from aggregator.types import Taxonomy

#: Most tests learn from each 21st of the rows that come with the project.
STEP = 21
_LOAD = training.load_shipped_rows
_LIBRARIES = ("numpy", "scipy", "scikit-learn")


def read_rows(step: int = 1) -> list[Row]:
    """Each so manieth of the rows that come with the project, read once: all of them take seconds."""
    return list(_read_rows(step))


@cache
def _read_rows(step: int) -> tuple[Row, ...]:
    if step == 1:
        return tuple(_LOAD())
    return tuple(map(training.read_row, read_lines(step)))


def read_lines(step: int = 1) -> list[str]:
    """Each so manieth of their lines."""
    return training.load_shipped_lines()[::step]


def read_once() -> None:
    """Let whatever asks for all rows in this process have those that were read before."""
    training.load_shipped_rows = read_rows
    fitting.read_row = cache(training.read_row)
    # Each App that ranks begins with the words of two thousand titles.
    preference.list_words = lru_cache(10_000)(preference.list_words)


class Fits:
    """Keeps fits in a folder that outlives a run of the tests; those of other code are removed."""

    def __init__(self, folder: Path) -> None:
        # Kept from the start: a test may put ``get`` into the place of it.
        from aggregator.classify.model import fit_model, name_recipe

        self._fit, self._name_recipe = fit_model, name_recipe
        self._folder = folder / _mark_code()
        self._folder.mkdir(exist_ok=True)
        for other in folder.iterdir():
            if other != self._folder:
                shutil.rmtree(other)

    def get(self, rows: Sequence[Row], taxonomy: Taxonomy = SHIPPED) -> Path:
        """The file of the model of these rows; who asks first fits it, and other processes wait."""
        path = self._folder / f"{name_version(rows, self._name_recipe(taxonomy))}.npz"
        with (self._folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not path.exists():
                self._fit(rows, taxonomy).save(path)
        return path


def _mark_code() -> str:
    """A name of everything but the rows that a fit is made by."""
    mark = blake2b(digest_size=8)
    for file in sorted(Path(classify.__path__[0]).glob("*.py")):
        mark.update(file.read_bytes())
    mark.update(repr([version(name) for name in _LIBRARIES]).encode())
    return mark.hexdigest()
