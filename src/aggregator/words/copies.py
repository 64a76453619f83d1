"""The evidence for and against two posts being the same article, in words. Pure."""

from __future__ import annotations

from aggregator.locales import t
from aggregator.types import Post, Reason

_SAID = {
    "text": "{} in common",
    "summary": "its summary is {} of the other",
    "pictures": "the same pictures: {}",
    "links": "links: {}",
    "numbers": "numbers: {}",
    "code": "{}",
    "names": "names: {}",
    "address": "the addresses end alike: {}",
    "author": "the same author, {}",
    "organisation": "the same publisher, {}",
    "length": "length: {}",
    "date": "{}",
    "title and hour": "{}",
    "names its original": "{}",
    "names its address": "{}",
    "link": "{}",
    "another part": "another part of a series: {}",
    "another number": "another number in the title: {}",
    "another subject": "each says something that the other does not: {}",
    "another kind": "one is a text about others: {}",
    "a paper": "{}",
    "another issue": "another issue of a column, {}",
    "side by side": "{}",
}


def say_merged(shown: Post) -> str:
    return t("Shown: {title}", title=shown.title)


def say_split(post: Post) -> str:
    return t("An article of its own: {title}", title=post.title)


def say_reason(reason: Reason) -> str:
    """``100% of the text in common``; evidence against it begins with "but"."""
    if reason.name == "title":
        share = f"{'only ' if reason.share < 0 else ''}{reason.detail} of the title in common"
        said = "the same title" if reason.detail == "the same" else share.replace("words of the title", "title's words")
    else:
        said = _SAID.get(reason.name, reason.name + ": {}").format(reason.detail)
    return f"but {said}" if reason.share < 0 else said
