"""What would have been proposed of a curator's list: nothing of an issue, or of what was chosen later, is known while it
is ranked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

from aggregator.classify.learning import Lesson
from aggregator.config import Settings
from aggregator.evaluate.own_list import (
    Left,
    OwnLine,
    Untested,
    choose_issues,
    explain_untested,
    find_chosen,
    hide_text,
    list_lessons,
    measure_issue,
    put_into_months,
    read_lines,
    replay_issues,
)
from aggregator.rank.ranking import RankingContext, ShippedHistory
from aggregator.shipped import SHIPPED
from aggregator.types import Candidate, Correction, DateSource, Decision, Guess, Month, Post, Quotas, Verdict
from aggregator.words.own_list import say_answer
from aggregator.words.own_list_picture import draw_answer
from world import make_candidate, make_guess, make_post
from world.nouns import ANSWER

SEOUL = ZoneInfo("Asia/Seoul")
TEXTS = Settings().merge_texts(None)
OCTOBER, NOVEMBER, DECEMBER = Month(2022, 10), Month(2022, 11), Month(2022, 12)
READ = datetime(2026, 11, 30, tzinfo=UTC)


def _at(month: Month, day: int = 10) -> datetime:
    return datetime(month.year, month.month, day, 3, tzinfo=UTC)


def _post(number: int, month: Month, **changes: Any) -> Post:
    return make_post(number, month=month, published_at=_at(month), **changes)


def _printed(
    number: int, month: Month, *, chosen: datetime = READ, named: Month | None = None, by: str = "", **changes: Any
) -> Candidate:
    by = by or "digest until 2022-12-31"
    return Candidate(
        _post(number, month, **changes),
        verdict=Verdict(number, Decision.APPROVE, by, chosen),
        correction=Correction(number, by, READ, section=SHIPPED.sections[0], month=named),
        printed_in=month,
    )


# --- lines ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("candidate", "chosen"),
    [
        pytest.param(_printed(1, NOVEMBER), None, id="read without a history"),
        pytest.param(_printed(1, NOVEMBER, chosen=_at(DECEMBER)), DECEMBER, id="a commit says the day"),
        pytest.param(_printed(1, NOVEMBER, by="digest 2022-12"), DECEMBER, id="the digest of a month"),
        pytest.param(_printed(1, NOVEMBER, by="mina", chosen=_at(DECEMBER)), DECEMBER, id="decided here"),
        pytest.param(make_candidate(), None, id="no verdict"),
    ],
)
def test_when_a_line_was_chosen(candidate: Candidate, chosen: Month | None) -> None:
    assert find_chosen(candidate, SEOUL) == chosen


def test_a_line_belongs_to_the_month_that_the_list_says_and_else_to_that_of_its_feed() -> None:
    printed = [
        _printed(1, DECEMBER, named=DECEMBER),
        _printed(2, DECEMBER, chosen=_at(DECEMBER), published_from=DateSource.DIGEST, feed_key=None),
        replace(_printed(3, DECEMBER), post=replace(_post(3, OCTOBER), month=DECEMBER)),
        _printed(4, DECEMBER, published_from=DateSource.DIGEST, feed_key=None),
    ]
    assert [line.issue for line in read_lines(printed, SEOUL)] == [DECEMBER, DECEMBER, OCTOBER, None]


def test_a_copy_that_a_feed_gave_stands_in_for_a_post_of_the_list() -> None:
    main = _printed(1, NOVEMBER, named=NOVEMBER, feed_key=None)
    copy = Candidate(_post(2, NOVEMBER, copy_of=1))
    (line,) = read_lines([main, copy], SEOUL)
    assert line.post_id == 1
    assert line.given is not None
    assert (line.given.post.id, line.given.printed_in) == (2, NOVEMBER)


def test_the_last_issues_are_tested_and_those_before_remembered() -> None:
    lines = [OwnLine(n, "", "", OCTOBER.shift(n), None, None) for n in range(5)]
    assert choose_issues(lines, 2) == ([OCTOBER.shift(n) for n in range(3)], [OCTOBER.shift(3), OCTOBER.shift(4)])
    assert choose_issues([], 6) == ([], [])


def test_a_model_learns_from_earlier_issues_as_they_were_known_alone() -> None:
    def lesson(number: int, at: datetime, month: Month = OCTOBER) -> Lesson:
        return Lesson(_post(number, month), SHIPPED.sections[0], "decision", at)

    lines = [
        OwnLine(1, "", "", OCTOBER, OCTOBER, None),
        OwnLine(2, "", "", OCTOBER, DECEMBER, None),
        OwnLine(3, "", "", NOVEMBER, NOVEMBER, None),
        OwnLine(4, "", "", None, None, None),
        OwnLine(7, "", "", OCTOBER, NOVEMBER, None),
    ]
    lessons = [lesson(n, READ) for n in (1, 2, 3, 4, 7)]
    lessons += [lesson(5, _at(NOVEMBER)), lesson(6, _at(NOVEMBER), NOVEMBER), lesson(8, _at(DECEMBER))]
    before, held_out = list_lessons(lessons, lines, NOVEMBER, SEOUL)
    # Many choose October's issue in the first days of November.
    assert [each.post.id for each in before] == [1, 7, 5]
    assert [each.post.id for each in held_out] == [3]


# --- the order of time ------------------------------------------------------------------------------------------------


class Asked:
    """Guesses everything alike, and notes by the model of which month."""

    def __init__(self) -> None:
        self.models: dict[Month, Month] = {}

    def __call__(self, month: Month, posts: Sequence[Post]) -> list[Guess]:
        self.models |= {post.month: month for post in posts}
        return [make_guess(post.id) for post in posts]


def _world(outcome: bool) -> tuple[dict[Month, list[Candidate]], list[OwnLine]]:
    """Three months of 12 posts; *outcome* chooses which posts of December were printed."""
    given = {
        month: [Candidate(_post(100 * month.month + n, month, feed_key=f"feed-{n % 3}")) for n in range(12)]
        for month in (OCTOBER, NOVEMBER, DECEMBER)
    }
    printed = [1000, 1003, 1100, 1103, *([1200, 1203] if outcome else [1208, 1211])]
    ours = [
        replace(
            _printed(number, month, named=month, chosen=_at(month)),
            post=next(each.post for each in given[month] if each.post.id == number),
        )
        for number in printed
        for month in [Month(2022, number // 100)]
    ]
    lines = read_lines(ours, SEOUL)
    return put_into_months(given, lines), lines


def _rank(
    months: dict[Month, list[Candidate]],
    lines: list[OwnLine],
    asked: Asked,
    tested: Sequence[Month] = (NOVEMBER, DECEMBER),
) -> dict[Month, list[int]]:
    rankings = replay_issues(
        months,
        lines,
        tested,
        asked,
        ShippedHistory(),
        RankingContext(),
        quotas=Quotas(size=4),
        zone=SEOUL,
    )
    return {month: [score.post_id for score in ranking.scores] for month, ranking in rankings.items()}


def test_what_became_of_an_issue_does_not_change_its_order() -> None:
    asked = Asked()
    ranked, otherwise = (_rank(*_world(outcome), asked) for outcome in (True, False))
    assert {month: sorted(found) for month, found in ranked.items()} == {
        month: sorted(found) for month, found in otherwise.items()
    }
    assert ranked == otherwise
    # October, which is only remembered, is guessed by a model that knows nothing of November.
    assert asked.models == {OCTOBER: NOVEMBER, NOVEMBER: NOVEMBER, DECEMBER: DECEMBER}


def test_a_line_that_was_chosen_later_does_not_help() -> None:
    months, lines = _world(True)
    later = [replace(line, chosen=DECEMBER.shift(3)) if line.issue == OCTOBER else line for line in lines]
    never = [line for line in lines if line.issue != OCTOBER]
    unprinted = {**months, OCTOBER: [replace(each, printed_in=None, verdict=None) for each in months[OCTOBER]]}
    assert _rank(months, later, Asked()) == _rank(unprinted, never, Asked())


def test_a_line_that_was_chosen_in_the_first_days_of_the_next_month_helps_that_month() -> None:
    months, lines = _world(True)
    late = [replace(line, chosen=line.issue.shift(1)) if line.issue else line for line in lines]
    assert _rank(months, late, Asked()) == _rank(months, lines, Asked())


def test_what_is_known_later_is_remembered_anew() -> None:
    months, lines = _world(True)
    # What was chosen of October is not known in November, and known in December.
    late = [replace(line, chosen=DECEMBER) if line.issue == OCTOBER else line for line in lines]
    both = _rank(months, late, Asked())
    assert both[DECEMBER] == _rank(months, late, Asked(), [DECEMBER])[DECEMBER]
    assert both[DECEMBER] == _rank(months, lines, Asked())[DECEMBER]


def test_without_its_text_a_post_is_as_it_was_unread() -> None:
    post = _post(1, OCTOBER, text="Long.", words=900, links=("https://github.com/a/b",), images=3, code_lines=9)
    unread = _post(1, OCTOBER, language="und")
    assert hide_text(Candidate(post)) == hide_text(Candidate(unread))
    assert hide_text(Candidate(post)).post.language == "ko"


def test_equal_days_are_not_ordered_by_when_posts_were_stored() -> None:
    # A line was read from the list before the feed gave the others.
    line, other = (
        _post(1, DECEMBER, canonical_url="https://x.example/b"),
        _post(2, DECEMBER, canonical_url="https://x.example/a"),
    )
    months, lines = (
        {DECEMBER: [Candidate(line), Candidate(other)]},
        [OwnLine(1, "", "", DECEMBER, DECEMBER, Candidate(line))],
    )
    ranked = replay_issues(
        months, lines, [DECEMBER], Asked(), ShippedHistory(), RankingContext(), quotas=Quotas(size=1), zone=SEOUL
    )[DECEMBER]
    (placed,) = measure_issue(DECEMBER, months[DECEMBER], lines, ranked, lambda _: Untested.GONE).placed
    assert (placed.place, placed.newest) == (2, 2)


def test_months_with_too_few_posts_are_not_tested() -> None:
    months, lines = _world(True)
    assert (
        replay_issues(
            months, lines, [DECEMBER], Asked(), ShippedHistory(), RankingContext(), quotas=Quotas(size=12), zone=SEOUL
        )
        == {}
    )
    issue = measure_issue(DECEMBER, months[DECEMBER], lines, None, lambda _: Untested.GONE)
    assert [each.why for each in issue.left] == [Untested.FEW, Untested.FEW]


def test_the_lines_of_an_issue_have_their_places() -> None:
    months, lines = _world(True)
    rankings = replay_issues(
        months, lines, [DECEMBER], Asked(), ShippedHistory(), RankingContext(), quotas=Quotas(size=4), zone=SEOUL
    )
    lost = OwnLine(9, "Lost", "https://x.example/", DECEMBER, DECEMBER, None)
    issue = measure_issue(DECEMBER, months[DECEMBER], [*lines, lost], rankings[DECEMBER], lambda _: Untested.OLDER)
    shortlist = {score.post_id for score in rankings[DECEMBER].scores if score.shortlisted}
    assert issue.count_found(len(shortlist)) == len(shortlist & {1200, 1203})
    assert issue.expect(4) == pytest.approx(2 * 4 / 12)
    # All are of one day, so the first comes first.
    assert sorted(each.newest for each in issue.placed) == [1, 4]
    assert (issue.lines, issue.left) == (3, (Left("Lost", "https://x.example/", Untested.OLDER),))


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"is_followed": False, "is_gone": False, "oldest": None}, Untested.UNFOLLOWED),
        ({"is_followed": True, "is_gone": True, "oldest": None}, Untested.GONE),
        ({"is_followed": True, "is_gone": False, "oldest": None}, Untested.UNHEARD),
        ({"is_followed": True, "is_gone": False, "oldest": date(2023, 1, 1)}, Untested.OLDER),
        ({"is_followed": True, "is_gone": False, "oldest": date(2022, 12, 31)}, Untested.ABSENT),
    ],
)
def test_why_a_line_could_not_be_tested(facts: dict[str, Any], why: Untested) -> None:
    assert explain_untested(OwnLine(1, "", "", DECEMBER, None, None), **facts) is why


# --- what is said -----------------------------------------------------------------------------------------------------


def test_the_answer_is_said_with_its_counts() -> None:
    assert say_answer(ANSWER, TEXTS) == [
        "Of the last 2 issues 50% of the tested lines stood in the first 40 that would have been proposed: 1 of 2.",
        "Newest first, 1 would have stood there; by chance, 0.5.",
        "2 of 4 lines could be tested. The others: 1 (nobody follows its site); 1 (feeds gave so few posts of its month "
        "that all would have been proposed).",
        "These hosts are not followed: c.example (1), walled.example (1, refuses programs).",
        "These have too few examples: 7 of 20 approved in “CV”.",
        "2 more lines say neither their month nor the day on which they were chosen.",
    ]


def test_an_answer_without_tested_lines_says_so() -> None:
    said = say_answer(replace(ANSWER, issues=ANSWER.issues[1:]), TEXTS)
    assert said[0] == "Not one line of the last issue could be tested."
    assert say_answer(replace(ANSWER, issues=()), TEXTS)[0].startswith("Nothing was printed or imported yet")


def test_the_picture_is_sound_and_says_everything_in_words() -> None:
    picture = ElementTree.fromstring(draw_answer(ANSWER, TEXTS))
    name = "{http://www.w3.org/2000/svg}"
    assert "that would have been proposed: 1 of 2." in (picture.findtext(f"{name}desc") or "")
    titles = [each.text for each in picture.iter(f"{name}title")]
    assert titles == ["Where the lines stood among the posts of their month", "3. R&D <of> ours", "77. Deep"]
