"""One history of everything that the curator does: any action is undone and redone, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from aggregator.app import App
from aggregator.exceptions import DigestError, ReviewError
from aggregator.pipeline import duplicates, follow, history, invitations, months, publish, review, rules, weights
from aggregator.pipeline.adding import Details, add_post
from aggregator.pipeline.home import Home
from aggregator.review.verdicts import NOT_A_POST
from aggregator.shipped import SHIPPED
from aggregator.storage import actions, corrections, digests, readers, tables
from aggregator.storage.candidates import get_candidate
from aggregator.storage.feeds import list_feed_states
from aggregator.storage.overrides import list_overrides
from aggregator.storage.rules import list_rules
from aggregator.types import (
    CORRECTED_FIELDS,
    Act,
    ActionKind,
    Correction,
    Decision,
    DigestState,
    InvitationKind,
    Month,
    Next,
    ReadPost,
    Rule,
    RuleState,
    Trait,
    Until,
)
from aggregator.words.actions import say_action, say_taken_back
from profiles import costly
from world import FEEDS, MONTH, NOW

ALL = FIRST, SECOND, THIRD = "continuous-batching", "feature-stores", "sparse-experts"
FEED = FEEDS[0].key
MUTE = Rule(trait=Trait.WORDS, sought="batching", act=Act.MUTE)

Act_ = Callable[[App, dict[str, int]], object]


def _decide(post: str, decision: Decision, *, until: Until | None = None, **changes: Any) -> Act_:
    def act(app: App, numbers: dict[str, int]) -> object:
        correction = Correction(numbers[post], "", NOW, **changes) if changes else None
        reason = "shallow" if decision is Decision.REJECT else None
        return review.decide(app, numbers[post], decision, reason=reason, until=until, correction=correction)

    return act


def _decide_all(decision: Decision, **said: Any) -> Act_:
    return lambda app, numbers: review.decide_many(app, [numbers[post] for post in ALL], decision, **said)


def _correct(post: str, **changes: Any) -> Act_:
    return lambda app, numbers: review.correct(app, numbers[post], Correction(numbers[post], "", NOW, **changes))


def _read_again(app: App, number: int) -> ReadPost:
    with app.reading() as connection:
        post = get_candidate(connection, number).post
    return ReadPost(post.url, (post.canonical_url,), post.title)


#: What can be done by name, what is said of it, and what is said when it is undone at once.
ACTS: dict[str, tuple[Act_, str, str]] = {
    "approve": (_decide(FIRST, Decision.APPROVE), "Approved “{first}”", "“{first}” is undecided again"),
    "approve with a note": (
        _decide(FIRST, Decision.APPROVE, note="Read it.", section=SHIPPED.parse_section("2.1")),
        "Approved “{first}”, with its section and note",
        "“{first}” is undecided again, and its section and note as before",
    ),
    "approve with a star": (
        _decide(FIRST, Decision.APPROVE, star=True),
        "Approved “{first}”, with its star",
        "“{first}” is undecided again, and its star as before",
    ),
    "reject": (_decide(SECOND, Decision.REJECT), "Rejected “{second}” as shallow", "“{second}” is undecided again"),
    "hold": (_decide(SECOND, Decision.HOLD), "Held “{second}”", "“{second}” is undecided again"),
    "hold until next month": (
        _decide(FIRST, Decision.HOLD, until=Next.MONTH),
        "Held “{first}” until Jan 2023",
        "“{first}” is undecided again",
    ),
    "hold until a day": (
        _decide(FIRST, Decision.HOLD, until=date(2023, 1, 5)),
        "Held “{first}” until 5 Jan 2023",
        "“{first}” is undecided again",
    ),
    "hold until the next part": (
        _decide(THIRD, Decision.HOLD, until=Next.PART),
        "Held “{third}” until the next part of its series",
        "“{third}” is undecided again",
    ),
    "reject many": (
        _decide_all(Decision.REJECT, reason="shallow"),
        "Rejected 3 posts as shallow",
        "3 verdicts are taken back: “{first}” and 2 other posts are as before",
    ),
    "hold many until next month": (
        _decide_all(Decision.HOLD, until=Next.MONTH),
        "Held 3 posts until Jan 2023",
        "3 verdicts are taken back: “{first}” and 2 other posts are as before",
    ),
    "not a post": (
        _decide_all(Decision.REJECT, reason=NOT_A_POST),
        "Rejected 3 posts as not a post",
        "3 verdicts are taken back: “{first}” and 2 other posts are as before",
    ),
    "give many a section": (
        lambda app, numbers: review.correct_many(
            app, [numbers[post] for post in ALL], Correction(0, "", NOW, section=SHIPPED.parse_section("1.1"))
        ),
        "Changed the section of 3 posts",
        "3 corrections are taken back: “{first}” and 2 other posts are as before",
    ),
    "edit": (
        _correct(FIRST, title="Another *title*", organisation=""),
        "Changed the title and organisation of “{first}”",
        "The title and organisation of “{first}” are back",
    ),
    "clear a note": (_correct(FIRST, note=""), "Changed the note of “{first}”", "The note of “{first}” is back"),
    "give a month": (
        lambda app, numbers: months.give_month(app, numbers[THIRD], Month(2022, 11)),
        "Gave “{third}” its month, 2022-11",
        "“{third}” is back where it was",
    ),
    "add a known post": (
        lambda app, numbers: add_post(app, _read_again(app, numbers[FIRST]), Details(note="Added.")),
        "Added “{first}” to Dec 2022, with its note",
        "“{first}” is back where it was",
    ),
    "merge": (
        lambda app, numbers: duplicates.merge_posts(app, [numbers[FIRST], numbers[SECOND]]),
        "Merged “{first}” with 1 other post",
        "“{first}” and what it was merged with are as before",
    ),
    "part": (
        lambda app, numbers: duplicates.part_posts(app, numbers[FIRST], numbers[SECOND]),
        "Split “{second}” from 1 other post",
        "“{second}” is back with its copies",
    ),
    "weigh": (
        lambda app, _: weights.set_overrides(app, {"weights.depth": 2, "shortlist.size": 7}),
        "Set weights.depth and shortlist.size",
        "weights.depth and shortlist.size are as before",
    ),
    "add a rule": (
        lambda app, _: rules.save_rule(app, MUTE),
        "Saved a rule for “batching”",
        "The rule for “batching” is as before",
    ),
    "edit a feed": (
        lambda app, _: follow.change_feed(app, FEED, {"name": "A new name", "tags": ["ml"]}),
        "Changed the name and tags of the feed A new name",
        "The feed {feed} is as before",
    ),
    "move a feed": (
        lambda app, _: follow.change_feed(app, FEED, {"url": "https://elsewhere.example/feed"}),
        "Changed the address of the feed {feed}",
        "The feed {feed} is as before",
    ),
    "pause a feed": (
        lambda app, _: follow.pause_feed(app, FEED),
        "Paused the feed {feed}",
        "The feed {feed} is as before",
    ),
    "give out a link": (
        lambda app, _: invitations.invite(app, "key", InvitationKind.SUGGEST),
        "Gave out a link to suggest posts",
        "A link to suggest posts is ended",
    ),
}


def look(app: App) -> dict[str, Any]:
    """Everything that a curator can change, as it counts now."""
    with app.reading() as connection:
        posts = connection.execute(sa.select(tables.posts).order_by(tables.posts.c.id)).mappings().all()
        fields = CORRECTED_FIELDS
        corrected = corrections.merge_corrections(connection, corrections.select_corrections(sa.true()))
        decided = {
            row.id: (row.decision, row.reason, row.until) for row in connection.execute(sa.select(tables.verdicts))
        }
        names = ("published_at", "published_from", "month", "waits_for", "late_for", "copy_of")
        return {
            "places": [[post[name] for name in names] for post in posts],
            "verdicts": [(decided.get(post["verdict_id"]), decided.get(post["returned_id"])) for post in posts],
            "corrections": {
                number: said
                for number, row in corrected.items()
                if (said := [row.get(name) for name in fields]) != [None] * len(fields)
            },
            "overrides": {one.name: one.value for one in list_overrides(connection)},
            "rules": list_rules(connection),
            "feeds": [(state.feed, state.paused_at is None) for state in list_feed_states(connection)],
            "digests": digests.list_digests(connection),
            "links": [each.kind for each in readers.list_invitations(connection) if each.ended_at is None],
        }


def name_all(app: App, numbers: dict[str, int]) -> dict[str, str]:
    with app.reading() as connection:
        titles = {row.id: row.title for row in connection.execute(sa.select(tables.posts))}
    return {
        "first": titles[numbers[FIRST]],
        "second": titles[numbers[SECOND]],
        "third": titles[numbers[THIRD]],
        "feed": FEEDS[0].name,
    }


@pytest.mark.parametrize("name", ACTS)
def test_every_kind_of_action_is_undone_and_redone(filled_home: tuple[App, dict[str, int]], name: str) -> None:
    app, numbers = filled_home
    act, said, back = ACTS[name]
    names, before = name_all(app, numbers), look(app)
    act(app, numbers)
    done = look(app)
    if name not in {"clear a note", "part"}:
        assert done != before
    with app.reading() as connection:
        ((action, of), *_) = actions.list_past(connection, limit=1)
    assert say_action(action, of) == said.format(**names)

    change = history.undo(app)
    assert look(app) == before
    told = say_taken_back(change.actions, change.name, change.candidate, is_undo=True)
    assert told == back.format(**names)
    with app.reading() as connection:
        ((undo, of), *_) = actions.list_past(connection, limit=1)
        of_kind = actions.list_past(connection, limit=9, kinds={action.kind})
    assert [each.id for each, _ in of_kind][:2] == [undo.id, action.id], "with what undid it"
    assert say_action(undo, of) == f"Undid: {said.format(**{**names, 'feed': of})}".replace("A new name", of)

    history.redo(app)
    assert look(app) == done
    history.undo(app, action.id)
    assert look(app) == before


def test_an_empty_note_takes_the_note_away_and_undo_brings_it_back(one_home: tuple[App, dict[str, int]]) -> None:
    app, numbers = one_home
    for post in (SECOND, FIRST):
        _decide(post, Decision.APPROVE)(app, numbers)
    _decide(FIRST, Decision.APPROVE, note="x")(app, numbers)
    noted = look(app)
    _decide(FIRST, Decision.APPROVE, note="")(app, numbers)
    change = history.undo(app)
    assert look(app) == noted
    assert change.candidate
    assert (change.candidate.post.id, change.candidate.correction and change.candidate.correction.note) == (
        numbers[FIRST],
        "x",
    )


#: Acts that are drawn besides those by name. A month that was printed is a draft once that is undone, so the law begins
#: with a draft.
_PRINT = "print"
#: Of approved posts only.
_STARS: dict[str, Act_] = {"star": _correct(FIRST, star=True), "take a star": _correct(FIRST, star=False)}
_DRAWN = (*ACTS, *_STARS, _PRINT, "undo", "redo")


@pytest.fixture
def drafted_home(one_home: tuple[App, dict[str, int]]) -> tuple[App, dict[str, int]]:
    publish.make_digest(one_home[0], MONTH, DigestState.DRAFT)
    return one_home


def _act(app: App, numbers: dict[str, int], name: str) -> None:
    if name == _PRINT:
        publish.make_digest(app, MONTH, DigestState.PRINTED)
    else:
        (_STARS.get(name) or ACTS[name][0])(app, numbers)


def _follow(app: App, numbers: dict[str, int], names: list[str]) -> None:
    """Do what is named; each undo and redo on the way, and all of them at the end, give the state that was."""
    past, ahead = [look(app)], list[dict[str, Any]]()

    def undo() -> None:
        history.undo(app)
        ahead.append(past.pop())
        assert look(app) == past[-1]

    def redo() -> None:
        history.redo(app)
        past.append(ahead.pop())
        assert look(app) == past[-1]

    for name in names:
        if name in {"undo", "redo"}:
            if name == "undo" and past[1:]:
                undo()
            elif name == "redo" and ahead:
                redo()
            continue
        before = _count(app)
        try:
            _act(app, numbers, name)
        except (ReviewError, DigestError):
            continue
        if _count(app) > before:
            past.append(look(app))
            ahead.clear()
    done = len(past) - 1
    for _ in range(done):
        undo()
    for _ in range(done):
        redo()
    for _ in range(done):
        undo()


@costly
@given(names=st.lists(st.sampled_from(_DRAWN), min_size=1, max_size=8))
def test_any_sequence_and_its_undos_give_the_first_state(
    drafted_home: tuple[App, dict[str, int]], names: list[str]
) -> None:
    _follow(*drafted_home, names)


def test_all_acts_one_after_the_other_are_every_kind_of_action(drafted_home: tuple[App, dict[str, int]]) -> None:
    app, numbers = drafted_home
    _follow(app, numbers, ["approve", *_STARS, "star", _PRINT, "undo", "redo", *ACTS, "merge", "part"])
    with app.reading() as connection:
        kinds = connection.execute(sa.select(tables.actions.c.kind).distinct()).scalars()
        assert set(kinds) == set(ActionKind)


def _count(app: App) -> int:
    """How many acts are in force; a batch is one."""
    acted = tables.actions.c
    query = sa.select(sa.func.count()).where(~acted.undone, sa.or_(acted.batch.is_(None), acted.batch == acted.id))
    with app.reading() as connection:
        return connection.execute(query).scalar_one()


def test_an_undone_rule_and_a_later_state_of_it(one_home: tuple[App, dict[str, int]]) -> None:
    app, _ = one_home
    made = rules.save_rule(app, MUTE)
    rules.turn_rule(app, made.number, RuleState.OFF)
    history.undo(app)
    with app.reading() as connection:
        assert [rule.state for rule in list_rules(connection)] == [RuleState.ON]
    history.undo(app)
    with app.reading() as connection:
        assert list_rules(connection) == []


def test_a_feed_that_has_changed_again_is_not_put_back_over_it(one_home: tuple[App, dict[str, int]]) -> None:
    app, _ = one_home
    follow.change_feed(app, FEED, {"name": "First"})
    with app.reading() as connection:
        ((first, _), *_) = actions.list_past(connection, limit=1)
    follow.change_feed(app, FEED, {"name": "Second"})
    with pytest.raises(ReviewError, match="name of the feed has changed again since"):
        history.undo(app, first.id)
    assert _count(app) == 2, "a refused undo stores nothing"


def test_a_print_is_undone_with_its_file_and_waits_for_the_curator_then(
    filled_home: tuple[App, dict[str, int]],
) -> None:
    app, numbers = filled_home
    _decide(FIRST, Decision.APPROVE)(app, numbers)
    before = look(app)
    path = publish.make_digest(app, MONTH, DigestState.PRINTED)
    page = path.read_bytes()
    draft = path.with_name(f"{MONTH}.draft.md")

    history.undo(app)
    assert look(app)["digests"] == [(MONTH, DigestState.DRAFT)]
    assert {**look(app), "digests": []} == {**before, "digests": []}
    assert (path.exists(), draft.read_bytes()) == (False, page)
    assert all(work.state is DigestState.DRAFT for work in months.list_work(app))

    history.redo(app)
    assert (path.read_bytes(), draft.exists()) == (page, False)
    _decide(SECOND, Decision.APPROVE)(app, numbers)
    publish.make_digest(app, MONTH, DigestState.PRINTED, again=True)
    again = path.read_bytes()
    assert again != page
    history.undo(app)
    assert (path.read_bytes(), look(app)["digests"]) == (page, [(MONTH, DigestState.PRINTED)])
    history.redo(app)
    assert path.read_bytes() == again


def test_each_curator_undoes_their_own_actions(one_home: tuple[App, dict[str, int]]) -> None:
    app, numbers = one_home
    _decide(FIRST, Decision.APPROVE)(app, numbers)
    jun = Home(app.folder, app.settings.model_copy(update={"curator": "jun"}), app.database, app.clock)
    with pytest.raises(ReviewError, match="nothing to undo"):
        history.undo(jun)
    with app.reading() as connection:
        ((action, _),) = actions.list_past(connection, limit=5)
    history.undo(jun, action.id)
    with app.reading() as connection:
        past = actions.list_past(connection, limit=5)
    assert [(one.kind, one.by, one.is_undone) for one, _ in past] == [("undo", "jun", False), ("decide", "mina", True)]


@pytest.mark.parametrize(("act", "said"), [(history.undo, "nothing to undo"), (history.redo, "nothing to redo")])
def test_with_no_action_nothing_is_taken_back(one_home: tuple[App, dict[str, int]], act: Any, said: str) -> None:
    with pytest.raises(ReviewError, match=said):
        act(one_home[0])


def test_a_new_action_ends_what_can_be_redone(one_home: tuple[App, dict[str, int]]) -> None:
    app, numbers = one_home
    _decide(FIRST, Decision.APPROVE)(app, numbers)
    history.undo(app)
    _decide(SECOND, Decision.HOLD)(app, numbers)
    with pytest.raises(ReviewError, match="nothing to redo"):
        history.redo(app)
