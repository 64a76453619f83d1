"""One function per stage, each with the same three movements: gather, decide, apply.

::

    feed URL → retrieve → parse → update ─┐
                                          ├→ entry → POST → classify → rank → queue → verdict → digest line
    published digest → read ──────────────┘
              collect                        classify      rank      review        digest

*Gather* reads what is needed, *decide* is a pure function of a stage, *apply* writes what was decided in one
transaction. This file decides nothing itself, knows no settings and no clock: values and ``now`` are arguments.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog

from aggregator.collect.hosts import HostGate
from aggregator.collect.retrieve import Retriever
from aggregator.collect.schedule import Bounds
from aggregator.collect.update import decide_failure, decide_not_modified, decide_update
from aggregator.digest.compose import compose_digest, compose_line
from aggregator.digest.importing import list_new, plan_import
from aggregator.digest.read import ReadDigest
from aggregator.digest.render import render_digest
from aggregator.exceptions import DigestError, FeedError, ReviewError
from aggregator.rank.reasons import Weights, gather_evidence, score_post
from aggregator.rank.shortlist import Quotas, rank_candidates
from aggregator.review.verdicts import decide_undo, decide_verdict, find_in_force, find_last_to_undo
from aggregator.storage import digests, judgements, posts, updates
from aggregator.storage.database import Database
from aggregator.storage.feeds import list_feed_states
from aggregator.storage.files import write_whole
from aggregator.types import (
    Candidate,
    Correction,
    Decision,
    Digest,
    DigestState,
    FeedState,
    FeedUpdate,
    Month,
    NotModified,
    Outcome,
    ParsedFeed,
    Retrieved,
    Score,
    Texts,
    Visit,
)
from aggregator.urls import host_of

if TYPE_CHECKING:
    from aggregator.classify.model import SectionModel

log = structlog.get_logger()

Parse = Callable[[bytes, str, str | None], Awaitable[ParsedFeed]]
Progress = Callable[[int], None]

# Feeds written in one transaction: enough to be quick, few enough that the page never waits long for the writer.
_BATCH_FEEDS = 20
_CLASSIFY_BATCH = 500


def ignore_progress(_: int) -> None:
    """For callers who show none."""


# --- collect ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What one visit brought, before anything is decided."""

    state: FeedState
    visit: Visit
    result: tuple[Retrieved, ParsedFeed] | NotModified | FeedError


async def visit_feeds(
    database: Database,
    retriever: Retriever,
    parse: Parse,
    states: Sequence[FeedState],
    *,
    clock: Callable[[], datetime],
    random: Callable[[], float],
    bounds: Bounds,
    zone: ZoneInfo,
    connections: int,
    hosts: HostGate,
    progress: Progress = ignore_progress,
) -> list[Visit]:
    """Visit feeds at once, at most *connections* at a time, and store what changed. One writer, in batches.

    Every feed has an outcome, whatever happens to the others; the visits come back in the order of *states*.
    """
    free = asyncio.Semaphore(connections)
    done: asyncio.Queue[_Attempt] = asyncio.Queue(maxsize=2 * _BATCH_FEEDS)

    async def attempt(state: FeedState) -> None:
        # First the host, so that feeds which wait for a busy host keep no place from others.
        async with hosts.enter(host_of(state.feed.url)), free:
            await done.put(await _attempt(retriever, parse, state, clock))

    decide = partial(_decide, zone=zone, bounds=bounds, random=random)
    visits: dict[str, Visit] = {}
    async with asyncio.TaskGroup() as group:
        for state in states:
            group.create_task(attempt(state))
        while len(visits) < len(states):
            batch = [await done.get()]
            while len(batch) < _BATCH_FEEDS and not done.empty():
                batch.append(done.get_nowait())
            decided = await asyncio.to_thread(_apply_attempts, database, batch, decide)
            visits.update((update.visit.feed_key, update.visit) for update in decided)
            progress(len(decided))
    return [visits[state.feed.key] for state in states]


async def _attempt(retriever: Retriever, parse: Parse, state: FeedState, clock: Callable[[], datetime]) -> _Attempt:
    started_at, start = clock(), time.perf_counter()
    result: tuple[Retrieved, ParsedFeed] | NotModified | FeedError
    try:
        answer = await retriever.retrieve(state.feed.url, etag=state.etag, last_modified=state.last_modified)
        if isinstance(answer, NotModified):
            result = answer
        else:
            result = answer, await parse(answer.body, answer.url, answer.content_type)
    except FeedError as error:
        result = error
    except Exception as error:
        result = _tell_mistake(state, error)
    visit = Visit(state.feed.key, started_at, round(time.perf_counter() - start, 3), Outcome.FAILED)
    return _Attempt(state, visit, result)


