"""Disclosures: what is known of a post's standing, each with the evidence for it."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class DisclosureKind(StrEnum):
    """What a post may disclose; the names are reasons of scores, and of rejections."""

    #: Somebody paid for it.
    SPONSORED = "sponsored"
    #: Only members may read all of it.
    MEMBERS_ONLY = "members only"
    WRITTEN_WITH_AI = "written with AI"
    MACHINE_TRANSLATED = "machine-translated"


class DisclosureSource(StrEnum):
    """Where the evidence is."""

    #: In the words of the post.
    WORDS = "words"
    #: In what its page says to machines.
    PAGE = "page"
    #: In its links or its address.
    LINKS = "links"


class Disclosure(NamedTuple):
    """What a post discloses; a plain tuple, as the tables keep it."""

    kind: DisclosureKind
    #: Its words, what its page says, or what is to be seen of its links.
    said: str
    source: DisclosureSource = DisclosureSource.WORDS
    #: The address of what it was translated from; empty if that is not known.
    original: str = ""

    @property
    def evidence(self) -> str:
        """What was found, and where: ``says “this post is sponsored by Northwind”``."""
        if self.source is DisclosureSource.WORDS:
            return f"says “{self.said}”"
        found = f"its page says {self.said}" if self.source is DisclosureSource.PAGE else self.said
        return f"{found}; translated from {self.original}" if self.original else found
