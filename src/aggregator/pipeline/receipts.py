"""Receipts of printed lines: the evidence is taken once, when a line is printed so, and kept; the file beside the page
is written anew with every print, correction and mend, and with what undoes them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from aggregator import __version__
from aggregator.addresses.urls import clean_url, hide_credentials
from aggregator.digest.bullet import parse_bullet
from aggregator.digest.drafting.kept import find_share
from aggregator.digest.errata import put_right
from aggregator.digest.page import name_line
from aggregator.digest.read import to_line
from aggregator.digest.receipts.form import (
    FORM,
    WHAT,
    ApprovalForm,
    ChangeForm,
    CopyForm,
    DateForm,
    EvidenceForm,
    FeedForm,
    FileForm,
    FunnelForm,
    LinkForm,
    MachineForm,
    NoteForm,
    OriginForm,
    PlaceForm,
    ReceiptForm,
    Receipts,
    sum_up,
    write_receipts,
)
from aggregator.digest.render import render_digest, render_line
from aggregator.files import write_whole
from aggregator.pipeline.account import find_account
from aggregator.pipeline.cumulative import find_page_of
from aggregator.pipeline.home import Home
from aggregator.pipeline.printouts import correct_print, name_file, name_receipts
from aggregator.pipeline.texts import find_texts
from aggregator.storage import digests, errata, receipts
from aggregator.storage.candidates import list_candidates_by_id
from aggregator.storage.database import Connection
from aggregator.storage.digests import StoredDigest
from aggregator.storage.links import find_checks
from aggregator.storage.placed import find_placed, read_placed
from aggregator.storage.posts import find_post_id
from aggregator.storage.receipts import Taken, Traces
from aggregator.types import Candidate, DigestState, Fault, Line, LinkCheck, Month, Section, State, Taxonomy, Texts

#: A page that lies further away is only named: its path would tell how the machine is arranged.
_MOST_STEPS_UP = 3
Kind = Literal["printed again", "erratum", "mend"]
#: When a page was mended, and the lines of one place of it before and afterwards.
_Mended = tuple[datetime, Sequence[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class _Standing:
    """A line that is printed, or on a page before its month is."""

    #: As it was printed, without what was put right since.
    line: Line
    #: The file of its page; None without one.
    page: Path | None


@dataclass(frozen=True, slots=True)
class _Since:
    """What was printed again, put right and mended since."""

    faults: Sequence[Fault]
    #: By the file of the page.
    mends: Mapping[Path, Sequence[_Mended]]
    #: What each print of a month has changed.
    prints: Mapping[Month, Sequence[tuple[datetime, Mapping[str, Any]]]]

    @classmethod
    def find(cls, home: Home, connection: Connection, month: Month | None = None) -> _Since:
        mends: dict[Path, list[_Mended]] = {}
        for at, details, changes in receipts.list_mends(connection):
            there = mends.setdefault(home.find_file(details["file"]).resolve(), [])
            there += [(at, old["lines"], new["lines"]) for old, new in zip(*changes["lines"], strict=True)]
        return cls(errata.list_put_right(connection, home.zone), mends, receipts.list_prints(connection, month))


def renew(home: Home, connection: Connection, month: Month, *, takes: bool = False) -> Path | None:
    """Write the receipts of a month anew, as it is printed or on a page now, and return their file.

    A print *takes* the evidence of lines that have none yet; what was printed before there were receipts gets none by
    a correction. Without such lines, or if the settings want no receipts, the file is removed, and None is returned.
    Raises StorageError if it cannot be written.
    """
    is_wanted = home.settings.digest.receipts
    made = _make(home, connection, month, _Since.find(home, connection, month), takes=takes) if is_wanted else None
    file = name_receipts(home, month)
    if made is None:
        file.unlink(missing_ok=True)
        return None
    write_whole(file, write_receipts(made))
    return file


def renew_mended(home: Home, connection: Connection, pieces: Iterable[Mapping[str, Any]]) -> None:
    """Write the receipts of all months anew that have lines among these *pieces* of a page, before or after a mend.

    Raises StorageError if one cannot be written.
    """
    if not home.settings.digest.receipts:
        return
    touched = {line for piece in pieces for line in piece["lines"]}
    since = _Since.find(home, connection)
    for month in receipts.list_months(connection):
        made = _make(home, connection, month, since)
        if made and any(touched & _list_texts(line) for line in made.lines):
            write_whole(name_receipts(home, month), write_receipts(made))


def _list_texts(line: ReceiptForm) -> set[str]:
    texts = [line.text, line.page_text or "", *(change.text for change in line.changes)]
    return {each for text in texts for each in text.split("\n")}


def _make(home: Home, connection: Connection, month: Month, since: _Since, *, takes: bool = False) -> Receipts | None:
    stored = digests.find_digest(connection, month)
    stored = stored if stored and stored.state is DigestState.PRINTED else None
    texts = stored.digest.texts if stored else find_texts(home, connection)
    standing = _list_standing(home, connection, month, stored, texts)
    if takes:
        _take(home, connection, month, standing, stored)
    taken = receipts.find_taken(connection, month)
    known = [(one, found) for one in standing if (found := taken.get(sum_up(render_line(one.line))))]
    if not known:
        return None
    of_month = [fault for fault in since.faults if stored is None or str(month) in fault.printed_in]
    writer = _Writer(home, month, of_month, since.mends, _read_prints(since.prints.get(month, ()), texts.taxonomy))
    lines = [writer.write(one, found) for one, found in known]
    return Receipts(
        what=WHAT,
        form=FORM,
        program=__version__,
        month=str(month),
        state="printed" if stored else "open",
        made_at=stored.made_at if stored else max(found.taken_at for _, found in known),
        curator=home.settings.curator,
        file=_describe_file(home, month, stored, since) if stored else None,
        parts=[PlaceForm(key=part, heading=texts.parts[part]) for part in texts.taxonomy.parts],
        topics=[PlaceForm(key=topic, heading=texts.topics[topic]) for topic in texts.taxonomy.topics],
        funnel=_count(home, connection, month, len(standing)),
        lines=lines,
    )


def _list_standing(
    home: Home, connection: Connection, month: Month, stored: StoredDigest | None, texts: Texts
) -> list[_Standing]:
    pages: dict[Line, Path] = {}
    for placed in find_placed(connection, month) if home.settings.digest.page else ():
        for line in read_placed([placed], texts.taxonomy):
            pages[line] = find_page_of(home, month, placed, line)
    return [_Standing(line, pages.get(line)) for line in (stored.digest.lines if stored else pages)]


def _describe_file(home: Home, month: Month, stored: StoredDigest, since: _Since) -> FileForm:
    text = render_digest(correct_print(home, month, stored.digest, since.faults))
    return FileForm(name=name_file(home, month, DigestState.PRINTED).name, sha256=sum_up(text))


def _count(home: Home, connection: Connection, month: Month, printed: int) -> FunnelForm:
    funnel = find_account(home, connection, month)[0].funnel
    return FunnelForm(
        entries=funnel.entries,
        posts=funnel.candidates,
        proposed=funnel.proposed,
        looked_at=funnel.approved + funnel.held + funnel.rejected,
        chosen=funnel.approved,
        printed=printed,
    )


# --- what is taken ----------------------------------------------------------------------------------------------------


def _take(
    home: Home, connection: Connection, month: Month, standing: Sequence[_Standing], stored: StoredDigest | None
) -> None:
    """Take the evidence of the lines that have none, and store it."""
    known = receipts.find_taken(connection, month)
    numbers: Sequence[int | None] = (
        digests.list_post_ids(connection, month)
        if stored
        else [find_post_id(connection, one.line.url) for one in standing]
    )
    new = {
        number: (one.line, text, checksum)
        for one, number in zip(standing, numbers, strict=True)
        if number is not None and (checksum := sum_up(text := render_line(one.line))) not in known
    }
    traces = receipts.find_traces(connection, list(new))
    checks = find_checks(connection, [url for line, _, _ in new.values() if (url := clean_url(line.url))])
    taken = []
    for candidate in list_candidates_by_id(connection, list(new)):
        line, text, checksum = new[candidate.post.id]
        check = checks.get(clean_url(line.url) or "")
        evidence = take_evidence(candidate, line, traces, check, curator=home.settings.curator)
        kept = evidence.model_dump(mode="json")
        taken.append(Taken(checksum, candidate.post.id, text, home.now, kept))
    receipts.save_taken(connection, month, taken)


def take_evidence(
    candidate: Candidate, line: Line, traces: Traces, check: LinkCheck | None, *, curator: str
) -> EvidenceForm:
    """Put together what is known of a line. Only the name *curator*, with which the digest is signed, is told."""
    post, verdict = candidate.post, candidate.verdict
    return EvidenceForm(
        origin=_describe_origin(candidate, traces),
        copies=[
            CopyForm(
                url=hide_credentials(copy.url),
                feed=_describe_feed(copy.feed_key, traces),
                first_seen_at=copy.first_seen_at,
            )
            for copy in traces.copies.get(post.id, ())
        ],
        date=DateForm(
            published_at=post.published_at,
            source=post.published_from,
            confidence=post.confidence,
            said=traces.said.get(post.id),
        ),
        link=_describe_link(check, traces.read.get(post.id)),
        machine=_describe_machine(candidate),
        approved=ApprovalForm(by=curator if verdict.by == curator else None, at=verdict.at)
        if verdict and candidate.state is State.APPROVED
        else None,
        note=_describe_note(post.id, line.note, traces) if line.note else None,
    )


def _describe_origin(candidate: Candidate, traces: Traces) -> OriginForm:
    post, feed = candidate.post, _describe_feed(candidate.post.feed_key, traces)
    roundup, suggested = traces.roundups.get(post.id), traces.suggested.get(post.id)
    kind: Literal["feed", "added by hand", "suggested by a reader", "round-up", "not known"] = "not known"
    if candidate.added_by:
        kind = "added by hand"
    elif suggested and suggested <= post.first_seen_at:  # Of what was known already, a reader is not the origin.
        kind = "suggested by a reader"
    elif feed:
        kind = "feed"
    elif roundup:
        kind = "round-up"
    return OriginForm(kind=kind, feed=feed, roundup=roundup, first_seen_at=post.first_seen_at)


def _describe_feed(key: str | None, traces: Traces) -> FeedForm | None:
    if key is None or key not in traces.feeds:
        return None
    name, url = traces.feeds[key]
    return FeedForm(key=key, name=name, url=hide_credentials(url))


def _describe_link(check: LinkCheck | None, read: tuple[datetime, int | None] | None) -> LinkForm | None:
    """The last look at an address, else when its page was read."""
    if check is not None:
        target = hide_credentials(check.target) if check.target else None
        return LinkForm(checked_at=check.checked_at, state=check.state, status=check.status, target=target)
    return LinkForm(checked_at=read[0], state="reached", status=read[1], target=None) if read else None


def _describe_machine(candidate: Candidate) -> MachineForm:
    score, guess = candidate.score, candidate.guess
    section = guess.section if guess else None
    return MachineForm(
        rank=score.rank if score else None,
        proposed=bool(score and score.shortlisted),
        ground=score.placement.ground if score and score.placement else None,
        model=guess.model_version if guess else None,
        section=section.key if section else None,
        probability=round(guess.probability, 4) if guess and section else None,
    )


def _describe_note(post_id: int, note: str, traces: Traces) -> NoteForm:
    drafts = traces.drafts.get(post_id, ())
    if post_id in traces.undrafted:
        return NoteForm(drafted=None, models=[])
    share = find_share(note, frozenset().union(*(draft.marks for draft in drafts)))
    models = [draft.model for draft in drafts if find_share(note, draft.marks) != "none"]
    return NoteForm(drafted=share, models=list(dict.fromkeys(models)))


# --- what is written --------------------------------------------------------------------------------------------------


#: When lines of a month were printed again, and what they were before and afterwards, by their posts or addresses.
_Print = tuple[datetime, Mapping[int | str, Line], Mapping[int | str, Line]]


def _read_prints(prints: Iterable[tuple[datetime, Mapping[str, Any]]], taxonomy: Taxonomy) -> list[_Print]:
    found: list[_Print] = []
    for at, changes in prints:
        if "print" in changes:
            before, after = (dict[int | str, Line](digests.read_print(kept)) for kept in changes["print"])
            found.append((at, before, after))
        elif "page" in changes:
            old, new = (read_placed(lines, taxonomy) for lines in changes["page"])
            found.append((at, {name_line(line): line for line in old}, {name_line(line): line for line in new}))
    return found


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes the receipts of the lines of a month."""

    home: Home
    month: Month
    faults: Sequence[Fault]
    mends: Mapping[Path, Sequence[_Mended]]
    prints: Sequence[_Print]

    def write(self, standing: _Standing, found: Taken) -> ReceiptForm:
        line, page = standing.line, standing.page
        versions, faults = self._list_versions(line, found.post_id), self._list_faults(line)
        changes = [_describe_change("printed again", at, _put_right(before, faults, at)) for at, before in versions]
        for fault in faults:
            at = fault.check.checked_at
            then = next((before for later, before in versions if later > at), line)
            changes.append(_describe_change("erratum", at, _put_right(then, faults, at)))
        right = _put_right(line, faults)
        text = on_page = render_line(right)
        if page:
            on_page, mends = self._follow(line, faults, page, versions[-1][0] if versions else found.taken_at)
            changes += mends
        return ReceiptForm(
            url=right.url,
            title=right.title,
            section=str(right.section),
            part=right.section.part,
            topic=right.section.topic,
            text=text,
            sha256=sum_up(text),
            page=_name_beside(page, name_receipts(self.home, self.month)) if page else None,
            page_text=on_page if on_page != text else None,
            taken_at=found.taken_at,
            evidence=EvidenceForm.model_validate(found.evidence),
            changes=sorted(changes, key=lambda change: change.at),
        )

    def _list_versions(self, line: Line, post_id: int) -> list[tuple[datetime, Line]]:
        """List what a line was before, and when it was printed anew, oldest first."""
        found: list[tuple[datetime, Line]] = []
        for at, *sides in reversed(self.prints):
            old, new = (side.get(post_id) or side.get(name_line(line)) for side in sides)
            if old and new and (render_line(old), old.section.key) != (render_line(new), new.section.key):
                found.append((at, old))
                line = old
        return found[::-1]

    def _list_faults(self, line: Line) -> list[Fault]:
        """List what was put right of a line, oldest first."""
        found, url = list[Fault](), clean_url(line.url)
        for fault in self.faults:
            if fault.url == url:
                found.append(fault)
                line = put_right(line, fault)
                url = clean_url(line.url)
        return found

    def _follow(self, line: Line, faults: Sequence[Fault], page: Path, since: datetime) -> tuple[str, list[ChangeForm]]:
        """Follow a line on its page since it was printed; returns what stands there now, and the mends."""
        text, changes = render_line(_put_right(line, faults, since)), list[ChangeForm]()
        steps: list[tuple[datetime, Fault | _Mended]] = [(mended[0], mended) for mended in self.mends.get(page, ())]
        steps += [(fault.check.checked_at, fault) for fault in faults]
        for at, step in sorted(steps, key=lambda one: one[0]):
            if at < since:
                continue
            before = text
            if isinstance(step, Fault):
                text = self._put_right_there(text, line.section, step)
            elif (text := _replace_lines(text, *step[1:])) != before:
                changes.append(_describe("mend", at, before, line.section))
        return text, changes

    def _put_right_there(self, text: str, section: Section, fault: Fault) -> str:
        """Put a line right as it stands on its page, where it may be mended."""
        first, *below = text.split("\n")
        bullet = parse_bullet(first)
        if bullet is None:
            return text
        return render_line(_put_right(to_line(bullet, section, below, self.home.settings.style), [fault]))


