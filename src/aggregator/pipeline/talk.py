"""Talk: asks other places what people say of the candidates of open months, a few a minute, and keeps what they say."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import structlog

from aggregator.addresses.urls import host_of
from aggregator.exceptions import FeedError, ParseError, WorkerError
from aggregator.feeds.schedule import read_retry_after
from aggregator.fetch.retrieve import Retriever
from aggregator.fetch.workers import WorkerPool
from aggregator.pipeline.home import Home
from aggregator.pipeline.network import Network, task_group
from aggregator.pipeline.robots import RobotsAsker
from aggregator.storage import digests, posts, talk
from aggregator.storage.database import Connection
from aggregator.storage.pages import find_aliases
from aggregator.talk.answers import MOST_BYTES, read_answer
from aggregator.talk.due import KEPT, REFUSALS, is_due, is_list_due, may_ask, note_answer, note_failure
from aggregator.talk.inquiries import Inquiry, ask_about, get_base, list_lists
from aggregator.talk.sources import LIST_PACE, PLACES, READ_AS_LISTS
from aggregator.types import Credentials, Month, Retrieved, Signal, TalkSource, TalkState

log = structlog.get_logger()

# A round ends before the next one is due.
_ROUND_SECONDS = 50.0
_MOST = 20
_JSON = "application/json"
_PAGE = "text/html, application/xhtml+xml, application/atom+xml, application/rss+xml, application/xml, */*;q=0.1"
# 451: a work that may not be shown.
_NOT_FOUND = frozenset({404, 410, 451})

Plan = Mapping[TalkSource, Sequence[Inquiry]]


@dataclass(frozen=True)
class TalkAsker:
    """Asks each place in turn, with its pause between two inquiries, and stores each answer as soon as it is there."""

    home: Home
    workers: WorkerPool
    network: Network
    #: What is sent to prove who asks; by source.
    credentials: Mapping[TalkSource, Credentials]

    async def ask_due(self) -> int:
        """Ask what is due, as much as fits into a minute; return how many counts of posts were stored."""
        return await self._ask(await asyncio.to_thread(self._plan))

    async def ask_post(self, post_id: int) -> int:
        """Ask all places about a post now, except those that rest; return how many counts were stored."""
        return await self._ask(await asyncio.to_thread(self._plan_post, post_id))

    async def _ask(self, plan: Plan) -> int:
        if not plan:
            return 0
        async with self.network.open() as retriever:
            free = asyncio.Semaphore(len(plan))
            robots = RobotsAsker(self.home.clock, self.workers, self.network, retriever, free)
            one_round = _Round(self.home, self.workers, self.network, retriever, robots, self.credentials)
            async with task_group() as group:
                asked = [group.create_task(one_round.ask(source, some)) for source, some in plan.items()]
        return sum(task.result() for task in asked)

    def _plan(self) -> Plan:
        """List the questions that are due, by source."""
        settings, now = self.home.settings.talk, self.home.now
        if not settings.asked:
            return {}
        with self.home.reading() as connection:
            sources = _list_awake(self.home, connection)
            asks = talk.list_asks(connection)
            # What a feed gives for a password is nobody else's business.
            months, secret = _list_open(self.home, connection), self.network.credentials
            candidates = talk.list_to_ask(connection, months, secret=secret)
            plan = {}
            for source in sources:
                base = get_base(source, settings.addresses)
                lists = [
                    inquiry
                    for inquiry in list_lists(source, base, settings.lists)
                    if is_list_due(asks.get((source, inquiry.about)), LIST_PACE[source], now)
                ]
                due = [
                    each
                    for each in candidates
                    if is_due(each.published_at, asks.get((source, each.canonical_url)), now)
                ]
                most = _count_in_round(self.home, source) - len(lists)
                if inquiries := [*lists, *_ask_about_some(connection, source, base, due, most)]:
                    plan[source] = inquiries
            return plan

    def _plan_post(self, post_id: int) -> Plan:
        addresses = self.home.settings.talk.addresses
        with self.home.reading() as connection:
            (post,) = posts.list_posts(connection, [post_id]).values()
            if post.feed_key in self.network.credentials:
                return {}
            wanted = [talk.ToAsk(post.id, post.canonical_url, post.published_at)]
            return {
                source: inquiries
                for source in _list_awake(self.home, connection)
                if (inquiries := _ask_about_some(connection, source, get_base(source, addresses), wanted, 1))
            }


@dataclass(frozen=True, slots=True)
class _Round:
    """Questions that are asked together."""

    home: Home
    workers: WorkerPool
    network: Network
    retriever: Retriever
    robots: RobotsAsker
    credentials: Mapping[TalkSource, Credentials]

    async def ask(self, source: TalkSource, inquiries: Sequence[Inquiry]) -> int:
        """Ask one source until it fails; return how many counts were stored."""
        stored, failed = 0, []
        for inquiry in inquiries:
            try:
                answer = await self._retrieve(inquiry) if inquiry.url else None
                found = await self._read(inquiry, answer) if answer else []
            except (WorkerError, MemoryError) as error:
                # That says nothing about the place.
                log.warning("an answer about talk could not be read", source=str(source), reason=str(error))
                break
            except FeedError as error:
                failed.append((inquiry, error))
                # Each list of the settings is at a site of its own.
                if source is TalkSource.LISTS:
                    continue
                break
            stored += await asyncio.to_thread(self._save_answer, inquiry, found)
        for inquiry, failure in failed:
            await asyncio.to_thread(self._save_failure, inquiry, failure)
        return stored

    async def _retrieve(self, inquiry: Inquiry) -> Retrieved | None:
        """The answer; None if the source does not know what it is asked about. Raises FeedError."""
        place, credentials = PLACES[inquiry.source], self.credentials.get(inquiry.source)
        pause = _get_pause(self.home, inquiry.source)
        if place.is_page and credentials is None:
            access = await self.robots.ask(inquiry.url)
            if not access.is_allowed:
                raise FeedError(inquiry.url, "robots.txt does not allow it", status=403)
            pause = max(pause, access.pause_seconds)
        async with self.network.hosts.enter(host_of(inquiry.url), pause):
            try:
                answer = await self.retriever.retrieve(
                    inquiry.url,
                    credentials=credentials,
                    max_bytes=MOST_BYTES,
                    accept=_PAGE if inquiry.source in LIST_PACE else _JSON,
                )
            except FeedError as error:
                if not inquiry.is_list and _is_unknown(inquiry.source, error.status):
                    return None
                raise
        return answer if isinstance(answer, Retrieved) else None

    async def _read(self, inquiry: Inquiry, answer: Retrieved) -> list[Signal]:
        return await self.workers.run(
            inquiry.url, read_answer, inquiry, answer.body, answer.content_type, self.home.now
        )

    def _save_answer(self, inquiry: Inquiry, found: Sequence[Signal]) -> int:
        source, now = inquiry.source, self.home.now
        with self.home.database.writing(durable=False) as connection:
            settled = _settle(connection, found)
            known = talk.list_known(connection, {signal.canonical_url for signal in settled})
            about_posts = [signal for signal in settled if signal.canonical_url in known]
            # Talk may come before its post, but a list that the settings name has many other links.
            talk.save_signals(connection, about_posts if source is TalkSource.LISTS else settled)
            # What a list has told need not be asked. Those of the settings are asked about no post.
            told = () if source is TalkSource.LISTS else settled
            talk.note_asks(connection, source, {inquiry.about, *(signal.canonical_url for signal in told)}, now)
            before = _find_state(connection, source)
            if inquiry.url:
                talk.save_state(connection, note_answer(before, now))
        if before.failures and inquiry.url:
            log.info("a place of talk answers again", source=str(source))
        return len(about_posts)

    def _save_failure(self, inquiry: Inquiry, error: FeedError) -> None:
        source, now, reason = inquiry.source, self.home.now, error.reason
        wait = read_retry_after(error.retry_after, now)
        with self.home.database.writing(durable=False) as connection:
            before = _find_state(connection, source)
            after = note_failure(before, reason, now, status=error.status, wait=wait)
            if source is TalkSource.LISTS:
                after = replace(after, rests_until=None)
            if source is TalkSource.LISTS or _is_about_question(inquiry, error):
                talk.note_asks(connection, source, [inquiry.about], now)
            talk.save_state(connection, after)
        if not before.failures:
            log.warning("a place of talk does not answer", source=str(source), url=inquiry.url, reason=reason)


def forget_old(home: Home) -> None:
    """Forget which questions were asked long ago."""
    with home.database.writing(durable=False) as connection:
        talk.forget_asks(connection, home.now - KEPT)


def _is_unknown(source: TalkSource, status: int | None) -> bool:
    """Whether a place says that it does not know what it is asked about; Hugging Face answers 401 then."""
    return status in _NOT_FOUND or (source is TalkSource.HUGGING_FACE and status == 401)


def _is_about_question(inquiry: Inquiry, error: FeedError) -> bool:
    """Whether the question itself may be what cannot be answered. It waits for its next day then: else it would be the
    first one after each rest, and the place would be asked about no other post.
    """
    is_answer = error.status is not None or isinstance(error, ParseError)
    return not inquiry.is_list and is_answer and error.status not in REFUSALS


def _find_state(connection: Connection, source: TalkSource) -> TalkState:
    return talk.list_states(connection).get(source, TalkState(source))


def _list_awake(home: Home, connection: Connection) -> list[TalkSource]:
    states = talk.list_states(connection)
    asked = home.settings.talk.asked
    return [source for source in asked if source not in states or may_ask(states[source], home.now)]


def _list_open(home: Home, connection: Connection) -> Collection[Month]:
    """The months that are still talked about here: this one and the last, until their digests are printed."""
    present = home.current_month
    return {present, present.shift(-1)} - digests.list_published(connection)


def _ask_about_some(
    connection: Connection, source: TalkSource, base: str, due: Sequence[talk.ToAsk], most: int
) -> list[Inquiry]:
    """The questions about some posts, in their order, until *most* of them go out."""
    if source is TalkSource.LISTS or most <= 0:
        return []
    pages = talk.find_pages(connection, source, [each.canonical_url for each in due])
    if source in READ_AS_LISTS:
        due = [each for each in due if each.canonical_url in pages]
    found: list[Inquiry] = []
    for start in range(0, len(due), _MOST):
        numbers = [each.post_id for each in due[start : start + _MOST]]
        known = posts.list_posts(connection, numbers)
        for number in numbers:
            if sum(bool(inquiry.url) for inquiry in found) >= most:
                return found
            found.append(ask_about(source, known[number], base, pages.get(known[number].canonical_url)))
    return found


def _settle(connection: Connection, found: Sequence[Signal]) -> list[Signal]:
    """The signals at the present addresses of posts."""
    aliases = find_aliases(connection, {signal.canonical_url for signal in found})
    return [
        replace(signal, canonical_url=aliases[signal.canonical_url].canonical_url)
        if signal.canonical_url in aliases
        else signal
        for signal in found
    ]


def _get_pause(home: Home, source: TalkSource) -> float:
    """The seconds between two questions; another address than the usual has the pause of all hosts."""
    if source in home.settings.talk.addresses or source is TalkSource.LISTS:
        return home.settings.visits.host_pause_seconds
    return PLACES[source].pause_seconds


def _count_in_round(home: Home, source: TalkSource) -> int:
    pause = _get_pause(home, source)
    return max(1, min(_MOST, int(_ROUND_SECONDS / pause))) if pause else _MOST
