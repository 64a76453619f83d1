"""Whether what is stored is sound: what the database itself can tell, and references that no foreign key holds."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from aggregator.locales import mark, t, tn
from aggregator.storage.search import count_astray
from aggregator.storage.tables import metadata, models, posts, verdicts

# What PostgreSQL says to be broken or not checked.
_INVALID = """
    SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid
    UNION ALL SELECT conname FROM pg_constraint WHERE NOT convalidated
"""


def list_faults(connection: sa.Connection) -> Iterator[str]:
    """List what is wrong, as sentences; nothing is written. It reads all of an SQLite file."""
    if connection.dialect.name == "sqlite":
        found = connection.exec_driver_sql("PRAGMA integrity_check(20)").scalars().all()
        yield from (t("the file is damaged: {said}", said=said) for said in found if said != "ok")
    else:
        for name in connection.execute(sa.text(_INVALID)).scalars():
            yield t("{name} is not valid: REINDEX it, or validate the constraint", name=name)
    for column, referred in _list_references():
        yield from _find_lost(connection, column, referred)
    yield from _find_contradictions(connection)
    missing, astray = count_astray(connection)
    if missing:
        yield tn(
            "{number} post is not found by the search: `aggregator search --rebuild`",
            "{number} posts are not found by the search: `aggregator search --rebuild`",
            missing,
        )
    if astray:
        yield tn(
            "The search has {number} post that is not there", "The search has {number} posts that are not there", astray
        )


def list_kept_models(connection: sa.Connection) -> list[str]:
    """List the versions whose files should be there."""
    return list(connection.execute(sa.select(models.c.version).where(models.c.is_kept)).scalars())


def _list_references() -> Iterator[tuple[sa.Column[int], sa.Column[int]]]:
    """Each column that refers to another, with a foreign key or without."""
    for table in metadata.sorted_tables:
        for column in table.columns:
            yield from ((column, key.column) for key in column.foreign_keys)
            if name := column.info.get("refers_to"):
                other, _, key_name = name.partition(".")
                yield column, metadata.tables[other].c[key_name]


def _find_lost(connection: sa.Connection, column: sa.Column[int], referred: sa.Column[int]) -> Iterator[str]:
    other = referred.table.alias("referred")
    is_lost = sa.and_(column.is_not(None), ~sa.exists().where(other.c[referred.name] == column))
    count, least = connection.execute(sa.select(sa.func.count(), sa.func.min(column)).where(is_lost)).one()
    if count:
        yield t(
            "{table}.{column} refers to {number} rows of {other} that are not there, the first is {first}",
            table=column.table.name,
            column=column.name,
            number=count,
            other=referred.table.name,
            first=least,
        )


def _find_contradictions(connection: sa.Connection) -> Iterator[str]:
    """What a reference that leads somewhere cannot mean."""
    other = posts.alias("other")
    checks = {
        mark("post {first} has the verdict of another post"): sa.select(sa.func.min(posts.c.id)).where(
            verdicts.c.id == posts.c.verdict_id, verdicts.c.post_id != posts.c.id
        ),
        mark("post {first} is a copy of a copy"): sa.select(sa.func.min(posts.c.id)).where(
            other.c.id == posts.c.copy_of, other.c.copy_of.is_not(None)
        ),
    }
    for said, query in checks.items():
        first = connection.execute(query).scalar()
        if first is not None:
            yield t(said, first=first)
