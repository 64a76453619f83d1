"""Digests: composed, printed, and read back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from aggregator.collect.series import name_series
from aggregator.digest.compose import compose_digest, compose_line
from aggregator.digest.importing import list_new, plan_import
from aggregator.digest.read import ReadDigest
from aggregator.digest.render import render_digest
from aggregator.exceptions import DigestError
from aggregator.files import write_whole
from aggregator.pipeline import duplicates, months
from aggregator.storage import digests, judgements, posts, search
from aggregator.storage.database import Database
from aggregator.types import Candidate, Digest, DigestState, Month, Texts


def compose_month(database: Database, month: Month, texts: Texts) -> Digest:
    """The digest of a month as it would be printed now. Raises DigestError when an approved post cannot be printed."""
    with database.reading() as connection:
        return compose_digest(_list_printable(posts.list_approved(connection, month), month), texts)


def make_digest(
    database: Database,
    month: Month,
    texts: Texts,
    *,
    state: DigestState,
    now: datetime,
    folder: Path,
    again: bool = False,
) -> Path:
    """Compose the digest of a month from its approved posts, store it and write its file; returns the file.

    A draft may be made again and again. Raises DigestError when the month was read from a file, or is printed already
    (unless *again*), when nothing is approved and it is to be printed, or when an approved post cannot be printed.
    """
    with database.writing() as connection:
        stored = digests.find_digest(connection, month)
        if stored and stored.state is not DigestState.DRAFT and not (again and stored.state is DigestState.PRINTED):
            raise DigestError(f"the digest of {month} was {stored.state} already, on {stored.made_at:%Y-%m-%d}")
        approved = _list_printable(posts.list_approved(connection, month), month)
        digest = compose_digest(approved, texts)
        if not digest.lines and state is DigestState.PRINTED:
            raise DigestError(f"nothing is approved for {month}; approve posts first")
        post_ids = _find_posts_of(digest, approved)
        digests.save_digest(connection, month, state, digest, post_ids, now)
        if state is DigestState.PRINTED:
            duplicates.settle_groups(connection, post_ids)
            search.index_posts(connection, post_ids)
        draft, printed = folder / f"{month}.draft.md", folder / f"{month}.md"
        path = printed if state is DigestState.PRINTED else draft
        write_whole(path, render_digest(digest))
    if path is printed:
        draft.unlink(missing_ok=True)
    return path


def import_digest(
    database: Database, read: ReadDigest, *, month: Month | None, now: datetime, zone: ZoneInfo
) -> tuple[Month, int]:
    """Store a digest that was published before: its posts, sections and notes, each line approved.

    Returns its month and how many lines were new; reading a file again stores nothing twice. Raises DigestError when
    that month was printed from here.
    """
    plan = plan_import(read.digest, month=month, now=now)
    with database.writing() as connection:
        stored = digests.find_digest(connection, plan.month)
        if stored and stored.state is DigestState.PRINTED:
            raise DigestError(f"the digest of {plan.month} was printed from here; what was printed is not read over")
        # One that shares its page with others is found by its fragment.
        marked = {draft.url: posts.find_post_id(connection, draft.url) for draft in plan.drafts if "#" in draft.url}
        unknown = [draft for draft in plan.drafts if marked.get(draft.url) is None]
        ids = posts.add_posts(connection, [replace(draft, series=name_series(draft.title)) for draft in unknown])
        post_ids = [marked.get(draft.url) or ids[draft.canonical_url] for draft in plan.drafts]
        new = list_new(plan, stored.digest.lines if stored else ())
        for position in new:
            post_id = post_ids[position]
            line = plan.digest.lines[position]
            judgements.append_correction(connection, plan.correct(line, post_id, now))
            months.release_post(connection, post_id, line.month or plan.month, now=now, zone=zone)
            judgements.put_in_force(
                connection, post_id, judgements.append_verdict(connection, plan.approve(post_id, now))
            )
        digests.save_digest(connection, plan.month, DigestState.READ, plan.digest, post_ids, now)
        duplicates.settle_groups(connection, post_ids)
    return plan.month, len(new)


def _list_printable(approved: Sequence[Candidate], month: Month) -> list[Candidate]:
    """Without what the digest of another month printed."""
    return [candidate for candidate in approved if candidate.printed_in in {None, month}]


def _find_posts_of(digest: Digest, approved: Sequence[Candidate]) -> list[int]:
    # Several posts may share a page, and so a link.
    lines = ((compose_line(candidate), candidate.post.id) for candidate in approved)
    by_line: dict[tuple[str, str], list[int]] = {}
    for line, post_id in lines:
        by_line.setdefault((line.url, line.title), []).append(post_id)
    return [by_line[line.url, line.title].pop() for line in digest.lines]
