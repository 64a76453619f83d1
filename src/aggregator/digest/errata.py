"""What is put right in a printed line whose address does not lead to its page any more. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from aggregator.addresses.urls import clean_url
from aggregator.digest.escape import encode_address
from aggregator.digest.page import Edit, read_page
from aggregator.digest.render import render_head, render_line
from aggregator.types import Digest, Fault, Line, Remedy, Texts

# Both stand on pages of any language, as the labels of lines do.
_ARCHIVED = "archived"
_ERRATUM = {
    Remedy.MOVED: "Erratum, {day}: [{title}]({url}) has a new address.",
    Remedy.ARCHIVED: "Erratum, {day}: the page of [{title}]({url}) is gone; an archived one stands beside it.",
}
_ENDS = tuple(said.partition("({url})")[2] for said in _ERRATUM.values())
_BEGINS = re.compile(r"Erratum, [0-9]{4}-[0-9]{2}-[0-9]{2}: ")


def find_address(fault: Fault) -> str:
    """The address that a line gets: the new one, or the one of an archived copy; if no archive was asked, the one at
    which the Internet Archive shows the page as it was when it was there, if it has it.
    """
    return (
        fault.check.target or fault.check.archived or f"https://web.archive.org/web/{fault.seen_on:%Y%m%d}/{fault.url}"
    )


def put_right(line: Line, fault: Fault) -> Line:
    """Return a line with its new address, or with an archived one beside its own."""
    address = encode_address(find_address(fault))
    if fault.remedy is Remedy.MOVED:
        return replace(line, url=address)
    return replace(line, note=_put_beside(line.note, address))


def put_all_right(line: Line, faults: Mapping[str, Sequence[Fault]]) -> Line:
    """Return a line with all that was put right of its address; *faults* are by address."""
    for fault in faults.get(clean_url(line.url) or "", ()):
        line = put_right(line, fault)
    return line


def correct_digest(digest: Digest, faults: Iterable[tuple[Fault, date | None]]) -> Digest:
    """Return a digest with its lines put right, in the order in which they were; each fault comes with the day on which
    a line below the head tells of it, or None.
    """
    for fault, told_on in faults:
        right = [put_right(line, fault) if clean_url(line.url) == fault.url else line for line in digest.lines]
        changed = next((new for new, old in zip(right, digest.lines, strict=True) if new != old), None)
        texts = digest.texts
        if changed and told_on:
            head = f"{render_head(texts.head, followed=True)}{_tell(changed, fault.remedy, told_on)}\n\n"
            texts = replace(texts, head=head)
        digest = replace(digest, texts=texts, lines=tuple(right))
    return digest


def leave_out_errata(head: str) -> str:
    """Return the head of a page without the lines that tell what was put right on it."""
    kept, has_just_told = [], False
    for line in head.splitlines(keepends=True):
        is_erratum = bool(_BEGINS.match(line)) and line.rstrip().endswith(_ENDS)
        # With the blank line below it.
        if not is_erratum and (line.strip() or not has_just_told):
            kept.append(line)
        has_just_told = is_erratum
    return "".join(kept)


def plan_erratum(text: str, texts: Texts, fault: Fault, told_on: date | None = None) -> list[Edit]:
    """Plan how the lines of a page with the address of a fault are put right.

    With a day, a line below the head tells of it. Empty if the page does not have the address. Raises DigestError as
    ``read_page`` does.
    """
    page = read_page(text, texts)
    edits: list[Edit] = []
    for entry in page.entries:
        if entry.line is None or clean_url(entry.line.url) != fault.url:
            continue
        right = put_right(entry.line, fault)
        if told_on and not edits:
            edits.append(Edit(page.places[0].first, page.places[0].first, (_tell(right, fault.remedy, told_on), "")))
        edits.append(entry.replace(render_line(right).split("\n")))
    return edits


def _put_beside(note: str, address: str) -> str:
    first, *rest = note.split("\n")
    words = first.rstrip()
    # Two spaces at the end of a line are a line break.
    end = first[len(words) :]
    link = f"[{_ARCHIVED}]({address})"
    return "\n".join([(f"{words} ({link})" if words else f": {link}") + end, *rest])


def _tell(line: Line, remedy: Remedy, day: date) -> str:
    return _ERRATUM[remedy].format(day=day, title=line.title, url=line.url)
