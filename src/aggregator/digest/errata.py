"""What is put right in a printed line whose address does not lead to its page any more. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from aggregator.addresses.urls import clean_url
from aggregator.digest.escape import encode_address
from aggregator.digest.page import Edit, read_page
from aggregator.digest.render import render_line
from aggregator.types import Line, Remedy, Texts

# Both stand on pages of any language, as the labels of lines do.
_ARCHIVED = "archived"
_ERRATUM = {
    Remedy.MOVED: "Erratum, {day}: [{title}]({url}) has a new address.",
    Remedy.ARCHIVED: "Erratum, {day}: the page of [{title}]({url}) is gone; an archived one stands beside it.",
}


def name_archived(url: str, day: date) -> str:
    """The address at which the Internet Archive shows a page as it was about a day, if it has it."""
    return f"https://web.archive.org/web/{day:%Y%m%d}/{url}"


def plan_erratum(
    text: str, texts: Texts, url: str, remedy: Remedy, address: str, told_on: date | None = None
) -> list[Edit]:
    """Plan how the lines of a page with the address *url* get a new one, or an archived *address* beside it.

    With a day, a line below the head tells of it. Empty if the page does not have the address. Raises DigestError as
    ``read_page`` does.
    """
    page = read_page(text, texts)
    edits: list[Edit] = []
    for entry in page.entries:
        if entry.line is None or clean_url(entry.line.url) != url:
            continue
        line = entry.line
        right = (
            replace(line, url=encode_address(address))
            if remedy is Remedy.MOVED
            else replace(line, note=_put_beside(line.note, encode_address(address)))
        )
        if told_on and not edits:
            edits.append(Edit(page.places[0].first, page.places[0].first, (_tell(right, remedy, told_on), "")))
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
