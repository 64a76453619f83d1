"""The weekly of the demo, adopted: from the queue to its page, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin

import pytest
from playwright.sync_api import expect

from aggregator.app import App, open_app
from aggregator.demo.weekly.adopt import begin_weekly, load_weekly, make_weekly
from aggregator.demo.weekly.make import make_posts, read_words
from aggregator.pipeline import review
from aggregator.storage.database import Aim
from aggregator.types import Correction, Decision
from clock import Clock
from web_browser import Enter
from world import Curator, visit_page
from world.month import Sample, fill

pytestmark = pytest.mark.browser

#: What belongs to the shipped digest.
FOREIGN = re.compile(r"\b(?:AI & ML|CV|NLP|RecSys|MLOps|AWS|[Bb]usiness cases?|ML substance|[Mm]achine learning)\b")
#: What is said on a page; its scripts have keys that may look like anything.
SAID = "document.querySelectorAll('script').forEach(one => one.remove()); document.title + document.body.textContent"
PAGES = (
    "/queue/2026-10?show=all&open={post}",
    "/posts/{post}/edit",
    "/digest/2026-10",
    "/search?q=stream",
    "/feeds/granary",
    "/recipe",
    "/weights",
    "/texts",
)


@pytest.fixture
def curator(
    tmp_path: Path, clock: Clock, spare_start: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Curator]:
    """A home that has adopted the weekly, with what its sources published in October; nothing is asked of them."""
    clock.now = datetime(2026, 11, 2, 3, tzinfo=UTC)
    make_weekly(tmp_path)
    config = load_weekly(tmp_path, "http://127.0.0.1:9")
    spare_start(tmp_path)
    # Half a year is neither learned nor ranked for one line.
    monkeypatch.setattr("aggregator.pipeline.learner.Learner.fit", lambda learner: None)
    monkeypatch.setattr("aggregator.pipeline.judge.Judge.judge_read", lambda judge, months: None)
    with open_app(config, Aim.RUN, clock=clock) as app:
        begin_weekly(app)
        yield visit_page(app, fill(app, _list_october(app)))


def _list_october(app: App) -> list[Sample]:
    month = app.current_month.shift(-1)
    return [
        Sample(
            post.title,
            post.source,
            post.url.rpartition("/")[2],
            post.at.day,
            text=" ".join(post.text),
            month=month,
            organisation=read_words()["sources"][post.source][2],
        )
        for post in make_posts()
        if (post.at.year, post.at.month) == (month.year, month.month)
    ]


def test_a_digest_of_another_field_is_reviewed_and_printed(enter: Enter, curator: Curator) -> None:
    number = curator.numbers["deletion-vectors-without-the-folklore"]
    section = curator.app.taxonomy.parse_section("2.2")
    correction = Correction(number, "", curator.app.now, section=section)
    review.decide(curator.app, number, Decision.APPROVE, correction=correction)
    page = enter(f"/queue/2026-10?show=all&open={number}")
    pane = page.locator(f"#pane[data-id='{number}']")
    expect(pane).to_contain_text("2.2 Tables and Lakes")
    expect(page.locator(f"#post-{number}")).to_contain_text("Approved")

    for path in PAGES:
        page.goto(urljoin(page.url, path.format(post=number)))
        assert FOREIGN.findall(page.evaluate(SAID)) == [], path

    page.goto(urljoin(page.url, "/digest/2026-10"))
    expect(page.locator(".paper")).to_contain_text("Deletion vectors without the folklore: Oct 2026, Granary")
    page.locator("summary", has_text="Print the digest").click()
    page.get_by_role("button", name="Print it now").click()
    expect(page.get_by_role("button", name="Print it now")).to_have_count(0)
    file = curator.app.config.home / "digests" / "2026-10.md"
    printed = file.read_text("utf-8")
    assert printed.startswith("# The Weir\n\nOne letter a week")
    assert (
        "## 2. Tools and Techniques\n### 2.2. Tables and Lakes\n* [Deletion vectors without the folklore: Oct 2026, Granary]("
        in printed
    )
