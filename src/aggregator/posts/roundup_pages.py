"""What pages tell of round-ups: which posts the page of an issue links to, and what a linked page is. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from aggregator.posts.dating import LATE_MONTHS, PostDate, place_found_post
from aggregator.posts.found import draft_found, note_found
from aggregator.posts.pages import HTML, find_kind, load_tree
from aggregator.posts.roundups import list_linked
from aggregator.text.html import sanitise_html
from aggregator.types import (
    DateConfidence,
    DateSource,
    Linked,
    Mention,
    Month,
    PageReading,
    PostDraft,
    ReadPost,
    Retrieved,
    Wait,
)

#: So often a page that cannot be read is tried.
MOST_ATTEMPTS = 3


class LinkedPost(NamedTuple):
    """What a linked page is: a post to add, or why it is not one."""

    draft: PostDraft | None
    reading: PageReading | None = None
    trouble: str | None = None


def read_issue_page(answer: Retrieved, own: Collection[str]) -> tuple[Linked, ...]:
    """List the posts that the page of an issue links to. Readers of articles leave lists of links out, so the whole
    article is looked at; *own* are addresses of the round-up.
    """
    if find_kind(answer) not in HTML or (tree := load_tree(answer)) is None:
        return ()
    from lxml import html

    markup = html.tostring(_find_article(tree), encoding="unicode")
    return list_linked(sanitise_html(markup), answer.url, [answer.url, *own])


def _find_article(tree: Any) -> Any:
    """The article of a page with the most in it, else its main part, else all of it."""
    for name in ("article", "main"):
        if found := list(tree.iter(name)):
            return max(found, key=lambda element: sum(1 for _ in element.iter()))
    return tree


def draft_linked(
    mention: Mention, read: ReadPost, *, published: frozenset[Month], now: datetime, zone: ZoneInfo
) -> LinkedPost:
    """What to do with a page that was read, or could not be: a post of its own date, which waits if it has none.

    A page from before the open months is not news, and one that says nothing of itself is not a post.
    """
    title = read.title or mention.title
    if is_dead(read):
        return LinkedPost(None, trouble=read.trouble)
    if not title:
        return LinkedPost(None, trouble=read.trouble or "nothing says what it is called")
    date = PostDate(read.published_at or now, read.published_from, read.confidence)
    wait = None if read.published_at else Wait.DATE
    if wait:
        date = PostDate(now, DateSource.FIRST_SEEN, DateConfidence.WEAK)
    own, current = Month.of(date.published_at, zone), Month.of(now, zone)
    if own < current.shift(-LATE_MONTHS):
        return LinkedPost(None, trouble=f"it was published in {own}")
    placement = place_found_post(date, wait, published=published, now=now, zone=zone)
    draft = draft_found(read, title, date, placement, organisation=read.organisation, now=now, waits_for=wait)
    return LinkedPost(draft, note_found(read, 0, now))


def is_dead(read: ReadPost) -> bool:
    """Whether a page does not exist (RFC 9110, 15.5.5 and 15.5.11)."""
    return read.trouble.endswith(("(HTTP 404)", "(HTTP 410)"))
