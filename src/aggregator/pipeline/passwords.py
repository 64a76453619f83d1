"""The password of the page: set, removed, and checked at a login. Owns argon2."""

from __future__ import annotations

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from aggregator.exceptions import PasswordError, StorageError
from aggregator.locales import mark, t
from aggregator.pipeline.sessions import Sessions
from aggregator.storage import passwords as stored
from aggregator.storage.database import Database
from aggregator.storage.sessions import end_sessions

#: Characters of a password.
SHORTEST = 12
LONGEST = 1000

_TOO_SHORT = mark("the password is too short: it has {length} characters and needs between {least} and {most}")
_TOO_LONG = mark("the password is too long: it has {length} characters and needs between {least} and {most}")
# With the parameters that the library recommends. A hash with others is made anew at a login.
_HASHER = PasswordHasher()


def has_password(database: Database) -> bool:
    with database.reading() as connection:
        return stored.find_password(connection) is not None


def set_password(database: Database, password: str) -> int | None:
    """Set the password and end all sessions; return how many. None if it is the present one, which changes nothing.

    Raises PasswordError if it cannot be used, and StorageError.
    """
    _check(password)
    with database.reading() as connection:
        before = stored.find_password(connection)
    if before is not None and _is_right(before, password):
        return None
    hash = _HASHER.hash(_normalise(password))
    with database.writing() as connection:
        # In this order: a login that is under way has begun its session before, or finds the new password.
        stored.put_password(connection, hash)
        return end_sessions(connection)


def remove_password(database: Database) -> int | None:
    """Remove the password and end all sessions; return how many, None if there is no password. Raises StorageError."""
    with database.writing() as connection:
        return end_sessions(connection) if stored.remove_password(connection) else None


def log_in(database: Database, sessions: Sessions, password: str, user_agent: str) -> str | None:
    """Begin a session if the password is right; return the value of its cookie. Raises StorageError.

    It takes a tenth of a second and 64 MB.
    """
    with database.reading() as connection:
        known = stored.find_password(connection)
    if known is None or not _is_right(known, password):
        return None
    renewed = _HASHER.hash(_normalise(password)) if _HASHER.check_needs_rehash(known) else known
    with database.writing() as connection:
        if stored.find_password(connection, hold=True) != known:
            return None  # It was changed meanwhile.
        if renewed != known:
            stored.put_password(connection, renewed)
        return sessions.add(connection, user_agent)


def _check(password: str) -> None:
    """Raise PasswordError if a new password is too short, too long, or cannot be typed."""
    length = len(_normalise(password))
    if not SHORTEST <= length <= LONGEST:
        message = _TOO_SHORT if length < SHORTEST else _TOO_LONG
        raise PasswordError(t(message, length=length, least=SHORTEST, most=LONGEST))
    if not password.isprintable():
        raise PasswordError(t("the password has a character that cannot be typed, such as a line break"))


def _is_right(hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(hash, _normalise(password))
    except VerifyMismatchError:
        return False
    except (VerificationError, InvalidHashError) as error:
        raise StorageError(t("the password cannot be compared with the stored one: {error}", error=error)) from error


def _normalise(password: str) -> str:
    """Systems write the same Hangul and accents in different ways."""
    return unicodedata.normalize("NFKC", password).encode(errors="replace").decode()
