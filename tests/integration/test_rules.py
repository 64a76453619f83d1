"""Rules of the curator in the whole App: kept, tried and applied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa

from aggregator.app import App
from aggregator.exceptions import NotFoundError, RuleError
from aggregator.pipeline import publish, review
from aggregator.pipeline.rules import preview_rule, save_rule, turn_rule
from aggregator.shipped import SHIPPED
from aggregator.storage import digests, rules, samples, tables
from aggregator.storage.candidates import get_candidate, list_candidates
from aggregator.storage.outlines import list_outlines
from aggregator.types import (
    Act,
    Candidate,
    Correction,
    Decision,
    DigestState,
    Ground,
    Month,
    Rule,
    RuleState,
    Subject,
    Trait,
)
from clock import Clock
from world import FEEDS, MONTH, NOW, fill, make_draft, make_update, store

MUTE = Rule(Trait.WORDS, "batches", Act.MUTE)
RAISE = Rule(Trait.PATTERN, "^what .* taught", Act.POINTS, points=3.0)
MOVE = Rule(Trait.ADDRESS, "lumen.example/sparse-experts", Act.SECTION, section=SHIPPED.parse_section("2.4"))
SHOW = Rule(Trait.WORDS, "hiring", Act.SHOW)


def open_home(make_app: Callable[..., App], **settings: str) -> tuple[App, dict[str, int]]:
    app = make_app((*FEEDS[:-1], replace(FEEDS[-1], tags=("ml",))), curator="mina", **settings)
    return app, fill(app)


@pytest.fixture
def home(make_app: Callable[..., App], database_url: str) -> tuple[App, dict[str, int]]:
    return open_home(make_app, database_url=database_url)


@pytest.fixture
def one_home(make_app: Callable[..., App]) -> tuple[App, dict[str, int]]:
    """Where it does not matter which database it is."""
    return open_home(make_app)


def get(app: App, number: int) -> Candidate:
    with app.reading() as connection:
        return get_candidate(connection, number)


def list_names(app: App) -> list[tuple[int, str, RuleState]]:
    with app.reading() as connection:
        return [(rule.number, rule.name, rule.state) for rule in rules.list_rules(connection)]


def test_what_is_said_of_a_rule_is_appended_and_the_last_word_counts(
    home: tuple[App, dict[str, int]], clock: Clock
) -> None:
    app, _ = home
    first = save_rule(app, MUTE)
    second = save_rule(app, MOVE)
    clock.advance(hours=1)
    save_rule(app, replace(MUTE, sought="hiring", number=first.number))
    turn_rule(app, second.number, RuleState.REMOVED)
    assert list_names(app) == [
        (first.number, "words “hiring”", RuleState.ON),
        (second.number, "address “lumen.example/sparse-experts”", RuleState.REMOVED),
    ]
    with app.reading() as connection:
        kept = rules.list_rules(connection)[1]
    assert (kept.section, kept.by, kept.at) == (SHIPPED.parse_section("2.4"), "mina", clock.now)
    with app.database.writing() as connection:
        connection.execute(tables.rules.update().where(tables.rules.c.section.is_not(None)).values(section="art/music"))
    turn_rule(app, second.number, RuleState.ON)
    assert list_names(app)[1][2] is RuleState.ON
    with app.reading() as connection:
        sections = connection.execute(sa.select(tables.rules.c.section).order_by(tables.rules.c.id)).scalars().all()
    assert sections[-1] == "art/music", "a section that is gone may come back"


def test_a_rule_for_what_is_not_there_is_refused(one_home: tuple[App, dict[str, int]]) -> None:
    app, _ = one_home
    for wrong in ({"feed": "nobody"}, {"tag": "none"}):
        with pytest.raises(RuleError, match="no feed has"):
            save_rule(app, replace(MUTE, **wrong))
    with pytest.raises(NotFoundError, match="no rule 99"):
        save_rule(app, replace(MUTE, number=99))
    with pytest.raises(NotFoundError, match="no rule 99"):
        turn_rule(app, 99, RuleState.OFF)


def test_rules_apply_when_a_month_is_ranked_and_leave_when_they_are_switched_off(
    home: tuple[App, dict[str, int]],
) -> None:
    app, numbers = home
    app.judge.rank([MONTH])
    before = {one.post.id: one.score for one in list_all(app)}
    made = [save_rule(app, rule) for rule in (MUTE, RAISE, MOVE, SHOW)]
    # As the daemon does each minute, whoever has changed them.
    assert app.judge.rank_decided() == {MONTH}
    assert app.judge.rank_decided() == set()

    muted = get(app, numbers["continuous-batching"])
    raised, moved, shown = (get(app, numbers[path]) for path in ("feature-stores", "sparse-experts", "hiring"))
    assert muted.score
    assert raised.score
    assert shown.score
    assert (muted.score.shortlisted, muted.score.placement.ground) == (False, Ground.MUTED)
    assert (raised.score.reasons[0].name, raised.score.reasons[0].share) == (f"rule {made[1].number}", 3.0)
    assert (str(moved.section), str(moved.guess.section)) == ("2.4", "1.2")
    assert shown.score.shortlisted
    with app.reading() as connection:
        outlines = {one.post_id: one for one in list_outlines(connection, MONTH)}
        ranked = {one.post_id for one in samples.list_ranked(connection, MONTH)}
    assert [number for number, one in outlines.items() if one.is_muted] == [muted.post.id]
    assert str(outlines[moved.post.id].section) == "2.4"
    assert muted.post.id not in ranked

    for rule in made:
        turn_rule(app, rule.number, RuleState.OFF)
    app.judge.rank([MONTH])
    assert {one.post.id: one.score for one in list_all(app)} == before


def list_all(app: App) -> list[Candidate]:
    with app.reading() as connection:
        return list_candidates(connection, MONTH)


def test_an_approved_post_stays_in_the_section_of_its_rule_whatever_becomes_of_that(
    one_home: tuple[App, dict[str, int]],
) -> None:
    app, numbers = one_home
    rule = save_rule(app, MOVE)
    app.judge.rank([MONTH])
    review.decide(app, numbers["sparse-experts"], Decision.APPROVE)
    turn_rule(app, rule.number, RuleState.OFF)
    app.judge.rank([MONTH])
    assert str(get(app, numbers["sparse-experts"]).section) == "2.4"
    # It is the curator's word from then on, and no rule goes over it.
    save_rule(app, replace(MOVE, section=SHIPPED.parse_section("2.1"), number=rule.number))
    app.judge.rank([MONTH])
    assert str(get(app, numbers["sparse-experts"]).section) == "2.4"


def test_a_rule_never_goes_over_the_section_that_the_curator_named(one_home: tuple[App, dict[str, int]]) -> None:
    app, numbers = one_home
    number = numbers["sparse-experts"]
    review.decide(
        app, number, Decision.HOLD, correction=Correction(number, "", NOW, section=SHIPPED.parse_section("1.1"))
    )
    save_rule(app, MOVE)
    app.judge.rank([MONTH])
    assert str(get(app, number).section) == "1.1"


def test_a_preview_counts_what_was_touched_in_90_days_and_what_of_it_was_printed(
    home: tuple[App, dict[str, int]],
) -> None:
    app, numbers = home
    review.decide(app, numbers["색인-없이"], Decision.APPROVE)
    publish.make_digest(app, Month(2022, 11), DigestState.PRINTED)
    seen = preview_rule(app, Rule(Trait.ADDRESS, "haneul.example", Act.MUTE, state=RuleState.OFF))
    assert (seen.touched, seen.printed) == (3, 1)
    assert [one.post.id for one in seen.examples] == [
        numbers[path] for path in ("색인-없이", "이미지-중복", "실시간-추천")
    ]
    assert preview_rule(app, replace(MUTE, feed="haneul")).touched == 0
    assert preview_rule(app, Rule(Trait.PATTERN, ".", Act.MUTE, tag="ml")).touched == 2
    with app.reading() as connection:
        assert digests.list_digests(connection)
        assert not rules.list_rules(connection)


def test_authors_and_categories_come_from_what_feeds_gave(home: tuple[App, dict[str, int]]) -> None:
    app, _ = home
    update = make_update(make_draft(1, tags=("행사", "ML")))
    entries = tuple(replace(entry, author="김하늘, Bo") for entry in update.entries)
    store(app.database, replace(update, entries=entries))
    with app.reading() as connection:
        subjects = rules.list_subjects(connection, MONTH, with_authors=True)
    subject = next(one for one in subjects if one.address == "https://tech.haneul.example/1")
    assert isinstance(subject, Subject)
    assert (list(subject.categories), subject.authors) == (["행사", "ML"], ["김하늘, Bo"])
    for trait, sought in ((Trait.AUTHOR, "김하늘"), (Trait.CATEGORY, "행사")):
        assert preview_rule(app, Rule(trait, sought, Act.MUTE)).touched == 1
