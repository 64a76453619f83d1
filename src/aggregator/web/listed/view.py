"""The view of feeds that were found. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from aggregator.pipeline.discovery import Discovery, FoundFeed
from aggregator.types import Feed, Kind, Taxonomy
from aggregator.words.discovery import say_found
from aggregator.words.feeds import list_kinds


@dataclass(frozen=True, slots=True)
class FoundView:
    """A feed that was found, with the form that adds it."""

    name: str
    url: str
    said: str
    titles: tuple[str, ...]
    #: Empty if nobody follows it yet.
    followed_as: str
    #: The fields of the form, by name.
    values: Mapping[str, str]
    kinds: tuple[tuple[str, str], ...]


def build_found(discovery: Discovery, now: datetime, taxonomy: Taxonomy) -> list[FoundView]:
    """Build the list of the feeds that were found, the best first."""
    return [_build(found, now, taxonomy) for found in discovery.found]


def build_typed(typed: Mapping[str, str], taxonomy: Taxonomy) -> FoundView:
    """Build a refused form again, as it was typed."""
    empty = dict.fromkeys(_write(Feed("", "", "", Kind.COMPANY, "")), "")
    kinds = list_kinds(taxonomy, typed.get("kind", ""))
    return FoundView(typed.get("name", ""), typed.get("url", ""), "", (), "", empty | dict(typed), kinds)


def _build(found: FoundFeed, now: datetime, taxonomy: Taxonomy) -> FoundView:
    return FoundView(
        name=found.feed.name,
        url=found.feed.url,
        said=say_found(found, now),
        titles=tuple(post.title for post in found.sample.posts),
        followed_as=found.followed_as or "",
        values=_write(found.feed),
        kinds=list_kinds(taxonomy, found.feed.kind),
    )


def _write(feed: Feed) -> dict[str, str]:
    return {
        "key": feed.key,
        "name": feed.name,
        "url": feed.url,
        "site": feed.site or "",
        "organisation": feed.organisation or "",
        "language": feed.language,
        "kind": str(feed.kind),
        "tags": ", ".join(feed.tags),
        "full_text": "yes" if feed.full_text else "no",
        "only_words": "",
        "only_categories": "",
    }
