"""When each stage runs. The only file that knows APScheduler.

Each stage reads from the tables what is due (``next_visit_at``, whether a month has its draft). The scheduler does not
keep it, so jobs need not survive a restart: a daemon that slept or was killed catches up at its next tick. APScheduler
plans by the system clock; the end of this file keeps its jobs running when that clock is changed.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.events import EVENT_JOB_SUBMITTED, JobSubmissionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from aggregator import heap
from aggregator.app import App
from aggregator.exceptions import (
    AggregatorError,
    DigestError,
    MissingExtraError,
    StoppedError,
    StorageError,
    WorkTreeError,
)
from aggregator.feeds.health import Alarm
from aggregator.pipeline import (
    care,
    deliver,
    follow,
    metrics,
    months,
    notices,
    publish,
    retention,
    search,
    suggesting,
    talk,
)
from aggregator.pipeline.activity import Stage
from aggregator.pipeline.learner import PAUSE_AFTER_FAILURE
from aggregator.pipeline.rehearsal import Rehearsal
from aggregator.storage import digests
from aggregator.types import DigestState, Month, Outcome, PageOutcome
from aggregator.words.notices import say_due, say_late
from aggregator.words.readers import write_reply

log = structlog.get_logger()

Job = Callable[[], Awaitable[None]]

_TICK = timedelta(minutes=1)
# A restart has more urgent work.
_DELAYS = {"look_at_links": timedelta(minutes=10), "look_at_sites": timedelta(minutes=20)}
# A rehearsal rests this long between two rounds, however fast it is.
_SHORTEST = timedelta(seconds=0.25)
# Addresses of printed lines that are looked at in an hour: all of ten years are in a week.
_LINKS_AN_HOUR = 20
# Seconds between two checks that the system clock was not set back.
_LOOK_SECONDS = 5.0
#: If no stage starts for so many minutes, something is wrong: one stage may take long, but not all of them.
_SILENT_MINUTES = 5
#: A late tick runs once, however many were missed.
_JOB = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}


class Daemon:
    """Runs the stages on schedule, from ``start`` until ``stop``."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._scheduler = AsyncIOScheduler(timezone=app.zone)
        self._watching: asyncio.Task[None] | None = None
        self._stopping = threading.Event()
        self._is_told_to_read = False
        #: The version of the model in the last round; None before the first one.
        self._judged_by: str | None = None
        #: Whether something stored has not been judged; True at the start, for work that the last run left.
        self._is_news = True
        #: When a fit, or the measurement of published months, failed last.
        self._failed_at: dict[str, datetime] = {}
        #: Held while one of the two is under way.
        self._turn = threading.Lock()
        self._alarm: Alarm | None = None
        self._has_warned_of_pages = False
        self._has_warned_of_notices = False
        self._ticked_at = time.monotonic()

    def start(self) -> None:
        """Start the jobs, each with a first run at once. Needs a running event loop."""
        # Pages that are asked for before the first round begins wait for it too.
        self._app.activity.enter(Stage.VISIT)
        now = datetime.now(self._app.zone)
        every_minute = (
            self.follow_feeds_file,
            self.visit_and_judge,
            self.read_contents,
            self.read_archives,
            self.read_pages,
            self.read_roundups,
            self.read_suggestions,
            self.tend_months,
            self.deliver,
            self.learn,
            self.tell,
            self.ask_for_talk,
        )
        jobs: dict[Job, timedelta] = dict.fromkeys(every_minute, _TICK)
        if self._app.settings.cluster:
            jobs[self.note_cluster] = _TICK
        jobs[self.tidy] = timedelta(days=1)
        jobs[self.look_at_links] = timedelta(hours=1)
        jobs[self.look_at_sites] = timedelta(hours=1)
        if self._app.settings.suggestions.github:
            jobs[self.read_issues] = timedelta(hours=1)
        if self._app.rehearsal:
            self._watching = asyncio.create_task(self._rehearse(jobs, self._app.rehearsal))
            return
        for job, interval in jobs.items():
            trigger = _Interval(seconds=interval.total_seconds(), timezone=self._app.zone)
            self._scheduler.add_job(
                _guarded(job, self._app.telemetry.note_job),
                trigger,
                next_run_time=now + _DELAYS.get(job.__name__, timedelta()),
                id=job.__name__,
                name=job.__name__,
                **_JOB,
            )
        self._scheduler.add_listener(self._note_lag, EVENT_JOB_SUBMITTED)
        self._scheduler.start()
        self._watching = asyncio.create_task(_watch_clock(self._scheduler))

    async def _rehearse(self, jobs: Mapping[Job, timedelta], rehearsal: Rehearsal) -> None:
        """Run the jobs by the clock of a rehearsal. Those that are due together end before time hurries on."""
        clock = rehearsal.clock
        clock.hurry(0)
        clock.start()
        due = dict.fromkeys(self._choose_rehearsed(jobs, rehearsal), clock())
        while True:
            now = clock()
            ready = [job for job, at in due.items() if at <= now]
            with clock.working():
                clock.hurry(0)
                await asyncio.gather(*(_guarded(job, self._app.telemetry.note_job)() for job in ready))
            due |= {job: now + jobs[job] for job in ready}
            pause = max((min(due.values()) - clock()) / clock.speed, _SHORTEST).total_seconds()
            clock.hurry(pause)
            await asyncio.sleep(pause)

    def _choose_rehearsed(self, jobs: Iterable[Job], rehearsal: Rehearsal) -> list[Job]:
        """Choose the jobs of a rehearsal: without visits only those that ask nobody. Places of talk, printed links and
        the sites of dying feeds are never asked, because they would be asked far too often.
        """
        never = (self.ask_for_talk, self.look_at_links, self.look_at_sites, self.read_issues)
        asking = (
            () if rehearsal.visits else (self.read_archives, self.read_pages, self.read_roundups, self.read_suggestions)
        )
        return [job for job in jobs if job not in (*never, *asking)]

    def stop(self) -> None:
        """Stop the jobs. Running visits are cancelled, long work in threads ends after its current batch, and work in
        child processes is killed.
        """
        self._stopping.set()
        self._app.learner.stop()
        if self._watching:
            self._watching.cancel()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def find_trouble(self) -> str | None:
        """Say for monitoring that no stage has begun for minutes; None if all is well."""
        minutes = int(time.monotonic() - self._ticked_at) // 60
        return f"no stage has begun for {minutes} minutes" if minutes >= _SILENT_MINUTES else None

    def _note_lag(self, event: JobSubmissionEvent) -> None:
        planned = event.scheduled_run_times[-1]
        self._app.telemetry.note_lag(event.job_id, (datetime.now(UTC) - planned).total_seconds())

    def _tick(self) -> None:
        self._ticked_at = time.monotonic()

    def read_feeds_file_now(self) -> None:
        """Reload feeds.toml, changed or not, as soon as possible."""
        self._is_told_to_read = True
        if self._app.rehearsal:
            return  # Its next round is soon.
        self._scheduler.modify_job("follow_feeds_file", next_run_time=datetime.now(self._app.zone))

    async def follow_feeds_file(self) -> None:
        """Apply feeds.toml if it has changed."""
        anyway, self._is_told_to_read = self._is_told_to_read, False
        await asyncio.to_thread(self._app.feeds_file.follow, anyway=anyway)

    async def visit_and_judge(self) -> None:
        """Visit the feeds that are due, then classify and rank what is new. At the start and after a change of model
        this includes older posts that are still to be judged.
        """
        self._tick()
        try:
            with self._app.activity.round():
                await self._visit_and_judge()
        except BaseException:
            # Some posts may be stored and are not judged yet.
            self._is_news = True
            raise

    async def _visit_and_judge(self) -> None:
        visits = await self._app.visitor.visit_due()
        await asyncio.to_thread(self._watch)
        arrived = await asyncio.to_thread(months.release_arrived, self._app)
        model = await asyncio.to_thread(self._app.learner.find_version)
        is_new = model is None or model != self._judged_by
        if self._is_news or arrived or is_new or any(visit.outcome is Outcome.RETRIEVED for visit in visits):
            # Text that pages add from here on is judged in the next round.
            self._is_news = False
            await asyncio.to_thread(self._judge_new)
            # Another version may be in use by now; the next round judges by it. The first one is only known here.
            self._judged_by = model or await asyncio.to_thread(self._app.learner.find_version)
        self._app.activity.enter(Stage.TIDY)
        await asyncio.to_thread(self._app.judge.refresh_decided)
        # Decisions change the scores of undecided posts.
        await asyncio.to_thread(self._app.judge.rank_decided)
        # Even without new posts: a renamed feed or a new recipe changes the index too.
        await asyncio.to_thread(search.index_new, self._app.database, progress=self._check_stop)
        # Texts and matrices of the posts were in memory, some in each thread; so were pages that people looked at.
        await asyncio.to_thread(heap.give_back)

    def _judge_new(self) -> None:
        activity = self._app.activity
        activity.enter(Stage.RANK)
        self._app.judge.judge_new(progress=self._check_stop, when_ranked=lambda: activity.enter(Stage.COMPARE))

    async def read_contents(self) -> None:
        """Read what visits have left unread, a small batch at a time; a job of its own, which gives way to rounds."""
        self._tick()
        if await self._app.content_reader.read_behind(progress=lambda _: self._tick(), is_ending=self._stopping.is_set):
            # The next round judges what was read.
            self._is_news = True

    async def read_archives(self) -> None:
        """Read back the gaps of feeds. A separate job, so that long archives do not delay visits."""
        self._tick()
        if any(gap.found for gap in await self._app.archive_reader.read_due()):
            # The next round judges the new posts.
            self._is_news = True

    async def read_pages(self) -> None:
        """Read the pages that are due. A separate job, so that sites with long pauses do not delay visits."""
        self._tick()
        try:
            found = await self._app.page_reader.read_due()
        except MissingExtraError as error:
            self._warn_of_pages(error)
            return
        if any(reading.outcome is PageOutcome.TAKEN or reading.canonical_url or reading.said for reading in found):
            # The next round judges the new texts.
            self._is_news = True

    async def read_roundups(self) -> None:
        """Read what round-ups link to."""
        self._tick()
        try:
            read = await self._app.roundup_reader.read_due()
        except MissingExtraError as error:
            self._warn_of_pages(error)
            return
        if read.posts:
            # The next round judges the new posts.
            self._is_news = True

    async def read_suggestions(self) -> None:
        """Look at what readers have suggested."""
        self._tick()
        try:
            found = await self._app.suggestion_reader.read_due()
        except MissingExtraError as error:
            self._warn_of_pages(error)
            return
        if found:
            # The next round judges the new posts.
            self._is_news = True

    async def read_issues(self) -> None:
        """Read the issues at GitHub that suggest posts, and answer those that are settled."""
        self._tick()
        await self._app.issue_reader.read()
        await self._app.issue_reader.answer(write_reply)

    def _warn_of_pages(self, error: MissingExtraError) -> None:
        if not self._has_warned_of_pages:
            log.warning("pages are not read", reason=str(error))
        self._has_warned_of_pages = True

    async def ask_for_talk(self) -> None:
        """Ask other places what people say of posts. A separate job, because each place has its pause."""
        self._tick()
        if await self._app.talk_asker.ask_due():
            # The next round ranks by what was heard.
            self._is_news = True

    def _watch(self) -> None:
        """Log when visits stop succeeding, and when they succeed again; each once."""
        alarm = follow.find_alarm(self._app)
        if alarm and not self._alarm:
            told = "nothing has succeeded" if alarm.is_tried else "nothing has been visited"
            log.error(told, since=alarm.since.isoformat(), feeds=alarm.feeds)
        elif self._alarm and not alarm:
            log.info("visits succeed again")
        self._alarm = alarm

    async def tell(self) -> None:
        """Send the notices that are due."""
        self._tick()
        try:
            await asyncio.to_thread(
                notices.tell, self._app, self._app.config.notice_urls, say_due, say_late, self._stopping
            )
        except MissingExtraError as error:
            if not self._has_warned_of_notices:
                log.warning("notices are not sent", reason=str(error))
            self._has_warned_of_notices = True

    async def deliver(self) -> None:
        """Tell the command and the webhook of the settings what was printed."""
        self._tick()
        await deliver.deliver_due(self._app, self._app.config, self._stopping)

    async def note_cluster(self) -> None:
        """Note for ``aggregator status`` how the cluster is."""
        self._tick()
        await asyncio.to_thread(self._app.note_cluster)

    async def tidy(self) -> None:
        """Delete old records of visits and round-ups, and old undecided posts if the settings say so."""
        forgotten = await asyncio.to_thread(follow.forget_visits, self._app)
        await asyncio.to_thread(talk.forget_old, self._app)
        await asyncio.to_thread(retention.forget_issues, self._app)
        await asyncio.to_thread(suggesting.forget_old, self._app)
        if forgotten:
            log.info("old visits forgotten", visits=forgotten)
        old = await asyncio.to_thread(retention.forget_by_settings, self._app)
        if old and any(old.rows.values()):
            log.info("old undecided posts deleted", before=str(old.before), **old.rows)

    async def look_at_links(self) -> None:
        """Look whether some of the printed lines still lead to their pages."""
        self._tick()
        await self._app.link_checker.look_again(_LINKS_AN_HOUR)

    async def look_at_sites(self) -> None:
        """Look at the sites of dying feeds for other feeds, each once a week."""
        self._tick()
        await care.look_at_sites(self._app, self._app.discoverer)

    async def learn(self) -> None:
        """Fit a new model after enough decisions, or at night."""
        self._tick()
        await asyncio.to_thread(self._learn)

    def _learn(self) -> None:
        learner = self._app.learner
        if learner.is_due():
            self._try("fit", learner.fit)

    def _try(self, name: str, work: Callable[[], object]) -> None:
        """Run long work in a child process. If it fails, it is not tried again for a while.

        Each such process takes a few hundred megabytes, so they take turns: what finds another at work, or a fit that
        somebody asked for, is due again at the next tick.
        """
        now = self._app.now
        failed_at = self._failed_at.get(name)
        if failed_at is not None and timedelta() <= now - failed_at < PAUSE_AFTER_FAILURE:
            return
        if self._app.learner.is_fitting or not self._turn.acquire(blocking=False):
            return
        try:
            self._failed_at[name] = now
            work()
            del self._failed_at[name]
        finally:
            self._turn.release()

    async def tend_months(self) -> None:
        """Draft and print the digests of all unfinished months that are due."""
        self._tick()
        await asyncio.to_thread(self._tend)

    def _tend(self) -> None:
        for month, state in months.list_work(self._app):
            try:
                self._make_digest(month, state)
            except WorkTreeError as error:
                log.error("digest made, but not committed", month=str(month), reason=str(error))
            except (DigestError, StorageError) as error:
                # If one month cannot be printed, the others still are.
                log.error("digest not made", month=str(month), state=str(state), reason=str(error))
        self._try("measure", self._measure)

    def _make_digest(self, month: Month, state: DigestState) -> None:
        if state is DigestState.DRAFT:
            with self._app.reading() as connection:
                stored = digests.find_digest(connection, month)
            if stored and stored.digest == publish.compose_month(self._app, month):
                return
        path = publish.make_digest(self._app, month, state, by="the monthly job")
        log.info("digest made", month=str(month), state=str(state), file=str(path))

    def _measure(self) -> None:
        measured = metrics.measure_closed(self._app, stopping=self._stopping)
        if measured:
            log.info("ranking compared with what was printed", months=[str(each) for each in measured])

    def _check_stop(self, _done: int) -> None:
        if self._stopping.is_set():
            raise StoppedError


