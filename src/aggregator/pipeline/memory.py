"""Applies lessons that the model in use has not learned yet to the guesses of similar undecided posts."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aggregator.classify.features import READ_LIMIT
from aggregator.classify.learning import Lesson, read_lessons
from aggregator.review.verdicts import OUT_OF_SCOPE_REASONS
from aggregator.storage import candidates, judgements, posts
from aggregator.storage.database import Connection, Database
from aggregator.storage.judgements import OpenGuess
from aggregator.types import Candidate, FittedModel, Guess, Month, Post

if TYPE_CHECKING:
    from aggregator.classify.memory import PendingLessons, Recalled
    from aggregator.classify.model import SectionModel
    from aggregator.classify.neighbours import Neighbourhood

# The number of undecided posts that are kept, the newest.
_MOST_OPEN = 5000
# The number of guesses that change while the curator waits, those that moved furthest; the others change in the next
# round.
_MOST_AT_ONCE = 30


@dataclass(frozen=True, slots=True)
class _Kept:
    """The last state. Immutable: it is replaced as a whole."""

    open: Mapping[int, OpenGuess]
    lessons: Mapping[int, Lesson]
    sources: Mapping[int, str]
    memory: PendingLessons
    #: Whether all stored guesses are what they should be.
    is_whole: bool = True


class Felt:
    """The posts of the open months as the model in use sees them, and the lessons that it has not learned.

    It can be lost without harm, because it is made again and brings the stored guesses up to date.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: _Kept | None = None
        #: What ``recall`` made last where nothing kept has all lessons.
        self._alone: tuple[Mapping[int, Lesson], PendingLessons] | None = None
        self._changed: set[Month] = set()
        self._said = candidates.DecidedRows()

    def refresh(self, database: Database, model: SectionModel, used: FittedModel, months: Collection[Month]) -> None:
        """Read new decisions, and apply them to the undecided posts of these *months*."""
        from aggregator.classify.memory import remember

        with self._lock:
            before = self._kept if self._kept and self._kept.memory.around.version == model.version else None
            with database.reading() as connection:
                open_ = judgements.list_open_guesses(connection, model.version, months, limit=_MOST_OPEN)
                lessons = self._gather_lessons(connection, used)
                if before is not None and before.is_whole and (before.open, before.lessons) == (open_, lessons):
                    return
                around, sources = _look_around(connection, model, before, open_, lessons)
            memory = remember(around, lessons.values(), sources, before.memory if before else None)
            rows = [row for row, post_id in enumerate(around.ids) if post_id in open_]
            guesses = [guess for guess in memory.guess(rows) if open_[guess.post_id].differs_from(guess)]
            self._save(database, _Kept(open_, lessons, sources, memory), guesses)

    def feel(self, database: Database, candidate: Candidate) -> set[int]:
        """Apply a new decision on a post; return the posts whose guesses changed.

        Does nothing while everything is being read again; the next round takes the decision into account.
        """
        if not self._lock.acquire(blocking=False):
            return set()
        try:
            kept, post_id = self._kept, candidate.post.id
            if kept is None:
                return set()
            lessons = {number: lesson for number, lesson in kept.lessons.items() if number != post_id}
            for lesson in read_lessons([candidate], out_of_scope=OUT_OF_SCOPE_REASONS):
                lessons[post_id] = lesson
            return self._change(database, kept, lessons)
        finally:
            self._lock.release()

    def recall(self, connection: Connection, model: SectionModel, used: FittedModel, post: Post) -> list[Recalled]:
        """Return the effect on a post of lessons that the model in use has not learned."""
        lessons, kept = self._gather_lessons(connection, used), self._kept
        if kept and kept.memory.around.version == model.version and lessons.items() <= kept.lessons.items():
            return kept.memory.recall(post)
        alone = self._alone
        if alone is None or alone[1].around.version != model.version or alone[0] != lessons:
            self._alone = alone = lessons, _remember_alone(model, lessons)
        return alone[1].recall(post)

    def take_changed(self) -> set[Month]:
        """Return the months in which guesses have changed since the last call."""
        with self._lock:
            changed, self._changed = self._changed, set()
            return changed

    def _gather_lessons(self, connection: Connection, used: FittedModel) -> dict[int, Lesson]:
        from aggregator.classify.memory import MOST

        since = used.last_verdict, used.last_correction
        said = self._said.list_since(connection, *since, limit=MOST, characters=READ_LIMIT)
        return {lesson.post.id: lesson for lesson in read_lessons(said, out_of_scope=OUT_OF_SCOPE_REASONS)}

    def _change(self, database: Database, kept: _Kept, lessons: Mapping[int, Lesson]) -> set[int]:
        from aggregator.classify.memory import find_moved, remember

        memory = remember(kept.memory.around, lessons.values(), kept.sources, kept.memory)
        rows = [row for row in find_moved(kept.memory, memory) if memory.around.ids[row] in kept.open]
        guesses, is_whole = memory.guess(rows[:_MOST_AT_ONCE]), kept.is_whole and len(rows) <= _MOST_AT_ONCE
        self._save(database, replace(kept, lessons=lessons, memory=memory, is_whole=is_whole), guesses)
        return {guess.post_id for guess in guesses}

    def _save(self, database: Database, kept: _Kept, guesses: list[Guess]) -> None:
        if guesses:
            with database.writing(durable=False) as connection:
                judgements.change_guesses(connection, guesses)
            self._changed |= {kept.open[guess.post_id].month for guess in guesses}
            kept = replace(kept, open={**kept.open, **{g.post_id: kept.open[g.post_id].with_guess(g) for g in guesses}})
        self._kept = kept


def _remember_alone(model: SectionModel, lessons: Mapping[int, Lesson]) -> PendingLessons:
    """Apply lessons to their own posts: what each adds depends on what the others say about its post."""
    from aggregator.classify.memory import name_feed_or_host, remember
    from aggregator.classify.neighbours import Neighbourhood

    known = {number: lesson.post for number, lesson in lessons.items()}
    around = Neighbourhood(model).read(list(known), known)
    return remember(around, lessons.values(), {n: name_feed_or_host(one) for n, one in known.items()})


def _look_around(
    connection: Connection,
    model: SectionModel,
    before: _Kept | None,
    open_: Mapping[int, OpenGuess],
    lessons: Mapping[int, Lesson],
) -> tuple[Neighbourhood, dict[int, str]]:
    """The posts as the model sees them; only posts that are new or have changed are read."""
    from aggregator.classify.memory import name_feed_or_host
    from aggregator.classify.neighbours import Neighbourhood

    wanted = sorted({*open_, *lessons})
    around, sources = Neighbourhood(model), {}
    if before is not None:
        kept = [n for n in before.memory.around.ids if _is_same(before.open.get(n), open_.get(n), n in lessons)]
        around = before.memory.around.read(kept, {})
        sources = {post_id: before.sources[post_id] for post_id in kept}
    missing = posts.list_posts(connection, around.list_missing(wanted))
    sources |= {post_id: name_feed_or_host(post) for post_id, post in missing.items()}
    return around.read(wanted, missing), sources


def _is_same(before: OpenGuess | None, now: OpenGuess | None, is_lesson: bool) -> bool:
    """Whether a post has the same guess as before; a change of its text gives a new one. Decided posts keep theirs."""
    if now is None or before is None:
        return is_lesson
    return before.guessed_at == now.guessed_at
