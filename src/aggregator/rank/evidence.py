"""The sentences of the evidence for a reason. They are stored in English and said again by ``words.shares``."""

from __future__ import annotations

from aggregator.locales import mark
from aggregator.posts.campaigns import CAMPAIGN
from aggregator.posts.disclosures import SERVED
from aggregator.text.marks import CUT_OFF, PAID

IN_PART = mark("in part {part} with a probability of {probability}")
ABOUT = mark("about {topic} with a probability of {probability}, in scope with {in_scope}")
IN_SCOPE = mark("in scope with a probability of {probability}")
OUT_OF_SCOPE = mark("with a probability of {probability}")
LINKS = mark("links {address}")
NAMES = mark("the title names {name}")
NEAR = mark("near “{title}”")
CONTINUES = mark("continues “{title}”")
PRINTED = mark("{printed} of about {posts} posts printed")
UNKNOWN = mark("not known yet")
LISTED = mark("weight in feeds.toml")
LONG = mark("long read: {counts}")
SHORT = mark("short read: {counts}")
SHORT_OR_CUT = mark("short read or a summary: {counts}")
HEADLINES = mark("{number} headlines in one title")
#: One of a kind, and several.
PACE = (
    mark("{number} post in scope of this source in the month"),
    mark("{number} posts in scope of this source in the month"),
)
WORDS = mark("{number} word"), mark("{number} words")
KOREAN_WORDS = mark("{number} Korean word"), mark("{number} Korean words")
CODE_BLOCKS = mark("{number} code block"), mark("{number} code blocks")
PICTURES = mark("{number} picture"), mark("{number} pictures")
ELSEWHERE = mark("{number} link elsewhere"), mark("{number} links elsewhere")
POINTS = mark("{number} point"), mark("{number} points")
#: Names the issues of round-ups.
LINKED_BY = mark("linked by {name}")
COMMENTS = mark("{number} comment"), mark("{number} comments")
STARS = mark("{number} star"), mark("{number} stars")
LIKES = mark("{number} like"), mark("{number} likes")
DOWNLOADS = mark("{number} download"), mark("{number} downloads")
#: What is counted at places of talk, in the order in which it is said.
COUNTED = (
    ("points", POINTS),
    ("stars", STARS),
    ("likes", LIKES),
    ("downloads", DOWNLOADS),
    ("comments", COMMENTS),
)
#: What a post says of itself.
TRANSLATED = mark("{evidence}; translated from {address}")
SAYS = mark("says “{said}”")
PAGE_SAYS = mark("its page says {said}")

#: The names of parts that evidence may have.
PARTS = mark("research"), mark("business")
#: Counts stand beside each other.
COUNTS = (
    *WORDS,
    *KOREAN_WORDS,
    *CODE_BLOCKS,
    *PICTURES,
    *ELSEWHERE,
    LINKED_BY,
    *(message for _, messages in COUNTED for message in messages),
)
SENTENCES = (
    IN_PART,
    ABOUT,
    IN_SCOPE,
    OUT_OF_SCOPE,
    LINKS,
    NAMES,
    NEAR,
    CONTINUES,
    PRINTED,
    UNKNOWN,
    LISTED,
    HEADLINES,
    *PACE,
    TRANSLATED,
    SAYS,
    PAGE_SAYS,
    *PAID,
    CUT_OFF,
    CAMPAIGN,
    SERVED,
    *PARTS,
)


def count(messages: tuple[str, str], number: int) -> str:
    """``1 word``, ``2,400 words``."""
    return messages[number != 1].format(number=f"{number:,}")
