"""What was read of a post by its address, and what adding it did. Pure."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.locales import mark, t
from aggregator.pipeline.adding import Added
from aggregator.types import DateSource, ReadPost
from aggregator.words.reasons import say_reason

_DATED = {
    DateSource.PUBLISHED: mark("published {day}"),
    DateSource.URL: mark("{day}, by its address"),
}


def say_added(added: Added) -> str:
    """Say what adding a post did, such as ``Added to Dec 2022: A post``."""
    post = added.candidate.post
    if added.is_new:
        return t("Added to {month}: {title}", month=post.month.name, title=post.title)
    return t("Known already, and a candidate of {month}: {title}", month=post.month.name, title=post.title)


def list_facts(read: ReadPost, organisation: str, zone: ZoneInfo) -> list[str]:
    """List what was read beside the title, in a few words each; what is missing is named."""
    day = words.day(read.published_at, zone) if read.published_at else ""
    dated = t(_DATED.get(read.published_from, mark("{day}")), day=day) if day else t("without a date")
    extent = read.text.words if read.text else 0
    return [
        organisation or t("without an organisation"),
        dated,
        words.language(read.language),
        t("{number} words", number=f"{extent:,}") if extent else t("without a text"),
    ]


def say_trouble(read: ReadPost) -> str:
    """Say why nothing, or not all, was read; empty if all was."""
    return t("Not all of it could be read: {trouble}.", trouble=say_reason(read.trouble)) if read.trouble else ""
