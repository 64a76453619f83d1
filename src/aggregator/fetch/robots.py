"""What a site allows robots to read (RFC 9309). Owns protego. Pure: the file or the failure in, a decision out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.addresses.urls import clean_url, origin_of
from aggregator.exceptions import FeedError

#: Our product token (RFC 9309, 2.2.1), by which a site names us.
PRODUCT = "aggregator"
#: The rest of a longer file is ignored (RFC 9309, 2.5).
MAX_BYTES = 500 << 10
ACCEPT = "text/plain, */*;q=0.1"
#: How long a file is believed (RFC 9309, 2.4), and how long one that could not be read is not requested again.
FRESH_FOR = timedelta(hours=24)
FAILURE_FRESH_FOR = timedelta(minutes=15)
# Crawl-delay is not part of the standard, and some sites ask for hours.
_LONGEST_DELAY = 60.0


@dataclass(frozen=True, slots=True)
class RobotsFile:
    """The robots.txt of one origin."""

    read_at: datetime
    #: None if there is none, which allows everything.
    body: bytes | None = None
    #: Why it could not be read; this forbids everything for now.
    trouble: str | None = None

    def is_fresh(self, now: datetime) -> bool:
        return timedelta() <= now - self.read_at < (FAILURE_FRESH_FOR if self.trouble else FRESH_FOR)


@dataclass(frozen=True, slots=True)
class Access:
    """Whether a page may be read, and the pause that its site wants between two requests."""

    is_allowed: bool
    pause_seconds: float = 0.0


def locate_robots(url: str) -> str:
    """The address of the robots.txt that applies to *url*."""
    return f"{origin_of(url)}/robots.txt"


def read_failure(error: FeedError, now: datetime) -> RobotsFile:
    """What it means that the file could not be retrieved.

    A client error except 429 says that there is none (RFC 9309, 2.3.1.3). Anything else forbids everything for now
    (2.3.1.4), a redirect loop included.
    """
    if error.status is not None and 400 <= error.status < 500 and error.status != 429:
        return RobotsFile(now)
    return RobotsFile(now, trouble=error.reason)


def list_sitemaps(body: bytes, place: str) -> list[str]:
    """The addresses of the sitemaps that the robots.txt at *place* names, each once."""
    from protego import Protego

    # Some are relative, which the protocol does not know.
    named = (clean_url(url, place) for url in Protego.parse(body.decode("utf-8-sig", "replace")).sitemaps)
    return list(dict.fromkeys(filter(None, named)))


def decide_access(body: bytes, url: str) -> Access:
    """What a robots.txt says about one address; the longest matching rule counts."""
    # The limit may cut the last rule in two, which would make another rule of it.
    whole = body if len(body) < MAX_BYTES else body[: body.rfind(b"\n") + 1]
    # Late: visits of feeds ask no site for it.
    from protego import Protego

    rules = Protego.parse(whole.decode("utf-8-sig", "replace"))
    delay = rules.crawl_delay(PRODUCT) or 0.0
    return Access(rules.can_fetch(url, PRODUCT), min(max(delay, 0.0), _LONGEST_DELAY))
