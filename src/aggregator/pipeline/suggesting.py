"""Suggestions: readers send addresses, the daemon reads what is there in its turn, and the verdict answers."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

import structlog

from aggregator.addresses.urls import canonicalise_url, clean_url
from aggregator.exceptions import DigestError, NotFoundError, ReviewError, StorageError
from aggregator.locales import ENGLISH, get_language, speaking, t
from aggregator.pipeline.adding import Details, PostReader, add_new, place_known
from aggregator.pipeline.duplicates import find_shown
from aggregator.pipeline.home import Home
from aggregator.pipeline.invitations import change_reader, hash_secret
from aggregator.posts import pages as reading
from aggregator.posts.roundup_pages import MOST_ATTEMPTS, is_dead
from aggregator.review.standing import CONTACT_KEPT, find_standing, is_forgotten
from aggregator.storage import posts, readers, search
from aggregator.storage.candidates import list_candidates_by_id
from aggregator.storage.database import Connection
from aggregator.text.characters import clean
from aggregator.text.html import normalise
from aggregator.types import Candidate, Invitation, ReadPost, Standing, Suggestion

log = structlog.get_logger()

#: What a reader types, and the most characters of it.
FIELDS = {"url": 2000, "why": 1000, "name": 80, "contact": 200}
#: The most that come by one link in an hour.
MOST_AN_HOUR = 30
_HOUR = timedelta(hours=1)
# Of one round, and until the next attempts.
_MOST_READ = 5
_RETRY_HOURS = (1, 6)


class Told(NamedTuple):
    """A suggestion, and what became of it."""

    suggestion: Suggestion
    #: The post that is shown for it; None if it has none.
    candidate: Candidate | None
    standing: Standing


class TooManyError(ReviewError):
    """More suggestions wait, or came by a link, than are accepted."""


def suggest(home: Home, invitation: Invitation, typed: Mapping[str, str]) -> str:
    """Store what a reader suggests; return the secret by which they find it again. Nothing is asked of the network.

    Raises DigestError, which knows the field, if it is not an address or too long, and TooManyError.
    """
    said = {name: _tidy(typed.get(name, "")) for name in FIELDS}
    for name, most in FIELDS.items():
        if len(said[name]) > most:
            raise DigestError(t("at most {number} characters fit here", number=f"{most:,}"), field=name)
    url = clean_url(said["url"])
    if url is None:
        raise DigestError(t("this is not an http or https address"), field="url")
    secret, now = secrets.token_urlsafe(24), home.now
    made = Suggestion(
        url,
        canonicalise_url(url),
        now,
        why=said["why"],
        credit=normalise(said["name"]) if typed.get("credit") else "",
        contact=said["contact"],
        language=get_language(),
        invitation_id=invitation.id,
        retry_at=now,
    )
    with home.database.writing() as connection:
        is_full = readers.count_open(connection) >= home.settings.suggestions.most_waiting
        if is_full or readers.count_sent(connection, invitation.id, now - _HOUR) >= MOST_AN_HOUR:
            said_full = t("many suggestions wait already; try it again another day")
            raise TooManyError(said_full, post_id=0, verdict="")
        readers.add_suggestion(connection, made, hash_secret(secret))
    return secret


def _tidy(text: str) -> str:
    """What somebody typed without invisible characters; lines stay."""
    return "\n".join(clean(line).strip() for line in text.splitlines()).strip()


def find_told(home: Home, secret: str) -> Told:
    """Return what its reader may know of a suggestion. Raises NotFoundError."""
    with home.reading() as connection:
        found = readers.find_suggestion(connection, hash_secret(secret))
        if found is None:
            raise NotFoundError(t("this suggestion is not known, or not kept any more"))
        return _tell(connection, [found])[0]


def list_told(home: Home) -> list[Told]:
    """List all suggestions, the newest first."""
    with home.reading() as connection:
        return _tell(connection, readers.list_suggestions(connection))


def _tell(connection: Connection, found: Sequence[Suggestion]) -> list[Told]:
    numbers = sorted({each.post_id for each in found if each.post_id})
    known = {one.post.id: one for one in list_candidates_by_id(connection, numbers, is_whole=False)}
    shown = sorted({one.post.copy_of for one in known.values() if one.post.copy_of})
    known_shown = {one.post.id: one for one in list_candidates_by_id(connection, shown, is_whole=False)}
    told = []
    for each in found:
        own = known.get(each.post_id or 0)
        candidate = known_shown.get(own.post.copy_of, own) if own and own.post.copy_of else own
        told.append(Told(each, candidate, find_standing(each, candidate)))
    return told


def decline(home: Home, number: int, reason: str) -> None:
    """Turn a suggestion down without a verdict on a post, as an action.

    Raises NotFoundError, and ReviewError without a reason or if it was turned down already.
    """
    reason = normalise(reason)[:500]
    if not reason:
        raise ReviewError(t("a reason is needed; the reader is told it"), post_id=0, verdict="")
    with home.database.writing() as connection:
        found = readers.get_suggestion(connection, number)
        if found.declined is not None:
            raise ReviewError(t("that is turned down already"), post_id=0, verdict="")
        details = {"suggestion": number, "url": found.url, "declined": True}
        changes = {"declined": (None, reason), "retry_at": (found.retry_at, None)}
        change_reader(home, connection, details, "suggestion", number, changes)


def note_answer(home: Home, number: int) -> None:
    """Note that the curator has answered its reader, as an action. Raises NotFoundError and ReviewError."""
    with home.database.writing() as connection:
        found = readers.get_suggestion(connection, number)
        if found.answered_at:
            raise ReviewError(t("that is answered already"), post_id=0, verdict="")
        details = {"suggestion": number, "url": found.url}
        change_reader(home, connection, details, "suggestion", number, {"answered_at": (None, home.now)})


def forget_old(home: Home) -> int:
    """Delete the suggestions that are over and as old as the settings say, and how to answer whom was answered."""
    keep, now = timedelta(days=home.settings.suggestions.keep_days), home.now
    with home.database.writing(durable=False) as connection:
        readers.forget_contacts(connection, now - CONTACT_KEPT)
        told = _tell(connection, readers.list_suggestions(connection))
        old = [each.suggestion.id for each in told if is_forgotten(each.suggestion, each.standing, keep=keep, now=now)]
        return readers.forget_suggestions(connection, old)


@dataclass
class SuggestionReader:
    """Looks at what readers have suggested: a known post gets the mark, another is read and becomes a candidate."""

    home: Home
    post_reader: PostReader
    _busy: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def read_due(self) -> int:
        """Look at some suggestions that are due; return how many have their posts now.

        Raises MissingExtraError if pages cannot be read.
        """
        async with self._busy:
            unknown, found = await asyncio.to_thread(self._list_unknown)
            if unknown and (missing := reading.find_missing()):
                raise missing
            for suggestion in unknown:
                with speaking(ENGLISH):
                    found += await self._read(suggestion)
            return found

    def _list_unknown(self) -> tuple[list[Suggestion], int]:
        """Give the mark to posts that are known by now, and count them; return the other suggestions that are due."""
        with self.home.reading() as connection:
            due = readers.list_due(connection, self.home.now, limit=_MOST_READ)
            looked = [*due, *readers.list_unread(connection)]
            known = {each.id: posts.find_by_addresses(connection, [each.canonical_url]) for each in looked}
        found = [(each, number) for each in looked if (number := known[each.id])]
        for suggestion, number in found:
            with self.home.database.writing() as connection:
                self._place(connection, number)
                readers.note_look(connection, suggestion.id, post_id=number, retry_at=None, trouble=None)
        return [each for each in due if not known[each.id]], len(found)

    async def _read(self, suggestion: Suggestion) -> bool:
        read = await self.post_reader.read_now(suggestion.url)
        if read.trouble and not read.title and not is_dead(read):
            return await asyncio.to_thread(self._put_off, suggestion, read.trouble)
        try:
            return await asyncio.to_thread(self._add, suggestion, read)
        except StorageError as error:
            # What cannot be stored, such as an address that is too long for an index, must not hold up the others.
            return await asyncio.to_thread(self._put_off, suggestion, str(error))

    def _add(self, suggestion: Suggestion, read: ReadPost) -> bool:
        number, trouble = None, read.trouble
        with self.home.database.writing() as connection:
            try:
                number = posts.find_by_addresses(connection, [*read.canonical_urls, suggestion.canonical_url])
                if number is not None:
                    self._place(connection, number)
                elif not is_dead(read):
                    number, _ = add_new(self.home, connection, read, Details())
                    search.index_posts(connection, [number])
            except DigestError as error:
                trouble = trouble or str(error)
            trouble_left = None if number else trouble
            readers.note_look(connection, suggestion.id, post_id=number, retry_at=None, trouble=trouble_left)
        log.info("suggestion read", url=read.url, post=number, reason=trouble_left)
        return number is not None

    def _place(self, connection: Connection, number: int) -> None:
        """Make a known post a candidate, or the one that is shown in its place."""
        place_known(self.home, connection, find_shown(connection, number).post.id, Details())

    def _put_off(self, suggestion: Suggestion, trouble: str) -> bool:
        tries, retry_at = suggestion.attempts + 1, None
        if tries < MOST_ATTEMPTS:
            retry_at = self.home.now + timedelta(hours=_RETRY_HOURS[min(tries, len(_RETRY_HOURS)) - 1])
        with self.home.database.writing(durable=False) as connection:
            readers.note_look(connection, suggestion.id, post_id=None, retry_at=retry_at, trouble=trouble)
        return False
