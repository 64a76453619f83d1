"""One browser and one server for all tests of the folder; for each test an App of its own and a logged in curator."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from aggregator.app import App
from clock import Clock
from web_browser import Enter, Stage, open_browser
from world import Curator, visit_page
from world.worlds import World


@pytest.fixture(scope="package")
def stage() -> Iterator[Stage]:
    """Ends with the package: while Playwright is there, no other test of the process can have an event loop."""
    with open_browser() as browser:
        stage = Stage(browser)
        yield stage
        stage.close()


@pytest.fixture
def complaints(stage: Stage) -> Iterator[list[str]]:
    """What the browser complains of. Whatever a test does not take out of the list itself fails it."""
    stage.complaints.clear()
    yield stage.complaints
    assert stage.complaints == []


@pytest.fixture
def enter(stage: Stage, curator: Curator, complaints: list[str]) -> Iterator[Enter]:
    """Opens a page as a logged in curator."""
    stage.show(curator.app)
    yield stage.open_page
    stage.clear()


@pytest.fixture(scope="session")
def made_worlds(tmp_path_factory: pytest.TempPathFactory) -> dict[World, tuple[Path, dict[str, int]]]:
    """The home folder of each world as it was made for the first test in it, and its post numbers."""
    return {}


@pytest.fixture
def world(request: pytest.FixtureRequest) -> World:
    """What all tests of a file begin with, by its name in the file."""
    chosen: World = request.module.WORLD
    return chosen


@pytest.fixture
def curator(
    world: World,
    make_app: Callable[..., App],
    clock: Clock,
    made_worlds: dict[World, tuple[Path, dict[str, int]]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Curator:
    """Somebody with an App in a world of their own, whose client looks into the database behind the browser's back."""

    def open_app(home: Path) -> App:
        drafting = {"endpoint": "http://127.0.0.1:9/v1", "model": "tiny"}
        digest = {"page": "README.md"}
        return make_app(world.feeds, home=home, shortlist=world.shortlist, digest=digest, drafting=drafting)

    clock.now = world.now
    if world not in made_worlds:
        app = open_app(tmp_path_factory.mktemp("world"))
        made_worlds[world] = app.config.home, world.fill(app)
        app.database.close()
    made, numbers = made_worlds[world]
    return visit_page(
        open_app(Path(shutil.copytree(made, tmp_path_factory.mktemp("home"), dirs_exist_ok=True))), numbers
    )
