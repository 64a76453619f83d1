"""Posts: adds them, finds them, and puts them into months."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from aggregator.addresses.urls import canonicalise_url, clean_url
from aggregator.storage import changes
from aggregator.storage.actions import holds
from aggregator.storage.changes import UNREAD, Derived, change_post, change_posts
from aggregator.storage.numbers import read_id
from aggregator.storage.printed import IS_PRINTED, IS_PUBLISHED, IS_SEEN, PRINTED
from aggregator.storage.rows import in_batches, row_of
from aggregator.storage.tables import aliases, behind, corrections, digests, feeds, guesses, posts, scores, verdicts
from aggregator.types import (
    DateConfidence,
    DateSource,
    Decision,
    Disclosure,
    DisclosureKind,
    DisclosureSource,
    Ground,
    Kind,
    Month,
    PageText,
    Post,
    PostDraft,
    TextSource,
    Wait,
)

#: The columns that come from the content of an entry or page.
TEXT_COLUMNS = PageText.__slots__
WAITS = posts.c.waits_for.is_not(None)
IS_COPY = posts.c.copy_of.is_not(None)
#: Whether a post is up for review: it does not wait and is not a copy.
IS_CANDIDATE = sa.and_(~WAITS, ~IS_COPY)
#: Whether a post is approved or printed: it keeps its title and address.
IS_KEPT = sa.or_(
    sa.exists().where(verdicts.c.id == posts.c.verdict_id, verdicts.c.decision == str(Decision.APPROVE)),
    IS_PRINTED,
)
#: Whether a post came too late for its own month, and was not held until the present one.
IS_LATE = sa.and_(
    posts.c.late_for.is_not(None),
    ~sa.exists()
    .where(verdicts.c.post_id == posts.c.id, verdicts.c.until == posts.c.month, holds(verdicts))
    .correlate(posts),
)
#: The month as an expression without an index. If few posts are grouped by the column itself, the planner reads the
#: index of months, and so all posts. If they are counted in Python, each row fetched waits for other threads.
UNINDEXED_MONTH = posts.c.month.concat(sa.literal_column("''"))
_read_month = lru_cache(maxsize=1024)(Month.parse)
_POSTS = sa.select(posts, feeds.c.kind).outerjoin(feeds, feeds.c.key == posts.c.feed_key)


def list_unclassified(
    connection: sa.Connection, model_version: str, limit: int, *, months: Collection[Month] | None = None
) -> list[int]:
    """List the posts to guess by this model, newest first: those whose guess is behind, and those of these *months*
    (None: of all) that another model guessed and that are not settled.

    A decided post keeps the guess that the curator saw, because an approval may rest on it; not so one without a
    section, as before anything was learned.
    """
    newest = (posts.c.published_at.desc(), posts.c.id)
    guessed = sa.select(posts.c.id).outerjoin(guesses, guesses.c.post_id == posts.c.id)
    changed = sa.select(behind.c.post_id).where(behind.c.what == str(Derived.GUESSES), behind.c.post_id.not_in(UNREAD))
    is_open = sa.or_(posts.c.verdict_id.is_(None), guesses.c.section.is_(None))
    query = guessed.where(posts.c.id.in_(changed), is_open).order_by(*newest).limit(limit)
    found = list(connection.execute(query).scalars())
    if len(found) < limit:
        stale = sa.and_(guesses.c.model_version != model_version, is_open, posts.c.id.not_in(changed))
        if months is not None:
            stale = sa.and_(stale, posts.c.month.in_([str(month) for month in months]))
        query = guessed.where(stale).order_by(*newest).limit(limit - len(found))
        found += connection.execute(query).scalars()
    return found


def list_settled(connection: sa.Connection, post_ids: Sequence[int]) -> set[int]:
    """Return which of these posts are decided and have a guess with a section, on which the decision may rest."""
    settled: set[int] = set()
    for batch in in_batches(post_ids):
        query = sa.select(posts.c.id).join(guesses, guesses.c.post_id == posts.c.id)
        query = query.where(guesses.c.section.is_not(None))
        settled.update(
            connection.execute(query.where(posts.c.id.in_(batch), posts.c.verdict_id.is_not(None))).scalars()
        )
    return settled


def list_open_months(connection: sa.Connection, present: Month) -> list[Month]:
    """List the months whose candidates may still be printed: the present one, the last, and those with decided posts,
    except months with a published digest.
    """
    query = sa.select(UNINDEXED_MONTH).where(posts.c.verdict_id.is_not(None)).distinct()
    decided = connection.execute(query).scalars().all()
    published = connection.execute(sa.select(digests.c.month).where(IS_PUBLISHED)).scalars()
    months = {str(present), str(present.shift(-1)), *decided} - set(published)
    return [Month.parse(month) for month in sorted(months)]


def list_open_undecided(connection: sa.Connection, months: Collection[Month], *, limit: int) -> list[Post]:
    """List the undecided posts of these months, newest first, at most *limit*."""
    wanted = sa.and_(posts.c.month.in_([str(month) for month in months]), posts.c.verdict_id.is_(None), ~WAITS)
    query = _POSTS.where(wanted).order_by(posts.c.published_at.desc(), posts.c.id)
    return [read_post(row) for row in connection.execute(query.limit(limit))]


def list_posts(connection: sa.Connection, post_ids: Sequence[int]) -> dict[int, Post]:
    """Return these posts by number; those that no longer exist are left out."""
    found: dict[int, Post] = {}
    for batch in in_batches(post_ids):
        found.update((row.id, read_post(row)) for row in connection.execute(_POSTS.where(posts.c.id.in_(batch))))
    return found


def list_texts(connection: sa.Connection, post_ids: Sequence[int]) -> dict[int, str]:
    """Return the texts of these posts by number; those that no longer exist are left out."""
    found: dict[int, str] = {}
    for batch in in_batches(post_ids):
        query = sa.select(posts.c.id, posts.c.text).where(posts.c.id.in_(batch))
        found.update((row.id, row.text) for row in connection.execute(query))
    return found


def list_months(connection: sa.Connection) -> list[Month]:
    """List the months that have candidates, newest first, by one step in an index for each and one row."""
    # In SQL a loop over months: DISTINCT would read the index of all posts.
    first = sa.select(sa.func.min(posts.c.month).label("month")).cte("months", recursive=True)
    following = sa.select(sa.func.min(posts.c.month)).where(posts.c.month > first.c.month).scalar_subquery()
    months = first.union_all(sa.select(following).where(first.c.month.is_not(None)))
    has_posts = sa.exists(posts.c.id).where(posts.c.month == months.c.month, IS_CANDIDATE)
    query = sa.select(months.c.month).where(has_posts).order_by(months.c.month.desc())
    return [Month.parse(month) for month in connection.execute(query).scalars()]


def count_candidates(connection: sa.Connection, months: Collection[Month] | None = None) -> dict[Month, int]:
    """Count the candidates of each month that has any, newest month first; with *months* only of these."""
    # The first query reads only an index, and the others concern few posts.
    counts = Counter(_count_by_month(connection, months))
    for is_hidden in (WAITS, sa.and_(IS_COPY, ~WAITS)):
        query = sa.select(UNINDEXED_MONTH, sa.func.count()).where(is_hidden).group_by(UNINDEXED_MONTH)
        counts.subtract({row[0]: row[1] for row in connection.execute(query)})
    return {Month.parse(month): count for month, count in sorted(counts.items(), reverse=True) if count > 0}


def _count_by_month(connection: sa.Connection, months: Collection[Month] | None = None) -> dict[str, int]:
    """The number of posts of each month, or of these *months*; reads only an index."""
    query = sa.select(posts.c.month, sa.func.count().label("posts")).group_by(posts.c.month)
    if months is not None:
        query = query.where(posts.c.month.in_([str(month) for month in months]))
    return {row.month: row.posts for row in connection.execute(query).all()}


def count_posts(connection: sa.Connection) -> int:
    """The number of all stored posts; reads only an index."""
    return sum(_count_by_month(connection).values())


class Stamp(NamedTuple):
    """A value that changes if posts join or leave a month, if another verdict is in force, or if a star is given or
    taken.
    """

    posts: int
    verdicts: int
    #: The sum of the numbers of the verdicts in force: undoing one may not change their count and the newest.
    numbers: int
    #: The sum of the numbers of the corrections in force that give or take a star.
    stars: int = 0


def list_stamps(connection: sa.Connection) -> dict[Month, Stamp]:
    """Return the stamp of each month that has posts."""
    verdict = posts.c.verdict_id
    query = sa.select(UNINDEXED_MONTH, sa.func.count(), sa.func.sum(verdict)).where(verdict.is_not(None))
    decided = {
        month: (count, int(numbers)) for month, count, numbers in connection.execute(query.group_by(UNINDEXED_MONTH))
    }
    starred = sa.select(posts.c.month, sa.func.sum(corrections.c.id)).join(corrections)
    starred = starred.where(corrections.c.star.is_not(None), holds(corrections)).group_by(posts.c.month)
    stars = {month: int(numbers) for month, numbers in connection.execute(starred)}
    return {
        Month.parse(month): Stamp(count, *decided.get(month, (0, 0)), stars.get(month, 0))
        for month, count in _count_by_month(connection).items()
    }


def find_post_id(connection: sa.Connection, reference: str) -> int | None:
    """Return the post with this number or address, if there is one."""
    if (number := read_id(reference)) is not None:
        query = sa.select(posts.c.id).where(posts.c.id == number)
    else:
        cleaned = clean_url(reference)
        if cleaned is None:
            return None
        page, fragment = canonicalise_url(cleaned), cleaned.partition("#")[2]
        # The canonical address of a post that shares its page may have its fragment.
        exact = f"{page}#{fragment}"
        query = sa.select(posts.c.id).where(posts.c.canonical_url.in_([exact, page]))
        query = query.order_by(posts.c.canonical_url != exact).limit(1)
    return connection.execute(query).scalar_one_or_none()


def find_by_addresses(connection: sa.Connection, addresses: Sequence[str]) -> int | None:
    """Return the post that has one of these canonical addresses, or had it; the first of them that leads to one."""
    found = {
        row.canonical_url: row.id
        for table, number in ((aliases, aliases.c.post_id), (posts, posts.c.id))
        for row in connection.execute(
            sa.select(table.c.canonical_url, number.label("id")).where(table.c.canonical_url.in_(addresses))
        )
    }
    return next((found[address] for address in addresses if address in found), None)


_DRAFTED = tuple(field.name for field in fields(PostDraft) if field.name not in {"was_at", "is_read"})


def make_row(draft: PostDraft) -> dict[str, Any]:
    """Make the columns of a post for ``upsert``; its earlier address and whether it was read are not among them."""
    return row_of(draft, _DRAFTED)


def add_posts(connection: sa.Connection, drafts: Sequence[PostDraft]) -> dict[str, int]:
    """Add posts that did not come from a feed; known posts stay unchanged. Return all numbers by canonical address."""
    rows = [make_row(draft) for draft in drafts]
    changes.add_posts(connection, rows)
    ids: dict[str, int] = {}
    for batch in in_batches([draft.canonical_url for draft in drafts]):
        query = sa.select(posts.c.canonical_url, posts.c.id).where(posts.c.canonical_url.in_(batch))
        ids.update({row.canonical_url: row.id for row in connection.execute(query)})
    return ids


def is_candidate(month: Month) -> sa.ColumnElement[bool]:
    """Return the condition that a post is up for review in a month."""
    return sa.and_(posts.c.month == str(month), IS_CANDIDATE)


def list_arrived(connection: sa.Connection, now: datetime) -> list[Post]:
    """List the posts that waited for their day and need not wait any more."""
    due = sa.and_(posts.c.waits_for == str(Wait.DAY), posts.c.published_at <= now)
    return [read_post(row) for row in connection.execute(_POSTS.where(due))]


def list_found_since(connection: sa.Connection, month: Month, moment: datetime) -> list[Post]:
    """List the undecided candidates of a month that were found after a moment."""
    found = sa.and_(is_candidate(month), posts.c.first_seen_at > moment, posts.c.verdict_id.is_(None))
    return [read_post(row) for row in connection.execute(_POSTS.where(found))]


def list_found_in_future(connection: sa.Connection, now: datetime, month: Month) -> list[Post]:
    """List the posts without a date in months after *month*, which were found under a clock that was ahead."""
    undated = sa.and_(posts.c.published_from == str(DateSource.FIRST_SEEN), ~WAITS)
    later = sa.and_(posts.c.month > str(month), posts.c.first_seen_at > now, undated)
    return [read_post(row) for row in connection.execute(_POSTS.where(later))]


def set_found(connection: sa.Connection, post_id: int, now: datetime) -> None:
    """Note that a post without a date was found now."""
    change_post(connection, post_id, first_seen_at=now, published_at=now)


def place_post(connection: sa.Connection, post_id: int, month: Month, late_for: Month | None) -> None:
    """Add a post that waited to the candidates of a month."""
    change_post(connection, post_id, month=month, late_for=late_for, waits_for=None)


def move_post(connection: sa.Connection, post: Post, month: Month) -> None:
    """Move a post to a later month; its own stays."""
    change_post(connection, post.id, month=month, late_for=post.own_month)


def take_back(connection: sa.Connection, months: Collection[Month]) -> set[Month]:
    """Move unprinted posts that came late for these months, which are open again, back into them, but not posts that
    were held until a month. Return the months that they leave.
    """
    names, printed = [str(month) for month in months], PRINTED.subquery("printed")
    wanted = sa.and_(posts.c.late_for.in_(names), posts.c.id.not_in(sa.select(printed.c.post_id)))
    found = connection.execute(sa.select(posts.c.id, posts.c.month, posts.c.late_for).where(wanted, IS_LATE)).all()
    change_posts(
        connection, {row.id: {"month": row.late_for, "late_for": None} for row in found}, ("month", "late_for")
    )
    return {Month.parse(row.month) for row in found}


def count_late(connection: sa.Connection, month: Month) -> dict[Month, int]:
    """Count the candidates of a month that came too late for an earlier one, by that month."""
    # By the index of late posts, which are few, and not by the index of months.
    query = sa.select(posts.c.late_for, sa.func.count()).where(IS_CANDIDATE, UNINDEXED_MONTH.in_([str(month)]), IS_LATE)
    rows = connection.execute(query.group_by(posts.c.late_for).order_by(posts.c.late_for))
    return {Month.parse(own): count for own, count in rows}


def list_months_outdated(connection: sa.Connection) -> set[Month]:
    """List the months whose shortlist is out of date: it proposes posts that count as passed over now, or leaves out
    posts that no longer do.
    """
    was_seen = scores.c.standing[0].as_string() == str(Ground.SEEN)
    query = (
        sa.select(posts.c.month)
        .join(scores, scores.c.post_id == posts.c.id)
        .where(posts.c.verdict_id.is_(None))
        .where(sa.or_(sa.and_(scores.c.shortlisted, IS_SEEN), sa.and_(was_seen, ~IS_SEEN)))
        .distinct()
    )
    return {Month.parse(month) for month in connection.execute(query).scalars()}


def set_date(connection: sa.Connection, post_id: int, published_at: datetime, source: DateSource) -> None:
    """Set the date of a post from a reliable source."""
    sure = DateConfidence.SURE
    change_post(connection, post_id, published_at=published_at, published_from=source, confidence=sure)


_PLACE = ("published_at", "published_from", "confidence", "month", "late_for", "waits_for")


def get_place(connection: sa.Connection, post_id: int) -> dict[str, str | None]:
    """Return date and month of a post and what it waits for, as text for ``set_place``."""
    row = connection.execute(sa.select(*(posts.c[name] for name in _PLACE)).where(posts.c.id == post_id)).one()
    return {**row._mapping, "published_at": row.published_at.isoformat()}


def set_place(connection: sa.Connection, post_id: int, place: Mapping[str, str | None]) -> None:
    """Set what ``get_place`` returned."""
    change_post(connection, post_id, **{**place, "published_at": datetime.fromisoformat(str(place["published_at"]))})


def list_source_urls(connection: sa.Connection, month: Month, feed_keys: Sequence[str]) -> dict[str, str]:
    """Return the address of one post of a month for each of these feeds."""
    query = (
        sa.select(posts.c.feed_key, sa.func.min(posts.c.url))
        .where(posts.c.month == str(month), posts.c.feed_key.in_(feed_keys))
        .group_by(posts.c.feed_key)
    )
    found = {row.feed_key: row[1] for row in connection.execute(query)}
    return {key: found[key] for key in feed_keys if key in found}


def read_disclosures(rows: Iterable[Sequence[str]]) -> tuple[Disclosure, ...]:
    return tuple(
        Disclosure(DisclosureKind(kind), said, *(DisclosureSource(each) for each in source[:1]), *source[1:])
        for kind, said, *source in rows
    )


def read_post(row: sa.Row[Any]) -> Post:
    return Post(
        id=row.id,
        canonical_url=row.canonical_url,
        url=row.url,
        title=row.title,
        text=row.text,
        words=row.words,
        links=tuple(row.links),
        tags=tuple(row.tags or ()),
        language=row.language,
        published_at=row.published_at,
        published_from=DateSource(row.published_from),
        month=_read_month(row.month),
        first_seen_at=row.first_seen_at,
        feed_key=row.feed_key,
        organisation=row.organisation,
        kind=Kind(row.kind) if row.kind else None,
        confidence=DateConfidence(row.confidence),
        waits_for=Wait(row.waits_for) if row.waits_for else None,
        late_for=Month.parse(row.late_for) if row.late_for else None,
        images=row.images,
        first_image=row.first_image,
        code_blocks=row.code_blocks,
        code_lines=row.code_lines,
        text_from=TextSource(row.text_from),
        said=read_disclosures((*row.said, *row.page_said)),
        copy_of=row.copy_of,
    )
