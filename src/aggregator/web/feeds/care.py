"""The view of what is proposed about the feeds. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from aggregator.addresses.urls import clean_url
from aggregator.feeds.care import Advice, Proposal
from aggregator.words.care import say_proposal


@dataclass(frozen=True, slots=True)
class ProposalView:
    """One proposal."""

    name: str
    #: The key of a feed, or a host.
    about: str
    is_feed: bool
    #: Whether it is a feed that the shipped list has got; these come last.
    is_new: bool
    #: The site to look at for a feed, or None.
    site: str | None
    said: str
    #: Whether feeds.toml can be changed as it says.
    can_take: bool


def build_proposals(proposals: Sequence[Proposal], zone: ZoneInfo, *, is_own_file: bool) -> tuple[ProposalView, ...]:
    """Build the list of proposals. Where the shipped list is followed, an upgrade applies what it says itself."""
    return tuple(
        ProposalView(
            name=each.name,
            about=each.about,
            is_feed=each.advice not in {Advice.FOLLOW, Advice.NEW},
            is_new=each.advice is Advice.NEW,
            site=clean_url(each.url) if each.advice in {Advice.DYING, Advice.FOLLOW} else None,
            said=say_proposal(each, zone),
            can_take=each.can_be_taken and (is_own_file or not each.is_of_shipped),
        )
        for each in proposals
    )
