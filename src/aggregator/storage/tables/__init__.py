"""The tables, a module a subject.

Every change here is an Alembic revision in ``migrations/``; a test holds the two together.
"""

from __future__ import annotations

from aggregator.storage.tables.columns import UtcDateTime, metadata
from aggregator.storage.tables.deliveries import deliveries
from aggregator.storage.tables.duplicates import meetings, pairs
from aggregator.storage.tables.feeds import dismissals, entries, feeds, gaps, listed_pages, moves, site_looks, visits
from aggregator.storage.tables.judging import (
    guesses,
    metrics,
    models,
    month_quotas,
    overrides,
    rules,
    samples,
    scores,
    texts,
)
from aggregator.storage.tables.links import link_checks, link_remedies
from aggregator.storage.tables.notices import notices
from aggregator.storage.tables.posts import aliases, behind, pages, posts, recipes, signals, withheld
from aggregator.storage.tables.readers import invitations, remarks, suggestions
from aggregator.storage.tables.review import (
    actions,
    corrections,
    digest_lines,
    digests,
    month_plans,
    note_drafts,
    placed_lines,
    receipts,
    verdicts,
)
from aggregator.storage.tables.roundups import issues, mentions
from aggregator.storage.tables.search import SEARCH_INDEX, indexed, is_described
from aggregator.storage.tables.sessions import passwords, sessions
from aggregator.storage.tables.talk import talk_asks, talk_states
from aggregator.storage.tables.tokens import tokens

__all__ = [
    "SEARCH_INDEX",
    "UtcDateTime",
    "actions",
    "aliases",
    "behind",
    "corrections",
    "deliveries",
    "digest_lines",
    "digests",
    "dismissals",
    "entries",
    "feeds",
    "gaps",
    "guesses",
    "indexed",
    "invitations",
    "is_described",
    "issues",
    "link_checks",
    "link_remedies",
    "listed_pages",
    "meetings",
    "mentions",
    "metadata",
    "metrics",
    "models",
    "month_plans",
    "month_quotas",
    "moves",
    "note_drafts",
    "notices",
    "overrides",
    "pages",
    "pairs",
    "passwords",
    "placed_lines",
    "posts",
    "receipts",
    "recipes",
    "remarks",
    "rules",
    "samples",
    "scores",
    "sessions",
    "signals",
    "site_looks",
    "suggestions",
    "talk_asks",
    "talk_states",
    "texts",
    "tokens",
    "verdicts",
    "visits",
    "withheld",
]
