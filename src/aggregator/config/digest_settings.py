"""What can be set about the digest: when it is made, which files it has, and how it is written."""

from __future__ import annotations

from os.path import normpath
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from aggregator.config.file_names import check_month_file, check_page, fill, find_month
from aggregator.config.taxonomy import Parts, Topics, make_taxonomy
from aggregator.config.values import (
    Table,
    is_site,
    names_variable_or_none,
    point_at,
    split_arguments,
    split_words,
)
from aggregator.locales import t
from aggregator.text.characters import clean
from aggregator.types import EditionFormat, HighlightPlace, LabelStyle, Month, NoteStyle, Part, Taxonomy

_SOME_MONTH = Month(2022, 12)
_SIGNS = r"^(?:[^\w\s\[\]()<>{}*`\\&|~$!#]\uFE0F?){1,8}$"


class DigestSettings(Table):
    """When a month is drafted and printed, and the fixed texts of the page."""

    #: Day of the following month on which the draft is made, in the curator's zone.
    draft_day: Annotated[int, Field(ge=1, le=28)] = 1
    draft_hour: Annotated[int, Field(ge=0, le=23)] = 0
    #: Day of the following month on which the approved posts are printed; 0 leaves printing to the curator.
    print_day: Annotated[int, Field(ge=0, le=28)] = 5
    print_hour: Annotated[int, Field(ge=0, le=23)] = 9
    #: The file that a month is printed into, below the home folder unless absolute.
    month_file: Annotated[str, AfterValidator(check_month_file)] = "digests/{year}-{month:02}.md"
    #: The file of the cumulative page that prints are merged into, below the home folder unless absolute; with {year}
    #: and {part}, each has a page. If empty, a month is only printed into a file of its own.
    page: Annotated[str, AfterValidator(check_page)] = ""
    #: Whether each print is committed where its files are in a git work tree.
    commit: bool = False
    #: The forms in which a print is written beside its Markdown.
    formats: Annotated[tuple[EditionFormat, ...], BeforeValidator(split_words)] = ()
    #: Whether each print has a file with the receipts of its lines beside it.
    receipts: bool = True
    #: The address under which the folder of the digests is published, if it is.
    site: Annotated[str, AfterValidator(is_site)] = ""
    #: A program and its arguments, run after each print; without a shell.
    after_print: Annotated[tuple[str, ...], BeforeValidator(split_arguments)] = ()
    #: Where each print is sent to, and the environment variable with the secret that signs it.
    after_print_url: Annotated[str, AfterValidator(is_site)] = ""
    after_print_secret: Annotated[str, BeforeValidator(names_variable_or_none)] = ""
    #: The address of a line is looked at again after so many days; 0 leaves it to the curator.
    check_links: Annotated[int, Field(ge=0, le=3650)] = 30
    #: The address of a service that is asked for archived copies of printed pages that are gone; if empty, none is.
    archive: Annotated[str, AfterValidator(is_site)] = ""
    #: Where a dated line tells of a printed line that was put right: below the head of the page, or nowhere.
    errata: Literal["", "head"] = ""
    #: The top of the page, in Markdown; if empty, that of the digest read last, else the shipped one.
    head: str = ""
    #: Whether the digest says at its foot how it was chosen, and its own file in a comment what the month's account is.
    how_chosen: bool = False
    coverage_comment: bool = False
    #: The language of its foot; if empty, as on the page and in the commands.
    language: Literal["", "en", "ko"] = ""
    #: The most lines of a month that the curator can star; 0 switches highlights off.
    highlights: Annotated[int, Field(ge=0, le=100)] = 5
    #: How they are printed, and the sign for it: no letters, and nothing that means something in Markdown. The sign
    #: that makes one a picture (U+FE0F) may follow, as phones write it.
    highlight_place: HighlightPlace = HighlightPlace.NONE
    highlight_mark: Annotated[str, AfterValidator(clean), Field(pattern=_SIGNS)] = "⭐"
    #: Where month and organisation stand behind a title, and how a note is joined to its line.
    label_style: LabelStyle = LabelStyle.BRACKETS
    note_style: NoteStyle = NoteStyle.COLON
    #: Other headings for the shipped parts and topics, or custom tables instead.
    parts: Parts = {}
    topics: Topics = {}

    @model_validator(mode="after")
    def _check_secret(self) -> Self:
        if self.after_print_url and not self.after_print_secret:
            said = t("the name of an environment variable with a secret is needed, by which what is sent is signed")
            raise point_at("DigestSettings", ("after_print_secret",), "", said)
        return self

    @model_validator(mode="after")
    def _check_taxonomy(self) -> Self:
        make_taxonomy(self.parts, self.topics)
        return self

    @model_validator(mode="after")
    def _check_files_differ(self) -> Self:
        # All years are named alike.
        pages = {normpath(self.name_page(_SOME_MONTH, part)) for part in self.taxonomy.parts} if self.page else set()
        months = filter(None, (find_month(self.month_file, Path(page)) for page in pages))
        if not pages.isdisjoint(normpath(self.name_month_file(month)) for month in months):
            message = t("digest.month_file would name the same file, and a page has a file of its own")
            raise point_at("DigestSettings", ("page",), self.page, message)
        return self

    @property
    def taxonomy(self) -> Taxonomy:
        return make_taxonomy(self.parts, self.topics)

    def name_month_file(self, month: Month) -> str:
        """Name the file that a month is printed into."""
        return fill(self.month_file, month)

    def name_page(self, month: Month, part: Part) -> str:
        """Name the page that the lines of a month and a part are merged into; empty without a page."""
        return fill(self.page, month, part)
