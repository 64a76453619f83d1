"""Says what would have been proposed of the curator's own list, and keeps the last answer in a file of the home."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog

from aggregator.classify.learning import Lesson, count_lessons, gather_material
from aggregator.classify.training import load_shipped_rows, serves
from aggregator.exceptions import AggregatorError, MetricsError, StoppedError
from aggregator.feeds.hosts import Followers, Way, list_hosts
from aggregator.files import write_whole
from aggregator.locales import ENGLISH, mark, speaking, t
from aggregator.locales.retelling import retell
from aggregator.pipeline import contents, fits
from aggregator.pipeline.home import Home
from aggregator.pipeline.metrics import is_in_shipped_digest
from aggregator.pipeline.series import name_series
from aggregator.pipeline.weights import make_quotas
from aggregator.processes import run_apart
from aggregator.storage import candidates, care, health, links
from aggregator.storage.changes import Derived, has_unread, list_behind
from aggregator.storage.database import Aim, Database
from aggregator.storage.feeds import list_feed_states
from aggregator.types import Candidate, Guess, Month, Post, Quotas, Taxonomy

if TYPE_CHECKING:
    from pydantic import TypeAdapter

    from aggregator.classify.model import SectionModel
    from aggregator.evaluate.own_list import Answer, OwnLine, Unfollowed, Untested
    from aggregator.rank.ranking import Ranking

log = structlog.get_logger()

#: How many issues are tested unless somebody says otherwise.
ISSUES = 6
_FILE = "own-list.json"
_DIED = mark("the ranking could not be measured: {reason}; is there enough memory?")
_FAILED = mark("the list could not be tested: {reason}")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about a list, and by which settings."""

    issues: int
    #: Its size is how many posts are proposed.
    quotas: Quotas
    zone: ZoneInfo
    now: datetime


def ask(home: Home, issues: int = ISSUES, first: int | None = None) -> Question:
    """Ask about the last *issues*; *first* posts are proposed, by default as many as feeds.toml says.

    The weights and quotas that were set on the page do not count: they were set with knowledge of what came.
    """
    quotas = make_quotas(home.settings)
    return Question(issues, replace(quotas, size=first or quotas.size), home.zone, home.now)


def find_answer(database: Database, question: Question) -> Answer:
    """Test the last issues of the list, here and now: a model is fitted for each. Writes nothing."""
    from aggregator.evaluate.own_list import Answer, list_thin, measure_issue

    gathered = _gather(database, question)
    rankings = _replay(gathered, database.taxonomy, question)
    return Answer(
        made_at=question.now,
        first=question.quotas.size,
        issues=tuple(
            measure_issue(month, gathered.months[month], gathered.lines, rankings.get(month), gathered.explain)
            for month in reversed(gathered.tested)
        ),
        undated=sum(line.issue is None for line in gathered.lines),
        hosts=gathered.hosts,
        thin=list_thin(count_lessons(gathered.lessons, database.taxonomy)),
        is_lent=serves(database.taxonomy),
        is_unread=gathered.is_unread,
    )


@dataclass(frozen=True, slots=True)
class _Gathered:
    """What is stored about a list."""

    lines: Sequence[OwnLine]
    #: Oldest first.
    tested: Sequence[Month]
    #: The posts that feeds gave of the tested months, and of those that are remembered.
    months: dict[Month, list[Candidate]]
    #: The series of posts.
    series: dict[int, str]
    lessons: Sequence[Lesson]
    followers: Followers
    #: By feed.
    oldest: dict[str, datetime]
    gone: frozenset[str]
    hosts: tuple[Unfollowed, ...]
    is_unread: bool
    zone: ZoneInfo

    def explain(self, line: OwnLine) -> Untested:
        """Why a line was given by no feed."""
        from aggregator.evaluate.own_list import explain_untested

        feed = self.followers.find(line.url)
        oldest = self.oldest.get(feed.key) if feed else None
        return explain_untested(
            line,
            is_followed=feed is not None,
            is_gone=line.url in self.gone,
            oldest=oldest.astimezone(self.zone).date() if oldest else None,
        )


def _gather(database: Database, question: Question) -> _Gathered:
    from aggregator.evaluate.own_list import Unfollowed, choose_issues, hide_text, put_into_months, read_lines

    zone = question.zone
    with database.reading() as connection:
        lines = read_lines(candidates.list_printed(connection), zone)
        before, tested = choose_issues(lines, question.issues)
        wanted = [*before, *tested]
        months = put_into_months({month: candidates.list_given(connection, month) for month in wanted}, lines)
        numbers = [each.post.id for found in months.values() for each in found]
        unread = list_behind(connection, Derived.CONTENTS, among=numbers) if has_unread(connection) else {}
        halfway = [month for month, found in months.items() if any(each.post.id in unread for each in found)]
        feeds = {state.feed.key: state.feed for state in list_feed_states(connection)}
        checks = links.find_checks(connection, [line.url for line in lines])
        rows = list_hosts(care.list_printed_places(connection), feeds)
        return _Gathered(
            lines=lines,
            tested=tested,
            months=months | {month: [hide_text(each) for each in months[month]] for month in halfway},
            series={number: name for month in wanted for number, name in name_series(connection, month).items()},
            lessons=fits.gather_lessons(connection),
            followers=Followers(feeds.values()),
            oldest=health.list_oldest(connection),
            gone=frozenset(url for url, check in checks.items() if check.state.is_gone),
            hosts=tuple(Unfollowed(row.place, row.lines, row.wall) for row in rows if row.way is Way.BY_HAND),
            is_unread=bool(halfway),
            zone=zone,
        )


