"""Titles in the house style of the digest."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from aggregator.types.dates import Month


class Mark(StrEnum):
    """What stands on both sides of a name in a printed title."""

    PLAIN = ""
    MODEL = "*"
    PRODUCT = "**"


class MonthGround(StrEnum):
    """Why a month is proposed."""

    #: The date of the post names it.
    POST = "post"
    #: The address names it.
    ADDRESS = "address"
    #: A date at the beginning of the text names it.
    TEXT = "text"


class StepKind(StrEnum):
    """The kinds of changes that lead to the house style."""

    #: Quotes and dashes as they are typed.
    SIGNS = "signs"
    #: The name of the site is left out.
    SITE = "site"
    #: The number of the part is left out.
    PART = "part"
    #: A model is in italics.
    MODEL = "model"
    #: A product or library is in bold.
    PRODUCT = "product"
    #: A term is written in its short form, or as the curator writes it.
    PHRASE = "phrase"
    #: Title Case.
    CASE = "case"
    #: A word is written in the curator's own case.
    WORD = "word"


@dataclass(frozen=True, slots=True)
class TitleStep:
    """A change that leads to the house style, as plain text."""

    kind: StepKind
    before: str
    after: str
    #: How many printed titles say so; 0 if only a rule does.
    printed: int = 0


@dataclass(frozen=True, slots=True)
class Proposal:
    """The line of a post in the house style, as far as it can be proposed; nothing of it is stored."""

    #: Markdown.
    title: str
    #: The changes to the post's own title; empty if it is in house style already.
    steps: tuple[TitleStep, ...]
    organisation: str | None
    month: Month
    #: How many printed lines of the same place, or of the same feed, name the organisation; 0 if it is the post's own.
    organisation_lines: int = 0
    month_from: MonthGround = MonthGround.POST


@dataclass(frozen=True, slots=True)
class TitlePair:
    """The title that a post came with, as plain text, and the Markdown that was printed."""

    original: str
    printed: str
    url: str = ""
    #: The organisation of the printed line.
    organisation: str | None = None
    #: The key of the feed of the post.
    feed: str | None = None
