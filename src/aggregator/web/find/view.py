"""What the palette finds: posts, pages, months and feeds. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from aggregator.types import Candidate, Month
from aggregator.web.paths import path_in_queue
from aggregator.words.posts import name_post, name_publisher

#: The most hits of a group.
MOST = 8

PLACES = {
    "Queue": "/",
    "Digest": "/digest",
    "Feeds": "/feeds",
    "History": "/history",
    "Search": "/search",
    "Model": "/model",
    "Weights": "/weights",
    "Rules": "/rules",
    "Figures": "/figures",
    "What it was taught": "/taught",
    "Copies": "/copies",
    "Posts without a date": "/waiting",
    "Sessions": "/sessions",
}


@dataclass(frozen=True, slots=True)
class Hit:
    """Something to go to."""

    title: str
    said: str
    path: str
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Group:
    """Hits of a kind."""

    name: str
    hits: tuple[Hit, ...]


def build_groups(
    typed: str, found: Sequence[Candidate], months: Mapping[Month, int], feeds: Iterable[tuple[str, str]]
) -> list[Group]:
    """Build what the palette shows for what was *typed*; *found* are the posts that a search for it found."""
    groups = [
        Group("Posts", tuple(map(_show_post, found))),
        Group("Go to", _pick(typed, (Hit(name, "", path) for name, path in PLACES.items()))),
        Group("Months", _pick(typed, _list_months(months)) if typed else ()),
        Group("Feeds", _pick(typed, (Hit(name, "feed", f"/feeds/{key}") for key, name in feeds)) if typed else ()),
    ]
    return [group for group in groups if group.hits]


def _show_post(candidate: Candidate) -> Hit:
    post = candidate.post
    said = " · ".join(filter(None, [name_publisher(candidate), post.month.name, str(candidate.state)]))
    return Hit(name_post(post), said, path_in_queue(post.month, post.id), post.language)


def _list_months(months: Mapping[Month, int]) -> Iterable[Hit]:
    for month in sorted(months, reverse=True):
        yield Hit(f"Queue of {month.name}", str(month), f"/queue/{month}")
        yield Hit(f"Digest of {month.name}", str(month), f"/digest/{month}")


def _pick(typed: str, hits: Iterable[Hit]) -> tuple[Hit, ...]:
    wanted = typed.casefold()
    return tuple(islice((hit for hit in hits if wanted in f"{hit.title} {hit.said}".casefold()), MOST))
