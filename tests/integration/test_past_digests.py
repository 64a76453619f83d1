"""Evidence over years: what was printed and read, how its months were reviewed, and a search of its lines."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from aggregator.app import App
from aggregator.digest.extent import Wanted
from aggregator.digest.read import read_digest
from aggregator.pipeline import history, publish, review, search
from aggregator.storage import actions
from aggregator.storage.reviews import list_past
from aggregator.types import Decision, DigestState, Month, MonthReview
from clock import Clock
from world import FEEDS, MONTH, NOW, Curator, fill, text_of, visit_page

OLD = """# 요약

## 1. Research
### 1.2. NLP
* [Aligning (Jan 2020, Lumen)](https://old.example/aligning): 사람의 피드백
"""
APPROVED = ("continuous-batching", "eta-transformer")


def _read(app: App, page: str) -> None:
    """Read a page, without the judging that follows, which takes its time."""
    publish.import_digest(app, read_digest(page, app.settings.merge_texts(None)), Wanted(None))
    search.index_new(app.database)


def _review(app: App, clock: Clock) -> Curator:
    """December, printed after three days of review, in which one verdict was undone; then an approval came late."""
    numbers = fill(app)
    for days, post, decision, reason in (
        (0, "continuous-batching", Decision.APPROVE, None),
        (0, "feature-stores", Decision.REJECT, "shallow"),
        (1, "실시간-추천", Decision.HOLD, None),
        (2, "eta-transformer", Decision.APPROVE, None),
        (3, "hiring", Decision.REJECT, "job offer"),
    ):
        clock.now = NOW + timedelta(days=days)
        review.decide(app, numbers[post], decision, reason=reason)
    with app.reading() as connection:
        last = actions.find_newest(connection)
    assert last
    history.undo(app, last.id)
    clock.now = NOW + timedelta(days=4)
    publish.make_digest(app, MONTH, DigestState.PRINTED)
    clock.now = NOW + timedelta(days=5)
    review.decide(app, numbers["sparse-experts"], Decision.APPROVE)
    _read(app, OLD)
    return visit_page(app, numbers)


def test_a_month_was_reviewed_as_it_stood_at_its_print(
    make_app: Callable[..., App], clock: Clock, database_url: str
) -> None:
    curator = _review(make_app(FEEDS, database_url=database_url), clock)
    with curator.app.reading() as connection:
        newest, oldest = list_past(connection)

    approved, decided = (
        [curator.get(post).score for post in posts]
        for posts in (APPROVED, [*APPROVED, "feature-stores", "실시간-추천"])
    )
    assert (newest.month, newest.state, newest.lines) == (MONTH, DigestState.PRINTED, 2)
    assert newest.review == MonthReview(
        candidates=10,
        approved=2,
        held=1,
        rejected=1,
        undecided=6,
        first_at=NOW,
        last_at=NOW + timedelta(days=3),
        deepest_approved=max(score.rank for score in approved if score),
        deepest_decided=max(score.rank for score in decided if score),
    )
    # Nobody reviewed it here.
    assert (oldest.month, oldest.state, oldest.lines) == (Month(2020, 1), DigestState.READ, 1)
    assert oldest.review
    assert (oldest.review.approved, oldest.review.first_at) == (1, None)


def test_the_page_shows_all_and_finds_lines(make_app: Callable[..., App], clock: Clock) -> None:
    curator = _review(make_app(FEEDS), clock).log_in()
    page, found = text_of(curator.read("/digests")), text_of(curator.read("/digests?q=피드백"))

    assert (
        "Dec 2022 printed 4 Jan 2023 3 days, from 31 Dec 2022 2 10 2 1 7 5 6 Jan 2020 read 5 Jan 2023 – 1 1 1" in page
    )
    assert "1 line found." in found
    assert "Aligning (Jan 2020, Lumen) : 사람의 피드백" in found
    assert "Dec 2022 printed" not in found
    assert "0 lines found." in text_of(curator.read("/digests?q=nothing"))
    assert 'href="/digests"' in curator.read("/digest/2022-12")

    # Of two months, and so a page: it stands after the digest of its last month.
    _read(curator.app, OLD.replace("Jan 2020", "Dec 2022") + OLD.splitlines()[-1])

    assert re.search(
        r"how its month.*Page up to 31 Dec 2022 read 5 Jan 2023 – 2 – – .* Dec 2022 printed",
        text_of(curator.read("/digests")),
    )
