"""What a post says of itself, from its text to the card, the score, the rejection and the figures of its month."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from aggregator.app import App
from aggregator.storage import candidates
from aggregator.types import Candidate, Decision, DigestState, Disclosure, DisclosureKind
from clock import Clock
from world import FEEDS, MONTH, Curator, make_draft, make_update, store, text_of, visit_page

SAID = "이 글은 하늘상점으로부터 소정의 원고료를 받아 작성했습니다"


@pytest.fixture
def curator(make_app: Callable[..., App]) -> Curator:
    app = make_app(FEEDS, shortlist={"out_of_scope": 1.0})
    plain = "실시간 추천을 위해 피처 스토어를 도입했습니다. "
    store(app.database, make_update(make_draft(1, text=f"{plain * 5}{SAID}."), make_draft(2, text=plain * 5)))
    app.judge.judge_new()
    return visit_page(app, {}).log_in()


def _find(curator: Curator) -> list[Candidate]:
    with curator.app.reading() as connection:
        return sorted(candidates.list_candidates(connection, MONTH), key=lambda candidate: candidate.post.id)


def test_it_is_kept_quoted_and_counts(curator: Curator) -> None:
    sponsored, plain = _find(curator)
    assert sponsored.guess
    assert plain.guess
    assert sponsored.guess.disclosures == (Disclosure(DisclosureKind.SPONSORED, SAID),)
    assert plain.guess.disclosures == ()
    assert sponsored.score
    assert plain.score
    shares = {reason.name: reason.share for reason in sponsored.score.reasons}
    assert shares["sponsored"] < -1
    assert sponsored.score.value < plain.score.value
    page = curator.read("/queue/2022-12?show=all")
    assert text_of(page).count(f"Sponsored, by its own words: “{SAID}”") == 1
    assert 'value="sponsored"' in page


def test_its_weight_is_the_curator_s(curator: Curator) -> None:
    curator.app.judge.set_wishes({"weights.sponsored": 0})
    curator.app.judge.rank([MONTH])
    sponsored = _find(curator)[0]
    assert sponsored.score
    assert "sponsored" not in {reason.name for reason in sponsored.score.reasons}


def test_the_figures_of_a_month_count_it(curator: Curator, clock: Clock) -> None:
    sponsored, plain = (candidate.post.id for candidate in _find(curator))
    curator.app.decide(sponsored, Decision.REJECT, reason="sponsored")
    curator.app.decide(plain, Decision.APPROVE)
    curator.app.make_digest(MONTH, DigestState.PRINTED)
    clock.now = datetime(2023, 1, 6, tzinfo=UTC)
    curator.app.judge.measure_closed()
    page = text_of(curator.read("/figures"))
    assert "Candidates by their own words: 1 sponsored (none printed)." in page
    assert "likely out of scope" not in page
