"""The account of a month: how completely it was visited, what became of its posts, and how its lines were chosen."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from aggregator.app import App
from aggregator.digest.read import read_digest
from aggregator.pipeline import account, history, publish, review, tokens
from aggregator.storage import feeds, tables
from aggregator.storage.database import Database
from aggregator.storage.rows import row_values
from aggregator.types import Coverage, Decision, DigestState, Funnel, Gap, Outcome, Visit
from clock import Clock
from world import FEEDS, MONTH, NOW, fill, text_of, visit_page


def _visit_december(app: App) -> None:
    """One visit a day; the feed of Mina failed from the tenth to the last but one, and the one of Lumen had a gap."""
    start = datetime(2022, 11, 20, 3, tzinfo=UTC)
    visits = [
        Visit(
            feed.key,
            start + timedelta(days=day),
            0.2,
            Outcome.FAILED if feed.key == "mina" and day > 19 else Outcome.NOT_MODIFIED,
        )
        for feed in FEEDS
        for day in range(42)
    ]
    gap = Gap("lumen", datetime(2022, 12, 3, tzinfo=UTC), datetime(2022, 12, 1, tzinfo=UTC))
    with app.database.writing() as connection:
        connection.execute(tables.visits.insert(), [row_values(**_fields(visit)) for visit in visits])
        connection.execute(tables.gaps.insert(), [row_values(**_fields(gap))])


def _fields(value: Visit | Gap) -> dict[str, object]:
    return {name: getattr(value, name) for name in value.__slots__ if name != "id"}


def _review(app: App, clock: Clock) -> dict[str, int]:
    numbers = fill(app)
    _visit_december(app)
    review.decide(app, numbers["continuous-batching"], Decision.APPROVE)
    review.decide(app, numbers["feature-stores"], Decision.REJECT, reason="shallow")
    clock.now = NOW + timedelta(days=4)
    return numbers


def _find(app: App) -> tuple[Coverage, bool]:
    with app.reading() as connection:
        return account.find_account(app, connection, MONTH)


def read_printed(app: App) -> str:
    return (app.digest_folder / f"{MONTH}.md").read_text("utf-8")


def test_the_account_is_kept_with_the_print(make_app: Callable[..., App], clock: Clock, database_url: str) -> None:
    app = make_app(FEEDS, database_url=database_url)
    numbers = _review(app, clock)
    publish.make_digest(app, MONTH, DigestState.PRINTED)
    kept, is_kept = _find(app)

    assert is_kept
    assert kept.unknown is None
    assert {feed.key: feed.days_missed for feed in kept.incomplete} == {"mina": 21, "lumen": 0}
    assert sum(feed.failed for feed in kept.feeds) == 22
    assert replace(kept.funnel, out_of_scope=0) == Funnel(
        entries=10, candidates=10, proposed=5, approved=1, rejected=1, undecided=8, reasons=(("shallow", 1),)
    )

    # What is decided afterwards changes nothing, until it is printed again.
    review.decide(app, numbers["eta-transformer"], Decision.APPROVE)
    assert _find(app) == (kept, True)
    printed = read_printed(app)
    # As if it had been deleted meanwhile: the account does not forget that it was collected.
    with app.database.writing() as connection:
        gone = tables.posts.c.id == numbers["hiring"]
        connection.execute(tables.posts.update().where(gone).values(month="2020-01"))
    later = make_app(home=app.folder, database_url=database_url, digest={"head": "# Another head\n"})
    publish.make_digest(later, MONTH, DigestState.PRINTED, again=True)
    again = _find(app)
    assert (again[0].funnel.candidates, again[0].funnel.approved, again[0].funnel.undecided) == (10, 2, 7)

    # Undone and redone, a further print is as it was, with its texts and its account.
    reprinted = read_printed(app)
    history.undo(later)
    assert (_find(app), read_printed(app)) == ((kept, True), printed)
    history.redo(later)
    assert (_find(app), read_printed(app)) == (again, reprinted)

    # A first print that is redone after a new draft has an account too.
    for _ in ("the further print", "the approval", "the print"):
        history.undo(app)
    publish.make_digest(app, MONTH, DigestState.DRAFT)
    history.redo(app)
    assert _find(app)[1]


def test_on_wish_the_month_says_how_it_was_chosen_and_the_page_says_it_once(
    make_app: Callable[..., App], clock: Clock
) -> None:
    app = make_app(FEEDS, digest={"page": "README.md", "how_chosen": True, "coverage_comment": True, "language": "ko"})
    _review(app, clock)
    page, own = app.folder / "README.md", app.digest_folder / f"{MONTH}.md"
    page.write_text("# Posts\n\n## 1. Research\n### 1.1. CV\n* [Old (Sep 2022)](https://old.example/)\n", "utf-8")
    publish.add_to_page(app, MONTH)
    before = page.read_text("utf-8")
    assert "<!--" not in before

    publish.make_digest(app, MONTH, DigestState.PRINTED)
    first, printed = page.read_text("utf-8"), own.read_bytes()

    assert "2022년 12월" in first
    assert "coverage of the month" not in first
    assert own.read_text("utf-8").count("<!-- aggregator: coverage of the month\n2022년 12월") == 1
    found = read_digest(own.read_text("utf-8"), app.settings.merge_texts(None))
    assert (found.remarks, len(found.digest.lines)) == ((), 1)

    # Undone and redone, all bytes are back; printed again, the page says it once.
    history.undo(app)
    assert page.read_text("utf-8") == before
    history.redo(app)
    assert (page.read_text("utf-8"), own.read_bytes()) == (first, printed)
    clock.now += timedelta(days=1)
    publish.make_digest(app, MONTH, DigestState.PRINTED, again=True)
    assert (page.read_text("utf-8"), own.read_bytes()) == (first, printed)


def test_page_command_and_api_tell_the_same(
    make_app: Callable[..., App], clock: Clock, call_console: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    app = make_app(FEEDS)
    curator = visit_page(app, _review(app, clock)).log_in()
    page = text_of(curator.read("/coverage/2022-12"))

    assert "4 of 6 feeds complete" in page
    assert "Days without a successful visit: Mina Halloran (21 days)." in page
    assert "Rejected as: shallow 1." in page
    assert "As it stands now" in page
    assert 'href="/coverage/2022-12"' in curator.read("/digest/2022-12")
    curator.read("/coverage/9999-12")
    assert "4 of 6 complete" in text_of(curator.read("/digest/2022-12"))

    _, token = tokens.add_token(app, "script", is_read_only=True)
    answer = curator.client.get("/api/v1/months/2022-12/coverage", headers={"Authorization": f"Bearer {token}"})
    told = json.loads(call_console("--home", str(app.folder), "digest", "coverage", "2022-12", "--json").stdout)
    assert answer.json()["feeds"][-1]["days_missed"] == 0
    assert answer.json()["funnel"] == told["funnel"]
    assert told["funnel"]["reasons"] == [["shallow", 1]]


def test_a_finished_day_is_counted_anew_when_its_visits_change(
    make_app: Callable[..., App], clock: Clock, database_url: str
) -> None:
    """Only feeds whose visits have changed are looked at again, whoever changed them."""
    app = make_app(FEEDS, database_url=database_url)
    _visit_december(app)
    clock.now = NOW + timedelta(days=4)
    late = Visit("mina", datetime(2022, 12, 28, 12, tzinfo=UTC), 0.2, Outcome.NOT_MODIFIED)

    def count_missed() -> dict[str, int]:
        return {feed.key: feed.days_missed for feed in _find(app)[0].feeds if feed.days_missed}

    assert count_missed() == {"mina": 22}
    other = Database(app.database.place)
    with other.writing() as connection:
        (number,) = connection.execute(tables.visits.insert(), row_values(**_fields(late))).inserted_primary_key
    assert count_missed() == {"mina": 21}
    with other.writing() as connection:
        connection.execute(tables.visits.update().where(tables.visits.c.id == number).values(feed_key="lumen"))
    assert count_missed() == {"mina": 22}
    with other.writing() as connection:
        feeds.rename_feed(connection, "mina", "mina-2")
    assert count_missed() == {"mina-2": 22}
    other.close()
