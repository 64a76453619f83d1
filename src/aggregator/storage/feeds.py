"""Feeds: what feeds.toml says about them, and their state between visits."""

from __future__ import annotations

import difflib
import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from aggregator.addresses.urls import host_of
from aggregator.exceptions import ConfigError, NotFoundError
from aggregator.locales import t
from aggregator.storage.changes import Derived, give_feed_key, put_behind
from aggregator.storage.rows import as_given, find_reader, in_batches, row_values, upsert
from aggregator.storage.tables import (
    actions,
    dismissals,
    entries,
    feeds,
    gaps,
    issues,
    listed_pages,
    moves,
    overrides,
    posts,
    rules,
    signals,
    site_looks,
    visits,
)
from aggregator.types import Feed, FeedState, Kind, Only, Outcome, QuietTimes, Recipe, Trial
from aggregator.types.visits import LONGEST_PUT_OFF

_DESCRIPTION = (
    *("name", "url", "site", "organisation", "language", "kind", "weight", "tags", "full_text"),
    *("recipe", "only", "verified"),
)
# Of a state, what is stored as it is.
_AS_STORED = (
    *("paused_at", "etag", "last_modified", "last_visit_at", "last_success_at", "next_visit_at", "full_at"),
    *("newest_at", "failures", "failing_since", "last_status", "last_reason", "last_excerpt", "last_wall", "entries"),
)
_FOLLOWED = sa.select().where(feeds.c.active).order_by(sa.func.lower(feeds.c.name), feeds.c.key)
# Rows of due feeds that are read at once.
_READ_AHEAD = 1000
# What long lists need of a state, as it is stored: reading all of it takes three times as long.
_BRIEF_DESCRIPTION = ("name", "url", "kind", "language", "site", "organisation", "weight", "full_text")
_BRIEF_MOMENTS = ("paused_at", "last_visit_at", "last_success_at", "next_visit_at", "newest_at", "failing_since")
_BRIEF = (*_BRIEF_MOMENTS, "failures", "last_status", "last_reason", "last_wall")
_BRIEF_STATES = _FOLLOWED.add_columns(
    *(feeds.c[name] for name in ("key", *_BRIEF_DESCRIPTION)),
    sa.cast(feeds.c.tags, sa.Text).label("tags"),
    *(feeds.c[name] for name in ("habit_minutes", "last_outcome")),
    *(as_given(feeds.c[name]) for name in _BRIEF_MOMENTS),
    *(feeds.c[name] for name in _BRIEF[len(_BRIEF_MOMENTS) :]),
)
# Columns that belong to the address of a feed: a new address starts without them.
_OF_ADDRESS: dict[str, Any] = {
    "etag": None,
    "last_modified": None,
    "next_visit_at": None,
    "trial_url": None,
    "trial_since": None,
    "trial_agreements": 0,
    "host_trial": None,
    "host_trial_since": None,
    "host_trial_agreements": 0,
}
# An advisory lock of PostgreSQL.
_LIST_LOCK = 730_581_193
# Without these the next visit gets the whole document, and takes up what another filter has left out.
_OF_FILTER: dict[str, Any] = {"etag": None, "last_modified": None, "next_visit_at": None}


def save_feeds(connection: sa.Connection, listed: Sequence[Feed]) -> None:
    """Make the table follow feeds.toml: add new feeds, update changed ones, and stop following those no longer listed.

    A field that was changed elsewhere (by a move or on the page) stays until feeds.toml itself changes that field. A
    feed with a new address is due at once and starts without validators, which belong to the old address; so does one
    with another filter, whose window is read again.
    """
    known = {row.key: row for row in connection.execute(sa.select(feeds))}
    rows = [_merge_listed(feed, known.get(feed.key)) for feed in listed]
    upsert(connection, feeds, rows, unique=["key"], update=[*_DESCRIPTION, "listed", "active"])
    renamed = [row["key"] for row in rows if row["key"] in known and known[row["key"]].name != row["name"]]
    for batch in in_batches(renamed):
        put_behind(connection, Derived.SEARCH, posts.c.feed_key.in_(batch))
    moved = [row["key"] for row in rows if row["key"] in known and _reads_anew(known[row["key"]], row)]
    _change(connection, moved, _OF_ADDRESS)
    filtered = [row["key"] for row in rows if row["key"] in known and known[row["key"]].only != row["only"]]
    _change(connection, filtered, _OF_FILTER)
    left = known.keys() - {row["key"] for row in rows}
    _change(connection, [key for key in left if known[key].active], {"active": False})


