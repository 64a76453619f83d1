"""Remarks: a colleague reads the draft of a month by a link, and says what to think of again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from aggregator.digest.editions.outline import OutlinedSection, outline_digest
from aggregator.digest.page import name_line
from aggregator.exceptions import DigestError, ReviewError
from aggregator.locales import t
from aggregator.pipeline.home import Home
from aggregator.pipeline.invitations import change_reader
from aggregator.pipeline.publish import choose_digest
from aggregator.storage import digests, readers
from aggregator.text.characters import clean
from aggregator.text.html import normalise
from aggregator.types import Digest, Invitation, Month, Remark

#: The most that comes by one link, and the most characters of a name and a text.
MOST_REMARKS = 300
LONGEST_NAME, LONGEST = 80, 2000
#: The field with the name; the fields of remarks begin so, followed by the anchor of a line, or by nothing.
NAME, TEXT = "name", "text"


class Draft(NamedTuple):
    """What a link to a draft shows."""

    month: Month
    digest: Digest
    sections: tuple[OutlinedSection, ...]
    #: Of its lines, by place; empty once it is printed.
    post_ids: tuple[int, ...]
    is_printed: bool


def find_draft(home: Home, invitation: Invitation) -> Draft:
    """Return the draft of an invitation as it would be printed now, else what is printed. Raises DigestError."""
    month = invitation.month
    if month is None:
        raise AssertionError("a link to a draft has a month")
    with home.reading() as connection:
        stored = digests.find_digest(connection, month)
    digest, post_ids = choose_digest(home, month)
    # Pictures of notes are for those who have logged in.
    sections = outline_digest(digest, find_picture=lambda _: None)
    return Draft(month, digest, sections, tuple(post_ids), stored is not None and stored.is_frozen)


def add_remarks(home: Home, invitation: Invitation, typed: Mapping[str, str]) -> int:
    """Store what a colleague typed about lines, or the whole of a draft; return how many remarks.

    Raises DigestError, which knows the field, without a name or a text, if one is too long, if the draft is printed, or
    if too many came by this link.
    """
    draft, name = find_draft(home, invitation), normalise(typed.get(NAME, ""))
    if draft.is_printed:
        raise DigestError(t("it is printed by now, so nothing can be remarked any more"), field=NAME)
    if not name or len(name) > LONGEST_NAME:
        raise DigestError(t("give a name of at most {number} characters", number=LONGEST_NAME), field=NAME)
    lines = {f"{TEXT}-{each.anchor}": each for section in draft.sections for each in section.lines}
    said, now = [], home.now
    # What was written to a line that is gone meanwhile is kept as a remark on the whole.
    gone = [field for field in typed if field.startswith(f"{TEXT}-") and field not in lines]
    for field in (TEXT, *lines, *gone):
        text = "\n".join(map(clean, typed.get(field, "").split("\n"))).strip()
        if len(text) > LONGEST:
            raise DigestError(t("at most {number} characters fit here", number=f"{LONGEST:,}"), field=field)
        if text and (line := lines.get(field)):
            post_id = draft.post_ids[line.place] if line.place < len(draft.post_ids) else None
            said.append(Remark(invitation.id, name, text, now, name_line(line.line), line.title, post_id))
        elif text:
            said.append(Remark(invitation.id, name, text, now))
    if not said:
        raise DigestError(t("nothing was written; write to a line, or to all of it"), field=TEXT)
    with home.database.writing() as connection:
        if len(readers.list_remarks_by(connection, invitation.id)) + len(said) > MOST_REMARKS:
            raise DigestError(t("more remarks than {number} do not fit here", number=MOST_REMARKS), field=TEXT)
        for remark in said:
            readers.add_remark(connection, remark)
    return len(said)


def mark_done(home: Home, number: int) -> Remark:
    """Mark a remark as done, as an action; return it. Raises NotFoundError, and ReviewError if it is done."""
    with home.database.writing() as connection:
        found = readers.get_remark(connection, number)
        if found.done_at:
            raise ReviewError(t("this remark is done already"), post_id=0, verdict="")
        details = {"remark": number, "name": found.name}
        change_reader(home, connection, details, "remark", number, {"done_at": (None, home.now)})
        return found


def list_remarks(home: Home, month: Month) -> list[Remark]:
    """List the remarks on the draft of a month, the oldest first."""
    with home.reading() as connection:
        return readers.list_remarks(connection, month)
