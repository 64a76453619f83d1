"""The quotas by which the shortlists of months were made."""

from __future__ import annotations

import sqlalchemy as sa

from aggregator.storage.rows import get_taxonomy, upsert
from aggregator.storage.tables import month_quotas
from aggregator.types import Month, Quotas


def find_quotas(connection: sa.Connection, month: Month) -> Quotas | None:
    """Find the quotas of a month, including learned ones; None if it was not ranked yet."""
    row = connection.execute(sa.select(month_quotas).where(month_quotas.c.month == str(month))).one_or_none()
    if row is None:
        return None
    taxonomy = get_taxonomy(connection)
    sections = {section: most for key, most in row.sections.items() if (section := taxonomy.find_section(key))}
    return Quotas(
        size=row.size,
        per_source=row.per_source,
        per_section=row.per_section,
        sources=row.sources,
        sections=sections,
    )


def save_quotas(connection: sa.Connection, month: Month, quotas: Quotas) -> None:
    """Store the quotas of a month, in place of those it had."""
    row = {
        "month": str(month),
        "size": quotas.size,
        "per_source": quotas.per_source,
        "per_section": quotas.per_section,
        "sources": dict(quotas.sources),
        "sections": {section.key: most for section, most in quotas.sections.items()},
    }
    upsert(connection, month_quotas, [row], unique=["month"])
