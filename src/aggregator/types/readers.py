"""What readers and colleagues say without a session: invitations, suggestions and remarks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from aggregator.types.dates import Month


class InvitationKind(StrEnum):
    """What an invitation is for."""

    SUGGEST = "suggest"
    DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link that the curator gives out: whoever has it needs no session."""

    id: int
    kind: InvitationKind
    #: For whom or for what it is, in the curator's words; often empty.
    name: str
    #: Its secret is derived from this, so that a copy of the database does not open it.
    salt: str
    #: Of the secret; it finds the invitation.
    hash: str
    by: str
    made_at: datetime
    #: Of a link to a draft.
    month: Month | None = None
    expires_at: datetime | None = None
    ended_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        return self.ended_at is None and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An address that a reader suggests. What it says of the reader is private, but for a name that they let print."""

    url: str
    canonical_url: str
    sent_at: datetime
    why: str = ""
    #: The name to print; empty unless the reader consented.
    credit: str = ""
    #: How to answer: a mail address or anything else.
    contact: str = ""
    #: Of the reader's page, in which they are answered.
    language: str = "en"
    invitation_id: int | None = None
    #: Of an issue at GitHub: ``owner/repository#12``.
    issue: str | None = None
    #: It is to be looked at from then on; None if that is done.
    retry_at: datetime | None = None
    attempts: int = 0
    #: Why its post could not be read.
    trouble: str | None = None
    post_id: int | None = None
    #: Why the curator turned it down without a verdict on a post.
    declined: str | None = None
    answered_at: datetime | None = None
    id: int = 0


class Stand(StrEnum):
    """What became of a suggestion."""

    WAITING = "waiting"
    #: Its post could not be read, and the curator has not said anything about it.
    UNREAD = "not read"
    CHOSEN = "chosen"
    PRINTED = "printed"
    TURNED_DOWN = "turned down"

    @property
    def is_settled(self) -> bool:
        """Whether nothing more is to come, but for a change of mind."""
        return self in {Stand.PRINTED, Stand.TURNED_DOWN}


@dataclass(frozen=True, slots=True)
class Standing:
    """What became of a suggestion, when and why."""

    stand: Stand
    #: Of the digest.
    month: Month | None = None
    #: Why it was turned down; as the curator gave it.
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """What a colleague says of a draft, or of one of its lines."""

    invitation_id: int
    #: Who says it.
    name: str
    text: str
    at: datetime
    #: The canonical address of the line; None if it is about the whole draft.
    line: str | None = None
    #: Of the line, as it was shown.
    title: str = ""
    post_id: int | None = None
    done_at: datetime | None = None
    id: int = 0