def _replay(gathered: _Gathered, taxonomy: Taxonomy, question: Question) -> dict[Month, Ranking]:
    # Imported late: scikit-learn takes a second to load, and the page shows answers without it.
    from aggregator.classify.model import fit_model
    from aggregator.evaluate.own_list import list_lessons, replay_issues
    from aggregator.pipeline.classify import guess_posts
    from aggregator.pipeline.shipped import load_shipped
    from aggregator.rank.ranking import RankingContext

    # The shipped digest would reveal the outcome of the months that it covers.
    with_digest = not gathered.months or not is_in_shipped_digest(min(gathered.months))
    shipped = [row for row in load_shipped_rows() if with_digest or not row.is_real] if serves(taxonomy) else []
    models: dict[Month, SectionModel] = {}

    def guess(month: Month, posts: Sequence[Post]) -> list[Guess]:
        if month not in models:
            models.clear()
            before, held_out = list_lessons(gathered.lessons, gathered.lines, month, question.zone)
            material = gather_material(shipped, before, held_out)
            models[month] = fit_model(material.select({lesson.post.id for lesson in held_out}), taxonomy)
        return guess_posts(models[month], posts)

    return replay_issues(
        gathered.months,
        gathered.lines,
        gathered.tested,
        guess,
        load_shipped(taxonomy, with_digest=with_digest),
        RankingContext(series=gathered.series),
        quotas=question.quotas,
        zone=question.zone,
    )


# --- apart ---


def _find_apart(place: str | Path, taxonomy: Taxonomy, question: Question) -> Answer:
    database = Database(place, Aim.LOOK, taxonomy)
    try:
        return find_answer(database, question)
    finally:
        database.close()


class ListTester:
    """Tests the list in a child process when somebody asks on the page, one at a time, and keeps the last answer.

    The file can be made anew at any time, and only the last answer is of use; so it is not in the database.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._stopping, self._beginning = threading.Event(), threading.Lock()
        self._thread: threading.Thread | None = None
        #: Why the last attempt failed, in English.
        self._trouble = ""

    def stop(self) -> None:
        """End a test that is under way, and wait for it."""
        self._stopping.set()
        if self._thread:
            self._thread.join()

    @property
    def is_testing(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def say_trouble(self) -> str:
        """Why the last attempt failed, in the present language; empty if it did not."""
        return retell(self._trouble, (_DIED, _FAILED)) if self._trouble else ""

    def begin(self) -> None:
        """Begin a test and return at once; nothing happens if one is under way."""
        with self._beginning:
            if not self.is_testing:
                self._trouble = ""
                self._thread = threading.Thread(target=self._test, name="own list")
                self._thread.start()

    def _test(self) -> None:
        # Why it failed is kept in English, whoever asked.
        with speaking(ENGLISH):
            try:
                keep_answer(self._home, self.test())
            except StoppedError:
                log.info("the test of the list was ended early")
            except AggregatorError as error:
                self._trouble = str(error)
                log.error("the list could not be tested", reason=self._trouble)
            except Exception as error:
                self._trouble = _FAILED.format(reason=f"{type(error).__name__}: {error}")
                log.exception("the list could not be tested")

    def test(self) -> Answer:
        """Test the list and wait for it. What is unread of its months is read first. Raises MetricsError and
        StoppedError.
        """
        home, question = self._home, ask(self._home)
        contents.read_decided(home.database)
        for month in list_months(home.database, question):
            if self._stopping.is_set():
                raise StoppedError
            contents.read_month(home.database, month)
        log.info("testing what would have been proposed of the list")
        try:
            return run_apart(self._stopping, _find_apart, home.database.place, home.taxonomy, question)
        except ChildProcessError as error:
            raise MetricsError(t(_DIED, reason=error)) from error


def list_months(database: Database, question: Question) -> list[Month]:
    """The months whose posts are compared for an answer."""
    from aggregator.evaluate.own_list import choose_issues, read_lines

    with database.reading() as connection:
        before, tested = choose_issues(read_lines(candidates.list_printed(connection), question.zone), question.issues)
    return [*before, *tested]


# --- what is kept ---


def keep_answer(home: Home, answer: Answer) -> None:
    """Keep an answer in place of the one before. Raises StorageError."""
    write_whole(home.folder / _FILE, _describe().dump_json(answer).decode())


def read_answer(home: Home) -> Answer | None:
    """The answer that was kept last; None without one, or with one of another version of the program."""
    try:
        return _describe().validate_json((home.folder / _FILE).read_bytes())
    except (OSError, ValueError):
        return None


@cache
def _describe() -> TypeAdapter[Answer]:
    from pydantic import TypeAdapter

    from aggregator.evaluate.own_list import Answer

    return TypeAdapter(Answer)
