"""Judges posts: finds copies, guesses sections, and ranks months.

It caches in memory what it has learned and read between rounds. The cache can be lost without harm.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aggregator.config import Settings
from aggregator.exceptions import ModelError, ModelNotTrainedError
from aggregator.locales import t
from aggregator.pipeline import Progress, contents, duplicates, ignore_progress, neighbours
from aggregator.pipeline.classify import classify_posts
from aggregator.pipeline.history import Change
from aggregator.pipeline.home import Home
from aggregator.pipeline.learner import Learner
from aggregator.pipeline.memory import Felt
from aggregator.pipeline.months import find_open_month, release_arrived
from aggregator.pipeline.neighbours import DecidedPosts, Neighbours, Why
from aggregator.pipeline.rank import RankedMonths, draw_month
from aggregator.pipeline.search import index_new
from aggregator.pipeline.weights import get_settings_in_force, make_quotas, make_weights
from aggregator.storage import candidates, models, posts
from aggregator.storage.quotas import find_quotas
from aggregator.types import Batch, Candidate, Month, Post, Quotas

if TYPE_CHECKING:
    from aggregator.fetch.workers import WorkerPool
    from aggregator.rank.effect import Effect
    from aggregator.rank.ranking import Ranking

#: The number of months to rank before searching for copies among very many posts.
_SHOWN_EARLY = 3


@dataclass(frozen=True)
class Judge:
    """Finds copies, guesses sections with the model in use, and ranks by the weights and quotas in force."""

    home: Home
    learner: Learner
    #: Makes the spot check below the shortlist unpredictable.
    salt: Callable[[], str]
    #: Those of a cluster share in guesses and in the search for copies.
    workers: WorkerPool | None = None
    #: The months as they were ranked last, with the learned preferences.
    ranked: RankedMonths = field(default_factory=RankedMonths)
    #: The decided posts as the model sees them.
    decided: DecidedPosts = field(default_factory=DecidedPosts)
    #: The effect of lessons that the model in use has not learned, on the posts of the open months.
    felt: Felt = field(default_factory=Felt)

    # --- rounds ---

    def judge_new(
        self, *, progress: Progress = ignore_progress, when_ranked: Callable[[], None] = lambda: None
    ) -> None:
        """Classify new posts, find copies, and rank the months that change, including recent ones, which are still
        talked about. Before it looks for copies among very many posts it ranks some months and calls *when_ranked*.
        """
        present = self.home.current_month
        recent = {present, present.shift(-1)}
        changed = release_arrived(self.home) | self._classify_if_possible(progress)
        if duplicates.has_much_to_compare(self.home.database):
            # Finding copies takes minutes after the first visits, so the months to review are ranked before.
            self.rank(sorted(changed | recent)[-_SHOWN_EARLY:], is_last=False, progress=progress)
            when_ranked()
        changed |= self.find_copies(progress=progress)
        self.rank(changed | recent, progress=progress)

    def judge_read(self, months: Collection[Month]) -> None:
        """Do the same after a published page was imported, with the *months* that it changed; also index its posts."""
        self._read(months)
        self.rank({*self.classify(), *self.find_copies(), *months})
        index_new(self.home.database)

    def judge_added(self, months: Collection[Month]) -> None:
        """Do the same after a post was added to these *months*. What takes minutes is left to the next round: the
        first model, and copies among very many posts.
        """
        self._read(months)
        changed = {*months, *(self._classify_if_possible(ignore_progress) if self.learner.find() else ())}
        if not duplicates.has_much_to_compare(self.home.database):
            changed |= self.find_copies()
        self.rank(changed)
        index_new(self.home.database)

    def _read(self, months: Collection[Month]) -> None:
        """Read what is unread of these months."""
        for month in months:
            contents.read_month(self.home.database, month)

    def find_copies(self, *, progress: Progress = ignore_progress) -> set[Month]:
        """Compare new and changed posts with those that they may be copies of; return the months that change."""
        return duplicates.find_copies(self.home.database, now=self.home.now, progress=progress, workers=self.workers)

    def classify(self, *, everything: bool = False, progress: Progress = ignore_progress) -> set[Month]:
        """Guess the sections of new posts, and of undecided posts in open months (*everything*: in all months) that
        another model guessed; return their months.
        """
        home, present = self.home, None if everything else self.home.current_month
        changed = classify_posts(
            home.database,
            self.learner.get(),
            now=home.now,
            present=present,
            progress=progress,
            workers=self.workers,
            folder=home.model_folder,
        )
        self.ranked.forget(changed)
        return changed

    def _classify_if_possible(self, progress: Progress) -> set[Month]:
        """Classify if there is a model. Copies and ranks do not need one, and the learner says why there is none."""
        try:
            return self.classify(progress=progress)
        except (ModelError, ModelNotTrainedError):
            return set()

    def rank(self, wanted: Collection[Month], *, is_last: bool = True, progress: Progress = ignore_progress) -> None:
        """Learn from what was printed and decided so far, score the candidates of months, and choose shortlists.

        With *is_last*, the spot check of past months is drawn; without it, copies among the posts are still to be
        found.
        """
        home, overridden = self.home, get_settings_in_force(self.home)
        weights, quotas = make_weights(overridden), make_quotas(overridden)
        for month in sorted(wanted):
            self.ranked.rank_month(home.database, month, weights=weights, quotas=quotas, now=home.now)
            # While posts still come in, a draw would miss the later ones.
            if is_last and month < home.current_month:
                size = overridden.shortlist.sample
                draw_month(home.database, month, size=size, salt=self.salt(), now=home.now)
            progress(1)

    def rank_decided(self) -> set[Month]:
        """Rank the months again in which something was decided, or rules changed, since the last time; return them."""
        moved = self.felt.take_changed()
        if moved:
            self.ranked.forget(moved)
        changed = self.ranked.find_decided(self.home.database) | moved
        self.rank(changed)
        return changed

    def rank_reviewed(self, last: Month) -> None:
        """Rank the months under review by the curator's settings, *last* at the end, so that it is cached for trying
        others.
        """
        present = self.home.current_month
        self.rank({present, present.shift(-1)} - {last})
        self.rank([last])

    def take_up(self, change: Change) -> set[int]:
        """Rank what an undo or a redo has changed, and apply it to similar posts; return those whose guess changed."""
        if change.is_about_ranking:
            self.rank_reviewed(find_open_month(self.home))
        else:
            self.rank(change.months)
        return self.feel(change.candidate) if change.candidate else set()

    def take_up_batch(self, batch: Batch) -> None:
        """Apply what was said of many posts to similar ones, and rank the months that posts have left or joined."""
        for candidate in batch.done:
            self.feel(candidate)
        self.rank(batch.months)

    # --- trying settings ---

    def try_overrides(self, month: Month, overridden: Settings, *, most: int) -> Effect:
        """Return what these settings would do to the order of a month; of the posts that stay, list at most *most*."""
        from aggregator.rank.effect import measure_effect

        before, after = (self._try(month, settings) for settings in (get_settings_in_force(self.home), overridden))
        return measure_effect(before.scores, after.scores, most=most)

    def _try(self, month: Month, settings: Settings) -> Ranking:
        weights, quotas = make_weights(settings), make_quotas(settings)
        return self.ranked.try_month(self.home.database, month, weights=weights, quotas=quotas)

    def get_limits(self, month: Month) -> Quotas:
        """Return the quotas by which a month was ranked, including learned ones; tries them if it was not."""
        with self.home.reading() as connection:
            stored = find_quotas(connection, month)
        return stored or self._try(month, get_settings_in_force(self.home)).limits

    # --- decided posts ---

    def refresh_decided(self) -> None:
        """Read what was decided since the last time, so that pages need not wait, and apply it to similar posts."""
        model = self.learner.find()
        if model is not None:
            with self.home.reading() as connection:
                self.decided.refresh(connection, model)
                used = models.get_model(connection, model.version)
                months = posts.list_open_months(connection, self.home.current_month)
            self.felt.refresh(self.home.database, model, used, months)

    def feel(self, candidate: Candidate) -> set[int]:
        """Apply a new decision on a post to the guesses of similar posts; return the posts whose guess changed."""
        return self.felt.feel(self.home.database, candidate)

    def find_neighbours(self, post: Post) -> Neighbours:
        """Return the decided posts that are most similar to a post; empty before the first model is fitted."""
        model = self.learner.find()
        if model is None:
            return Neighbours()
        with self.home.reading() as connection:
            return self.decided.find_neighbours(connection, model, post)

    def explain(self, post_id: int) -> Why:
        """Explain the guess of a post with the model that made it if its file is kept, else with the one in use.

        Raises NotFoundError, and ModelNotTrainedError while there is no model.
        """
        in_use = self.learner.find()
        if in_use is None:
            raise ModelNotTrainedError(
                t("the first model is being fitted; try again in a moment, or see the page Model")
            )
        with self.home.reading() as connection:
            candidate = candidates.get_candidate(connection, post_id)
            guessed_by = self.learner.find_kept(candidate.guess.model_version) if candidate.guess else None
            return neighbours.explain_guess(
                connection, candidate, guessed_by or in_use, in_use, self.decided, self.felt
            )
