"""What is thought of the posts: which are copies, in which section each belongs, and how they rank.

It keeps in memory what was learned and read between one round and the next; nothing is lost with it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from aggregator.config import Settings
from aggregator.exceptions import ModelError, ModelNotTrainedError
from aggregator.learner import Learner
from aggregator.pipeline import (
    Progress,
    duplicates,
    figures,
    ignore_progress,
    judge,
    months,
    rules,
    sample,
    weights,
    why,
)
from aggregator.pipeline.memory import Felt
from aggregator.pipeline.neighbours import DecidedPosts, Neighbours
from aggregator.pipeline.why import Why
from aggregator.rank.wishes import Quotas, Weights
from aggregator.storage import candidates, models, posts
from aggregator.storage.database import Database
from aggregator.types import Candidate, Month, Post, Rule, RuleState, Wish

if TYPE_CHECKING:
    from aggregator.evaluate.backtest import MonthFigures
    from aggregator.rank.effect import Effect
    from aggregator.rank.ranking import Ranking


#: Months that are ranked before copies are looked for among very many posts.
_SHOWN_EARLY = 3


@dataclass(frozen=True)
class Judge:
    """Finds copies, guesses sections with the model in use, and ranks by the weights and quotas in force."""

    database: Database
    learner: Learner
    #: As feeds.toml says.
    settings: Settings
    #: Makes the random look below the shortlist one that nobody foresees.
    salt: Callable[[], str]
    clock: Callable[[], datetime]
    #: What was learned of the curator's preferences, between one ranking and the next.
    memory: judge.Memory = field(default_factory=judge.Memory)
    #: The decided posts as the model sees them, between one question and the next.
    decided: DecidedPosts = field(default_factory=DecidedPosts)
    #: What the model in use has not learned yet, in the posts of the open months.
    felt: Felt = field(default_factory=Felt)

    @property
    def current_month(self) -> Month:
        return Month.of(self.clock(), self.settings.zone)

    # --- rounds ---

    def judge_new(self, *, progress: Progress = ignore_progress) -> None:
        """Classify what is new, find copies, and rank the months that this changes: its own, and those that talk is
        still about.
        """
        recent = {self.current_month, self.current_month.shift(-1)}
        changed = self.release_arrived() | self._classify_if_possible(progress)
        if duplicates.has_much_to_compare(self.database):
            # That takes minutes after the first visits; the months to review are shown meanwhile, copies and all.
            self.rank(sorted(changed | recent)[-_SHOWN_EARLY:], is_last=False, progress=progress)
        changed |= self.find_copies(progress=progress)
        self.rank(changed | recent, progress=progress)

    def release_arrived(self) -> set[Month]:
        """Let the posts that waited for their day join the candidates; returns the months that this changes."""
        return months.release_arrived(self.database, now=self.clock(), zone=self.settings.zone)

    def find_copies(self, *, progress: Progress = ignore_progress) -> set[Month]:
        """Compare what is new or has changed with what it may be a copy of; returns the months that this changes."""
        return duplicates.find_copies(self.database, now=self.clock(), progress=progress)

    def classify(self, *, everything: bool = False, progress: Progress = ignore_progress) -> set[Month]:
        """Guess the section of all posts that are new, and anew of the undecided ones in open months (*everything*: in
        all months) that another model guessed; returns their months.
        """
        present = None if everything else self.current_month
        changed = judge.classify_posts(
            self.database, self.learner.get(), now=self.clock(), present=present, progress=progress
        )
        self.memory.forget(changed)
        return changed

    def _classify_if_possible(self, progress: Progress) -> set[Month]:
        """Copies are found and months ranked without a model too; the learner tells why there is none."""
        try:
            return self.classify(progress=progress)
        except (ModelError, ModelNotTrainedError):
            return set()

    def rank(self, wanted: Collection[Month], *, is_last: bool = True, progress: Progress = ignore_progress) -> None:
        """Learn from what was printed and decided so far, score the candidates of some months, choose shortlists.

        With *is_last* months that are over get their random look; without, copies among their posts are still looked
        for.
        """
        wished = self.get_wished()
        wanted_weights, quotas = _make_measures(wished)
        for month in sorted(wanted):
            self.memory.rank_month(self.database, month, weights=wanted_weights, quotas=quotas, now=self.clock())
            # While posts still come in, a draw would know only the first of them.
            if is_last and month < self.current_month:
                size = wished.shortlist.sample
                sample.draw_month(self.database, month, size=size, salt=self.salt(), now=self.clock())
            progress(1)

    def rank_decided(self) -> set[Month]:
        """Rank anew the months in which something was decided, or rules were changed, since they were ranked; returns
        them.
        """
        moved = self.felt.take_changed()
        if moved:
            self.memory.forget(moved)
        changed = self.memory.find_decided(self.database) | moved
        self.rank(changed)
        return changed

    # --- wishes ---

    def get_wished(self) -> Settings:
        """The settings with the weights and quotas that the curator changed over feeds.toml."""
        with self.database.reading() as connection:
            return weights.read_wishes(connection, self.settings)

    def plan_wishes(self, changes: Mapping[str, Any]) -> Settings:
        """The same with some of them changed, by their names in feeds.toml; None goes back to what it says.

        Raises ConfigError for what feeds.toml would not take either.
        """
        with self.database.reading() as connection:
            return weights.plan_wishes(connection, self.settings, changes)

    def set_wishes(self, changes: Mapping[str, Any]) -> list[Wish]:
        """Keep such changes; returns those that change anything. Raises ConfigError. Ranks nothing by itself."""
        return weights.set_wishes(self.database, self.settings, changes, by=self.settings.curator, now=self.clock())

    def reset_wishes(self) -> list[Wish]:
        """Go back to the weights and quotas of feeds.toml; returns what changed."""
        with self.database.reading() as connection:
            held = weights.list_in_force(connection, self.settings)
        return self.set_wishes(dict.fromkeys(held))

    def try_wishes(self, month: Month, wished: Settings, *, most: int) -> Effect:
        """What these settings would do to the order of a month; of the posts that stay, the *most* moved."""
        from aggregator.rank.effect import measure_effect

        before, after = (self._try(month, settings) for settings in (self.get_wished(), wished))
        return measure_effect(before.scores, after.scores, most=most)

    def _try(self, month: Month, settings: Settings) -> Ranking:
        wanted_weights, quotas = _make_measures(settings)
        return self.memory.try_month(self.database, month, weights=wanted_weights, quotas=quotas)

    def find_limits(self, month: Month) -> Quotas | None:
        """The quotas by which a month was ranked last, learned ones included; None when that is long ago."""
        ranking = self.memory.find_ranking(month)
        return ranking.limits if ranking else None

    # --- rules ---

    def save_rule(self, rule: Rule) -> Rule:
        """Keep a new rule, or another word on the one of its number; ranks nothing by itself.

        Raises RuleError and NotFoundError.
        """
        return rules.save_rule(self.database, rule, by=self.settings.curator, now=self.clock())

    def turn_rule(self, number: int, state: RuleState) -> Rule:
        """Switch a rule on or off, remove it or put it back. Raises NotFoundError. Ranks nothing by itself."""
        return rules.turn_rule(self.database, number, state, by=self.settings.curator, now=self.clock())

    def preview_rule(self, rule: Rule) -> rules.RulePreview:
        """What a rule would have touched in the last 90 days; stores nothing. Raises RuleError and NotFoundError."""
        with self.database.reading() as connection:
            return rules.preview_rule(connection, rule, now=self.clock())

    # --- how well, and why ---

    def measure_ranking(self) -> list[MonthFigures]:
        """Replay the stored months and compare each with what was printed."""
        from aggregator.pipeline import backtest

        wanted_weights, quotas = _make_measures(self.get_wished())
        return backtest.measure_stored(self.database, weights=wanted_weights, quotas=quotas)

    def measure_closed(self, *, stopping: threading.Event | None = None) -> list[Month]:
        """Compare the months whose digests were published since with how they would have been ranked; returns them.

        With *stopping* in a process of its own, which ends when this is set: then raises StoppedError.
        """
        wanted_weights, quotas = _make_measures(self.get_wished())
        now = self.clock()
        return figures.measure_closed(self.database, weights=wanted_weights, quotas=quotas, now=now, stopping=stopping)

    def explain(self, post_id: int) -> Why:
        """Why a post was guessed as it was, by the model that guessed it where that is kept, else by the one in use.

        Raises NotFoundError, and ModelNotTrainedError while there is no model.
        """
        in_use = self.learner.find()
        if in_use is None:
            raise ModelNotTrainedError("the first model is being fitted; look again in a moment, or at the page Model")
        with self.database.reading() as connection:
            candidate = candidates.get_candidate(connection, post_id)
            guessed_by = self.learner.find_kept(candidate.guess.model_version) if candidate.guess else None
            return why.explain_guess(connection, candidate, guessed_by or in_use, in_use, self.decided)

    def refresh_decided(self) -> None:
        """Read what was decided since the last time, so that nobody has to wait for it; and let it be felt."""
        model = self.learner.find()
        if model is not None:
            with self.database.reading() as connection:
                self.decided.refresh(connection, model)
                used = models.get_model(connection, model.version)
                months = posts.list_open_months(connection, self.current_month)
            self.felt.refresh(self.database, model, used, months)

    def feel(self, candidate: Candidate) -> set[int]:
        """Let what was just said of a post be felt in those that are like it; returns which are guessed otherwise."""
        return self.felt.feel(self.database, candidate)

    def find_neighbours(self, post: Post) -> Neighbours:
        """The decided posts that a post is most like; none while the first model is not fitted yet."""
        model = self.learner.find()
        if model is None:
            return Neighbours()
        with self.database.reading() as connection:
            return self.decided.find_neighbours(connection, model, post)


def _make_measures(settings: Settings) -> tuple[Weights, Quotas]:
    return weights.make_weights(settings), weights.make_quotas(settings)
