"""What the daemon is doing now, in words. Pure."""

from __future__ import annotations

from aggregator import words
from aggregator.pipeline.activity import Activity, Stage


def say_activity(activity: Activity) -> str:
    """``Visited 37 of 123 feeds, 512 posts so far``, then what follows; empty before the first visit."""
    posts = words.count(activity.posts, "post")
    match activity.stage:
        case Stage.RANK:
            return f"Sorting and ranking {posts}" if activity.posts else "Sorting and ranking"
        case Stage.COMPARE:
            return "Looking for copies among the posts"
        case Stage.TIDY:
            return "Indexing the posts for the search"
    if not activity.feeds:
        return "Looking for feeds to visit" if activity.stage else ""
    if activity.visited < activity.feeds:
        return f"Visited {activity.visited:,} of {words.count(activity.feeds, 'feed')}, {posts} so far"
    return f"Visited {words.count(activity.feeds, 'feed')}, {posts}"
