"""The form of a file of receipts, field by field: what is written beside a page, and read by those who verify it."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from aggregator.digest.page import split_lines
from aggregator.exceptions import DigestError
from aggregator.locales import t
from aggregator.types import MOST_PLACES, Month, Part, Taxonomy, Texts, Topic

#: The end of the name of each file.
SUFFIX = ".receipts.json"
#: Raised when a field gets another meaning or leaves; a new field does not raise it.
FORM = 1
WHAT = (
    "Receipts of a digest: how each printed line came to be there, as the program that printed it has recorded it. "
    "A claim about the process, not about the quality of what is linked to."
)

_Sum = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
_Name = Annotated[str, Field(max_length=100_000)]
_File = Annotated[str, Field(max_length=4096, pattern=r"^[^\x00-\x1f]*$")]


class _Form(BaseModel):
    # Later versions may add fields, which this one does not read.
    model_config = ConfigDict(extra="ignore", frozen=True)


class FeedForm(_Form):
    """A feed, as it is followed; its address is without user, password and tokens."""

    key: _Name
    name: _Name
    url: _Name


class OriginForm(_Form):
    """How a post came."""

    kind: Literal["feed", "added by hand", "suggested by a reader", "round-up", "not known"]
    feed: FeedForm | None = Field(description="That gave it first; null for a post that no feed gave.")
    roundup: _Name | None = Field(description="The issue of a round-up that named it.")
    first_seen_at: datetime = Field(description="When the program first saw it, in UTC.")


class CopyForm(_Form):
    """Another address of the same article that is shown in its place."""

    url: _Name
    feed: FeedForm | None
    first_seen_at: datetime


class DateForm(_Form):
    """The date of a post, and the evidence of it."""

    published_at: datetime
    source: _Name = Field(description="What the date was taken from, such as `published` of the feed.")
    confidence: _Name = Field(description="sure, fair or weak.")
    said: _Name | None = Field(description="The date as the feed said it; null if it said none.")


class LinkForm(_Form):
    """The last look at an address before the print."""

    checked_at: datetime
    state: _Name = Field(description="reached, moved, missing, home, login, deserted or unknown.")
    status: int | None = Field(description="Of HTTP.")
    target: _Name | None = Field(description="The new address of what has moved.")


class MachineForm(_Form):
    """What the machine thought of a post: why it was proposed, or was not."""

    rank: int | None = Field(description="Its place among the candidates of its month, from 1; null without a score.")
    proposed: bool = Field(description="Whether it was on the shortlist.")
    ground: _Name | None = Field(description="What put it on the shortlist or kept it off, if not its score alone.")
    model: _Name | None = Field(description="The version of the model that guessed its section.")
    section: _Name | None = Field(description="The section that it guessed, as part/topic.")
    probability: float | None = Field(description="Of that section, from 0 to 1.")


class ApprovalForm(_Form):
    """Who approved a post."""

    by: _Name | None = Field(description="The name that the curator signs with; null for anybody else with access.")
    at: datetime


class NoteForm(_Form):
    """Whether a language model has drafted any of a note."""

    drafted: Literal["none", "some", "all"] | None = Field(
        description="How much of it stands in drafts of the post; null if it was written before drafts were noted."
    )
    models: list[_Name] = Field(description="The models whose drafts have some of it.")


class ChangeForm(_Form):
    """Something that was changed through the program after the line was printed first."""

    kind: Literal["printed again", "erratum", "mend"]
    at: datetime
    text: _Name = Field(description="The line before.")
    sha256: _Sum = Field(description="Of the line before.")
    section: _Name = Field(description="The number of its section before.")


class EvidenceForm(_Form):
    """What is known of a line, as it was when it was printed."""

    origin: OriginForm
    copies: list[CopyForm]
    date: DateForm
    link: LinkForm | None = Field(description="null if nobody had looked yet.")
    machine: MachineForm
    approved: ApprovalForm | None = Field(description="null if it is not known.")
    note: NoteForm | None = Field(description="null for a line without a note.")


class ReceiptForm(_Form):
    """The receipt of a line."""

    url: _Name
    title: _Name = Field(description="As printed, in Markdown.")
    section: _Name = Field(description="Its number, as in the heading.")
    part: _Name
    topic: _Name
    text: _Name = Field(description="The line with its note, byte for byte; its own lines end with a line feed.")
    sha256: _Sum = Field(description="Of the text, in UTF-8.")
    page: _File | None = Field(
        description="The cumulative page that has it, from the folder of this file; of one far from it the name."
    )
    page_text: _Name | None = Field(description="What stands there, if it was mended there; null if it is the text.")
    taken_at: datetime = Field(description="When the evidence was taken: at the print of this line.")
    evidence: EvidenceForm
    changes: list[ChangeForm] = Field(description="Oldest first.")


class FunnelForm(_Form):
    """From what was seen to what was printed."""

    entries: int | None = Field(description="Entries of feeds that became posts of the month; null if not counted.")
    posts: int = Field(description="Posts of the month, each article once.")
    proposed: int = Field(description="On the shortlist.")
    looked_at: int = Field(description="Decided by a person: approved, held or rejected.")
    chosen: int = Field(description="Approved by a person.")
    printed: int


class PlaceForm(_Form):
    """A part or a topic, with its heading."""

    key: _Name
    heading: _Name


class FileForm(_Form):
    """The month's own file."""

    name: _File
    sha256: _Sum = Field(description="Of the whole file, with line feeds at the ends of its lines.")


