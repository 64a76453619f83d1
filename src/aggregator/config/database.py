"""The address of the database, with the password that a file has: containers get their secrets so."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from aggregator.locales import t

_LARGEST = 10_000


def add_password(url: str, file: Path) -> str:
    """Return the *url* with the password of its user from a *file*. Any sign may stand in it; a line break at its end
    is not part of it.

    Raises ValueError with a sentence if the URL does not name a user of PostgreSQL or has a password already, or
    if the file cannot be read.
    """
    scheme, slashes, rest = url.partition("://")
    user, at, place = rest.partition("@")
    if not scheme.startswith("postgres") or not slashes or not at or not user or ":" in user or "/" in user:
        message = t("is for a database_url that names a user without a password, such as postgresql://user@host/name")
        raise ValueError(message)
    return f"{scheme}://{user}:{quote(_read_password(file), safe='')}@{place}"


def _read_password(file: Path) -> str:
    try:
        with file.open(encoding="utf-8", newline="") as opened:
            said = opened.read(_LARGEST)
    except OSError as error:
        raise ValueError(t("{file} cannot be read: {why}", file=file, why=error.strerror)) from error
    except UnicodeDecodeError as error:
        raise ValueError(t("{file} is not UTF-8 (byte {number})", file=file, number=error.start)) from error
    password = said.removesuffix("\n").removesuffix("\r")
    if not password or "\x00" in password or "\n" in password:
        raise ValueError(t("{file} has to contain a password in one line", file=file))
    return password
