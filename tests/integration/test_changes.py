"""When something changes of a post, what was derived from it falls behind, and nothing else does."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

import aggregator
from aggregator.pipeline import duplicates, publish, review
from aggregator.pipeline.search import index_new
from aggregator.shipped import SHIPPED
from aggregator.storage import judgements, pages, posts, renewal
from aggregator.storage.changes import Derived, list_behind
from aggregator.storage.database import Connection, Database
from aggregator.storage.feeds import change_feed
from aggregator.storage.search import index_posts
from aggregator.storage.tables import behind
from aggregator.types import (
    Correction,
    Decision,
    DigestState,
    Disclosure,
    DisclosureKind,
    Month,
    PageOutcome,
    PageReading,
    Ruled,
    Score,
    Verdict,
)
from world import FEED, NOW, home_of, make_draft, make_guess, make_update, store
from world.sections import BUSINESS, CV

MONTH = Month(2022, 12)
SECTION = SHIPPED.parse_section("2.1")
RULED = Ruled(SECTION, 1, "rule")
ALL = {Derived.GUESSES, Derived.COPIES, Derived.SEARCH}

_Change = Callable[[Database, int], object]


def _visit(**values: object) -> _Change:
    return lambda database, n: store(database, make_update(make_draft(n, **values)))


def _write(write: Callable[[Connection, int], object]) -> _Change:
    def change(database: Database, n: int) -> None:
        with database.writing() as connection:
            write(connection, n)

    return change


def _read_page(**values: object) -> _Change:
    def save(connection: Connection, n: int) -> None:
        reading = PageReading(n, f"https://tech.haneul.example/{n}", NOW, PageOutcome.KEPT, 1)
        pages.save_readings(connection, [replace(reading, **values)])

    return _write(save)


def _move(database: Database, n: int) -> None:
    old = f"https://tech.haneul.example/{n}"
    store(database, make_update(make_draft(n, canonical_url=f"https://b.example/{n}", was_at=old)))


def _decide(connection: Connection, n: int) -> None:
    judgements.append_verdict(connection, Verdict(n, Decision.HOLD, by="c", at=NOW))


def _save_score(connection: Connection, n: int, ruled: Ruled | None, month: Month | None = None) -> None:
    judgements.save_scores(connection, month or Month(2000 + n, 1), [Score(n, (), ruled=ruled)], NOW)


def _rank_again(connection: Connection, n: int, ruled: Ruled | None, month: Month | None = None) -> None:
    _save_score(connection, n, RULED)
    index_posts(connection, [n])
    _save_score(connection, n, ruled, month)


def _print(database: Database, n: int) -> None:
    correction = Correction(n, "c", NOW, section=SECTION)
    review.decide(home_of(database), n, Decision.APPROVE, correction=correction)
    publish.make_digest(home_of(database, folder=Path()), MONTH, DigestState.PRINTED)


#: What happens to a post that is guessed, compared and indexed, and what is behind then.
CHANGES: dict[str, tuple[_Change, set[Derived]]] = {
    "its feed gives it again": (_visit(), {Derived.COPIES}),
    "its title is edited": (_visit(title="Another title"), ALL),
    "its text is edited": (_visit(text="Another text"), ALL),
    "its feed gives another address": (_move, ALL),
    "its page discloses something": (
        _read_page(said=(Disclosure(DisclosureKind.MACHINE_TRANSLATED, "words"),)),
        {Derived.GUESSES, Derived.COPIES},
    ),
    "its page names another address": (
        _read_page(named_url="https://c.example", canonical_url="https://c.example"),
        ALL,
    ),
    "it joins a month": (_write(lambda c, n: posts.place_post(c, n, MONTH.shift(1), None)), {Derived.SEARCH}),
    "its date becomes known": (_write(lambda c, n: posts.set_found(c, n, NOW - timedelta(1))), ALL - {Derived.GUESSES}),
    "it is decided": (_write(_decide), {Derived.SEARCH}),
    "it is decided on a page": (lambda d, n: review.decide(home_of(d), n, Decision.HOLD), set()),
    "it is corrected": (
        _write(lambda c, n: judgements.append_correction(c, Correction(n, "c", NOW, title="T"))),
        {Derived.SEARCH},
    ),
    "it is guessed": (
        _write(lambda c, n: judgements.save_guesses(c, [make_guess(n, BUSINESS, CV)], NOW)),
        {Derived.SEARCH},
    ),
    "it is ranked": (_write(lambda c, n: _save_score(c, n, None)), set()),
    "a rule sorts it": (_write(lambda c, n: _save_score(c, n, RULED)), {Derived.SEARCH}),
    "a rule sorts it as before": (_write(lambda c, n: _rank_again(c, n, RULED)), set()),
    "a rule sorts it no more": (_write(lambda c, n: _rank_again(c, n, None)), {Derived.SEARCH}),
    "no rule sorts it in the month that it joins": (
        _write(lambda c, n: _rank_again(c, n, None, MONTH)),
        {Derived.SEARCH},
    ),
    "it gets another stem": (_write(lambda c, n: renewal.save_stems(c, {n: "stem"})), set()),
    "it is merged with another": (lambda d, n: duplicates.merge_posts(home_of(d), [n, n - 1]), set()),
    "it is printed": (_print, set()),
    "its feed is renamed": (_write(lambda c, _: change_feed(c, replace(FEED, name="Other"))), {Derived.SEARCH}),
}


def test_each_change_puts_behind_what_is_derived_from_it(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # A digest is printed.
    store(database, make_update(*(make_draft(n) for n in range(1, len(CHANGES) + 1))))
    with database.reading() as connection:
        assert {d for d in Derived if len(list_behind(connection, d)) == len(CHANGES)} == ALL, "new posts"
    index_new(database)
    found = {}
    for n, (name, (change, _)) in enumerate(CHANGES.items(), 1):
        with database.writing() as connection:
            connection.execute(behind.delete().where(behind.c.what != str(Derived.SEARCH)))
        change(database, n)
        with database.reading() as connection:
            found[name] = {derived for derived in Derived if list_behind(connection, derived, among=[n])}
        # What was found by one change is not to hide what another has forgotten.
        index_new(database)
    assert found == {name: expected for name, (_, expected) in CHANGES.items()}
    as_it_became = _read_index(database)
    index_new(database, anew=True)
    assert as_it_became == _read_index(database)


def _read_index(database: Database) -> list[tuple[int, str]]:
    """The terms of each position."""
    with database.reading() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        what = "rowid, terms" if is_sqlite else "position, CAST(terms AS text)"
        rows = connection.execute(sa.text(f"SELECT {what} FROM search_index ORDER BY 1")).all()
    return [(position, terms) for position, terms in rows]


def test_one_module_writes_posts() -> None:
    package = Path(aggregator.__file__).parent
    writers = {file.relative_to(package).as_posix() for file in package.rglob("*.py") if _writes_posts(file)}
    assert writers == {"storage/changes.py"}


def _writes_posts(file: Path) -> bool:
    writing = {"insert", "update", "delete", "upsert"}
    code = file.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(code)) if "storage.tables" in code else ():
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        owner = node.func.value if isinstance(node.func, ast.Attribute) else None
        if called.strip("_") in {*writing, "set"} and any(_is_posts(each) for each in (owner, *node.args)):
            return True
    return False


def _is_posts(node: ast.expr | None) -> bool:
    return ast.unparse(node) in {"posts", "tables.posts"} if node else False
