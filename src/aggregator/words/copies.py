"""The evidence for and against two posts being the same article, in words. Pure."""

from __future__ import annotations

import re

from aggregator.locales import mark, t
from aggregator.types import Post, Reason

# For each reason: the forms in which its details are stored, and what is said for each.
_SAID = {
    "text": (
        ("{share} of the shorter text", mark("{share} of the shorter text in common")),
        ("{share} of the text", mark("{share} of the text in common")),
    ),
    "summary": (("{share} of the {which}", mark("{share} of its summary in common with the other text")),),
    "title": (
        ("the same", mark("the same title")),
        ("{share} of the words", mark("{share} of the title's words in common")),
        ("{shared} of {all} names in common", mark("{shared} of {all} names of the title in common")),
    ),
    "pictures": (
        ("{names} and {number} more", mark("the same pictures: {names} and {number} more")),
        ("{names}", mark("the same pictures: {names}")),
    ),
    "links": (("{shared} of {all} in common", mark("links: {shared} of {all} in common")),),
    "numbers": (
        ("{shared} of {all} in common: ", mark("numbers: {shared} of {all} in common")),
        (
            "{shared} of {all} in common: {numbers} and {number} more",
            mark("numbers: {shared} of {all} in common: {numbers} and {number} more"),
        ),
        ("{shared} of {all} in common: {numbers}", mark("numbers: {shared} of {all} in common: {numbers}")),
    ),
    "code": (
        ("{shared} of {all} names of code in common", mark("{shared} of {all} names of code in common")),
        ("names in code: {names} and {number} more", mark("names in code: {names} and {number} more")),
        ("names in code: {names}", mark("names in code: {names}")),
    ),
    "names": (
        (
            "{share} of the Latin words of the Korean text, {other} of the names of the other",
            mark("names: {share} of the Latin words of the Korean text, {other} of the names of the other"),
        ),
    ),
    "address": (("{end}", mark("the addresses end alike: {end}")),),
    "author": (("{name}", mark("the same author, {name}")),),
    "organisation": (("{name}", mark("the same publisher, {name}")),),
    "length": (
        ("as a translation has", mark("length: as a translation has")),
        ("{first} and {second} words", mark("length: {first} and {second} words")),
    ),
    "date": (
        ("within two days", mark("within two days")),
        ("{days} days apart", mark("{days} days apart")),
    ),
    "title and hour": (("{}", mark("a long title in common, within half a day")),),
    "names its original": (
        (
            "one links the other as where it first appeared",
            mark("one links the other as where it first appeared"),
        ),
        (
            "one names the other as what it was translated from",
            mark("one names the other as what it was translated from"),
        ),
    ),
    "names its address": (("{}", mark("the page of one names the address of the other")),),
    "link": (("{}", mark("one links the other")),),
    "another part": (
        ("one of them is part {number}", mark("another part of a series: one of them is part {number}")),
        ("{first} and {second}", mark("another part of a series: {first} and {second}")),
    ),
    "another number": (
        ("{first} and none", mark("another number in the title: {first} and none")),
        ("none and {first}", mark("another number in the title: none and {first}")),
        ("{first} and {second}", mark("another number in the title: {first} and {second}")),
    ),
    "another subject": (
        ("{first} and {second}", mark("each says something that the other does not: {first} and {second}")),
    ),
    "another kind": (("{words}", mark("one is a text about others: {words}")),),
    "a paper": (("{}", mark("one is a paper, the other a post")),),
    "another issue": (("{days} days apart", mark("another issue of a column, {days} days apart")),),
    "side by side": (("both stood in one document of {feed}", mark("both stood in one document of {feed}")),),
}
# A value of a form.
_VALUE = re.compile(r"{(\w*)}")
# In place of those above if they are evidence against it.
_AGAINST = {
    "{share} of the title's words in common": mark("only {share} of the title's words in common"),
    "{shared} of {all} names of the title in common": mark("only {shared} of {all} names of the title in common"),
}


def say_merged(shown: Post) -> str:
    return t("Shown: {title}", title=shown.title)


def say_split(post: Post) -> str:
    return t("An article of its own: {title}", title=post.title)


def say_reason(reason: Reason) -> str:
    """``100% of the text in common``; evidence against it begins with "but"."""
    said = _say_evidence(reason)
    return t("but {evidence}", evidence=said) if reason.share < 0 else said


def _say_evidence(reason: Reason) -> str:
    for form, message in _SAID.get(reason.name, ()):
        values = _read_form(form, reason.detail)
        if values is not None:
            said = _AGAINST.get(message, message) if reason.share < 0 else message
            return t(said, **values)
    return f"{reason.name}: {reason.detail}"


def _read_form(form: str, detail: str) -> dict[str, str] | None:
    """Read the values of a detail in a form; None if it is in another one. ``{}`` stands for what is not said."""
    start, *pieces = _VALUE.split(form)
    if not detail.startswith(start):
        return None
    values, rest = {}, detail.removeprefix(start)
    for name, after in zip(pieces[::2], pieces[1::2], strict=True):
        value, found, rest = rest.partition(after) if after else (rest, "", "")
        if found != after or (name and not value):
            return None
        values[name] = value
    return None if rest else {name: value for name, value in values.items() if name}
