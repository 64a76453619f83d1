"""The view of the cumulative pages as a print would leave them: what is new there, and what is to be checked. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aggregator.digest.difference import Row, list_difference
from aggregator.digest.escape import unescape_text
from aggregator.digest.lint import Finding
from aggregator.digest.markdown import show_bullet
from aggregator.digest.mend import name_fix
from aggregator.digest.page import Entry, Place, name_line, read_page
from aggregator.digest.render import render_line
from aggregator.locales import ENGLISH
from aggregator.pipeline.cumulative import PageChange, PageUpdate
from aggregator.pipeline.reprint import Reprint
from aggregator.text.html import text_of
from aggregator.text.language import find_language
from aggregator.types import Digest, Line, Texts

# Old lines above and below a new one that show where it is.
_CONTEXT = 1


@dataclass(frozen=True, slots=True)
class ItemView:
    """A line of the page, or how many lines are left out in its place."""

    html: str = ""
    is_new: bool = False
    #: The post that it can be edited of.
    post_id: int | None = None
    title: str = ""
    #: As in ``lang``.
    language: str = ""
    is_highlight: bool = False
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A heading of the page with the lines below it; a part may have only sections."""

    heading: str
    is_part: bool
    items: tuple[ItemView, ...]


@dataclass(frozen=True, slots=True)
class FindingView:
    """A mistake on a line of the page."""

    number: int
    sentence: str
    #: The post whose line it is.
    post_id: int | None
    #: The name of the fix that the curator can take; empty without one.
    fix: str
    #: By field, what the fix corrects in the line of the post; empty if it is an edit of the page.
    corrected: Mapping[str, Any]
    #: The name of the page, if there are several.
    page: str = ""


@dataclass(frozen=True, slots=True)
class PageView:
    """A cumulative page after a print."""

    file: str
    places: tuple[PlaceView, ...]
    #: Lines of the page before its first heading, and in all.
    head: int
    lines: int
    rows: tuple[Row, ...]
    added: int
    removed: int
    #: What was left as a hand wrote it.
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProofView:
    """The cumulative pages after a print."""

    pages: tuple[PageView, ...]
    #: Of the update that is shown.
    mark: str

    @property
    def added(self) -> int:
        return sum(page.added for page in self.pages)

    @property
    def removed(self) -> int:
        return sum(page.removed for page in self.pages)

    @property
    def is_empty(self) -> bool:
        return not any(page.rows for page in self.pages)


def build_proof(
    update: PageUpdate | Reprint, texts: Texts, posts: Mapping[str, int], starred: Collection[int] = frozenset()
) -> ProofView:
    """Build the proof; *posts* are those of this month's lines, by the canonical address, some of them *starred*."""
    return ProofView(tuple(_build_page(change, texts, posts, starred) for change in update.changes), update.mark)


def _build_page(change: PageChange, texts: Texts, posts: Mapping[str, int], starred: Collection[int]) -> PageView:
    rows = tuple(list_difference(change.text, change.merged.edits))
    new = {row.new for row in rows if row.sign == "+" and row.new}
    page = read_page(change.merged.text, texts)
    return PageView(
        file=str(change.file),
        places=tuple(_build_places(page.places, new, posts, starred)),
        head=page.places[0].first if page.places else len(page.lines),
        lines=len(page.lines),
        rows=rows,
        added=len(new),
        removed=sum(row.sign == "-" for row in rows),
        remarks=tuple(remark.sentence for remark in change.merged.remarks),
    )


def build_findings(
    findings: Sequence[Finding],
    text: str,
    digest: Digest,
    posts: Mapping[str, int],
    new: Collection[int] | None,
    page_name: str = "",
) -> list[FindingView]:
    """Build what is to be checked on a page, each with the post whose line it is, and the fix that can be taken.

    The lines of the *digest* are put right by corrections of their *posts*, which are given by canonical address. Other
    lines are if they stand on the curator's page already: those of these numbers are *new* there; None without a page.
    *page_name* is its name, if there are several.
    """
    page, ours = read_page(text, digest.texts), set(map(render_line, digest.lines))
    entries = {entry.block.number: entry for entry in page.entries if entry.line}
    views = []
    for one in findings:
        entry = entries.get(one.number)
        post_id = posts.get(name_line(entry.line)) if entry and entry.line else None
        # What a hand has edited on the page is not changed by a correction.
        is_ours = post_id is not None and entry is not None and entry.text in ours
        corrected = list_corrected(entry.line, one.line) if is_ours and entry and entry.line and one.line else {}
        touched = {at + 1 for edit in one.fix for at in range(edit.first, edit.end)}
        can_fix = bool(corrected) if is_ours else new is not None and bool(one.fix) and not touched & set(new)
        name = name_fix(page.lines, one) if can_fix else ""
        views.append(FindingView(one.number, one.sentence, post_id, name, corrected, page_name))
    return views


def list_corrected(line: Line, right: Line) -> dict[str, Any]:
    """What to correct of a line so that it is right, by field; empty if it takes more than a correction."""
    if (line.url, line.note, line.section) != (right.url, right.note, right.section) or right.month is None:
        return {}
    values = {"title": right.title, "month": right.month, "organisation": right.organisation or ""}
    shown = {"title": line.title, "month": line.month, "organisation": line.organisation or ""}
    return {name: value for name, value in values.items() if value != shown[name]}


def _build_places(
    places: Sequence[Place], new: set[int], posts: Mapping[str, int], starred: Collection[int]
) -> Iterator[PlaceView]:
    """Build the sections that have something new, each below the heading of its part."""
    part: Place | None = None
    for place in places:
        if place.heading and place.heading.topic is None:
            part = place
        if not any(_is_new(entry, new) for entry in place.entries):
            continue
        if part and part is not place and part.numbers and place.numbers and part.numbers[0] == place.numbers[0]:
            yield PlaceView(_name(part), is_part=True, items=())
            part = None
        yield PlaceView(_name(place), is_part=False, items=tuple(_build_items(place.entries, new, posts, starred)))


def _name(place: Place) -> str:
    return place.block.lines[0].lstrip("# ")


def _is_new(entry: Entry, new: set[int]) -> bool:
    number = entry.block.number
    return any(at in new for at in range(number, number + len(entry.block.lines)))


def _build_items(
    entries: Sequence[Entry], new: set[int], posts: Mapping[str, int], starred: Collection[int]
) -> Iterator[ItemView]:
    places = [at for at, entry in enumerate(entries) if _is_new(entry, new)]
    shown = {at + by for at in places for by in range(-_CONTEXT, _CONTEXT + 1)}
    left_out = 0
    for at, entry in enumerate(entries):
        if at not in shown:
            left_out += 1
            continue
        if left_out:
            yield ItemView(left_out=left_out)
            left_out = 0
        post_id = posts.get(name_line(entry.line)) if entry.line else None
        title, html = unescape_text(entry.line.title) if entry.line else "", show_bullet(entry.text)
        language = find_language(text_of(html), ENGLISH)
        yield ItemView(html, at in places, post_id, title, language, post_id in starred)
    if left_out:
        yield ItemView(left_out=left_out)
