"""The digest of a month with what its editions say beside its lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from urllib.parse import urljoin

from aggregator.digest.editions.outline import OutlinedSection, outline_digest, write_lines
from aggregator.digest.editions.syndicate import Item
from aggregator.digest.foot import find_chosen
from aggregator.digest.markdown import show_title
from aggregator.digest.pictures import find_shown
from aggregator.text.html import text_of
from aggregator.types import Digest, Month

_HEADING = re.compile(r"^# +(\S.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Issue:
    """A digest to be written in other forms."""

    month: Month
    #: ``Digest of Dec 2022``, in *language*, like all that no post says.
    title: str
    language: str
    digest: Digest
    made_at: datetime
    curator: str
    #: Where readers find its page; None if it has none.
    url: str | None = None
    #: The address of a file beside which the pictures of its notes are published; None if they are not.
    beside: str | None = None
    #: What a mail says of pictures that are not published, in *language*; empty without such pictures.
    left_out: str = ""

    @property
    def name(self) -> str:
        """What the digest is called, in each month: the first heading of its head, else what is said of the month."""
        found = _HEADING.search(self.digest.texts.head)
        return text_of(show_title(found[1].strip())) if found else self.title

    @property
    def chosen(self) -> str:
        """How it was chosen, as its foot says in Markdown; empty if it does not say."""
        return "\n".join(find_chosen(self.digest.foot)[1:-1])

    @cached_property
    def sections(self) -> tuple[OutlinedSection, ...]:
        """The sections, for a file that has the pictures beside it."""
        return outline_digest(self.digest, self.language, lambda address: address if find_shown(address) else None)

    @cached_property
    def sections_sent(self) -> tuple[OutlinedSection, ...]:
        """The sections, for what is read elsewhere. Pictures that are not published are only named."""
        return outline_digest(self.digest, self.language, self._find_published)

    def _find_published(self, address: str) -> str | None:
        return urljoin(self.beside, address) if self.beside and find_shown(address) else None


def strip_head(head: str) -> str:
    """The Markdown of a head without its first heading, which is said already."""
    return _HEADING.sub("", head, count=1).strip("\n")


def make_item(issue: Issue) -> Item:
    """Make the entry of a feed, with all lines."""
    return Item(
        about=f"digest of {issue.month} of {issue.curator}",
        url=issue.url,
        title=issue.title,
        html=write_lines(issue.sections_sent, issue.language, 3, {}),
        author=issue.curator,
        published_at=issue.made_at,
        updated_at=issue.made_at,
        language=issue.language,
    )


def list_items(issue: Issue, section: str) -> list[Item]:
    """Make the entries of a feed of one section, by its key: one for each line, with the address of the post."""
    return [
        Item(
            about=f"line {line.anchor} of {issue.month} of {issue.curator}",
            url=line.line.url,
            title=line.title,
            html=line.html,
            author=issue.curator,
            published_at=issue.made_at,
            updated_at=issue.made_at,
            language=line.language,
        )
        for found in issue.sections_sent
        if found.section.key == section
        for line in found.lines
    ]
