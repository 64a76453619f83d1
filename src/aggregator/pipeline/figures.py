"""How the ranking fared in the months whose digests are published: measured once after each, and kept."""

from __future__ import annotations

from datetime import datetime

from aggregator.rank.wishes import Quotas, Weights
from aggregator.storage import digests, figures, judgements, posts
from aggregator.storage.database import Database
from aggregator.storage.feeds import list_feed_states
from aggregator.types import Month

# Published months that are learned from on the way to the first that is measured.
_REMEMBERED = 24


def measure_closed(database: Database, *, weights: Weights, quotas: Quotas, now: datetime) -> list[Month]:
    """Measure the published months that were not measured yet; returns them.

    Each is ranked as a back-test does: from the months before it alone, with nothing of what was said of its own posts.
    """
    with database.reading() as connection:
        unmeasured = figures.list_unmeasured(connection)
        if not unmeasured:
            return []
        published = sorted(digests.list_published(connection))
        start = max(published.index(min(unmeasured)) - _REMEMBERED, 0)
        months = {month: posts.list_candidates(connection, month) for month in published[start:]}
        addresses = [candidate.post.canonical_url for each in months.values() for candidate in each]
        signals = judgements.list_signals(connection, addresses)
        feed_weights = {state.feed.key: state.feed.weight for state in list_feed_states(connection)}
    # Imported late: scikit-learn takes a second, and nearly every time nothing is to be measured.
    from aggregator.pipeline.backtest import load_shipped
    from aggregator.rank.backtest import SECONDS_A_POST, measure_months, replay_months
    from aggregator.rank.figures import write_figures
    from aggregator.rank.ranking import Surroundings
    from aggregator.rank.record import load_record

    known = load_record().digest
    # What the project knows of a digest would tell the outcome of the months that it printed.
    shipped = load_shipped(with_digest=known is None or min(months) > known)
    surroundings = Surroundings(feed_weights=feed_weights)
    replayed = replay_months(months, shipped, surroundings, signals, weights=weights, quotas=quotas)
    measured = {each.month: write_figures(each, SECONDS_A_POST) for each in measure_months(months, replayed)}
    with database.writing() as connection:
        for month, made_at in unmeasured.items():
            figures.save_figures(connection, month, measured[month], now=now, digest_made_at=made_at)
    return sorted(unmeasured)
