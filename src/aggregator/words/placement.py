"""Why a post is on the shortlist or not, and why it would move under other weights. Pure."""

from __future__ import annotations

from aggregator import words
from aggregator.locales import ENGLISH, get_language, t, tn
from aggregator.rank.effect import Effect, Shift
from aggregator.types import Candidate, Ground, Month, Reason, Score, Texts
from aggregator.words.rules import name_rule
from aggregator.words.sections import name_section
from aggregator.words.shares import name_reason

_TEENS = (11, 12, 13)
_ENDS = {1: "st", 2: "nd", 3: "rd"}


def say_placement(candidate: Candidate, texts: Texts) -> str:
    """``13th of Northwind, 10 fit``; empty if its score alone decided."""
    placement = candidate.score.placement if candidate.score else None
    if placement is None:
        return ""
    match placement.ground:
        case Ground.SOURCE:
            source = candidate.feed_name or candidate.post.organisation or placement.of
            return tn(
                "{ordinal} of {source}, {number} fits",
                "{ordinal} of {source}, {number} fit",
                placement.most,
                ordinal=say_ordinal(placement.place),
                source=source,
            )
        case Ground.SECTION:
            return tn(
                "{ordinal} in {section}, {number} fits",
                "{ordinal} in {section}, {number} fit",
                placement.most,
                ordinal=say_ordinal(placement.place),
                section=_name_section(placement.of, texts),
            )
        case Ground.FLOOR:
            return t("below the floor")
        case Ground.SEEN:
            return t("passed over by the page that was read")
        case Ground.BURST:
            return t(
                "one of {posts} posts of its source on {day} (usually {usual})",
                posts=f"{placement.place:,}",
                day=placement.of,
                usual=f"{placement.most:,}",
            )
        case Ground.SCOPE:
            guess = candidate.guess
            if guess is None:
                return t("out of scope")
            return t("out of scope {probability}", probability=words.percent(guess.out_of_scope or 0))
        case Ground.NEARNESS:
            return t("close to “{title}”", title=placement.of)
        case Ground.MUTED:
            return t("muted by your rule {number}, {name}", number=placement.place, name=name_rule(placement.of))
        case Ground.SHOWN:
            return t("always shown by your rule {number}, {name}", number=placement.place, name=name_rule(placement.of))
        case Ground.SERIES:
            return t("comes with “{title}”", title=placement.of)


def say_effect(month: Month, effect: Effect) -> str:
    """Say what other weights would do to a month."""
    if not (effect.entered or effect.left or effect.total):
        return t("Nothing would move in {month}.", month=month.name)
    before, after = effect.sizes
    changed = tn(
        "In {month}, {number} post would enter the shortlist and {left} would leave it.",
        "In {month}, {number} posts would enter the shortlist and {left} would leave it.",
        len(effect.entered),
        month=month.name,
        left=len(effect.left),
    )
    held = t("It would hold {after} instead of {before}.", after=after, before=before)
    if before == after:
        held = t("It would hold {after} as before.", after=after)
    moved = tn("{number} post in all would change rank.", "{number} posts in all would change rank.", effect.total)
    return f"{changed} {held} {moved}"


def say_cause(shift: Shift, candidate: Candidate, texts: Texts) -> str:
    """``use in practice +0.62 → +1.24``, or the quota that kept it off the shortlist before or keeps it off now."""
    before, after = shift.find_cause()
    if cause := after or before:
        return f"{name_reason(cause)} {_say_share(before)} → {_say_share(after)}"
    if shift.before.shortlisted != shift.after.shortlisted:
        if shift.after.shortlisted:
            held = _say(candidate, shift.before, texts)
            return t("before: {why}", why=held) if held else t("a place became free")
        return _say(candidate, shift.after, texts) or t("others come before it")
    return t("others moved")


def _say_share(reason: Reason | None) -> str:
    return words.signed(reason.share) if reason else "0"


def _say(candidate: Candidate, score: Score, texts: Texts) -> str:
    return say_placement(Candidate(candidate.post, score=score, feed_name=candidate.feed_name), texts)


def say_ordinal(number: int) -> str:
    """``1st``, ``12th``, ``23rd``; ``12번째``."""
    if get_language() != ENGLISH:
        return t("{number}th", number=number)
    return f"{number}{'th' if number % 100 in _TEENS else _ENDS.get(number % 10, 'th')}"


def _name_section(text: str, texts: Texts) -> str:
    try:
        return name_section(texts.taxonomy.parse_section(text), texts)
    except ValueError:
        return text
