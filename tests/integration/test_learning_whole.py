"""The curator's decisions teach the model: whole Apps on invented posts, with real fits in processes of their own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from aggregator.app import App
from aggregator.exceptions import MetricsError, ModelError, ModelNotTrainedError, NotFoundError
from aggregator.pipeline import history, review
from aggregator.pipeline.classify import classify_posts
from aggregator.pipeline.learner import Learner
from aggregator.scheduler import Daemon
from aggregator.shipped import SHIPPED
from aggregator.storage import candidates, duplicates, models
from aggregator.storage.changes import Derived, change_post, list_behind
from aggregator.types import Acceptance, Correction, Decision, FittedModel, Guess, Month, Post
from clock import Clock
from world import FEEDS, Sample, fill

PRESENT = Month(2022, 12)
OPENS = Callable[..., App]
#: What nobody wrote about before, so that nothing but the curator can teach where it belongs.
ODD = "2.1"
WORDS = " ".join(
    f"Quokka burrow {number} hums at dusk, and sensor {number * 7} tells the keepers." for number in range(40)
)
SUBJECT = "Quokka telemetry at dusk: how the burrow sensors hum"


def _like(number: int, **changes: object) -> Sample:
    """A post about the same odd subject."""
    text = f"Quokka burrow sensors hum at dusk, and telemetry number {number} tells the keepers."
    sample = Sample(f"{SUBJECT}, note {number}", "northwind", f"quokka-{number}", text=text)
    return replace(sample, **changes)  # type: ignore[arg-type]


@pytest.fixture
def app(make_app: OPENS, fit_here: None, kept_fits: None) -> App:
    return make_app(FEEDS)


@pytest.fixture
def each(make_app: OPENS, fit_here: None, kept_fits: None, database_url: str) -> App:
    """An App on a database of each kind; a fit takes seconds, and few tests are about what is stored."""
    return make_app(FEEDS, database_url=database_url)


def _approve(app: App, number: int, section: str | None = None) -> None:
    correction = Correction(number, "", app.now, section=SHIPPED.parse_section(section)) if section else None
    review.decide(app, number, Decision.APPROVE, correction=correction)


def _guess(app: App, number: int) -> tuple[str, str]:
    with app.reading() as connection:
        guess = candidates.get_candidate(connection, number).guess
    assert guess is not None
    return str(guess.section), guess.model_version


def _file_of(folder: Path, version: str) -> Path:
    return folder / "home" / "models" / f"{version}.npz"


def _list(app: App) -> list[FittedModel]:
    with app.reading() as connection:
        return models.list_models(connection)


def _teach(app: App, count: int, section: str = ODD, first: int = 1) -> dict[str, int]:
    """Posts about the odd subject, all corrected to one section, and one more that is undecided."""
    numbers = fill(app, [_like(n) for n in range(first, first + count + 1)])
    app.judge.classify()
    for path in list(numbers)[:count]:
        _approve(app, numbers[path], section)
    return numbers


def test_a_correction_that_is_repeated_moves_the_guess_of_a_like_post(each: App) -> None:
    app = each
    numbers = _teach(app, 6)
    *_, left = numbers.values()
    before, shipped = _guess(app, left)
    assert before != ODD
    assert shipped == app.learner.shipped.version

    model = app.learner.fit()
    app.judge.judge_new()

    assert model.acceptance is Acceptance.TAKEN
    assert model.rows["correction"] == 6
    assert "(so far 6)" in model.reason
    assert _guess(app, left) == (ODD, model.version)
    with app.reading() as connection:
        assert candidates.get_candidate(connection, left).score is not None, "ranked again"


def test_a_decided_post_keeps_the_guess_that_the_curator_saw(each: App) -> None:
    app = each
    numbers = fill(app, [_like(n) for n in range(1, 8)])
    app.judge.classify()
    kept, *others = numbers.values()
    before = _guess(app, kept)
    _approve(app, kept)
    for number in others[:-1]:
        _approve(app, number, ODD)

    model = app.learner.fit()
    app.judge.judge_new()

    assert _guess(app, kept) == before
    with app.reading() as connection:
        assert str(candidates.get_candidate(connection, kept).section) == before[0]
    history.undo_verdict(app, kept)
    app.judge.judge_new()
    assert _guess(app, kept)[1] == model.version, "undecided again, so guessed again"


class _Interrupted:
    """A model while whose guesses something happens."""

    def __init__(self, model: Any, happens: Callable[[], None]) -> None:
        self.version = f"{model.version}-next"
        self._model, self._happens = model, happens

    def guess(self, batch: Sequence[Post]) -> list[Guess]:
        found = self._model.guess(batch)
        self._happens()
        self._happens = lambda: None
        return [replace(guess, model_version=self.version) for guess in found]


def test_what_changes_while_posts_are_guessed_is_not_overwritten(each: App) -> None:
    app = each
    approved, rewritten, left = fill(app, [_like(n) for n in range(1, 4)]).values()
    app.judge.classify()
    shipped = app.learner.shipped.version
    seen: list[str] = []

    def happens() -> None:
        _approve(app, approved)
        with app.database.writing() as connection:
            change_post(connection, rewritten, text="Another text.")

    model = _Interrupted(app.learner.get(), happens)
    classify_posts(app.database, model, now=app.now, present=None, progress=lambda n: seen.append(str(n)))  # type: ignore[arg-type]

    assert _guess(app, approved)[1] == shipped
    assert _guess(app, rewritten)[1] == _guess(app, left)[1] == model.version
    with app.reading() as connection:
        candidate = candidates.get_candidate(connection, rewritten)
    assert candidate.guess == replace(app.learner.get().guess([candidate.post])[0], model_version=model.version)
    assert len(seen) == 2, "the text that changed was guessed in a batch of its own"


def test_months_that_are_closed_keep_their_guesses(app: App) -> None:
    old = fill(app, [_like(50, month=Month(2022, 3))])
    _teach(app, 6)
    before = _guess(app, old["quokka-50"])

    model = app.learner.fit()
    app.judge.judge_new()

    assert _guess(app, old["quokka-50"]) == before
    app.judge.classify(everything=True)
    assert _guess(app, old["quokka-50"])[1] == model.version


def test_nothing_new_to_learn_fits_nothing(app: App) -> None:
    _teach(app, 6)
    first = app.learner.fit()
    assert app.learner.fit().version == first.version
    assert len(_list(app)) == 2, "the shipped one and that of the curator"


def test_the_same_decisions_in_another_order_give_the_same_model(
    make_app: OPENS, fit_here: None, tmp_path: Path
) -> None:
    def learn(home: str, samples: Sequence[Sample]) -> tuple[str, list[tuple[str, float]]]:
        app = make_app(FEEDS, home=tmp_path / home)
        for sample in samples:
            numbers = fill(app, [sample])
            app.judge.classify()
            _approve(app, numbers[sample.path], "2.1" if sample.path < "quokka-4" else "1.2")
        version = app.learner.fit().version
        guesses = app.learner.get().guess([_post(app, number) for number in range(1, len(samples) + 1)])
        return version, sorted((str(guess.section), guess.probability) for guess in guesses)

    samples = [_like(n) for n in range(1, 7)]
    assert learn("one", samples) == learn("other", samples[::-1])


def _post(app: App, number: int):  # type: ignore[no-untyped-def]
    with app.reading() as connection:
        return candidates.get_candidate(connection, number).post


# --- the gate ---


def _fill_the_gate(app: App) -> dict[str, int]:
    """So many plain decisions that models can be compared."""
    topics = {
        "2.1": "상품 이미지 검출 모델 개선기 image segmentation detection",
        "2.3": "추천 랭킹 모델 개선기 recommendation ranking click",
    }
    samples = [
        Sample(f"{title} {n}", "haneul", f"plain-{section}-{n}", text=f"{title} {n}", language="ko")
        for section, title in topics.items()
        for n in range(14)
    ]
    numbers = fill(app, samples)
    app.judge.classify()
    for path, number in numbers.items():
        _approve(app, number, path.split("-")[1])
    return numbers


def _spell(number: int) -> str:
    """In letters, for numbers are not words."""
    return "".join("bcdfghjklm"[int(digit)] for digit in f"{number:02}")


def _make_twins(kind: str, count: int) -> list[Sample]:
    """Posts that have their words in common with the post of the same number of another kind, and with no other."""
    words = [f"zor{_spell(n)} mel{_spell(n)} quo{_spell(n)} tan{_spell(n)}" for n in range(count)]
    return [Sample(word, "northwind", f"{kind}-{n}", text=word) for n, word in enumerate(words)]


def test_contradictory_corrections_are_refused_and_said_so(app: App, clock: Clock) -> None:
    """Posts are approved as they were guessed; then the like of each is put somewhere else, each time elsewhere.

    An odd number of them, so that no pair is held out together.
    """
    calm = fill(app, _make_twins("calm", 11))
    app.judge.classify()
    for number in calm.values():
        _approve(app, number)
    good = app.learner.fit()
    assert good.acceptance is Acceptance.TAKEN

    clock.advance(hours=1)
    mad = fill(app, _make_twins("mad", 11))
    app.judge.classify()
    for n, (number, like) in enumerate(zip(mad.values(), calm.values(), strict=True)):
        guessed = SHIPPED.parse_section(_guess(app, like)[0])
        others = [one for one in SHIPPED.sections[:8] if one.topic != guessed.topic]
        _approve(app, number, str(others[n % len(others)]))
    bad = app.learner.fit()

    assert bad.acceptance is Acceptance.REFUSED
    assert bad.reason.startswith("Worse than the model in use on the newest 22 decisions")
    assert app.learner.find_version() == good.version
    with pytest.raises(ModelError, match="is not kept"):
        app.learner.use(bad.version)

    wanted = app.learner.fit(anyway=True)
    assert (wanted.version, wanted.acceptance) == (bad.version, Acceptance.TAKEN)
    assert wanted.reason.startswith("Taken because you asked for it.")


def test_good_decisions_are_taken_with_their_figures(each: App) -> None:
    app = each
    _fill_the_gate(app)
    fill(app, [_like(1)])
    model = app.learner.fit()
    assert model.acceptance is Acceptance.TAKEN
    assert model.reason == "Not worse than the model in use on the newest 28 decisions, which neither model had seen."
    assert model.figures["held_out"] == 28
    assert model.figures["new"]["topics"]["n"] == 28
    (taught,) = model.figures["taught"]
    assert (taught["of"], taught["decisions"]) == ("all", 28)
    assert [one["name"] for one in taught["effects"]] == [
        "topics right",
        "topics, macro-F1",
        "parts right",
        "scope right",
    ]
    assert model.figures["undecided"] == 1


# --- versions ---


def test_going_back_holds_until_the_curator_lets_go(each: App, clock: Clock) -> None:
    app = each
    *_, left = _teach(app, 6).values()
    shipped = app.learner.find_version()
    learned = app.learner.fit()
    clock.advance(days=1)

    back = app.learner.go_back()
    assert back.version == shipped
    assert back.pinned_at == clock()
    app.judge.judge_new()
    assert _guess(app, left)[1] == shipped

    _teach(app, 6, first=100)
    clock.advance(days=1)
    assert not app.learner.is_due(), "pinned"
    offered = app.learner.fit()
    assert offered.acceptance is Acceptance.OFFERED
    assert app.learner.find_version() == shipped

    app.learner.unpin()
    assert app.learner.find_version() == shipped, "until another takes over"
    _teach(app, 1, first=200)
    clock.advance(days=1)
    assert app.learner.is_due()
    assert app.learner.use(offered.version[-6:]).in_use
    with pytest.raises(NotFoundError, match="no model has the version"):
        app.learner.use("sections-none")
    assert learned.version in {model.version for model in _list(app)}


def test_old_versions_go_but_what_is_known_of_them_stays(
    make_app: OPENS, fit_here: None, kept_fits: None, tmp_path: Path
) -> None:
    app = make_app(FEEDS, learning={"keep_versions": 1})
    versions = []
    for step in range(3):
        _teach(app, 3, first=10 * step + 1)
        app.clock.advance(hours=1)  # type: ignore[attr-defined]
        versions.append(app.learner.fit().version)
    folder = tmp_path / "home" / "models"
    assert {file.stem for file in folder.glob("*.npz")} == {app.learner.shipped.version, *versions[1:]}
    known = {model.version: model for model in _list(app)}
    assert not known[versions[0]].is_kept
    assert known[versions[0]].rows["correction"] == 3


def test_a_version_whose_file_has_a_former_form_is_not_kept(app: App, tmp_path: Path) -> None:
    versions = []
    for step in range(2):
        _teach(app, 3, first=10 * step + 1)
        versions.append(app.learner.fit().version)
    file = tmp_path / "home" / "models" / f"{versions[0]}.npz"
    former = file.rename(file.with_suffix(".skops"))

    _teach(app, 3, first=21)
    app.learner.fit()

    kept = {model.version for model in _list(app) if model.is_kept}
    assert versions[0] not in kept
    assert versions[1] in kept
    assert not former.exists()


def test_a_model_file_that_is_gone_gives_way_to_the_shipped_one(app: App, tmp_path: Path) -> None:
    _teach(app, 6)
    learned = app.learner.fit()
    (tmp_path / "home" / "models" / f"{learned.version}.npz").unlink()
    assert app.learner.get().version == app.learner.shipped.version
    assert app.learner.find_version() == app.learner.shipped.version
    assert app.learner.is_due() or app.learner.fit().version == learned.version


DAMAGE: dict[str, Callable[[Path], object]] = {
    "cut short": lambda file: file.write_bytes(file.read_bytes()[:1000]),
    "empty": lambda file: file.write_bytes(b""),
    "gone": lambda file: file.unlink(),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_model_that_cannot_be_read_is_learned_again(
    damage: str, make_app: OPENS, fit_here: None, kept_fits: None, tmp_path: Path
) -> None:
    app = make_app(FEEDS)
    *_, left = _teach(app, 6).values()
    learned = app.learner.fit()
    DAMAGE[damage](_file_of(tmp_path, learned.version))
    again = make_app(FEEDS)
    with capture_logs() as logs:
        again.judge.judge_new()
        again.judge.judge_new()
    assert _guess(again, left)[1] == again.learner.shipped.version
    assert len([line for line in logs if line["event"] == "the model in use is lost"]) == 1
    told = again.learner.look().trouble
    assert told[-1].endswith("what you decided is learned again.")
    asyncio.run(Daemon(again).learn())
    assert again.learner.find_version() == learned.version
    assert not again.learner.look().trouble
    again.judge.judge_new()
    assert _guess(again, left)[1] == learned.version


def test_copies_ranks_and_the_index_go_on_without_a_model_and_a_fit_that_fails_waits(
    make_app: OPENS, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(FEEDS)
    copies = [Sample(SUBJECT, feed, f"quokka-{feed}", text=WORDS) for feed in ("northwind", "haneul")]
    numbers = fill(app, copies).values()
    file = _file_of(tmp_path, app.learner.shipped.version)
    file.write_bytes(b"damaged")
    tried: list[int] = []

    def die(*_: object) -> None:
        tried.append(1)
        raise ChildProcessError("the process ended with exit code -9")

    monkeypatch.setattr("aggregator.pipeline.learner.run_apart", die)
    daemon = Daemon(app)
    for _ in range(3):
        asyncio.run(daemon.visit_and_judge())
    assert len(tried) == 1
    with app.reading() as connection:
        assert [place.copy_of for place in duplicates.list_places(connection, list(numbers))].count(None) == 1
        assert not list_behind(connection, Derived.SEARCH)
    assert "exit code -9" in " ".join(app.learner.look().trouble)
    with pytest.raises(ModelNotTrainedError, match="exit code -9"):
        app.judge.classify()
    clock.now += timedelta(minutes=61)
    asyncio.run(daemon.visit_and_judge())
    assert len(tried) == 2


def test_a_version_whose_file_cannot_be_read_is_not_taken_into_use(
    make_app: OPENS, fit_here: None, kept_fits: None, tmp_path: Path
) -> None:
    app = make_app(FEEDS)
    _teach(app, 3)
    first = app.learner.fit()
    _teach(app, 3, first=50)
    second = app.learner.fit()
    _file_of(tmp_path, first.version).write_bytes(b"damaged")
    with pytest.raises(ModelError, match="cannot be read"):
        make_app(FEEDS).learner.use(first.version)
    assert app.learner.find_version() == second.version


def test_measuring_that_dies_waits_an_hour(make_app: OPENS, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_app(FEEDS)
    tried: list[int] = []

    def die(**_: object) -> None:
        tried.append(1)
        raise MetricsError("the process ended with exit code -9")

    monkeypatch.setattr("aggregator.pipeline.metrics.measure_closed", lambda home, **named: die(**named))
    daemon = Daemon(app)
    with pytest.raises(MetricsError):
        asyncio.run(daemon.tend_months())
    asyncio.run(daemon.tend_months())
    assert len(tried) == 1
    clock.now += timedelta(minutes=61)
    with pytest.raises(MetricsError):
        asyncio.run(daemon.tend_months())


# --- when ---


def test_enough_decisions_are_learned_at_the_next_tick_and_one_in_the_night(app: App, clock: Clock) -> None:
    daemon = Daemon(app)
    _teach(app, 19)
    assert not app.learner.is_due()
    _teach(app, 1, first=50)
    assert app.learner.is_due()
    daemon._learn()
    assert not app.learner.is_due()

    _teach(app, 1, first=60)
    assert not app.learner.is_due()
    clock.advance(days=1)
    assert app.learner.is_due(), "the night has passed, however late it is looked at"


def test_undone_verdicts_and_poor_quality_teach_nothing(each: App) -> None:
    app = each
    numbers = list(fill(app, [_like(n) for n in range(1, 6)]).values())
    app.judge.classify()
    _approve(app, numbers[0], ODD)
    history.undo_verdict(app, numbers[0])
    review.decide(app, numbers[1], Decision.REJECT, reason="shallow")
    review.decide(app, numbers[2], Decision.HOLD)
    assert app.learner.fit().version == app.learner.shipped.version

    review.decide(app, numbers[3], Decision.REJECT, reason="Off topic")
    model = app.learner.fit()
    assert model.rows["rejection"] == 1
    assert "correction" not in model.rows


# --- accidents ---


def test_a_fit_that_is_stopped_leaves_the_model_in_use(make_app: OPENS, tmp_path: Path, clock: Clock) -> None:
    app = make_app(FEEDS)
    _teach(app, 6)
    before = app.learner.find_version()
    ending = threading.Timer(0.2, app.learner.stop)
    ending.start()
    with pytest.raises(Exception, match="the program is ending"):
        app.learner.fit()
    assert app.learner.find_version() == before
    with Learner(app) as again:
        assert again.fit().rows["correction"] == 6
    assert not list((tmp_path / "home" / "models").glob(".sections-*"))


def test_one_fit_at_a_time(app: App) -> None:
    _teach(app, 6)
    with app.learner._alone(wait=False):
        assert app.learner.is_fitting
        with pytest.raises(ModelError, match="a fit is under way already"):
            app.learner.fit()
        with pytest.raises(ModelError, match="a fit is under way already"):
            app.learner.fit_in_background()
    assert not app.learner.is_fitting
