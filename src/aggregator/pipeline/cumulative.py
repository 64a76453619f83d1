"""The curator's cumulative page, or one for each year or part: each month's lines are merged into files that a person
keeps.

Files and database cannot change in one step. So what is about to be put on the pages is written to a journal first, and
the files are replaced before the transaction ends. If the process dies in between, each page tells what it shows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aggregator.digest.errata import put_all_right
from aggregator.digest.foot import find_chosen
from aggregator.digest.merge import Merged, NewFoot, merge_digest
from aggregator.digest.page import read_page
from aggregator.digest.render import render_line
from aggregator.exceptions import DigestError, StorageError
from aggregator.files import write_whole
from aggregator.locales import t
from aggregator.pipeline.home import Home
from aggregator.pipeline.pictures import carry_pictures
from aggregator.storage import errata
from aggregator.storage.database import Connection
from aggregator.storage.placed import Placed, find_placed, list_page_names, read_placed, set_placed, write_placed
from aggregator.types import Digest, Fault, Line, Month, Texts


@dataclass(frozen=True, slots=True)
class PageChange:
    """What putting lines on one page does to it."""

    file: Path
    #: The page as it stands; empty before the first print.
    text: str
    merged: Merged
    #: The lines of the month that are on it afterwards.
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class PageUpdate:
    """All that putting the digest of a month on the pages changes."""

    #: Of every page that has lines of the month, before or afterwards.
    changes: Sequence[PageChange]
    #: The lines of the month, before and afterwards.
    before: Sequence[Placed]
    after: Sequence[Placed]

    @property
    def feet(self) -> tuple[dict[str, Sequence[str]], dict[str, Sequence[str]]]:
        """The lines of each foot that is replaced, by file, before and afterwards."""
        replaced = {str(change.file): change.merged.foot for change in self.changes if change.merged.foot}
        return {file: old for file, (old, _) in replaced.items()}, {file: new for file, (_, new) in replaced.items()}

    @property
    def is_empty(self) -> bool:
        """Whether the pages are as they are to be."""
        return not any(change.merged.edits for change in self.changes)

    @property
    def mark(self) -> str:
        """Tells this update from any other: a curator who confirms one confirms exactly this."""
        return mark_changes(self.changes)


def mark_changes(changes: Sequence[PageChange]) -> str:
    """Return what tells these changes from any others."""
    texts = "\0".join(f"{one.file}\0{one.text}\0{one.merged.text}" for one in changes)
    return hashlib.sha256(texts.encode()).hexdigest()[:16]


def plan_update(home: Home, connection: Connection, month: Month, digest: Digest) -> PageUpdate | None:
    """Plan to put the digest of a month on the pages of its year and parts; None if the settings name no page.

    With the digest's foot, each page says how its last issue was chosen. Raises DigestError if a page cannot be read,
    or if a code fence or a comment of it is never closed.
    """
    chosen = find_chosen(digest.foot)
    # Where only readers are thanked, an issue without them takes the thanks of the last one away.
    foot = NewFoot(chosen) if chosen or home.settings.suggestions.credit else None
    after = write_placed(digest.lines, lambda line: home.settings.digest.name_page(month, line.section.part))
    return _plan(home, connection, month, digest.texts, find_placed(connection, month), after, lambda _: foot)


def put_on_pages(home: Home, connection: Connection, month: Month, update: PageUpdate) -> None:
    """Do what was planned, page by page. Raises StorageError if one cannot be written; nothing is stored then, and the
    next print knows from the journal what is on the others.
    """
    set_placed(connection, month, update.after)
    journal = {"before": list(update.before), "after": list(update.after)}
    write_whole(_name_journal(home, month), json.dumps(journal, ensure_ascii=False))
    for change in update.changes:
        carry_pictures(home, change.lines, change.file.parent)
        if change.merged.edits:
            write_whole(change.file, change.merged.text)


def put_back(
    home: Home,
    connection: Connection,
    month: Month,
    texts: Texts,
    lines: Sequence[Placed],
    feet: Mapping[str, tuple[Sequence[str], Sequence[str]]],
) -> None:
    """Put on the pages what was there of a month before or after an action, with the *feet* by file: what is to stand
    there, and what stands there now. Raises what ``plan_update`` raises.
    """
    new = {file: NewFoot(wanted, instead_of=now) for file, (wanted, now) in feet.items()}
    before = find_placed(connection, month)
    update = _plan(home, connection, month, texts, before, lines, lambda file: new.get(str(file)))
    if update:
        put_on_pages(home, connection, month, update)


def list_pages(home: Home, connection: Connection, month: Month) -> list[Path]:
    """List the pages of a month, which may not exist: those with lines of it, and those that the settings name."""
    named = [line["page"] for line in find_placed(connection, month) if "page" in line]
    named += [home.settings.digest.name_page(month, part) for part in home.taxonomy.parts]
    return [_find_file(home, name) for name in dict.fromkeys(named) if name]


def list_all_pages(home: Home, connection: Connection, months: Iterable[Month]) -> list[Path]:
    """List the pages that have lines of any month, and those that the settings name for some *months* and for now."""
    files = [_find_file(home, name) for name in list_page_names(connection)]
    for month in (home.current_month, *months):
        files += list_pages(home, connection, month)
    return list(dict.fromkeys(files))


def find_page_of(home: Home, month: Month, placed: Placed, line: Line) -> Path:
    """Return the page of a placed line. A page that is gone, as one that got another name, is now the page that the
    settings name.
    """
    file = _find_file(home, placed["page"]) if "page" in placed else None
    if file is None or not file.exists():
        file = _find_file(home, home.settings.digest.name_page(month, line.section.part))
    return file


def _find_file(home: Home, name: str) -> Path:
    # A link to a file elsewhere stays a link.
    return home.find_file(name).resolve()


def _plan(
    home: Home,
    connection: Connection,
    month: Month,
    texts: Texts,
    before: Sequence[Placed],
    after: Sequence[Placed],
    foot_of: Callable[[Path], NewFoot | None],
) -> PageUpdate | None:
    if not home.settings.digest.page:
        return None
    begun = _read_journal(home, month, before)
    # As they stand on the pages since they were corrected there.
    faults: dict[str, list[Fault]] = {}
    for fault in errata.list_put_right(connection, home.zone):
        faults.setdefault(fault.url, []).append(fault)
    now, old, planned = (_sort_by_page(home, month, texts, lines, faults) for lines in (after, before, begun))
    # What comes to a page is written before what leaves another one.
    changes = (
        _change(file, texts, now.get(file, ()), old.get(file, ()), planned.get(file, ()), foot_of(file))
        for file in {**now, **old, **planned}
    )
    return PageUpdate([change for change in changes if change], before, after)


def _sort_by_page(
    home: Home, month: Month, texts: Texts, lines: Sequence[Placed], faults: Mapping[str, Sequence[Fault]]
) -> dict[Path, list[Line]]:
    """Sort lines by their page."""
    pages: dict[Path, list[Line]] = {}
    for placed in lines:
        for line in read_placed([placed], texts.taxonomy):
            file = find_page_of(home, month, placed, line)
            pages.setdefault(file, []).append(put_all_right(line, faults))
    return pages


def _change(
    file: Path,
    texts: Texts,
    now: Sequence[Line],
    before: Sequence[Line],
    planned: Sequence[Line],
    foot: NewFoot | None,
) -> PageChange | None:
    """Plan the change of one page. *planned* is what a print was about to put on it that may have died."""
    text = read_file(file)
    if not (text.strip() or now):
        return None
    try:
        standing = _find_standing(text, texts, before, planned)
        merged = merge_digest(text, Digest(texts, tuple(now)), Digest(texts, tuple(standing)), foot=foot)
    except DigestError as error:
        raise DigestError(f"{file}: {error}") from error
    return PageChange(file, text, merged, now)


def _find_standing(text: str, texts: Texts, before: Sequence[Line], planned: Sequence[Line]) -> Sequence[Line]:
    """Find which lines of a month a print has put on a page: those from *before*, or those of a print that died after
    it had replaced the file.
    """
    if before == planned:
        return before
    standing = {entry.text for entry in read_page(text, texts).entries}

    def is_there(lines: Sequence[Line], others: Sequence[Line]) -> bool:
        return any(render_line(line) in standing for line in lines if line not in others)

    is_added = any(line not in before for line in planned)
    is_replaced = is_there(planned, before) if is_added else not is_there(before, planned)
    return planned if is_replaced else before


def _read_journal(home: Home, month: Month, placed: Sequence[Placed]) -> Sequence[Placed]:
    """Read which lines of a month were to be put on the pages; what is *placed*, unless a print has begun since."""
    try:
        journal = json.loads(_name_journal(home, month).read_bytes())
        planned: list[Placed] = journal["after"]
        return planned if journal["before"] == placed else placed
    except (OSError, ValueError, KeyError, TypeError):
        return placed


def _name_journal(home: Home, month: Month) -> Path:
    return home.digest_folder / f".{month}.page.json"


def read_file(file: Path) -> str:
    """Read a page; empty before the first print. Raises StorageError, and DigestError if it is not UTF-8."""
    try:
        return file.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise StorageError(t("{file} cannot be read: {reason}", file=file, reason=error.strerror)) from error
    except UnicodeDecodeError as error:
        raise DigestError(t("{file} is not UTF-8 (byte {byte})", file=file, byte=error.start)) from error
