"""Mending: puts single lines of the cumulative page right, as the curator confirms them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aggregator.addresses.urls import canonicalise_url, clean_url
from aggregator.digest.links import list_addresses
from aggregator.digest.lint import Finding, Known, choose_fixes, lint_line, lint_page, list_edits
from aggregator.digest.mend import Piece, list_pieces, name_fix, replace_pieces
from aggregator.digest.page import Edit, name_line, read_page, split_lines
from aggregator.digest.printed import find_printed_elsewhere
from aggregator.digest.render import render_line
from aggregator.exceptions import DigestError, MeanwhileError, ReviewError
from aggregator.files import write_whole
from aggregator.locales import t
from aggregator.pipeline import cumulative, receipts
from aggregator.pipeline.actions import record
from aggregator.pipeline.home import Home
from aggregator.pipeline.texts import find_texts
from aggregator.storage.database import Connection
from aggregator.storage.digests import list_names
from aggregator.storage.links import find_checks
from aggregator.storage.placed import find_placed, read_placed
from aggregator.types import ActionKind, Line, LinkCheck, Month, Texts

#: The name of all fixes of a page together.
ALL = "all"


@dataclass(frozen=True, slots=True)
class Mend:
    """What one or more fixes do to the page as it stands."""

    file: Path
    text: str
    findings: Sequence[Finding]
    #: The page afterwards.
    mended: str

    @property
    def edits(self) -> Sequence[Edit]:
        return list_edits(self.findings)

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
    """Plan the fix of this name (``name_fix``) on a page of a month; with ``ALL`` every sure fix on the first page that
    has some, but for the lines that the open month has put there, which are put right by corrections.

    Raises DigestError without a page, and MeanwhileError if no page needs it now.
    """
    texts = find_texts(home, connection)
    files = cumulative.list_pages(home, connection, month)
    if not files:
        raise DigestError(t("no page is set; name its file as digest.page in feeds.toml"))
    for file in files:
        text = cumulative.read_file(file)
        known = Known(home.current_month, links=know_links(connection, text, texts))
        found = [finding for finding in lint_page(text, texts, known) if finding.fix] if text else []
        if name == ALL:
            ours = set(map(render_line, read_placed(find_placed(connection, month), texts.taxonomy)))
            numbers = {entry.block.number for entry in read_page(text, texts).entries if entry.text in ours}
            chosen = choose_fixes(one for one in found if one.number not in numbers)
        else:
            lines, _ = split_lines(text)
            chosen = [one for one in found if name_fix(lines, one) == name][:1]
        if chosen:
            return Mend(file, text, chosen, read_page(text, texts).apply(list_edits(chosen)))
    raise MeanwhileError(t("the page has changed since; look again"), post_id=0, verdict="")


def mend_page(home: Home, month: Month, name: str, *, mark: str) -> Mend:
    """Make the fix of this name, or all, whose difference the curator has seen (*mark*), as one action.

    Raises what ``plan_mend`` raises, MeanwhileError for another difference, and StorageError if the page cannot be
    written.
    """
    with home.database.writing() as connection:
        mend = plan_mend(home, connection, month, name)
        if mark != mend.mark:
            raise MeanwhileError(t("the page has changed since; look again"), post_id=0, verdict="")
        first = mend.findings[0]
        details = {"mend": str(first.rule), "line": first.number, "count": len(mend.findings), "file": str(mend.file)}
        changes = {"lines": list_pieces(split_lines(mend.text)[0], mend.edits)}
        record(home, connection, ActionKind.PRINT, details=details, changes=changes)
        write_whole(mend.file, mend.mended)
        receipts.renew_mended(home, connection, [piece for side in changes["lines"] for piece in side])
    return mend


def put_back(home: Home, connection: Connection, file: Path, now: Sequence[Piece], wanted: Sequence[Piece]) -> None:
    """Put lines of a page back. Raises ReviewError if they were changed since."""
    text, texts = cumulative.read_file(file), find_texts(home, connection)
    edits = replace_pieces(split_lines(text)[0], now, wanted)
    if edits is None:
        raise ReviewError(t("these lines of the page were changed since"), post_id=0, verdict="undo")
    write_whole(file, read_page(text, texts).apply(edits))
    receipts.renew_mended(home, connection, [*now, *wanted])