def _put_right(line: Line, faults: Iterable[Fault], until: datetime | None = None) -> Line:
    """Return a line with what was put right of it, perhaps only before a moment."""
    for fault in faults:
        if (until is None or fault.check.checked_at < until) and clean_url(line.url) == fault.url:
            line = put_right(line, fault)
    return line


def _describe_change(kind: Kind, at: datetime, before: Line) -> ChangeForm:
    return _describe(kind, at, render_line(before), before.section)


def _describe(kind: Kind, at: datetime, before: str, section: Section) -> ChangeForm:
    return ChangeForm(kind=kind, at=at, text=before, sha256=sum_up(before), section=str(section))


def _replace_lines(text: str, old: Sequence[str], new: Sequence[str]) -> str:
    """Put *new* lines where the *old* ones are, if they are in a text. A line that was only removed stays."""
    lines, size = text.split("\n"), len(old)
    at = next((at for at in range(len(lines) - size + 1) if lines[at : at + size] == list(old)), None)
    if at is None or not old or not new:
        return text
    return "\n".join([*lines[:at], *new, *lines[at + size :]])


def _name_beside(file: Path, receipts_file: Path) -> str:
    """Name a file from the folder of the receipts."""
    name = Path(os.path.relpath(file, receipts_file.resolve().parent)).as_posix()
    return file.name if name.startswith("../" * (_MOST_STEPS_UP + 1)) else name
