"""Published pages that are read: what they close, what was passed over, and what reading them wrongly once has done."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from aggregator.app import App
from aggregator.digest.extent import Wanted
from aggregator.digest.read import read_digest
from aggregator.digest.render import render_digest
from aggregator.exceptions import DigestError
from aggregator.pipeline import months, publish, review
from aggregator.pipeline.publish import Imported, import_digest
from aggregator.posts.dating import place_post
from aggregator.storage import candidates, digests, judgements, posts
from aggregator.storage.tables import posts as post_table
from aggregator.types import Candidate, Decision, DigestState, Extent, Ground, Month
from clock import Clock
from world import FEEDS, NOW, fill, import_page, make_draft, make_guess, make_update, store, visit_page

NOVEMBER, DECEMBER, JANUARY, FEBRUARY = (Month(2022, 11), Month(2022, 12), Month(2023, 1), Month(2023, 2))
MID_JANUARY = datetime(2023, 1, 15, 3, tzinfo=UTC)

#: As the page of January 2023 is: two months, the first line of the next, old ones, and a year mistyped.
PAGE = """# 요약

## 1. Research
### 1.2. NLP
* [Some Remarks (Jan 2023)](https://old.example/remarks)
* [*CALM* (Dec 2022, Lumen)](https://old.example/calm): 신뢰도
* [RLHF (Dec 2022)](https://old.example/rlhf)
* [Better LMs (Nov 2022, Lumen)](https://old.example/better)
* [Mixtures (Nov 2022)](https://old.example/mixtures)
* [Multilingual (Nov 2002)](https://old.example/multilingual)
* [Aligning (Jan 2022)](https://old.example/aligning)
"""


@pytest.fixture
def app(make_app: Callable[..., App], database_url: str, clock: Clock) -> App:
    clock.now = MID_JANUARY
    return make_app(FEEDS, database_url=database_url)


@pytest.fixture
def home(make_app: Callable[..., App], clock: Clock) -> App:
    """The same on SQLite alone, for what takes its time."""
    clock.now = MID_JANUARY
    return make_app(FEEDS)


def _read(app: App, page: str = PAGE, month: Month | None = None, until: date | None = None) -> Imported:
    """Read a page, without the judging that follows, which takes its time."""
    wanted = Wanted(month, until)
    return import_digest(app, read_digest(page, app.settings.merge_texts(None)), wanted)


def _get(app: App, reference: str) -> Candidate:
    with app.reading() as connection:
        found = posts.find_post_id(connection, reference)
        assert found is not None
        return candidates.get_candidate(connection, found)


def _list_shortlist(app: App, month: Month) -> list[str]:
    with app.reading() as connection:
        found = candidates.list_candidates(connection, month)
    return sorted(one.post.url.rpartition("/")[2] for one in found if one.score and one.score.shortlisted)


def _list_months(app: App) -> list[str]:
    with app.reading() as connection:
        return [str(month) for month in posts.list_months(connection)]


def _list_digests(app: App) -> dict[str, str]:
    with app.reading() as connection:
        return {str(month): str(state) for month, state in digests.list_digests(connection)}


def test_a_cumulative_page_closes_no_month(app: App) -> None:
    imported = _read(app)
    assert imported.extent == Extent(until=date(2022, 12, 31))
    assert (imported.new, _list_digests(app)) == (7, {})
    remarks, calm = _get(app, "https://old.example/remarks"), _get(app, "https://old.example/calm")
    for line, month in ((remarks, JANUARY), (calm, DECEMBER)):
        assert line.verdict
        assert (line.verdict.decision, line.printed_in, line.is_on_page) == (Decision.APPROVE, month, True)
    assert _read(app).new == 0
    with app.reading() as connection:
        assert [render_digest(page.digest) for page in digests.list_printed(connection)] == [PAGE]


def test_what_comes_of_the_month_of_its_newest_line_is_of_that_month_and_printed_in_it(app: App) -> None:
    _read(app)
    number = _bring_january(app)
    assert _get(app, str(number)).post.month == JANUARY
    review.decide(app, number, Decision.APPROVE)
    printed = publish.make_digest(app, JANUARY, DigestState.PRINTED).read_text("utf-8")
    assert re.findall(r"\((https://[^)]*)\)", printed) == ["https://tech.haneul.example/1"], "nothing is printed twice"
    assert publish.make_digest(app, JANUARY, DigestState.PRINTED, again=True).read_text("utf-8") == printed


def _bring_january(app: App) -> int:
    """A post of the 20th of January, in a section; returns its number."""
    with app.reading() as connection:
        published = digests.list_published(connection)
    place = place_post(JANUARY, published, FEBRUARY)
    store(
        app.database,
        make_update(
            make_draft(1, month=place.month, late_for=place.late_for, published_at=datetime(2023, 1, 20, 3, tzinfo=UTC))
        ),
    )
    number = _get(app, "https://tech.haneul.example/1").post.id
    with app.database.writing() as connection:
        judgements.save_guesses(connection, [make_guess(number)], NOW)
    return number


def test_a_mistyped_year_is_told_and_makes_no_month(home: App) -> None:
    imported = _read(home)
    assert [(remark.number, remark.sentence) for remark in imported.remarks] == [
        (
            10,
            "“Multilingual” names Nov 2002, far from all other lines; it is kept as it stands, and the post counts as "
            "one of Nov 2022.",
        )
    ]
    assert _list_months(home) == ["2023-01", "2022-12", "2022-11", "2022-01"]
    assert _get(home, "https://old.example/multilingual").printed_in == NOVEMBER


def test_what_was_passed_over_counts_as_seen(home: App) -> None:
    numbers = fill(home)
    home.judge.rank({NOVEMBER, DECEMBER})
    assert _list_shortlist(home, DECEMBER)
    assert months.find_open_month(home) == NOVEMBER, "the oldest first"

    home.judge.rank(_read(home).months)
    assert (_list_shortlist(home, NOVEMBER), _list_shortlist(home, DECEMBER)) == ([], [])
    passed = _get(home, str(numbers["continuous-batching"]))
    assert passed.score
    assert passed.score.placement
    assert (passed.verdict, passed.is_seen, passed.score.placement.ground) == (None, True, Ground.SEEN)
    assert months.find_open_month(home) == JANUARY
    assert list(months.list_work(home)) == []
    page = visit_page(home, numbers).log_in()
    assert "Not on the shortlist: passed over by the page that was read" in page.read_post("continuous-batching")
    assert "2 of its lines are on the cumulative page that was read" in page.read("/digest/2022-12")

    # The curator thinks otherwise of one: it is drafted, and printed when they say so.
    review.decide(home, passed.post.id, Decision.APPROVE)
    assert [(str(month), str(state)) for month, state in months.list_work(home)] == [("2022-12", "draft")]

    _read(home, month=JANUARY)
    assert "read the file again; that opens Jan 2023" in page.read("/digest/2023-01")


def test_what_was_passed_over_by_mistake_is_proposed_again(home: App) -> None:
    fill(home)
    home.judge.rank({DECEMBER})
    proposed = _list_shortlist(home, DECEMBER)
    home.judge.rank(_read(home).months)
    assert _list_shortlist(home, DECEMBER) == []
    # It went less far; or it was the digest of another month, and nothing is passed over.
    assert _read(home, until=date(2022, 11, 30)).months == {DECEMBER}
    home.judge.rank(_read(home, month=Month(2022, 1)).months)
    assert _list_shortlist(home, DECEMBER) == proposed


def test_a_day_can_be_named_and_named_again(app: App) -> None:
    fill(app)
    last_of_13th, first_of_14th = "실시간-추천", "continuous-batching"
    for until, seen in ((date(2022, 12, 13), [True, False]), (date(2022, 12, 14), [True, True])):
        assert _read(app, until=until).extent == Extent(until=until)
        found = [
            _get(app, f"https://{place}")
            for place in (f"haneul.example/{last_of_13th}", f"northwind.example/{first_of_14th}")
        ]
        assert [one.is_seen for one in found] == seen
    assert _read(app, until=date(2022, 10, 31)).new == 0
    assert _get(app, f"https://northwind.example/{first_of_14th}").is_seen is False, "also to an earlier day"
    with app.reading() as connection:
        assert len(digests.list_printed(connection)) == 1
    with pytest.raises(DigestError, match="that day has not come"):
        _read(app, until=date(2023, 1, 16))


def test_a_month_under_review_is_closed_only_when_that_is_said(home: App) -> None:
    fill(home)
    page = "# 요약\n\n## 1. Research\n### 1.2. NLP\n* [*CALM* (Dec 2022)](https://old.example/calm)\n"
    assert _read(home, page).extent == Extent(until=date(2022, 12, 31))
    assert _list_digests(home) == {}
    assert _read(home, page, DECEMBER).extent == Extent(month=DECEMBER)
    assert _list_digests(home) == {"2022-12": "read"}
    with home.reading() as connection:
        assert digests.find_page(connection) is None, "one file is one thing"


def test_what_was_printed_here_reads_back_as_the_digest_of_its_month(
    home: App, make_app: Callable[..., App], tmp_path: Path
) -> None:
    numbers = fill(home)
    for name in ("continuous-batching", "색인-없이"):
        review.decide(home, numbers[name], Decision.APPROVE)
    with home.database.writing() as connection:
        late = post_table.update().where(post_table.c.id == numbers["색인-없이"])
        connection.execute(late.values(month="2022-12", late_for="2022-11"))
    printed = publish.make_digest(home, DECEMBER, DigestState.PRINTED)
    other = make_app(FEEDS, home=tmp_path / "other")
    assert import_page(other, printed.read_text("utf-8"), named=DECEMBER).extent == Extent(month=DECEMBER)
    with other.reading() as connection:
        assert render_digest(digests.get_digest(connection, DECEMBER).digest) == printed.read_text("utf-8")


def test_a_page_that_was_taken_for_a_month_is_set_right_by_reading_it_again(app: App, clock: Clock) -> None:
    # As it was read before: January closed, a month of 2002, and a post of January late for it.
    _read(app, month=JANUARY)
    multilingual = _get(app, "https://old.example/multilingual").post.id
    with app.database.writing() as connection:
        mistaken = post_table.update().where(post_table.c.id == multilingual)
        connection.execute(mistaken.values(month="2002-11", published_at=datetime(2002, 11, 1, 12, tzinfo=UTC)))
    number = _bring_january(app)
    assert (_get(app, str(number)).post.month, _get(app, str(number)).post.late_for) == (FEBRUARY, JANUARY)

    clock.now = datetime(2023, 2, 7, 3, tzinfo=UTC)
    grown = PAGE.replace("* [RLHF", "* [Sparrow (Dec 2022)](https://old.example/sparrow)\n* [RLHF")
    imported = _read(app, grown)
    assert (imported.extent, imported.new) == (Extent(until=date(2022, 12, 31)), 1)
    assert imported.opened == {JANUARY}
    assert _list_digests(app) == {}
    assert _list_months(app) == ["2023-01", "2022-12", "2022-11", "2022-01"]
    assert (_get(app, str(number)).post.month, _get(app, str(number)).post.late_for) == (JANUARY, None)
    assert [str(month) for month, _ in months.list_work(app)] == ["2023-01"]
    with app.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(digests.digests)).scalar() == 1


def test_a_digest_that_was_read_stays_when_a_page_repeats_it(home: App) -> None:
    november = "".join(line for line in PAGE.splitlines(keepends=True) if "(Nov 2022" in line or line[0] in "#\n")
    _read(home, november)
    _read(home, PAGE)
    assert _list_digests(home) == {"2022-11": "read"}
    better = _get(home, "https://old.example/better")
    assert (better.printed_in, better.is_on_page) == (NOVEMBER, False)
