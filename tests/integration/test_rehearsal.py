"""``run --now``: the daemon in a copy of the home, from a moment to come; nothing of it leaves the copy."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from aggregator import scheduler
from aggregator.app import App, open_app, utc_now
from aggregator.clock import RehearsalClock
from aggregator.config import load_config
from aggregator.pipeline import review
from aggregator.pipeline.rehearsal import Rehearsal
from aggregator.pipeline.sessions import Sessions
from aggregator.scheduler import Daemon
from aggregator.shipped import SHIPPED
from aggregator.storage.digests import list_digests
from aggregator.storage.tables import feeds
from aggregator.types import Correction, Decision, Month
from feed_server import FeedServer
from world import Sample, fill, text_of, visit_page

#: Not over yet, whenever this runs.
MONTH = Month.of(datetime.now(UTC) + timedelta(days=1), ZoneInfo("Asia/Seoul"))
Console = Callable[..., subprocess.CompletedProcess[str]]
FEEDS = """\
time_zone = "Asia/Seoul"

[digest]
page = "{page}"
commit = true
after_print = ["touch", "told"]

[notices]
urls = ["NOTICE_URL"]

[visits]
parser_processes = 0
allowed_networks = ["127.0.0.0/8"]

[feeds.haneul]
name = "하늘상점"
kind = "company"
url = "{url}"
"""
PAGE = "# Posts\n\n## 2. Business Cases and Implementations\n### 2.4. Training, Inference and MLOps\n"


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """The curator's own page, outside the home."""
    page = tmp_path / "repository" / "README.md"
    page.parent.mkdir()
    page.write_text(PAGE, "utf-8")
    return page


@pytest.fixture
def home(
    tmp_path: Path,
    page: Path,
    spare_fit: Callable[[Path], None],
    few_rows: None,
    feed_server: FeedServer,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A home whose month has an approved post and a rejected one, and whose feed is gone."""
    monkeypatch.setenv("NOTICE_URL", "slack://a/b/c")
    # Days go by in a moment.
    monkeypatch.setattr(scheduler, "_SHORTEST", timedelta(seconds=0.04))
    # What takes seconds, and other tests tell of.
    for name in ("_learn", "_measure"):
        monkeypatch.setattr(Daemon, name, lambda _: None)
    home = tmp_path / "home"
    home.mkdir()
    spare_fit(home)
    url = feed_server.play("/feed.xml", "<rss version='2.0'><channel><title>t</title></channel></rss>")
    (home / "feeds.toml").write_text(FEEDS.format(page=page, url=url), "utf-8")
    with open_app(load_config({"NOTICE_URL": "slack://a/b/c"}, home=home)) as app:
        samples = [Sample(title, "haneul", title, day=1, month=MONTH) for title in ("Serving models", "News")]
        first, second = fill(app, samples).values()
        section = SHIPPED.parse_section("2.4")
        review.decide(app, first, Decision.APPROVE, correction=Correction(first, "", app.now, section=section))
        review.decide(app, second, Decision.REJECT, reason="shallow")
        with app.database.writing() as connection:
            gone = {"failures": 9, "last_status": 410, "last_visit_at": app.now, "failing_since": app.now}
            connection.execute(feeds.update().values(gone))
    return home


def _list_rows(home: Path) -> list[object]:
    with open_app(load_config({"NOTICE_URL": "slack://a/b/c"}, home=home)) as app, app.reading() as connection:
        return [list_digests(connection), app.login_key]


def test_the_first_and_the_fifth_are_seen_beforehand_and_nothing_leaves_the_copy(
    home: Path, page: Path, tmp_path: Path, call_console: Console, feed_server: FeedServer
) -> None:
    before, copy = _list_rows(home), tmp_path / "copy"
    end = MONTH.shift(1)
    eve = (datetime(end.year, end.month, 1) - timedelta(minutes=10)).isoformat()
    run = ("--home", str(home), "run", "--folder", str(copy), "--speed", "1000000")
    told = call_console(*run, "--now", eve, "--until", f"{end}-07").stdout
    assert f"Rehearsal of {home} in {copy}" in told
    assert "feeds are not visited" in told
    first, fifth = (rf"\b{day} {end.name}, \d\d:\d\d  " for day in (1, 5))
    assert re.search(rf"{first}not sent to NOTICE_URL: The draft of {MONTH.name} is ready: 1 approved", told)
    assert re.search(rf"{fifth}{MONTH.name} printed: 1 line, in {copy}/digests/{MONTH}.md", told)
    files = f"{copy}/digests/{MONTH}.md, {copy}/elsewhere{page}, {copy}/digests/{MONTH}.receipts.json"
    assert re.search(rf"{fifth}not committed: Digest of {MONTH.label}: 1 line \({files}\)", told)
    assert "not run: touch told" in told
    assert "Serving models" in (copy / f"elsewhere{page}").read_text("utf-8")
    assert page.read_text("utf-8") == PAGE
    assert _list_rows(home) == before
    assert not list(tmp_path.rglob("told"))
    assert not feed_server.requests
    past = call_console(*run, "--now", eve)
    assert "is past; a rehearsal begins later than what is stored" in past.stderr


def test_every_page_says_what_it_is_and_what_time(one_home: tuple[App, dict[str, int]]) -> None:
    app, numbers = one_home
    clock = RehearsalClock(datetime(2023, 1, 4, 15, tzinfo=UTC), stands=True)
    curator = visit_page(replace(app, rehearsal=Rehearsal(clock), clock=clock), numbers).log_in()
    for page in ("/queue/2022-12", "/history"):
        said = text_of(curator.read(page))
        assert "Rehearsal 5 Jan 2023, 00:00 . All of this happens in a copy of your home; feeds are not visited" in said
    # Browsers know the clock of the machine alone.
    (session,) = Sessions(app.login_key, app.database, utc_now).list()
    assert session.began_at > datetime.now(UTC) - timedelta(hours=1)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--now", "2022-12-31T23:50"], "--now: 2022-12-31 23:50+09:00 is past"),
        (["--now", "9998-12-31"], "--now: 9998-12-31 00:00+09:00 is more than ten years ahead"),
        (["--now", "tomorrow"], "--now: tomorrow is not a moment such as 2026-12-31T23:50"),
        (["--now", "2030-01-01", "--speed", "-1"], "--speed: a number from 1 to 1,000,000 is needed"),
        (["--now", "2030-01-01", "--until", "2029-01-01"], "--until: is not after --now"),
        (["--speed", "60"], "--speed: is of rehearsals, which need --now"),
        (["--now", "2030-01-01", "--folder", "."], "has something else than a rehearsal"),
    ],
)
def test_what_makes_no_sense_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call_console: Console, options: list[str], said: str
) -> None:
    (tmp_path / "feeds.toml").write_text('time_zone = "Asia/Seoul"\n')
    monkeypatch.chdir(tmp_path)
    told = call_console("--home", str(tmp_path), "run", *options)
    assert told.returncode == 1
    assert said in told.stderr
