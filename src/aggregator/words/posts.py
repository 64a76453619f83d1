"""The names of a post and its publisher. Pure."""

from __future__ import annotations

from datetime import date

from aggregator import words
from aggregator.addresses.urls import readable_url
from aggregator.locales import t
from aggregator.types import Candidate, Month, Next, Post, Until


def name_post(post: Post) -> str:
    """Its title, or its address if it has none."""
    return post.title or readable_url(post.url)


def name_publisher(candidate: Candidate) -> str:
    """The organisation, else the feed; empty if it has neither."""
    return candidate.post.organisation or candidate.feed_name or ""


def say_added_by(candidate: Candidate, reader: str) -> str:
    """``added by you``, or by somebody else than the *reader*; empty for a post that a feed or a digest gave."""
    if candidate.added_by is None:
        return ""
    return t("added by you") if candidate.added_by == reader else t("added by {name}", name=candidate.added_by)


def say_outcome(candidate: Candidate) -> str:
    """``printed in 2022-11``, ``rejected: off topic``, ``held until 5 Dec 2022``; empty for an undecided post that was
    not held.
    """
    if candidate.printed_in:
        return t("printed in {month}", month=candidate.printed_in)
    reason = candidate.verdict and candidate.verdict.reason
    return f"{say_state(candidate)}: {t(reason)}" if reason else say_state(candidate)


def say_state(candidate: Candidate) -> str:
    """``approved``, ``held until 5 Dec 2022``, ``held until Dec 2022, back now``; empty for an undecided post that was
    not held.
    """
    if candidate.returned and candidate.returned.until:
        return t("held until {until}, back now", until=say_until(candidate.returned.until))
    if candidate.verdict is None:
        return ""
    until = candidate.verdict.until
    return t("held until {until}", until=say_until(until)) if until else t(candidate.state)


def say_until(until: Until) -> str:
    """``5 Dec 2022``, ``Dec 2022``, ``the next part of its series``."""
    match until:
        case Month():
            return until.name
        case date():
            return words.name_date(until)
        case Next.MONTH:
            return t("next month")
    return t("the next part of its series")
