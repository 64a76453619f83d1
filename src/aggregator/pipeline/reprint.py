"""Reprint: what the curator decided about a month after its print, and the two ways to go on from there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aggregator.digest.difference import find_edits
from aggregator.digest.merge import Merged
from aggregator.digest.notes import is_same_note
from aggregator.exceptions import DigestError, MeanwhileError
from aggregator.locales import t
from aggregator.pipeline import commits, cumulative, printouts, publish
from aggregator.pipeline.actions import record
from aggregator.pipeline.cumulative import PageChange
from aggregator.pipeline.home import Home
from aggregator.pipeline.texts import find_texts
from aggregator.posts.dating import find_next_open
from aggregator.storage import actions, digests, posts, search
from aggregator.storage.database import Connection
from aggregator.storage.digests import StoredDigest
from aggregator.storage.placed import write_placed
from aggregator.types import ActionKind, Candidate, Digest, DigestState, Line, Month


@dataclass(frozen=True, slots=True)
class Since:
    """What was decided about a printed month since its print."""

    #: Approved posts that are in no digest.
    missing: tuple[Candidate, ...] = ()
    #: Posts whose line says something else now.
    corrected: tuple[Candidate, ...] = ()
    #: Printed lines whose posts are not approved any more.
    gone: tuple[Line, ...] = ()

    @property
    def number(self) -> int:
        return len(self.missing) + len(self.corrected) + len(self.gone)


@dataclass(frozen=True, slots=True)
class Reprint:
    """What printing a month again changes: its own file, then the cumulative page if there is one."""

    changes: tuple[PageChange, ...]

    @property
    def mark(self) -> str:
        """Tells this change from any other: a curator who confirms one confirms exactly this."""
        return cumulative.mark_changes(self.changes)


@dataclass(frozen=True, slots=True)
class Look:
    """What was decided since a print, and what printing again would change, or why that cannot be said."""

    since: Since
    change: Reprint | None = None
    problem: str | None = None


def look_again(home: Home, connection: Connection, month: Month, since: Since) -> Look | None:
    """Look at what a further print of a printed month would change; None if nothing was decided *since*."""
    if not since.number:
        return None
    try:
        return Look(since, preview_again(home, connection, month))
    except DigestError as error:
        return Look(since, problem=str(error))


def find_since(connection: Connection, month: Month) -> Since:
    """Find what was decided since the print of a month; nothing for a month that is not printed, or was only read."""
    stored = digests.find_digest(connection, month)
    if stored is None or stored.state is not DigestState.PRINTED:
        return Since()
    printed = dict(zip(digests.list_post_ids(connection, month), stored.digest.lines, strict=True))
    printable = publish.list_printable(connection, month)
    approved = {candidate.post.id: candidate for candidate in printable}
    now: dict[int, Line | None]
    try:
        digest, post_ids = publish.compose_approved(connection, month, stored.digest.texts, printable)
        now = dict(zip(post_ids, digest.lines, strict=True))
    except DigestError:  # Preparing the print says why.
        now = {number: printed.get(number) for number in approved}
    return Since(
        missing=tuple(approved[number] for number in now if number not in printed),
        corrected=tuple(
            approved[number] for number in now if number in printed and _differ(now[number], printed[number])
        ),
        gone=tuple(line for number, line in printed.items() if number not in now),
    )


def preview_again(home: Home, connection: Connection, month: Month) -> Reprint:
    """Plan a further print. Raises DigestError if the month was not printed from here, if nothing is approved or an
    approved post cannot be printed, or if a file cannot be read.
    """
    stored = _get_printed(connection, month)
    digest, _ = publish.compose_approved(connection, month, find_texts(home, connection))
    if not digest.lines:
        raise DigestError(t("nothing is approved for {month}; approve posts first", month=month))
    # Without the foot, which the print renews: its numbers move with every visit, and the change has to be confirmed.
    pages = cumulative.plan_update(home, connection, month, digest)
    return Reprint((_compare_file(home, connection, month, stored, digest), *(pages.changes if pages else ())))


def print_again(home: Home, month: Month, *, mark: str | None = None) -> Reprint:
    """Print a month again; returns what that changed. With *mark*, it must be what the curator has seen.

    Raises what ``preview_again`` raises, and MeanwhileError if files or decisions have changed since they were seen.
    """
    with home.database.writing() as connection:
        change = preview_again(home, connection, month)
        if mark is not None and mark != change.mark:
            raise MeanwhileError(t("the page or the approvals have changed since; look again"), post_id=0, verdict="")
        publish.write_digest(home, connection, month, DigestState.PRINTED)
    commits.follow(home, month)
    return change


def put_into_next(home: Home, month: Month) -> tuple[Month, Sequence[Candidate]]:
    """Move what was approved after the print of a month into the next open one, all as one action; their lines keep
    their month. Returns that month and the posts. Raises DigestError if the month was not printed from here, or has
    no such post.
    """
    with home.database.writing() as connection:
        _get_printed(connection, month)
        missing = find_since(connection, month).missing
        if not missing:
            raise DigestError(t("everything that is approved of {month} is printed", month=month.name))
        following = find_next(home, connection, month)
        first = None
        for candidate in missing:
            number = _move(home, connection, candidate, following, batch=first)
            if first is None and len(missing) > 1:
                first = number
                actions.start_batch(connection, first)
        search.index_posts(connection, [candidate.post.id for candidate in missing])
    return following, missing


def find_next(home: Home, connection: Connection, month: Month) -> Month:
    """Find the month that takes up what came too late for this one."""
    return find_next_open(month, digests.list_closed(connection), home.current_month)


def _move(home: Home, connection: Connection, candidate: Candidate, month: Month, *, batch: int | None) -> int:
    post = candidate.post
    before = posts.get_place(connection, post.id)
    posts.move_post(connection, post, month)
    changes = {"place": (before, posts.get_place(connection, post.id))}
    details = {"moved": True}
    return record(
        home,
        connection,
        ActionKind.GIVE_MONTH,
        post_id=post.id,
        month=month,
        details=details,
        changes=changes,
        batch=batch,
    )


def _get_printed(connection: Connection, month: Month) -> StoredDigest:
    stored = digests.find_digest(connection, month)
    if stored is None or stored.state is not DigestState.PRINTED:
        raise DigestError(t("{month} was not printed from here yet", month=month.name))
    return stored


def _compare_file(home: Home, connection: Connection, month: Month, stored: StoredDigest, digest: Digest) -> PageChange:
    file = printouts.name_file(home, month, DigestState.PRINTED)
    text = cumulative.read_file(file) or printouts.render_print(home, connection, month, stored.digest)
    after = printouts.render_print(home, connection, month, replace(digest, foot=stored.digest.foot))
    return PageChange(file, text, Merged(after, find_edits(text, after), ()), digest.lines)


def _differ(now: Line | None, printed: Line) -> bool:
    if now is None:
        return False
    if now.is_highlight and printed.is_highlight:
        # With which mark, only the settings say.
        now = replace(now, star=printed.star)
    # Of a print, what it says counts, not the style in which it says it.
    now = replace(now, label=printed.label, note=printed.note if is_same_note(now.note, printed.note) else now.note)
    # Sections by number: the settings may name them otherwise than at the print.
    return write_placed([now]) != write_placed([printed])
