"""Disclosures of posts, each with its evidence."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from aggregator.locales import mark


class DisclosureKind(StrEnum):
    """What a post may disclose; the names are also reasons of scores and rejections."""

    #: Somebody paid for it.
    SPONSORED = mark("sponsored")
    #: Only members may read all of it.
    MEMBERS_ONLY = mark("members only")
    WRITTEN_WITH_AI = mark("written with AI")
    MACHINE_TRANSLATED = mark("machine-translated")


class DisclosureSource(StrEnum):
    """Where the evidence is."""

    #: In the words of the post.
    WORDS = "words"
    #: In the metadata of its page.
    PAGE = "page"
    #: In its links or its address.
    LINKS = "links"


class Disclosure(NamedTuple):
    """What a post discloses; a plain tuple, as it is stored."""

    kind: DisclosureKind
    #: Its words, what its page says, or what its links show.
    said: str
    source: DisclosureSource = DisclosureSource.WORDS
    #: The address that it was translated from; empty if unknown.
    original: str = ""

    @property
    def evidence(self) -> str:
        """The evidence as text: ``says “this post is sponsored by Northwind”``."""
        if self.source is DisclosureSource.WORDS:
            return f"says “{self.said}”"
        found = f"its page says {self.said}" if self.source is DisclosureSource.PAGE else self.said
        return f"{found}; translated from {self.original}" if self.original else found
