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
from aggregator.digest.importing import Choice, ImportPlan, list_new, list_replaced, plan_import
from aggregator.digest.read import ReadDigest, Remark
from aggregator.exceptions import DigestError, MeanwhileError
from aggregator.locales import t
from aggregator.pipeline import account, after_print, commits, cumulative, duplicates, months, printouts, receipts
from aggregator.pipeline.actions import record
from aggregator.pipeline.cumulative import PageUpdate
from aggregator.pipeline.home import Home
from aggregator.pipeline.texts import find_texts
from aggregator.posts.series import name_series
from aggregator.review.tending import is_under_review
from aggregator.storage import candidates, coverage, deliveries, digests, errata, judgements, posts, progress, search
from aggregator.storage.database import Connection
from aggregator.storage.digests import Print, StoredDigest
from aggregator.types import ActionKind, Candidate, Correction, DateSource, Digest, DigestState, Extent, Month, Texts


def get_texts(home: Home) -> Texts:
    """Return the fixed texts of the next digest, as ``find_texts``."""
    with home.reading() as connection:
        return find_texts(home, connection)


def compose_month(home: Home, month: Month) -> Digest:
    """Compose the digest of a month as it would be printed now. Raises DigestError if an approved post cannot be
    printed.
    """
    return compose_with_posts(home, month)[0]


def compose_with_posts(
    home: Home, month: Month, approved: Sequence[Candidate] | None = None
) -> tuple[Digest, list[int]]:
    """Compose the same, with the post of each line. *approved* posts of the month need not be read again."""
    with home.reading() as connection:
        digest, post_ids = compose_approved(connection, month, find_texts(home, connection), approved)
        if account.has_foot(home):
            taken = account.take_for_print(home, connection, month)
            digest = account.add_foot(home, connection, digest, post_ids, taken)
    return digest, post_ids


def compose_approved(
    connection: Connection, month: Month, texts: Texts, approved: Sequence[Candidate] | None = None
) -> tuple[Digest, list[int]]:
    """Compose what is approved now, without a foot, with the posts of the lines. Raises DigestError."""
    printable = list_printable(connection, month, approved)
    digest = compose_digest(printable, texts)
    return digest, _find_posts_of(digest, printable)


def choose_digest(home: Home, month: Month, approved: Sequence[Candidate] | None = None) -> tuple[Digest, list[int]]:
    """Return what was printed of a month with the corrections since, or what was read of it, else what would be printed
    now, with the posts of its lines. *approved* posts of the month need not be read again.

    Raises DigestError if an approved post cannot be printed.
    """
    with home.reading() as connection:
        stored = digests.find_digest(connection, month)
        put_right = errata.list_put_right(connection, home.zone)
    if stored is None or not stored.is_frozen:
        return compose_with_posts(home, month, approved)
    digest = stored.digest
    if stored.state is DigestState.PRINTED:
        digest = printouts.correct_print(home, month, digest, put_right)
    return replace(digest, texts=replace(digest.texts, style=home.settings.style)), []


def make_digest(home: Home, month: Month, state: DigestState, *, again: bool = False, by: str | None = None) -> Path:
    """Compose the digest of a month from its approved posts, store it and write its file; return the file.

    A draft may be made any number of times. A print is an action of the curator, or *by* somebody else. Raises
    DigestError if the month was imported, if it is already printed (unless *again*), if it is to be printed and nothing
    is approved, or if an approved post cannot be printed; and WorkTreeError if it is printed, but not committed.
    """
    with home.database.writing() as connection:
        stored = digests.find_digest(connection, month)
        if stored and stored.state is not DigestState.DRAFT and not (again and stored.state is DigestState.PRINTED):
            raise _refuse_closed(stored, month)
        path = write_digest(home, connection, month, state, by=by)
    if state is DigestState.PRINTED:
        printouts.remove_file(home, month, DigestState.DRAFT)
        commits.follow(home, month)
    return path


def write_digest(
    home: Home, connection: Connection, month: Month, state: DigestState, *, by: str | None = None
) -> Path:
    """Do the same within a transaction, over all that was made before. Raises DigestError as ``make_digest``."""
    digest, post_ids = compose_approved(connection, month, find_texts(home, connection))
    if not digest.lines and state is DigestState.PRINTED:
        raise DigestError(t("nothing is approved for {month}; approve posts first", month=month))
    taken = None
    if state is DigestState.PRINTED or account.has_foot(home):
        taken = account.take_for_print(home, connection, month)
        digest = account.add_foot(home, connection, digest, post_ids, taken)
    stored, before = digests.find_digest(connection, month), digests.keep_print(connection, month)
    digests.save_digest(connection, month, state, digest, post_ids, home.now)
    if taken and state is DigestState.PRINTED:
        coverage.save_coverage(connection, taken)
        duplicates.settle_clusters(connection, post_ids)
        search.index_posts(connection, post_ids)
        details = {"lines": len(post_ids), "again": before is not None}
        changes = _put_on_pages(home, connection, month, digest)
        if before is not None:
            changes["print"] = before, digests.keep_print(connection, month)
        record(home, connection, ActionKind.PRINT, month=month, details=details, changes=changes, by=by)
    path = printouts.write_file(home, connection, month, state, digest)
    if state is DigestState.PRINTED:
        after_print.follow_print(home, connection, month, before=stored)
        commits.plan(home, connection, month)
    return path


