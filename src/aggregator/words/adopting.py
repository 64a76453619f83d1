"""What was found out about a list that is adopted, in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from aggregator.adopt.habits import Order
from aggregator.adopt.sketch import Adoption
from aggregator.feeds.hosts import HostRow, Way, count_followed
from aggregator.locales import t, tn
from aggregator.pipeline.unfollowed import Looked
from aggregator.types import LabelStyle, NoteStyle
from aggregator.words.feeds import hide
from aggregator.words.reasons import say_reason


def list_facts(adoption: Adoption) -> list[str]:
    """How a list is kept: its lines, subjects, style, rhythm and languages."""
    lines = adoption.lines
    pages = len({each.page for each in lines})
    said = tn("{number} line", "{number} lines", len(lines))
    facts = [tn("{lines} on {number} page", "{lines} on {number} pages", pages, lines=said)]
    days = sorted(str(each.chosen) for each in lines if each.chosen)
    if days:
        known = tn("{number} line", "{number} lines", len(days))
        facts.append(
            t("when it was chosen is known of {lines}: {first} to {last}", lines=known, first=days[0], last=days[-1])
        )
    else:
        facts.append(t("when its lines were chosen is not known"))
    taxonomy = adoption.texts.taxonomy
    parts = [adoption.texts.parts[part] for part in taxonomy.parts if part.number]
    topics = [adoption.texts.topics[topic] for topic in taxonomy.topics if topic.number]
    if parts:
        facts.append(t("parts: {names}", names="; ".join(parts)))
    if topics:
        facts.append(t("topics: {names}", names="; ".join(topics)))
    facts += _list_habits(adoption)
    style = adoption.texts.style
    if style.label is LabelStyle.COLON:
        facts.append(t("month and organisation stand behind a colon"))
    if style.note is NoteStyle.NESTED:
        facts.append(t("notes are nested bullets"))
    return facts


def _list_habits(adoption: Adoption) -> list[str]:
    habits = adoption.habits
    facts = [t("rhythm: {rhythm}; this program prints by the month", rhythm=t(str(habits.rhythm)))]
    if habits.a_month:
        lines = tn("{number} line", "{number} lines", habits.a_month)
        facts.append(t("in a usual month: {lines}", lines=lines))
    if habits.day:
        facts.append(t("comes out about day {day} of the month", day=habits.day))
    names = ", ".join(f"{code} {number}" for code, number in adoption.languages)
    facts.append(t("languages: {names}", names=names))
    if habits.language:
        facts.append(t("its keeper writes in: {language}", language=habits.language))
    said = t(str(habits.order))
    if habits.order is not Order.NEWEST:
        said = t("{order}; this program prints the newest first", order=said)
    return [*facts, t("order within a section: {order}", order=said)]


def list_hosts_said(hosts: Sequence[HostRow]) -> list[str]:
    """How the hosts of a list are followed."""
    followed, lines = count_followed(hosts)
    said = [t("{number} of {lines} lines are of hosts that known feeds follow", number=followed, lines=lines)]
    by_hand = [f"{row.place} ({row.lines})" for row in hosts if row.way is Way.BY_HAND]
    if by_hand:
        said.append(t("not followed yet: {places}", places=", ".join(by_hand)))
    return said


def list_looks_said(looks: Sequence[Looked]) -> list[str]:
    """What was found at places that nobody follows: how many feeds, then each place."""
    if not looks:
        return []
    number, lines = sum(bool(look.sure) for look in looks), sum(look.place.lines for look in looks if look.sure)
    listed = tn("{number} line", "{number} lines", lines)
    said = [tn("{number} feed was found for {lines}", "{number} feeds were found for {lines}", number, lines=listed)]
    for look in looks:
        said += [f"  {look.place.name} ({look.place.lines}): {each}" for each in _list_found(look)]
    return said


def _list_found(look: Looked) -> list[str]:
    said = []
    if look.followed_as:
        said.append(t("followed already as {key}", key=look.followed_as))
    if look.sure:
        said.append(f"{hide(look.sure.feed.url)} ({look.sure.feed.key})")
    for other in look.others:
        said.append(t("{url} is not written: {why}", url=hide(other.feed.url), why=t(str(other.doubt))))
    if look.rest:
        reason = f" ({say_reason(look.reason)})" if look.reason else ""
        said.append(f"{t(str(look.rest))}{reason}")
    return said
