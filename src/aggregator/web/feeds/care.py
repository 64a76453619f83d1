"""The view of what is proposed about the feeds. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from aggregator.addresses.urls import clean_url
from aggregator.feeds.care import Advice, Proposal
from aggregator.pipeline.care import Proposals
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


@dataclass(frozen=True, slots=True)
class CareView:
    """What is proposed, and what the curator has dismissed."""

    made: tuple[ProposalView, ...]
    dismissed: tuple[ProposalView, ...]


def build_care(found: Proposals, zone: ZoneInfo, *, is_own_file: bool) -> CareView:
    """Build the lists of proposals. Where the shipped list is followed, an upgrade applies what it says itself."""
    made, dismissed = (
        tuple(_build_proposal(each, zone, is_own_file=is_own_file) for each in proposals)
        for proposals in (found.made, found.dismissed)
    )
    return CareView(made, dismissed)


def _build_proposal(proposal: Proposal, zone: ZoneInfo, *, is_own_file: bool) -> ProposalView:
    return ProposalView(
        name=proposal.name,
        about=proposal.about,
        is_feed=proposal.advice not in {Advice.FOLLOW, Advice.NEW},
        is_new=proposal.advice is Advice.NEW,
        site=clean_url(proposal.url) if proposal.advice in {Advice.DYING, Advice.FOLLOW} and proposal.url else None,
        said=say_proposal(proposal, zone),
        can_take=proposal.can_be_taken and (is_own_file or not proposal.is_of_shipped),
    )
