"""The golden test: the folder of sample feeds in, a digest out, on both databases."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.app import App, open_app
from aggregator.classify.training import Row
from aggregator.config import Config, Settings
from aggregator.demo.play import load_demo, play_feeds
from aggregator.exceptions import DigestError
from aggregator.pipeline import publish, review
from aggregator.shipped import SHIPPED
from aggregator.storage.candidates import list_candidates
from aggregator.storage.digests import get_digest
from aggregator.storage.feeds import list_feed_states
from aggregator.types import Candidate, Correction, Decision, DigestState, Month, Outcome
from clock import Clock
from databases import KINDS
from fits import Fits

OCTOBER = Month(2026, 10)
EXPECTED = Path(__file__).parents[1] / "data" / "demo-2026-10.md"

#: What a curator approves of the sample month, by the beginning of the title, and where it goes.
APPROVED = {
    "Halftone-2": "1.1",
    "What Goes behind [MASK]": "1.1",
    "Reward Models Disagree": "1.2",
    "SE(3)-Equivariant": "1.3",
    "Training a 48B": "1.4",
    "What Does a Model": "1.2",
    "Benchmarks & Other": "1.2",
    "거래명세서 OCR": "2.1",
    "Picking the Frame": "2.1",
    "상담원 옆자리": "2.2",
    "추천 시스템 개편기 3편": "2.3",
    "비 오는 금요일": "2.3",
    "How Northwind Learned": "2.3",
    "Halyard": "2.4",
    "GPU 서빙 비용": "2.4",
    "피처 스토어 없이": "2.4",
    "Introducing Marram": "2.4",
    "How Tidewater": "3.2",
    "Run large language": "3.4",
    "Amazon Transcribe와": "3.2",
}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where the sample feeds are played."""
    with play_feeds() as address:
        yield address


@pytest.fixture(scope="module")
def model(all_rows: Sequence[Row], fits: Fits) -> Path:
    return fits.get(all_rows)


@contextmanager
def _open(home: Path, address: str, database_url: str, model: Path) -> Iterator[App]:
    (home / "models").mkdir()
    shutil.copyfile(model, home / "models" / model.name)
    config = load_demo(home, address)
    allowed = config.settings.visits.allowed_networks
    visits = {"parser_processes": 0, "host_pause_seconds": 0, "allowed_networks": allowed}
    settings = Settings(database_url=database_url, visits=visits)
    clock = Clock(datetime(2026, 11, 1, 3, tzinfo=UTC))
    with open_app(Config(home, config.file, settings, config.feeds), clock=clock) as app:
        yield app


@pytest.fixture(scope="module", params=KINDS)
def judged(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, address: str, model: Path
) -> Iterator[Callable[[Path], str]]:
    """All sample feeds visited and judged, once on each kind of database; makes copies of that database."""
    home = tmp_path_factory.mktemp("demo")
    postgres = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    url = postgres.create_migrated() if postgres else f"sqlite:///{home / 'aggregator.sqlite'}"
    with _open(home, address, url, model) as app:
        # Two feeds have the same posts, which keep the address of the one that came with them first.
        asyncio.run(app.visitor.visit_now(["cloud"]))
        asyncio.run(app.visitor.visit_due())
        app.judge.judge_new()

    def copy(folder: Path) -> str:
        if postgres:
            return str(postgres.create_copy(url))
        return f"sqlite:///{shutil.copyfile(home / 'aggregator.sqlite', folder / 'aggregator.sqlite')}"

    yield copy
    if postgres:
        postgres.leave(url)


@pytest.fixture
def app(judged: Callable[[Path], str], address: str, tmp_path: Path, model: Path) -> Iterator[App]:
    with _open(tmp_path, address, judged(tmp_path), model) as app:
        yield app


def _list(app: App, month: Month = OCTOBER) -> list[Candidate]:
    with app.reading() as connection:
        return list_candidates(connection, month)


