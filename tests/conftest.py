"""What all tests share: databases of both kinds, the recorded material, and Apps on invented feeds."""

from __future__ import annotations

import gc
import logging
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import structlog
from argon2 import PasswordHasher

from aggregator.app import App, open_app
from aggregator.classify.training import Row
from aggregator.cli import main
from aggregator.config import Config, Settings
from aggregator.shipped import SHIPPED
from aggregator.storage.database import Database
from aggregator.types import Feed, Taxonomy
from clock import Clock
from daemon import write_feeds
from databases import KINDS, Postgres, Sqlite, be_careless, compile_once, run_postgres
from feed_server import FeedServer, serve_feeds
from fits import STEP, Fits, read_once, read_rows
from profiles import register_profiles
from world import FEEDS, fill

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"

register_profiles()
be_careless()
compile_once()
read_once()
# What SQLAlchemy, hypothesis and the modules themselves keep is gone through seldom: thousands of tests long it only grows.
gc.set_threshold(100_000, 20, 20)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Three processes for whole folders, each with a PostgreSQL and a browser of its own: one more than the cores that
    they are made for, since much of the time is waiting. None beside this one for single files, which are done before
    the others would have begun.
    """
    return 0 if any(".py" in place for place in config.args) else 3


@pytest.fixture(scope="session")
def night(pytestconfig: pytest.Config) -> bool:
    """Whether the long forms are wanted: all rows, large documents, many examples (``make test-night``)."""
    return bool(pytestconfig.getoption("--hypothesis-profile") == "night")


@pytest.fixture(scope="session")
def by_night(night: bool) -> None:
    """For a test that is the long form of another."""
    if not night:
        pytest.skip("a long form, for `make test-night`")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL, started for these tests."""
    with run_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Sqlite:
    return Sqlite(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(params=KINDS)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'aggregator.sqlite'}"
    else:
        server: Postgres = request.getfixturevalue("postgres")
        address = server.create_empty()
        yield address
        server.leave(address)


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database of each kind with the newest tables; ``tests/migrations`` makes them from nothing."""
    if request.param == "sqlite":
        files: Sqlite = request.getfixturevalue("sqlite")
        yield files.create_migrated(tmp_path / "aggregator.sqlite")
    else:
        server: Postgres = request.getfixturevalue("postgres")
        address = server.create_migrated()
        yield address
        server.leave(address)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database of each kind with the newest tables."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of recorded feeds and digests that lies beside the repository."""
    if not SHARED.is_dir():
        pytest.skip(f"the recorded material is not at {SHARED}")
    return SHARED


@pytest.fixture(scope="session")
def documents(shared: Path, night: bool) -> list[Path]:
    """The recorded feeds: all of them by night, every third before a merge."""
    return sorted((shared / "feeds").glob("*.xml"))[:: 1 if night else 3]


@pytest.fixture(autouse=True)
def _fresh_logs() -> Iterator[None]:
    """A command points the logs at the standard error of its test, which is closed afterwards."""
    yield
    structlog.reset_defaults()
    logging.captureWarnings(False)
    logging.getLogger().handlers.clear()


@pytest.fixture
def feed_server() -> Iterator[FeedServer]:
    """A real HTTP server on the loopback that plays what the test gives it."""
    with serve_feeds() as server:
        yield server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def all_rows() -> Sequence[Row]:
    """The rows that come with the project, read once for all tests."""
    return read_rows()


@pytest.fixture(scope="session")
def shipped_rows(night: bool) -> Sequence[Row]:
    """What the Apps of the tests learn from: a part of each file, for a fit of all takes eight times as long. A file
    whose tests are about how good guesses are takes ``all_rows`` in its place.
    """
    return read_rows(1 if night else STEP)


@pytest.fixture(scope="session")
def fits(pytestconfig: pytest.Config) -> Fits:
    """Fitted models, kept from one run to the next."""
    return Fits(pytestconfig.cache.mkdir("fits"))


@pytest.fixture(scope="session")
def shipped_model(shipped_rows: Sequence[Row], fits: Fits) -> Path:
    """The file of the model of ``shipped_rows``, that every new installation begins with."""
    return fits.get(shipped_rows)


