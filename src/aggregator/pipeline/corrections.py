"""Corrections: printed lines whose addresses do not lead to their pages any more are put right in the files.

What was printed stays in the database as it was; what the curator did stands beside it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aggregator.digest.errata import plan_erratum
from aggregator.digest.mend import list_pieces, replace_pieces
from aggregator.digest.page import Edit, read_page, split_lines
from aggregator.exceptions import DigestError, MeanwhileError, NotFoundError, ReviewError
from aggregator.files import write_whole
from aggregator.locales import t
from aggregator.pipeline import after_print, commits, cumulative, printouts
from aggregator.pipeline.actions import record
from aggregator.pipeline.home import Home
from aggregator.pipeline.printouts import Commit
from aggregator.pipeline.texts import find_texts
from aggregator.storage import errata
from aggregator.storage.database import Connection
from aggregator.types import Action, ActionKind, DigestState, Fault, Month, Remedy


@dataclass(frozen=True, slots=True)
class FileChange:
    """What a remedy changes in one file."""

    #: Its path for a cumulative page, the month for the file of one.
    name: str
    file: Path
    text: str
    edits: tuple[Edit, ...]
    after: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a remedy changes in all files that have the line."""

    fault: Fault
    remedy: Remedy
    changes: tuple[FileChange, ...]

    @property
    def mark(self) -> str:
        """Tells this change from any other: a curator who confirms one confirms exactly this."""
        said = [(str(change.file), change.text, change.after) for change in self.changes]
        return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


def list_faults(home: Home) -> list[Fault]:
    """List the printed lines that wait for a correction."""
    with home.reading() as connection:
        return errata.list_faults(connection, home.zone)


def plan_remedy(home: Home, connection: Connection, url: str) -> Plan:
    """Plan to put a printed line right, on the cumulative page and in the files of its months.

    Raises NotFoundError if nothing is known to be wrong with the address, and DigestError if no file has it, or if
    an archive said that it has no copy.
    """
    fault = _get_fault(home, connection, url)
    if fault.check.is_not_archived and fault.remedy is Remedy.ARCHIVED:
        raise DigestError(t("the archive has no copy of {address}", address=url))
    told_on = home.now.astimezone(home.zone).date() if home.settings.digest.errata else None
    texts, changes = find_texts(home, connection), []
    for name, file in _list_files(home, connection, fault).items():
        text = cumulative.read_file(file)
        if edits := plan_erratum(text, texts, fault, told_on):
            changes.append(FileChange(name, file, text, tuple(edits), read_page(text, texts).apply(edits)))
    if not changes:
        raise DigestError(t("neither your page nor the file of a month has {address}", address=url))
    return Plan(fault, fault.remedy, tuple(changes))


def put_right(home: Home, url: str, *, mark: str | None = None) -> Plan:
    """Put a printed line right as one action, in the files and the editions of its digests; others are told. With
    *mark*, it must be what the curator has seen.

    Raises what ``plan_remedy`` raises, MeanwhileError for another difference, StorageError if a file cannot be
    written, and WorkTreeError if it is done, but not committed.
    """
    with home.database.writing() as connection:
        plan = plan_remedy(home, connection, url)
        if mark is not None and mark != plan.mark:
            raise MeanwhileError(t("the page has changed since; look again"), post_id=0, verdict="")
        pieces = [list_pieces(split_lines(change.text)[0], change.edits) for change in plan.changes]
        before, after = (
            [{"name": change.name, "pieces": each[side]} for change, each in zip(plan.changes, pieces, strict=True)]
            for side in (0, 1)
        )
        _store(home, connection, plan.fault, plan.remedy, {"files": (before, after)})
        for change in plan.changes:
            write_whole(change.file, change.after)
        files = [change.file for change in plan.changes]
        files = _tell(home, connection, plan.fault.months, files, before, after)
        # As errata say it, in any language.
        month = max(plan.fault.months)
        commits.plan(home, connection, month, Commit(files, f"Erratum: {plan.fault.title}"))
    commits.follow(home, month)
    return plan


def leave(home: Home, url: str) -> Fault:
    """Leave a printed line as it is, until its address leads elsewhere. Raises NotFoundError."""
    with home.database.writing() as connection:
        fault = _get_fault(home, connection, url)
        _store(home, connection, fault, Remedy.LEFT, {})
    return fault


def put_back(home: Home, connection: Connection, action: Action, *, is_undone: bool) -> None:
    """Put lines of files back, or right again. Raises ReviewError if they were changed since; no file is written then.
    It is told as a correction is.
    """
    now, wanted = action.changes.get("files", ([], []))
    if is_undone:
        now, wanted = wanted, now
    texts, written = find_texts(home, connection), {}
    for old, new in zip(now, wanted, strict=True):
        file = _find_file(home, old["name"])
        text = cumulative.read_file(file)
        edits = replace_pieces(split_lines(text)[0] if text else [], old["pieces"], new["pieces"])
        if edits is None:
            raise ReviewError(t("these lines of the page were changed since"), post_id=0, verdict="undo")
        written[file] = read_page(text, texts).apply(edits)
    for file, text in written.items():
        write_whole(file, text)
    # Without, nothing but the table was changed.
    if months := list(map(Month.parse, action.details.get("months", ()))):
        _tell(home, connection, months, list(written), now, wanted)


def _tell(
    home: Home,
    connection: Connection,
    months: Sequence[Month],
    files: Sequence[Path],
    before: Sequence[Mapping[str, Any]],
    after: Sequence[Mapping[str, Any]],
) -> list[Path]:
    removed, added = (
        list(dict.fromkeys(line for file in side for piece in file["pieces"] for line in piece["lines"] if line))
        for side in (before, after)
    )
    return after_print.follow_correction(home, connection, months, files, added=added, removed=removed)


def _get_fault(home: Home, connection: Connection, url: str) -> Fault:
    for fault in errata.list_faults(connection, home.zone):
        if fault.url == url:
            return fault
    raise NotFoundError(t("{address} needs no correction", address=url))


def _list_files(home: Home, connection: Connection, fault: Fault) -> dict[str, Path]:
    months = fault.months
    pages = cumulative.list_all_pages(home, connection, months)
    return {**{str(file): file for file in pages}, **{str(month): _find_file(home, str(month)) for month in months}}


def _find_file(home: Home, name: str) -> Path:
    try:
        return printouts.name_file(home, Month.parse(name), DigestState.PRINTED)
    except ValueError:
        return home.find_file(name)


def _store(
    home: Home, connection: Connection, fault: Fault, remedy: Remedy, changes: Mapping[str, tuple[Any, Any]]
) -> None:
    details: dict[str, Any] = {"remedy": str(remedy), "title": fault.title, "url": fault.url}
    if changes:
        details["months"] = list(map(str, fault.months))
    action = record(home, connection, ActionKind.PRINT, details=details, changes=changes)
    errata.add_remedy(connection, fault.check, remedy, by=home.curator, at=home.now, action=action)
