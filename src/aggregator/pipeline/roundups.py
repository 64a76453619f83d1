"""Round-ups: reads mails and pages of issues, and follows their links to posts."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

import structlog

from aggregator.addresses.clicks import hides_goal
from aggregator.addresses.urls import canonicalise_url, clean_url, host_of
from aggregator.exceptions import FeedError, WorkerError
from aggregator.fetch.retrieve import Retriever
from aggregator.fetch.workers import WorkerPool
from aggregator.locales import ENGLISH, speaking
from aggregator.pipeline.adding import PostReader
from aggregator.pipeline.home import Home
from aggregator.pipeline.network import Network
from aggregator.pipeline.robots import RobotsAsker
from aggregator.posts import pages as reading
from aggregator.posts.mails import MOST_BYTES, read_mail, refuse_long
from aggregator.posts.platforms import Ask
from aggregator.posts.roundup_pages import MOST_ATTEMPTS, draft_linked, is_dead, read_issue_page
from aggregator.posts.roundups import home_of, is_post_address
from aggregator.storage import roundups
from aggregator.storage.digests import list_closed
from aggregator.types import Issue, Linked, Mention, ReadPost

log = structlog.get_logger()

# Of one round, so that the links of a long issue come over some minutes.
_MOST_LINKS = 20
_MOST_ISSUES = 5
_MOST_MAILS = 50
_AT_ONCE = 4
# A mail is read whole: one that was written to just now waits for the next round.
_RESTING_SECONDS = 30
# Until the next attempts.
_RETRY_HOURS = (1, 6)
# A server that does not answer HEAD is asked for the beginning of the page.
_NO_HEAD = {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED, HTTPStatus.FORBIDDEN}
_START_BYTES = 4096
_OWN_FAILURES = (WorkerError, MemoryError)


class Round(NamedTuple):
    """What a round has read."""

    mails: int = 0
    issues: int = 0
    #: Links that were looked at, and posts that were added for them.
    links: int = 0
    posts: int = 0


@dataclass
class RoundupReader:
    """Reads what round-ups link to. Each issue and each link is stored as soon as it is known; one that cannot be read
    is tried again a few times.
    """

    home: Home
    workers: WorkerPool
    network: Network
    post_reader: PostReader
    _busy: asyncio.Lock = field(default_factory=asyncio.Lock)
    #: Why the folder could not be read, so that it is said once.
    _told_of: str = ""

    async def read_due(self) -> Round:
        """Read new mails, the pages of issues that are only summaries, and some links that are due.

        Raises MissingExtraError if links are due but pages cannot be read.
        """
        async with self._busy:
            mails = await self._read_mails()
            issues, mentions = await asyncio.to_thread(self._list_due)
            if not issues and not mentions:
                return Round(mails)
            if missing := reading.find_missing():
                raise missing
            free = asyncio.Semaphore(_AT_ONCE)
            async with self.network.open() as retriever:
                robots = RobotsAsker(self.home.clock, self.workers, self.network, retriever, free)
                for wanted in issues:
                    await self._read_issue(wanted, retriever, robots)
                added = await asyncio.gather(*(self._follow(mention, retriever, free) for mention in mentions))
            return Round(mails, len(issues), len(mentions), sum(added))

    def _list_due(self) -> tuple[Sequence[roundups.WantedIssue], Sequence[Mention]]:
        with self.home.reading() as connection:
            issues = roundups.list_issues_to_read(connection, self.home.now, limit=_MOST_ISSUES)
            return issues, roundups.list_mentions_to_look_at(connection, self.home.now, limit=_MOST_LINKS)

    # --- mails --------------------------------------------------------------------------------------------------------

    async def _read_mails(self) -> int:
        """Read the files that were put into the folder; return how many."""
        folder = self.home.settings.roundups.folder
        if not folder:
            return 0
        files, count = await asyncio.to_thread(self._list_new, self.home.folder / folder), 0
        for file in files:
            try:
                issue = await self._read_mail(file)
            except _OWN_FAILURES as error:
                # It says nothing of the mail, which a later round reads.
                log.warning("mail not read", file=_name(file), reason=str(error) or type(error).__name__)
                continue
            await asyncio.to_thread(self._save_mail, issue)
            count += 1
        return count

    def _list_new(self, folder: Path) -> list[Path]:
        try:
            mails = (path for path in folder.iterdir() if path.suffix.lower() == ".eml" and path.is_file())
            files = sorted(path for path in mails if not self._may_grow(path))
        except OSError as error:
            if self._told_of != str(error):
                log.error("the folder of round-ups cannot be read", folder=str(folder), reason=error.strerror)
            self._told_of = str(error)
            return []
        with self.home.reading() as connection:
            known = roundups.list_files(connection)
        return [path for path in files if _name(path) not in known][:_MOST_MAILS]

    def _may_grow(self, file: Path) -> bool:
        """Whether somebody may still be writing a file. One from the future is read: a clock was wrong."""
        return 0 <= self.home.now.timestamp() - file.stat().st_mtime < _RESTING_SECONDS

    async def _read_mail(self, file: Path) -> Issue:
        now, name = self.home.now, _name(file)
        try:
            size = file.stat().st_size
            if size > MOST_BYTES:
                return refuse_long(name, size, now=now)
            body = await asyncio.to_thread(file.read_bytes)
            return await self.workers.run(name, read_mail, body, name, now=now)
        except (OSError, FeedError) as error:
            reason = error.reason if isinstance(error, FeedError) else (error.strerror or str(error))
            return Issue("mail", f"file {name}", name, name, now, file=name, trouble=reason)

    def _save_mail(self, issue: Issue) -> None:
        with self.home.database.writing() as connection:
            if not issue.trouble and roundups.is_known_mail(connection, issue.key):
                again = f"it is the same mail as one that was read: {issue.key}"
                issue = replace(issue, source="mail", key=f"file {issue.file}", linked=(), trouble=again)
            roundups.save_issues(connection, [issue])
        log.info("mail read", file=issue.file, source=issue.source, links=len(issue.linked), reason=issue.trouble)

    # --- issues -------------------------------------------------------------------------------------------------------

    async def _read_issue(self, wanted: roundups.WantedIssue, retriever: Retriever, robots: RobotsAsker) -> None:
        url = wanted.issue.url or ""
        retry_at: datetime | None = None
        trouble: str | None = None
        linked: tuple[Linked, ...] = ()
        with speaking(ENGLISH):
            try:
                answer = await self.post_reader.ask(Ask(url), retriever, robots)
                own = [address for address in (url, wanted.site) if address]
                linked = await self.workers.run(url, read_issue_page, answer, own)
            except FeedError as error:
                retry_at, trouble = self._plan(wanted.attempts), error.reason
            except _OWN_FAILURES as error:
                retry_at, trouble = self._plan(0), str(error) or type(error).__name__

        def save() -> None:
            with self.home.database.writing(durable=False) as connection:
                roundups.save_issue_page(connection, wanted, linked, retry_at=retry_at, trouble=trouble)

        await asyncio.to_thread(save)
        log.info("issue read", source=wanted.issue.source, url=url, links=len(linked), reason=trouble)

    def _plan(self, attempts: int) -> datetime | None:
        if attempts + 1 >= MOST_ATTEMPTS:
            return None
        return self.home.now + timedelta(hours=_RETRY_HOURS[min(attempts, len(_RETRY_HOURS) - 1)])

    # --- links --------------------------------------------------------------------------------------------------------

    async def _follow(self, mention: Mention, retriever: Retriever, free: asyncio.Semaphore) -> bool:
        """Follow one link; return whether that added a post."""
        async with free:
            with speaking(ENGLISH):
                try:
                    found = mention if mention.canonical_url else await self._resolve(mention, retriever)
                    if found is None:
                        return False
                    read = await self.post_reader.read_now(found.url)
                except FeedError as error:
                    await self._put_off(mention, error.reason)
                    return False
                except _OWN_FAILURES as error:
                    await self._put_off(mention, str(error) or type(error).__name__)
                    return False
            may_pass = bool(read.trouble) and not read.title and not is_dead(read)
            if may_pass and mention.attempts + 1 < MOST_ATTEMPTS:
                await self._put_off(mention, read.trouble)
                return False
            return await asyncio.to_thread(self._add, found, read)

    async def _resolve(self, mention: Mention, retriever: Retriever) -> Mention | None:
        """Ask where a link leads; None if nothing more is to be read there."""
        async with self.network.hosts.enter(host_of(mention.url)):
            goal = await _find_goal(mention.url, retriever)
        url = clean_url(goal)
        if url is None or hides_goal(url) or not is_post_address(url, _list_homes(mention)):
            await asyncio.to_thread(self._end, mention, f"it leads to {goal}")
            return None
        resolved = replace(mention, url=url, canonical_url=canonicalise_url(url))

        def save() -> bool:
            with self.home.database.writing(durable=False) as connection:
                return roundups.resolve_mention(connection, mention, url, canonicalise_url(url))

        return None if await asyncio.to_thread(save) else resolved

    def _add(self, mention: Mention, read: ReadPost) -> bool:
        now, zone = self.home.now, self.home.zone
        with self.home.database.writing() as connection:
            found = draft_linked(mention, read, published=list_closed(connection), now=now, zone=zone)
            addresses = list(dict.fromkeys([*read.canonical_urls, *filter(None, [mention.canonical_url])]))
            added = roundups.add_linked(connection, mention, addresses, found.draft, found.reading, found.trouble)
        log.info("link followed", url=read.url, source=mention.source, post=added, reason=found.trouble)
        return added is not None

    async def _put_off(self, mention: Mention, trouble: str) -> None:
        await asyncio.to_thread(self._end, mention, trouble, is_over=False)

    def _end(self, mention: Mention, trouble: str, *, is_over: bool = True) -> None:
        retry_at = None if is_over else self._plan(mention.attempts)
        with self.home.database.writing(durable=False) as connection:
            roundups.put_off_mention(connection, mention, retry_at, trouble)


def _name(file: Path) -> str:
    """The name of a file; bytes that are not UTF-8 are replaced, because a database does not take them."""
    return os.fsencode(file.name).decode("utf-8", "replace")


async def _find_goal(url: str, retriever: Retriever) -> str:
    try:
        return (await retriever.probe(url)).url
    except FeedError as error:
        if error.hops and error.status is not None:
            # The page behind the link may refuse; where it is is known.
            return error.hops[-1].url
        if error.status not in _NO_HEAD:
            raise
    return (await retriever.retrieve_whole(url, max_bytes=_START_BYTES)).url


def _list_homes(mention: Mention) -> list[str]:
    return [home_of(mention.issue_url)] if mention.issue_url else []
