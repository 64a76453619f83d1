"""The files of a digest: where they lie, that they are written with their pictures, and committed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aggregator.config.file_names import find_root
from aggregator.digest.editions.outline import name_anchor
from aggregator.digest.errata import correct_digest
from aggregator.digest.pictures import FOLDER, list_pictures
from aggregator.digest.receipts.form import SUFFIX
from aggregator.digest.render import render_digest
from aggregator.exceptions import DigestError, WorkTreeError
from aggregator.files import write_whole
from aggregator.locales import t
from aggregator.pipeline import work_tree
from aggregator.pipeline.cumulative import list_pages
from aggregator.pipeline.home import Home
from aggregator.pipeline.pictures import carry_pictures
from aggregator.storage import digests, errata
from aggregator.storage.database import Connection
from aggregator.storage.placed import find_placed
from aggregator.types import Digest, DigestState, EditionFormat, Fault, Month, Section


def name_file(home: Home, month: Month, state: DigestState) -> Path:
    """Return the file of a draft, or of what was printed."""
    if state is DigestState.DRAFT:
        return home.digest_folder / f"{month}.draft.md"
    return home.find_file(home.settings.digest.name_month_file(month))


def correct_print(home: Home, month: Month, digest: Digest, put_right: Sequence[Fault]) -> Digest:
    """Return what is printed of a month, with what was *put_right* of its lines since."""
    tells = bool(home.settings.digest.errata)
    of_month = [
        (fault, fault.check.checked_at.astimezone(home.zone).date() if tells else None)
        for fault in put_right
        if str(month) in fault.printed_in
    ]
    return correct_digest(digest, of_month)


def render_print(home: Home, connection: Connection, month: Month, digest: Digest) -> str:
    """Render what is printed of a month, with the corrections of its lines since."""
    return render_digest(correct_print(home, month, digest, errata.list_put_right(connection, home.zone)))


def write_file(home: Home, connection: Connection, month: Month, state: DigestState, digest: Digest) -> Path:
    """Write the file of a month, with the pictures of its lines beside it; return the file.

    Raises DigestError for a picture that cannot be carried there, and StorageError.
    """
    file = name_file(home, month, state)
    carry_pictures(home, digest.lines, file.parent)
    is_printed = state is DigestState.PRINTED
    write_whole(file, render_print(home, connection, month, digest) if is_printed else render_digest(digest))
    return file


def name_editions(home: Home, month: Month) -> dict[EditionFormat, Path]:
    """Return the files of the editions of a printed digest, beside its own. Atom has one file for all months: a reader
    follows one feed.
    """
    forms, file = home.settings.digest.formats, name_file(home, month, DigestState.PRINTED)
    return {form: file.with_suffix(form.suffix) for form in forms if form is not EditionFormat.ATOM}


def name_receipts(home: Home, month: Month) -> Path:
    """Return the file of the receipts of a month, beside its own."""
    return name_file(home, month, DigestState.PRINTED).with_suffix(SUFFIX)


def find_published(home: Home) -> Path:
    """Return the folder in which the files of all months lie."""
    return home.find_file(str(find_root(home.settings.digest.month_file)))


def name_feeds(home: Home) -> dict[Section | None, Path]:
    """Return the files of the feed of all printed digests (None) and of each section; empty if they are not wanted."""
    if EditionFormat.ATOM not in home.settings.digest.formats:
        return {}
    folder = find_published(home)
    files: dict[Section | None, Path] = {None: folder / "digests.atom"}
    for section in home.taxonomy.sections:
        files[section] = folder / "sections" / f"{name_anchor(section)}.atom"
    return files


def remove_file(home: Home, month: Month, state: DigestState) -> None:
    """Remove the file of a draft, or of what was printed, if there is one."""
    name_file(home, month, state).unlink(missing_ok=True)


def write_again(home: Home, month: Month) -> Path:
    """Write the file of a printed month again, byte for byte as it was printed and corrected since; return it.

    Raises DigestError if the month was not printed here.
    """
    with home.reading() as connection:
        printed = _find_printed(connection, month)
        if printed is None:
            raise DigestError(t("the digest of {month} is not printed yet", month=month.name))
        return write_file(home, connection, month, DigestState.PRINTED, printed)


def list_files(home: Home, connection: Connection, month: Month) -> list[Path]:
    """List what is printed of a month: its file, and its pages; empty if nothing is."""
    pages = list_pages(home, connection, month) if find_placed(connection, month) else []
    own = [name_file(home, month, DigestState.PRINTED)] if _find_printed(connection, month) else []
    return [file for file in [*own, *pages] if file.exists()]


@dataclass(frozen=True, slots=True)
class Commit:
    """What is to be committed of a print, or of a correction."""

    files: Sequence[Path]
    message: str


def plan_commit(home: Home, connection: Connection, month: Month, message: str = "") -> Commit:
    """Plan to commit what is printed of a month, with the pictures beside it; without files if nothing is."""
    files = list_files(home, connection, month)
    printed, placed = _find_printed(connection, month), find_placed(connection, month)
    notes = [*(line.note for line in (printed.lines if printed else ())), *(line["note"] for line in placed)]
    beside = [file.parent / FOLDER / name for file in files for name in list_pictures(notes)]
    others = [*name_editions(home, month).values(), *name_feeds(home).values()] if printed else []
    others += [name_receipts(home, month)]
    beside += [file for file in others if file.exists()]
    lines = len(printed.lines if printed else placed)
    # As the digest names the month, in any language.
    said = f"Digest of {month.label}: {lines} line{'' if lines == 1 else 's'}"
    return Commit([*files, *beside], message or said)


def commit_files(commit: Commit) -> list[Path]:
    """Commit files as far as they are in a git work tree. Returns what was committed; empty if all is as in the last
    commit. Raises WorkTreeError if not one of them is in a work tree, and what ``work_tree.commit`` raises.
    """
    if not any(map(work_tree.is_in_work_tree, commit.files)):
        names = ", ".join(map(str, commit.files))
        raise WorkTreeError(t("what is printed is not in a git work tree: {files}", files=names))
    return work_tree.commit(commit.files, commit.message)


def _find_printed(connection: Connection, month: Month) -> Digest | None:
    stored = digests.find_digest(connection, month)
    return stored.digest if stored and stored.state is DigestState.PRINTED else None
