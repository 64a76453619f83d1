"""How a home is."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from aggregator.feeds.health import Health
from aggregator.lock import Serving
from aggregator.pipeline.cluster_note import ClusterNote
from aggregator.pipeline.state import HomeState, MonthState
from aggregator.types import Decision


class MonthStateShape(BaseModel):
    """A month whose digest is not published yet."""

    month: str
    state: str | None = Field(description="draft, or null before it.")
    undecided: int = Field(description="Posts without a verdict that are on its shortlist or back from a hold.")
    decided: dict[str, int] = Field(description="Posts by verdict.")

    @classmethod
    def of(cls, month: MonthState) -> Self:
        return cls(
            month=str(month.month),
            state=str(month.state) if month.state else None,
            undecided=month.undecided,
            decided={str(one): month.decided.get(one, 0) for one in Decision},
        )


class ClusterShape(BaseModel):
    """The cluster that the settings name, as the daemon noted it. The moment is in UTC."""

    address: str
    at: datetime | None = Field(description="When the daemon noted this; null if it has not.")
    scheduler: str | None = Field(description="The scheduler that was reached; null if none was.")
    workers: list[str] = Field(description="The addresses of the workers that are used.")
    others: dict[str, str] = Field(description="Which program workers of another version run, by address.")
    units_done: int = Field(description="Units of work that it has done since the start of the daemon.")
    units_lost: int = Field(description="Units that it gave no answer to; they were done by the daemon.")
    workers_lost: int = Field(description="How often a worker went away.")

    @classmethod
    def of(cls, address: str, note: ClusterNote | None) -> Self:
        return cls(
            address=address,
            at=note.at if note else None,
            scheduler=(note.scheduler or None) if note else None,
            workers=list(note.workers) if note else [],
            others=dict(note.others) if note else {},
            units_done=note.units if note else 0,
            units_lost=note.lost if note else 0,
            workers_lost=note.deaths if note else 0,
        )


class StateShape(BaseModel):
    """The daemon, cluster, feeds, open months, model and disk of a home. Moments are in UTC."""

    at: datetime
    page: str | None = Field(description="The address of the page that the daemon serves; null if none runs.")
    cluster: ClusterShape | None = Field(description="Null without one.")
    feeds: dict[str, int] = Field(description="Feeds by their health.")
    overdue_seconds: float = Field(description="How long the feed that is due longest has been due.")
    last_success_at: datetime | None
    alarm_since: datetime | None = Field(description="Since when no visit of any feed succeeds.")
    gaps: int = Field(description="Gaps that were noticed in the last 30 days and are not closed.")
    posts: int
    waiting: int = Field(description="Posts that wait for their day or a date.")
    behind: dict[str, int] = Field(description="Posts of which something is to be derived again.")
    months: list[MonthStateShape]
    model: str | None
    model_made_at: datetime | None
    notices_unsent: int
    database_bytes: int
    free_bytes: int

    @classmethod
    def of(cls, state: HomeState, serving: Serving | None, cluster: str, note: ClusterNote | None) -> Self:
        """*cluster* is the address that is set, *note* what the daemon noted of it."""
        return cls(
            at=state.at,
            page=serving.page if serving else None,
            cluster=ClusterShape.of(cluster, note) if cluster else None,
            feeds={str(one): state.feeds.get(one, 0) for one in Health},
            overdue_seconds=state.overdue.total_seconds(),
            last_success_at=state.last_success_at,
            alarm_since=state.alarm.since if state.alarm else None,
            gaps=state.gaps,
            posts=state.posts,
            waiting=state.waiting,
            behind={str(what): number for what, number in state.behind.items()},
            months=[MonthStateShape.of(month) for month in state.months],
            model=state.model.version if state.model else None,
            model_made_at=state.model.made_at if state.model else None,
            notices_unsent=state.unsent,
            database_bytes=state.database_bytes,
            free_bytes=state.free_bytes,
        )
