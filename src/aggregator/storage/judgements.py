"""Judgements on posts: guesses, scores, signals, verdicts and corrections."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from aggregator.storage.actions import holds
from aggregator.storage.changes import Derived, catch_up, change_post, fall_behind, list_behind
from aggregator.storage.rows import in_batches, row_values, upsert
from aggregator.storage.tables import corrections, feeds, guesses, posts, scores, signals, verdicts
from aggregator.types import (
    Correction,
    Decision,
    DisclosureKind,
    Ground,
    Guess,
    Month,
    Placement,
    Score,
    Signal,
    Verdict,
    read_until,
)

#: The author of verdicts and corrections that come from an imported digest.
FROM_DIGEST = "digest %"
#: Whether a rule keeps a post out of the shortlist and of the usual views; never null.
IS_MUTED = sa.func.coalesce(scores.c.standing[0].as_string() == str(Ground.MUTED), sa.false())


def save_guesses(
    connection: sa.Connection, made: Sequence[Guess], now: datetime, *, of: Mapping[int, int] | None = None
) -> None:
    """Store what the classifier believes now, in place of what it believed before.

    *of* are the changes that were behind when the posts were read: one that has changed since is left out. None means
    that they were read in this transaction.
    """
    behind = list_behind(connection, Derived.GUESSES, among=[guess.post_id for guess in made])
    if of is not None:
        made = [guess for guess in made if behind.get(guess.post_id) == of.get(guess.post_id)]
    catch_up(connection, [behind[guess.post_id] for guess in made if guess.post_id in behind])
    rows = [
        {
            "post_id": guess.post_id,
            **_write_guess(guess),
            "model_version": guess.model_version,
            "guessed_at": now,
            "disclosures": guess.disclosures or None,
        }
        for guess in made
    ]
    upsert(connection, guesses, rows, unique=["post_id"])
    # A translation names its original and ranks behind it.
    kind = DisclosureKind.MACHINE_TRANSLATED
    translated = [guess.post_id for guess in made if any(one.kind is kind for one in guess.disclosures)]
    fall_behind(connection, Derived.COPIES, translated)
    fall_behind(connection, Derived.SEARCH, [guess.post_id for guess in made])


class OpenGuess(NamedTuple):
    """The part of the stored guess of an undecided post that shows whether another guess differs."""

    guessed_at: datetime
    month: Month
    #: Its key.
    section: str | None
    probability: float
    out_of_scope: float | None

    def differs_from(self, guess: Guess) -> bool:
        return self != self.with_guess(guess)

    def with_guess(self, guess: Guess) -> OpenGuess:
        key = guess.section.key if guess.section else None
        return OpenGuess(self.guessed_at, self.month, key, guess.probability, guess.out_of_scope)


def list_open_guesses(
    connection: sa.Connection, model_version: str, months: Collection[Month], *, limit: int
) -> dict[int, OpenGuess]:
    """List the guesses of this model for the newest undecided posts of these months, by post."""
    query = (
        sa.select(
            guesses.c.post_id,
            guesses.c.guessed_at,
            posts.c.month,
            guesses.c.section,
            guesses.c.probability,
            guesses.c.out_of_scope,
        )
        .join(posts, posts.c.id == guesses.c.post_id)
        .where(posts.c.month.in_([str(month) for month in months]), posts.c.verdict_id.is_(None))
        .where(guesses.c.model_version == model_version)
        .order_by(posts.c.published_at.desc(), posts.c.id)
        .limit(limit)
    )
    known = {str(month): month for month in months}
    return {
        post_id: OpenGuess(guessed_at, known[month], section, probability, out)
        for post_id, guessed_at, month, section, probability, out in connection.execute(query)
    }


def change_guesses(connection: sa.Connection, made: Sequence[Guess]) -> None:
    """Change the probabilities of stored guesses by the same model, for posts that are still undecided."""
    undecided: set[int] = set()
    for batch in in_batches([guess.post_id for guess in made]):
        query = sa.select(posts.c.id).where(posts.c.id.in_(batch), posts.c.verdict_id.is_(None))
        undecided.update(connection.execute(query).scalars())
    made = [guess for guess in made if guess.post_id in undecided]
    if not made:
        return
    change = guesses.update().where(
        guesses.c.post_id == sa.bindparam("post"), guesses.c.model_version == sa.bindparam("version")
    )
    rows = [
        {
            "post": guess.post_id,
            "version": guess.model_version,
            **{f"new_{k}": v for k, v in _write_guess(guess).items()},
        }
        for guess in made
    ]
    columns = ("parts", "topics", "section", "probability", "out_of_scope")
    connection.execute(change.values({name: sa.bindparam(f"new_{name}") for name in columns}), rows)
    fall_behind(connection, Derived.SEARCH, [guess.post_id for guess in made])


def _write_guess(guess: Guess) -> dict[str, Any]:
    section = guess.section
    # Plain values, by the thousand, which an update takes as they are.
    return {
        "parts": dict(guess.parts),
        "topics": dict(guess.topics),
        "section": section.key if section else None,
        "probability": guess.probability,
        "out_of_scope": guess.out_of_scope,
    }


def find_scored_at(connection: sa.Connection, month: Month) -> datetime | None:
    """When a month was ranked last."""
    query = sa.select(sa.func.max(scores.c.scored_at)).where(scores.c.month == str(month))
    moment: datetime | None = connection.execute(query).scalar_one()
    return moment


def save_scores(connection: sa.Connection, month: Month, ranked: Sequence[Score], now: datetime) -> None:
    """Store the scores of a month, in place of those it had."""
    of_month = scores.c.month == str(month)
    # A post that has come from another month has the score of that one.
    in_month = scores.c.post_id.in_(sa.select(posts.c.id).where(posts.c.month == str(month)))
    by_rules = sa.select(scores.c.post_id, scores.c.ruled).where(sa.or_(of_month, in_month))
    by_rules = by_rules.where(scores.c.ruled.is_not(None))
    before = {row.post_id: row.ruled for row in connection.execute(by_rules)}
    connection.execute(scores.delete().where(of_month))
    rows = [
        {
            "post_id": score.post_id,
            "month": str(month),
            "value": score.value,
            "reasons": score.reasons,
            "rank": score.rank,
            "shortlisted": score.shortlisted,
            "scored_at": now,
            "standing": _write_placement(score.placement),
            "ruled": [ruled.section.key, ruled.rule, ruled.name] if (ruled := score.ruled) else None,
            "asked": score.question.place if score.question else None,
            "alike": score.question.alike if score.question else None,
        }
        for score in ranked
    ]
    upsert(connection, scores, rows, unique=["post_id"])
    after = {row["post_id"]: row["ruled"] for row in rows if row["ruled"]}
    moved = [post_id for post_id in before | after if before.get(post_id) != after.get(post_id)]
    fall_behind(connection, Derived.SEARCH, moved)


def _write_placement(placement: Placement | None) -> list[str | int] | None:
    return [str(placement.ground), placement.of, placement.place, placement.most] if placement else None


def read_placement(values: Sequence[Any]) -> Placement:
    ground, of, place, most = values
    return Placement(Ground(ground), of, place, most)


def list_signals(connection: sa.Connection, addresses: Sequence[str]) -> list[Signal]:
    """List all signals of the posts with these canonical addresses."""
    found: list[Signal] = []
    for batch in in_batches(addresses):
        query = sa.select(*(signals.c[name] for name in Signal.__slots__))
        query = query.where(signals.c.canonical_url.in_(batch)).order_by(*signals.primary_key)
        found += [Signal(**row) for row in connection.execute(query).mappings()]
    return found


def append_verdict(connection: sa.Connection, verdict: Verdict, action: int | None = None) -> None:
    """Append a verdict and put it in force. *action* is what it belongs to; None if it came with a digest."""
    values = row_values(**{name: getattr(verdict, name) for name in Verdict.__slots__ if name != "id"})
    connection.execute(verdicts.insert().values({**values, "action_id": action}))
    settle_verdict(connection, verdict.post_id)


def list_held(connection: sa.Connection) -> list[Verdict]:
    """List the holds in force that end by themselves."""
    query = sa.select(verdicts).join(posts, posts.c.verdict_id == verdicts.c.id).where(verdicts.c.until.is_not(None))
    return [read_verdict(row) for row in connection.execute(query.order_by(verdicts.c.id))]


def end_hold(connection: sa.Connection, verdict: Verdict, now: datetime) -> None:
    """Make a held post undecided again, back from its hold."""
    connection.execute(verdicts.update().where(verdicts.c.id == verdict.id).values(returned_at=now))
    settle_verdict(connection, verdict.post_id)


def settle_verdict(connection: sa.Connection, post_id: int) -> None:
    """Put in force the newest verdict of a post that is not undone; without one, and after a hold that has ended, the
    post is undecided.
    """
    query = sa.select(verdicts.c.id, verdicts.c.returned_at).where(verdicts.c.post_id == post_id, holds(verdicts))
    newest = connection.execute(query.order_by(verdicts.c.id.desc()).limit(1)).one_or_none()
    number, is_over = (newest.id, newest.returned_at is not None) if newest else (None, False)
    change_post(connection, post_id, verdict_id=None if is_over else number, returned_id=number if is_over else None)


def list_verdicts(connection: sa.Connection, post_id: int) -> list[Verdict]:
    """List all verdicts on a post, including undone ones, oldest first."""
    query = sa.select(verdicts).where(verdicts.c.post_id == post_id).order_by(verdicts.c.id)
    return [read_verdict(row) for row in connection.execute(query)]


def find_last_verdict(connection: sa.Connection) -> int:
    """Return the number of the newest verdict; 0 if there are no verdicts."""
    query = sa.select(sa.func.max(verdicts.c.id))
    return connection.execute(query).scalar_one() or 0


def count_kept_out(connection: sa.Connection, month: Month, *, most: float, floor: float) -> tuple[int, int]:
    """Count the candidates of a month with a score below *floor*, and those with more that are not on the shortlist and
    out of scope with a probability above *most*; muted ones do not count.
    """
    is_below = scores.c.value < floor
    is_beyond = sa.and_(~is_below, ~scores.c.shortlisted, guesses.c.out_of_scope > most)
    query = (
        sa.select(sa.func.count().filter(is_below), sa.func.count().filter(is_beyond))
        .select_from(scores)
        .outerjoin(guesses, guesses.c.post_id == scores.c.post_id)
        .where(scores.c.month == str(month), ~IS_MUTED)
    )
    below, beyond = connection.execute(query).one()
    return below, beyond


class BurstRow(NamedTuple):
    """A burst of a source; its posts are not proposed."""

    placement: Placement
    feed_key: str | None
    feed_name: str | None


def list_bursts(connection: sa.Connection, month: Month) -> list[BurstRow]:
    """List the bursts of a month, the largest first."""
    query = (
        sa.select(scores.c.standing, posts.c.feed_key, feeds.c.name)
        .join(posts, posts.c.id == scores.c.post_id)
        .outerjoin(feeds, feeds.c.key == posts.c.feed_key)
        .where(scores.c.month == str(month), scores.c.standing[0].as_string() == str(Ground.BURST))
    )
    found = {BurstRow(read_placement(placement), key, name) for placement, key, name in connection.execute(query)}
    return sorted(found, key=lambda row: (-row.placement.place, row.placement.of, row.feed_key or ""))


def list_decided(connection: sa.Connection, *, limit: int) -> dict[int, bool]:
    """List the numbers of approved (True) and rejected posts (False), at most *limit* of each, newest first."""
    found: dict[int, bool] = {}
    for decision, is_approved in ((Decision.APPROVE, True), (Decision.REJECT, False)):
        query = (
            sa.select(posts.c.id)
            .join(verdicts, verdicts.c.id == posts.c.verdict_id)
            .where(verdicts.c.decision == str(decision))
            .order_by(verdicts.c.id.desc())
            .limit(limit)
        )
        found |= dict.fromkeys(connection.execute(query).scalars(), is_approved)
    return found


def append_correction(connection: sa.Connection, correction: Correction, action: int | None = None) -> None:
    values = row_values(**{name: getattr(correction, name) for name in Correction.__slots__ if name != "id"})
    connection.execute(corrections.insert().values({**values, "action_id": action}))
    fall_behind(connection, Derived.SEARCH, [correction.post_id])


def read_verdict(row: sa.Row[Any], prefix: str = "") -> Verdict:
    """Read a verdict from a row whose columns have the names of the table after a prefix."""
    values = {name: getattr(row, prefix + name) for name in Verdict.__slots__}
    until = read_until(values["until"]) if values["until"] else None
    return Verdict(**{**values, "decision": Decision(values["decision"]), "until": until})
