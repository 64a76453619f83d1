"""Whatever is killed at whatever moment: what was acknowledged is kept, nothing is half, and the next start goes on.

``make chaos`` kills each kind of work forty times, the tests before a merge twice.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import tally
import victims
from victims import open_home

from aggregator.config import SHIPPED_TEXTS
from aggregator.digest.read import read_digest
from aggregator.digest.render import render_digest
from aggregator.pipeline import follow, publish, review
from aggregator.shipped import SHIPPED
from aggregator.storage.candidates import list_candidates
from aggregator.storage.changes import Derived, list_behind
from aggregator.storage.database import Database
from aggregator.storage.digests import get_digest
from aggregator.storage.judgements import list_verdicts
from aggregator.storage.models import list_models
from aggregator.types import Correction, Decision, DigestState, Outcome
from databases import Sqlite
from feed_server import FeedServer
from forks import Forked, Pipe
from world import FEED, MONTH, NOW, make_draft, make_update, store

POSTS = 30
#: Seconds after which a kind of work is surely under way.
_SPREAD = 0.6


def _document(count: int) -> str:
    items = "".join(
        f"<item><guid isPermaLink='false'>new-{n}</guid><title>글 {n}</title><link>/new/{n}</link>"
        f"<pubDate>Thu, {n % 28 + 1:02} Dec 2022 00:00:00 GMT</pubDate>"
        f"<description>{'How we serve models. ' * 40}{n}</description></item>"
        for n in range(count)
    )
    return f"<rss version='2.0'><channel><title>t</title>{items}</channel></rss>"


class Victims:
    """Processes that do a kind of work, and what they said."""

    def __init__(self, home: Path, url: str) -> None:
        self.home, self.url = home, url

    def start(self, work: Callable[..., None]) -> Victim:
        return Victim(work, self.home, self.url)

    def kill_often(self, work: Callable[..., None], kills: int) -> list[list[str]]:
        """What each one said before it was killed, at a moment of its own."""
        chance = random.Random(kills)
        said = []
        for _ in range(kills):
            victim = self.start(work)
            time.sleep(chance.uniform(0, _SPREAD))
            said.append(victim.kill())
        return said


class Victim:
    def __init__(self, work: Callable[..., None], home: Path, url: str) -> None:
        self._name = work.__name__
        reading, writing = os.pipe()
        self._process = Forked(_run_with, work, home, url, Pipe(writing))
        os.close(writing)
        self._file = os.fdopen(reading)
        self._heard: list[str] = []
        assert self._file.readline() == "begun\n"

    def hear(self) -> None:
        """Wait until it says something."""
        self._heard.append(self._file.readline().strip())

    def kill(self) -> list[str]:
        """What it said."""
        self._process.kill()
        said = self.wait()
        tally.KILLED[self._name] += 1
        tally.ACKNOWLEDGED[self._name] += len(said)
        return said

    def wait(self) -> list[str]:
        with self._file:
            said = self._file.read().splitlines()
        self._process.wait()
        return self._heard + said


def _run_with(work: Callable[..., None], home: Path, url: str, pipe: Pipe) -> None:
    victims.run(work, home, url, pipe.number)


@pytest.fixture
def home(tmp_path: Path, sqlite: Sqlite) -> Path:
    """A home with some posts of the month."""
    database = Database(sqlite.create_migrated(tmp_path / "aggregator.sqlite"))
    store(database, make_update(*(make_draft(n, text=f"{'글 ' * 60}{n}") for n in range(1, POSTS + 1))))
    database.close()
    return tmp_path


@pytest.fixture
def started(home: Path, feed_server: FeedServer) -> Victims:
    url = feed_server.play("/feed.xml", _document(40))
    with open_home(home, url) as app:
        follow.take_over(app.database, app.config.feeds, file=str(app.config.file), is_asked=True)
    return Victims(home, url)


@pytest.fixture(scope="session")
def kills(night: bool) -> int:
    return 40 if night else 2


@pytest.fixture(autouse=True)
def _is_sound(home: Path) -> Iterator[None]:
    """After each test the database is whole, and no file is half written."""
    yield
    with closing(sqlite3.connect(home / "aggregator.sqlite")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def _list_reasons(home: Path) -> dict[int, list[str | None]]:
    with open_home(home) as app, app.reading() as connection:
        posts = [candidate.post.id for candidate in list_candidates(connection, MONTH)]
        return {number: [verdict.reason for verdict in list_verdicts(connection, number)] for number in posts}


def _check_verdicts(home: Path, said: list[str]) -> None:
    """Everything that was acknowledged is there, once."""
    stored = _list_reasons(home)
    counted = Counter((number, reason) for number, reasons in stored.items() for reason in reasons)
    acknowledged = [(int(number), reason) for number, reason in (line.split() for line in said)]
    assert acknowledged
    assert [one for one in acknowledged if counted[one] != 1] == []


def test_a_visit_is_stored_whole_or_not_at_all(started: Victims, kills: int, feed_server: FeedServer) -> None:
    for count in range(kills):
        feed_server.play("/feed.xml", _document(40 + 10 * count))
        started.kill_often(victims.visit, 1)
    with open_home(started.home, started.url) as app:
        (made,) = asyncio.run(app.visitor.visit_now([FEED.key]))
        assert made.outcome in {Outcome.RETRIEVED, Outcome.NOT_MODIFIED}
    with closing(sqlite3.connect(started.home / "aggregator.sqlite")) as connection:
        published = 40 + 10 * (kills - 1)
        ((stored,),) = connection.execute("SELECT count(*) FROM entries WHERE guid LIKE 'new-%'").fetchall()
        assert stored == published
        ((lost,),) = connection.execute("SELECT count(*) FROM entries WHERE post_id IS NULL").fetchall()
        assert lost == 0


def test_no_verdict_that_was_acknowledged_is_lost(started: Victims, kills: int) -> None:
    said = started.kill_often(victims.decide, kills)
    last = started.start(victims.decide)
    last.hear()
    _check_verdicts(started.home, [line for lines in [*said, last.kill()] for line in lines])


def test_the_printed_page_is_whole_and_as_acknowledged(started: Victims, kills: int) -> None:
    for _ in range(kills):
        (said,) = started.kill_often(victims.print_month, 1)
        page = started.home / "digests" / f"{MONTH}.md"
        if page.exists():
            read = read_digest(page.read_text("utf-8"), SHIPPED_TEXTS)
            assert (read.remarks, len(read.digest.lines)) == ((), 1)
        if said:
            with open_home(started.home) as app, app.reading() as connection:
                stored = get_digest(connection, MONTH).digest
            (line,) = stored.lines
            assert int(line.note.rpartition("-")[2]) >= int(said[-1].rpartition("-")[2])
    with open_home(started.home) as app:
        number = next(iter(_list_reasons(started.home)))
        review.decide(
            app, number, Decision.APPROVE, correction=Correction(number, "", NOW, section=SHIPPED.parse_section("2.4"))
        )
        printed = publish.make_digest(app, MONTH, DigestState.PRINTED, again=True)
        assert printed.read_text("utf-8") == render_digest(publish.compose_month(app, MONTH))
    files = sorted(file.name for file in printed.parent.iterdir() if not file.name.startswith("."))
    assert files == [printed.name, f"{MONTH}.receipts.json"]


PAGE = """\
# Posts

