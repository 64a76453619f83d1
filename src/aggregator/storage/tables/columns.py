"""What the tables share: how constraints are named, a type for moments, columns that many have."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """Aware UTC in, aware UTC out, also on SQLite, which does not store zones."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no zone")
        if value.tzinfo is not UTC:
            value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        """Read a value in one step, for a long page has thousands of moments. SQLite stores them as text."""
        return _read_text if dialect.name == "sqlite" else _read_aware


def _read_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(f"{value}+00:00")


def _read_aware(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: ``info`` of a table whose rows are not carried to another database: who may log in, and what is made for one kind of
#: database.
STAYS = {"stays": True}
#: ``info`` of a column by which a row belongs to a post, and is deleted with an old undecided one. Any other row that
#: refers to a post keeps it.
GOES = {"goes": True}


def refers_to(column: str) -> dict[str, str]:
    """``info`` of a column that refers to another without a foreign key, such as ``verdicts.id``."""
    return {"refers_to": column}


# 64 bits on PostgreSQL; SQLite numbers rows by itself only for INTEGER.
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def post_id(*, primary_key: bool = False, index: bool = False, goes: bool = False) -> sa.Column[int]:
    """The post of a row; *goes* as in ``GOES``."""
    post, info = sa.ForeignKey("posts.id"), GOES if goes else {}
    return sa.Column(
        "post_id", Id, post, primary_key=primary_key, nullable=False, index=index, autoincrement=False, info=info
    )


def action_id() -> sa.Column[int]:
    """The action of the curator that appended the row; null if it does not come from the curator.

    No foreign key: SQLite cannot add one to a table.
    """
    return sa.Column("action_id", Id, index=True, info=refers_to("actions.id"))


def choice(name: str, *values: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(sa.column(name).in_(values), name=name)
