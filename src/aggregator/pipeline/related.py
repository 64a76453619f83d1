"""Related: what a post belongs together with, and what it follows of what was printed."""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakKeyDictionary

from aggregator.addresses.urls import canonicalise_url
from aggregator.posts.sequels import Follower, PrintedIndex
from aggregator.posts.sequels import find_sequels as decide_sequels
from aggregator.posts.works import Work, find_kind, find_work, list_keys
from aggregator.storage import posts, related
from aggregator.storage.changes import has_unread
from aggregator.storage.database import Connection
from aggregator.types import Post, Sequel, WorkPost

#: A post that links to more resources is a list of them.
_MOST_KEYS = 12
# Of each database: what was printed, and the stamp by which it was read.
_INDEXES: WeakKeyDictionary[object, tuple[Sequence[object], PrintedIndex]] = WeakKeyDictionary()


def find_sequels(connection: Connection, post: Post) -> list[Sequel]:
    """Find what a post follows of what was printed, the newest first."""
    return decide_sequels(_as_follower(post), _know_printed(connection).printed)


def find_newest_followed(connection: Connection, of: Sequence[Post]) -> dict[int, Sequel]:
    """Find the newest printed post that each of these follows, by its number."""
    known = _know_printed(connection)
    return {post.id: found[0] for post in of if (found := known.find(_as_follower(post)))}


def _know_printed(connection: Connection) -> PrintedIndex:
    """What was printed, read once a print, and again once the links of posts that visits have left unread are known."""
    printed = related.stamp_printed(connection)
    stamp = printed, has_unread(connection)
    known = _INDEXES.get(connection.engine)
    if known is None or known[0] != stamp:
        known = stamp, PrintedIndex(related.list_printed_posts(connection) if printed else [])
        _INDEXES[connection.engine] = known
    return known[1]


def _as_follower(post: Post) -> Follower:
    return Follower(post.id, post.title, post.url, post.canonical_url, post.published_at, post.organisation, post.links)


def find_others_of_work(connection: Connection, post: Post) -> list[WorkPost]:
    """Find the other candidates that are about the same work as a post: its paper, repository, model card, article."""
    here = _as_work(post)
    keys = list_keys(here)
    if not keys or len(keys) > _MOST_KEYS:
        return []
    names = {key.partition("://")[2].partition("/")[2] for key in keys}
    near = posts.list_posts(connection, related.list_sharing(connection, post, sorted(names), keys))
    found = find_work(here, map(_as_work, near.values()))
    return [_show(near[number]) for number in found]


def _as_work(post: Post) -> Work:
    return Work(post.id, post.title, post.url, post.organisation, post.links)


def _show(post: Post) -> WorkPost:
    return WorkPost(post.id, post.title, post.url, post.language, post.month, find_kind(canonicalise_url(post.url)))
