"""Says what would have been proposed of a curator's own list: each issue is ranked from the lines of earlier ones, and
its lines are looked for among all posts that feeds gave of its month. Pure.

An issue is a month of the list. What is tested is hidden while it is ranked, and so is everything that was chosen
after its month.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from aggregator.classify.learning import Heard, Lesson
from aggregator.evaluate.hidden import hide_outcome
from aggregator.locales import mark
from aggregator.text.language import find_language
from aggregator.types import Candidate, DateSource, Guess, Month, Post, Quotas, TextSource

if TYPE_CHECKING:
    from aggregator.rank.ranking import Ranker, Ranking, RankingContext, ShippedHistory

#: Months with lines before the first tested issue that the ranking learns from.
REMEMBERED = 24
_OF_MONTH = re.compile(r"digest (\d{4}-\d{2})")
_OF_PAGE = "digest until "
# What says the day of a post less surely than the list does.
_UNSURE = {DateSource.DIGEST, DateSource.FIRST_SEEN}

#: Guesses posts as the model of a month would have guessed them, which knows only earlier issues.
Guesser = Callable[[Month, Sequence[Post]], Sequence[Guess]]


class Untested(StrEnum):
    """Why a line could not be tested."""

    UNFOLLOWED = mark("nobody follows its site")
    UNHEARD = mark("its feed has given nothing yet")
    OLDER = mark("it is older than what its feed still gives")
    ABSENT = mark("its feed gives that time, but not this page")
    GONE = mark("its page is gone")
    FEW = mark("feeds gave so few posts of its month that all would have been proposed")


# --- lines ---


@dataclass(frozen=True, slots=True)
class OwnLine:
    """A line that was printed."""

    #: The post that stands for it in the store.
    post_id: int
    title: str
    url: str
    #: None if neither the list nor a feed says when it was.
    issue: Month | None
    #: The month in which a person chose it, if the list says so; else the issue.
    chosen: Month | None
    #: Its post as a feed gave it; None if it was only read from the list.
    given: Candidate | None


def read_lines(printed: Iterable[Candidate], zone: ZoneInfo) -> list[OwnLine]:
    """Make a line of each printed post. A copy that a feed gave stands in for a post that is only in the list."""
    families: defaultdict[int, list[Candidate]] = defaultdict(list)
    for candidate in printed:
        families[candidate.post.copy_of or candidate.post.id].append(candidate)
    return [
        _read_line(main, family, zone)
        for number, family in families.items()
        for main in family
        if main.post.id == number
    ]


def _read_line(main: Candidate, family: Sequence[Candidate], zone: ZoneInfo) -> OwnLine:
    others = sorted(family, key=lambda each: (each is not main, each.post.id))
    given = next((each for each in others if each.post.feed_key), None)
    chosen = find_chosen(main, zone)
    issue: Month | None = main.post.own_month
    if chosen is None and not (main.correction and main.correction.month):
        # The list says nothing of when: the store has only the month of its last line.
        post = given.post if given else main.post
        issue = Month.of(post.published_at, zone) if post.published_from not in _UNSURE else None
    if given:
        given = replace(given, verdict=main.verdict, correction=main.correction, printed_in=main.printed_in)
    return OwnLine(main.post.id, main.post.title, main.post.url, issue, chosen or issue, given)


def find_chosen(candidate: Candidate, zone: ZoneInfo) -> Month | None:
    """The month in which a person chose a printed post; None if the list says only that it was."""
    verdict, correction = candidate.verdict, candidate.correction
    if verdict is None:
        return None
    if of_month := _OF_MONTH.fullmatch(verdict.by):
        return Month.parse(of_month[1])
    is_read = verdict.by.startswith(_OF_PAGE)
    # Without a day of its own, a line has the moment at which its page was read.
    if is_read and (correction is None or (correction.by, correction.at) == (verdict.by, verdict.at)):
        return None
    return Month.of(verdict.at, zone)


def choose_issues(lines: Iterable[OwnLine], number: int) -> tuple[list[Month], list[Month]]:
    """The months that are remembered and the last *number* of issues, oldest first."""
    months = sorted({line.issue for line in lines if line.issue})
    number = max(len(months) - number, 0)
    return months[:number][-REMEMBERED:], months[number:]


def list_lessons(
    lessons: Iterable[Lesson], lines: Iterable[OwnLine], month: Month, zone: ZoneInfo
) -> tuple[list[Lesson], list[Lesson]]:
    """The lessons of earlier issues as far as they were chosen by the end of a month, and those of its own lines."""
    of_post = {line.post_id: line for line in lines}
    before, held_out = [], []
    for lesson in lessons:
        line = of_post.get(lesson.post.id)
        issue = line.issue if line else lesson.post.own_month
        chosen = line.chosen if line else Month.of(lesson.at, zone)
        if line and issue == month:
            held_out.append(lesson)
        elif issue and issue < month and is_known(chosen, month):
            before.append(lesson)
    return before, held_out


def is_known(chosen: Month | None, month: Month) -> bool:
    """Whether a choice of an earlier issue was known when a month was reviewed: an issue is often chosen in the first
    days of the next month.
    """
    return chosen is not None and chosen <= month


# --- the order of time ---


def put_into_months(
    given: Mapping[Month, Sequence[Candidate]], lines: Sequence[OwnLine]
) -> dict[Month, list[Candidate]]:
    """The posts that feeds gave of each month, with those of its lines."""
    ours = {line.given.post.id for line in lines if line.given} | {line.post_id for line in lines}
    months = {
        month: [candidate for candidate in candidates if candidate.post.id not in ours]
        for month, candidates in given.items()
    }
    for line in lines:
        if line.given and line.issue in months:
            months[line.issue].append(line.given)
    return months


def hide_text(candidate: Candidate) -> Candidate:
    """The candidate as its title alone shows it. Printed posts are read first, so in a month that is not read to its
    end a text would tell which these are.
    """
    post = replace(
        candidate.post,
        text="",
        words=0,
        links=(),
        language=find_language(candidate.post.title),
        images=0,
        first_image=None,
        code_blocks=0,
        code_lines=0,
        text_from=TextSource.FEED,
        said=(),
    )
    return replace(candidate, post=post)


def replay_issues(
    months: Mapping[Month, Sequence[Candidate]],
    lines: Sequence[OwnLine],
    tested: Sequence[Month],
    guess: Guesser,
    shipped: ShippedHistory,
    context: RankingContext,
    *,
    quotas: Quotas,
    zone: ZoneInfo,
) -> dict[Month, Ranking]:
    """Rank those of the *tested* months in which lines can be looked for, each by what was known of earlier ones."""
    # Imported late: scikit-learn takes a second to load, and a page reads answers without it.
    from aggregator.rank.ranking import Ranker

    telling = [month for month in tested if is_telling(months[month], lines, month, quotas.size)]
    if not telling:
        return {}
    memory = _Memory(Ranker(shipped), {line.given.post.id: line.chosen for line in lines if line.given}, context, zone)
    rankings: dict[Month, Ranking] = {}
    guessed: dict[Month, list[Candidate]] = {}
    # Months before the first of them are guessed by its model, which knows less than all later ones.
    model = telling[0]
    for month in sorted(each for each in months if each <= telling[-1]):
        model = month if month in telling else model
        guesses = {each.post_id: each for each in guess(model, [each.post for each in months[month]])}
        candidates = [replace(each, guess=guesses[each.post.id]) for each in months[month]]
        if month == model:
            memory.recall(guessed, month)
            hidden = [hide_outcome(each) for each in candidates]
            rankings[month] = memory.ranker.rank_month(month, hidden, context, weights={}, quotas=quotas)
        guessed[month] = candidates
    return rankings


@dataclass(frozen=True, slots=True)
class _Memory:
    """A ranker that remembers earlier months as they were known in another."""

    ranker: Ranker
    #: By post.
    chosen: Mapping[int, Month | None]
    context: RankingContext
    zone: ZoneInfo
    #: What the ranker remembers now.
    _recalled: dict[Month, list[Candidate]] = field(default_factory=dict)

    def recall(self, earlier: Mapping[Month, Sequence[Candidate]], month: Month) -> None:
        """Remember *earlier* months as they were known in a month; as long as that is the same as before, they stay."""
        for past in sorted(earlier):
            known = [self._know_in(month, each) for each in earlier[past]]
            if self._recalled.get(past) == known:
                continue
            self.ranker.forget_from(past)
            for later in [each for each in self._recalled if each >= past]:
                del self._recalled[later]
            is_closed = any(each.printed_in for each in known)
            self.ranker.remember_month(past, known, self.context, is_closed=is_closed)
            self._recalled[past] = known

    def _know_in(self, month: Month, candidate: Candidate) -> Candidate:
        decided = Month.of(candidate.verdict.at, self.zone) if candidate.verdict else None
        is_told = is_known(self.chosen.get(candidate.post.id, decided), month)
        return candidate if is_told else hide_outcome(candidate)


# --- the answer ---


@dataclass(frozen=True, slots=True)
class Placed:
    """A line that could be tested."""

    title: str
    url: str
    #: From 1, in the order in which posts would have been proposed: the shortlist first.
    place: int
    #: Among the same posts, newest first.
    newest: int


@dataclass(frozen=True, slots=True)
class Left:
    """A line that could not be tested."""

    title: str
    url: str
    why: Untested


@dataclass(frozen=True, slots=True)
class Issue:
    """A month of the list: its lines, and where they stood among the posts that feeds gave of it."""

    month: Month
    candidates: int
    #: By their places.
    placed: tuple[Placed, ...]
    left: tuple[Left, ...]

    @property
    def lines(self) -> int:
        return len(self.placed) + len(self.left)

    def count_found(self, first: int) -> int:
        """How many of the lines stood among the first."""
        return sum(each.place <= first for each in self.placed)

    def count_newest(self, first: int) -> int:
        """The same if the newest posts had come first."""
        return sum(each.newest <= first for each in self.placed)

    def expect(self, first: int) -> float:
        """How many are expected if the first had been drawn from all."""
        return len(self.placed) * first / self.candidates if self.placed else 0.0


@dataclass(frozen=True, slots=True)
class Unfollowed:
    """A place of lines that nobody follows."""

    place: str
    lines: int
    #: The site that would have to be followed, and lets no program in.
    wall: str | None = None


@dataclass(frozen=True, slots=True)
class Thin:
    """A part, a topic or a side of the scope with fewer examples than learning it takes."""

    axis: str
    key: str
    lessons: int
    needed: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What would have been proposed of a list."""

    made_at: datetime
    #: How many posts are proposed.
    first: int
    #: Newest first.
    issues: tuple[Issue, ...]
    #: Lines that neither the list nor a feed puts into a month.
    undated: int
    hosts: tuple[Unfollowed, ...]
    thin: tuple[Thin, ...]
    #: Whether the rows that come with the program stand in for examples of the list.
    is_lent: bool
    #: Whether months were ranked by titles alone, because some of their texts were not read yet.
    is_unread: bool

    @property
    def lines(self) -> int:
        return sum(issue.lines for issue in self.issues)

    @property
    def tested(self) -> int:
        return sum(len(issue.placed) for issue in self.issues)

    @property
    def found(self) -> int:
        return sum(issue.count_found(self.first) for issue in self.issues)

    @property
    def newest(self) -> int:
        return sum(issue.count_newest(self.first) for issue in self.issues)

    @property
    def expected(self) -> float:
        return sum(issue.expect(self.first) for issue in self.issues)

    def count_left(self) -> dict[Untested, int]:
        """The lines that could not be tested by the reason, the most frequent first."""
        return dict(Counter(each.why for issue in self.issues for each in issue.left).most_common())


