"""Issues of round-ups and the posts that they link to: what was found, and what is to be looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from aggregator.storage.pages import add_alias, find_aliases, save_readings
from aggregator.storage.posts import add_posts, find_by_addresses
from aggregator.storage.rows import in_batches, row_of, upsert
from aggregator.storage.tables import entries, feeds, issues, mentions, posts, signals
from aggregator.storage.talk import save_signals
from aggregator.types import Issue, Linked, Mention, PageReading, PostDraft, Signal

_ISSUE = ("source", "key", "feed_key", "title", "label", "url", "file", "found_at", "trouble")
# It is one vote, however often a round-up links to a post.
_VOTE = "links"


class IssueCount(NamedTuple):
    """An issue, and how many posts it links to."""

    issue: Issue
    links: int
    #: Links that are still to be looked at.
    waiting: int


class WantedIssue(NamedTuple):
    """An issue whose page is to be read, because its feed gives only a summary."""

    id: int
    issue: Issue
    #: The site of its feed.
    site: str | None
    attempts: int


def save_issues(connection: sa.Connection, found: Sequence[Issue], *, fewest: int = 0) -> None:
    """Store issues with their links; those that are known get what is new in them.

    Issues with fewer than *fewest* links and a page are to be read there.
    """
    for issue in found:
        is_wanted = issue.url is not None and len(issue.linked) < fewest
        upsert(
            connection,
            issues,
            [row_of(issue, _ISSUE) | {"retry_at": issue.found_at if is_wanted else None}],
            unique=["source", "key"],
            update=["title", "label", "url"],
        )
        query = sa.select(issues.c.id).where(issues.c.source == issue.source, issues.c.key == issue.key)
        _save_links(connection, connection.execute(query).scalar_one(), issue, issue.linked)


def _save_links(connection: sa.Connection, number: int, issue: Issue, linked: Sequence[Linked]) -> None:
    known = _list_known(connection, [each.canonical_url for each in linked if each.canonical_url])
    rows = [
        {
            "issue_id": number,
            "url": each.url,
            "title": each.title,
            "canonical_url": each.canonical_url,
            "retry_at": None if each.canonical_url in known else issue.found_at,
        }
        for each in linked
    ]
    upsert(connection, mentions, rows, unique=["issue_id", "url"], update=[])
    addresses = [known.get(each.canonical_url, each.canonical_url) for each in linked if each.canonical_url]
    _vote(connection, addresses, issue.source, issue.label, issue.found_at, issue.url)


def _list_known(connection: sa.Connection, addresses: Sequence[str]) -> dict[str, str]:
    """The present addresses of the posts that are known at these."""
    known = {old: alias.canonical_url for old, alias in find_aliases(connection, addresses).items()}
    for batch in in_batches(addresses):
        here = sa.select(posts.c.canonical_url).where(posts.c.canonical_url.in_(batch))
        known |= {address: address for address in connection.execute(here).scalars()}
    return known


def _vote(
    connection: sa.Connection, addresses: Sequence[str], source: str, label: str, at: datetime, page: str | None
) -> None:
    save_signals(connection, [Signal(address, source, _VOTE, 1.0, at, label=label) for address in addresses])
    # The page goes with the label: both are of the last issue, and stay when it is forgotten.
    of_vote = signals.update().where(signals.c.source == source, signals.c.name == _VOTE)
    for batch in in_batches(addresses):
        connection.execute(of_vote.where(signals.c.canonical_url.in_(batch)).values(url=page))


def list_mentions_to_look_at(connection: sa.Connection, now: datetime, *, limit: int) -> list[Mention]:
    """List the links to look at now, the oldest first."""
    query = (
        sa.select(
            *(mentions.c[name] for name in ("id", "url", "title", "canonical_url")),
            *(issues.c.source, issues.c.label, issues.c.found_at, issues.c.url.label("issue_url")),
            mentions.c.attempts,
        )
        .join(issues, issues.c.id == mentions.c.issue_id)
        .where(mentions.c.retry_at.is_not(None), mentions.c.retry_at <= now)
        .order_by(mentions.c.id)
        .limit(limit)
    )
    return [Mention(*tuple(row)) for row in connection.execute(query)]


def put_off_mention(connection: sa.Connection, mention: Mention, retry_at: datetime | None, trouble: str) -> None:
    """Store why a link could not be followed, and when it is tried again; None is never."""
    values = {"attempts": mention.attempts + 1, "retry_at": retry_at, "trouble": trouble}
    connection.execute(mentions.update().where(mentions.c.id == mention.id).values(values))


def resolve_mention(connection: sa.Connection, mention: Mention, url: str, canonical_url: str) -> bool:
    """Store where a link leads, with its vote; return whether a post is known there."""
    known = _list_known(connection, [canonical_url]).get(canonical_url)
    values = {"canonical_url": canonical_url, "attempts": 0, "trouble": None} | ({"retry_at": None} if known else {})
    connection.execute(mentions.update().where(mentions.c.id == mention.id).values(values))
    _vote(connection, [known or canonical_url], mention.source, mention.label, mention.found_at, mention.issue_url)
    return known is not None


def add_linked(
    connection: sa.Connection,
    mention: Mention,
    addresses: Sequence[str],
    draft: PostDraft | None,
    reading: PageReading | None,
    trouble: str | None,
) -> int | None:
    """Store the post that a link leads to, unless it is known at one of its canonical *addresses*; return its number.

    Without a *draft* it is not one, as *trouble* says.
    """
    number = find_by_addresses(connection, addresses)
    is_new = number is None and draft is not None
    if is_new and draft is not None:
        number = add_posts(connection, [draft])[draft.canonical_url]
        for address in addresses:
            if address != draft.canonical_url:
                add_alias(connection, address, number)
        if reading:
            save_readings(connection, [replace(reading, post_id=number)])
    if number is not None:
        (address,) = connection.execute(sa.select(posts.c.canonical_url).where(posts.c.id == number)).one()
        if (linked := mention.canonical_url) and find_by_addresses(connection, [linked]) is None:
            add_alias(connection, linked, number)
        _vote(connection, [address], mention.source, mention.label, mention.found_at, mention.issue_url)
    values = {"retry_at": None, "trouble": trouble, "attempts": mention.attempts + 1}
    connection.execute(mentions.update().where(mentions.c.id == mention.id).values(values))
    return number if is_new else None


def list_issues_to_read(connection: sa.Connection, now: datetime, *, limit: int) -> list[WantedIssue]:
    """List the issues whose pages are to be read now, the newest first."""
    query = sa.select(issues, feeds.c.site).outerjoin(feeds, feeds.c.key == issues.c.feed_key)
    query = query.where(issues.c.retry_at.is_not(None), issues.c.retry_at <= now)
    query = query.order_by(issues.c.id.desc()).limit(limit)
    return [WantedIssue(row.id, _read_issue(row), row.site, row.attempts) for row in connection.execute(query)]


def save_issue_page(
    connection: sa.Connection,
    wanted: WantedIssue,
    linked: Sequence[Linked],
    *,
    retry_at: datetime | None,
    trouble: str | None,
) -> None:
    """Store what the page of an issue links to, or why it could not be read and when it is tried again."""
    values = {"attempts": wanted.attempts + 1, "retry_at": retry_at, "trouble": trouble}
    connection.execute(issues.update().where(issues.c.id == wanted.id).values(values))
    _save_links(connection, wanted.id, wanted.issue, linked)


def forget_issues(connection: sa.Connection, before: datetime) -> int:
    """Forget the issues that were found *before* a moment, and what they link to, if nothing is to be looked at any
    more; return how many. The votes stay. Stays too what a feed still brings, and which mails were read.
    """
    waits = sa.exists().where(mentions.c.issue_id == issues.c.id, mentions.c.retry_at.is_not(None))
    of_entry = (entries.c.feed_key == issues.c.feed_key, entries.c.key == issues.c.key, entries.c.in_window)
    is_over = sa.and_(issues.c.found_at < before, issues.c.retry_at.is_(None), ~waits, ~sa.exists().where(*of_entry))
    query = sa.select(issues.c.id, issues.c.file).where(is_over)
    going = {row.id: row.file is None for row in connection.execute(query)}
    for batch in in_batches(list(going)):
        connection.execute(mentions.delete().where(mentions.c.issue_id.in_(batch)))
    for batch in in_batches([number for number, is_whole in going.items() if is_whole]):
        connection.execute(issues.delete().where(issues.c.id.in_(batch)))
    return sum(going.values())


def list_files(connection: sa.Connection) -> frozenset[str]:
    """List the names of the files that were read, or could not be."""
    query = sa.select(issues.c.file).where(issues.c.file.is_not(None))
    return frozenset(connection.execute(query).scalars())


def is_known_mail(connection: sa.Connection, key: str) -> bool:
    """Whether a mail with this Message-ID was read."""
    query = sa.select(issues.c.id).where(issues.c.key == key, issues.c.file.is_not(None)).limit(1)
    return connection.execute(query).first() is not None


def list_issues(connection: sa.Connection, *, limit: int) -> list[IssueCount]:
    """List the newest issues with the number of their links."""
    links, waiting = (
        sa.select(sa.func.count()).where(mentions.c.issue_id == issues.c.id, *more).scalar_subquery()
        for more in ((), (mentions.c.retry_at.is_not(None),))
    )
    query = sa.select(issues, links.label("links"), waiting.label("waiting")).order_by(issues.c.id.desc()).limit(limit)
    return [IssueCount(_read_issue(row), row.links, row.waiting) for row in connection.execute(query)]


def _read_issue(row: sa.Row[tuple[object, ...]]) -> Issue:
    return Issue(**{name: getattr(row, name) for name in _ISSUE})
