"""The view of what is proposed about the feeds. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from aggregator.addresses.urls import clean_url
from aggregator.feeds.care import Advice, Proposal
from aggregator.pipeline.care import Proposals
from aggregator.words.care import TAKEN, say_proposal


@dataclass(frozen=True, slots=True)
class ProposalView:
    """One proposal."""

    name: str
    #: The key of a feed, or a host.
    about: str
    is_feed: bool
    #: The site to look at for a feed, or None.
    site: str | None
    said: str
    #: Whether feeds.toml can be changed as it says.
    can_take: bool


@dataclass(frozen=True, slots=True)
class CareView:
    """What is proposed, and what the curator has dismissed."""

    made: tuple[ProposalView, ...]
    dismissed: tuple[ProposalView, ...]


def build_care(found: Proposals, zone: ZoneInfo, *, is_own_file: bool) -> CareView:
    """Build the lists of proposals. Where the shipped list is followed, an upgrade applies what it says itself."""
    can_take = TAKEN if is_own_file else {Advice.LEAVE}
    made, dismissed = (
        tuple(_build_proposal(each, zone, can_take) for each in proposals)
        for proposals in (found.made, found.dismissed)
    )
    return CareView(made, dismissed)


def _build_proposal(proposal: Proposal, zone: ZoneInfo, can_take: Collection[Advice]) -> ProposalView:
    return ProposalView(
        name=proposal.name,
        about=proposal.about,
        is_feed=proposal.advice is not Advice.FOLLOW,
        site=clean_url(proposal.url) if proposal.advice in {Advice.DYING, Advice.FOLLOW} else None,
        said=say_proposal(proposal, zone),
        can_take=proposal.advice in can_take,
    )
