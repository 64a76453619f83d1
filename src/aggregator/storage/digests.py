"""Digests and their lines: drafted, printed, or imported from a published file."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from aggregator.exceptions import NotFoundError
from aggregator.locales import t
from aggregator.storage.changes import Derived, fall_behind
from aggregator.storage.plans import list_plans
from aggregator.storage.printed import IS_PUBLISHED
from aggregator.storage.rows import row_values
from aggregator.storage.tables import digest_lines, digests, posts
from aggregator.types import (
    Digest,
    DigestState,
    Extent,
    LabelStyle,
    Line,
    Month,
    Part,
    PrintedNames,
    ReadBefore,
    Taxonomy,
    Texts,
    Topic,
)

#: A print as JSON: its texts, its account and its lines, each with its post.
Print = Mapping[str, Any]


#: What most lines say of their label.
_USUAL = "label", str(LabelStyle.BRACKETS)


@dataclass(frozen=True, slots=True)
class StoredDigest:
    """A digest or an imported page, with its state."""

    #: None for a page.
    month: Month | None
    #: The end of the last day that a page covers; None for the digest of a month.
    until_at: datetime | None
    state: DigestState
    made_at: datetime
    digest: Digest

    @property
    def is_frozen(self) -> bool:
        """Whether it is shown, and not what would be composed now."""
        return self.state is not DigestState.DRAFT


@dataclass(frozen=True, slots=True)
class Made:
    """A draft or a print, and when it was made last."""

    month: Month
    state: DigestState
    made_at: datetime
    lines: int


def list_made(connection: sa.Connection, since: datetime) -> list[Made]:
    """List the drafts and prints that were made since a moment, oldest first."""
    count = sa.select(sa.func.count()).where(digest_lines.c.digest_id == digests.c.id).scalar_subquery()
    wanted = digests.c.state.in_([str(DigestState.DRAFT), str(DigestState.PRINTED)])
    query = sa.select(digests.c.month, digests.c.state, digests.c.made_at, count.label("lines"))
    rows = connection.execute(query.where(wanted, digests.c.made_at >= since).order_by(digests.c.made_at))
    return [Made(Month.parse(row.month), DigestState(row.state), row.made_at, row.lines) for row in rows]


def save_digest(
    connection: sa.Connection,
    month: Month,
    state: DigestState,
    digest: Digest,
    post_ids: Sequence[int],
    now: datetime,
) -> None:
    """Store the digest of a month and replace an earlier one; *post_ids* belong to its lines, in order."""
    _remove_month(connection, month)
    _add(connection, month, None, state, digest, post_ids, now)


def set_state(connection: sa.Connection, month: Month, state: DigestState) -> None:
    connection.execute(digests.update().where(digests.c.month == str(month)).values(state=str(state)))


def list_post_ids(connection: sa.Connection, month: Month) -> list[int]:
    """The posts of the lines of a month, in order."""
    query = sa.select(digest_lines.c.post_id).join(digests).where(digests.c.month == str(month))
    return list(connection.execute(query.order_by(digest_lines.c.position)).scalars())


def save_page(
    connection: sa.Connection, until_at: datetime, digest: Digest, post_ids: Sequence[int], now: datetime
) -> None:
    """Store an imported cumulative page; other pages stay."""
    _add(connection, None, until_at, DigestState.READ, digest, post_ids, now)


def list_read(connection: sa.Connection) -> list[ReadBefore]:
    """List everything that was imported from files."""
    lines: dict[int, list[tuple[int, Month | None]]] = {}
    of_read = sa.select(digests.c.id, digests.c.month).where(digests.c.state == str(DigestState.READ))
    months = {row.id: Month.parse(row.month) if row.month else None for row in connection.execute(of_read)}
    query = sa.select(digest_lines.c.digest_id, digest_lines.c.post_id, digest_lines.c.month)
    for row in connection.execute(query.where(digest_lines.c.digest_id.in_(list(months)))):
        month = Month.parse(row.month) if row.month else None
        lines.setdefault(row.digest_id, []).append((row.post_id, month))
    return [
        ReadBefore(number, month, frozenset(post for post, _ in found), tuple(named for _, named in found))
        for number, month in months.items()
        for found in [lines.get(number, [])]
    ]


def remove_digests(connection: sa.Connection, numbers: Iterable[int]) -> None:
    """Remove imported digests; their lines no longer count as printed."""
    for number in numbers:
        _remove(connection, number)


def keep_print(connection: sa.Connection, month: Month) -> Print | None:
    """Return what is printed of a month, to put it back later; None if nothing is."""
    query = sa.select(digests).where(digests.c.month == str(month), digests.c.state == str(DigestState.PRINTED))
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        return None
    lines = sa.select(digest_lines).where(digest_lines.c.digest_id == row["id"]).order_by(digest_lines.c.position)
    return {
        **{name: row[name] for name in ("head", "parts", "topics", "foot", "coverage")},
        "made_at": row["made_at"].isoformat(),
        "lines": [
            # The usual label is left out, as in prints that were kept before there was another.
            {name: value for name, value in line.items() if name != "digest_id" and (name, value) != _USUAL}
            for line in connection.execute(lines).mappings()
        ],
    }


def put_print_back(connection: sa.Connection, month: Month, kept: Print) -> None:
    """Replace what is stored of a month by what was printed and kept."""
    _remove_month(connection, month)
    values = {name: value for name, value in kept.items() if name != "lines"}
    values |= {"month": str(month), "state": str(DigestState.PRINTED)}
    values["made_at"] = datetime.fromisoformat(kept["made_at"])
    _insert(connection, values, kept["lines"])
    fall_behind(connection, Derived.SEARCH, [line["post_id"] for line in kept["lines"]])


def read_print(kept: Print) -> list[tuple[int, Line]]:
    """Read the lines of a print that was kept, each with its post."""
    taxonomy = _read_taxonomy(kept["parts"], kept["topics"])
    # What the oldest ones do not say, and what the others leave out.
    usual = {"star": None, _USUAL[0]: _USUAL[1]}
    return [(line["post_id"], _read_line({**usual, **line}, taxonomy)) for line in kept["lines"]]


def _remove_month(connection: sa.Connection, month: Month) -> None:
    old = connection.execute(sa.select(digests.c.id).where(digests.c.month == str(month))).scalar_one_or_none()
    if old is not None:
        _remove(connection, old)


def _insert(connection: sa.Connection, values: Mapping[str, Any], lines: Iterable[Mapping[str, Any]]) -> None:
    digest_id = connection.execute(digests.insert().values(values).returning(digests.c.id)).scalar_one()
    if rows := [{_USUAL[0]: _USUAL[1], **line, "digest_id": digest_id} for line in lines]:
        connection.execute(digest_lines.insert(), rows)


def _remove(connection: sa.Connection, digest_id: int) -> None:
    of_old = sa.select(digest_lines.c.post_id).where(digest_lines.c.digest_id == digest_id)
    fall_behind(connection, Derived.SEARCH, connection.execute(of_old).scalars().all())
    connection.execute(digest_lines.delete().where(digest_lines.c.digest_id == digest_id))
    connection.execute(digests.delete().where(digests.c.id == digest_id))


def _add(
    connection: sa.Connection,
    month: Month | None,
    until_at: datetime | None,
    state: DigestState,
    digest: Digest,
    post_ids: Sequence[int],
    now: datetime,
) -> None:
    taxonomy = digest.texts.taxonomy
    values = row_values(
        month=month,
        until_at=until_at,
        state=state,
        head=digest.texts.head,
        # In order, because the position is the number.
        parts={part: digest.texts.parts[part] for part in taxonomy.parts},
        topics={topic: digest.texts.topics[topic] for topic in taxonomy.topics},
        made_at=now,
        foot=digest.foot,
    )
    lines = [
        row_values(
            position=position,
            post_id=post_id,
            # By number: the digest's own texts say what the number meant when it was printed.
            **{name: getattr(line, name) for name in Line.__slots__} | {"section": str(line.section)},
        )
        for position, (post_id, line) in enumerate(zip(post_ids, digest.lines, strict=True), 1)
    ]
    _insert(connection, values, lines)
    if state is not DigestState.DRAFT:  # What a draft says is not searched.
        fall_behind(connection, Derived.SEARCH, post_ids)


def find_digest(connection: sa.Connection, month: Month) -> StoredDigest | None:
    row = connection.execute(sa.select(digests).where(digests.c.month == str(month))).one_or_none()
    return _read_digest(connection, row) if row else None


def get_digest(connection: sa.Connection, month: Month) -> StoredDigest:
    """Return the digest of a month. Raises NotFoundError."""
    if found := find_digest(connection, month):
        return found
    raise NotFoundError(t("there is no digest of {month} yet", month=month))


def find_page(connection: sa.Connection) -> StoredDigest | None:
    """Return the imported cumulative page that covers the latest day."""
    pages = sa.select(digests).where(digests.c.until_at.is_not(None))
    row = connection.execute(pages.order_by(digests.c.until_at.desc(), digests.c.id.desc()).limit(1)).one_or_none()
    return _read_digest(connection, row) if row else None


def list_printed(connection: sa.Connection) -> list[StoredDigest]:
    """List all printed and imported digests and pages, in the order in which they were stored."""
    rows = connection.execute(sa.select(digests).where(IS_PUBLISHED).order_by(digests.c.id))
    return [_read_digest(connection, row) for row in rows.all()]


def list_names(connection: sa.Connection, zone: ZoneInfo) -> list[PrintedNames]:
    """List the posts of each printed or imported digest and page by their canonical addresses, as stored."""
    query = sa.select(digests.c.id, digests.c.month, digests.c.until_at).where(IS_PUBLISHED).order_by(digests.c.id)
    extents: dict[int, Extent] = {}
    for row in connection.execute(query):
        # The moment is the end of the last day.
        until = (row.until_at - timedelta(seconds=1)).astimezone(zone).date() if row.until_at else None
        extents[row.id] = Extent(Month.parse(row.month) if row.month else None, until)
    lines = (
        sa.select(digest_lines.c.digest_id, posts.c.canonical_url)
        .join(posts, posts.c.id == digest_lines.c.post_id)
        .order_by(digest_lines.c.digest_id)
    )
    found: dict[Extent, set[str]] = {}
    for number, address in connection.execute(lines):
        if number in extents:
            found.setdefault(extents[number], set()).add(address)
    return [PrintedNames(extent, frozenset(names)) for extent, names in found.items()]


def list_lines_of(connection: sa.Connection, post_ids: Collection[int]) -> dict[int, list[Line]]:
    """List the published lines of some posts by the number of their digest, in order."""
    query = sa.select(digest_lines).join(digests).where(IS_PUBLISHED, digest_lines.c.post_id.in_(post_ids))
    rows = connection.execute(query.order_by(digest_lines.c.digest_id, digest_lines.c.position)).mappings().all()
    numbers = {row["digest_id"] for row in rows}
    texts = connection.execute(sa.select(digests).where(digests.c.id.in_(numbers)))
    taxonomies = {row.id: _read_texts(row).taxonomy for row in texts}
    found: dict[int, list[Line]] = {}
    for row in rows:
        found.setdefault(row["digest_id"], []).append(_read_line(dict(row), taxonomies[row["digest_id"]]))
    return found


def has_read(connection: sa.Connection, month: Month) -> bool:
    """Whether something published for a month is stored: its digest, or a page with lines of that month."""
    line = sa.select(digest_lines.c.digest_id).where(digest_lines.c.month == str(month))
    of_page = sa.and_(digests.c.month.is_(None), digests.c.id.in_(line))
    found = sa.select(digests.c.id).where(IS_PUBLISHED)
    found = found.where(sa.or_(digests.c.month == str(month), of_page))
    return connection.execute(found.limit(1)).first() is not None


def list_digests(connection: sa.Connection) -> list[tuple[Month, DigestState]]:
    """List the digests of all months, newest month first."""
    query = sa.select(digests.c.month, digests.c.state).where(digests.c.month.is_not(None))
    query = query.order_by(digests.c.month.desc())
    return [(Month.parse(month), DigestState(state)) for month, state in connection.execute(query)]


def list_published(connection: sa.Connection) -> frozenset[Month]:
    """List the months whose digests were printed or imported."""
    return frozenset(month for month, state in list_digests(connection) if state is not DigestState.DRAFT)


def list_years(connection: sa.Connection) -> list[int]:
    """List the years of which something was printed or read, newest first."""
    of_digests = sa.select(digests.c.month).where(IS_PUBLISHED, digests.c.month.is_not(None))
    of_lines = sa.select(digest_lines.c.month).join(digests)
    of_lines = of_lines.where(IS_PUBLISHED, digests.c.month.is_(None), digest_lines.c.month.is_not(None))
    found = connection.execute(of_digests.union(of_lines)).scalars()
    return sorted({Month.parse(month).year for month in found}, reverse=True)


def list_closed(connection: sa.Connection) -> frozenset[Month]:
    """List the months that take up nothing more: those that were printed or imported, and those that the curator has
    closed.
    """
    closed = {month for month, plan in list_plans(connection).items() if plan.is_closed}
    return list_published(connection) | closed


def count_printed(connection: sa.Connection) -> dict[Month, int]:
    """Count the printed candidates of each month, in any digest or on a page. Posts from after the last day of their
    page are not counted, because they do not show that the others were passed over.
    """
    query = (
        sa.select(posts.c.month, sa.func.count(digest_lines.c.post_id.distinct()))
        .join(digest_lines, digest_lines.c.post_id == posts.c.id)
        .join(digests, digests.c.id == digest_lines.c.digest_id)
        .where(IS_PUBLISHED)
        .where(sa.or_(digests.c.month.is_not(None), posts.c.published_at < digests.c.until_at))
        .group_by(posts.c.month)
    )
    return {Month.parse(month): count for month, count in connection.execute(query)}


def find_last_texts(connection: sa.Connection) -> Texts | None:
    """Return the fixed texts of the newest imported cumulative page, or without one those of the newest imported
    digest: the curator's own template.
    """
    of_read = sa.select(digests).where(digests.c.state == str(DigestState.READ))
    newest = of_read.order_by(digests.c.month.is_not(None), digests.c.until_at.desc(), digests.c.month.desc())
    row = connection.execute(newest.limit(1)).one_or_none()
    return _read_texts(row) if row else None


def _read_digest(connection: sa.Connection, row: sa.Row[Any]) -> StoredDigest:
    lines = connection.execute(
        sa.select(digest_lines).where(digest_lines.c.digest_id == row.id).order_by(digest_lines.c.position)
    ).mappings()
    texts = _read_texts(row)
    taxonomy = texts.taxonomy
    return StoredDigest(
        month=Month.parse(row.month) if row.month else None,
        until_at=row.until_at,
        state=DigestState(row.state),
        made_at=row.made_at,
        digest=Digest(texts, tuple(_read_line(dict(line), taxonomy) for line in lines), row.foot),
    )


def _read_texts(row: sa.Row[Any]) -> Texts:
    """The texts, with the keys and headings of the time of printing, in their order."""
    taxonomy = _read_taxonomy(row.parts, row.topics)
    return Texts(
        head=row.head,
        parts={part: part.heading for part in taxonomy.parts},
        topics={topic: topic.heading for topic in taxonomy.topics},
    )


def _read_taxonomy(parts: Mapping[str, str], topics: Mapping[str, str]) -> Taxonomy:
    return Taxonomy.of(
        [Part(key, text) for key, text in parts.items()], [Topic(key, text) for key, text in topics.items()]
    )


def _read_line(row: Mapping[str, Any], taxonomy: Taxonomy) -> Line:
    return Line(
        section=taxonomy.parse_section(row["section"]),
        title=row["title"],
        url=row["url"],
        month=Month.parse(row["month"]) if row["month"] else None,
        organisation=row["organisation"],
        note=row["note"],
        star=row["star"],
        label=LabelStyle(row["label"]),
    )
