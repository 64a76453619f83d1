"""Writes the feeds.toml of a list that is adopted. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from aggregator.addresses.urls import hide_credentials
from aggregator.adopt.habits import Habits
from aggregator.adopt.sketch import Adoption
from aggregator.config.digest_settings import DigestSettings
from aggregator.config.document import change_settings, keep_settings, list_tables, paste_feeds, write_feed
from aggregator.feeds.discovery.places import Place
from aggregator.feeds.hosts import HostRow, Way
from aggregator.pipeline.discovery import FoundFeed
from aggregator.pipeline.listing import describe_feed
from aggregator.pipeline.unfollowed import Looked
from aggregator.text.characters import clean
from aggregator.types import LabelStyle, LineStyle, NoteStyle, Taxonomy

#: Of what a server said, in a comment.
_LONGEST_REASON = 120
#: An issue of a later day of the month is about that month, and not about the one before.
_LAST_DAY = 20
_LEAST, _MOST = 10, 500


def write_feeds_toml(
    adoption: Adoption, hosts: Sequence[HostRow], shipped: str, looks: Sequence[Looked] | None = None
) -> str:
    """Write feeds.toml for a list: the shipped one for the shipped parts and topics, else its settings with parts and
    topics of the list's own, and those of its feeds that follow hosts of the list. Feeds that were found behind them,
    if somebody looked.
    """
    changes = _list_style(adoption.texts.style)
    if adoption.is_shipped:
        text = change_settings(shipped, {"digest": changes}) if changes else shipped
    else:
        habits = adoption.habits
        changes |= _list_habits(habits) | _list_places(adoption.texts.taxonomy)
        sizes = {"shortlist": {"size": choose_size(habits.a_month)}} if habits.a_month else {}
        text = change_settings(keep_settings(shipped), {**sizes, "digest": changes})
        keys = [row.feed.key for row in hosts if row.feed] + [key for look in looks or () if (key := look.followed_as)]
        if followed := list_tables(shipped, keys):
            text = paste_feeds(text, followed)
    if looks is None:
        return text if adoption.is_shipped else text + _tell_unfollowed(hosts)
    if found := {look.sure.feed.key: _write_found(look.place, look.sure) for look in looks if look.sure}:
        text = paste_feeds(text, found)
    return text + _tell_looks(looks)


def _list_style(style: LineStyle) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if style.label is not LabelStyle.BRACKETS:
        changes["label_style"] = str(style.label)
    if style.note is not NoteStyle.COLON:
        changes["note_style"] = str(style.note)
    return changes


def _list_habits(habits: Habits) -> dict[str, Any]:
    """The language of what the program writes below the lines, and the day of printing."""
    changes: dict[str, Any] = {}
    if habits.language:
        changes["language"] = habits.language
    if habits.day and habits.day <= _LAST_DAY and habits.day != DigestSettings().print_day:
        changes["print_day"] = habits.day
    return changes


def choose_size(a_month: int) -> int:
    """How many posts are proposed for a month in which so many lines are usual: half as many again, in fives, so that
    there is something to leave out.

    >>> choose_size(16)
    25
    """
    return min(max(-(-3 * a_month // 10) * 5, _LEAST), _MOST)


def _list_places(taxonomy: Taxonomy) -> dict[str, Any]:
    """The tables of parts and topics; a sole one without a heading has none."""
    parts: dict[str, Any] = {}
    for part in taxonomy.parts:
        if part.number:
            parts[part] = {"heading": part.heading}
            if not part.prints_organisation:
                parts[part]["prints_organisation"] = False
            if part.business_case:
                parts[part]["business_case"] = part.business_case
    topics = {str(topic): {"heading": topic.heading} for topic in taxonomy.topics if topic.number}
    return {name: tables for name, tables in (("parts", parts), ("topics", topics)) if tables}


def _tell_unfollowed(hosts: Iterable[HostRow]) -> str:
    rows = [row for row in hosts if row.way is Way.BY_HAND]
    if not rows:
        return ""
    said = "".join(f"#   {row.place} ({row.lines})\n" for row in rows)
    return (
        "\n# Nobody follows these places of the list yet, with the number of its lines;"
        f" `aggregator feeds add` finds their feeds:\n{said}"
    )


def _write_found(place: Place, found: FoundFeed) -> str:
    newest = found.sample.posts[0]
    told = f", newest post {newest.published_at:%Y-%m-%d}" if newest.published_at else ""
    lines = f"{place.lines} line{'s' * (place.lines != 1)}"
    return f"# Found for {place.name}, with {lines} of the list{told}.\n" + write_feed(
        found.feed.key, describe_feed(found.feed)
    )


def _tell_looks(looks: Sequence[Looked]) -> str:
    """What is not followed by itself, as a comment."""
    others = [
        f"#   {look.place.name} ({look.place.lines}): {hide_credentials(other.feed.url)}, but {other.doubt}\n"
        for look in looks
        for other in look.others
    ]
    rests = [
        f"#   {look.place.name} ({look.place.lines}): {look.rest}{_say_reason(look)}\n" for look in looks if look.rest
    ]
    said = "\n# Found for places of the list, but not followed by themselves:\n" + "".join(others) if others else ""
    if rests:
        said += "\n# Nobody follows these places of the list yet, with the number of its lines:\n" + "".join(rests)
    return said


def _say_reason(look: Looked) -> str:
    said = " ".join(clean(look.reason).split())[:_LONGEST_REASON]
    return f" ({said})" if said else ""