def is_telling(candidates: Sequence[Candidate], lines: Iterable[OwnLine], month: Month, first: int) -> bool:
    """Whether a month has lines to look for, among more posts than would be proposed."""
    return len(candidates) > first and any(line.given for line in lines if line.issue == month)


def measure_issue(
    month: Month,
    candidates: Sequence[Candidate],
    lines: Iterable[OwnLine],
    ranking: Ranking | None,
    explain: Callable[[OwnLine], Untested],
) -> Issue:
    """Say where the lines of a month stood; without a ranking, why they could not be tested."""
    ours = [line for line in lines if line.issue == month]
    if ranking is None:
        left = [(line, Untested.FEW if line.given else explain(line)) for line in ours]
        return Issue(month, len(candidates), (), _leave(left))
    scores = sorted(ranking.scores, key=lambda score: (not score.shortlisted, score.rank))
    places = {score.post_id: place for place, score in enumerate(scores, 1)}
    # The number of a post would tell: lines were read from the list before feeds gave the others.
    ordered = sorted(
        (each.post for each in candidates), key=lambda post: (-post.published_at.timestamp(), post.canonical_url)
    )
    newest = {post.id: place for place, post in enumerate(ordered, 1)}
    placed = [
        Placed(line.title, line.url, places[line.given.post.id], newest[line.given.post.id])
        for line in ours
        if line.given
    ]
    left = [(line, explain(line)) for line in ours if not line.given]
    return Issue(month, len(candidates), tuple(sorted(placed, key=lambda each: each.place)), _leave(left))


def _leave(lines: Iterable[tuple[OwnLine, Untested]]) -> tuple[Left, ...]:
    return tuple(Left(line.title, line.url, why) for line, why in lines)


def explain_untested(line: OwnLine, *, is_followed: bool, is_gone: bool, oldest: date | None) -> Untested:
    """Say why feeds did not give a line; *oldest* is the day of the oldest entry of the feed of its site."""
    if is_gone:
        return Untested.GONE
    if not is_followed:
        return Untested.UNFOLLOWED
    if oldest is None:
        return Untested.UNHEARD
    is_older = line.issue is not None and oldest > line.issue.last_day
    return Untested.OLDER if is_older else Untested.ABSENT


def list_thin(heard: Iterable[Heard]) -> tuple[Thin, ...]:
    """What has too few examples, the fewest first."""
    thin = [Thin(one.axis, str(one.key), one.lessons, one.needed) for one in heard if one.lessons < one.needed]
    return tuple(sorted(thin, key=lambda each: each.lessons))
