"""Tokens of the API: a program that shows one acts under its name."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import timedelta

from aggregator.exceptions import TokenError
from aggregator.locales import t
from aggregator.pipeline.home import Home
from aggregator.storage import tokens as stored
from aggregator.types import Token

# Who finds one in a log or a repository can tell what it is.
_PREFIX = "aggregator_"
_NAME = re.compile(r"[\w.-]{1,50}")
# Reading should not write all the time.
_USE_NOTED_AFTER = timedelta(hours=1)


def add_token(home: Home, name: str, *, is_read_only: bool = False) -> tuple[Token, str]:
    """Make a token; return it with its secret, which cannot be shown again.

    Raises TokenError for a name that is taken, is the curator's own, or has other characters than letters, digits and
    ``._-``.
    """
    if not _NAME.fullmatch(name):
        raise TokenError(t("{name} cannot name a token; use up to 50 letters, digits and ._-", name=repr(name)))
    if name == home.curator:
        raise TokenError(t("{name} is the curator of this home, so the history could not tell them apart", name=name))
    secret = _PREFIX + secrets.token_urlsafe(32)
    with home.database.writing() as connection:
        token = stored.add_token(connection, name, _hash(secret), is_read_only=is_read_only, now=home.now)
    return token, secret


def find_token(home: Home, secret: str) -> Token | None:
    """Return the token that has this secret."""
    if not secret.startswith(_PREFIX):
        return None
    with home.reading() as connection:
        return stored.find_token(connection, _hash(secret))


def list_tokens(home: Home) -> list[Token]:
    """List all tokens by name."""
    with home.reading() as connection:
        return stored.list_tokens(connection)


def remove_token(home: Home, name: str) -> None:
    """Remove a token, which ends its use at once; its actions stay. Raises NotFoundError."""
    with home.database.writing() as connection:
        stored.remove_token(connection, name)


def is_used_again(home: Home, token: Token) -> bool:
    """Whether the use of a token should be noted again."""
    return token.used_at is None or not timedelta() <= home.now - token.used_at < _USE_NOTED_AFTER


def note_use(home: Home, token: Token) -> None:
    with home.database.writing() as connection:
        stored.note_use(connection, token.id, now=home.now)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
