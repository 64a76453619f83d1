"""What a site allows robots to read (RFC 9309). Owns protego. Pure: the file or the failure in, an answer out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from protego import Protego

from aggregator.addresses.urls import origin_of
from aggregator.exceptions import FeedError

#: Our product token (RFC 9309, 2.2.1): what a site names us by.
PRODUCT = "aggregator"
#: What is longer is not read further (RFC 9309, 2.5).
MAX_BYTES = 500 << 10
ACCEPT = "text/plain, */*;q=0.1"
#: So long a file that was read is believed (RFC 9309, 2.4), and so long one that could not be read is not asked for.
FRESH_FOR = timedelta(hours=24)
FAILURE_FRESH_FOR = timedelta(minutes=15)
# Crawl-delay is not part of the standard, and some sites ask for hours.
_LONGEST_DELAY = 60.0


@dataclass(frozen=True, slots=True)
class RobotsFile:
    """The robots.txt of one origin, as it was found."""

    read_at: datetime
    #: None where there is none, which allows everything.
    body: bytes | None = None
    #: Why it could not be read, which forbids everything for now.
    trouble: str | None = None

    def is_fresh(self, now: datetime) -> bool:
        return timedelta() <= now - self.read_at < (FAILURE_FRESH_FOR if self.trouble else FRESH_FOR)


@dataclass(frozen=True, slots=True)
class Access:
    """Whether a page may be read, and the pause that its site asks for between two requests."""

    is_allowed: bool
    pause_seconds: float = 0.0


def locate_robots(url: str) -> str:
    """Where the robots.txt is that speaks for an address."""
    return f"{origin_of(url)}/robots.txt"


def read_failure(error: FeedError, now: datetime) -> RobotsFile:
    """What it means that the file could not be had.

    A client error says that there is none (RFC 9309, 2.3.1.3); that we come too often says nothing. Anything else
    forbids all for now (2.3.1.4), a redirect without end included.
    """
    if error.status is not None and 400 <= error.status < 500 and error.status != 429:
        return RobotsFile(now)
    return RobotsFile(now, trouble=error.reason)


def decide_access(body: bytes, url: str) -> Access:
    """What a robots.txt says of one address; the rule that names it longest counts."""
    # A rule that the limit cuts in two would be another rule.
    whole = body if len(body) < MAX_BYTES else body[: body.rfind(b"\n") + 1]
    rules = Protego.parse(whole.decode("utf-8-sig", "replace"))
    delay = rules.crawl_delay(PRODUCT) or 0.0
    return Access(rules.can_fetch(url, PRODUCT), min(max(delay, 0.0), _LONGEST_DELAY))
