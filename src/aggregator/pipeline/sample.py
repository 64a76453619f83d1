"""The random look below the shortlist: drawn once a month is over, and what its verdicts tell."""

from __future__ import annotations

from datetime import datetime

from aggregator.rank.sample import draw_sample
from aggregator.storage import digests, samples
from aggregator.storage.database import Database
from aggregator.types import DigestState, Month


def draw_month(database: Database, month: Month, *, size: int, salt: str, now: datetime) -> int:
    """Fill the sample of a month that is over and whose digest is not published; returns how many were drawn."""
    with database.reading() as connection:
        stored = digests.find_digest(connection, month)
        if stored is not None and stored.state is not DigestState.DRAFT:
            return 0
        ranked = samples.list_ranked(connection, month)
        sample = samples.list_sample(connection, month)
    drawing = draw_sample(month, ranked, sample, size=size, salt=salt, now=now)
    if drawing.drawn or drawing.dropped:
        with database.writing() as connection:
            samples.save_sample(connection, drawing.drawn, drawing.dropped)
    return len(drawing.drawn)
