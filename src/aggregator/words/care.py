"""Proposals about what is followed, and how hosts are followed, in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.addresses.urls import hide_credentials, readable_url
from aggregator.feeds.care import Advice, Proposal
from aggregator.feeds.hosts import HostRow, Way, count_followed
from aggregator.locales import mark, t, tn
from aggregator.types import FeedState
from aggregator.words.feeds import say_verified
from aggregator.words.reasons import say_reason

WAYS = {
    Way.FEED: mark("feed"),
    Way.GENERATED: mark("feed made by others"),
    Way.RECIPE: mark("recipe"),
    Way.BY_HAND: mark("by hand"),
}


def say_proposal(proposal: Proposal, zone: ZoneInfo) -> str:
    """Say what is proposed about a feed or host, and why."""
    since = words.day(proposal.since, zone) if proposal.since else ""
    address = readable_url(proposal.url) if proposal.url else ""
    match proposal.advice:
        case Advice.MOVED:
            return t("The shipped list says that its address is {address} now", address=address)
        case Advice.DROPPED:
            return t("The shipped list has given it up: its address is dead")
        case Advice.DYING if proposal.found:
            found = readable_url(proposal.found)
            if not since:
                return t("It has never answered; its site has {address} now", address=found)
            return t("Nothing has come since {day}; its site has {address} now", day=since, address=found)
        case Advice.DYING if since:
            return t("Nothing has come since {day}; look at {address} for another feed", day=since, address=address)
        case Advice.DYING:
            return t("It has never answered; look at {address} for another feed", address=address)
        case Advice.LEAVE:
            return tn(
                "It gave {number} post in a year, and not one was approved or printed",
                "It gave {number} posts in a year, and not one was approved or printed",
                proposal.number,
            )
        case Advice.FOLLOW:
            return tn(
                "{number} post of a year came from there by hand: is there a feed?",
                "{number} posts of a year came from there by hand: is there a feed?",
                proposal.number,
            )
        case Advice.NEW:
            return t("{name}, in the shipped list since {day}", name=proposal.title, day=proposal.added)


def say_result(row: HostRow, state: FeedState | None, now: datetime, zone: ZoneInfo) -> str:
    """Say what the last visit gave of a host, or what is known of its address before the first; else how
    its posts come.
    """
    if row.wall:
        return t("{site} refuses programs: the bookmarklet adds its posts, or a round-up links to them", site=row.wall)
    if row.feed is None:
        return t("the bookmarklet and `aggregator add` take its posts")
    if state and state.failures:
        return t("fails: {reason}", reason=words.cut(say_reason(state.last_reason or ""), 80))
    if state and state.last_success_at:
        return t("answered {when}", when=words.distance(state.last_success_at, now))
    return say_verified(row.feed.verified) if row.feed.verified else t("not visited yet")


def say_followed(rows: Sequence[HostRow]) -> str:
    """``57 of 64 lines come from sites that are followed.``"""
    followed, lines = count_followed(rows)
    return tn(
        "{followed} of {number} line comes from sites that are followed.",
        "{followed} of {number} lines come from sites that are followed.",
        lines,
        followed=f"{followed:,}",
    )


def list_cells(row: HostRow, state: FeedState | None, now: datetime, zone: ZoneInfo) -> tuple[str, str, str, str, str]:
    """The cells of a row of the table of hosts: place, lines, how it is followed, by which feed, last result."""
    key = hide_credentials(row.feed.key) if row.feed else ""
    return row.place, f"{row.lines:,}", t(WAYS[row.way]), key, say_result(row, state, now, zone)


def write_table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Write a table in Markdown."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(map(_write_cell, line))} |\n" for line in lines)


def _write_cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
