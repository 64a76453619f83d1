"""Round-ups: lists of posts of others, and what they link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Linked:
    """A post that a round-up links to."""

    #: The address as the round-up has it, cleaned.
    url: str
    #: What the round-up calls it; empty if it says nothing.
    title: str
    #: The canonical address; None if only its server knows where it leads.
    canonical_url: str | None = None


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue of a round-up: an entry of a feed, or a mail."""

    #: The key of its feed, or the name of who sent it.
    source: str
    #: Identity inside the source: the key of the entry, or the Message-ID.
    key: str
    title: str
    #: How a reason names it: ``Import AI 210``.
    label: str
    found_at: datetime
    #: Its page; None if it has none.
    url: str | None = None
    linked: tuple[Linked, ...] = ()
    #: The key of its feed; None for a mail.
    feed_key: str | None = None
    #: The name of the file that a mail is from.
    file: str | None = None
    #: Why it could not be read, in English.
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    """A linked post that has to be looked at: where its address leads, and what is there."""

    id: int
    url: str
    title: str
    canonical_url: str | None
    #: Its source and label, for the vote.
    source: str
    label: str
    found_at: datetime
    #: The page of the issue, and earlier attempts.
    issue_url: str | None = None
    attempts: int = 0
