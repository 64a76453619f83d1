"""Adding: reads a post by its address, and makes it a candidate because the curator wants it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

import structlog

from aggregator.addresses.urls import clean_url, host_of
from aggregator.dates.read import EARLIEST, LATEST
from aggregator.digest.compose import compose_line
from aggregator.digest.escape import escape_text
from aggregator.exceptions import DigestError, FeedError, WorkerError
from aggregator.feeds.drafts import TEXT_LIMIT
from aggregator.fetch.retrieve import Retriever
from aggregator.fetch.workers import WorkerPool
from aggregator.locales import mark, t
from aggregator.pipeline.actions import record
from aggregator.pipeline.duplicates import find_shown
from aggregator.pipeline.home import Home
from aggregator.pipeline.network import Network
from aggregator.pipeline.robots import RobotsAsker
from aggregator.pipeline.titles import find_organisation
from aggregator.posts import pages as reading
from aggregator.posts.dating import Placement, PostDate, place_added_post
from aggregator.posts.found import Answers, begin_reading, draft_found, note_found, read_found
from aggregator.posts.platforms import Apis, Ask, Way, find_way
from aggregator.review.corrections import clean_correction
from aggregator.storage import candidates, digests, judgements, pages, posts, search
from aggregator.storage.database import Connection
from aggregator.text.html import normalise
from aggregator.types import (
    ActionKind,
    Candidate,
    Correction,
    DateConfidence,
    DateSource,
    Month,
    ReadPost,
    Retrieved,
    Section,
    Wait,
)

log = structlog.get_logger()

#: So long what was read is kept until the curator has looked at it; and of so many posts.
_KEPT_FOR = timedelta(minutes=30)
_MOST_KEPT = 50


@dataclass(frozen=True)
class PostReader:
    """Reads posts by their addresses. What was read is kept in memory for a while, so that it is not asked for again
    when the curator has looked at it.
    """

    home: Home
    workers: WorkerPool
    network: Network
    apis: Apis = field(default_factory=Apis)
    _kept: dict[str, tuple[datetime, ReadPost]] = field(default_factory=dict)

    async def read(self, address: str, *, tries_again: bool = True) -> ReadPost:
        """Read the post at an address; what came in the way is its trouble. Nothing is stored. What could not be read
        a moment ago *tries again*.

        Raises DigestError if that is not an address of http or https, and MissingExtraError if pages cannot be read.
        """
        url = clean_url(address)
        if url is None:
            raise DigestError(t("{address} is not an http or https address", address=repr(address)), field="url")
        at, known = self._kept.get(url, (None, None))
        if at and known and not (known.trouble and tries_again) and self.home.now - at < _KEPT_FOR:
            return known
        if missing := reading.find_missing():
            raise missing
        found = await self.read_now(url)
        self._kept.pop(url, None)
        self._kept[url] = self.home.now, found
        while len(self._kept) > _MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        return found

    async def read_now(self, url: str) -> ReadPost:
        """Read the post at a clean address for somebody who does not come back to it; what came in the way is its
        trouble. Nothing is kept.
        """
        found = await self._read(find_way(url, self.apis))
        log.info("post read", url=found.url, title=found.title, trouble=found.trouble)
        return found

    async def _read(self, way: Way) -> ReadPost:
        try:
            async with self.network.open() as retriever:
                answers = await self._retrieve(way, retriever)
            return await self.workers.run(way.url, read_found, way, answers, TEXT_LIMIT, now=self.home.now)
        except (FeedError, WorkerError, MemoryError) as error:
            return replace(begin_reading(way), trouble=str(error) or type(error).__name__)

    async def _retrieve(self, way: Way, retriever: Retriever) -> Answers:
        """Retrieve what a post is read from. Raises FeedError if what says its title is missing; its text may be."""
        robots = RobotsAsker(self.home.clock, self.workers, self.network, retriever, asyncio.Semaphore(2))
        facts = await self.ask(way.facts, retriever, robots) if way.facts else None
        try:
            return Answers(facts, await self.ask(way.text, retriever, robots) if way.text else None)
        except FeedError:
            if facts is None:
                raise
            return Answers(facts)

    async def ask(self, ask: Ask, retriever: Retriever, robots: RobotsAsker) -> Retrieved:
        """Retrieve a document, in the turns of its host and as far as robots.txt allows. Raises FeedError."""
        pause, host = 0.0, host_of(ask.url)
        if not ask.is_for_programs:
            access = await robots.ask(ask.url)
            if not access.is_allowed:
                raise FeedError(ask.url, f"robots.txt of {host} does not allow it")
            # Somebody waits: the pause is for those who read many pages.
            pause = min(access.pause_seconds, 5.0)
        async with self.network.page_turns.enter(host, pause), self.network.hosts.enter(host):
            answer = await retriever.retrieve_whole(ask.url, max_bytes=reading.MAX_BYTES, accept=ask.accept)
        if not ask.is_for_programs and (refused := await robots.find_refusal(ask.url, answer.hops)):
            raise FeedError(ask.url, f"robots.txt of {host_of(refused)} does not allow it")
        return answer


#: What the curator types of a post that is added.
FIELDS = (mark("title"), mark("organisation"), mark("day"), mark("month"), mark("section"), mark("note"))


class Details(NamedTuple):
    """What the curator says of a post to add, over what was read; what is None stays as it was read."""

    title: str | None = None
    organisation: str | None = None
    #: When it was published.
    day: date | None = None
    #: The month whose candidate it is to be.
    month: Month | None = None
    section: Section | None = None
    note: str | None = None


class Added(NamedTuple):
    """A post that was added, as it stands now."""

    candidate: Candidate
    #: Whether it was not known before.
    is_new: bool


def read_details(home: Home, typed: Mapping[str, str]) -> Details:
    """Read what was typed, by FIELDS; empty texts say nothing. Raises DigestError, which knows the field."""
    parsers: dict[str, Any] = {
        "day": _read_day,
        "month": Month.parse,
        "section": home.taxonomy.parse_section,
        "note": str,
    }
    said: dict[str, Any] = {}
    for name in FIELDS:
        if value := typed.get(name, "").strip():
            try:
                said[name] = parsers.get(name, normalise)(value)
            except ValueError as error:
                raise DigestError(str(error), field=name) from error
    return Details(**said)


def _read_day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
        if not EARLIEST.date() <= day <= LATEST.date():
            raise ValueError(day)
        return day
    except ValueError:
        raise ValueError(t("{text} is not a day; write it as 2022-12-05", text=repr(text))) from None


def find_known(home: Home, read: ReadPost) -> Candidate | None:
    """The post that is known at one of the addresses of what was read; of a copy, the one that is shown for it."""
    with home.reading() as connection:
        number = posts.find_by_addresses(connection, read.canonical_urls)
        return find_shown(connection, number) if number else None


def suggest_organisation(home: Home, read: ReadPost) -> str:
    """The organisation that printed lines and followed feeds of the same place name, else what was read."""
    with home.reading() as connection:
        return find_organisation(connection, read.url) or read.organisation


def add_post(home: Home, read: ReadPost, details: Details = Details()) -> Added:  # noqa: B008 - it is immutable
    """Make a post a candidate, in one transaction and as one action; a known post gets what the *details* say.

    Raises DigestError, which knows the field, if it has no title, if it is wanted for a month before its own, if it is
    printed and wanted for another month, or if its line could not be printed.
    """
    with home.database.writing() as connection:
        number = posts.find_by_addresses(connection, read.canonical_urls)
        is_new = number is None
        if number is None:
            number, before = add_new(home, connection, read, details)
        else:
            number = find_shown(connection, number).post.id
            before = posts.get_place(connection, number)
            place_known(home, connection, number, details)
        after = posts.get_place(connection, number)
        correction = _correct(home, connection, number, details, is_new=is_new)
        said = [name for name in ("section", "title", "organisation", "note") if getattr(correction, name) is not None]
        action = record(
            home,
            connection,
            ActionKind.ADD,
            post_id=number,
            month=Month.parse(str(after["month"])),
            details={"new": is_new, "fields": said},
            changes={"place": (before, after)} if after != before else {},
        )
        if said:
            judgements.append_correction(connection, correction, action)
        candidate = candidates.get_candidate(connection, number)
        if candidate.section:
            compose_line(candidate)
        search.index_posts(connection, [number])
    return Added(candidate, is_new)


def add_new(home: Home, connection: Connection, read: ReadPost, details: Details) -> tuple[int, dict[str, str | None]]:
    """Store a post that is not known; returns its number, and where it is once that is undone. Raises DigestError."""
    title = details.title or read.title
    if not title:
        raise DigestError(t("the post has no title; give one"), field="title")
    date = _date(home, read, details)
    place = _find_place(home, connection, Month.of(date.published_at, home.zone), details)
    organisation = details.organisation or find_organisation(connection, read.url) or read.organisation
    draft = draft_found(read, title, date, place, organisation=organisation, now=home.now)
    number = posts.add_posts(connection, [draft])[draft.canonical_url]
    for address in read.canonical_urls[1:]:
        pages.add_alias(connection, address, number)
    pages.save_readings(connection, [note_found(read, number, home.now)])
    return number, {**posts.get_place(connection, number), "waits_for": str(Wait.ADDING)}


def _date(home: Home, read: ReadPost, details: Details) -> PostDate:
    if details.day and (read.published_at is None or details.day != read.published_at.astimezone(home.zone).date()):
        return PostDate(datetime.combine(details.day, time(12), home.zone), DateSource.CURATOR, DateConfidence.SURE)
    if read.published_at is None:
        return PostDate(home.now, DateSource.FIRST_SEEN, DateConfidence.WEAK)
    return PostDate(read.published_at, read.published_from, read.confidence)


def _find_place(home: Home, connection: Connection, own: Month, details: Details) -> Placement:
    try:
        return place_added_post(own, details.month, digests.list_closed(connection), home.current_month)
    except ValueError as error:
        raise DigestError(str(error), field="month") from error


def place_known(home: Home, connection: Connection, number: int, details: Details) -> None:
    """Make a known post a candidate of the month that it is wanted for, if it waits, if its month is over and nobody
    decided on it, or if the details name another one. Raises DigestError if that would move a printed post.
    """
    candidate = candidates.get_candidate(connection, number)
    post = candidate.post
    # The form shows the day that is known.
    day = details.day if details.day != post.published_at.astimezone(home.zone).date() else None
    month = details.month if details.month != post.month else None
    if candidate.printed_in and (day or month):
        said = t("it is printed in {month}; undo that first", month=candidate.printed_in.name)
        raise DigestError(said, field="day" if day else "month")
    if day or (post.waits_for is Wait.DATE and details.month):
        at = datetime.combine(day, time(12), home.zone) if day else post.published_at
        posts.set_date(connection, number, at, DateSource.CURATOR)
        own = Month.of(at, home.zone)
    else:
        own = post.own_month
    place = _find_place(home, connection, own, details)
    is_open = candidate.verdict is None and candidate.printed_in is None
    if day or details.month or post.waits_for or (is_open and place.month > post.month):
        posts.place_post(connection, number, *place)


def _correct(home: Home, connection: Connection, number: int, details: Details, *, is_new: bool) -> Correction:
    """What the details say of the line. A new post has its title and organisation itself."""
    post = candidates.get_candidate(connection, number).post
    correction = Correction(number, home.curator, home.now, section=details.section, note=details.note)
    if not is_new:
        title = details.title if details.title and details.title != post.title else None
        organisation = details.organisation if details.organisation != post.organisation else None
        correction = replace(correction, title=title and escape_text(title), organisation=organisation)
    return clean_correction(correction)
