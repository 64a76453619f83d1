"""Loads what the project ships about the digest, for the time before a curator has decided anything."""

from __future__ import annotations

from aggregator.rank.preference import Label
from aggregator.rank.ranking import LabelledTitle, ShippedHistory
from aggregator.rank.record import Record, load_record, name_place
from aggregator.shipped import SHIPPED
from aggregator.types import Taxonomy


def load_shipped(taxonomy: Taxonomy = SHIPPED, *, with_digest: bool = True) -> ShippedHistory:
    """Load the record of sources and the labelled titles; empty for a digest with other parts and topics.

    Use not *with_digest* for months that the shipped digest covers, and for homes that have imported it.
    """
    from aggregator.classify.training import load_shipped_titles, serves

    if not serves(taxonomy):
        return ShippedHistory(sections=taxonomy.sections)
    examples = tuple(
        LabelledTitle(
            each.title, Label.PRINTED if each.is_printed else Label.REJECTED, each.organisation, name_place(each.url)
        )
        for each in load_shipped_titles()
        if with_digest or not each.is_printed
    )
    return ShippedHistory(load_record() if with_digest else Record(), examples, taxonomy.sections)
