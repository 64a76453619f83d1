"""Related: what a post belongs together with, and what it follows of what was printed."""

from __future__ import annotations

from aggregator.addresses.urls import canonicalise_url, host_of
from aggregator.posts.sequels import Follower
from aggregator.posts.sequels import find_sequels as decide_sequels
from aggregator.posts.works import Work, find_kind, find_work, list_keys, name_resource
from aggregator.storage import posts, related
from aggregator.storage.database import Connection
from aggregator.types import Post, Sequel, WorkPost

#: A post that links to more resources is a list of them.
_MOST_KEYS = 12


def find_sequels(connection: Connection, post: Post) -> list[Sequel]:
    """Find what a post follows of what was printed, the newest first."""
    follower = Follower(
        post.id, post.title, post.url, post.canonical_url, post.published_at, post.organisation, post.links
    )
    host = host_of(post.url)
    # Only a resource, such as a repository, follows what others have published. A host in other letters has two forms.
    publisher = None if name_resource(post.url) or "xn--" in host else (post.organisation, host)
    return decide_sequels(follower, related.list_printed_posts(connection, publisher))


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
