"""Printed lines whose addresses do not lead to their pages any more, in words. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.digest.errata import find_address
from aggregator.digest.escape import unescape_text
from aggregator.digest.links import say_link
from aggregator.locales import t
from aggregator.types import Fault, Month


@dataclass(frozen=True, slots=True)
class FaultRow:
    """A printed line that waits for a correction."""

    url: str
    title: str
    #: Where it was printed.
    printed: str
    #: What is wrong with it, and since when.
    said: str
    since: str
    #: The address that is proposed.
    proposed: str
    #: Whether it takes the place of the original.
    is_new: bool
    #: What is known of an archived copy; empty for a new address.
    archived: str
    can_put: bool


def build_fault(fault: Fault, zone: ZoneInfo) -> FaultRow:
    is_new = fault.check.target is not None
    if fault.check.is_not_archived:
        archived = t("The archive has no copy of it.")
    else:
        archived = t("Archived:") if fault.check.archived else t("Perhaps archived:")
    return FaultRow(
        url=fault.url,
        title=unescape_text(fault.title),
        printed=words.enumerate_words([_name_place(place) for place in fault.printed_in]),
        said=say_link(fault.check),
        since=t("since {day}", day=words.day(fault.check.since_at, zone)),
        proposed=find_address(fault),
        is_new=is_new,
        archived="" if is_new else archived,
        can_put=is_new or not fault.check.is_not_archived,
    )


def _name_place(place: str) -> str:
    if place.count("-") == 1:
        return t("the digest of {month}", month=Month.parse(place).name)
    return t("the page up to {day}", day=place)
