"""The one place that builds things: a configuration becomes an App, with which the command line, the scheduler and the
page do their work. Its methods only fill in what was configured; what they do is in ``pipeline``.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aggregator.classify.learning import Rhythm
from aggregator.collect.drafts import PreviewedEntry, preview_entries
from aggregator.collect.health import Alarm, find_alarm
from aggregator.collect.hosts import HostGate
from aggregator.collect.parse import parse_document
from aggregator.collect.retrieve import Retriever
from aggregator.collect.schedule import Bounds
from aggregator.collect.update import VisitRules
from aggregator.collect.workers import WorkerPool
from aggregator.config import Config, Settings, VisitSettings, change_feed
from aggregator.digest.read import ReadDigest, read_digest
from aggregator.exceptions import ModelNotTrainedError, NotFoundError
from aggregator.learner import Learner
from aggregator.pipeline import (
    Progress,
    care,
    collect,
    duplicates,
    figures,
    ignore_progress,
    judge,
    months,
    publish,
    review,
    sample,
    search,
    series,
    weights,
    why,
)
from aggregator.pipeline import pages as reading
from aggregator.pipeline.neighbours import DecidedPosts, Neighbours
from aggregator.pipeline.why import Why
from aggregator.rank.wishes import Quotas
from aggregator.storage import digests, feeds, health, pages, posts
from aggregator.storage.database import Connection, Database
from aggregator.storage.files import write_whole
from aggregator.types import (
    Candidate,
    Correction,
    Decision,
    Digest,
    DigestState,
    Feed,
    FeedState,
    Month,
    PageReading,
    ParsedFeed,
    Post,
    Retrieved,
    Texts,
    Visit,
    WantedPage,
    Wish,
)

if TYPE_CHECKING:
    from aggregator.rank.backtest import MonthFigures
    from aggregator.rank.effect import Effect
    from aggregator.rank.ranking import Ranking


#: Months that are ranked before copies are looked for among very many posts.
_SHOWN_EARLY = 3


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Preview:
    """A document as it was parsed, and what each of its entries would become."""

    parsed: ParsedFeed
    entries: list[PreviewedEntry]


@dataclass(frozen=True)
class App:
    """Everything that runs, built from a configuration by ``open_app``."""

    config: Config
    database: Database
    workers: WorkerPool
    learner: Learner
    #: Opens the page; kept in the home folder, readable by its owner alone.
    login_key: str
    clock: Callable[[], datetime] = utc_now
    #: From 0 to 1; spreads visits, guards nothing.
    random: Callable[[], float] = random.random
    _under_visit: set[str] = field(default_factory=set)
    _pages_under_way: set[int] = field(default_factory=set)
    _robots: reading.RobotsMemory = field(default_factory=reading.RobotsMemory)
    _gates: dict[asyncio.AbstractEventLoop, tuple[HostGate, HostGate]] = field(default_factory=dict)
    #: What was learned of the curator's preferences, between one ranking and the next.
    memory: judge.Memory = field(default_factory=judge.Memory)
    #: The decided posts as the model sees them, between one question and the next.
    decided: DecidedPosts = field(default_factory=DecidedPosts)

    @property
    def settings(self) -> Settings:
        return self.config.settings

    @property
    def digest_folder(self) -> Path:
        return self.config.home / "digests"

    @property
    def current_month(self) -> Month:
        return Month.of(self.clock(), self.settings.zone)

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection for the queries of ``storage``."""
        return self.database.reading()

    # --- collect ---

    async def visit(self, states: Sequence[FeedState], *, progress: Progress = ignore_progress) -> list[Visit]:
        """Visit these feeds now, due or not; one that is under visit already is left out."""
        visits = self.settings.visits
        bounds = Bounds(timedelta(minutes=visits.min_interval_minutes), timedelta(minutes=visits.max_interval_minutes))
        asked = {state.feed.key: state for state in states}
        free = [state for key, state in asked.items() if key not in self._under_visit]
        self._under_visit.update(state.feed.key for state in free)
        try:
            async with self._open_retriever() as retriever:
                return await collect.visit_feeds(
                    self.database,
                    retriever,
                    self.workers,
                    free,
                    clock=self.clock,
                    random=self.random,
                    rules=VisitRules(
                        bounds, self.settings.zone, visits.max_entries, timedelta(days=visits.move_trial_days)
                    ),
                    connections=visits.connections,
                    hosts=self._get_gates()[0],
                    credentials=self.config.credentials,
                    progress=progress,
                )
        finally:
            self._under_visit.difference_update(state.feed.key for state in free)

    async def visit_now(self, keys: Sequence[str]) -> list[Visit]:
        """Visit these feeds now, paused ones too. Raises NotFoundError."""
        with self.reading() as connection:
            states = feeds.list_feed_states(connection, keys)
        return await self.visit(states)

    async def visit_due(self) -> list[Visit]:
        """Visit the feeds whose time has come."""
        with self.reading() as connection:
            due = feeds.list_due_feeds(connection, self.clock())
        return await self.visit(due) if due else []

    async def read_pages(
        self, feed_key: str | None = None, *, again: bool = False, progress: Progress = ignore_progress
    ) -> list[PageReading]:
        """Read the pages that are due, of the feeds that ask for it or of one feed; with *again* also those that failed
        or were refused for good. Raises NotFoundError.
        """
        settings, now = self.settings.pages, self.clock()
        with self.reading() as connection:
            if feed_key is not None:
                feeds.list_feed_states(connection, [feed_key])
            due = pages.list_wanted(
                connection,
                now=now,
                since=now - timedelta(days=settings.days),
                words=settings.max_words,
                newest=settings.newest,
                feed_key=feed_key,
                again=again,
            )
        # A feed with a password is not open to everybody, and its password is not for pages.
        closed = self.config.credentials
        wanted = [one for one in due if one.post_id not in self._pages_under_way and one.feed_key not in closed]
        self._pages_under_way.update(one.post_id for one in wanted)
        try:
            return await self._read_wanted(wanted, progress) if wanted else []
        finally:
            self._pages_under_way.difference_update(one.post_id for one in wanted)

    async def _read_wanted(self, wanted: Sequence[WantedPage], progress: Progress) -> list[PageReading]:
        async with self._open_retriever() as retriever:
            return await reading.read_pages(
                self.database,
                retriever,
                self.workers,
                wanted,
                clock=self.clock,
                connections=max(1, self.settings.visits.connections // 4),
                hosts=self._get_gates()[0],
                turns=self._get_gates()[1],
                memory=self._robots,
                progress=progress,
            )

    def _get_gates(self) -> tuple[HostGate, HostGate]:
        """One for all that goes out, so that feeds and pages of a host wait for each other, and one for pages alone."""
        loop = asyncio.get_running_loop()
        if loop not in self._gates:
            # Its places are bound to a loop; of another one, which has ended, nothing is under way.
            self._gates.clear()
            visits = self.settings.visits
            self._gates[loop] = (HostGate(visits.per_host, visits.host_pause_seconds), HostGate(1, 0.0))
        return self._gates[loop]

    def _open_retriever(self) -> Retriever:
        return open_retriever(self.settings.visits)

    # --- care of feeds ---

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
        """Whether nothing has succeeded for longer than ``visits.alarm_minutes`` although visits were tried."""
        now, after = self.clock(), timedelta(minutes=self.settings.visits.alarm_minutes)
        with self.reading() as connection:
            # Every page asks, and nearly always this is the answer.
            last = feeds.find_last_success(connection)
            if last is not None and now - last < after:
                return None
            states = feeds.list_feed_states(connection)
        return find_alarm(states, now, after)

    def forget_visits(self) -> int:
        """Remove the records of visits that are older than a year and a month; returns how many."""
        with self.database.writing() as connection:
            return health.forget_visits(connection, self.clock() - timedelta(days=400))

    # --- classify and rank ---

    def classify(self, *, everything: bool = False, progress: Progress = ignore_progress) -> set[Month]:
        """Guess the section of all posts that are new, and anew of the undecided ones in open months (*everything*: in
        all months) that another model guessed; returns their months.
        """
        present = None if everything else self.current_month
        changed = judge.classify_posts(
            self.database, self.learner.get(), now=self.clock(), present=present, progress=progress
        )
        self.memory.forget(changed)
        return changed

    def rank(self, wanted: Collection[Month], *, is_last: bool = True, progress: Progress = ignore_progress) -> None:
        """Learn from what was printed and decided so far, score the candidates of some months, choose shortlists.

        With *is_last* months that are over get their random look; without, copies among their posts are still looked
        for.
        """
        wished = self.get_wished()
        for month in sorted(wanted):
            self.memory.rank_month(
                self.database,
                month,
                weights=weights.make_weights(wished),
                quotas=weights.make_quotas(wished),
                now=self.clock(),
            )
            # While posts still come in, a draw would know only the first of them.
            if is_last and month < self.current_month:
                sample.draw_month(
                    self.database,
                    month,
                    size=wished.shortlist.sample,
                    salt=_get_secret(self.config.home, "sample-salt"),
                    now=self.clock(),
                )
            progress(1)

    def rank_decided(self) -> set[Month]:
        """Rank anew the months in which something was decided since they were ranked; returns them."""
        changed = self.memory.find_decided(self.database)
        self.rank(changed)
        return changed

    def get_wished(self) -> Settings:
        """The settings with the weights and quotas that the curator changed over feeds.toml."""
        with self.reading() as connection:
            return weights.read_wishes(connection, self.settings)

    def plan_wishes(self, changes: Mapping[str, Any]) -> Settings:
        """The same with some of them changed, by their names in feeds.toml; None goes back to what it says.

        Raises ConfigError for what feeds.toml would not take either.
        """
        with self.reading() as connection:
            return weights.plan_wishes(connection, self.settings, changes)

    def set_wishes(self, changes: Mapping[str, Any]) -> list[Wish]:
        """Keep such changes; returns those that change anything. Raises ConfigError. Ranks nothing by itself."""
        return weights.set_wishes(self.database, self.settings, changes, by=self.settings.curator, now=self.clock())

    def reset_wishes(self) -> list[Wish]:
        """Go back to the weights and quotas of feeds.toml; returns what changed."""
        with self.reading() as connection:
            held = weights.list_in_force(connection, self.settings)
        return self.set_wishes(dict.fromkeys(held))

    def try_wishes(self, month: Month, wished: Settings, *, most: int) -> Effect:
        """What these settings would do to the order of a month; of the posts that stay, the *most* moved."""
        from aggregator.rank.effect import measure_effect

        before, after = (self._try(month, settings) for settings in (self.get_wished(), wished))
        return measure_effect(before.scores, after.scores, most=most)

    def _try(self, month: Month, settings: Settings) -> Ranking:
        return self.memory.try_month(
            self.database, month, weights=weights.make_weights(settings), quotas=weights.make_quotas(settings)
        )

    def find_limits(self, month: Month) -> Quotas | None:
        """The quotas by which a month was ranked last, learned ones included; None when that is long ago."""
        ranking = self.memory.find_ranking(month)
        return ranking.limits if ranking else None

    def find_neighbours(self, post: Post) -> Neighbours:
        """The decided posts that a post is most like; none while the first model is not fitted yet."""
        model = self.learner.find()
        if model is None:
            return Neighbours()
        with self.reading() as connection:
            return self.decided.find_neighbours(connection, model, post)

    def measure_ranking(self) -> list[MonthFigures]:
        """Replay the stored months and compare each with what was printed."""
        from aggregator.pipeline import backtest

        wished = self.get_wished()
        return backtest.measure_stored(
            self.database, weights=weights.make_weights(wished), quotas=weights.make_quotas(wished)
        )

    def measure_closed(self, *, stopping: threading.Event | None = None) -> list[Month]:
        """Compare the months whose digests were published since with how they would have been ranked; returns them.

        With *stopping* in a process of its own, which ends when this is set: then raises StoppedError.
        """
        wished = self.get_wished()
        return figures.measure_closed(
            self.database,
            weights=weights.make_weights(wished),
            quotas=weights.make_quotas(wished),
            now=self.clock(),
            stopping=stopping,
        )

    def judge_new(self, *, progress: Progress = ignore_progress) -> None:
        """Classify what is new, find copies, and rank the months that this changes: its own, and those that talk is
        still about.
        """
        recent = {self.current_month, self.current_month.shift(-1)}
        changed = self.release_arrived() | self.classify(progress=progress)
        if duplicates.has_much_to_compare(self.database):
            # That takes minutes after the first visits; the months to review are shown meanwhile, copies and all.
            self.rank(sorted(changed | recent)[-_SHOWN_EARLY:], is_last=False, progress=progress)
        changed |= self.find_copies(progress=progress)
        self.rank(changed | recent, progress=progress)

    def release_arrived(self) -> set[Month]:
        """Let the posts that waited for their day join the candidates; returns the months that this changes."""
        return months.release_arrived(self.database, now=self.clock(), zone=self.settings.zone)

    def explain(self, post_id: int) -> Why:
        """Why a post was guessed as it was, by the model that guessed it where that is kept, else by the one in use.

        Raises NotFoundError, and ModelNotTrainedError while the first model is not fitted yet.
        """
        in_use = self.learner.find()
        if in_use is None:
            raise ModelNotTrainedError("the first model is being fitted; look again in a moment")
        with self.reading() as connection:
            candidate = posts.get_candidate(connection, post_id)
            guessed_by = self.learner.find_kept(candidate.guess.model_version) if candidate.guess else None
            return why.explain_guess(connection, candidate, guessed_by or in_use, in_use, self.decided)

    def refresh_decided(self) -> None:
        """Read what was decided since the last time, so that nobody has to wait for it."""
        model = self.learner.find()
        if model is not None:
            with self.reading() as connection:
                self.decided.refresh(connection, model)

    # --- duplicates ---

    def find_copies(self, *, progress: Progress = ignore_progress) -> set[Month]:
        """Compare what is new or has changed with what it may be a copy of; returns the months that this changes."""
        return duplicates.find_copies(self.database, now=self.clock(), progress=progress)

    def merge_posts(self, post_ids: Sequence[int]) -> None:
        """Remember that these posts are the same article. Raises NotFoundError and ReviewError."""
        self.rank(duplicates.merge_posts(self.database, post_ids, by=self.settings.curator, now=self.clock()))

    def split_post(self, post_id: int) -> None:
        """Remember that a post is none of those that it is taken for. Raises NotFoundError and ReviewError."""
        self.rank(duplicates.split_post(self.database, post_id, by=self.settings.curator, now=self.clock()))

    def part_posts(self, first_id: int, second_id: int) -> None:
        """Remember that the second post is not the same as the first, nor as its copies. Raises NotFoundError."""
        self.rank(duplicates.part_posts(self.database, first_id, second_id, by=self.settings.curator, now=self.clock()))

    # --- search ---

    def index(self, *, anew: bool = False, progress: Progress = ignore_progress) -> int:
        """Make found what is new or has changed, or everything *anew*; returns how many posts were indexed."""
        if anew:
            search.mark_all(self.database)
        return search.index_new(self.database, progress=progress)

    # --- review ---

    def decide(
        self, post_id: int, decision: Decision, *, reason: str | None = None, correction: Correction | None = None
    ) -> Candidate:
        """Record the curator's verdict on a post, with what they changed in its line."""
        curator, now = self.settings.curator, self.clock()
        if correction is not None:
            correction = replace(correction, by=curator, at=now)
        return review.record_verdict(
            self.database, post_id, decision, by=curator, now=now, reason=reason, correction=correction
        )

    def give_month(self, post_id: int, month: Month) -> Candidate:
        """Record the month that the curator knows of a post; one that waits for a date joins the candidates."""
        candidate = months.give_month(
            self.database, post_id, month, by=self.settings.curator, now=self.clock(), zone=self.settings.zone
        )
        self.rank({candidate.post.month})
        return candidate

    def undo(self, post_id: int | None = None) -> Candidate:
        """Take back the verdict in force of a post, or the newest of all."""
        return review.undo_verdict(self.database, by=self.settings.curator, now=self.clock(), post_id=post_id)

    def accept_series_note(self, post_id: int, language: str) -> Candidate:
        """Let the note of a line lead to the earlier parts of its series, in Korean (ko) or English (en)."""
        return series.accept_note(self.database, post_id, language, by=self.settings.curator, now=self.clock())

    def take_back_series_note(self, post_id: int) -> Candidate:
        """Take that out of the note again."""
        return series.take_back_note(self.database, post_id, by=self.settings.curator, now=self.clock())

    def find_open_month(self) -> Month:
        """The month to review: last month while its digest is open and its shortlist undecided; else the newest with
        posts that is not in the future, and the present one when there is none.
        """
        last = self.current_month.shift(-1)
        with self.reading() as connection:
            stored = digests.find_digest(connection, last)
            if stored is None or stored.state is DigestState.DRAFT:
                outlines = posts.list_outlines(connection, last)
                if any(outline.shortlisted and outline.decision is None for outline in outlines):
                    return last
            past = [month for month in posts.list_months(connection) if month <= self.current_month]
        return past[0] if past else self.current_month

    # --- digest ---

    def get_texts(self) -> Texts:
        """The fixed texts of the next digest: as set, else as in the digest read last, else as shipped."""
        with self.reading() as connection:
            last = digests.find_last_texts(connection)
        return self.settings.merge_texts(last)

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

    def import_digest(self, read: ReadDigest, month: Month | None) -> tuple[Month, int]:
        """Store a digest that was read; returns its month and how many lines were new."""
        found, new = publish.import_digest(self.database, read, month=month, now=self.clock(), zone=self.settings.zone)
        self.rank(self.find_copies() | self.classify())
        self.index()
        return found, new


@contextmanager
def open_app(
    config: Config, *, clock: Callable[[], datetime] = utc_now, random: Callable[[], float] = random.random
) -> Iterator[App]:
    """Open the database, bring its tables up to date and take over feeds.toml. Raises StorageError."""
    database = Database(config.database_url)
    try:
        database.migrate()
        with database.writing() as connection:
            feeds.save_feeds(connection, config.feeds)
        visits = config.settings.visits
        with (
            WorkerPool(visits.parser_processes, cpu_seconds=visits.parse_seconds) as workers,
            _open_learner(config, database, clock) as learner,
        ):
            yield App(config, database, workers, learner, _get_secret(config.home, "login-key"), clock, random)
    finally:
        database.close()


def _open_learner(config: Config, database: Database, clock: Callable[[], datetime]) -> Learner:
    learning = config.settings.learning
    rhythm = Rhythm(learning.after_decisions, learning.nightly_hour, config.settings.zone)
    return Learner(database, config.home / "models", clock=clock, rhythm=rhythm, keep=learning.keep_versions)


def open_retriever(visits: VisitSettings) -> Retriever:
    return Retriever(
        timeout_seconds=visits.timeout_seconds,
        max_bytes=round(visits.max_megabytes * 1e6),
        connections=visits.connections,
        contact=visits.contact,
        allowed_networks=visits.allowed_networks,
    )


async def preview_document(place: str, settings: Settings, *, now: datetime, file_url: str) -> Preview:
    """What the document in a file or at an address would give, in a single visit; needs and changes no database.

    *file_url* is where a file is taken to come from; relative links are resolved against it. Raises FeedError, and
    NotFoundError when there is no such file.
    """
    if place.startswith(("http://", "https://")):
        async with open_retriever(settings.visits) as retriever:
            answer = await retriever.retrieve_whole(place)
    else:
        path = Path(place)
        try:
            answer = Retrieved(file_url, 200, path.read_bytes())
        except OSError as error:
            raise NotFoundError(f"{place} cannot be read: {error.strerror}") from error
    parsed = parse_document(answer.body, answer.url, answer.content_type)
    return Preview(parsed, preview_entries(parsed, answer.url, now=now, zone=settings.zone))


def _get_secret(home: Path, name: str) -> str:
    """A file of the home folder that is made once and readable by its owner alone."""
    path = home / name
    if not path.is_file():
        write_whole(path, secrets.token_urlsafe(32), mode=0o600)
    return path.read_text(encoding="utf-8").strip()
