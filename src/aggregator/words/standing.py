"""Why a post is on the shortlist or not, in words. Pure."""

from __future__ import annotations

from aggregator.types import Candidate, Ground, Section, Texts

_TEENS = (11, 12, 13)
_ENDS = {1: "st", 2: "nd", 3: "rd"}


def say_standing(candidate: Candidate, texts: Texts) -> str:
    """``13th of Northwind, 10 fit``; empty where its score alone decided."""
    standing = candidate.score.standing if candidate.score else None
    if standing is None:
        return ""
    fit = f"{standing.most} {'fits' if standing.most == 1 else 'fit'}"
    match standing.ground:
        case Ground.SOURCE:
            source = candidate.feed_name or candidate.post.organisation or standing.of
            return f"{say_ordinal(standing.place)} of {source}, {fit}"
        case Ground.SECTION:
            return f"{say_ordinal(standing.place)} in {_name_section(standing.of, texts)}, {fit}"
        case Ground.FLOOR:
            return "below the floor"
        case Ground.SEEN:
            return "passed over by the page that was read"
        case Ground.BURST:
            return f"one of {standing.place:,} posts of its source on {standing.of} (usually {standing.most:,})"
        case Ground.SCOPE:
            guess = candidate.guess
            return f"out of scope {guess.out_of_scope or 0:.0%}" if guess else "out of scope"
        case Ground.NEARNESS:
            return f"near to “{standing.of}”"
        case Ground.MUTED:
            return f"muted by your rule {standing.place}, {standing.of}"
        case Ground.SHOWN:
            return f"always shown by your rule {standing.place}, {standing.of}"
        case Ground.SERIES:
            return f"comes with “{standing.of}”"


def say_ordinal(number: int) -> str:
    """``1st``, ``12th``, ``23rd``."""
    return f"{number}{'th' if number % 100 in _TEENS else _ENDS.get(number % 10, 'th')}"


def _name_section(text: str, texts: Texts) -> str:
    try:
        return name_section(texts.taxonomy.parse_section(text), texts)
    except ValueError:
        return text


def name_section(section: Section, texts: Texts) -> str:
    """``2.4`` and the heading of its topic, or of its part if there are no topics."""
    place = section.topic
    return f"{section} {texts.topics[place] if place.number else texts.parts[section.part]}"
