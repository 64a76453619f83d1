"""The curator's own rules: which posts match them, and what they do to a month. Pure.

Words and patterns are matched with titles only, because a text mentions much that a post is not about. If several rules
match a post, their points add up, the newest rule decides the section, and showing wins over muting.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from urllib.parse import urlsplit

from aggregator.addresses.urls import canonicalise_url, clean_url
from aggregator.exceptions import RuleError
from aggregator.locales import t
from aggregator.rank.patterns import LONGEST_PATTERN, Patterns, check_pattern
from aggregator.text.terms import Query, fold, list_title_terms, parse_query
from aggregator.types import (
    Act,
    Candidate,
    Decision,
    Ground,
    Placement,
    Reason,
    Rule,
    Ruled,
    RuleState,
    Score,
    Subject,
    Trait,
)

#: The most points that a rule can give or take: more than all learned reasons of a post together.
MOST_POINTS = 10.0
# Titles whose matches are kept.
_MOST_KEPT = 50_000
# Separators between the names of several authors.
_BETWEEN = str.maketrans(dict.fromkeys(",;&/", "\n"))


@dataclass(frozen=True, slots=True)
class Rulings:
    """The effects of rules on the posts of a month, by post."""

    points: dict[int, tuple[Reason, ...]] = field(default_factory=dict)
    sections: dict[int, Ruled] = field(default_factory=dict)
    muted: dict[int, Placement] = field(default_factory=dict)
    shown: dict[int, Placement] = field(default_factory=dict)


def check_rule(rule: Rule) -> Rule:
    """Return the rule without fields that its act does not use. Raises RuleError."""
    sought = " ".join(rule.sought.split()) if rule.trait is not Trait.PATTERN else rule.sought.strip()
    if not sought:
        raise RuleError(t("say what the rule looks for"), field="sought")
    if len(sought) > LONGEST_PATTERN:
        raise RuleError(t("at most {number} characters", number=LONGEST_PATTERN), field="sought")
    if not sought.isprintable():
        raise RuleError(t("invisible characters cannot be looked for"), field="sought")
    if rule.feed is not None and rule.tag is not None:
        raise RuleError(t("one feed or the feeds of a tag, not both"), field="scope")
    _CHECKS[rule.trait](sought)
    if rule.act is Act.POINTS:
        _check_points(rule.points)
    if rule.act is Act.SECTION and rule.section is None:
        raise RuleError(t("name the section"), field="section")
    return replace(
        rule,
        sought=sought,
        points=rule.points if rule.act is Act.POINTS else None,
        section=rule.section if rule.act is Act.SECTION else None,
    )


def _check_points(points: float | None) -> None:
    if points is None or not math.isfinite(points) or not points or abs(points) > MOST_POINTS:
        said = t("a number from {least} to {most} that is not 0", least=f"{-MOST_POINTS:g}", most=f"{MOST_POINTS:g}")
        raise RuleError(said, field="points")


def _check_words(sought: str) -> None:
    query = parse_query(sought)
    if not query.terms:
        raise RuleError(t("give a word that the title must have"), field="sought")


def _check_address(sought: str) -> None:
    if _read_address(sought) is None:
        raise RuleError(t("give a host, or host/path: blog.example.com, example.com/news"), field="sought")


def _check_name(sought: str) -> None:
    if not fold(sought):
        raise RuleError(t("say what the rule looks for"), field="sought")


_CHECKS: Mapping[Trait, Callable[[str], None]] = {
    Trait.WORDS: _check_words,
    Trait.PATTERN: check_pattern,
    Trait.ADDRESS: _check_address,
    Trait.AUTHOR: _check_name,
    Trait.CATEGORY: _check_name,
}


def _read_address(sought: str) -> tuple[str, str] | None:
    """The host, and the path without a slash at its end; None if this is not an address, or has a query or fragment."""
    cleaned = clean_url(sought if "://" in sought else f"https://{sought}")
    key = canonicalise_url(cleaned) if cleaned else ""
    return _split_address(key) if key and "?" not in key and "#" not in key else None


def _split_address(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.netloc.removeprefix("www."), parts.path.rstrip("/")


class Matcher:
    """Matches posts with rules. Rules that are off, or name a section that no longer exists, are ignored.

    *tags* are those of each feed, by its key. The matches of titles are kept, because a month is ranked many times.
    """

    def __init__(self, rules: Sequence[Rule], tags: Mapping[str, Sequence[str]]) -> None:
        self.rules = [rule for rule in rules if rule.state is RuleState.ON and not rule.is_lost]
        by_trait: defaultdict[Trait, list[Rule]] = defaultdict(list)
        for rule in self.rules:
            by_trait[rule.trait].append(rule)
        self.needs_authors = bool(by_trait[Trait.AUTHOR])
        self._tags = tags
        self._words = {rule.number: parse_query(rule.sought) for rule in by_trait[Trait.WORDS]}
        self._asked = frozenset(chain.from_iterable(map(_list_asked, self._words.values())))
        self._patterns = Patterns({rule.number: rule.sought for rule in by_trait[Trait.PATTERN]})
        addresses = ((rule.number, _read_address(rule.sought)) for rule in by_trait[Trait.ADDRESS])
        self._addresses = [(number, *read) for number, read in addresses if read]
        self._authors = _list_by_name(by_trait[Trait.AUTHOR])
        self._categories = _list_by_name(by_trait[Trait.CATEGORY])
        self._of_titles: dict[str, tuple[int, ...]] = {}

    def match(self, subjects: Iterable[Subject]) -> dict[int, list[Rule]]:
        """Return the rules that match each post, in the order of their numbers. Posts without a match are left out."""
        by_number = {rule.number: rule for rule in self.rules}
        found: dict[int, list[Rule]] = {}
        for subject in subjects if self.rules else ():
            numbers = {*self._look_at_title(subject.title), *self._look_at_rest(subject)}
            rules = [by_number[number] for number in sorted(numbers)] if numbers else []
            meant = [rule for rule in rules if self._is_of(rule, subject)]
            if meant:
                found[subject.post_id] = meant
        return found

    def _is_of(self, rule: Rule, subject: Subject) -> bool:
        """Whether the post is in the scope of the rule."""
        if rule.feed is not None:
            return rule.feed == subject.feed_key
        return rule.tag is None or rule.tag in self._tags.get(subject.feed_key or "", ())

    def _look_at_title(self, title: str) -> tuple[int, ...]:
        known = self._of_titles.get(title)
        if known is None:
            found = self._patterns.find(title)
            if self._words:
                terms = self._asked.intersection(list_title_terms(title))
                folded = fold(title) if terms else ""
                found += [number for number, query in self._words.items() if terms and _has(query, terms, folded)]
            if len(self._of_titles) >= _MOST_KEPT:
                self._of_titles.clear()
            known = self._of_titles[title] = tuple(found)
        return known

    def _look_at_rest(self, subject: Subject) -> list[int]:
        found: list[int] = []
        if self._addresses:
            host, path = _split_address(subject.address)
            found += [
                number
                for number, of_host, of_path in self._addresses
                if (host == of_host or host.endswith(f".{of_host}"))
                and (not of_path or path == of_path or path.startswith(f"{of_path}/"))
            ]
        if self._authors:
            for author in subject.authors:
                for name in (author, *author.translate(_BETWEEN).split("\n")):
                    found += self._authors.get(fold(name), ())
        if self._categories:
            for category in subject.categories:
                found += self._categories.get(fold(category), ())
        return found


def _list_asked(query: Query) -> Iterable[str]:
    return chain.from_iterable([*query.terms, *chain.from_iterable(query.excluded)])


def _has(query: Query, terms: frozenset[str], folded: str) -> bool:
    return (
        all(not terms.isdisjoint(either) for either in query.terms)
        and not any(all(not terms.isdisjoint(either) for either in group) for group in query.excluded)
        and query.accepts(folded)
    )


def _list_by_name(rules: Sequence[Rule]) -> dict[str, list[int]]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for rule in rules:
        found[fold(rule.sought)].append(rule.number)
    return dict(found)


def decide_rulings(matched: Mapping[int, Sequence[Rule]], candidates: Sequence[Candidate]) -> Rulings:
    """Decide what matching rules do to candidates. Decided and printed posts are neither muted nor shown, and approved
    posts stay in their sections.
    """
    rulings = Rulings()
    for candidate in candidates if matched else ():
        rules = matched.get(candidate.post.id, ())
        number, is_open = candidate.post.id, candidate.verdict is None and candidate.printed_in is None
        last = {rule.act: rule for rule in rules}
        if points := [Reason(f"rule {rule.number}", rule.points, rule.name) for rule in rules if rule.points]:
            rulings.points[number] = tuple(points)
        is_kept = candidate.printed_in is not None or (
            candidate.verdict is not None and candidate.verdict.decision is Decision.APPROVE
        )
        if (rule := last.get(Act.SECTION)) and rule.section and not is_kept:
            rulings.sections[number] = Ruled(rule.section, rule.number, rule.name)
        if is_open and (rule := last.get(Act.SHOW)):
            rulings.shown[number] = Placement(Ground.SHOWN, rule.name, rule.number)
        elif is_open and (rule := last.get(Act.MUTE)):
            rulings.muted[number] = Placement(Ground.MUTED, rule.name, rule.number)
    return rulings


def add_points(scores: Sequence[Score], points: Mapping[int, Sequence[Reason]]) -> list[Score]:
    """Return the scores with the points of rules added as reasons."""
    if not points:
        return list(scores)
    return [
        replace(score, reasons=tuple(sorted((*score.reasons, *added), key=lambda reason: -abs(reason.share))))
        if (added := points.get(score.post_id))
        else score
        for score in scores
    ]


def give_sections(candidates: Sequence[Candidate], sections: Mapping[int, Ruled]) -> list[Candidate]:
    """Return the candidates with the sections that rules give now, in place of those that rules gave before."""
    return [
        replace(candidate, score=replace(candidate.score or Score(candidate.post.id, ()), ruled=ruled))
        if (ruled := sections.get(candidate.post.id)) != (candidate.score.ruled if candidate.score else None)
        else candidate
        for candidate in candidates
    ]
