"""The page that adds a post: what was read in, what the form shows out. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.addresses.urls import clean_url, readable_url
from aggregator.pipeline.adding import FIELDS
from aggregator.types import Candidate, ReadPost
from aggregator.web.paths import path_in_queue
from aggregator.words.adding import list_facts, say_trouble


@dataclass(frozen=True, slots=True)
class AddView:
    """The form, filled in with what was read, or typed."""

    url: str
    #: As it is shown; empty before an address was given.
    address: str = ""
    #: What the address may be linked as; None if it is not to be.
    link: str | None = None
    language: str = "en"
    #: What was read beside the title, in a few words each.
    facts: tuple[str, ...] = ()
    trouble: str = ""
    values: Mapping[str, str] | None = None
    #: The post that is known at this address: its title and where it is in the queue.
    known: str = ""
    path: str = ""
    #: What is wrong with what was typed, and with which field.
    mistake: str = ""
    field: str = ""
    #: The month whose candidates it was asked from.
    month: str = ""


def build_add(
    read: ReadPost,
    organisation: str,
    known: Candidate | None,
    zone: ZoneInfo,
    *,
    typed: Mapping[str, str],
    mistake: str = "",
    field: str = "",
) -> AddView:
    """Build the form for a post that was *read*. What was *typed*, or came from another page, fills in what was not
    read; once there is a *mistake*, all that was typed stays.
    """
    day = read.published_at.astimezone(zone).date().isoformat() if read.published_at else ""
    found, given = {"title": read.title, "organisation": organisation, "day": day}, typed
    if known is not None:
        post = known.post
        day = post.published_at.astimezone(zone).date().isoformat()
        found = {"title": post.title, "organisation": post.organisation or "", "day": day}
        # A link gives new posts their month; a known one has its own.
        given = {name: text for name, text in typed.items() if name != "month"}
    values = {name: found.get(name) or given.get(name, "") for name in FIELDS}
    if mistake:
        values |= {name: typed[name] for name in FIELDS if name in typed}
    return AddView(
        url=read.url,
        address=readable_url(read.url),
        link=clean_url(read.url),
        language=known.post.language if known else read.language,
        facts=tuple(list_facts(read, organisation, zone)),
        trouble=say_trouble(read),
        values=values,
        known=known.post.title if known else "",
        path=path_in_queue(known.post.month, known.post.id) if known else "",
        mistake=words.sentence(mistake) if mistake else "",
        field=field,
        month=typed.get("month", ""),
    )