## 2. Business Cases and Implementations
### 2.4. Training, Inference and MLOps
* [Kept by Hand (Sep 2022)](https://other.example/kept)
"""


class Printing:
    """A home whose month was printed into the page, and in which something was decided since."""

    def __init__(self, home: Path, kept: Path) -> None:
        self.home, self._kept = home, kept
        (home / "README.md").write_text(PAGE, "utf-8")
        self.decide(1, 2, 3)
        self.print()
        self.decide(1, note="corrected")
        self.decide(2, decision=Decision.REJECT)
        self.decide(4)
        self.old = self.read()
        shutil.copytree(home, kept)

    def decide(self, *numbers: int, decision: Decision = Decision.APPROVE, note: str = "") -> None:
        with open_home(self.home) as app:
            for number in numbers:
                correction = Correction(number, "", NOW, section=SHIPPED.parse_section("2.4"), note=note)
                review.decide(app, number, decision, correction=correction, reason="shallow")

    def print(self) -> tuple[str, str]:
        """Print what is approved; returns the page and the month's own file."""
        with open_home(self.home, page="README.md") as app:
            publish.make_digest(app, MONTH, DigestState.PRINTED, again=True)
        return self.read()

    def read(self) -> tuple[str, str]:
        return tuple((self.home / name).read_text("utf-8") for name in ("README.md", f"digests/{MONTH}.md"))  # type: ignore[return-value]

    def begin_again(self) -> None:
        for file in self.home.iterdir():
            shutil.rmtree(file) if file.is_dir() else file.unlink()
        shutil.copytree(self._kept, self.home, dirs_exist_ok=True)


def test_a_print_into_the_page_is_done_whole_or_again(
    home: Path, tmp_path_factory: pytest.TempPathFactory, night: bool
) -> None:
    """It dies before each write, sync, rename and statement by night, and before some of them otherwise."""
    printing = Printing(home, tmp_path_factory.mktemp("kept") / "home")
    victims_ = Victims(home, "")
    (steps,) = victims_.start(victims.DyingPrint(10_000)).wait()
    new = printing.read()
    printing.decide(1, note="corrected once more")
    printing.decide(2)
    later = printing.print()
    for page, lines in ((printing.old, 3), (new, 3), (later, 4)):
        assert page[0].count("* [") == lines + 1

    # The last one is the commit: then the page is new, and the database knows nothing of it.
    every, last = range(int(steps)), int(steps) - 1
    for step in every if night else [random.Random(1).choice(every), last]:
        # Whether it is printed at once, or other things are decided before.
        is_later = step == last or step % 2 == 1
        printing.begin_again()
        assert victims_.start(victims.DyingPrint(step)).wait() == []
        tally.KILLED["print_into_page"] += 1
        page, own = printing.read()
        assert page in (printing.old[0], new[0]), step
        assert own in (printing.old[1], new[1]), step
        if is_later:
            printing.decide(1, note="corrected once more")
            printing.decide(2)
        assert printing.print() == (later if is_later else new), step


def test_a_model_is_whole_or_not_there(started: Victims, kills: int) -> None:
    started.kill_often(victims.fit, kills)
    with open_home(started.home) as app:
        assert app.learner.get().version == app.learner.find_version()
        with app.reading() as connection:
            known = {model.version for model in list_models(connection) if model.is_kept}
        assert known <= {file.stem for file in (started.home / "models").glob("*.npz")}
        app.learner.fit(anyway=True)


def test_copies_are_found_to_the_end_afterwards(started: Victims, kills: int) -> None:
    with open_home(started.home) as app:
        app.judge.find_copies()
        with app.reading() as connection:
            calm = {c.post.id: c.post.copy_of for c in list_candidates(connection, MONTH)}
    started.kill_often(victims.find_copies, kills)
    with open_home(started.home) as app:
        app.judge.find_copies()
        with app.reading() as connection:
            assert {c.post.id: c.post.copy_of for c in list_candidates(connection, MONTH)} == calm
            assert not list_behind(connection, Derived.COPIES)


def test_an_upgrade_is_done_whole_or_again(home: Path, tmp_path_factory: pytest.TempPathFactory, kills: int) -> None:
    old = tmp_path_factory.mktemp("old") / "aggregator.sqlite"
    database = Database(f"sqlite:///{old}")
    database.migrate("0003")
    database.close()
    with closing(sqlite3.connect(old)) as connection, connection:
        connection.execute(
            "INSERT INTO feeds (key, name, url, language, kind, weight, tags, active, failures) "
            "VALUES ('haneul', '하늘상점', 'https://a.example', 'ko', 'company', 0, '[]', true, 0)"
        )
    for _ in range(kills):
        for file in home.glob("aggregator.sqlite*"):
            file.unlink()
        shutil.copyfile(old, home / "aggregator.sqlite")
        Victims(home, "").kill_often(victims.migrate, 1)
        with open_home(home) as app, app.reading() as connection:
            assert connection.exec_driver_sql("SELECT name FROM feeds").scalar_one() == "하늘상점"


def test_two_writers_lose_nothing(started: Victims, night: bool) -> None:
    writers = []
    for work in (victims.visit, victims.decide, victims.decide):
        writers.append(started.start(work))
        # Each has its turn before the next begins.
        writers[-1].hear()
    time.sleep(600 if night else 0.5)
    _, first, second = (victim.kill() for victim in writers)
    _check_verdicts(started.home, first + second)


def test_a_full_disk_is_told_and_loses_nothing(started: Victims) -> None:
    *said, failure = started.start(victims.fill_the_disk).wait()
    assert failure.startswith("StorageError: ")
    assert "disk" in failure
    _check_verdicts(started.home, said)
    assert started.kill_often(victims.decide, 1), "there is room again"


def test_a_database_that_is_locked_for_a_while_is_waited_for(started: Victims) -> None:
    with closing(sqlite3.connect(started.home / "aggregator.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        victim = started.start(victims.decide)
        time.sleep(0.3)
        other.execute("COMMIT")
    victim.hear()
    _check_verdicts(started.home, victim.kill())