def _find(app: App, title: str) -> Candidate:
    return next(candidate for candidate in _list(app) if candidate.post.title.startswith(title))


def _approve_all(app: App) -> None:
    for title, section in APPROVED.items():
        post_id = _find(app, title).post.id
        correction = Correction(post_id, "", app.now, section=SHIPPED.parse_section(section))
        review.decide(app, post_id, Decision.APPROVE, correction=correction)


def test_from_a_folder_of_feeds_to_a_digest(app: App) -> None:
    _approve_all(app)
    first = _find(app, "추천 시스템 개편기 2편").post.url
    part_three = _find(app, "추천 시스템 개편기 3편").post.id
    note = f"[2편]({first})도 읽어보세요."
    review.decide(app, part_three, Decision.APPROVE, correction=Correction(part_three, "", app.now, note=note))
    review.decide(app, _find(app, "Planet ML").post.id, Decision.REJECT, reason="off topic")
    review.decide(app, _find(app, "Your LLM Judge").post.id, Decision.HOLD)

    printed = publish.make_digest(app, OCTOBER, DigestState.PRINTED).read_text("utf-8")
    assert printed == EXPECTED.read_text("utf-8")

    with app.reading() as connection:
        assert get_digest(connection, OCTOBER).state is DigestState.PRINTED
    assert {c.post.title[:10] for c in _list(app) if c.printed_in} == {
        c.post.title[:10] for c in _list(app) if c.verdict and c.verdict.decision is Decision.APPROVE
    }
    with pytest.raises(DigestError, match="was already printed"):
        publish.make_digest(app, OCTOBER, DigestState.PRINTED)


def test_every_sample_feed_has_its_outcome(app: App) -> None:
    with app.reading() as connection:
        states = {state.feed.key: state for state in list_feed_states(connection)}
    failed = {key: state.last_reason for key, state in states.items() if state.last_outcome is Outcome.FAILED}
    assert set(failed) == {"broken", "gone"}
    assert failed["broken"] == "Cloudflare answers in place of the site, and asks to check the browser (HTTP 200)"
    assert failed["gone"] == "there is no such document (HTTP 404)"
    assert states["truncated"].entries == 2
    assert {key: states[key].entries for key in ("haneul", "northwind", "planet", "popular")} == {
        "haneul": 7,
        "northwind": 8,
        "planet": 5,
        "popular": 11,
    }


def test_one_story_is_one_post_with_its_own_organisation(app: App) -> None:
    assert len(_list(app)) == 37
    assert len(_list(app, Month(2026, 9))) == 7
    assert len(_list(app, Month(2026, 11))) == 1
    halyard = _find(app, "Halyard")
    assert (halyard.post.feed_key, halyard.post.organisation) == ("northwind", "Northwind")


def test_popularity_is_a_visible_reason(app: App) -> None:
    (reason,) = [r for r in _find(app, "Halyard").score.reasons if r.name == "popularity"]  # type: ignore[union-attr]
    assert reason.share > 0
    assert "245 points, 87 comments" in reason.detail


@pytest.mark.parametrize("title", ["Planet ML Now", "다산 테크 데이", "Amazon SageMaker AI is now"])
def test_the_shortlist_leaves_out_what_is_none_of_the_digest_s_business(app: App, title: str) -> None:
    """For that reason, and not because its source or section is full."""
    candidate = _find(app, title)
    assert candidate.score is not None
    assert "out of scope" in {reason.name for reason in candidate.score.reasons}
    assert candidate.score.value < 0
    assert not candidate.score.shortlisted


def test_a_second_round_changes_nothing(app: App) -> None:
    before = _list(app)
    with app.reading() as connection:
        states = list_feed_states(connection)
    visits = asyncio.run(app.visitor.visit(states))
    app.judge.judge_new()
    assert {visit.outcome for visit in visits} == {Outcome.NOT_MODIFIED, Outcome.FAILED}
    assert _list(app) == before