def _tell_mistake(state: FeedState, error: Exception) -> FeedError:
    """A bug that one document brings to light is logged with its trace and becomes the failure of that feed: a daemon
    that stopped for it would lose the month of all the others.
    """
    log.error("a mistake of this program", feed=state.feed.key, exc_info=error)
    return FeedError(state.feed.url, f"a mistake of this program: {type(error).__name__}: {error}")


def _apply_attempts(
    database: Database, attempts: Sequence[_Attempt], decide: Callable[[_Attempt, dict[str, str]], FeedUpdate]
) -> list[FeedUpdate]:
    with database.writing() as connection:
        known = updates.list_fingerprints(connection, [attempt.state.feed.key for attempt in attempts])
        decided = [decide(attempt, known[attempt.state.feed.key]) for attempt in attempts]
        updates.apply_updates(connection, decided)
    for update in decided:
        visit = update.visit
        log.info("visited", feed=visit.feed_key, outcome=str(visit.outcome), new=visit.entries_new, reason=visit.reason)
    return decided


def _decide(
    attempt: _Attempt, known: dict[str, str], *, zone: ZoneInfo, bounds: Bounds, random: Callable[[], float]
) -> FeedUpdate:
    state, visit, jitter = attempt.state, attempt.visit, random()
    match attempt.result:
        case FeedError() as error:
            return decide_failure(state, error, visit=visit, bounds=bounds, jitter=jitter)
        case NotModified() as answer:
            return decide_not_modified(state, answer, visit=visit, bounds=bounds, jitter=jitter)
        case (answer, parsed):
            try:
                return decide_update(state, answer, parsed, known, visit=visit, zone=zone, bounds=bounds, jitter=jitter)
            except Exception as bug:
                return decide_failure(state, _tell_mistake(state, bug), visit=visit, bounds=bounds, jitter=jitter)


# --- classify and rank ------------------------------------------------------------------------------------------------


def classify_posts(
    database: Database, model: SectionModel, *, now: datetime, progress: Progress = ignore_progress
) -> set[Month]:
    """Guess the section of every post that this model has not seen; returns the months that these posts belong to."""
    months: set[Month] = set()
    while True:
        with database.reading() as connection:
            batch = posts.list_unclassified(connection, model.version, _CLASSIFY_BATCH)
        if not batch:
            return months
        guesses = model.guess(batch)
        with database.writing() as connection:
            judgements.save_guesses(connection, guesses, now)
        months |= {post.month for post in batch}
        progress(len(batch))


def rank_month(database: Database, month: Month, *, weights: Weights, quotas: Quotas, now: datetime) -> list[Score]:
    """Score the candidates of a month and mark its shortlist."""
    with database.reading() as connection:
        candidates = posts.list_candidates(connection, month)
        signals = judgements.list_signals(connection, [candidate.post.canonical_url for candidate in candidates])
        feed_weights = {state.feed.key: state.feed.weight for state in list_feed_states(connection)}
    scores = [score_post(evidence, weights) for evidence in gather_evidence(candidates, feed_weights, signals)]
    ranked = rank_candidates(candidates, scores, quotas)
    with database.writing() as connection:
        judgements.save_scores(connection, month, ranked, now)
    return ranked


# --- review -----------------------------------------------------------------------------------------------------------


def record_verdict(
    database: Database,
    post_id: int,
    decision: Decision,
    *,
    by: str,
    now: datetime,
    reason: str | None = None,
    correction: Correction | None = None,
) -> Candidate:
    """Store what the curator said of a post, with what they changed in its line; returns the post as it stands then.

    Raises NotFoundError, and ReviewError when the state of the post does not allow the verdict.
    """
    with database.writing() as connection:
        if correction is not None:
            posts.get_candidate(connection, post_id)
            judgements.append_correction(connection, correction)
        candidate = posts.get_candidate(connection, post_id)
        verdict = decide_verdict(candidate, decision, by=by, at=now, reason=reason)
        if verdict is not None:
            number = judgements.append_verdict(connection, verdict)
            judgements.put_in_force(connection, post_id, number)
        return posts.get_candidate(connection, post_id)