def add_to_page(home: Home, month: Month, *, mark: str | None = None) -> PageUpdate:
    """Put what is approved of a month on the cumulative page; the month stays open. Returns what that changed.

    With *mark*, the change must be the one that the curator has seen. Raises DigestError if there is no page, if the
    month was printed or read, if an approved post cannot be printed, or if there is nothing to change; MeanwhileError
    if the page or the approvals have changed since; and WorkTreeError if it is done, but not committed.
    """
    with home.database.writing() as connection:
        update = preview_page(home, connection, month)
        if update is None:
            raise DigestError(t("no page is set; name its file as digest.page in feeds.toml"))
        if mark is not None and mark != update.mark:
            raise MeanwhileError(t("the page or the approvals have changed since; look again"), post_id=0, verdict="")
        if update.is_empty:
            raise DigestError(t("the page has everything that is approved of {month}", month=month.name))
        details = {"lines": len(update.after), "open": True}
        changes = {"page": (list(update.before), list(update.after))}
        record(home, connection, ActionKind.PRINT, month=month, details=details, changes=changes)
        cumulative.put_on_pages(home, connection, month, update)
        receipts.renew(home, connection, month, takes=True)
        commits.plan(home, connection, month)
    commits.follow(home, month)
    return update


def preview_page(home: Home, connection: Connection, month: Month) -> PageUpdate | None:
    """Plan what putting a month on the cumulative page would change; None if the settings name no page.

    Raises DigestError if the month was printed or read, and if an approved post cannot be printed.
    """
    stored = digests.find_digest(connection, month)
    if stored and stored.is_frozen:
        raise _refuse_closed(stored, month)
    digest, _ = compose_approved(connection, month, find_texts(home, connection))
    return cumulative.plan_update(home, connection, month, digest)


def _refuse_closed(stored: StoredDigest, month: Month) -> DigestError:
    state, day = t(str(stored.state)), f"{stored.made_at:%Y-%m-%d}"
    return DigestError(t("the digest of {month} was already {state} on {day}", month=month, state=state, day=day))


def _put_on_pages(home: Home, connection: Connection, month: Month, digest: Digest) -> dict[str, Any]:
    """Merge a digest into its pages, if there are any; returns what the action changes."""
    update = cumulative.plan_update(home, connection, month, digest)
    if update is None:
        return {}
    cumulative.put_on_pages(home, connection, month, update)
    changes: dict[str, Any] = {"page": (list(update.before), list(update.after))}
    return {**changes, "feet": update.feet} if any(update.feet) else changes


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
    printouts.write_file(home, connection, month, wanted, stored.digest)
    if is_printed:
        if coverage.find_coverage(connection, month) is None:
            # It was drafted anew meanwhile.
            coverage.save_coverage(connection, account.take_account(home, connection, month))
        after_print.follow_print(home, connection, month)
    else:
        after_print.follow_undo(home, connection, month)
    printouts.remove_file(home, month, other)


def put_print_back(home: Home, connection: Connection, month: Month, now: Print, wanted: Print) -> None:
    """Replace what is printed of a month *now* by what was printed before or after a further print.

    Raises DigestError if something else is printed now.
    """
    stored = digests.find_digest(connection, month)
    if stored is None or digests.keep_print(connection, month) != now:
        raise DigestError(t("{month} was printed again since; undo that first", month=month.name))
    digests.put_print_back(connection, month, wanted)
    deliveries.remove_open(connection, month)
    touched = sorted({line["post_id"] for line in (*now["lines"], *wanted["lines"])})
    duplicates.settle_clusters(connection, touched)
    search.index_posts(connection, touched)
    printouts.write_file(home, connection, month, DigestState.PRINTED, digests.get_digest(connection, month).digest)
    after_print.follow_print(home, connection, month, before=stored, takes=False)


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


def import_digest(home: Home, read: ReadDigest, wanted: Wanted, chosen: Sequence[Choice | None] = ()) -> Imported:
    """Import a published page: store its posts, sections and notes, with each line approved and printed. *chosen* says
    of each line when a person chose it, or is empty.

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
        plan = plan_import(read, wanted, now=now, today=today, under_review=under_review, chosen=chosen)
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
    # A line that was printed stays in its month, also if the curator closed that before.
    printed = digests.list_published(connection)
    months.release_post(connection, post_id, plan.months[place], printed, now=now, zone=zone)
    judgements.append_verdict(connection, plan.approve(place, post_id, now))


def _correct_mistaken(connection: Connection, plan: ImportPlan, post_ids: Sequence[int], *, now: datetime) -> None:
    """Move posts out of wrong months that an earlier import put them into."""
    for place in plan.mistaken:
        post_id, month = post_ids[place], plan.months[place]
        post = candidates.get_candidate(connection, post_id).post
        if post.published_from is DateSource.DIGEST and post.month == plan.digest.lines[place].month:
            judgements.append_correction(connection, Correction(post_id, plan.by, now, month=month))
            posts.set_date(connection, post_id, date_of_month(month), DateSource.DIGEST)
            posts.place_post(connection, post_id, month, None)


def list_printable(
    connection: Connection, month: Month, approved: Sequence[Candidate] | None = None
) -> list[Candidate]:
    """List the approved posts, without those that another month's digest or an imported page has printed."""
    approved = candidates.list_approved(connection, month) if approved is None else approved
    return [one for one in approved if one.printed_in is None or (one.printed_in == month and not one.is_on_page)]


def _find_posts_of(digest: Digest, approved: Sequence[Candidate]) -> list[int]:
    # Several posts may share a page and so a link.
    lines = ((compose_line(candidate), candidate.post.id) for candidate in approved)
    by_line: dict[tuple[str, str], list[int]] = {}
    for line, post_id in lines:
        by_line.setdefault((line.url, line.title), []).append(post_id)
    return [by_line[line.url, line.title].pop() for line in digest.lines]
