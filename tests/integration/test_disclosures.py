"""What a post discloses, from its text and page to the pane, the score, the rejection and the figures of its month."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from aggregator.app import App
from aggregator.cli.evaluate_rank import _describe_month
from aggregator.pipeline import metrics, publish, review, weights
from aggregator.storage import candidates, pages
from aggregator.types import (
    Candidate,
    Decision,
    DigestState,
    Disclosure,
    DisclosureKind,
    DisclosureSource,
    PageOutcome,
    PageReading,
)
from clock import Clock
from world import FEEDS, MONTH, NOW, Curator, make_draft, make_update, store, text_of, visit_page

SAID = "이 글은 하늘상점으로부터 소정의 원고료를 받아 작성했습니다"


PLAIN = "실시간 추천을 위해 피처 스토어를 도입했습니다. "
WALLED = Disclosure(DisclosureKind.MEMBERS_ONLY, "isAccessibleForFree: false", DisclosureSource.PAGE)
CAMPAIGN = tuple(f"https://northwind.example/{number}?utm_campaign=spring" for number in range(3))


@pytest.fixture
def app(make_app: Callable[..., App]) -> App:
    return make_app(FEEDS, shortlist={"out_of_scope": 1.0})


@pytest.fixture
def curator(app: App) -> Curator:
    store(app.database, make_update(make_draft(1, text=f"{PLAIN * 5}{SAID}."), make_draft(2, text=PLAIN * 5)))
    app.judge.judge_new()
    sponsored, plain = _find(app)
    return visit_page(app, {"sponsored": sponsored.post.id, "plain": plain.post.id}).log_in()


def _find(app: App) -> list[Candidate]:
    with app.reading() as connection:
        return sorted(candidates.list_candidates(connection, MONTH), key=lambda candidate: candidate.post.id)


def test_it_is_kept_quoted_and_counts(curator: Curator) -> None:
    sponsored, plain = _find(curator.app)
    assert sponsored.guess
    assert plain.guess
    assert sponsored.guess.disclosures == (Disclosure(DisclosureKind.SPONSORED, SAID),)
    assert plain.guess.disclosures == ()
    assert sponsored.score
    assert plain.score
    shares = {reason.name: reason.share for reason in sponsored.score.reasons}
    assert shares["sponsored"] < -1
    assert sponsored.score.value < plain.score.value
    pane = curator.read_post("sponsored")
    assert text_of(pane).count(f"Sponsored: says “{SAID}”") == 1
    assert 'value="sponsored"' in pane
    assert "Sponsored: says" not in text_of(curator.read_post("plain"))


def test_its_weight_is_the_curator_s(curator: Curator) -> None:
    weights.set_overrides(curator.app, {"weights.sponsored": 0})
    curator.app.judge.rank([MONTH])
    sponsored = _find(curator.app)[0]
    assert sponsored.score
    assert "sponsored" not in {reason.name for reason in sponsored.score.reasons}


def _disclose(app: App) -> list[list[str]]:
    app.judge.judge_new()
    return [[one.evidence for one in each.guess.disclosures] for each in _find(app) if each.guess]


def test_a_page_adds_to_it_and_no_later_text_of_the_feed_takes_it_away(
    make_app: Callable[..., App], database_url: str
) -> None:
    app = make_app(FEEDS, database_url=database_url)
    drafts = [make_draft(1, text=PLAIN), make_draft(2, text=PLAIN, links=CAMPAIGN)]
    store(app.database, make_update(*drafts))
    campaign = "3 of 3 links carry a campaign of northwind.example"
    assert _disclose(app) == [[], [campaign]]
    with app.database.writing() as connection:
        numbers = [each.post.id for each in candidates.list_candidates(connection, MONTH)]
        read = PageReading(min(numbers), drafts[0].url, NOW, PageOutcome.KEPT, 1, said=(WALLED,))
        assert pages.save_readings(connection, [read]) == {min(numbers)}
    assert _disclose(app) == [["its page says isAccessibleForFree: false"], [campaign]]
    translated = Disclosure(
        DisclosureKind.MACHINE_TRANSLATED, "it stands elsewhere", DisclosureSource.LINKS, "https://a.example/"
    )
    changed = replace(drafts[0], text=f"이 글은 ChatGPT로 작성되었습니다. {PLAIN}", said=(translated,))
    store(app.database, make_update(changed))
    assert _disclose(app)[0] == [
        "says “이 글은 ChatGPT로 작성되었습니다”",
        "it stands elsewhere; translated from https://a.example/",
        "its page says isAccessibleForFree: false",
    ]


def test_the_figures_count_every_kind(app: App, clock: Clock) -> None:
    kinds = [
        Disclosure(kind, "Northwind", source)
        for kind, source in zip(DisclosureKind, [*DisclosureSource] * 2, strict=False)
    ]
    store(
        app.database,
        make_update(*(make_draft(n, text=PLAIN, said=(one,)) for n, one in enumerate(kinds)), make_draft(9)),
    )
    app.judge.judge_new()
    found = _find(app)
    review.decide(app, found[0].post.id, Decision.APPROVE)
    for candidate, one in zip(found[1:], kinds[1:], strict=False):
        review.decide(app, candidate.post.id, Decision.REJECT, reason=str(one.kind))
    publish.make_digest(app, MONTH, DigestState.PRINTED)
    clock.now = datetime(2023, 1, 6, tzinfo=UTC)
    metrics.measure_closed(app)
    page = text_of(visit_page(app, {}).log_in().read("/figures"))
    said = ", ".join(
        f"1 {kind} ({1 if kind == kinds[0].kind else 'none'} printed)" for kind in sorted(map(str, DisclosureKind))
    )
    assert f"Candidates by what they disclose: {said}." in page
    assert "likely out of scope" not in page
    (month,) = metrics.measure_stored(app)
    assert month.disclosed == {str(one.kind): (1, int(one is kinds[0])) for one in kinds}
    assert _describe_month(month)["disclosed"]["sponsored"] == {"posts": 1, "printed": 1}
