"""Which lines may be starred as highlights of their month. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from aggregator.exceptions import ReviewError
from aggregator.locales import t, tn
from aggregator.types import Candidate


def check_star(candidate: Candidate, starred: Sequence[str], *, most: int) -> None:
    """Raise ReviewError if a post may not be starred: it is not approved, or its month has *most* highlights, whose
    titles are *starred*.
    """
    post = candidate.post
    if not most:
        said = t("highlights are switched off; digest.highlights in feeds.toml says how many a month has")
    elif not candidate.is_highlight:
        said = t("“{title}” is not approved, and only approved posts are starred", title=post.title)
    elif len(starred) >= most:
        said = tn(
            "{month} has its {number} highlight: {titles}. Take that star off first",
            "{month} has its {number} highlights: {titles}. Take a star off one of them first",
            len(starred),
            month=post.month.name,
            titles=", ".join(f"“{title}”" for title in starred),
        )
    else:
        return
    raise ReviewError(said, post_id=post.id, verdict="star")
