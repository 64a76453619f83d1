"""What the palette finds: posts, pages, months and feeds. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from aggregator.locales import get_language, mark, t
from aggregator.types import Candidate, Month
from aggregator.web.paths import path_in_queue, path_to_add
from aggregator.words.posts import name_post, name_publisher

#: The most hits of a group.
MOST = 8

PLACES = {
    mark("Queue"): "/",
    mark("Add a post"): "/add",
    mark("Digest"): "/digest",
    mark("Digests"): "/digests",
    mark("Corrections"): "/corrections",
    mark("Head and headings"): "/texts",
    mark("Feeds"): "/feeds",
    mark("History"): "/history",
    mark("Search"): "/search",
    mark("Model"): "/model",
    mark("Weights"): "/weights",
    mark("Rules"): "/rules",
    mark("Figures"): "/figures",
    mark("What it was taught"): "/taught",
    mark("Copies"): "/copies",
    mark("Posts without a date"): "/waiting",
    mark("Sessions"): "/sessions",
}


@dataclass(frozen=True, slots=True)
class Hit:
    """Something to go to."""

    title: str
    said: str
    path: str
    language: str = field(default_factory=get_language)


@dataclass(frozen=True, slots=True)
class Group:
    """Hits of a kind."""

    name: str
    hits: tuple[Hit, ...]


def build_groups(
    typed: str, found: Sequence[Candidate], months: Iterable[Month], feeds: Iterable[tuple[str, str]]
) -> list[Group]:
    """Build what the palette shows for what was *typed*; *found* are the posts that a search for it found."""
    if typed.startswith(("https://", "http://")) and not found:
        return [Group(t("Go to"), (Hit(t("Add this post"), typed, path_to_add(typed)),))]
    groups = [
        Group(t("Posts"), tuple(map(_show_post, found))),
        Group(t("Go to"), tuple(islice(_list_places(typed), MOST))),
        Group(t("Months"), _pick(typed, _list_months(months)) if typed else ()),
        Group(t("Feeds"), _pick(typed, _list_feeds(feeds)) if typed else ()),
    ]
    return [group for group in groups if group.hits]


def _show_post(candidate: Candidate) -> Hit:
    post = candidate.post
    said = " · ".join(filter(None, [name_publisher(candidate), post.month.name, t(candidate.state)]))
    return Hit(name_post(post), said, path_in_queue(post.month, post.id), post.language)


def _list_places(typed: str) -> Iterable[Hit]:
    """List the pages so called, in the reader's language or in English: a Korean keyboard types both."""
    for name, path in PLACES.items():
        if _is_called(typed, name, t(name)):
            yield Hit(t(name), "", path)


def _list_months(months: Iterable[Month]) -> Iterable[Hit]:
    for month in months:
        yield Hit(t("Queue of {month}", month=month.name), str(month), f"/queue/{month}")
        yield Hit(t("Digest of {month}", month=month.name), str(month), f"/digest/{month}")


def _list_feeds(feeds: Iterable[tuple[str, str]]) -> Iterable[Hit]:
    for key, name in feeds:
        yield Hit(name, t("feed"), f"/feeds/{key}")


def _pick(typed: str, hits: Iterable[Hit]) -> tuple[Hit, ...]:
    return tuple(islice((hit for hit in hits if _is_called(typed, hit.title, hit.said)), MOST))


def _is_called(typed: str, *names: str) -> bool:
    return typed.casefold() in " ".join(names).casefold()
