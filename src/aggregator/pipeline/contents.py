"""Reads what visits have left unread: entries whose month nobody reviews.

A first visit brings ten years of posts of which one month is reviewed. Of the others it stores what the feed gave;
their contents are sanitised, and the texts of their posts taken, when the machine is idle or somebody asks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from aggregator.exceptions import StorageError, WorkerError
from aggregator.feeds.drafts import read_contents, read_drafts
from aggregator.pipeline import Progress, ignore_progress
from aggregator.pipeline.home import Home
from aggregator.storage import changes, renewal, updates
from aggregator.storage.changes import Derived
from aggregator.storage.database import Connection, Database
from aggregator.types import ArchivePage, FeedUpdate, Month, PageText, UnreadEntry

if TYPE_CHECKING:
    from aggregator.fetch.workers import WorkerPool

# So few that a worker is free again, and a writer has done, in a fraction of a second.
_BATCH = 100
# Seconds until a reader looks again whether visits have ended.
_PAUSE = 0.2

#: Numbers of an entry and its post, the content, and the text of the post if that is from it.
_Read = Sequence[tuple[int, int, str, PageText | None]]
_Found = TypeVar("_Found", FeedUpdate, ArchivePage)


def read_posts(database: Database, post_ids: Iterable[int]) -> int:
    """Read what is unread of these posts now, in this process; return how many of them were unread."""
    wanted = list(post_ids)
    if not wanted:
        return 0
    with database.reading() as connection:
        behind = list(changes.list_behind(connection, Derived.CONTENTS, among=wanted))
    for start in range(0, len(behind), _BATCH):
        with database.writing(durable=False) as connection:
            _read(connection, behind[start : start + _BATCH])
    return len(behind)


def read_month(database: Database, month: Month) -> int:
    """Read what is unread of a month that somebody opens; return how many posts that were."""
    with database.reading() as connection:
        unread = renewal.list_unread_of(connection, month) if changes.has_unread(connection) else []
    return read_posts(database, unread)


def read_decided(database: Database) -> int:
    """Read what is unread of decided posts, which models learn from; return how many posts that were."""
    with database.reading() as connection:
        unread = renewal.list_unread_decided(connection) if changes.has_unread(connection) else []
    return read_posts(database, unread)


def read_known(connection: Connection, found: Sequence[_Found]) -> list[_Found]:
    """Read what the posts that a visit has found again had unread, and what it left unread of them: how a feed may
    change a post depends on the texts. Return what was found with that read; in the transaction that will store it.
    """
    drafts = [draft for one in found for draft in one.posts]
    given = {address for draft in drafts for address in (draft.canonical_url, draft.was_at) if address}
    known = updates.find_addresses(connection, given)
    if not known:
        return list(found)
    numbers = sorted(set(known.values()))
    _read(connection, list(changes.list_behind(connection, Derived.CONTENTS, among=numbers)))
    lacking = {
        draft.feed_key
        for one in found
        for draft in one.posts
        if draft.feed_key and not draft.is_read and draft.canonical_url in known
    }
    languages = renewal.list_languages(connection, lacking)
    return [_read_found(one, known.keys(), languages) for one in found]


def _read_found(found: _Found, known: Iterable[str], languages: dict[str, str]) -> _Found:
    unread = {draft.canonical_url: draft.feed_key for draft in found.posts if not draft.is_read}
    wanted = unread.keys() & known
    if not wanted:
        return found
    language = languages.get(unread[next(iter(wanted))] or "", "")
    entries, posts = read_drafts(found.entries, found.posts, wanted, language)
    return replace(found, entries=entries, posts=posts)


def _read(connection: Connection, post_ids: Sequence[int]) -> None:
    """Read these posts in a transaction."""
    for start in range(0, len(post_ids), _BATCH):
        batch = post_ids[start : start + _BATCH]
        behind = changes.list_behind(connection, Derived.CONTENTS, among=batch)
        _save(connection, behind, read_contents(renewal.list_unread(connection, batch)))


def _save(connection: Connection, behind: dict[int, int], read: _Read) -> None:
    """Store what was read of the posts that were *behind* by these changes, and still are."""
    # On PostgreSQL a visit may be reading the same ones: what it stores is newer.
    now = changes.list_behind(connection, Derived.CONTENTS, among=list(behind), locked=True)
    same = {number for number, change in behind.items() if now.get(number) == change}
    contents = {number: html for number, post_id, html, _ in read if post_id in same}
    # If several entries have the text, the newest counts.
    texts = {post_id: text for _, post_id, _, text in read if text and post_id in same}
    # They are taken up by the present rules.
    done = changes.list_behind(connection, Derived.TEXTS, among=sorted(same))
    changes.catch_up(connection, [*(behind[number] for number in same), *done.values()])
    renewal.save_read(connection, contents, texts)
    # Posts whose text is not from what was read have waited too.
    for derived in (Derived.GUESSES, Derived.COPIES, Derived.SEARCH):
        changes.fall_behind(connection, derived, sorted(same - texts.keys()))


@dataclass(frozen=True)
class ContentReader:
    """Reads in worker processes what is unread, a small batch a process, and gives way to visits."""

    home: Home
    workers: WorkerPool
    #: Whether something else needs the machine now.
    is_busy: Callable[[], bool] = lambda: False

    async def read_behind(
        self,
        *,
        at_once: int = 1,
        progress: Progress = ignore_progress,
        is_ending: Callable[[], bool] = lambda: False,
    ) -> int:
        """Read all that is unread, so many batches *at once*, unless the program *is ending*; return how many posts
        were read. Raises WorkerError and StorageError.
        """
        from aggregator.pipeline.network import task_group

        unread = await asyncio.to_thread(self._list)
        batches = [unread[start : start + _BATCH] for start in range(0, len(unread), _BATCH)]
        free = asyncio.Semaphore(at_once)
        done = 0

        async def read(batch: Sequence[int]) -> None:
            nonlocal done
            async with free:
                while self.is_busy() and not is_ending():
                    await asyncio.sleep(_PAUSE)
                if not is_ending():
                    await self._read(batch)
                    done += len(batch)
                    progress(len(batch))

        async with task_group() as group:
            for batch in batches:
                group.create_task(read(batch))
        return done

    def _list(self) -> list[int]:
        with self.home.reading() as connection:
            return list(changes.list_behind(connection, Derived.CONTENTS))

    async def _read(self, batch: Sequence[int]) -> None:
        behind, unread = await asyncio.to_thread(self._gather, batch)
        try:
            read: _Read = await self.workers.run("unread entries", read_contents, unread)
        except (WorkerError, StorageError):
            raise
        except Exception as bug:
            # One entry that cannot be read must not hold up the others.
            if len(batch) > 1:
                for number in batch:
                    await self._read([number])
                return
            # Imported late, as the other modules are that commands need not load.
            import structlog

            structlog.get_logger().error("entry not read", post=batch[0], exc_info=bug)
            read = [(entry.id, entry.post_id, "", None) for entry in unread]
        await asyncio.to_thread(self._apply, behind, read)

    def _gather(self, batch: Sequence[int]) -> tuple[dict[int, int], list[UnreadEntry]]:
        with self.home.reading() as connection:
            behind = changes.list_behind(connection, Derived.CONTENTS, among=batch)
            return behind, renewal.list_unread(connection, list(behind))

    def _apply(self, behind: dict[int, int], read: _Read) -> None:
        with self.home.database.writing(durable=False) as connection:
            _save(connection, behind, read)
