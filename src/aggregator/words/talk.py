"""What other places say of a post, and how these places answer, in words. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.addresses.urls import clean_url, host_of
from aggregator.locales import t
from aggregator.locales.retelling import retell
from aggregator.rank import evidence
from aggregator.talk.due import may_ask
from aggregator.talk.sources import PLACES, find_source
from aggregator.types import Heard, TalkSource, TalkState
from aggregator.words.feeds import When, say_when
from aggregator.words.reasons import say_reason

_MESSAGES = {**dict(evidence.COUNTED), "links": evidence.ELSEWHERE}


@dataclass(frozen=True, slots=True)
class TalkView:
    """What one place says of a post."""

    #: ``GeekNews``
    place: str
    #: ``38 points · 12 comments``
    said: str
    #: When that was counted, and how it grew.
    grown: str
    #: The page of the talk; None if it is not known.
    url: str | None
    #: What was counted there, by name.
    counts: Mapping[str, float]
    observed_at: datetime


@dataclass(frozen=True, slots=True)
class PlaceView:
    """How a place answers."""

    source: TalkSource
    name: str
    is_well: bool
    said: str
    asked: When | None
    reason: str


def build_talk(heard: Sequence[Heard], published_at: datetime) -> list[TalkView]:
    """Say what was heard of a post that was published then, a place a line, the loudest first."""
    at: defaultdict[str, list[Heard]] = defaultdict(list)
    for each in heard:
        if each.value > 0:
            at[_name_place(each)].append(each)
    found = [_build_one(place, said, published_at) for place, said in at.items()]
    return sorted(found, key=lambda view: (-sum(view.counts.values()), view.place))


def build_places(
    asked: Sequence[TalkSource], states: Mapping[TalkSource, TalkState], now: datetime, zone: ZoneInfo
) -> list[PlaceView]:
    """Say how the places that are asked answered last."""
    return [_build_place(states.get(source, TalkState(source)), now, zone) for source in asked]


def _build_place(state: TalkState, now: datetime, zone: ZoneInfo) -> PlaceView:
    if state.reason and state.rests_until and not may_ask(state, now):
        said = t("does not answer; it is asked again {when}", when=words.distance(state.rests_until, now))
    elif state.reason:
        said = t("does not answer")
    else:
        said = t("answers") if state.answered_at else t("not asked yet")
    return PlaceView(
        source=state.source,
        name=PLACES[state.source].name or t("Lists of links"),
        is_well=not state.reason,
        said=said,
        asked=say_when(state.asked_at, now, zone),
        reason=say_reason(state.reason) if state.reason else "",
    )


def _name_place(heard: Heard) -> str:
    place = find_source(heard)
    if place:
        return PLACES[place].name
    # A list, or a feed of kind signal by its key.
    return host_of(heard.url) if heard.url else heard.source


def _build_one(place: str, heard: Sequence[Heard], published_at: datetime) -> TalkView:
    # A feed may repeat what the place itself was asked; what has points need not be called a link, too.
    loudest: dict[str, Heard] = {}
    for each in sorted(heard, key=lambda each: each.value):
        loudest[each.name] = each
    if len(loudest) > 1:
        loudest.pop("links", None)
    told = [loudest[name] for name in _MESSAGES if name in loudest]
    first = told[0]
    return TalkView(
        place=place,
        said=" · ".join(say_count(each.name, each.value) for each in told),
        grown="; ".join(filter(None, _list_growth(first, published_at))),
        url=clean_url(first.url) if first.url else None,
        counts={each.name: each.value for each in told},
        observed_at=max(each.observed_at for each in told),
    )


def _list_growth(heard: Heard, published_at: datetime) -> list[str]:
    found = [_say_age(heard.observed_at, published_at)]
    if heard.first_at and heard.first_value and heard.first_value != heard.value:
        earlier = _say_age(heard.first_at, published_at)
        found.append(f"{say_count(heard.name, heard.first_value)} {earlier}" if earlier else "")
    if heard.peak_value and heard.peak_value > heard.value:
        found.append(t("{counts} at the most", counts=say_count(heard.name, heard.peak_value)))
    return found


def _say_age(moment: datetime, published_at: datetime) -> str:
    length = words.span(moment - published_at) if moment > published_at else ""
    return t("{length} after it appeared", length=length) if length else ""


def say_count(name: str, value: float) -> str:
    """``38 points``; *name* is the name of the signal."""
    return retell(evidence.count(_MESSAGES[name], round(value)), evidence.COUNTS)
