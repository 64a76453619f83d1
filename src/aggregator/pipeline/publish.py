"""Publish: composes, prints and imports digests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from aggregator.dates.read import date_of_month
from aggregator.digest.compose import compose_digest, compose_line
from aggregator.digest.extent import Wanted
from aggregator.digest.importing import ImportPlan, list_new, list_replaced, plan_import
from aggregator.digest.read import ReadDigest, Remark
from aggregator.digest.render import render_digest
from aggregator.exceptions import DigestError, MeanwhileError
from aggregator.files import write_whole
from aggregator.locales import t
from aggregator.pipeline import cumulative, duplicates, months
from aggregator.pipeline.actions import record
from aggregator.pipeline.cumulative import PageChange
from aggregator.pipeline.home import Home
from aggregator.posts.series import name_series
from aggregator.review.tending import is_under_review
from aggregator.storage import candidates, digests, judgements, posts, progress, search
from aggregator.storage.database import Connection
from aggregator.storage.digests import StoredDigest
from aggregator.types import ActionKind, Candidate, Correction, DateSource, Digest, DigestState, Extent, Month, Texts


def get_texts(home: Home) -> Texts:
    """Return the fixed texts of the next digest: as set, else as in the last imported digest, else as shipped."""
    with home.reading() as connection:
        return find_texts(home, connection)


def find_texts(home: Home, connection: Connection) -> Texts:
    return home.settings.merge_texts(digests.find_last_texts(connection))


def compose_month(home: Home, month: Month) -> Digest:
    """Compose the digest of a month as it would be printed now. Raises DigestError if an approved post cannot be
    printed.
    """
    return compose_with_posts(home, month)[0]


def compose_with_posts(home: Home, month: Month) -> tuple[Digest, list[int]]:
    """Compose the same, with the post of each line."""
    texts = get_texts(home)
    with home.reading() as connection:
        approved = _list_printable(candidates.list_approved(connection, month), month)
    digest = compose_digest(approved, texts)
    return digest, _find_posts_of(digest, approved)


def list_missing(connection: Connection, month: Month) -> list[Candidate]:
    """List the posts that were approved after their month was printed, and are in no digest."""
    if dict(digests.list_digests(connection)).get(month) is not DigestState.PRINTED:
        return []
    printed = set(digests.list_post_ids(connection, month))
    approved = _list_printable(candidates.list_approved(connection, month), month)
    return [candidate for candidate in approved if candidate.post.id not in printed]


def choose_digest(home: Home, month: Month) -> tuple[Digest, list[int]]:
    """Return what was printed or read of a month, else what would be printed now, with the posts of its lines.

    Raises DigestError if an approved post cannot be printed.
    """
    with home.reading() as connection:
        stored = digests.find_digest(connection, month)
    return (stored.digest, []) if stored and stored.is_frozen else compose_with_posts(home, month)


def make_digest(home: Home, month: Month, state: DigestState, *, again: bool = False, by: str | None = None) -> Path:
    """Compose the digest of a month from its approved posts, store it and write its file; return the file.

    A draft may be made any number of times. A print is an action of the curator, or *by* somebody else. Raises
    DigestError if the month was imported, if it is already printed (unless *again*), if it is to be printed and nothing
    is approved, or if an approved post cannot be printed.
    """
    texts = get_texts(home)
    with home.database.writing() as connection:
        stored = digests.find_digest(connection, month)
        if stored and stored.state is not DigestState.DRAFT and not (again and stored.state is DigestState.PRINTED):
            raise _refuse_closed(stored, month)
        approved = _list_printable(candidates.list_approved(connection, month), month)
        digest = compose_digest(approved, texts)
        if not digest.lines and state is DigestState.PRINTED:
            raise DigestError(t("nothing is approved for {month}; approve posts first", month=month))
        post_ids = _find_posts_of(digest, approved)
        digests.save_digest(connection, month, state, digest, post_ids, home.now)
        if state is DigestState.PRINTED:
            duplicates.settle_clusters(connection, post_ids)
            search.index_posts(connection, post_ids)
            is_again = stored is not None and stored.state is DigestState.PRINTED
            details = {"lines": len(post_ids), "again": is_again}
            changes = _put_on_page(home, connection, month, digest)
            record(home, connection, ActionKind.PRINT, month=month, details=details, changes=changes, by=by)
        path = name_file(home, month, state)
        write_whole(path, render_digest(digest))
    if state is DigestState.PRINTED:
        name_file(home, month, DigestState.DRAFT).unlink(missing_ok=True)
    return path


def add_to_page(home: Home, month: Month, *, mark: str | None = None) -> PageChange:
    """Put what is approved of a month on the cumulative page; the month stays open. Returns what that changed.

    With *mark*, the change must be the one that the curator has seen. Raises DigestError if there is no page, if the
    month was printed or read, if an approved post cannot be printed, or if there is nothing to change; MeanwhileError
    if the page or the approvals have changed since.
    """
    with home.database.writing() as connection:
        change = preview_page(home, connection, month)
        if change is None:
            raise DigestError(t("no page is set; name its file as digest.page in feeds.toml"))
        if mark is not None and mark != change.mark:
            raise MeanwhileError(t("the page or the approvals have changed since; look again"), post_id=0, verdict="")
        if not change.merged.edits:
            raise DigestError(t("the page has everything that is approved of {month}", month=month.name))
        details = {"lines": len(change.after), "open": True}
        changes = {"page": (list(change.before), list(change.after))}
        record(home, connection, ActionKind.PRINT, month=month, details=details, changes=changes)
        cumulative.put_on_page(home, connection, month, change)
    return change


def preview_page(home: Home, connection: Connection, month: Month) -> PageChange | None:
    """Plan what putting a month on the cumulative page would change; None if the settings name no page.

    Raises DigestError if the month was printed or read, and if an approved post cannot be printed.
    """
    stored = digests.find_digest(connection, month)
    if stored and stored.is_frozen:
        raise _refuse_closed(stored, month)
    texts = find_texts(home, connection)
    approved = _list_printable(candidates.list_approved(connection, month), month)
    return cumulative.plan_change(home, connection, month, compose_digest(approved, texts))


def _refuse_closed(stored: StoredDigest, month: Month) -> DigestError:
    state, day = t(str(stored.state)), f"{stored.made_at:%Y-%m-%d}"
    return DigestError(t("the digest of {month} was already {state} on {day}", month=month, state=state, day=day))


def _put_on_page(home: Home, connection: Connection, month: Month, digest: Digest) -> dict[str, Any]:
    """Merge a digest into the page, if there is one; returns what the action changes."""
    change = cumulative.plan_change(home, connection, month, digest)
    if change is None:
        return {}
    cumulative.put_on_page(home, connection, month, change)
    return {"page": (list(change.before), list(change.after))}


def set_printed(home: Home, connection: Connection, month: Month, *, is_printed: bool) -> None:
    """Make a printed digest a draft again, with its lines and its file, or the reverse.

    Raises DigestError if the month is not stored in the other state.
    """
    stored = digests.find_digest(connection, month)
    states = DigestState.DRAFT, DigestState.PRINTED
    wanted, other = states[is_printed], states[not is_printed]
    if stored is None or stored.state is not other:
        raise DigestError(t("the digest of {month} is not {state} now", month=month, state=t(str(other))))
    digests.set_state(connection, month, wanted)
    post_ids = digests.list_post_ids(connection, month)
    duplicates.settle_clusters(connection, post_ids)
    search.index_posts(connection, post_ids)
    write_whole(name_file(home, month, wanted), render_digest(stored.digest))
    name_file(home, month, other).unlink(missing_ok=True)


def name_file(home: Home, month: Month, state: DigestState) -> Path:
    """The file that the digest of a month is written to."""
    return home.digest_folder / (f"{month}.draft.md" if state is DigestState.DRAFT else f"{month}.md")


@dataclass(frozen=True, slots=True)
class Imported:
    """What importing a published page has changed."""

    extent: Extent
    #: The number of lines that were not imported before.
    new: int
    #: Remarks about lines with a wrong month.
    remarks: tuple[Remark, ...]
    #: The months whose order changes.
    months: frozenset[Month]
    #: Those of these months that had counted as published.
    opened: frozenset[Month]


def import_digest(home: Home, read: ReadDigest, wanted: Wanted) -> Imported:
    """Import a published page: store its posts, sections and notes, with each line approved and printed.

    The digest of a month closes that month. A cumulative page does not close months, but posts up to its last day that
    are not on it count as passed over. Importing a file again does not store anything twice, and corrects what the
    earlier import took it for. Raises DigestError if the month was printed from here, and for what ``plan_import``
    refuses.
    """
    now, zone = home.now, home.zone
    present, today = home.current_month, now.astimezone(zone).date()
    with home.database.writing() as connection:
        facts = progress.list_month_facts(connection, present, zone)
        under_review = [each.month for each in facts if is_under_review(each)]
        plan = plan_import(read, wanted, now=now, today=today, under_review=under_review)
        month, until = plan.extent.month, plan.extent.until
        stored = digests.find_digest(connection, month) if month else None
        if stored and stored.state is DigestState.PRINTED:
            raise DigestError(
                t("the digest of {month} was printed from here and cannot be replaced by a file", month=month)
            )
        post_ids = _add_posts(connection, plan)
        known = [line for printed in digests.list_printed(connection) for line in printed.digest.lines]
        new = list_new(plan, known)
        for place in new:
            _import_line(connection, plan, place, post_ids[place], now=now, zone=zone)
        _correct_mistaken(connection, plan, post_ids, now=now)
        opened = _replace_read(connection, plan, post_ids)
        left = posts.take_back(connection, opened)
        if month:
            digests.save_digest(connection, month, DigestState.READ, plan.digest, post_ids, now)
        elif until:
            until_at = datetime.combine(until + timedelta(days=1), time(), zone)
            digests.save_page(connection, until_at, plan.digest, post_ids, now)
        duplicates.settle_clusters(connection, post_ids)
        changed = opened | left | posts.list_months_outdated(connection)
    return Imported(plan.extent, len(new), plan.remarks, frozenset(changed), frozenset(opened))


def _add_posts(connection: Connection, plan: ImportPlan) -> list[int]:
    """The posts of the lines; unknown ones are added."""
    # A post that shares its page with others is found by its fragment.
    marked = {draft.url: posts.find_post_id(connection, draft.url) for draft in plan.drafts if "#" in draft.url}
    unknown = [draft for draft in plan.drafts if marked.get(draft.url) is None]
    ids = posts.add_posts(connection, [replace(draft, series=name_series(draft.title)) for draft in unknown])
    return [marked.get(draft.url) or ids[draft.canonical_url] for draft in plan.drafts]


def _replace_read(connection: Connection, plan: ImportPlan, post_ids: Sequence[int]) -> set[Month]:
    """Forget what earlier imports took the page for; return the months that are open again."""
    replaced = list_replaced(plan.extent, post_ids, digests.list_read(connection))
    digests.remove_digests(connection, [each.number for each in replaced])
    return {each.month for each in replaced if each.month} - {plan.extent.month}


def _import_line(
    connection: Connection, plan: ImportPlan, place: int, post_id: int, *, now: datetime, zone: ZoneInfo
) -> None:
    judgements.append_correction(connection, plan.correct(place, post_id, now))
    months.release_post(connection, post_id, plan.months[place], now=now, zone=zone)
    judgements.append_verdict(connection, plan.approve(post_id, now))


def _correct_mistaken(connection: Connection, plan: ImportPlan, post_ids: Sequence[int], *, now: datetime) -> None:
    """Move posts out of wrong months that an earlier import put them into."""
    for place in plan.mistaken:
        post_id, month = post_ids[place], plan.months[place]
        post = candidates.get_candidate(connection, post_id).post
        if post.published_from is DateSource.DIGEST and post.month == plan.digest.lines[place].month:
            judgements.append_correction(connection, Correction(post_id, plan.by, now, month=month))
            posts.set_date(connection, post_id, date_of_month(month), DateSource.DIGEST)
            posts.place_post(connection, post_id, month, None)


def _list_printable(approved: Sequence[Candidate], month: Month) -> list[Candidate]:
    """The approved posts, without those that another month's digest or an imported page has printed."""
    return [one for one in approved if one.printed_in is None or (one.printed_in == month and not one.is_on_page)]


def _find_posts_of(digest: Digest, approved: Sequence[Candidate]) -> list[int]:
    # Several posts may share a page and so a link.
    lines = ((compose_line(candidate), candidate.post.id) for candidate in approved)
    by_line: dict[tuple[str, str], list[int]] = {}
    for line, post_id in lines:
        by_line.setdefault((line.url, line.title), []).append(post_id)
    return [by_line[line.url, line.title].pop() for line in digest.lines]
