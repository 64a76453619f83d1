"""What is put right in a printed line whose address does not lead to its page any more. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from aggregator.addresses.urls import clean_url
from aggregator.digest.escape import encode_address
from aggregator.digest.page import Edit, read_page
from aggregator.digest.render import render_line
from aggregator.types import Fault, Line, Remedy, Texts

# Both stand on pages of any language, as the labels of lines do.
_ARCHIVED = "archived"
_ERRATUM = {
    Remedy.MOVED: "Erratum, {day}: [{title}]({url}) has a new address.",
    Remedy.ARCHIVED: "Erratum, {day}: the page of [{title}]({url}) is gone; an archived one stands beside it.",
}


def find_address(fault: Fault) -> str:
    """The address that a line gets: the new one, or the one at which the Internet Archive shows the page as it was when
    it was there, if it has it.
    """
    return fault.check.target or f"https://web.archive.org/web/{fault.seen_on:%Y%m%d}/{fault.url}"


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
