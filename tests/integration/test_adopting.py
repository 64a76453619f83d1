"""A list is adopted into a new home: the settings that are written, the days that its history in git says, and what is
stored of its lines.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from aggregator.app import open_app
from aggregator.config import load_config, read_feeds_file
from aggregator.demo.play import play_feeds
from aggregator.demo.weekly.adopt import begin_weekly, load_weekly, make_weekly
from aggregator.exceptions import ConfigError, NotFoundError
from aggregator.feeds.discovery.places import Rest
from aggregator.pipeline import months
from aggregator.pipeline.adopted_pages import read_pages
from aggregator.pipeline.adopting import discover, import_lines, propose, write_home
from aggregator.pipeline.state import look_at_state
from aggregator.places import find_shipped
from aggregator.storage import candidates, digests
from aggregator.storage.database import Aim
from clock import Clock
from feed_server import FeedServer

SEOUL = ZoneInfo("Asia/Seoul")
LETTER = """# The Data Letter

## Streams
* [Kafka at Netflix](https://netflixtechblog.com/kafka): how they run it
* [Flink state](https://flink.example/state)

## Tables
* [Iceberg](https://iceberg.example/post)
"""


def _commit(folder: Path, name: str, text: str, day: str) -> None:
    (folder / name).write_text(text, "utf-8")
    moment = f"{day}T12:00:00+09:00"
    environment = {**os.environ, "GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment}
    for command in (["add", name], ["-c", "user.name=mina", "-c", "user.email=mina@x.example", "commit", "-qm", day]):
        subprocess.run(["git", *command], cwd=folder, env=environment, check=True)


def _make_history(folder: Path, page: str, steps: int) -> Path:
    """A repository in which the lines of a page were added over some months, a part in each."""
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    lines = page.split("\n")
    bullets = [at for at, line in enumerate(lines) if line.startswith("* [")]
    for step in range(1, steps + 1):
        kept = set(bullets[: step * len(bullets) // steps])
        text = "\n".join(line for at, line in enumerate(lines) if at not in bullets or at in kept)
        _commit(folder, "README.md", text, f"2022-{step:02d}-05")
    return folder / "README.md"


def test_the_published_page_gives_the_shipped_settings(shared: Path) -> None:
    proposal = propose(shared / "digest" / "README-2023-01.md", SEOUL)
    assert proposal.is_shipped
    assert len(proposal.adoption.lines) == 64
    assert proposal.adoption.left == ()
    assert sum(row.lines for row in proposal.hosts if row.feed) == 58


def test_a_history_says_when_each_line_was_chosen(shared: Path, tmp_path: Path) -> None:
    page = (shared / "digest" / "README-2023-01.md").read_text("utf-8")
    proposal = propose(_make_history(tmp_path, page, 10), SEOUL)
    days = [each.chosen for each in proposal.adoption.lines]
    assert days == sorted(days, key=str)
    assert {str(day) for day in days} == {f"2022-{month:02d}-05" for month in range(1, 11)}
    assert str(proposal.adoption.rhythm) == "monthly"


def test_a_list_of_another_field_gets_topics_and_feeds_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "list.md").write_text(LETTER, "utf-8")
    proposal = propose(tmp_path / "list.md", SEOUL)
    assert not proposal.is_shipped
    config = load_config({}, home=tmp_path, text=proposal.feeds_toml, file=tmp_path / "feeds.toml")
    assert [str(section) for section in config.settings.taxonomy.sections] == ["1", "2"]
    assert [feed.key for feed in config.feeds] == ["netflix"]
    assert proposal.feeds_toml.startswith(read_feeds_file(find_shipped())[:200])
    assert "#   flink.example (1)\n" in proposal.feeds_toml


def test_a_home_that_has_a_list_is_not_written(tmp_path: Path) -> None:
    write_home(tmp_path, "")
    # After an import that failed.
    write_home(tmp_path, "")
    with pytest.raises(ConfigError, match="the home has one already"):
        write_home(tmp_path, "# another\n")


def test_a_history_of_a_folder_a_shallow_clone_and_an_empty_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, shallow, empty = tmp_path / "whole", tmp_path / "shallow", tmp_path / "empty"
    for folder in (whole, empty):
        folder.mkdir()
        subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    (empty / "README.md").write_text(LETTER, "utf-8")
    _commit(whole, "README.md", LETTER, "2022-01-05")
    _commit(whole, "README.md", LETTER + "* [Delta](https://delta.example/post)\n", "2022-02-05")
    _commit(whole, "README.md", LETTER + "* [Delta](https://delta.example/post)\nMore.\n", "2022-03-05")
    subprocess.run(["git", "clone", "-q", "--depth=2", whole.as_uri(), str(shallow)], check=True)

    def list_days(place: Path) -> list[str]:
        return [str(each.chosen) for each in propose(place, SEOUL).adoption.lines]

    assert list_days(whole) == ["2022-01-05"] * 3 + ["2022-02-05"]
    # The oldest commit of a shallow clone has all that is older.
    assert list_days(shallow) == ["None"] * 4
    assert list_days(empty) == ["None"] * 3
    (empty / "link.md").symlink_to(whole / "README.md")
    assert list_days(empty / "link.md")[3] == "2022-02-05"
    monkeypatch.chdir(whole)
    assert list_days(Path())[3] == "2022-02-05"


def test_files_that_are_no_issues_are_left_out(tmp_path: Path) -> None:
    for name in (
        "2024-01.md",
        "CONTRIBUTING.md",
        "pull_request_template.md",
        "security-weekly.md",
        ".github/x.md",
        "a/2024-02.md",
        "picture.png",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("* [A](https://a.example/1)\n", "utf-8")
    (tmp_path / "a" / "empty").mkdir()
    for name in ("old.rst", "older.RST", "LICENSE.rst", ".hidden/x.rst", *(f"site/{at}.html" for at in range(7))):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("text\n", "utf-8")
    assert [page.name for page in read_pages(tmp_path)] == ["2024-01.md", "a/2024-02.md", "security-weekly.md"]
    with pytest.raises(NotFoundError, match="no files in Markdown"):
        read_pages(tmp_path / "a" / "empty")
    left = [(page, remark.sentence) for page, remark in propose(tmp_path, SEOUL).adoption.left]
    said = "Of a folder only Markdown is read; {} files in {} are left out: {}"
    assert left[-2:] == [
        ("old.rst", said.format(2, "reStructuredText", "old.rst, older.RST")),
        ("site/0.html", said.format(7, "HTML", ", ".join([*(f"site/{at}.html" for at in range(5)), "…"]))),
    ]


def test_lines_are_stored_as_printed_and_close_no_month(
    tmp_path: Path, clock: Clock, spare_start: Callable[[Path], None]
) -> None:
    listed, home = tmp_path / "listed", tmp_path / "home"
    listed.mkdir()
    home.mkdir()
    proposal = propose(_make_history(listed, LETTER, 3), SEOUL)
    write_home(home, proposal.feeds_toml)
    spare_start(home)
    with open_app(load_config({}, home=home), clock=clock) as app:
        imported = import_lines(app, proposal.adoption)
        with app.reading() as connection:
            (page,) = digests.list_printed(connection)
            chosen = [candidates.get_candidate(connection, number) for number in (1, 2, 3)]
        # The months of its issues are neither drafted nor printed again, and do not wait for anything.
        for _ in range(3):
            clock.advance(days=40)
            recent = {app.current_month, *(app.current_month.shift(-back) for back in range(1, 6))}
            assert {work.month for work in months.list_work(app)} <= recent
            assert {each.month for each in look_at_state(app).months} <= recent
    assert imported.extent.month is None
    assert imported.extent.until == date(2022, 3, 5)
    assert imported.new == 3
    # Each counts for the month in which it was chosen, and was approved then.
    assert [str(one.post.month) for one in chosen] == ["2022-01", "2022-02", "2022-03"]
    assert [str(one.verdict.at.date()) for one in chosen if one.verdict] == ["2022-01-05", "2022-02-05", "2022-03-05"]
    assert [line.title for line in page.digest.lines] == ["Kafka at Netflix", "Flink state", "Iceberg"]


def test_a_line_is_not_chosen_in_the_future(tmp_path: Path, clock: Clock, spare_start: Callable[[Path], None]) -> None:
    """A heading that names this month stands for its last day; one with a wrong year says nothing."""
    (tmp_path / "list.md").write_text(
        "# L\n## December 2022\n* [A](https://a.example/1)\n## June 2032\n* [B](https://a.example/2)\n", "utf-8"
    )
    proposal = propose(tmp_path / "list.md", SEOUL)
    write_home(tmp_path, proposal.feeds_toml)
    spare_start(tmp_path)
    clock.now = datetime(2022, 12, 10, tzinfo=UTC)
    with open_app(load_config({}, home=tmp_path), clock=clock) as app:
        import_lines(app, proposal.adoption)
        with app.reading() as connection:
            stored = [candidates.get_candidate(connection, number) for number in (1, 2)]
    assert [(str(one.post.month), one.verdict and one.verdict.at) for one in stored] == [
        ("2022-12", clock.now),
        ("2022-11", clock.now),
    ]


def test_the_first_posts_after_an_adoption_have_sections(
    tmp_path: Path, clock: Clock, spare_start: Callable[[Path], None], fit_here: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.now = datetime(2026, 11, 2, 3, tzinfo=UTC)
    documents = make_weekly(tmp_path)
    # Half a year is not ranked for one month.
    monkeypatch.setattr("aggregator.pipeline.judge.Judge.judge_read", lambda judge, months: None)
    with play_feeds(documents) as address:
        config = load_weekly(tmp_path, address)
        spare_start(tmp_path)
        with open_app(config, Aim.RUN, clock=clock) as app:
            begin_weekly(app)
            asyncio.run(app.visitor.visit_now(["granary"]))
            app.judge.classify()
            with app.reading() as connection:
                posts = candidates.list_candidates(connection, app.current_month.shift(-1))
    assert {one.post.title: str(one.section) for one in posts if one.post.title.startswith(("Deletion", "Window"))} == {
        "Deletion vectors without the folklore": "2.2",
        "Window functions you already need": "2.5",
    }


def test_feeds_are_looked_for_where_nobody_follows(tmp_path: Path, clock: Clock, feed_server: FeedServer) -> None:
    here, other = feed_server.address, feed_server.address.replace("127.0.0.1", "localhost")
    item = f"<item><title>T</title><link>{here}/2</link><pubDate>{clock():%a, %d %b %Y %T GMT}</pubDate></item>"
    feed_server.play("/feed.xml", f"<rss version='2.0'><channel><title>Haneul</title>{item}</channel></rss>")
    page = "<html><head><link rel='alternate' type='application/rss+xml' href='/feed.xml'></head></html>"
    feed_server.play("/post", page, content_type="text/html")
    feed_server.play("/bare", "<html><title>Bare</title></html>", content_type="text/html")
    (tmp_path / "list.md").write_text(
        f"* [A]({here}/post)\n* [B]({here}/2)\n* [C]({other}/bare)\n* [D](https://github.com/mina/tool)\n"
        "* [E](https://netflixtechblog.com/kafka)\n",
        "utf-8",
    )
    visits = '[visits]\nparser_processes = 0\nhost_pause_seconds = 0\nallowed_networks = ["127.0.0.0/8", "::1"]\n'
    settings = load_config({}, home=tmp_path, text=visits, file=tmp_path / "feeds.toml").settings
    found = discover(propose(tmp_path / "list.md", SEOUL), settings, clock)
    config = load_config({}, home=tmp_path, text=found.feeds_toml, file=tmp_path / "feeds.toml")
    assert [(feed.key, feed.name) for feed in config.feeds] == [("netflix", "Netflix TechBlog"), ("haneul", "Haneul")]
    assert f"# Found for 127.0.0.1, with 2 lines of the list, newest post {clock():%Y-%m-%d}.\n" in found.feeds_toml
    assert [(look.place.name, look.rest, [each.doubt for each in look.others]) for look in found.looks] == [
        ("127.0.0.1", None, []),
        ("github.com/mina", Rest.PROGRAMS, []),
        ("localhost", None, [Rest.ELSEWHERE]),
    ]
    assert f"#   localhost (1): {other}/feed.xml, but most of its posts are at other places\n" in found.feeds_toml
    assert "#   github.com/mina (1): its feeds tell of versions of programs\n" in found.feeds_toml
    # Each page is asked for once, and only what robots.txt allows.
    asked = [path for path, _ in feed_server.requests]
    assert (asked.count("/post"), asked.count("/bare"), asked.count("/robots.txt")) == (1, 1, 2)