def _change(connection: sa.Connection, keys: Sequence[str], values: Mapping[str, Any]) -> None:
    for batch in in_batches(keys):
        connection.execute(feeds.update().where(feeds.c.key.in_(batch)).values(values))


def lock_list(connection: sa.Connection) -> None:
    """Wait until nobody else writes feeds.toml, and let others wait until this transaction ends. SQLite has one writer
    anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LIST_LOCK)))


def _reads_anew(before: Any, after: Mapping[str, Any]) -> bool:
    """Whether another document is read, or the same one by another recipe."""
    return bool(before.url != after["url"] or before.recipe != after["recipe"])


def list_listed(connection: sa.Connection, keys: Collection[str] | None = None) -> dict[str, Feed]:
    """List the followed feeds by key, as feeds.toml described them when it was last applied; with *keys* only those."""
    query = sa.select(feeds).where(feeds.c.active).order_by(feeds.c.key)
    found = connection.execute(query if keys is None else query.where(feeds.c.key.in_(keys)))
    return {row.key: _read_feed(row.key, _list_description(row)) for row in found}


def has_feeds(connection: sa.Connection) -> bool:
    """Whether any feed was ever followed."""
    return connection.execute(sa.select(sa.exists().select_from(feeds))).scalar_one()


def _list_description(row: sa.Row[Any]) -> dict[str, Any]:
    # A description that an older version stored lacks newer fields.
    return {name: getattr(row, name) for name in _DESCRIPTION} | (row.listed or {})


def _merge_listed(feed: Feed, row: sa.Row[Any] | None) -> dict[str, Any]:
    given = write_columns(feed)
    followed = dict(given)
    if row is not None:
        before = _list_description(row)
        followed |= {name: getattr(row, name) for name in _DESCRIPTION if given[name] == before.get(name)}
    return {"key": feed.key, **followed, "listed": given, "active": True, "failures": 0}


def write_columns(feed: Feed) -> dict[str, Any]:
    """The description of a feed by column, as it is stored: plain values, fit for JSON."""
    return row_values(**{name: getattr(feed, name) for name in _DESCRIPTION})


def change_feed(connection: sa.Connection, feed: Feed) -> None:
    """Change the description of a feed; one with a new address or another filter is due at once."""
    values = write_columns(feed)
    columns = (feeds.c.url, feeds.c.name, feeds.c.recipe, feeds.c.only)
    old = connection.execute(sa.select(*columns).where(feeds.c.key == feed.key)).one()
    if old.name != feed.name:
        put_behind(connection, Derived.SEARCH, posts.c.feed_key == feed.key)
    if _reads_anew(old, values):
        values |= _OF_ADDRESS
    elif old.only != values["only"]:
        values |= _OF_FILTER
    connection.execute(feeds.update().where(feeds.c.key == feed.key).values(values))


def rename_feed(connection: sa.Connection, key: str, new: str) -> None:
    """Give a feed another key; its entries, posts, visits and signals, and what the curator said of it, stay with it.

    Raises NotFoundError, and ConfigError if another feed had the new key at any time.
    """
    row = connection.execute(sa.select(feeds).where(feeds.c.key == key, feeds.c.active)).mappings().one_or_none()
    if row is None:
        known = connection.execute(sa.select(feeds.c.key).where(feeds.c.active)).scalars().all()
        raise NotFoundError(say_unknown(key, known))
    if find_keys(connection, [new]):
        said = t("another feed has or had this key, and its posts have it still")
        raise ConfigError(said, file=t("the change"), key=f"feeds.{new}")
    connection.execute(feeds.insert(), [{**row, "key": new}])
    for table in (moves, gaps, visits, entries, actions, listed_pages, issues, site_looks):
        connection.execute(table.update().where(table.c.feed_key == key).values(feed_key=new))
    connection.execute(issues.update().where(issues.c.feed_key == new).values(source=new))
    give_feed_key(connection, key, new)
    connection.execute(signals.update().where(signals.c.source == key).values(source=new))
    connection.execute(rules.update().where(rules.c.feed == key).values(feed=new))
    quota = "shortlist.sources."
    connection.execute(overrides.update().where(overrides.c.name == quota + key).values(name=quota + new))
    about = dismissals.c.proposal.endswith(f":{key}", autoescape=True)
    for name in connection.execute(sa.select(dismissals.c.proposal).where(about)).scalars().all():
        renamed = f"{name.removesuffix(key)}{new}"
        connection.execute(dismissals.update().where(dismissals.c.proposal == name).values(proposal=renamed))
    connection.execute(feeds.delete().where(feeds.c.key == key))


def find_keys(connection: sa.Connection, among: Collection[str] | None = None) -> frozenset[str]:
    """The keys of all feeds that were ever followed, or those *among* some keys."""
    query = sa.select(feeds.c.key)
    if among is None:
        return frozenset(connection.execute(query).scalars())
    found = (connection.execute(query.where(feeds.c.key.in_(batch))).scalars() for batch in in_batches(list(among)))
    return frozenset(key for keys in found for key in keys)


def find_left(connection: sa.Connection) -> dict[str, str]:
    """The addresses of the feeds that were followed before and are not listed now, by key."""
    return {row.key: row.url for row in connection.execute(sa.select(feeds.c.key, feeds.c.url).where(~feeds.c.active))}


def set_address(connection: sa.Connection, key: str, url: str) -> None:
    """Change the address of a feed; validators stay, because the document is the same."""
    connection.execute(feeds.update().where(feeds.c.key == key).values(url=url))


def set_paused(connection: sa.Connection, key: str, at: datetime | None) -> None:
    """Pause a feed, or resume it (None)."""
    connection.execute(feeds.update().where(feeds.c.key == key).values(paused_at=at))


def save_states(connection: sa.Connection, states: Sequence[FeedState]) -> None:
    """Store what visits changed, but not what feeds.toml or the curator says.

    If a feed got a new address during a visit, the visit does not count for that address, which stays due.
    """
    if states:
        statement = feeds.update().where(
            feeds.c.key == sa.bindparam("of_feed"), feeds.c.url == sa.bindparam("of_address")
        )
        connection.execute(
            statement.values({name: sa.bindparam(f"new_{name}") for name in _state_row(states[0])}),
            [
                {
                    "of_feed": state.feed.key,
                    "of_address": state.feed.url,
                    **{f"new_{name}": value for name, value in _state_row(state).items()},
                }
                for state in states
            ],
        )


def _state_row(state: FeedState) -> dict[str, Any]:
    trial, host_trial = state.trial, state.host_trial
    return {
        "etag": state.etag,
        "last_modified": state.last_modified,
        "last_visit_at": state.last_visit_at,
        "last_success_at": state.last_success_at,
        "next_visit_at": state.next_visit_at,
        "full_at": state.full_at,
        "pace_minutes": _to_minutes(state.pace),
        "newest_at": state.newest_at,
        "habit_minutes": _to_minutes(state.habit),
        "quiet_hours": list(state.quiet.hours),
        "quiet_days": list(state.quiet.days),
        "trial_url": trial.url if trial else None,
        "trial_since": trial.since if trial else None,
        "trial_agreements": trial.agreements if trial else 0,
        "host_trial": host_trial.url if host_trial else None,
        "host_trial_since": host_trial.since if host_trial else None,
        "host_trial_agreements": host_trial.agreements if host_trial else 0,
        "failures": state.failures,
        "failing_since": state.failing_since,
        "last_outcome": str(state.last_outcome) if state.last_outcome else None,
        "last_status": state.last_status,
        "last_reason": state.last_reason,
        "last_excerpt": state.last_excerpt,
        "last_wall": state.last_wall,
    }


def _to_minutes(span: timedelta | None) -> float | None:
    return None if span is None else span / timedelta(minutes=1)


def list_publishers(connection: sa.Connection) -> list[tuple[str, str]]:
    """List the addresses of the sites of followed feeds, each with its organisation."""
    query = sa.select(sa.func.coalesce(feeds.c.site, feeds.c.url), feeds.c.organisation).order_by(feeds.c.key)
    return [(site, name) for site, name in connection.execute(query.where(feeds.c.active)) if name]


def list_feed_states(connection: sa.Connection, keys: Sequence[str] | None = None) -> list[FeedState]:
    """List the followed feeds by name; with *keys* only those.

    Raises NotFoundError, which names the first key that is not followed and the most similar one that is.
    """
    if keys is None:
        return _read_states(connection.execute(_select_states()))
    states = _find_states(connection, keys)
    if unknown := [key for key in keys if key not in states]:
        known = connection.execute(sa.select(feeds.c.key).where(feeds.c.active)).scalars().all()
        raise NotFoundError(say_unknown(unknown[0], known))
    return [states[key] for key in keys]


def _find_states(connection: sa.Connection, keys: Sequence[str]) -> dict[str, FeedState]:
    return {
        state.feed.key: state
        for batch in in_batches(keys)
        for state in _read_states(connection.execute(_select_states().where(feeds.c.key.in_(batch))))
    }


def _select_states() -> sa.Select[Any]:
    counted = sa.select(sa.func.count()).where(entries.c.feed_key == feeds.c.key).scalar_subquery()
    return _FOLLOWED.add_columns(*feeds.c, counted.label("entries"))


def say_unknown(key: str, known: Sequence[str]) -> str:
    """Say that no feed has the key, and which of those *known* is the most similar one."""
    if near := difflib.get_close_matches(key, known, n=1):
        return t("no feed has the key {key}; did you mean {name}?", key=repr(key), name=near[0])
    return t("no feed has the key {key}; `aggregator feeds list` shows the keys", key=repr(key))


def list_brief_states(connection: sa.Connection) -> list[FeedState]:
    """List the followed feeds by name for long lists: without what only a visit, or the page of one feed, asks for."""
    read = find_reader(connection)
    return [_read_brief(read, *row) for row in connection.execute(_BRIEF_STATES).all()]


# Between two pages most rows stay as they are.
@lru_cache(maxsize=2048)
def _read_brief(read: Callable[[Any], datetime | None], *row: Any) -> FeedState:
    key, name, url, kind, language, site, organisation, weight, full_text, tags, habit, outcome, *more = row
    stored = dict(zip(_BRIEF, more, strict=True))
    return FeedState(
        Feed(key, name, url, Kind(kind), language, site, organisation, weight, tuple(json.loads(tags)), full_text),
        habit=_from_minutes(habit),
        last_outcome=Outcome(outcome) if outcome else None,
        **(stored | {name: read(stored[name]) for name in _BRIEF_MOMENTS}),
    )


def list_names(connection: sa.Connection) -> list[tuple[str, str]]:
    """List key and name of every feed that was ever followed, by name."""
    query = sa.select(feeds.c.key, feeds.c.name).order_by(sa.func.lower(feeds.c.name), feeds.c.key)
    return [(key, name) for key, name in connection.execute(query)]


def find_last_success(connection: sa.Connection) -> datetime | None:
    """Return the time of the last successful visit of any followed feed."""
    found: datetime | None = connection.execute(
        sa.select(sa.func.max(feeds.c.last_success_at)).where(feeds.c.active)
    ).scalar_one()
    return found


def find_followed(connection: sa.Connection, addresses: Collection[str]) -> frozenset[str]:
    """Return those of these addresses that are followed."""
    query = sa.select(feeds.c.url).where(feeds.c.active)
    found = (connection.execute(query.where(feeds.c.url.in_(batch))).scalars() for batch in in_batches(list(addresses)))
    return frozenset(url for urls in found for url in urls)


def list_due_feeds(
    connection: sa.Connection, now: datetime, *, most: int | None = None, per_host: int | None = None
) -> list[FeedState]:
    """List the feeds that are due and not paused, those that have waited longest first.

    At most *most* of them, and *per_host* of a host: those of a host that has very many wait for the next list, and do
    not hold up the others.
    """
    chosen: list[str] = []
    hosts: Counter[str] = Counter()
    # By a cursor, so that of a million that are due only the first are read.
    with closing(connection.execute(_select_due(now).execution_options(yield_per=_READ_AHEAD))) as found:
        for row in found:
            if most is not None and len(chosen) >= most:
                break
            host = host_of(row.url)
            hosts[host] += 1
            if per_host is None or hosts[host] <= per_host:
                chosen.append(row.key)
    # One may have been left since it was found: PostgreSQL sees what others wrote between two queries.
    states = _find_states(connection, chosen)
    return [states[key] for key in chosen if key in states]


def _select_due(now: datetime) -> sa.Select[tuple[str, str]]:
    """The same as ``FeedState.is_due``, by indices alone; feeds that were never visited come first."""
    columns = (feeds.c.key, feeds.c.url, feeds.c.next_visit_at, feeds.c.active, feeds.c.paused_at)
    at = feeds.c.next_visit_at
    # Each condition has its index. A visit that was planned under a wrong clock is due too.
    conditions = (at.is_(None), at <= now, at > now + LONGEST_PUT_OFF, feeds.c.last_visit_at > now)
    due = sa.union(*(sa.select(*columns).where(condition) for condition in conditions)).subquery()
    query = sa.select(due.c.key, due.c.url).where(due.c.active, due.c.paused_at.is_(None))
    return query.order_by(due.c.next_visit_at.is_not(None), due.c.next_visit_at, due.c.key)


def _read_states(found: sa.CursorResult[Any]) -> list[FeedState]:
    # A plain dictionary for each row: of a thousand feeds, attributes of rows take as long as the query.
    names = tuple(found.keys())
    return [_read_state(dict(zip(names, row, strict=True))) for row in found.all()]


def _read_state(row: Mapping[str, Any]) -> FeedState:
    values = {name: row[name] for name in _DESCRIPTION}
    feed = _read_feed(row["key"], values)
    # Most feeds are as listed.
    given = row["listed"]
    listed = feed if given == values else _read_feed(row["key"], given) if given else None
    return FeedState(
        feed=feed,
        listed=listed,
        pace=_from_minutes(row["pace_minutes"]),
        habit=_from_minutes(row["habit_minutes"]),
        quiet=QuietTimes(tuple(row["quiet_hours"] or ()), tuple(row["quiet_days"] or ())),
        trial=_read_trial(row, "trial_url", "trial"),
        host_trial=_read_trial(row, "host_trial", "host_trial"),
        last_outcome=Outcome(row["last_outcome"]) if row["last_outcome"] else None,
        **{name: row[name] for name in _AS_STORED},
    )


def _read_trial(row: Mapping[str, Any], place: str, name: str) -> Trial | None:
    return Trial(row[place], row[f"{name}_since"], row[f"{name}_agreements"]) if row[place] else None


def _read_feed(key: str, values: Mapping[str, Any]) -> Feed:
    read = {**values, "kind": Kind(values["kind"]), "tags": tuple(values["tags"])}
    if only := values.get("only"):
        read["only"] = Only(tuple(only["words"]), tuple(only["categories"]))
    if verified := values.get("verified"):
        read["verified"] = date.fromisoformat(verified)
    if recipe := values.get("recipe"):
        read["recipe"] = Recipe(**recipe)
    return Feed(key=key, **read)


def _from_minutes(minutes: float | None) -> timedelta | None:
    return None if minutes is None else timedelta(minutes=minutes)
