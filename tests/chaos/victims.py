"""What is killed: one kind of work after the other in a process of its own, each told once it is done.

Imported by the server that forks these processes, so that everything is in memory when one begins.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from aggregator.app import App, open_app
from aggregator.config import Config, Settings
from aggregator.pipeline import learner, publish, review
from aggregator.shipped import SHIPPED
from aggregator.storage.candidates import list_candidates
from aggregator.storage.changes import Derived, put_all_behind
from aggregator.storage.database import Database
from aggregator.storage.judgements import list_verdicts
from aggregator.types import Correction, Decision, DigestState, Feed
from fits import STEP, read_lines
from world import FEED, MONTH, NOW

#: How long another writer may keep the database.
SETTINGS = {"parser_processes": 0, "per_host": 16, "host_pause_seconds": 0, "allowed_networks": ["127.0.0.0/8"]}

Say = Callable[[str], None]


@contextmanager
def open_home(home: Path, url: str = "https://tech.haneul.example/feed.xml", page: str = "") -> Iterator[App]:
    """The App of a home whose one feed is at *url*; it fits few rows, in this process."""
    before = learner.load_shipped_lines, learner.run_apart
    learner.load_shipped_lines = partial(read_lines, STEP)
    learner.run_apart = lambda stopping, function, *args: function(*args)  # type: ignore[assignment]
    feed = Feed(FEED.key, FEED.name, url, FEED.kind, FEED.language)
    settings = Settings.model_validate({"visits": SETTINGS, "digest": {"page": page}})
    config = Config(home, home / "feeds.toml", settings, (feed,))
    try:
        with open_app(config, clock=lambda: NOW, random=lambda: 0.5) as app:
            yield app
    finally:
        learner.load_shipped_lines, learner.run_apart = before


def visit(home: Path, url: str, say: Say) -> None:
    with open_home(home, url) as app:
        while True:
            (made,) = asyncio.run(app.visitor.visit_now([FEED.key]))
            say(str(made.entries_seen))


def decide(home: Path, url: str, say: Say) -> None:
    """Rejections, each with a reason of its own."""
    with open_home(home, url) as app:
        numbers = _list_posts(app)
        for count, number in zip(itertools.count(), itertools.cycle(numbers)):
            reason = f"{os.getpid()}-{count}"
            review.decide(app, number, Decision.REJECT, reason=reason)
            say(f"{number} {reason}")


def print_month(home: Path, url: str, say: Say) -> None:
    """The digest of the month, again and again, each time with another note."""
    with open_home(home, url) as app:
        number = _list_posts(app)[0]
        for count in itertools.count():
            note = f"{os.getpid()}-{count}"
            correction = Correction(number, "", NOW, section=SHIPPED.parse_section("2.4"), note=note)
            review.decide(app, number, Decision.APPROVE, correction=correction)
            publish.make_digest(app, MONTH, DigestState.PRINTED, again=True)
            say(note)


#: What a print does to files and database, by the names of the functions that do it.
_STEPS = frozenset(["mkstemp", "open", "write", "fsync", "chmod", "replace", "execute", "executemany", "commit"])


def is_step(function: object) -> bool:
    """Whether a function changes a file or the database; texts and dates have a ``replace``, too."""
    name = getattr(function, "__name__", "")
    return function is os.replace if name == "replace" else name in _STEPS


@dataclass
class DyingPrint:
    """A print of the month into the cumulative page that dies before its step of this number."""

    step: int
    __name__ = "print_into_page"

    def __call__(self, home: Path, url: str, say: Say) -> None:
        left = self.step

        def count(frame: object, event: str, function: object) -> None:
            nonlocal left
            if event == "c_call" and is_step(function):
                if not left:
                    os.kill(os.getpid(), signal.SIGKILL)
                left -= 1

        with open_home(home, url, page="README.md") as app:
            sys.setprofile(count)
            publish.make_digest(app, MONTH, DigestState.PRINTED, again=True)
            sys.setprofile(None)
        say(str(self.step - left))


def fit(home: Path, url: str, say: Say) -> None:
    """Models, each of one decision more."""
    with open_home(home, url) as app:
        for number in itertools.cycle(_list_posts(app)):
            with app.reading() as connection:
                is_right = len(list_verdicts(connection, number)) % 2 == 0
            section = SHIPPED.parse_section("2.1" if is_right else "1.2")
            review.decide(app, number, Decision.APPROVE, correction=Correction(number, "", NOW, section=section))
            say(app.learner.fit().version)


def find_copies(home: Path, url: str, say: Say) -> None:
    with open_home(home, url) as app:
        while True:
            with app.database.writing() as connection:
                put_all_behind(connection, Derived.COPIES)
            app.judge.find_copies()
            say("found")


def migrate(home: Path, url: str, say: Say) -> None:
    """From the first tables to the newest."""
    database = Database(f"sqlite:///{home / 'aggregator.sqlite'}")
    database.migrate()
    say("migrated")
    signal.pause()


def fill_the_disk(home: Path, url: str, say: Say) -> None:
    """Decisions until no file may grow any more."""
    with open_home(home, url) as app:
        numbers = _list_posts(app)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        largest = max(file.stat().st_size for file in home.glob("aggregator.sqlite*"))
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest + 20_000, resource.RLIM_INFINITY))
        for count, number in zip(itertools.count(), itertools.cycle(numbers)):
            review.decide(app, number, Decision.REJECT, reason=f"{os.getpid()}-{count}")
            say(f"{number} {os.getpid()}-{count}")


def run(work: Callable[[Path, str, Say], None], home: Path, url: str, pipe: int) -> None:
    """Do a kind of work until it fails, telling what is done in lines, and the failure as the last one."""

    def say(text: str) -> None:
        os.write(pipe, f"{text}\n".encode())

    say("begun")
    try:
        work(home, url, say)
    except Exception as error:
        say(f"{type(error).__name__}: {error}")


def _list_posts(app: App) -> list[int]:
    with app.reading() as connection:
        return sorted(candidate.post.id for candidate in list_candidates(connection, MONTH))
