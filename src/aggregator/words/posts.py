"""The names of a post and its publisher. Pure."""

from __future__ import annotations

from aggregator.addresses.urls import readable_url
from aggregator.types import Candidate, Post


def name_post(post: Post) -> str:
    """Its title, or its address if it has none."""
    return post.title or readable_url(post.url)


def name_publisher(candidate: Candidate) -> str:
    """The organisation, else the feed; empty if it has neither."""
    return candidate.post.organisation or candidate.feed_name or ""


def say_outcome(candidate: Candidate) -> str:
    """``printed in 2022-11``, ``rejected: off topic``, ``approved``; empty for an undecided post."""
    if candidate.printed_in:
        return f"printed in {candidate.printed_in}"
    verdict = candidate.verdict
    return f"{candidate.state}{f': {verdict.reason}' if verdict.reason else ''}" if verdict else ""
