"""Causes: what a reason may be about; a new one is a member here and a function in ``rank.features`` that measures it.

A cause says what is stored of it, what a home without history takes it to be worth, and which weight multiplies it; a
weight says how feeds.toml and the page name it.
"""

from __future__ import annotations

from enum import StrEnum

from aggregator.locales import mark
from aggregator.types.disclosures import DisclosureKind


class Weight(StrEnum):
    """What the curator multiplies one kind of reason by: its key in feeds.toml, in the order of the page."""

    #: What the page calls it, and what reasons it multiplies; both are messages.
    label: str
    help: str

    def __new__(cls, key: str, label: str, help: str) -> Weight:
        weight = str.__new__(cls, key)
        weight._value_, weight.label, weight.help = key, label, help
        return weight

    BUSINESS_CASE = "business_case", mark("Use in practice"), mark("a system that somebody runs, before theory alone")
    OPEN_CODE = "open_code", mark("Open code"), mark("links to code, data and more that readers can use")
    TOPIC_FIT = "topic_fit", mark("Topic fit"), mark("how surely it is about a topic of the digest")
    OUT_OF_SCOPE = "out_of_scope", mark("Out of scope"), mark("speaks against what is not a subject of the digest")
    FIRST_HAND = "first_hand", mark("First-hand"), mark("told by those who did it")
    ANNOUNCEMENT = (
        "announcement",
        mark("Announcements"),
        mark("speaks against product news, round-ups, people and events"),
    )
    SOURCE = "source", mark("Source"), mark("what it got printed before, and how rarely it publishes")
    POPULARITY = "popularity", mark("Popularity"), mark("points, comments and links elsewhere")
    DEPTH = "depth", mark("Depth"), mark("how much there is to read: words, code, pictures")
    NOVELTY = "novelty", mark("Novelty"), mark("near to the subject of a printed line, or a repetition of it")
    SERIES = "series", mark("Series"), mark("continues what was printed")
    WORDS = "words", mark("Words of the title"), mark("words that printed titles have, and rejected ones")
    SPONSORED = "sponsored", mark("Sponsored"), mark("against a post that says somebody paid for it")
    MEMBERS_ONLY = "members_only", mark("Members only"), mark("against a post that says not everybody may read it")
    WRITTEN_WITH_AI = (
        "written_with_ai",
        mark("Written with AI"),
        mark("against a post that says AI wrote it, or helped"),
    )
    MACHINE_TRANSLATED = (
        "machine_translated",
        mark("Machine-translated"),
        mark("against a post that says a machine translated it"),
    )


class Cause(StrEnum):
    """What a reason may be about: its name in stored scores and on the page."""

    weight: Weight
    #: What all of it is worth before anything was learned, in log-odds; None for what is counted and not measured:
    #: sources and words.
    prior: float | None

    def __new__(cls, name: str, weight: Weight, prior: float | None) -> Cause:
        cause = str.__new__(cls, name)
        cause._value_, cause.weight, cause.prior = str(name), weight, prior
        return cause

    # The criteria of the shipped digest: business cases before pure research, open code and checkpoints raise
    # importance, popularity counts; news of products, round-ups and what is not a subject of the digest hardly ever get
    # printed. The first is stored by that name, and said as digests of any field may say it (``words.shares``).
    BUSINESS_CASE = "business case", Weight.BUSINESS_CASE, 1.0
    TOPIC_FIT = mark("topic fit"), Weight.TOPIC_FIT, 1.5
    OUT_OF_SCOPE = mark("out of scope"), Weight.OUT_OF_SCOPE, -3.0
    OPEN_CODE = mark("open code"), Weight.OPEN_CODE, 0.6
    OPEN_CHECKPOINT = mark("open checkpoint"), Weight.OPEN_CODE, 0.5
    OPEN_DATA = mark("open data"), Weight.OPEN_CODE, 0.3
    POPULARITY = mark("popularity"), Weight.POPULARITY, 1.2
    FIRST_HAND = mark("first-hand"), Weight.FIRST_HAND, 0.8
    ANNOUNCEMENT = mark("announcement"), Weight.ANNOUNCEMENT, -1.0
    ROUND_UP = mark("round-up"), Weight.ANNOUNCEMENT, -1.5
    EVENT = mark("people and events"), Weight.ANNOUNCEMENT, -1.5
    DEPTH = mark("depth"), Weight.DEPTH, 0.4
    RARITY = mark("rarity"), Weight.SOURCE, 0.4
    PRINTED_SUBJECT = mark("printed subject"), Weight.NOVELTY, 0.4
    REPEATED_SUBJECT = mark("repeated subject"), Weight.NOVELTY, -1.0
    SERIES = mark("series"), Weight.SERIES, 0.8
    FEED_WEIGHT = mark("feed weight"), Weight.SOURCE, 2.0
    # What a post discloses: reasons to look before it is printed, not to hide it.
    SPONSORED = DisclosureKind.SPONSORED, Weight.SPONSORED, -1.5
    MEMBERS_ONLY = DisclosureKind.MEMBERS_ONLY, Weight.MEMBERS_ONLY, -1.0
    WRITTEN_WITH_AI = DisclosureKind.WRITTEN_WITH_AI, Weight.WRITTEN_WITH_AI, -0.5
    MACHINE_TRANSLATED = DisclosureKind.MACHINE_TRANSLATED, Weight.MACHINE_TRANSLATED, -1.0
    SOURCE = mark("source"), Weight.SOURCE, None
    SOURCE_AND_TOPIC = mark("source and topic"), Weight.SOURCE, None
    WORDS = mark("words"), Weight.WORDS, None
