"""The composition root: builds an App from a configuration for the command line, the scheduler and the page."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from aggregator.config import Config
from aggregator.pipeline import follow, renewal
from aggregator.pipeline.activity import Activity
from aggregator.pipeline.home import Home
from aggregator.pipeline.rehearsal import Rehearsal
from aggregator.storage.database import Aim, Database
from aggregator.storage.secrets import LOGIN_KEY, SAMPLE_SALT, get_secret, make_home
from aggregator.types import TalkSource, Visit

if TYPE_CHECKING:
    from aggregator.fetch.workers import WorkerPool
    from aggregator.pipeline.adding import PostReader
    from aggregator.pipeline.archives import ArchiveReader
    from aggregator.pipeline.collect import Visitor
    from aggregator.pipeline.contents import ContentReader
    from aggregator.pipeline.discovery import Discoverer
    from aggregator.pipeline.drafting import Drafter
    from aggregator.pipeline.feeds_file import FeedsFile
    from aggregator.pipeline.issues import IssueReader
    from aggregator.pipeline.judge import Judge
    from aggregator.pipeline.learner import Learner
    from aggregator.pipeline.links import LinkChecker
    from aggregator.pipeline.network import Network
    from aggregator.pipeline.own_list import ListTester
    from aggregator.pipeline.pages import PageReader
    from aggregator.pipeline.recipes import RecipeFinder
    from aggregator.pipeline.roundups import RoundupReader
    from aggregator.pipeline.suggesting import SuggestionReader
    from aggregator.pipeline.talk import TalkAsker
    from aggregator.pipeline.telemetry import Telemetry


@dataclass(frozen=True)
class App(Home):
    """A home with its long-lived services, built from a configuration by ``open_app``.

    Each service is built on first use, with its libraries: a command that shows the queue loads neither scikit-learn
    nor HTTP. Call ``build`` before threads use the services. The curator's acts are functions of a home, in
    ``pipeline``.
    """

    config: Config
    random: Callable[[], float]
    #: Called before the first service that logs is built.
    set_up_logs: Callable[[], None]
    #: Closes the services at the end.
    closing: ExitStack

    @cached_property
    def feeds_file(self) -> FeedsFile:
        self.set_up_logs()
        from aggregator.pipeline.feeds_file import FeedsFile

        return FeedsFile(self.database, self.config)

    @cached_property
    def _network(self) -> Network:
        from aggregator.pipeline.network import Network

        return Network(self.settings.visits, self.feeds_file.credentials, self.feeds_file.proxies, self.workers)

    @cached_property
    def workers(self) -> WorkerPool:
        """Processes that parse documents and pages, or the workers of a cluster."""
        self.set_up_logs()
        from aggregator.fetch.workers import WorkerPool

        visits, cluster = self.settings.visits, self.settings.cluster
        limits = {"processes": visits.parser_processes, "cpu_seconds": visits.parse_seconds}
        if not cluster:
            return self.closing.enter_context(WorkerPool(**limits))
        from aggregator.cluster.pool import ClusterPool

        folder = self.settings.cluster_certificates
        certificates = Path(folder) if folder else None
        pool = ClusterPool(cluster, certificates=certificates, connections=visits.connections, **limits)
        return self.closing.enter_context(pool)

    @property
    def _cluster(self) -> WorkerPool | None:
        return self.workers if self.settings.cluster else None

    def note_cluster(self) -> None:
        """Note how the cluster is, if the settings name one, so that other processes can show it."""
        from aggregator.cluster.pool import ClusterPool
        from aggregator.pipeline.cluster_note import note_cluster

        if isinstance(self.workers, ClusterPool):
            note_cluster(self, self.workers, os.getpid())

    @cached_property
    def activity(self) -> Activity:
        """What the daemon is doing now."""
        return Activity()

    @cached_property
    def telemetry(self) -> Telemetry:
        """What monitoring asks for."""
        from aggregator.pipeline.telemetry import Telemetry

        return Telemetry(self, lambda: self.workers.deaths, self.workers.count_cluster)

    @cached_property
    def recipe_finder(self) -> RecipeFinder:
        from aggregator.pipeline.recipes import RecipeFinder

        return RecipeFinder(self, self.workers, self._network)

    @cached_property
    def visitor(self) -> Visitor:
        self.set_up_logs()
        from aggregator.pipeline.collect import Visitor

        return Visitor(self, self.workers, self._network, self.random, self.activity, self._note_visits)

    def _note_visits(self, visits: Sequence[Visit]) -> None:
        # Only the daemon, which has built it, is asked.
        if "telemetry" in self.__dict__:
            self.telemetry.note_visits(visits)

    @cached_property
    def content_reader(self) -> ContentReader:
        self.set_up_logs()
        from aggregator.pipeline.contents import ContentReader

        return ContentReader(self, self.workers, lambda: self.activity.is_awaited)

    @cached_property
    def archive_reader(self) -> ArchiveReader:
        self.set_up_logs()
        from aggregator.pipeline.archives import ArchiveReader

        return ArchiveReader(self, self.workers, self._network, self.visitor.rules, self.random)

    @cached_property
    def page_reader(self) -> PageReader:
        self.set_up_logs()
        from aggregator.pipeline.pages import PageReader

        return PageReader(self, self.workers, self._network)

    @cached_property
    def discoverer(self) -> Discoverer:
        self.set_up_logs()
        from aggregator.pipeline.discovery import Discoverer

        return Discoverer(self, self.workers, self._network)

    @cached_property
    def post_reader(self) -> PostReader:
        self.set_up_logs()
        from aggregator.pipeline.adding import PostReader

        return PostReader(self, self.workers, self._network)

    @cached_property
    def roundup_reader(self) -> RoundupReader:
        self.set_up_logs()
        from aggregator.pipeline.roundups import RoundupReader

        return RoundupReader(self, self.workers, self._network, self.post_reader)

    @cached_property
    def suggestion_reader(self) -> SuggestionReader:
        self.set_up_logs()
        from aggregator.pipeline.suggesting import SuggestionReader

        return SuggestionReader(self, self.post_reader)

    @cached_property
    def issue_reader(self) -> IssueReader:
        self.set_up_logs()
        from aggregator.pipeline.issues import IssueReader

        return IssueReader(self, self._network, self.config.suggestions_token)

    @cached_property
    def drafter(self) -> Drafter:
        self.set_up_logs()
        from aggregator.pipeline.drafting import Drafter

        return Drafter(self, self.config.drafting_key)

    @cached_property
    def link_checker(self) -> LinkChecker:
        self.set_up_logs()
        from aggregator.pipeline.links import LinkChecker

        return LinkChecker(self, self.workers, self._network)

    @cached_property
    def talk_asker(self) -> TalkAsker:
        self.set_up_logs()
        from aggregator.pipeline.talk import TalkAsker

        token = self.config.github_token
        return TalkAsker(self, self.workers, self._network, {TalkSource.GITHUB: token} if token else {})

    @cached_property
    def learner(self) -> Learner:
        self.set_up_logs()
        from aggregator.pipeline.learner import Learner

        return self.closing.enter_context(Learner(self, self._cluster))

    @cached_property
    def list_tester(self) -> ListTester:
        self.set_up_logs()
        from aggregator.pipeline.own_list import ListTester

        tester = ListTester(self)
        self.closing.callback(tester.stop)
        return tester

    @cached_property
    def judge(self) -> Judge:
        from aggregator.pipeline.judge import Judge

        return Judge(self, self.learner, lambda: self._get_secret(SAMPLE_SALT), self._cluster)

    @property
    def session_clock(self) -> Callable[[], datetime]:
        """The clock of sessions and logins: browsers know the machine's alone."""
        return utc_now if self.rehearsal else self.clock

    @cached_property
    def login_key(self) -> str:
        """The key that opens the page. It is kept in the home folder, readable only by its owner."""
        return self._get_secret(LOGIN_KEY)

    def _get_secret(self, name: str) -> str:
        self.set_up_logs()
        return get_secret(self.folder, name, may_make=self.database.aim is not Aim.LOOK)

    def build(self) -> None:
        """Build all services now. On first use, two threads could each build one."""
        _ = (
            self.feeds_file,
            self.activity,
            self.telemetry,
            self.visitor,
            self.content_reader,
            self.archive_reader,
            self.page_reader,
            self.post_reader,
            self.roundup_reader,
            self.suggestion_reader,
            self.link_checker,
            self.discoverer,
            self.talk_asker,
            self.drafter,
            self.learner,
            self.list_tester,
            self.judge,
            self.login_key,
        )


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
    rehearsal: Rehearsal | None = None,
) -> Iterator[App]:
    """Open the database, and migrate it unless *aim* is ``LOOK``.

    With a *rehearsal*, its clock is the App's. The App follows the stored feeds. ``BEGIN`` applies feeds.toml if no
    feeds are stored; ``RUN`` always applies it.
    Raises StorageError, and NotFoundError if the database is missing and *aim* does not make one.
    """
    if rehearsal:
        clock = rehearsal.clock
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
        app = App(
            config.home, config.settings, database, clock, config, random, set_up_logs, closing, rehearsal=rehearsal
        )
        if aim is Aim.RUN:
            app.feeds_file.follow()
        elif aim is Aim.BEGIN and not follow.has_feeds(database):
            follow.take_over(database, config.feeds, file=str(config.file), is_asked=True)
        yield app
