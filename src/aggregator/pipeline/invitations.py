"""Invitations: links that the curator gives out, for whoever has no session."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from aggregator.exceptions import NotFoundError, ReviewError
from aggregator.locales import t
from aggregator.pipeline.actions import record
from aggregator.pipeline.home import Home
from aggregator.storage import readers
from aggregator.storage.database import Connection
from aggregator.text.html import normalise
from aggregator.types import Action, ActionKind, Invitation, InvitationKind, Month

#: How long a link to a draft leads there, unless the curator says so.
DRAFT_DAYS = 14
_LONGEST_NAME = 80


def invite(
    home: Home, key: str, kind: InvitationKind, *, name: str = "", month: Month | None = None, days: int | None = None
) -> Invitation:
    """Make a link, as an action; *key* is the login key. It ends after so many *days*. A link to a draft needs a
    *month*, and ends after DRAFT_DAYS unless the days are given.
    """
    if kind is InvitationKind.DRAFT and days is None:
        days = DRAFT_DAYS
    now, salt = home.now, secrets.token_urlsafe(16)
    until = now + timedelta(days=days) if days else None
    name = normalise(name)[:_LONGEST_NAME]
    hash = hash_secret(_derive(key, salt))
    made = Invitation(0, kind, name, salt, hash, home.curator, now, month=month, expires_at=until)
    with home.database.writing() as connection:
        number = readers.add_invitation(connection, made)
        record(
            home,
            connection,
            ActionKind.READER,
            month=month,
            details={"invitation": number, "for": str(kind), "name": name},
            # What is undone is ended, and can be begun again.
            changes={"ended_at": (now.isoformat(), None)},
        )
        return readers.get_invitation(connection, number)


def end_invitation(home: Home, number: int) -> Invitation:
    """End a link, as an action. Raises NotFoundError, and ReviewError if it has ended."""
    with home.database.writing() as connection:
        found = readers.get_invitation(connection, number)
        if found.ended_at:
            raise ReviewError(t("this link has ended already"), post_id=0, verdict="")
        details = {"invitation": number, "for": str(found.kind), "name": found.name, "ended": True}
        change_reader(home, connection, details, "invitation", number, {"ended_at": (None, home.now)}, found.month)
        return readers.get_invitation(connection, number)


def list_invitations(home: Home) -> list[Invitation]:
    """List all links, the newest first."""
    with home.reading() as connection:
        return readers.list_invitations(connection)


def find_invitation(home: Home, secret: str, kind: InvitationKind) -> Invitation:
    """Return the invitation of a link. Raises NotFoundError, in the same words whether it never was or has ended."""
    with home.reading() as connection:
        found = readers.find_invitation(connection, hash_secret(secret))
    if found is None or found.kind is not kind or not found.is_open(home.now):
        raise NotFoundError(t("this link does not lead anywhere, or not any more; ask for another one"))
    return found


def show_path(invitation: Invitation, key: str) -> str:
    """The path of a link on this site; *key* is the login key. Empty if the link was made with an earlier one, as in a
    home that was restored: it leads there all the same, but only whoever has it knows it.
    """
    secret = _derive(key, invitation.salt)
    return f"/{invitation.kind}/{secret}" if hash_secret(secret) == invitation.hash else ""


def hash_secret(secret: str) -> str:
    """What is stored in place of a secret, which is random and long, so that a fast hash is enough."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def change_reader(
    home: Home,
    connection: Connection,
    details: Mapping[str, Any],
    what: str,
    number: int,
    changes: Mapping[str, tuple[Any, Any]],
    month: Month | None = None,
) -> None:
    """Change columns of an invitation, a suggestion or a remark, as an action."""
    for column, (_, after) in changes.items():
        readers.set_value(connection, what, number, column, after)
    plain = {column: (_write(before), _write(after)) for column, (before, after) in changes.items()}
    record(home, connection, ActionKind.READER, month=month, details=details, changes=plain)


def put_back(connection: Connection, action: Action, *, is_undone: bool) -> None:
    """Change back, or again, what an action about readers changed. Raises ReviewError if it was deleted since."""
    what = next(name for name in ("invitation", "suggestion", "remark") if name in action.details)
    for column, (before, after) in action.changes.items():
        value = before if is_undone else after
        at = datetime.fromisoformat(value) if column.endswith("_at") and value else value
        if not readers.set_value(connection, what, action.details[what], column, at):
            raise ReviewError(t("what this was about is deleted since"), post_id=0, verdict="undo")


def _write(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _derive(key: str, salt: str) -> str:
    """The secret of a link: nobody finds it without the login key."""
    return hmac.digest(key.encode(), f"aggregator invitation {salt}".encode(), "sha256").hex()[:40]
