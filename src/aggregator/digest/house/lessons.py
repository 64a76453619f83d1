"""What printed titles teach about the house style, beside the rules.

From each pair of an own and a printed title come a few votes: how a word inside the title is written, what a phrase
became, how a name is marked, and the same for words, phrases and names that stayed as they were. A rule counts as two
printed titles, so that one exception does not overturn it, and three do. What no rule knows is believed if three
quarters of the votes agree.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum
from itertools import pairwise
from typing import NamedTuple

from aggregator.digest.house.names import Name, Names, find_names
from aggregator.digest.house.phrases import find_phrases, load_short_forms
from aggregator.digest.house.runs import EASTERN, LONGEST, Run, join_runs, read_runs
from aggregator.types import Mark, TitlePair

_OF_A_RULE = 2
_CONVINCING = 0.75
#: Longer replacements are rewordings of one title.
_MOST_REPLACED = 4
# A word without the signs around it.
_TOKEN = re.compile(r"[^\W_](?:\S*[^\W_])?")
_NAMED_VERSION = re.compile(r"[ -]v?\d+(?:\.\d+)*$")


class Aspect(Enum):
    WORD = "word"
    PHRASE = "phrase"
    NAME = "name"


class Vote(NamedTuple):
    """What a printed title says of something: the word, phrase or name in small letters, and how it is written."""

    subject: Aspect
    key: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Lessons:
    """Votes of printed titles."""

    votes: Mapping[tuple[Aspect, str], Counter[str]]
    #: The names that they mark.
    names: Names
    #: The phrases that they replace.
    phrases: frozenset[str]
    #: Votes that do not count: those of the title that is measured.
    without: Counter[Vote]

    def weigh(self, subject: Aspect, key: str, rule: str | None) -> tuple[str | None, int]:
        """Weigh what a rule says, if there is one, against what was printed: what is right, and how many printed titles
        say so. None if nothing is convincing.
        """
        counts = Counter(self.votes.get((subject, key), {}))
        if self.without:
            counts = Counter({out: n - self.without[Vote(subject, key, out)] for out, n in counts.items()})
        printed = +counts
        counts = Counter(printed)
        if rule is not None:
            counts[rule] += _OF_A_RULE
        if not counts:
            return None, 0
        best = max(counts, key=lambda outcome: (counts[outcome], outcome == rule))
        if rule is None and counts[best] < _CONVINCING * counts.total():
            return None, 0
        return best, printed[best]

    def leave_out(self, votes: Sequence[Vote]) -> Lessons:
        """The same without the votes of one pair."""
        return Lessons(self.votes, self.names, self.phrases, Counter(votes))


NOTHING = Lessons({}, Names(()), frozenset(), Counter())


def learn(pairs: Sequence[TitlePair]) -> Lessons:
    """Learn from pairs, in time linear in their number."""
    return learn_apart(pairs)[0]


def learn_apart(pairs: Sequence[TitlePair]) -> tuple[Lessons, list[list[Vote]]]:
    """Learn from pairs; also return the votes of each, so that it can be left out."""
    read = [_Read.of(pair) for pair in pairs]
    said = [list(each.list_votes()) for each in read]
    phrases = frozenset(vote.key for votes in said for vote in votes if vote.subject is Aspect.PHRASE)
    names = Names(_choose_names(read))
    known = phrases | load_short_forms().keys()
    cast = [[*votes, *each.list_kept(names, known)] for each, votes in zip(read, said, strict=True)]
    counts: dict[tuple[Aspect, str], Counter[str]] = {}
    for subject, key, outcome in (vote for votes in cast for vote in votes):
        counts.setdefault((subject, key), Counter())[outcome] += 1
    return Lessons(counts, names, phrases, Counter()), cast


def _choose_names(read: Sequence[_Read]) -> Iterator[Name]:
    """The names that are marked, each as it is printed most."""
    forms: dict[str, Counter[Name]] = {}
    for name in (name for each in read for name in each.list_names()):
        forms.setdefault(name.text.lower(), Counter())[name] += 1
    return (counts.most_common(1)[0][0] for counts in forms.values())


@dataclass(frozen=True, slots=True)
class _Read:
    """A pair, read."""

    original: str
    runs: list[Run]

    @classmethod
    def of(cls, pair: TitlePair) -> _Read:
        is_short = max(len(pair.original), len(pair.printed)) <= LONGEST
        return cls(pair.original, read_runs(pair.printed)) if is_short else cls("", [])

    def list_names(self) -> Iterator[Name]:
        for run in self.runs:
            if run.mark and (text := _NAMED_VERSION.sub("", run.text)):
                yield Name(text, run.mark)

    def list_votes(self) -> Iterator[Vote]:
        """What the printed title changes."""
        for name in self.list_names():
            yield Vote(Aspect.NAME, name.text.lower(), name.mark)
        printed = join_runs(self.runs)
        own, new = list(_TOKEN.finditer(self.original)), list(_TOKEN.finditer(printed))
        blocks = _align([token[0].lower() for token in own], [token[0].lower() for token in new])
        if 2 * sum(len(block) for block, _ in blocks) < len(own):
            return
        if not EASTERN.search(printed):
            yield from self._list_words(printed, [new[at] for _, block in blocks for at in block])
        for gap, filled in _list_gaps(blocks, len(own), len(new)):
            if 0 < len(gap) <= _MOST_REPLACED and 0 < len(filled) <= _MOST_REPLACED:
                key = self.original[own[gap[0]].start() : own[gap[-1]].end()].lower()
                yield Vote(Aspect.PHRASE, key, printed[new[filled[0]].start() : new[filled[-1]].end()])

    def _list_words(self, printed: str, tokens: Sequence[re.Match[str]]) -> Iterator[Vote]:
        """How ordinary words inside the title are written."""
        marked = bytearray()
        for run in self.runs:
            marked += (b"\1" if run.mark else b"\0") * len(run.text)
        for token in tokens:
            is_inside = token.start() > 0 and token.end() < len(printed) and printed[token.start() - 2] != ":"
            if is_inside and token[0].isalpha() and not marked[token.start()]:
                yield Vote(Aspect.WORD, token[0].lower(), token[0])

    def list_kept(self, names: Names, known: Collection[str]) -> Iterator[Vote]:
        """What the printed title leaves as it was, although others do not."""
        printed = join_runs(self.runs).lower()
        for phrase in find_phrases(self.original, lambda phrase: phrase.key in known):
            if phrase.key in printed:
                yield Vote(Aspect.PHRASE, phrase.key, phrase.key)
        for run in self.runs:
            if not run.mark:
                for found in find_names(run.text, names, lambda _, rule: (rule or Mark.MODEL, 0)):
                    yield Vote(Aspect.NAME, found.key, Mark.PLAIN)


_Blocks = list[tuple[range, range]]


def _align(own: Sequence[str], new: Sequence[str]) -> _Blocks:
    """The words that two titles share, as pairs of equally long ranges."""
    shortest = min(len(own), len(new))
    start = next((at for at in range(shortest) if own[at] != new[at]), shortest)
    end = next((at for at in range(shortest - start) if own[-1 - at] != new[-1 - at]), shortest - start)
    inside = SequenceMatcher(None, own[start : len(own) - end], new[start : len(new) - end], autojunk=False)
    found = [(range(0, start), range(0, start))]
    for a, b, size in inside.get_matching_blocks():
        found.append((range(start + a, start + a + size), range(start + b, start + b + size)))
    found.append((range(len(own) - end, len(own)), range(len(new) - end, len(new))))
    return found


def _list_gaps(blocks: _Blocks, own: int, new: int) -> Iterator[tuple[range, range]]:
    """What lies between the shared words."""
    for (a, b), (c, d) in pairwise([*blocks, (range(own, own), range(new, new))]):
        yield range(a.stop, c.start), range(b.stop, d.start)
