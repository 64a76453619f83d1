"""The care of feeds from the command line: how they are, and what is done to them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from aggregator.app import open_app
from aggregator.cli import main
from aggregator.types import Month
from clock import Clock
from feed_server import FeedServer

Run = Callable[..., subprocess.CompletedProcess[str]]

SECRET = "Bearer a-secret"


def make_document(days: Sequence[datetime], *, name: str = "post") -> str:
    items = "".join(
        f"<item><title>{name} {number}</title><link>https://tech.haneul.example/{name}/{number}</link>"
        f"<guid>{name}-{number}</guid><pubDate>{day:%a, %d %b %Y %H:%M:%S} +0000</pubDate></item>"
        for number, day in enumerate(days)
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{name}</title>{items}</channel></rss>'


def list_days(newest: datetime, count: int, every: timedelta) -> list[datetime]:
    return [newest - number * every for number in range(count)]


@pytest.fixture
def home(tmp_path: Path, feed_server: FeedServer, clock: Clock) -> Path:
    """Feeds of every state, once they are visited."""
    now = clock.now
    feed_server.play(
        "/haneul.xml", make_document(list_days(now - timedelta(days=1), 5, timedelta(days=9)), name="haneul")
    )
    feed_server.play(
        "/quiet.xml", make_document(list_days(now - timedelta(days=300), 8, timedelta(days=3)), name="quiet")
    )
    feed_server.play("/gone.xml", "", status=410, validators=False)
    feed_server.play(
        "/broken.xml", "<!doctype html>\n<title>\x1b[31m로그인하세요</title>", status=404, validators=False
    )
    feed_server.play("/secret.xml", make_document([now], name="secret"))
    feeds = {
        "haneul": (
            "하늘상점 기술 블로그",
            'language = "ko"\nweight = 0.5\ntags = ["medium", "ml"]\norganisation = "하늘상점"\n',
        ),
        "broken": ("다산모빌리티", 'language = "ko"\n'),
        "gone": ("Gone", ""),
        "quiet": ("Quiet [red]Corner", ""),
        "resting": ("Resting", ""),
        "secret": ("Secret", 'credentials = "SECRET_LOGIN"\n'),
    }
    kinds = 'kind = "company"\n'
    (tmp_path / "feeds.toml").write_text(
        "[visits]\nparser_processes = 0\nhost_pause_seconds = 0\nallowed_networks = [\"127.0.0.0/8\"]\n\n"
        + "\n".join(
            f'[feeds.{key}]\nname = "{name}"\nurl = "{feed_server.address}/{key}.xml"\n{kinds}{more}'
            for key, (name, more) in feeds.items()
        ),
        encoding="utf-8",
    )  # fmt: skip
    return tmp_path


@pytest.fixture
def run(
    home: Path, database_url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Run:
    """Calls the console script in this process, as the shell would, at the time of the test's clock."""
    for name in [name for name in os.environ if name.startswith("AGGREGATOR_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AGGREGATOR_HOME", str(home))
    monkeypatch.setenv("AGGREGATOR_DATABASE_URL", database_url)
    monkeypatch.setenv("SECRET_LOGIN", SECRET)
    monkeypatch.setattr("aggregator.app.open_app", partial(open_app, clock=clock, random=lambda: 0.5))

    def run(*arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        monkeypatch.setattr(sys, "argv", ["aggregator", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfd.readouterr()
        assert (ended.value.code or 0) == code, (out, err)
        assert "Traceback" not in err
        assert "a-secret" not in out + err
        return subprocess.CompletedProcess(arguments, code, out, err)

    run("feeds", "apply")
    return run


def check(run: Run, *arguments: str, code: int = 0) -> dict[str, Any]:
    """The feeds of ``feeds check --json`` by key."""
    return {
        feed["key"]: feed for feed in json.loads(run("feeds", "check", *arguments, "--json", code=code).stdout)["feeds"]
    }


def rows_of(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


def test_what_needs_the_curator_comes_first(run: Run, clock: Clock) -> None:
    run("feeds", "visit", "haneul", "broken", "gone", "quiet", "resting", code=1)
    run("feeds", "pause", "resting")
    clock.advance(minutes=20)

    found = json.loads(run("feeds", "check", "--json", code=1).stdout)
    assert [(feed["key"], feed["state"]) for feed in found["feeds"]] == [
        ("gone", "gone"),
        ("broken", "failing"),
        ("quiet", "silent"),
        ("secret", "new"),
        ("haneul", "well"),
        ("resting", "paused"),
    ]
    assert found["states"] == {"gone": 1, "refused": 0, "failing": 1, "silent": 1, "new": 1, "well": 1, "paused": 1}
    assert (found["alarm"], found["attention"]) == (None, 2)

    shown = run("feeds", "check", code=1).stdout
    rows = rows_of(shown)
    assert [row.split()[0] for row in rows[2:] if row.split()[0] in found["states"]] == [
        state for state, number in found["states"].items() if number
    ]
    assert rows[3] == "for good, its site says: the document is gone for good (HTTP 410)"
    assert any(row.startswith("well haneul 하늘상점 기술 블로그 20 min ago in ") for row in rows)
    assert any(row.startswith("silent quiet Quiet [red]Corner 20 min ago") for row in rows)
    assert any(row.startswith("for 300 days, usually every 3 days") for row in rows)
    assert rows[-1] == "6 feeds: 1 gone, 1 failing, 1 silent, 1 new, 1 well, 1 paused. 2 need attention."
    assert max(cell_len(line) for line in shown.splitlines() if not line.startswith("    ")) <= 100
    assert "\x1b" not in shown

    calling = run("feeds", "check", "--attention", code=1).stdout
    assert "gone" in calling
    assert "haneul" not in calling
    assert rows_of(calling)[-1] == rows[-1]
    assert set(check(run, "--attention", code=1)) == {"gone", "broken"}


def test_the_exit_status_is_for_a_monitor(run: Run, clock: Clock) -> None:
    run("feeds", "check")
    assert "next visit due now" in rows_of(run("feeds", "check", "haneul").stdout)
    run("feeds", "visit", "haneul", "quiet")
    run("feeds", "check")
    run("feeds", "visit", "gone", code=1)
    run("feeds", "check", code=1)
    run("feeds", "check", "haneul", "quiet")
    run("feeds", "check", "haneul", "gone", code=1)
    run("feeds", "check", "nobody", code=1)
    run("feeds", "check", "--nothing", code=2)
    run("feeds", "pause", "gone")
    assert "None needs attention" in run("feeds", "check").stdout


def test_posts_are_counted_by_month(run: Run, clock: Clock) -> None:
    run("feeds", "visit", "haneul", "quiet")

    feeds = check(run)
    posts = feeds["haneul"]["posts"]
    assert list(posts) == [str(Month(2022, 12).shift(-back)) for back in reversed(range(12))]
    # On 30, 21, 12 and 3 December and on 24 November.
    assert (posts["2022-11"], posts["2022-12"], sum(posts.values())) == (1, 4, 5)
    assert feeds["haneul"]["entries"] == 5
    rows = rows_of(run("feeds", "check").stdout)
    assert next(row for row in rows if row.startswith("well haneul")).endswith(" 5")
    assert "posts 5 in 12 months: Nov 2022 1, Dec 2022 4" in rows_of(run("feeds", "check", "haneul").stdout)


def test_the_share_that_was_printed_counts_published_months(run: Run) -> None:
    run("feeds", "visit", "haneul")
    assert check(run, "haneul")["haneul"]["printed"] == {"posts": 0, "printed": 0, "share": None}
    run("approve", "https://tech.haneul.example/haneul/0", "--section", "2.4")
    run("digest", "print", "2022-12")

    # Its post of November belongs to a month that is open.
    assert check(run, "haneul")["haneul"]["printed"] == {"posts": 4, "printed": 1, "share": 0.25}
    assert "printed 1 of 4 posts (25%)" in rows_of(run("feeds", "check", "haneul").stdout)
    assert next(row for row in rows_of(run("feeds", "check").stdout) if "haneul" in row).endswith("25%")


def test_a_failure_is_told_with_what_came(run: Run, clock: Clock) -> None:
    run("feeds", "visit", "broken", code=1)
    clock.advance(hours=3)
    visited = run("feeds", "visit", "broken", "haneul", code=1)
    assert visited.stdout == ("broken: failed: there is no such document (HTTP 404)\nhaneul: read, 5 new entries\n")

    feed = check(run, "broken", code=1)["broken"]
    assert (feed["failures"], feed["last_success_at"], feed["attention"]) == (2, None, ["failing"])
    assert feed["failing_since"] == "2022-12-31T12:00:00+00:00"
    assert [visit["started_at"][11:16] for visit in feed["visits"]] == ["15:00", "12:00"]
    text = run("feeds", "check", "broken", code=1).stdout
    rows = rows_of(text)
    assert "state failing since 31 Dec 2022, 2 times in a row" in rows
    assert "last success never" in rows
    assert any(row.startswith("response “<!doctype html>") and "로그인하세요" in row for row in rows)
    assert "\x1b" not in text
    assert sum(row.startswith("visit ") for row in rows) == 2


def test_a_gap_is_told_until_it_is_30_days_old(run: Run, feed_server: FeedServer, clock: Clock) -> None:
    run("feeds", "visit", "haneul")
    clock.advance(days=60)
    days = list_days(clock.now - timedelta(days=1), 5, timedelta(days=2))
    feed_server.play("/haneul.xml", make_document(days, name="newer"))
    assert re.match(
        r"haneul: read, 5 new entries; Between .* something may have been missed; being read back: 0 older pages so far, with 0 new entries\n",
        run("feeds", "visit", "haneul").stdout,
    )

    feed = check(run, "haneul", code=1)["haneul"]
    assert (feed["state"], feed["attention"]) == ("well", ["gap"])
    (gap,) = feed["gaps"]
    assert (gap["noticed_at"], gap["since_at"]) == ("2023-03-01T12:00:00+00:00", "2022-12-31T12:00:00+00:00")
    table = run("feeds", "check", code=1).stdout
    assert "something may have been missed" in table
    assert any(row.startswith("gap Between ") for row in rows_of(run("feeds", "check", "haneul", code=1).stdout))

    clock.advance(days=31)
    run("feeds", "visit", "haneul")
    assert len(check(run, "haneul")["haneul"]["gaps"]) == 1
    assert "something may have been missed" not in run("feeds", "check").stdout
    row = next(row for row in rows_of(run("feeds", "check").stdout) if "haneul" in row)
    assert re.search(r" \d+ 1$", row)
    clock.advance(days=60)
    run("feeds", "visit", "haneul")
    row = next(row for row in rows_of(run("feeds", "check").stdout) if "haneul" in row)
    assert re.search(r" h \d+$", row)


def test_the_alarm_comes_first_and_has_its_exit_status(run: Run, feed_server: FeedServer, clock: Clock) -> None:
    keys = ["haneul", "broken", "gone", "quiet", "resting", "secret"]
    for key in keys:
        feed_server.play(f"/{key}.xml", "", status=503, validators=False)
    run("feeds", "visit", *keys, code=1)
    run("feeds", "check", code=1)
    clock.advance(minutes=90)
    run("feeds", "visit", *keys, code=1)
    clock.advance(minutes=40)

    shown = run("feeds", "check", code=3).stdout.splitlines()
    assert shown[0] == "ALARM: Nothing has succeeded for 2 hours: 6 feeds failed since 21:00."
    found = json.loads(run("feeds", "check", "--json", code=3).stdout)
    assert found["alarm"] == {"since": "2022-12-31T12:00:00+00:00", "feeds": 6}
    assert run("feeds", "check", "haneul", code=3).stdout.startswith("ALARM: ")


def test_when_nothing_is_visited_any_more_the_daemon_is_asked_for(run: Run, clock: Clock) -> None:
    run("feeds", "visit", "haneul")
    assert "overdue" not in run("feeds", "check").stdout
    clock.advance(hours=14)
    assert "1 is overdue by more than an hour: is the daemon running?" in run("feeds", "check").stdout
    clock.advance(days=2)
    shown = run("feeds", "check", code=3).stdout
    assert shown.startswith("ALARM: Nothing has been visited for 2 days, and 1 feed is due.\n")
    assert "1 is overdue by more than an hour: is the daemon running?" in shown


def test_after_a_visit_under_a_wrong_clock_a_feed_is_due_and_named(run: Run, clock: Clock) -> None:
    clock.advance(days=4 * 365)
    run("feeds", "visit", "haneul")
    clock.advance(days=-4 * 365)
    assert "1 is overdue" in run("feeds", "check").stdout
    assert "next visit due now" in rows_of(run("feeds", "check", "haneul").stdout)
    run("visit")
    assert check(run, "haneul")["haneul"]["last_visit_at"] == "2022-12-31T12:00:00+00:00"
    assert "overdue" not in run("feeds", "check", code=1).stdout


def test_paused_feeds_rest_until_they_are_resumed(run: Run, feed_server: FeedServer) -> None:
    assert run("feeds", "pause", "haneul", "quiet").stdout == (
        "haneul: is paused; `aggregator feeds resume haneul` resumes it\n"
        "quiet: is paused; `aggregator feeds resume quiet` resumes it\n"
    )
    assert run("feeds", "pause", "haneul").stdout == "haneul: is paused already\n"
    run("visit", "--json")
    assert not [path for path, _ in feed_server.requests if path in {"/haneul.xml", "/quiet.xml"}]
    assert check(run, "haneul")["haneul"]["paused_at"] == "2022-12-31T12:00:00+00:00"
    assert "next visit none while it is paused" in rows_of(run("feeds", "check", "haneul").stdout)

    assert run("feeds", "visit", "haneul").stdout == "haneul: read, 5 new entries\n"
    assert run("feeds", "visit", "haneul").stdout == "haneul: nothing new (not modified)\n"
    assert check(run, "haneul")["haneul"]["state"] == "paused"

    assert run("feeds", "resume", "quiet").stdout == "quiet: is visited again\n"
    assert run("feeds", "resume", "quiet").stdout == "quiet: is not paused\n"
    run("visit")
    assert [path for path, _ in feed_server.requests if path == "/quiet.xml"]


def test_only_what_is_given_is_edited(run: Run) -> None:
    said = run("feeds", "edit", "haneul", "--name", "하늘", "--weight", "-0.25", "--tags", " a, b ,").stdout
    assert said == "haneul: name is 하늘; weight is -0.25; tags is a, b\n"
    said = run("feeds", "edit", "haneul", "--organisation", "", "--tags", "", "--kind", "research").stdout
    assert said == "haneul: kind is research; organisation is none; tags is none\n"
    assert run("feeds", "edit", "haneul", "--language", "ko").stdout == "haneul: has these values already\n"
    said = run("feeds", "edit", "haneul", "--only-words", "AI, C++,AI", "--only-categories", "검색").stdout
    assert said == "haneul: only is entries with “AI”, “C++”; entries of the categories 검색\n"
    said = run("feeds", "edit", "haneul", "--only-words", "").stdout
    assert said == "haneul: only is entries of the categories 검색\n", "what is not named stays"
    assert run("feeds", "edit", "haneul", "--only-categories", "").stdout == "haneul: only is none\n"
    run("feeds", "edit", "haneul", "--site", "https://haneul.example/")

    listed = {feed["key"]: feed for feed in json.loads(run("feeds", "list", "--json").stdout)}
    haneul = listed["haneul"]
    assert [haneul[name] for name in ("name", "kind", "language", "weight", "tags", "organisation", "site")] == [
        "하늘", "research", "ko", -0.25, [], None, "https://haneul.example/"
    ]  # fmt: skip
    assert haneul["changed"] == {
        "name": "하늘상점 기술 블로그",
        "kind": "company",
        "site": None,
        "organisation": "하늘상점",
        "weight": 0.5,
        "tags": ["medium", "ml"],
    }
    assert listed["quiet"]["changed"] == {}
    rows = rows_of(run("feeds", "list").stdout)
    place = rows.index("haneul 하늘 research ko -0.25")
    assert rows[place + 2] == "differs from feeds.toml: name, kind, site, organisation, weight, tags"
    assert "tags changed none; feeds.toml says medium, ml" in rows_of(run("feeds", "check", "haneul").stdout)

    said = run("feeds", "reset", "haneul").stdout
    assert said.startswith(
        "haneul: name is 하늘상점 기술 블로그; kind is company; site is none; organisation is 하늘상점"
    )
    assert run("feeds", "reset", "haneul").stdout == "haneul: is as in feeds.toml already\n"
    assert json.loads(run("feeds", "list", "--json").stdout)[0]["changed"] == {}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("edit", "haneul"), 2, "nothing to change; give --name, --organisation"),
        (("edit", "haneul", "--kind", "firm"), 2, "'firm' is not one of 'company', 'research'"),
        (("edit", "haneul", "--weight", "much"), 2, "valid number, unable to parse"),
        (("edit", "haneul", "--weight", "2"), 1, "feeds.haneul.weight: 2.0 is not allowed"),
        (("edit", "haneul", "--language", "Korean"), 1, "feeds.haneul.language: 'Korean' is not allowed"),
        (("edit", "haneul", "--name", ""), 1, "feeds.haneul.name: '' is not allowed"),
        (("edit", "haneul", "--site", "haneul.example"), 1, "feeds.haneul.site: 'haneul.example' is not allowed"),
        (("move", "haneul", "ftp://haneul.example/"), 1, "feeds.haneul.url: 'ftp://haneul.example/' is not allowed"),
        (("move", "haneul", "https://me:a-secret@haneul.example/"), 1, "an address without name and password is needed"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_wrong_values_are_told_and_change_nothing(run: Run, arguments: tuple[str, ...], code: int, said: str) -> None:
    # Boxes of a wrong use break their lines.
    assert said in " ".join(run("feeds", *arguments, code=code).stderr.replace("│", "").split())
    assert check(run, "haneul")["haneul"]["changed"] == {}


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "haneul", "hanuel"),
        ("visit", "haneul", "hanuel"),
        ("pause", "haneul", "hanuel"),
        ("resume", "haneul", "hanuel"),
        ("edit", "hanuel", "--name", "x"),
        ("move", "hanuel", "https://haneul.example/"),
        ("reset", "hanuel"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_wrong_key_is_told_with_the_nearest_and_nothing_is_done(
    run: Run, feed_server: FeedServer, arguments: tuple[str, ...]
) -> None:
    said = run("feeds", *arguments, code=1).stderr
    assert said == "aggregator: no feed has the key 'hanuel'; did you mean haneul?\n"
    assert not feed_server.requests
    assert check(run)["haneul"]["state"] == "new"
    said = run("feeds", "pause", "zzzz", code=1).stderr
    assert said == "aggregator: no feed has the key 'zzzz'; `aggregator feeds list` shows the keys\n"


def test_an_address_is_replaced_and_goes_back(run: Run, feed_server: FeedServer, clock: Clock) -> None:
    run("feeds", "visit", "haneul")
    old = f"{feed_server.address}/haneul.xml"
    new = feed_server.play("/new.xml", feed_server.answers["/haneul.xml"].body)  # type: ignore[union-attr]

    said = run("feeds", "move", "haneul", new).stdout
    assert said == f"haneul: moved from {old} to {new}; `aggregator undo` goes back\n"
    assert run("feeds", "move", "haneul", new).stdout == f"haneul: is at {new} already\n"
    # The posts stay what they were.
    clock.advance(minutes=1)
    assert run("feeds", "visit", "haneul").stdout == "haneul: read, no new entries\n"
    feed = check(run, "haneul")["haneul"]
    assert (feed["url"], feed["changed"], feed["gaps"]) == (new, {"url": old}, [])
    assert any(
        row.startswith(f"move 1 31 Dec 2022, 21:00: from {old} to {new}: ")
        for row in rows_of(run("feeds", "check", "haneul").stdout)
    )

    run("undo")
    feed = check(run, "haneul")["haneul"]
    assert (feed["url"], feed["changed"]) == (old, {})
    assert [bool(move["undone_at"]) for move in feed["moves"]] == [False, True]


def test_a_redirect_is_seen_on_trial_and_then_moves_the_feed(run: Run, feed_server: FeedServer, clock: Clock) -> None:
    new = feed_server.play("/new.xml", feed_server.answers["/haneul.xml"].body)  # type: ignore[union-attr]
    run("feeds", "visit", "haneul")
    feed_server.play("/haneul.xml", "", status=301, headers={"Location": new}, validators=False)
    run("feeds", "visit", "haneul")

    assert check(run, "haneul")["haneul"]["redirect"] == {
        "url": new,
        "since": "2022-12-31T12:00:00+00:00",
        "agreements": 1,
    }
    assert f"redirects to {new}" in run("feeds", "check").stdout
    assert f"redirect to {new} since 31 Dec 2022, 21:00, 1 visit agreed; adopted after 3 days and 3 visits" in rows_of(
        run("feeds", "check", "haneul").stdout
    )
    clock.advance(days=2)
    run("feeds", "visit", "haneul")
    clock.advance(days=2)
    assert f"; moved to {new}: " in run("feeds", "visit", "haneul").stdout
    feed = check(run, "haneul")["haneul"]
    assert (feed["url"], feed["redirect"], [move["by"] for move in feed["moves"]]) == (new, None, ["aggregator"])

    run("feeds", "move", "haneul", feed_server.address + "/haneul.xml")
    clock.advance(minutes=1)
    assert "and that move was taken back" in run("feeds", "visit", "haneul").stdout + str(check(run, "haneul"))


def test_credentials_are_told_by_their_origin_alone(run: Run, feed_server: FeedServer, home: Path) -> None:
    assert run("feeds", "visit", "secret").stdout == "secret: read, 1 new entry\n"
    assert [headers["authorization"] for _, headers in feed_server.requests] == [SECRET]
    assert f"credentials sent only to {feed_server.address}" in rows_of(run("feeds", "check", "secret").stdout)
    run("feeds", "check", "secret", "--json")
    run("feeds", "list", "--json")

    said = run("feeds", "move", "secret", "https://elsewhere.example/rss").stdout
    assert said.endswith(f"secret: its credentials are only for {feed_server.address} and are not sent there\n")
    assert "credentials" not in run("feeds", "move", "secret", f"{feed_server.address}/other.xml").stdout
    assert not [path for path in home.rglob("*") if path.is_file() and b"a-secret" in path.read_bytes()]


def test_the_list_shows_the_configuration(run: Run, feed_server: FeedServer) -> None:
    rows = rows_of(run("feeds", "list").stdout)
    assert rows[0] == "key name kind language weight tags"
    place = rows.index("haneul 하늘상점 기술 블로그 company ko 0.5 medium, ml")
    assert rows[place + 1] == f"{feed_server.address}/haneul.xml"
    assert rows[-1] == "6 feeds, 0 failed at their last visit. `aggregator feeds check` says more."


def test_help_tells_the_exit_statuses(run: Run) -> None:
    said = " ".join(run("feeds", "check", "--help").stdout.replace("│", "").split())
    assert "Exit status: 0 if all is well; 1 if a feed needs attention" in said
    assert "3 if all visits of all feeds fail (alarm)" in said


def test_visits_are_written_for_a_script(run: Run) -> None:
    visits = json.loads(run("feeds", "visit", "haneul", "gone", "haneul", "--json", code=1).stdout)
    assert [(visit["feed_key"], visit["outcome"], visit["entries_new"]) for visit in visits] == [
        ("haneul", "retrieved", 5),
        ("gone", "failed", 0),
    ]
    assert datetime.fromisoformat(visits[0]["started_at"]).tzinfo == UTC


def test_pages_are_asked_for_and_read_from_the_command_line(run: Run) -> None:
    run("feeds", "visit", "haneul")
    assert run("feeds", "edit", "haneul", "--full-text").stdout == "haneul: full_text is True\n"
    assert run("feeds", "edit", "haneul", "--no-full-text").stdout == "haneul: full_text is False\n"
    assert "--full-text" in run("feeds", "edit", "haneul", code=2).stderr
    run("feeds", "text", "nobody", code=1)
    found = json.loads(run("feeds", "text", "haneul", "--json").stdout)
    # The posts are on a host that does not exist.
    assert {one["outcome"] for one in found} == {"failed"}
    assert all("robots.txt of tech.haneul.example cannot be read" in one["reason"] for one in found)
    assert "no page is left to read" in run("feeds", "text", "haneul").stdout


# --- what feeds.toml lists ---


def test_a_feed_is_found_added_renamed_and_removed(run: Run, home: Path, feed_server: FeedServer, clock: Clock) -> None:
    """From the address of a site to its feed in feeds.toml, and out of it again; every step is told and can be undone."""
    before = (home / "feeds.toml").read_text()
    page = '<html><link rel="alternate" type="application/rss+xml" href="/dasan/rss"></html>'
    site = feed_server.play("/dasan/", page, content_type="text/html")
    feed_server.play("/dasan/rss", make_document(list_days(clock.now, 4, timedelta(days=7)), name="dasan"))

    added = run("feeds", "add", site, "--key", "dasan", "--tags", "ml, ops", "--language", "ko")
    assert added.stdout.startswith(f"{feed_server.address}/dasan/rss: the feed dasan is in feeds.toml")
    text = (home / "feeds.toml").read_text()
    assert text.startswith(before)
    assert 'language = "ko"' in text
    assert 'tags = ["ml", "ops"]' in text
    assert f"{feed_server.address}/dasan/rss is followed already as dasan" in run("feeds", "add", site).stdout
    (found,) = json.loads(run("feeds", "find", site, "--json").stdout)
    assert (found["followed_as"], found["reason"], found["pace"]) == ("dasan", "named", 4.3)
    assert found["titles"] == ["dasan 0", "dasan 1", "dasan 2", "dasan 3"]

    run("feeds", "visit", "dasan")
    assert "with all its posts" in run("feeds", "rename", "dasan", "mountain").stdout
    assert json.loads(run("feeds", "check", "mountain", "--json").stdout)["feeds"][0]["entries"] == 4
    assert "is out of feeds.toml" in run("feeds", "remove", "mountain").stdout
    assert (home / "feeds.toml").read_text() == before
    assert "dasan 0" in run("search", "dasan").stdout, "its posts stay"
    assert run("undo").stdout.startswith("feeds.toml lists mountain as before")
    assert "Gave the feed dasan the key mountain" not in run("undo").stdout
    run("undo")
    assert (home / "feeds.toml").read_text() == before


def test_a_list_goes_out_and_comes_in(run: Run, home: Path, tmp_path: Path) -> None:
    opml = tmp_path / "list.opml"
    opml.write_text(run("feeds", "export").stdout)
    assert run("feeds", "export", "--toml").stdout == (home / "feeds.toml").read_text()
    text = opml.read_text().replace("</body>", '<outline text="New" xmlUrl="https://new.example/feed"/></body>')
    opml.write_text(text)
    planned = run("feeds", "import", str(opml), "--dry-run").stdout
    assert planned.startswith("1 feed is new, 6 are followed already.\n+ new: New https://new.example/feed")
    assert "[feeds.new]" not in (home / "feeds.toml").read_text()
    assert json.loads(run("feeds", "import", str(opml), "--json").stdout)["new"] == ["new"]
    assert "[feeds.new]" in (home / "feeds.toml").read_text()
