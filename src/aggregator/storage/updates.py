"""Stores what visits changed in one transaction: visits, feed states, entries, posts and signals."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from aggregator.dates.read import replaces_date
from aggregator.posts.edits import Edit, Stored, comes_before, decide_edit
from aggregator.posts.roundups import FEWEST_LINKED
from aggregator.storage.changes import Derived, add_posts, change_posts, fall_behind
from aggregator.storage.feeds import find_keys, save_states, set_address
from aggregator.storage.health import append_gaps, append_move, save_gap
from aggregator.storage.listed import save_pages
from aggregator.storage.pages import add_alias, find_aliases, readdress_post
from aggregator.storage.posts import IS_KEPT, TEXT_COLUMNS, make_row
from aggregator.storage.roundups import save_issues
from aggregator.storage.rows import in_batches, row_of, row_values, upsert
from aggregator.storage.tables import entries, pages, posts, visits, withheld
from aggregator.storage.talk import save_signals
from aggregator.types import (
    ArchivePage,
    DateSource,
    Entry,
    FeedUpdate,
    Gap,
    KnownEntry,
    PostDraft,
    TextSource,
    Visit,
    Wait,
)

_OF_ENTRY = tuple(field.name for field in fields(Entry))
_OF_VISIT = tuple(name for name in Visit.__slots__ if name != "id")
# A stored date does not change if the feed is read again, but an entry without a date may get one later.
_ENTRY_CHANGES = (
    "guid",
    "url",
    "canonical_url",
    "title",
    "content",
    "author",
    "tags",
    "media",
    "raw",
    "repeated",
    "fingerprint",
    "post_id",
    "in_window",
)
_ENTRY_DATE = ("published_at", "published_from", "published_raw")
_KNOWN = ("key", "guid", "canonical_url", "title", "published_at", "published_raw", "fingerprint", "in_window", "url")
_OLD = (
    "canonical_url",
    "id",
    "feed_key",
    "at_home",
    "title",
    "url",
    "text",
    "text_from",
    "published_from",
    "waits_for",
    "verdict_id",
)
_Found = FeedUpdate | ArchivePage
_POST_WORDS = ("title", "series", "tags")
_POST_EDITS = _POST_WORDS + TEXT_COLUMNS
_POST_DATE = ("published_at", "published_from", "confidence")
_POST_PLACE = ("month", "late_for", "waits_for")
_POST_ORIGIN = ("feed_key", "organisation", "at_home", "url")


def list_known_entries(connection: sa.Connection, feed_key: str) -> list[KnownEntry]:
    """List every stored entry of a feed, with what it is recognised by."""
    query = sa.select(*(entries.c[name] for name in _KNOWN), entries.c.post_id.is_not(None))
    query = query.where(entries.c.feed_key == feed_key).order_by(entries.c.id)
    return [KnownEntry(*tuple(row)) for row in connection.execute(query)]


def list_seen_before(connection: sa.Connection, gap: Gap) -> frozenset[str]:
    """List the keys of the entries that were seen before a gap was noticed and are not in the window now."""
    query = sa.select(entries.c.key).where(entries.c.feed_key == gap.feed_key, ~entries.c.in_window)
    return frozenset(connection.execute(query.where(entries.c.first_seen_at < gap.noticed_at)).scalars())


def apply_updates(connection: sa.Connection, updates: Sequence[FeedUpdate]) -> dict[str, int]:
    """Store the updates of feeds, one each; return the ids of their visits by feed.

    Those of a feed that was renamed meanwhile are left out.
    """
    keys = find_keys(connection, [update.state.feed.key for update in updates])
    updates = [update for update in updates if update.state.feed.key in keys]
    if not updates:
        return {}
    _save_found(connection, updates, in_window=True)
    save_states(connection, [update.state for update in updates])
    _mark_window(connection, updates)
    _save_notes(connection, updates)
    save_pages(connection, updates)
    stored = visits.insert().returning(visits.c.feed_key, visits.c.id)
    found = connection.execute(stored, [_visit_row(update.visit) for update in updates])
    return {row.feed_key: row.id for row in found}


def apply_archive(connection: sa.Connection, page: ArchivePage) -> None:
    """Store what an older page of a feed gave, and how far its gap is read back; nothing if the feed was renamed
    meanwhile, for its gap goes on under the new key.
    """
    if not find_keys(connection, [page.gap.feed_key]):
        return
    _save_found(connection, [page], in_window=False)
    save_gap(connection, page.gap)


def _save_found(connection: sa.Connection, updates: Sequence[_Found], *, in_window: bool) -> None:
    """Store entries, posts and signals."""
    drafted = sorted({draft.canonical_url for update in updates for draft in update.posts})
    updates, moved = _follow_aliases(connection, updates)
    readdressed = {moved[url] for url in drafted if url in moved}
    drafts: dict[str, PostDraft] = {}
    for draft in (draft for update in updates for draft in update.posts):
        first = drafts.setdefault(draft.canonical_url, draft)
        if comes_before(draft, first):
            drafts[draft.canonical_url] = draft
    kept = _readdress_posts(connection, [draft for draft in drafts.values() if draft.was_at])
    moved |= {alias: post_id for alias, (post_id, _) in kept.items()}
    placed = [replace(draft, canonical_url=kept[url][1]) if url in kept else draft for url, draft in drafts.items()]
    saved = _save_posts(connection, placed, readdressed=readdressed)
    found = [entry for update in updates for entry in update.entries]
    others = [url for entry in found if (url := entry.canonical_url) not in saved]
    ids = moved | saved | _find_post_ids(connection, others)
    _save_entries(connection, found, ids, in_window=in_window)
    _note_unread(connection, found, placed, ids)
    save_signals(connection, [signal for update in updates for signal in update.signals])


def _note_unread(
    connection: sa.Connection, found: Sequence[Entry], drafts: Sequence[PostDraft], ids: Mapping[str, int]
) -> None:
    """Put behind the posts with unread entries that another feed has read."""
    noted = {draft.canonical_url for draft in drafts if not draft.is_read}
    unread = {ids[entry.canonical_url] for entry in found if not entry.is_read and entry.canonical_url not in noted}
    fall_behind(connection, Derived.CONTENTS, sorted(unread))


def find_addresses(connection: sa.Connection, addresses: Collection[str]) -> dict[str, int]:
    """The posts that have these canonical addresses, or had them, by address."""
    return {
        **_find_post_ids(connection, list(addresses)),
        **{old: alias.post_id for old, alias in find_aliases(connection, set(addresses)).items()},
    }


def _follow_aliases(connection: sa.Connection, updates: Sequence[_Found]) -> tuple[Sequence[_Found], dict[str, int]]:
    """Replace old addresses: feeds still name those that posts had before their pages named another one.

    Returns the updates with posts and signals at their present addresses, and the posts behind the old ones.
    """
    given = {entry.canonical_url for update in updates for entry in update.entries}
    given |= {signal.canonical_url for update in updates for signal in update.signals}
    given |= {draft.was_at for update in updates for draft in update.posts if draft.was_at}
    aliases = find_aliases(connection, given)
    if not aliases:
        return updates, {}
    now_at = {old: alias.canonical_url for old, alias in aliases.items()}
    followed = [
        replace(
            update,
            posts=tuple(_follow_draft(draft, now_at) for draft in update.posts),
            signals=tuple(
                replace(signal, canonical_url=now_at.get(signal.canonical_url, signal.canonical_url))
                for signal in update.signals
            ),
        )
        for update in updates
    ]
    return followed, {old: alias.post_id for old, alias in aliases.items()}


def _follow_draft(draft: PostDraft, now_at: Mapping[str, str]) -> PostDraft:
    if draft.canonical_url in now_at:
        return replace(draft, canonical_url=now_at[draft.canonical_url], was_at=None)
    return replace(draft, was_at=now_at[draft.was_at]) if draft.was_at and draft.was_at in now_at else draft


def _mark_window(connection: sa.Connection, updates: Sequence[FeedUpdate]) -> None:
    """Mark the entries that left the window of their feed, and those that came back; new ones are in it already."""
    for in_window, name in ((False, "left"), (True, "returned")):
        keys = [{"feed": u.visit.feed_key, "entry": key} for u in updates for key in getattr(u, name)]
        if keys:
            mark = entries.update().where(
                entries.c.feed_key == sa.bindparam("feed"), entries.c.key == sa.bindparam("entry")
            )
            connection.execute(mark.values(in_window=in_window), keys)


def _save_notes(connection: sa.Connection, updates: Sequence[FeedUpdate]) -> None:
    if found := [update.gap for update in updates if update.gap]:
        append_gaps(connection, found)
    save_issues(connection, [issue for update in updates for issue in update.issues], fewest=FEWEST_LINKED)
    for update in updates:
        if update.move:
            append_move(connection, update.move)
            set_address(connection, update.move.feed_key, update.move.to_url)


def _visit_row(visit: Visit) -> dict[str, object]:
    return row_values(**row_of(visit, _OF_VISIT))


def _readdress_posts(connection: sa.Connection, drafts: Sequence[PostDraft]) -> dict[str, tuple[int, str]]:
    """Give posts the new addresses from their feeds; verdicts and signals stay with them.

    Approved and printed posts keep their addresses; returns their numbers and addresses, by new address.
    """
    known = _find_posts(connection, [url for draft in drafts for url in (draft.canonical_url, draft.was_at) if url])
    shared = _find_shared(connection, [draft.was_at for draft in drafts if draft.was_at])
    kept: dict[str, tuple[int, str]] = {}
    for draft in drafts:
        old = known.get(draft.was_at or "")
        if old is None or old.feed_key != draft.feed_key or draft.canonical_url in known:
            continue
        # If several items were stored as one post, the one with its title keeps the post.
        if old.canonical_url in shared and old.title != draft.title:
            continue
        del known[old.canonical_url]
        if old.is_kept:
            add_alias(connection, draft.canonical_url, old.id)
            kept[draft.canonical_url] = old.id, old.canonical_url
        else:
            readdress_post(connection, old.id, old.canonical_url, draft.canonical_url, draft.url)
    return kept


def _find_shared(connection: sa.Connection, addresses: Sequence[str]) -> set[str]:
    """The addresses that several entries of one feed share."""
    shared: set[str] = set()
    for batch in in_batches(list(dict.fromkeys(addresses))):
        query = sa.select(entries.c.canonical_url).where(entries.c.canonical_url.in_(batch))
        query = query.group_by(entries.c.feed_key, entries.c.canonical_url).having(sa.func.count() > 1)
        shared.update(connection.execute(query).scalars())
    return shared


def _save_posts(
    connection: sa.Connection, drafts: Sequence[PostDraft], *, readdressed: Collection[int]
) -> dict[str, int]:
    """Add new posts, and update the others with changes from their own feeds. Return their numbers by address.

    A post from an imported digest does not belong to a feed yet: the first feed that carries it fills it and leaves it
    in its month. Another post moves to a feed that comes before its own (``posts.edits``). *readdressed* are posts
    whose address differs from that in their feeds.
    """
    rows = {draft.canonical_url: make_row(draft) for draft in drafts}
    known = _find_posts(connection, list(rows))
    new = [row for url, row in rows.items() if url not in known]
    added = add_posts(connection, new, unread={draft.canonical_url for draft in drafts if not draft.is_read})
    edits = {
        draft.canonical_url: decide_edit(_stand(old, readdressed), draft)
        for draft in drafts
        if (old := known.get(draft.canonical_url))
    }

    def choose(is_chosen: Callable[[Edit], bool]) -> dict[int, dict[str, Any]]:
        return {known[url].id: rows[url] for url, edit in edits.items() if is_chosen(edit)}

    moved = choose(lambda edit: edit.takes_over)
    filled = {
        old.id: rows[url]
        for url, old in known.items()
        if old.id in moved and old.feed_key is None and not _is_kept_out(old) and _has_date(rows[url])
    }
    dated = {
        old.id: rows[url]
        for url, old in known.items()
        if old.id not in filled and _gets_date(old, rows[url], edits[url])
    }
    change_posts(connection, moved, _POST_EDITS + _POST_ORIGIN)
    _forget_pages(connection, list(moved))
    change_posts(connection, filled, _POST_DATE)
    change_posts(connection, choose(lambda edit: edit.words), _POST_WORDS)
    change_posts(connection, choose(lambda edit: edit.text), TEXT_COLUMNS)
    change_posts(connection, choose(lambda edit: edit.url), ("url",))
    change_posts(connection, dated, _POST_DATE + _POST_PLACE)
    _note_withheld(
        connection, {known[url].id: (edit, rows[url]["first_seen_at"]) for url, edit in edits.items()}, readdressed
    )
    # Posts are compared by the longest text that any feed gave.
    fall_behind(connection, Derived.COPIES, [old.id for old in known.values()])
    return {url: old.id for url, old in known.items()} | added


def _stand(old: sa.Row[Any], readdressed: Collection[int]) -> Stored:
    return Stored(
        feed_key=old.feed_key,
        at_home=old.at_home,
        title=old.title,
        url=old.url,
        text=old.text,
        text_from=TextSource(old.text_from),
        is_kept=old.is_kept,
        is_readdressed=old.id in readdressed,
    )


def _note_withheld(
    connection: sa.Connection, edits: Mapping[int, tuple[Edit, datetime]], readdressed: Collection[int]
) -> None:
    """Store what feeds changed in approved and printed posts, until they change it back."""
    rows = {
        id_: {"post_id": id_, "at": at, "title": edit.withheld_title, "url": edit.withheld_url, "action_id": None}
        for id_, (edit, at) in edits.items()
        if edit.is_withheld
    }
    for batch in in_batches(list(rows)):
        # What the curator has dismissed stays so until the feed gives something else.
        for old in connection.execute(sa.select(withheld).where(withheld.c.post_id.in_(batch))):
            new = rows[old.post_id]
            if old.title == new["title"] and (old.post_id in readdressed or old.url == new["url"]):
                new["action_id"] = old.action_id
    here = [row for id_, row in rows.items() if id_ not in readdressed]
    upsert(connection, withheld, here, unique=["post_id"])
    # The address of the others was noted when their feeds first gave it.
    elsewhere = [row for id_, row in rows.items() if id_ in readdressed]
    upsert(connection, withheld, elsewhere, unique=["post_id"], update=["at", "title", "action_id"])
    for batch in in_batches([id_ for id_ in edits if id_ not in rows]):
        of_these = withheld.c.post_id.in_(batch)
        retitled = withheld.update().where(of_these, withheld.c.title.is_not(None))
        connection.execute(retitled.values(title=None, action_id=None))
        connection.execute(
            withheld.delete().where(of_these, withheld.c.post_id.not_in(readdressed) | withheld.c.url.is_(None))
        )


def _forget_pages(connection: sa.Connection, post_ids: Sequence[int]) -> None:
    """Forget the pages of posts whose text is from a feed again."""
    for batch in in_batches(post_ids):
        of_page = posts.c.text_from != str(TextSource.FEED)
        taken = connection.execute(sa.select(posts.c.id).where(posts.c.id.in_(batch), of_page)).scalars()
        change_posts(connection, {id_: {"text_from": str(TextSource.FEED)} for id_ in taken}, ("text_from",))
        change_posts(connection, {id_: {"page_said": []} for id_ in batch}, ("page_said",))
        connection.execute(pages.delete().where(pages.c.post_id.in_(batch)))


def _has_date(new: dict[str, Any]) -> bool:
    return bool(new["published_from"] != DateSource.FIRST_SEEN and not new["waits_for"])


def _is_kept_out(old: sa.Row[Any]) -> bool:
    """Whether a post without a feed is kept out of the candidates: one that was added by hand and is not wanted any
    more, or one that a round-up links to and that says no date. A feed makes it a candidate like any other.
    """
    return bool(old.feed_key is None and old.waits_for in {str(Wait.ADDING), str(Wait.DATE)})


def _gets_date(old: sa.Row[Any], new: dict[str, Any], edit: Edit) -> bool:
    if _is_kept_out(old):
        return edit.takes_over
    if old.verdict_id is not None:
        return False
    if edit.takes_over:
        return old.feed_key is not None and _has_date(new)
    if old.feed_key != new["feed_key"]:
        return False
    old_wait = Wait(old.waits_for) if old.waits_for else None
    new_wait = Wait(new["waits_for"]) if new["waits_for"] else None
    return replaces_date(DateSource(new["published_from"]), new_wait, DateSource(old.published_from), old_wait)


def _find_posts(connection: sa.Connection, addresses: Sequence[str]) -> dict[str, sa.Row[Any]]:
    found: dict[str, sa.Row[Any]] = {}
    for batch in in_batches(addresses):
        query = sa.select(*(posts.c[name] for name in _OLD), IS_KEPT.label("is_kept"))
        query = query.where(posts.c.canonical_url.in_(batch))
        found.update({row.canonical_url: row for row in connection.execute(query)})
    return found


def _find_post_ids(connection: sa.Connection, addresses: Sequence[str]) -> dict[str, int]:
    ids: dict[str, int] = {}
    for batch in in_batches(list(dict.fromkeys(addresses))):
        query = sa.select(posts.c.canonical_url, posts.c.id).where(posts.c.canonical_url.in_(batch))
        ids.update((row.canonical_url, row.id) for row in connection.execute(query))
    return ids


def _save_entries(
    connection: sa.Connection, found: Sequence[Entry], post_ids: dict[str, int], *, in_window: bool
) -> None:
    rows = [
        row_of(entry, _OF_ENTRY) | {"post_id": post_ids.get(entry.canonical_url), "in_window": in_window}
        for entry in found
    ]
    # While an older page was read, a visit may have found an entry of it in the window.
    changes = _ENTRY_CHANGES if in_window else [name for name in _ENTRY_CHANGES if name != "in_window"]
    upsert(connection, entries, rows, unique=["feed_key", "key"], update=changes, fill=_ENTRY_DATE)