class Receipts(_Form):
    """The receipts of a month."""

    what: _Name
    form: int = Field(ge=1)
    program: _Name = Field(description="The version that wrote this file.")
    month: str = Field(pattern=r"^[0-9]{4}-[0-9]{2}$")
    state: Literal["printed", "open"] = Field(description="open: on the cumulative page before the month is printed.")
    made_at: datetime = Field(description="When the month was printed, or its last line was put on the page, in UTC.")
    curator: _Name
    file: FileForm | None = Field(description="null while the month is open.")
    parts: list[PlaceForm] = Field(min_length=1, max_length=MOST_PLACES, description="In the order of their numbers.")
    topics: list[PlaceForm] = Field(min_length=1, max_length=MOST_PLACES, description="In the order of their numbers.")
    funnel: FunnelForm
    lines: list[ReceiptForm] = Field(description="In the order of the digest.")

    @property
    def texts(self) -> Texts:
        """The headings of then, by which a page is read."""
        taxonomy = Taxonomy.of(
            [Part(one.key, one.heading) for one in self.parts], [Topic(one.key, one.heading) for one in self.topics]
        )
        parts, topics = taxonomy.parts, taxonomy.topics
        return Texts("", {part: part.heading for part in parts}, {topic: topic.heading for topic in topics})


def sum_up(text: str) -> str:
    """Return the SHA-256 of a text whose lines end with line feeds, whichever ends it has."""
    lines, ends = split_lines(text)
    text = "\n".join(lines) + ("\n" if lines and ends[-1] else "")
    return sha256(text.encode()).hexdigest()


def write_receipts(receipts: Receipts) -> str:
    """Write the file."""
    return receipts.model_dump_json(indent=1) + "\n"


def read_receipts(text: str, name: str) -> Receipts:
    """Read a file of this *name*. Raises DigestError, naming file and key, for what is not one."""
    try:
        found = Receipts.model_validate_json(text)
        Month.parse(found.month)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(map(str, first["loc"])) or "JSON"
        raise DigestError(
            t("{file} is not a file of receipts: {key}: {why}", file=name, key=key, why=first["msg"])
        ) from error
    except ValueError as error:
        raise DigestError(
            t("{file} is not a file of receipts: {key}: {why}", file=name, key="month", why=error)
        ) from error
    if found.form > FORM:
        raise DigestError(
            t("{file} has form {form}; this version reads up to {known}", file=name, form=found.form, known=FORM)
        )
    return found
