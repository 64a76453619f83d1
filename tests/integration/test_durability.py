"""What was acknowledged is on the disk: what the curator says, models, digests and secrets.

No power is cut here. What can be seen is asked: how SQLite writes the transaction at hand, and what is synced in which
order.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from aggregator.app import App
from aggregator.exceptions import StorageError
from aggregator.files import write_whole
from aggregator.pipeline import duplicates, follow, months, publish, review, search, weights
from aggregator.shipped import SHIPPED
from aggregator.storage import sqlite
from aggregator.types import Correction, Decision, DigestState
from databases import DURABLE
from world import FEEDS, MONTH, NOW, fill

NORMAL, FULL = 1, 2


@pytest.fixture(autouse=True)
def _as_shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "_DURABLE", DURABLE)


@pytest.fixture
def commits() -> Iterator[list[int]]:
    """How SQLite wrote each transaction that was committed, as it says itself."""
    found: list[int] = []

    def note(connection: sa.Connection) -> None:
        if connection.get_execution_options().get("writes"):
            found.append(connection.exec_driver_sql("PRAGMA synchronous").scalar_one())

    sa.event.listen(sa.Engine, "commit", note)
    yield found
    sa.event.remove(sa.Engine, "commit", note)


@pytest.fixture
def syncs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was synced and what took a file's place, in order."""
    found: list[str] = []
    sync, replace = os.fsync, Path.replace

    def note_sync(handle: int) -> None:
        found.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")
        sync(handle)

    def note_replace(path: Path, target: Path) -> Path:
        found.append("name")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(Path, "replace", note_replace)
    return found


SAID: dict[str, Callable[[App], object]] = {
    "a verdict": lambda app: review.decide(app, 1, Decision.HOLD),
    "a correction": lambda app: review.decide(
        app, 1, Decision.APPROVE, correction=Correction(1, by="", at=NOW, section=SHIPPED.parse_section("2.4"))
    ),
    "a month": lambda app: months.give_month(app, 1, MONTH.shift(-1)),
    "a merge": lambda app: duplicates.merge_posts(app, [1, 2]),
    "a weight": lambda app: weights.set_overrides(app, {"weights.depth": 2}),
    "a feed's edit": lambda app: follow.change_feed(app, FEEDS[0].key, {"name": "Other"}),
    "a pause": lambda app: follow.pause_feed(app, FEEDS[0].key),
    "a draft": lambda app: publish.make_digest(app, MONTH, DigestState.DRAFT),
}


@pytest.mark.parametrize("said", SAID)
def test_what_the_curator_says_waits_for_the_disk(said: str, make_app: Callable[..., App], commits: list[int]) -> None:
    app = make_app(FEEDS)
    fill(app)
    commits.clear()
    SAID[said](app)
    assert commits[0] == FULL


def test_what_is_worked_out_again_does_not_wait(make_app: Callable[..., App], commits: list[int]) -> None:
    app = make_app(FEEDS)
    fill(app)
    commits.clear()
    app.judge.rank({MONTH})
    search.index_new(app.database, anew=True)
    assert NORMAL in commits
    # On the connection that wrote so, the next word waits again.
    review.decide(app, 1, Decision.HOLD)
    assert commits[-1] == FULL


def test_a_file_is_on_the_disk_before_its_name(tmp_path: Path, syncs: list[str]) -> None:
    write_whole(tmp_path / "file", "text")
    assert syncs == ["file", "name", "folder"]


def test_a_new_folder_is_on_the_disk_with_all_above_it(tmp_path: Path, syncs: list[str]) -> None:
    write_whole(tmp_path / "digests" / "2022" / "file", "text")
    assert syncs == ["folder", "folder", "file", "name", "folder"]


def test_a_model_is_a_file_like_any_other(shipped_model: Path, tmp_path: Path, syncs: list[str]) -> None:
    from aggregator.classify.model import load_model

    model = load_model(shipped_model, shipped_model.stem)
    assert model is not None
    model.save(tmp_path / shipped_model.name)
    assert syncs == ["file", "name", "folder"]
    assert load_model(tmp_path / shipped_model.name, shipped_model.stem) is not None


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "login-key"
    write_whole(file, "old")

    def fail(handle: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StorageError, match="login-key cannot be written: Input/output error"):
        write_whole(file, "new")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]
