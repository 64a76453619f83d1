"""What the curator plans for the print of single months."""

from __future__ import annotations

import sqlalchemy as sa

from aggregator.storage.tables import month_plans
from aggregator.types import Month, MonthPlan


def list_plans(connection: sa.Connection) -> dict[Month, MonthPlan]:
    """List the plans of all months that have one."""
    rows = connection.execute(sa.select(month_plans))
    return {Month.parse(row.month): MonthPlan(row.wait_until, row.closed) for row in rows}


def find_plan(connection: sa.Connection, month: Month) -> MonthPlan:
    """Find the plan of a month; by default the settings decide."""
    row = connection.execute(sa.select(month_plans).where(month_plans.c.month == str(month))).one_or_none()
    return MonthPlan(row.wait_until, row.closed) if row else MonthPlan()


def set_plan(connection: sa.Connection, month: Month, plan: MonthPlan) -> None:
    """Replace the plan of a month."""
    connection.execute(month_plans.delete().where(month_plans.c.month == str(month)))
    if plan != MonthPlan():
        values = {"month": str(month), "wait_until": plan.wait_until, "closed": plan.is_closed}
        connection.execute(month_plans.insert().values(values))
