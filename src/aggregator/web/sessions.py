"""Who may use the page: one curator, known by the login key. Signed values instead of stored sessions."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from itsdangerous import BadSignature, TimestampSigner

LIFETIME = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Session:
    """One browser that logged in."""

    id: str
    #: Stands in every form of its pages; another site cannot know it.
    token: str


class Sessions:
    """Opens sessions and recognises them again. All secrets derive from the login key; a new key ends all sessions."""

    def __init__(self, login_key: str, clock: Callable[[], datetime]) -> None:
        self._key = login_key.encode()
        self._signer = _ClockSigner(login_key, clock)
        # Browsers share cookies between the ports of a host: two daemons on one machine must not log each other out.
        self.cookie = f"aggregator_{self._derive('cookie')[:8]}"

    def is_login_key(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(errors="replace"), self._key)

    def open(self) -> str:
        """The value of a new session's cookie."""
        return self._signer.sign(secrets.token_urlsafe(16)).decode()

    def find(self, cookie: str | None) -> Session | None:
        """The session of a cookie; None when it is forged, older than ``LIFETIME`` or missing."""
        try:
            number = self._signer.unsign(cookie or "", max_age=int(LIFETIME.total_seconds())).decode()
        except BadSignature:
            return None
        return Session(number, self._derive(f"form {number}"))

    def is_token(self, session: Session, given: str) -> bool:
        return hmac.compare_digest(given.encode(errors="replace"), session.token.encode())

    def _derive(self, purpose: str) -> str:
        return hmac.digest(self._key, f"aggregator {purpose}".encode(), "sha256").hex()


class _ClockSigner(TimestampSigner):
    def __init__(self, key: str, clock: Callable[[], datetime]) -> None:
        super().__init__(key, salt=b"aggregator session", key_derivation="hmac", digest_method=hashlib.sha256)
        self._clock = clock

    def get_timestamp(self) -> int:
        return int(self._clock().timestamp())
