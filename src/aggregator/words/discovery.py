"""Feeds that were found, and what was written into feeds.toml, in words. Pure."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from aggregator import words
from aggregator.exceptions import NotFoundError
from aggregator.feeds.discovery.leads import Reason
from aggregator.feeds.discovery.sample import Sample
from aggregator.locales import mark, t, tn
from aggregator.pipeline.discovery import FoundFeed, NoFeedError, say_nothing_found
from aggregator.pipeline.exchange import Plan
from aggregator.pipeline.listing import Written
from aggregator.words.reasons import say_reason

_REASONS = {
    Reason.GIVEN: mark("the address itself is a feed"),
    Reason.HEADER: mark("the server names it"),
    Reason.NAMED: mark("the page names it"),
    Reason.RULE: mark("by the rules of its platform"),
    Reason.LINKED: mark("the page links to it"),
    Reason.USUAL: mark("at a usual place"),
}


def say_not_found(error: NotFoundError) -> str:
    """Why a search for feeds found none."""
    return say_nothing_found(error.url, error.tried, say_reason) if isinstance(error, NoFeedError) else str(error)


def say_found(found: FoundFeed, now: datetime) -> str:
    """What a feed would bring, such as ``4.3 posts a month · newest 2 days ago · ko · the page names it``."""
    sample, parts = found.sample, [_say_pace(found.sample)]
    if sample.newest_at:
        parts.append(t("newest {when}", when=words.distance(sample.newest_at, now)))
    parts += [found.feed.language, t("whole texts") if sample.is_whole else t("summaries only")]
    if found.lead.is_comments:
        parts.append(t("comments"))
    return " · ".join([*parts, t(_REASONS[found.lead.reason])])


def _say_pace(sample: Sample) -> str:
    if sample.pace is None:
        return tn("{number} post", "{number} posts", sample.entries)
    return t("{number} posts a month", number=f"{sample.pace:g}")


def say_added(written: Written) -> str:
    """That feeds are followed from now on."""
    if len(written.keys) == 1:
        said = t("the feed {key} is in feeds.toml, and the daemon visits it within a minute", key=written.keys[0])
    else:
        said = tn("{number} feed is added to feeds.toml", "{number} feeds are added to feeds.toml", len(written.keys))
    return said


def say_removed(written: Written) -> str:
    """That a feed is not followed any more."""
    return t("the feed {key} is out of feeds.toml and is not visited any more; its posts stay", key=written.keys[0])


def say_renamed(written: Written, before: str) -> str:
    """That a feed has another key."""
    return t(
        "the feed {before} has the key {key} now, with all its posts and visits", before=before, key=written.keys[0]
    )


def list_notes(written: Written) -> list[str]:
    """What else the curator should know of a change of feeds.toml."""
    return [_say_copied(written.file)] if written.is_copied else []


def _say_copied(file: Path) -> str:
    return t("the shipped list was copied to {file}, which is followed from now on", file=file)


def say_plan(plan: Plan) -> str:
    """What an import adds, such as ``3 feeds are new, 2 are followed already, 1 cannot be followed``."""
    parts = [tn("{number} feed is new", "{number} feeds are new", len(plan.new))]
    if plan.known:
        parts.append(tn("{number} is followed already", "{number} are followed already", len(plan.known)))
    if plan.refused:
        parts.append(tn("{number} cannot be followed", "{number} cannot be followed", len(plan.refused)))
    return ", ".join(parts)
