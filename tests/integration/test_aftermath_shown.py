"""What became of it: a month ninety days after its print, as page, command and API tell it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from aggregator.app import App
from aggregator.config import SHIPPED_TEXTS
from aggregator.evaluate.aftermath import EvidenceKind, Quarter
from aggregator.evaluate.burial import Burier
from aggregator.pipeline.aftermath import Aftermath, find_aftermath, list_quarters
from aggregator.rank.effect import Effect
from aggregator.storage.database import Database
from aggregator.storage.digests import save_digest
from aggregator.storage.judgements import append_verdict
from aggregator.storage.pages import add_alias
from aggregator.storage.tables import posts
from aggregator.types import Decision, Digest, DigestState, Verdict, Weight
from clock import Clock
from world import FEEDS, MONTH, NOW, home_of, make_draft, make_update, store, text_of, visit_page
from world.worlds import AFTERMATH

QUARTER = Quarter(2022, 4)
LATE = NOW + timedelta(days=10)


@pytest.fixture
def app(make_app: Callable[..., App], clock: Clock) -> App:
    made = make_app(FEEDS)
    numbers.clear()
    numbers.update(AFTERMATH.fill(made))
    clock.now = AFTERMATH.now
    return made


numbers: dict[str, int] = {}


def look(app: App) -> Aftermath:
    with app.reading() as connection:
        return find_aftermath(app, connection, QUARTER)


def test_what_was_taken_up_is_told_with_what_had_buried_it(app: App) -> None:
    found = look(app)

    month = found.months[2]
    taken = {
        name: each for each in month.taken_up for name, number in numbers.items() if number == each.candidate.post.id
    }
    assert {name: (each.burier, [sign.of for sign in each.signs]) for name, each in taken.items()} == {
        "tensor-parallelism": (Burier.REJECTED, ["Serving, a Survey", "What I Read in March"]),
        "feature-stores": (Burier.SCORE, ["The Invented Weekly 12"]),
        "이미지-중복": (Burier.SCORE, ["Hacker News"]),
        **{f"quiet-{n}": (Burier.SCORE, ["Serving, a Survey"]) for n in (1, 2, 3, 4)},
    }
    assert [gap.weight for gap in taken["quiet-1"].gaps] == [Weight.ANNOUNCEMENT, Weight.BUSINESS_CASE]
    talk, round_up = taken["이미지-중복"].signs[0], taken["feature-stores"].signs[0]
    assert (talk.kind, talk.value, talk.url) == (EvidenceKind.TALK, 412, "https://news.ycombinator.com/item?id=1")
    assert (round_up.kind, round_up.url) == (EvidenceKind.ROUND_UP, "https://weekly.example/12")
    assert next(iter(taken)) == "tensor-parallelism", "most voices first"
    assert (month.looked_at, month.all_taken_up) == (21, 7)
    assert (Burier.REJECTED, "shallow", 1, 1) in [(b.burier, b.reason, b.posts, b.taken_up) for b in month.buried]
    assert [(line.is_gone, bool(line.signs)) for line in month.lines] == [(False, True), (True, False)]


def test_each_database_finds_links_to_former_addresses_and_what_the_curator_chose(database: Database) -> None:
    former = "https://old.example/2"
    later = [
        make_draft(
            50, url="https://mina.example/50", links=(former,), organisation="Mina", feed_key=None, published_at=LATE
        ),
        make_draft(51, title="Nightjar 2.0: Filters", published_at=LATE),
    ]
    store(database, make_update(make_draft(1), make_draft(2), make_draft(3, title="Nightjar 1.0: Search"), *later))
    with database.writing() as connection:
        numbers = {url[-2:]: number for url, number in connection.execute(sa.select(posts.c.url, posts.c.id))}
        # A copy that is of another month than the post in whose place it stands.
        of_copy = posts.update().where(posts.c.id == numbers["/2"])
        connection.execute(of_copy.values(copy_of=numbers["/1"], month="2022-11"))
        add_alias(connection, former, numbers["/2"])
        append_verdict(connection, Verdict(numbers["51"], Decision.APPROVE, "mina", LATE))
        save_digest(connection, MONTH, DigestState.PRINTED, Digest(SHIPPED_TEXTS), [], NOW)
    home = home_of(database, now=NOW + timedelta(days=100))

    with home.reading() as connection:
        found = find_aftermath(home, connection, QUARTER)

    assert found.later == 2
    assert {each.candidate.post.id: [sign.kind for sign in each.signs] for each in found.months[2].taken_up} == {
        numbers["/1"]: [EvidenceKind.LINK],
        numbers["/3"]: [EvidenceKind.SEQUEL],
    }


def test_a_weight_is_proposed_and_tried_on_the_page_of_weights(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    page = visit_page(app, numbers).log_in()
    # What an effect is made of is tested with the page of weights.
    monkeypatch.setattr(type(app.judge), "try_overrides", lambda *_, **__: Effect((), (), (), 0, (0, 0)))

    shown = page.read("/aftermath/2022-Q4")

    assert found_weights(app) == {Weight.ANNOUNCEMENT: 0.8}
    assert 'name="weights.announcement" value="0.8"' in shown
    preview = page.send("/weights/preview", **{"month": "2022-12", "weights.announcement": "0.8"})
    assert "What would move" in preview.text
    assert 'name="weights.announcement" value="0.8"' in preview.text
    assert found_weights(app) == {Weight.ANNOUNCEMENT: 0.8}, "nothing is stored"


def found_weights(app: App) -> dict[Weight, float]:
    return {each.weight: each.proposed for each in look(app).proposals}


def test_a_month_is_told_as_soon_as_its_ninety_days_are_over(app: App, clock: Clock) -> None:
    page = visit_page(app, numbers).log_in()
    assert page.client.get("/aftermath", follow_redirects=False).headers["location"] == "/aftermath/2022-Q4"

    clock.now = AFTERMATH.now - timedelta(days=20)

    said = text_of(page.read("/aftermath/2022-Q4"))
    assert "Printed on 7 Jan 2023; its ninety days end on 7 Apr 2023." in said
    assert "Not printed here." in said
    with app.reading() as connection:
        assert list_quarters(app, connection) == []
    assert "not a quarter" in page.read("/aftermath/2022-12", 404)


def test_the_command_and_the_page_say_the_same(
    app: App, call_console: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    home = str(app.folder)

    told = call_console("--home", home, "digest", "aftermath", "2022-Q4")
    as_json = json.loads(call_console("--home", home, "digest", "aftermath", "--json").stdout)

    assert "rejected: shallow" in told.stdout
    assert "aggregator weights set weights.announcement 0.8" in told.stdout
    assert as_json["quarter"] == str(QUARTER)
    month = as_json["months"][2]
    assert (month["month"], month["looked_at"], month["all_taken_up"]) == (str(MONTH), 21, 7)
