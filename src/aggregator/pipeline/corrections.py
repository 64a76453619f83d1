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
from aggregator.pipeline import cumulative, printouts
from aggregator.pipeline.actions import record
from aggregator.pipeline.home import Home
from aggregator.pipeline.texts import find_texts
from aggregator.storage import errata
from aggregator.storage.database import Connection
from aggregator.types import ActionKind, DigestState, Fault, Month, Remedy


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

    Raises NotFoundError if nothing is known to be wrong with the address, and DigestError if no file has it.
    """
    fault = _get_fault(home, connection, url)
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
    """Put a printed line right as one action. With *mark*, it must be what the curator has seen.

    Raises what ``plan_remedy`` raises, MeanwhileError for another difference, and StorageError if a file cannot be
    written.
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
    return plan


def leave(home: Home, url: str) -> Fault:
    """Leave a printed line as it is, until its address leads elsewhere. Raises NotFoundError."""
    with home.database.writing() as connection:
        fault = _get_fault(home, connection, url)
        _store(home, connection, fault, Remedy.LEFT, {})
    return fault


def put_back(
    home: Home, connection: Connection, now: Sequence[Mapping[str, Any]], wanted: Sequence[Mapping[str, Any]]
) -> None:
    """Put lines of files back. Raises ReviewError if they were changed since; no file is written then."""
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


def _get_fault(home: Home, connection: Connection, url: str) -> Fault:
    for fault in errata.list_faults(connection, home.zone):
        if fault.url == url:
            return fault
    raise NotFoundError(t("{address} needs no correction", address=url))


def _list_files(home: Home, connection: Connection, fault: Fault) -> dict[str, Path]:
    months = [name for name in fault.printed_in if name.count("-") == 1]
    pages = cumulative.list_all_pages(home, connection, map(Month.parse, months))
    return {**{str(file): file for file in pages}, **{name: _find_file(home, name) for name in months}}


def _find_file(home: Home, name: str) -> Path:
    try:
        return printouts.name_file(home, Month.parse(name), DigestState.PRINTED)
    except ValueError:
        return Path(name)


def _store(
    home: Home, connection: Connection, fault: Fault, remedy: Remedy, changes: Mapping[str, tuple[Any, Any]]
) -> None:
    details = {"remedy": str(remedy), "title": fault.title, "url": fault.url}
    action = record(home, connection, ActionKind.PRINT, details=details, changes=changes)
    errata.add_remedy(connection, fault.check, remedy, by=home.curator, at=home.now, action=action)
