"""The names of a post and its publisher. Pure."""

from __future__ import annotations

from datetime import date

from aggregator import words
from aggregator.addresses.urls import readable_url
from aggregator.types import Candidate, Month, Next, Post, Until


def name_post(post: Post) -> str:
    """Its title, or its address if it has none."""
    return post.title or readable_url(post.url)


def name_publisher(candidate: Candidate) -> str:
    """The organisation, else the feed; empty if it has neither."""
    return candidate.post.organisation or candidate.feed_name or ""


def say_outcome(candidate: Candidate) -> str:
    """``printed in 2022-11``, ``rejected: off topic``, ``held until 5 Dec 2022``; empty for an undecided post that was
    not held.
    """
    if candidate.printed_in:
        return f"printed in {candidate.printed_in}"
    verdict = candidate.verdict
    return f"{say_state(candidate)}{f': {verdict.reason}' if verdict and verdict.reason else ''}"


def say_state(candidate: Candidate) -> str:
    """``approved``, ``held until 5 Dec 2022``, ``held until Dec 2022, back now``; empty for an undecided post that was
    not held.
    """
    if candidate.returned and candidate.returned.until:
        return f"held until {say_until(candidate.returned.until)}, back now"
    if candidate.verdict is None:
        return ""
    until = candidate.verdict.until
    return f"{candidate.state}{f' until {say_until(until)}' if until else ''}"


def say_until(until: Until) -> str:
    """``5 Dec 2022``, ``Dec 2022``, ``the next part of its series``."""
    match until:
        case Month():
            return until.name
        case date():
            return words.name_date(until)
        case Next.MONTH:
            return "next month"
    return "the next part of its series"
