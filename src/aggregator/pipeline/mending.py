"""Mending: puts single lines of the cumulative page right, as the curator confirms them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aggregator.addresses.urls import canonicalise_url, clean_url
from aggregator.digest.links import list_addresses
from aggregator.digest.lint import Finding, Known, lint_line, lint_page
from aggregator.digest.mend import Piece, list_pieces, name_fix, replace_pieces
from aggregator.digest.page import Edit, name_line, read_page, split_lines
from aggregator.digest.printed import find_printed_elsewhere
from aggregator.exceptions import DigestError, MeanwhileError, ReviewError
from aggregator.files import write_whole
from aggregator.locales import t
from aggregator.pipeline import cumulative
from aggregator.pipeline.actions import record
from aggregator.pipeline.home import Home
from aggregator.pipeline.texts import find_texts
from aggregator.storage.database import Connection
from aggregator.storage.digests import list_names
from aggregator.storage.links import find_checks
from aggregator.types import ActionKind, Line, LinkCheck, Month, Texts


@dataclass(frozen=True, slots=True)
class Mend:
    """What a fix does to the page as it stands."""

    file: Path
    text: str
    finding: Finding
    #: The page afterwards.
    mended: str

    @property
    def edits(self) -> Sequence[Edit]:
        return self.finding.fix

    @property
    def mark(self) -> str:
        """Tells this change from any other: a curator who confirms one confirms exactly this."""
        return hashlib.sha256(f"{self.text}\0{self.mended}".encode()).hexdigest()[:16]


def know_links(connection: Connection, text: str, texts: Texts) -> dict[str, LinkCheck]:
    """The last looks at the addresses of a page, by their canonical form; nothing is asked for."""
    checks = find_checks(connection, list_addresses(text, texts))
    return {canonicalise_url(url): check for url, check in checks.items()}


def find_mistakes(home: Home, line: Line, month: Month) -> list[str]:
    """Say what is wrong with a line of a month, by all that is known besides its title in house style."""
    name = name_line(line)
    with home.reading() as connection:
        texts = find_texts(home, connection)
        links = find_checks(connection, [url] if (url := clean_url(line.url)) else [])
        printed = find_printed_elsewhere([name], month, list_names(connection, home.zone))
    known = Known(home.current_month, printed, links=dict(zip([name], links.values(), strict=False)))
    return [one.sentence for one in lint_line(line, texts, known)]


def plan_mend(home: Home, connection: Connection, month: Month, name: str) -> Mend:
    """Plan the fix of this name (``name_fix``) on a page of a month. Raises DigestError without a page, and
    MeanwhileError if they do not need it now.
    """
    texts = find_texts(home, connection)
    files = cumulative.list_pages(home, connection, month)
    if not files:
        raise DigestError(t("no page is set; name its file as digest.page in feeds.toml"))
    for file in files:
        text = cumulative.read_file(file)
        known = Known(home.current_month, links=know_links(connection, text, texts))
        lines, _ = split_lines(text)
        for finding in lint_page(text, texts, known) if text else ():
            if finding.fix and name_fix(lines, finding) == name:
                return Mend(file, text, finding, read_page(text, texts).apply(finding.fix))
    raise MeanwhileError(t("the page has changed since; look again"), post_id=0, verdict="")


def mend_page(home: Home, month: Month, name: str, *, mark: str) -> Mend:
    """Make the fix of this name, whose difference the curator has seen (*mark*), as one action.

    Raises what ``plan_mend`` raises, MeanwhileError for another difference, and StorageError if the page cannot be
    written.
    """
    with home.database.writing() as connection:
        mend = plan_mend(home, connection, month, name)
        if mark != mend.mark:
            raise MeanwhileError(t("the page has changed since; look again"), post_id=0, verdict="")
        details = {"mend": str(mend.finding.rule), "line": mend.finding.number, "file": str(mend.file)}
        changes = {"lines": list_pieces(split_lines(mend.text)[0], mend.edits)}
        record(home, connection, ActionKind.PRINT, details=details, changes=changes)
        write_whole(mend.file, mend.mended)
    return mend


def put_back(home: Home, connection: Connection, file: Path, now: Sequence[Piece], wanted: Sequence[Piece]) -> None:
    """Put lines of a page back. Raises ReviewError if they were changed since."""
    text, texts = cumulative.read_file(file), find_texts(home, connection)
    edits = replace_pieces(split_lines(text)[0], now, wanted)
    if edits is None:
        raise ReviewError(t("these lines of the page were changed since"), post_id=0, verdict="undo")
    write_whole(file, read_page(text, texts).apply(edits))
