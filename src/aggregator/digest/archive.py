"""What an archive is asked about copies of pages, and what it says, by the Wayback Machine's availability API. Pure."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from aggregator.addresses.urls import clean_url
from aggregator.types import Fault

# A page that has no copy today may have one later.
_AGAIN_AFTER = timedelta(days=30)


def is_due(fault: Fault, now: datetime) -> bool:
    """Whether an archive is to be asked for a page that is gone."""
    check = fault.check
    if not check.state.is_gone or check.archived:
        return False
    return check.archive_asked_at is None or now - check.archive_asked_at >= _AGAIN_AFTER


def name_question(service: str, fault: Fault) -> str:
    """The address at which *service* is asked for the copy that is nearest to a day at which the page was there."""
    asked = urlencode({"url": fault.url, "timestamp": f"{fault.seen_on:%Y%m%d}"})
    return f"{service}{'&' if urlsplit(service).query else '?'}{asked}"


def read_answer(document: bytes) -> str | None:
    """The address of the copy; None without one. Raises ValueError if the answer is of another form."""
    try:
        said = json.loads(document)["archived_snapshots"].get("closest", {})
        if not said.get("available"):
            return None
        address = clean_url(said["url"])
    except (AttributeError, KeyError, TypeError, RecursionError) as error:
        raise ValueError("the archive says something else than documented") from error
    if address is None:
        raise ValueError("the archive names no http or https address")
    # It names its own pages with http.
    return address.replace("http://web.archive.org/", "https://web.archive.org/", 1)
