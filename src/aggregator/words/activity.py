"""What the daemon is doing now, in words. Pure."""

from __future__ import annotations

from aggregator.locales import t, tn
from aggregator.pipeline.activity import Activity, Stage


def say_activity(activity: Activity) -> str:
    """``Visited 37 of 123 feeds, 512 posts so far``, then what follows; empty before the first visit."""
    match activity.stage:
        case Stage.RANK if activity.posts:
            return tn("Sorting and ranking {number} post", "Sorting and ranking {number} posts", activity.posts)
        case Stage.RANK:
            return t("Sorting and ranking")
        case Stage.COMPARE:
            return t("Looking for copies among the posts")
        case Stage.TIDY:
            return t("Indexing the posts for the search")
    if not activity.feeds:
        return t("Looking for feeds to visit") if activity.stage else ""
    posts = tn("{number} post", "{number} posts", activity.posts)
    if activity.visited < activity.feeds:
        return tn(
            "Visited {visited} of {number} feed, {posts} so far",
            "Visited {visited} of {number} feeds, {posts} so far",
            activity.feeds,
            visited=f"{activity.visited:,}",
            posts=posts,
        )
    return tn("Visited {number} feed, {posts}", "Visited {number} feeds, {posts}", activity.feeds, posts=posts)