@pytest.fixture
def few_rows(shipped_rows: Sequence[Row], monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes ``shipped_rows`` for all rows that come with the project."""
    monkeypatch.setattr("aggregator.pipeline.learner.load_shipped_lines", lambda: [row.line for row in shipped_rows])


@pytest.fixture
def kept_fits(fits: Fits, monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes whatever is fitted in this process from the fits that are kept."""
    from aggregator.classify.model import SectionModel, load_model

    def fit(rows: Sequence[Row], taxonomy: Taxonomy = SHIPPED) -> SectionModel | None:
        path = fits.get(rows, taxonomy)
        return load_model(path, path.stem, taxonomy)

    monkeypatch.setattr("aggregator.classify.model.fit_model", fit)


@pytest.fixture
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Estimates intervals from a few draws; the unit tests do from all of them."""
    for module in ("metrics", "taught"):
        monkeypatch.setattr(f"aggregator.classify.{module}.DRAWS", 40)


@pytest.fixture
def fit_here(few_draws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fits in this process: one of their own, which ``test_learning_whole.py`` proves, takes a second to begin."""
    monkeypatch.setattr("aggregator.pipeline.learner.run_apart", lambda stopping, function, *args: function(*args))


@pytest.fixture
def spare_fit(shipped_model: Path) -> Callable[[Path], None]:
    """Spares a home folder its first fit."""

    def put(home: Path) -> None:
        place = home / "models" / shipped_model.name
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.exists():
            shutil.copyfile(shipped_model, place)

    return put


@pytest.fixture
def spare_start(sqlite: Sqlite, spare_fit: Callable[[Path], None]) -> Callable[[Path], None]:
    """Spares a home folder its first fit and the making of its tables, which ``test_daemon.py`` lets happen."""

    def put(home: Path) -> None:
        spare_fit(home)
        sqlite.create_migrated(home / "aggregator.sqlite")

    return put


@pytest.fixture
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> PasswordHasher:
    """Hashes passwords in no time."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr("aggregator.pipeline.passwords._HASHER", hasher)
    return hasher


@pytest.fixture
def bare_home(tmp_path: Path, feed_server: FeedServer) -> Path:
    """A home folder with nothing but a feeds.toml, for a daemon; it follows invented feeds on the loopback."""
    write_feeds(tmp_path, feed_server)
    return tmp_path


@pytest.fixture
def home(bare_home: Path, spare_fit: Callable[[Path], None], few_rows: None) -> Path:
    """The same with the first model, for what is not about the first fit."""
    spare_fit(bare_home)
    return bare_home


@pytest.fixture
def make_app(
    tmp_path: Path,
    clock: Clock,
    spare_start: Callable[[Path], None],
    few_rows: None,
) -> Iterator[Callable[..., App]]:
    """Opens Apps that end with the test: ``make_app(feeds, visits={"timeout_seconds": 1})``."""
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
            # What the test client calls the page.
            settings["server"] = {"hosts": ["testserver"], **settings.get("server", {})}
            folder = home or tmp_path / "home"
            spare_start(folder)
            config = Config(folder, folder / "feeds.toml", Settings.model_validate(settings), tuple(feeds))
            return stack.enter_context(open_app(config, clock=clock, random=lambda: 0.5))

        yield make


@pytest.fixture
def filled_home(make_app: Callable[..., App], database_url: str) -> tuple[App, dict[str, int]]:
    """An App of the curator Mina with the invented month, on a database of each kind; and the numbers of its posts."""
    app = make_app(FEEDS, curator="mina", database_url=database_url)
    return app, fill(app)


@pytest.fixture
def one_home(make_app: Callable[..., App]) -> tuple[App, dict[str, int]]:
    """The same on SQLite alone, for what is the same on both."""
    app = make_app(FEEDS, curator="mina")
    return app, fill(app)


@pytest.fixture
def call_console(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Calls the console script in this process, as the shell would: a process of its own takes seconds to begin."""

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        monkeypatch.setattr(sys, "argv", ["aggregator", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return subprocess.CompletedProcess(arguments, int(ended.value.code or 0), *capfd.readouterr())

    return call
