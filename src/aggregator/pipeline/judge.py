"""What is thought of the posts: which are copies, in which section each belongs, and how they rank.

It keeps in memory what was learned and read between one round and the next; nothing is lost with it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aggregator.config import Settings
from aggregator.exceptions import ModelError, ModelNotTrainedError
from aggregator.pipeline import Progress, duplicates, ignore_progress, neighbours
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
from aggregator.rank.weights import Quotas
from aggregator.storage import candidates, models, posts
from aggregator.types import Candidate, Month, Post

if TYPE_CHECKING:
    from aggregator.rank.effect import Effect
    from aggregator.rank.ranking import Ranking

#: Months that are ranked before copies are looked for among very many posts.
_SHOWN_EARLY = 3


@dataclass(frozen=True)
class Judge:
    """Finds copies, guesses sections with the model in use, and ranks by the weights and quotas in force."""

    home: Home
    learner: Learner
    #: Makes the spot check below the shortlist one that nobody foresees.
    salt: Callable[[], str]
    #: The months as they were ranked last, and what was learned of the curator's preferences.
    ranked: RankedMonths = field(default_factory=RankedMonths)
    #: The decided posts as the model sees them, between one question and the next.
    decided: DecidedPosts = field(default_factory=DecidedPosts)
    #: What the model in use has not learned yet, in the posts of the open months.
    felt: Felt = field(default_factory=Felt)

    # --- rounds ---

    def judge_new(self, *, progress: Progress = ignore_progress) -> None:
        """Classify what is new, find copies, and rank the months that this changes: its own, and those that talk is
        still about.
        """
        present = self.home.current_month
        recent = {present, present.shift(-1)}
        changed = release_arrived(self.home) | self._classify_if_possible(progress)
        if duplicates.has_much_to_compare(self.home.database):
            # That takes minutes after the first visits; the months to review are shown meanwhile, copies and all.
            self.rank(sorted(changed | recent)[-_SHOWN_EARLY:], is_last=False, progress=progress)
        changed |= self.find_copies(progress=progress)
        self.rank(changed | recent, progress=progress)

    def judge_read(self, months: Collection[Month]) -> None:
        """The same after a published page was read, with the *months* that it changed; also makes its posts found."""
        self.rank({*self.classify(), *self.find_copies(), *months})
        index_new(self.home.database)

    def find_copies(self, *, progress: Progress = ignore_progress) -> set[Month]:
        """Compare what is new or has changed with what it may be a copy of; returns the months that this changes."""
        return duplicates.find_copies(self.home.database, now=self.home.now, progress=progress)

    def classify(self, *, everything: bool = False, progress: Progress = ignore_progress) -> set[Month]:
        """Guess the section of all posts that are new, and anew of the undecided ones in open months (*everything*: in
        all months) that another model guessed; returns their months.
        """
        home, present = self.home, None if everything else self.home.current_month
        changed = classify_posts(home.database, self.learner.get(), now=home.now, present=present, progress=progress)
        self.ranked.forget(changed)
        return changed

    def _classify_if_possible(self, progress: Progress) -> set[Month]:
        """Copies are found and months ranked without a model too; the learner tells why there is none."""
        try:
            return self.classify(progress=progress)
        except (ModelError, ModelNotTrainedError):
            return set()

    def rank(self, wanted: Collection[Month], *, is_last: bool = True, progress: Progress = ignore_progress) -> None:
        """Learn from what was printed and decided so far, score the candidates of some months, choose shortlists.

        With *is_last* months that are over get their spot check; without, copies among their posts are still looked
        for.
        """
        home, overridden = self.home, get_settings_in_force(self.home)
        weights, quotas = make_weights(overridden), make_quotas(overridden)
        for month in sorted(wanted):
            self.ranked.rank_month(home.database, month, weights=weights, quotas=quotas, now=home.now)
            # While posts still come in, a draw would know only the first of them.
            if is_last and month < home.current_month:
                size = overridden.shortlist.sample
                draw_month(home.database, month, size=size, salt=self.salt(), now=home.now)
            progress(1)

    def rank_decided(self) -> set[Month]:
        """Rank anew the months in which something was decided, or rules were changed, since they were ranked; returns
        them.
        """
        moved = self.felt.take_changed()
        if moved:
            self.ranked.forget(moved)
        changed = self.ranked.find_decided(self.home.database) | moved
        self.rank(changed)
        return changed

    def rank_reviewed(self, last: Month) -> None:
        """Rank the months under review by what the curator has set; *last* is the readiest to try something else on."""
        present = self.home.current_month
        self.rank({present, present.shift(-1)} - {last})
        self.rank([last])

    def take_up(self, change: Change) -> set[int]:
        """Rank what an undo or a redo has changed, and let it be felt; returns which posts are guessed otherwise."""
        if change.is_about_ranking:
            self.rank_reviewed(find_open_month(self.home))
        else:
            self.rank(change.months)
        return self.feel(change.candidate) if change.candidate else set()

    # --- what else could be thought ---

    def try_overrides(self, month: Month, overridden: Settings, *, most: int) -> Effect:
        """What these settings would do to the order of a month; of the posts that stay, the *most* moved."""
        from aggregator.rank.effect import measure_effect

        before, after = (self._try(month, settings) for settings in (get_settings_in_force(self.home), overridden))
        return measure_effect(before.scores, after.scores, most=most)

    def _try(self, month: Month, settings: Settings) -> Ranking:
        weights, quotas = make_weights(settings), make_quotas(settings)
        return self.ranked.try_month(self.home.database, month, weights=weights, quotas=quotas)

    def find_limits(self, month: Month) -> Quotas | None:
        """The quotas by which a month was ranked last, learned ones included; None when that is long ago."""
        ranking = self.ranked.find_ranking(month)
        return ranking.limits if ranking else None

    # --- what was decided ---

    def refresh_decided(self) -> None:
        """Read what was decided since the last time, so that nobody has to wait for it; and let it be felt."""
        model = self.learner.find()
        if model is not None:
            with self.home.reading() as connection:
                self.decided.refresh(connection, model)
                used = models.get_model(connection, model.version)
                months = posts.list_open_months(connection, self.home.current_month)
            self.felt.refresh(self.home.database, model, used, months)

    def feel(self, candidate: Candidate) -> set[int]:
        """Let what was just said of a post be felt in those that are like it; returns which are guessed otherwise."""
        return self.felt.feel(self.home.database, candidate)

    def find_neighbours(self, post: Post) -> Neighbours:
        """The decided posts that a post is most like; none while the first model is not fitted yet."""
        model = self.learner.find()
        if model is None:
            return Neighbours()
        with self.home.reading() as connection:
            return self.decided.find_neighbours(connection, model, post)

    def explain(self, post_id: int) -> Why:
        """Why a post was guessed as it was, by the model that guessed it if that is kept, else by the one in use.

        Raises NotFoundError, and ModelNotTrainedError while there is no model.
        """
        in_use = self.learner.find()
        if in_use is None:
            raise ModelNotTrainedError("the first model is being fitted; look again in a moment, or at the page Model")
        with self.home.reading() as connection:
            candidate = candidates.get_candidate(connection, post_id)
            guessed_by = self.learner.find_kept(candidate.guess.model_version) if candidate.guess else None
            return neighbours.explain_guess(connection, candidate, guessed_by or in_use, in_use, self.decided)
