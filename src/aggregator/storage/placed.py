"""What of each month was last put on the curator's cumulative pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from aggregator.storage.tables import placed_lines
from aggregator.types import LabelStyle, Line, Month, Taxonomy

#: A line as JSON; its section by number, and the name of its page, which lines of earlier versions do not have.
Placed = Mapping[str, Any]


def find_placed(connection: sa.Connection, month: Month) -> list[Placed]:
    """Find the lines of a month that are on a page, in order; empty if none are."""
    query = sa.select(placed_lines.c.lines).where(placed_lines.c.month == str(month))
    return connection.execute(query).scalar_one_or_none() or []


def list_page_names(connection: sa.Connection) -> list[str]:
    """List the names of the pages that have lines of any month."""
    rows = connection.execute(sa.select(placed_lines.c.lines)).scalars()
    return list(dict.fromkeys(line["page"] for lines in rows for line in lines if "page" in line))


def set_placed(connection: sa.Connection, month: Month, lines: Sequence[Placed]) -> None:
    """Store the lines of a month that are on a page now."""
    connection.execute(placed_lines.delete().where(placed_lines.c.month == str(month)))
    if lines:
        connection.execute(placed_lines.insert().values(month=str(month), lines=[dict(line) for line in lines]))


def write_placed(lines: Sequence[Line], name_page: Callable[[Line], str] | None = None) -> list[Placed]:
    """Write lines, each with the name of its page if *name_page* gives one."""
    return [
        {
            **({"page": name_page(line)} if name_page else {}),
            "section": str(line.section),
            "title": line.title,
            "url": line.url,
            "month": str(line.month) if line.month else None,
            "organisation": line.organisation,
            "note": line.note,
            "star": line.star,
            "label": str(line.label),
        }
        for line in lines
    ]


def read_placed(lines: Sequence[Placed], taxonomy: Taxonomy) -> tuple[Line, ...]:
    """Read lines; those of a section that has left the settings are left out."""
    sections = {str(section): section for section in taxonomy.sections}
    return tuple(
        Line(
            sections[line["section"]],
            line["title"],
            line["url"],
            Month.parse(line["month"]) if line["month"] else None,
            line["organisation"],
            line["note"],
            # Lines that were placed before there were highlights and styles do not say.
            line.get("star"),
            LabelStyle(line.get("label", LabelStyle.BRACKETS)),
        )
        for line in lines
        if line["section"] in sections
    )
