"""Why a post is on the shortlist or not, and why it would move under other weights. Pure."""

from __future__ import annotations

from aggregator import words
from aggregator.rank.effect import Effect, Shift
from aggregator.types import Candidate, Ground, Month, Reason, Score, Texts
from aggregator.words.sections import name_section

_TEENS = (11, 12, 13)
_ENDS = {1: "st", 2: "nd", 3: "rd"}


def say_placement(candidate: Candidate, texts: Texts) -> str:
    """``13th of Northwind, 10 fit``; empty if its score alone decided."""
    placement = candidate.score.placement if candidate.score else None
    if placement is None:
        return ""
    fit = f"{placement.most} {'fits' if placement.most == 1 else 'fit'}"
    match placement.ground:
        case Ground.SOURCE:
            source = candidate.feed_name or candidate.post.organisation or placement.of
            return f"{say_ordinal(placement.place)} of {source}, {fit}"
        case Ground.SECTION:
            return f"{say_ordinal(placement.place)} in {_name_section(placement.of, texts)}, {fit}"
        case Ground.FLOOR:
            return "below the floor"
        case Ground.SEEN:
            return "passed over by the page that was read"
        case Ground.BURST:
            return f"one of {placement.place:,} posts of its source on {placement.of} (usually {placement.most:,})"
        case Ground.SCOPE:
            guess = candidate.guess
            return f"out of scope {guess.out_of_scope or 0:.0%}" if guess else "out of scope"
        case Ground.NEARNESS:
            return f"close to “{placement.of}”"
        case Ground.MUTED:
            return f"muted by your rule {placement.place}, {placement.of}"
        case Ground.SHOWN:
            return f"always shown by your rule {placement.place}, {placement.of}"
        case Ground.SERIES:
            return f"comes with “{placement.of}”"


def say_effect(month: Month, effect: Effect) -> str:
    """Say what other weights would do to a month."""
    if not (effect.entered or effect.left or effect.total):
        return f"Nothing would move in {month.name}."
    before, after = effect.sizes
    held = f"It would hold {after} instead of {before}." if before != after else f"It would hold {after} as before."
    return (
        f"In {month.name}, {words.count(len(effect.entered), 'post')} would enter the shortlist and "
        f"{len(effect.left)} would leave it. {held} {words.count(effect.total, 'post')} in all would change rank."
    )


def say_cause(shift: Shift, candidate: Candidate, texts: Texts) -> str:
    """``business case +0.62 → +1.24``, or the quota that kept it off the shortlist before or keeps it off now."""
    before, after = shift.find_cause()
    if cause := after or before:
        return f"{cause.name} {_say_share(before)} → {_say_share(after)}"
    if shift.before.shortlisted != shift.after.shortlisted:
        if shift.after.shortlisted:
            held = _say(candidate, shift.before, texts)
            return f"before: {held}" if held else "a place became free"
        return _say(candidate, shift.after, texts) or "others come before it"
    return "others moved"


def _say_share(reason: Reason | None) -> str:
    return words.signed(reason.share) if reason else "0"


def _say(candidate: Candidate, score: Score, texts: Texts) -> str:
    return say_placement(Candidate(candidate.post, score=score, feed_name=candidate.feed_name), texts)


def say_ordinal(number: int) -> str:
    """``1st``, ``12th``, ``23rd``."""
    return f"{number}{'th' if number % 100 in _TEENS else _ENDS.get(number % 10, 'th')}"


def _name_section(text: str, texts: Texts) -> str:
    try:
        return name_section(texts.taxonomy.parse_section(text), texts)
    except ValueError:
        return text