def _guarded(job: Job, note: Callable[..., None]) -> Job:
    """Log an expected failure as a sentence, and a bug with its traceback. The next tick tries again.

    *note* is told of each run: its name, how many seconds it took, and whether it *succeeded*.
    """

    async def run() -> None:
        start, succeeded = time.monotonic(), False
        try:
            await job()
            succeeded = True
        except (StoppedError, asyncio.CancelledError):
            # The scheduler cancels running jobs at shutdown and does not wait for this task.
            log.info("job ended early", job=job.__name__)
        except AggregatorError as error:
            log.error("job failed", job=job.__name__, reason=str(error))
        except Exception:
            log.exception("job failed: internal error", job=job.__name__)
        finally:
            note(job.__name__, time.monotonic() - start, succeeded=succeeded)

    return run


def is_put_off(next_run_at: datetime, interval: timedelta, now: datetime) -> bool:
    """Whether the clock was set back after a job was planned: jobs are planned at most one interval ahead."""
    return next_run_at - now > interval


class _Interval(IntervalTrigger):  # type: ignore[misc]
    """Counts from now, not from the last run. If the clock is set ahead by years, APScheduler would list every missed
    run first, and block the event loop meanwhile.
    """

    def get_next_fire_time(self, _previous: datetime | None, now: datetime) -> datetime:
        return now + self.interval  # type: ignore[no-any-return]


async def _watch_clock(scheduler: AsyncIOScheduler) -> None:
    """Run the jobs that a clock set back has delayed. Waits by the clock of the event loop, which is monotonic."""
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        now = datetime.now(UTC)
        put_off = [job for job in scheduler.get_jobs() if is_put_off(job.next_run_time, job.trigger.interval, now)]
        for job in put_off:
            job.modify(next_run_time=now)
        if put_off:
            log.warning("the clock was set back; jobs that waited for it run now", jobs=[job.id for job in put_off])