def undo_verdict(database: Database, *, by: str, now: datetime, post_id: int | None = None) -> Candidate:
    """Take back the verdict in force of a post, or the newest of this person; returns the post as it stands then.

    Raises ReviewError when there is nothing to undo.
    """
    with database.writing() as connection:
        if post_id is None:
            last = find_last_to_undo(judgements.list_latest_verdicts(connection, limit=10_000), by=by)
            if last is None:
                raise ReviewError("there is no verdict to undo", post_id=0, state="undecided", verdict="undo")
            post_id = last.post_id
        posts.get_candidate(connection, post_id)
        undo = decide_undo(judgements.list_verdicts(connection, post_id), by=by, at=now)
        judgements.append_verdict(connection, undo)
        in_force = find_in_force(judgements.list_verdicts(connection, post_id))
        judgements.put_in_force(connection, post_id, in_force.id if in_force else None)
        return posts.get_candidate(connection, post_id)


# --- digest -----------------------------------------------------------------------------------------------------------


def compose_month(database: Database, month: Month, texts: Texts) -> Digest:
    """The digest of a month as it would be printed now. Raises DigestError when an approved post cannot be printed."""
    with database.reading() as connection:
        return compose_digest(_list_printable(posts.list_approved(connection, month), month), texts)


def make_digest(
    database: Database,
    month: Month,
    texts: Texts,
    *,
    state: DigestState,
    now: datetime,
    folder: Path,
    again: bool = False,
) -> Path:
    """Compose the digest of a month from its approved posts, store it and write its file; returns the file.

    A draft may be made again and again. Raises DigestError when the month was read from a file, or is printed already
    (unless *again*), when nothing is approved and it is to be printed, or when an approved post cannot be printed.
    """
    with database.writing() as connection:
        stored = digests.find_digest(connection, month)
        if stored and stored.state is not DigestState.DRAFT and not (again and stored.state is DigestState.PRINTED):
            raise DigestError(f"the digest of {month} was {stored.state} already, on {stored.made_at:%Y-%m-%d}")
        approved = _list_printable(posts.list_approved(connection, month), month)
        digest = compose_digest(approved, texts)
        if not digest.lines and state is DigestState.PRINTED:
            raise DigestError(f"nothing is approved for {month}; approve posts first")
        digests.save_digest(connection, month, state, digest, _find_posts_of(digest, approved), now)
        draft, printed = folder / f"{month}.draft.md", folder / f"{month}.md"
        path = printed if state is DigestState.PRINTED else draft
        write_whole(path, render_digest(digest))
    if path is printed:
        draft.unlink(missing_ok=True)
    return path


def import_digest(
    database: Database, read: ReadDigest, *, month: Month | None, now: datetime, zone: ZoneInfo
) -> tuple[Month, int]:
    """Store a digest that was published before: its posts, sections and notes, each line approved.

    Returns its month and how many lines were new; reading a file again stores nothing twice. Raises DigestError when
    that month was printed from here.
    """
    plan = plan_import(read.digest, month=month, now=now, zone=zone)
    with database.writing() as connection:
        stored = digests.find_digest(connection, plan.month)
        if stored and stored.state is DigestState.PRINTED:
            raise DigestError(f"the digest of {plan.month} was printed from here; what was printed is not read over")
        ids = posts.add_posts(connection, plan.drafts)
        post_ids = [ids[draft.canonical_url] for draft in plan.drafts]
        new = list_new(plan, stored.digest.lines if stored else ())
        for position in new:
            post_id = post_ids[position]
            judgements.append_correction(connection, plan.correct(plan.digest.lines[position], post_id, now))
            judgements.put_in_force(
                connection, post_id, judgements.append_verdict(connection, plan.approve(post_id, now))
            )
        digests.save_digest(connection, plan.month, DigestState.READ, plan.digest, post_ids, now)
    return plan.month, len(new)


def _list_printable(approved: Sequence[Candidate], month: Month) -> list[Candidate]:
    """Without what the digest of another month printed."""
    return [candidate for candidate in approved if candidate.printed_in in {None, month}]


def _find_posts_of(digest: Digest, approved: Sequence[Candidate]) -> list[int]:
    by_address = {compose_line(candidate).url: candidate.post.id for candidate in approved}
    return [by_address[line.url] for line in digest.lines]
