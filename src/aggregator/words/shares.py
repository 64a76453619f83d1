"""The reasons of a score in words. Pure.

A reason is stored with its name and its evidence in English; here they are said in the reader's language.
"""

from __future__ import annotations

from aggregator.locales import mark, t
from aggregator.locales.retelling import retell
from aggregator.rank.evidence import COUNTS, SENTENCES
from aggregator.talk.sources import PLACES
from aggregator.types import Cause, Reason
from aggregator.words.rules import name_rule

#: Where a reason is said otherwise than it is stored.
_SAID: dict[str, str] = {Cause.BUSINESS_CASE: mark("use in practice")}


def name_reason(reason: Reason) -> str:
    """``open code``, ``rule 3``."""
    number = _read_rule(reason)
    return t("rule {number}", number=number) if number else t(_SAID.get(reason.name, reason.name))


def say_evidence(reason: Reason) -> str:
    """``links github.com/a/b``, ``long read: 2,400 words, 4 pictures``."""
    if _read_rule(reason):
        return name_rule(reason.detail)
    if reason.name == Cause.POPULARITY:
        # Names of round-ups may have a colon.
        return _say_counts(reason.detail)
    if reason.name == Cause.DEPTH:
        head, colon, counts = reason.detail.rpartition(": ")
        said = _say_counts(counts)
        return t(f"{head}: {{counts}}", counts=said) if colon else said
    # Older evidence repeats the name of its reason, as in "out of scope 88%".
    return retell(reason.detail.removeprefix(f"{reason.name} "), SENTENCES)


def _say_counts(counts: str) -> str:
    """``2,400 words, 4 pictures``."""
    return ", ".join(map(_say_count, counts.split(", ")))


def _say_count(counts: str) -> str:
    """``2,400 words``, ``GeekNews 38 points · 12 comments``; the name of a place is the same in every language."""
    name = next(
        (f"{place.name} " for place in PLACES.values() if place.name and counts.startswith(f"{place.name} ")), ""
    )
    return name + " · ".join(retell(count, COUNTS) for count in counts.removeprefix(name).split(" · "))


def _read_rule(reason: Reason) -> str:
    """The number of the curator's rule that gives the points; empty if it is another reason."""
    kind, _, number = reason.name.partition(" ")
    return number if kind == "rule" and number.isdecimal() else ""
