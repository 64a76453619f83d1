"""The one place that builds things: a configuration becomes an App, with which the command line, the scheduler and the
page do their work.

What goes on over time has an owner each: the visitor, the page reader, the learner, the judge. The methods here are
what the curator does; they only fill in whose word it is and when, and what they do is in ``pipeline``.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aggregator.config import Config, Difference, Settings, change_feed
from aggregator.digest.extent import Wanted
from aggregator.digest.read import ReadDigest, read_digest
from aggregator.feeds.health import Alarm
from aggregator.pipeline import (
    Progress,
    care,
    duplicates,
    ignore_progress,
    months,
    publish,
    renewal,
    review,
    search,
    series,
)
from aggregator.review.tending import MonthWork
from aggregator.storage import digests, health
from aggregator.storage.database import Aim, Connection, Database
from aggregator.storage.secrets import LOGIN_KEY, SAMPLE_SALT, get_secret, make_home
from aggregator.types import (
    Candidate,
    Correction,
    Decision,
    Digest,
    DigestState,
    Feed,
    FeedState,
    Month,
    Seen,
    Taxonomy,
    Texts,
)

if TYPE_CHECKING:
    from aggregator.feeds_file import FeedsFile
    from aggregator.fetch.workers import WorkerPool
    from aggregator.judge import Judge
    from aggregator.learner import Learner
    from aggregator.pipeline.collect import Visitor
    from aggregator.pipeline.network import Network
    from aggregator.pipeline.pages import PageReader


@dataclass(frozen=True)
class App:
    """Everything that runs, built from a configuration by ``open_app``.

    What goes on over time is built, and its libraries are loaded, when it is asked for first: a command that shows the
    queue waits neither for scikit-learn nor for HTTP. Where threads ask, ``build`` comes before them.
    """

    config: Config
    database: Database
    clock: Callable[[], datetime]
    random: Callable[[], float]
    #: Called before anything is built that logs.
    set_up_logs: Callable[[], None]
    #: What ends with the App.
    closing: ExitStack

    @cached_property
    def feeds_file(self) -> FeedsFile:
        self.set_up_logs()
        from aggregator.feeds_file import FeedsFile

        return FeedsFile(self.database, self.config)

    @cached_property
    def _network(self) -> Network:
        from aggregator.pipeline.network import Network

        return Network(self.settings.visits, self.feeds_file.credentials)

    @cached_property
    def workers(self) -> WorkerPool:
        """Processes that parse documents and pages."""
        self.set_up_logs()
        from aggregator.fetch.workers import WorkerPool

        visits = self.settings.visits
        return self.closing.enter_context(WorkerPool(visits.parser_processes, cpu_seconds=visits.parse_seconds))

    @cached_property
    def visitor(self) -> Visitor:
        self.set_up_logs()
        from aggregator.pipeline.collect import Visitor, make_rules

        rules = make_rules(self.settings)
        return Visitor(self.database, self.workers, self._network, rules, self.clock, self.random)

    @cached_property
    def page_reader(self) -> PageReader:
        self.set_up_logs()
        from aggregator.pipeline.pages import PageReader

        return PageReader(self.database, self.workers, self._network, self.settings.pages, self.clock)

    @cached_property
    def learner(self) -> Learner:
        self.set_up_logs()
        from aggregator.classify.learning import Rhythm
        from aggregator.learner import Learner

        learning, folder = self.settings.learning, self.config.home / "models"
        rhythm = Rhythm(learning.after_decisions, learning.nightly_hour, self.settings.zone)
        learner = Learner(self.database, folder, clock=self.clock, rhythm=rhythm, keep=learning.keep_versions)
        return self.closing.enter_context(learner)

    @cached_property
    def judge(self) -> Judge:
        learner = self.learner
        from aggregator.judge import Judge

        return Judge(self.database, learner, self.settings, lambda: self._get_secret(SAMPLE_SALT), self.clock)

    @cached_property
    def login_key(self) -> str:
        """Opens the page; kept in the home folder, readable by its owner alone."""
        return self._get_secret(LOGIN_KEY)

    def _get_secret(self, name: str) -> str:
        self.set_up_logs()
        return get_secret(self.config.home, name, may_make=self.database.aim is not Aim.LOOK)

    def build(self) -> None:
        """Build now what is otherwise built at its first use, of which two threads would each make one."""
        _ = self.feeds_file, self.visitor, self.page_reader, self.learner, self.judge, self.login_key

    @property
    def settings(self) -> Settings:
        return self.config.settings

    @property
    def taxonomy(self) -> Taxonomy:
        """The parts and topics of the digest."""
        return self.database.taxonomy

    @property
    def digest_folder(self) -> Path:
        return self.config.home / "digests"

    @property
    def current_month(self) -> Month:
        return Month.of(self.clock(), self.settings.zone)

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection for the queries of ``storage``."""
        return self.database.reading()

    # --- care of feeds ---

    def compare_feeds(self) -> Difference:
        """What feeds.toml says otherwise than when it was last taken over."""
        return care.compare_feeds(self.database, self.config.feeds)

    def apply_feeds(self) -> Difference:
        """Follow the feeds of feeds.toml, even if others are dropped; returns the difference."""
        return care.take_over(self.database, self.config.feeds, file=str(self.config.file), is_asked=True)

    def pause_feed(self, key: str) -> None:
        """Visit a feed no more until it is resumed. Raises NotFoundError."""
        care.pause_feed(self.database, key, at=self.clock())

    def resume_feed(self, key: str) -> None:
        """Visit a paused feed again, at the next round. Raises NotFoundError."""
        care.pause_feed(self.database, key, at=None)

    def change_feed(self, key: str, changes: Mapping[str, Any]) -> Feed:
        """Follow a feed with another name, organisation, language, kind, weight, tags, site, url or full_text than in
        feeds.toml.

        Returns it as it is followed then. Raises NotFoundError, and ConfigError for a value that feeds.toml would not
        take either.
        """
        return self._follow(key, lambda state: change_feed(state.feed, changes), "the curator gave another address")

    def reset_feed(self, key: str) -> Feed:
        """Follow a feed again as feeds.toml says. Raises NotFoundError."""
        return self._follow(key, lambda state: state.listed or state.feed, "the address of feeds.toml again")

    def _follow(self, key: str, change: Callable[[FeedState], Feed], reason: str) -> Feed:
        curator, now = self.settings.curator, self.clock()
        return care.change_feed(self.database, key, change, reason=reason, by=curator, now=now)

    def undo_move(self, move_id: int) -> Feed:
        """Go back to the address from before a move, and never make that move again unasked.

        Raises NotFoundError, and FeedError when the feed has left that address since.
        """
        return care.undo_move(self.database, move_id, by=self.settings.curator, now=self.clock())

    def find_alarm(self) -> Alarm | None:
        """Whether nothing has succeeded for longer than ``visits.alarm_minutes`` although visits were tried or due."""
        after = timedelta(minutes=self.settings.visits.alarm_minutes)
        return care.find_alarm(self.database, now=self.clock(), after=after)

    def forget_visits(self) -> int:
        """Remove the records of visits older than 400 days, but for the newest 100 of each feed; returns how many."""
        with self.database.writing(durable=False) as connection:
            return health.forget_visits(connection, self.clock() - timedelta(days=400), keep=100)

    # --- duplicates ---

    def merge_posts(self, post_ids: Sequence[int]) -> None:
        """Remember that these posts are the same article. Raises NotFoundError and ReviewError."""
        self.judge.rank(duplicates.merge_posts(self.database, post_ids, by=self.settings.curator, now=self.clock()))

    def split_post(self, post_id: int) -> None:
        """Remember that a post is not one of those that it is taken for. Raises NotFoundError and ReviewError."""
        self.judge.rank(duplicates.split_post(self.database, post_id, by=self.settings.curator, now=self.clock()))

    def part_posts(self, first_id: int, second_id: int) -> None:
        """Remember that the second post is not the same as the first, nor as its copies. Raises NotFoundError."""
        self.judge.rank(
            duplicates.part_posts(self.database, first_id, second_id, by=self.settings.curator, now=self.clock())
        )

    # --- search ---

    def index(self, *, anew: bool = False, progress: Progress = ignore_progress) -> int:
        """Make found what is new or has changed, or everything *anew*; returns how many posts were indexed."""
        if anew:
            search.mark_all(self.database)
        return search.index_new(self.database, progress=progress)

    # --- review ---

    def decide(
        self,
        post_id: int,
        decision: Decision,
        *,
        reason: str | None = None,
        correction: Correction | None = None,
        seen: Seen | None = None,
    ) -> Candidate:
        """Record the curator's verdict on a post, with what they changed in its line.

        This and the other methods that say something of a post raise MeanwhileError if the curator has not *seen* what
        was said of it last; None leaves that unchecked.
        """
        curator, now = self.settings.curator, self.clock()
        if correction is not None:
            correction = replace(correction, by=curator, at=now)
        return review.record_verdict(
            self.database, post_id, decision, by=curator, now=now, reason=reason, correction=correction, seen=seen
        )

    def give_month(self, post_id: int, month: Month) -> Candidate:
        """Record the month that the curator knows of a post; one that waits for a date joins the candidates."""
        candidate = months.give_month(
            self.database, post_id, month, by=self.settings.curator, now=self.clock(), zone=self.settings.zone
        )
        self.judge.rank({candidate.post.month})
        return candidate

    def undo(self, post_id: int | None = None, *, seen: Seen | None = None) -> Candidate:
        """Take back the verdict in force of a post, or the newest of all."""
        return review.undo_verdict(
            self.database, by=self.settings.curator, now=self.clock(), post_id=post_id, seen=seen
        )

    def accept_series_note(self, post_id: int, language: str, *, seen: Seen | None = None) -> Candidate:
        """Let the note of a line lead to the earlier parts of its series, in Korean (ko) or English (en)."""
        return series.accept_note(
            self.database, post_id, language, by=self.settings.curator, now=self.clock(), seen=seen
        )

    def take_back_series_note(self, post_id: int, *, seen: Seen | None = None) -> Candidate:
        """Take that out of the note again."""
        return series.take_back_note(self.database, post_id, by=self.settings.curator, now=self.clock(), seen=seen)

    def find_open_month(self) -> Month:
        """The month to review: the oldest that is over and whose shortlist is undecided; else the newest with posts
        that is not in the future; the present one if there is none.
        """
        return review.find_open_month(self.database, self.current_month, self.settings.zone)

    def rank_reviewed(self, last: Month | None = None) -> None:
        """Rank the months under review by what the curator has set; *last*, else the open one, is the readiest to try
        something else on.
        """
        last, present = last or self.find_open_month(), self.current_month
        self.judge.rank({present, present.shift(-1)} - {last})
        self.judge.rank([last])

    # --- digest ---

    def get_texts(self) -> Texts:
        """The fixed texts of the next digest: as set, else as in the digest read last, else as shipped."""
        with self.reading() as connection:
            last = digests.find_last_texts(connection)
        return self.settings.merge_texts(last)

    def list_month_work(self) -> Sequence[MonthWork]:
        """The digests that are to be drafted or printed now, the oldest month first."""
        digest, zone = self.settings.digest, self.settings.zone
        return months.list_work(
            self.database, now=self.clock(), zone=zone, draft_day=digest.draft_day, print_day=digest.print_day
        )

    def compose(self, month: Month) -> Digest:
        return publish.compose_month(self.database, month, self.get_texts())

    def make_digest(self, month: Month, state: DigestState, *, again: bool = False) -> Path:
        """Draft or print the digest of a month, with *again* also over one that was printed; returns the file."""
        return publish.make_digest(
            self.database,
            month,
            self.get_texts(),
            state=state,
            now=self.clock(),
            folder=self.digest_folder,
            again=again,
        )

    def read_digest(self, text: str) -> ReadDigest:
        return read_digest(text, self.settings.merge_texts(None))

    def import_digest(
        self, read: ReadDigest, month: Month | None = None, *, until: date | None = None, named: Month | None = None
    ) -> publish.Imported:
        """Store a page that was read, as the digest of a *month* or as what was printed up to the day *until*. Without
        either, its lines decide, and the month that its file is *named* by. Raises DigestError.
        """
        wanted = Wanted(month, until, named)
        imported = publish.import_digest(self.database, read, wanted, now=self.clock(), zone=self.settings.zone)
        self.judge.rank(self.judge.classify() | self.judge.find_copies() | imported.months)
        self.index()
        return imported


def utc_now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def open_app(
    config: Config,
    aim: Aim = Aim.BEGIN,
    *,
    clock: Callable[[], datetime] = utc_now,
    random: Callable[[], float] = random.random,
    set_up_logs: Callable[[], None] = lambda: None,
) -> Iterator[App]:
    """Open the database and, for more than a look, bring its tables up to date.

    The feeds are those that are stored. Whoever begins takes feeds.toml over where none are; whoever runs, always.
    Raises StorageError, and NotFoundError where there is nothing yet and nothing is to be made.
    """
    if aim in {Aim.BEGIN, Aim.RUN}:
        make_home(config.home)
    with ExitStack() as closing:
        database = Database(config.database, aim, config.settings.taxonomy)
        closing.callback(database.close)
        if aim is Aim.RUN:
            database.hold()
        database.prepare()
        if aim is not Aim.LOOK:
            renewal.renew(database, clock(), set_up_logs)
        app = App(config, database, clock, random, set_up_logs, closing)
        if aim is Aim.RUN:
            app.feeds_file.follow()
        elif aim is Aim.BEGIN and not care.has_feeds(database):
            app.apply_feeds()
        yield app
