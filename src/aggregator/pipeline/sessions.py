"""Sessions of the page: one curator, in browsers that logged in with the login key or the password."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.storage import sessions as stored
from aggregator.storage.database import Connection, Database
from aggregator.types import Session

# Viewing pages should not write all the time.
_USE_NOTED_AFTER = timedelta(minutes=5)
# The first match counts: all browsers claim to be Safari, and most claim to be Chrome.
_BROWSERS = {
    r"Edg\w*/": "Edge",
    r"OPR/": "Opera",
    r"SamsungBrowser/": "Samsung Internet",
    r"Whale/": "Whale",
    r"Firefox/|FxiOS/": "Firefox",
    r"Chrome/|Chromium/|CriOS/": "Chrome",
    r"Safari/": "Safari",
}
_SYSTEMS = {
    r"iPhone": "an iPhone",
    r"iPad": "an iPad",
    r"Android": "Android",
    r"Windows": "Windows",
    r"Mac OS X|Macintosh": "macOS",
    r"CrOS": "ChromeOS",
    r"Linux": "Linux",
}


@dataclass(frozen=True, slots=True)
class OwnSession(Session):
    """The session of a request."""

    #: Included in every form of its pages; another site cannot know it.
    token: str


class Sessions:
    """Begins sessions and finds them again. All secrets derive from the login key; a new key ends all sessions.

    Every method raises StorageError.
    """

    def __init__(self, login_key: str, database: Database, clock: Callable[[], datetime]) -> None:
        self._key = login_key.encode()
        self._database = database
        self._clock = clock
        self._door = self._derive("sessions")
        # Browsers share cookies between the ports of a host, and two daemons on one machine must not log each other
        # out.
        self.cookie = f"aggregator_{self._derive('cookie')[:8]}"

    def is_login_key(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(errors="replace"), self._key)

    def begin(self, user_agent: str) -> str:
        """Begin a session; return the value of its cookie."""
        with self._database.writing() as connection:
            return self.add(connection, user_agent)

    def add(self, connection: Connection, user_agent: str) -> str:
        """Do the same within a transaction."""
        cookie = secrets.token_urlsafe(32)
        stored.add_session(connection, self._hash(cookie), self._door, name_browser(user_agent), now=self._clock())
        return cookie

    def find(self, cookie: str | None) -> OwnSession | None:
        """Return the session of a cookie; None if the cookie is missing or forged, or the session has ended."""
        if not cookie:
            return None
        with self._database.reading() as connection:
            found = stored.find_session(connection, self._hash(cookie), now=self._clock())
        if found is None:
            return None
        return OwnSession(found.id, found.browser, found.began_at, found.used_at, self._derive(f"form {cookie}"))

    def is_used_again(self, session: Session) -> bool:
        """Whether the use of a session should be noted again."""
        return not timedelta() <= self._clock() - session.used_at < _USE_NOTED_AFTER

    def note_use(self, session: Session) -> None:
        with self._database.writing() as connection:
            stored.note_use(connection, session.id, now=self._clock())

    def list(self) -> list[Session]:
        with self._database.reading() as connection:
            return stored.list_sessions(connection, self._door, now=self._clock())

    def end(self, session_id: int) -> None:
        """End a session. Raises NotFoundError."""
        with self._database.writing() as connection:
            stored.end_session(connection, session_id)

    def end_all(self, *, but: int | None = None) -> int:
        """End all sessions, or all except one; return how many ended."""
        with self._database.writing() as connection:
            return stored.end_sessions(connection, but=but)

    def is_token(self, session: OwnSession, given: str) -> bool:
        return hmac.compare_digest(given.encode(errors="replace"), session.token.encode())

    def _hash(self, cookie: str) -> str:
        return self._derive(f"session {cookie}")

    def _derive(self, purpose: str) -> str:
        return hmac.digest(self._key, f"aggregator {purpose}".encode(errors="replace"), "sha256").hex()


def name_browser(user_agent: str) -> str:
    """Name a browser by its User-Agent, such as ``Firefox on Linux``."""
    browser, system = (
        next((name for pattern, name in names.items() if re.search(pattern, user_agent)), "")
        for names in (_BROWSERS, _SYSTEMS)
    )
    return f"{browser or 'a program'} on {system}" if system else browser or "an unknown program"
