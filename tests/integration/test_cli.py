"""The command line as a person and as a script use it."""

from __future__ import annotations

import io
import json
import os
import re
import sqlite3
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from aggregator.cli import main
from aggregator.cli.commands import Command, build_tree
from daemon import call_apart
from feed_server import FeedServer

Run = Callable[..., subprocess.CompletedProcess[str]]

DOCUMENT = """<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>하늘상점</title>
<link>https://tech.haneul.example/</link>
<item><title>피처 스토어 도입기</title><link>https://tech.haneul.example/1?utm_source=rss</link><guid>1</guid>
<pubDate>Thu, 01 Dec 2022 10:00:00 +0900</pubDate>
<description>&lt;p&gt;실시간 추천 모델 서빙을 위해 피처 스토어를 구축했습니다.
&lt;a href="https://github.com/haneul-example/store"&gt;코드&lt;/a&gt;&lt;/p&gt;</description></item>
<item><title>LLM으로 고객 문의 답변 자동화하기</title><link>https://tech.haneul.example/2</link><guid>2</guid>
<pubDate>Fri, 02 Dec 2022 10:00:00 +0900</pubDate></item>
<item><title>3분기 행사 안내</title><link>https://tech.haneul.example/3</link><guid>3</guid>
<pubDate>Sat, 03 Dec 2022 10:00:00 +0900</pubDate></item>
</channel></rss>"""


@pytest.fixture
def home(
    tmp_path: Path, feed_server: FeedServer, spare_start: Callable[[Path], None], few_rows: None, fit_here: None
) -> Path:
    spare_start(tmp_path)
    url = feed_server.play("/feed.xml", DOCUMENT)
    (tmp_path / "feeds.toml").write_text(
        '[visits]\nparser_processes = 0\nhost_pause_seconds = 0\nallowed_networks = ["127.0.0.0/8"]\n\n'
        f'[feeds.haneul]\nname = "하늘상점"\nurl = "{url}"\norganisation = "하늘상점"\nlanguage = "ko"\nkind = "company"\n\n'
        f'[feeds.gone]\nname = "Gone"\nurl = "{feed_server.address}/gone.xml"\nkind = "company"\n',
        encoding="utf-8",
    )
    return tmp_path


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Calls the console script in this process, as the shell would."""
    for name in [name for name in os.environ if name.startswith("AGGREGATOR_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AGGREGATOR_HOME", str(home))
    monkeypatch.chdir(home)

    def run(*arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        monkeypatch.setattr(sys, "argv", ["aggregator", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfd.readouterr()
        assert (ended.value.code or 0) == code, err
        assert "Traceback" not in err
        return subprocess.CompletedProcess(arguments, code, out, err)

    return run


def test_posts_are_found_by_their_words(run: Run) -> None:
    run("visit")
    found = json.loads(run("search", "피처", "스토어", "--json").stdout)
    assert (found["total"], found["has_more"]) == (1, False)
    assert found["posts"][0]["title"] == "피처 스토어 도입기"
    run("reject", str(found["posts"][0]["post"]), "--reason", "twice")
    assert json.loads(run("search", "서빙", "--verdict", "rejected", "--json").stdout)["total"] == 1
    assert json.loads(run("search", "하늘상점", "--without", "답변", "--json").stdout)["total"] == 2
    assert (
        json.loads(run("search", "문의 답변", "--month", "2022-12", "--feed", "haneul", "--json").stdout)["total"] == 1
    )
    assert json.loads(run("search", "답변 문의", "--json").stdout)["total"] == 0
    assert "LLM으로 고객 문의 답변 자동화하기" in run("search", "llm").stdout
    assert "0 of 0 posts found." in run("search", "없는말").stdout
    assert run("search", "--rebuild").stdout == "3 posts indexed.\n"
    assert "one of undecided, approved" in " ".join(run("search", "x", "--verdict", "liked", code=2).stderr.split())
    assert "no feed has the key 'hanoul'" in run("search", "x", "--feed", "hanoul", code=1).stderr
    assert "give words to search for" in run("search", code=2).stderr


def test_weights_are_shown_tried_set_and_taken_back(run: Run) -> None:
    run("visit")
    run("classify")
    run("rank", "2022-12")
    shown = json.loads(run("weights", "--json").stdout)
    assert shown["weights"] == shown["feeds_toml"]
    assert shown["weights"]["weights.depth"] == 1.0
    preview = json.loads(
        run("weights", "preview", "topic_fit", "0", "size", "1", "--month", "2022-12", "--json").stdout
    )
    assert preview["month"] == "2022-12"
    assert preview["shortlist"][1] == 1
    assert {"post", "title", "url", "rank", "to", "why"} == set(preview["left"][0])
    assert "Nothing is stored." in run("weights", "preview", "weights.topic_fit", "0", "--month", "2022-12").stdout
    assert json.loads(run("weights", "--json").stdout)["history"] == []

    assert run("weights", "set", "depth", "0.5", "sections.2.4", "3").stdout == (
        "weights.depth: 0.5\nshortlist.sections.2.4: 3\n"
    )
    assert run("weights", "set", "depth", "0.5").stdout == "Nothing changed.\n"
    shown = json.loads(run("weights", "--json").stdout)
    assert (shown["weights"]["weights.depth"], shown["weights"]["shortlist.sections.2.4"]) == (0.5, 3)
    assert [(override["name"], override["by"]) for override in shown["history"]][-1] == ("weights.depth", "curator")
    told = " ".join(run("weights").stdout.split())
    assert "weights.depth │ 0.5 │ 1" in told
    assert "weights.depth: 0.5, by curator" in told
    assert run("weights", "reset", "depth").stdout == "weights.depth: as in feeds.toml\n"
    assert run("weights", "reset").stdout == "shortlist.sections.2.4: as in feeds.toml\n"

    assert "did you mean depth?" in run("weights", "set", "dephth", "1", code=1).stderr
    assert "less than or equal to 10" in run("weights", "set", "depth", "11", code=1).stderr
    assert "did you mean haneul?" in run("weights", "set", "sources.hanul", "1", code=1).stderr
    assert "pairs of a name and a value" in " ".join(run("weights", "set", "depth", code=2).stderr.split())


def test_the_whole_road(run: Run, home: Path) -> None:
    visited = run("visit", "--json")
    outcomes = {visit["feed_key"]: visit for visit in json.loads(visited.stdout)}
    assert outcomes["haneul"]["entries_new"] == 3
    assert outcomes["gone"]["reason"] == "there is no such document (HTTP 404)"
    assert json.loads(run("classify", "--json").stdout)["posts"] == 3
    assert "피처 스토어 도입기" in run("rank", "2022-12").stdout

    queue = json.loads(run("queue", "--json").stdout)
    assert queue["month"] == "2022-12"
    by_title = {candidate["title"]: candidate for candidate in queue["candidates"]}
    store = by_title["피처 스토어 도입기"]
    assert store["url"] == "https://tech.haneul.example/1"
    assert store["score"] == pytest.approx(sum(reason["share"] for reason in store["reasons"]))
    assert "open code" in {reason["name"] for reason in store["reasons"]}

    number = str(store["post"])
    # As a Mac types Hangul, and with a character that would turn the line round.
    typed = unicodedata.normalize("NFD", "\u202e**피처 스토어** 도입기")
    run("approve", number, "--section", "2.4", "--title", typed, "--note", "코드\u2067 공개")
    run("approve", by_title["LLM으로 고객 문의 답변 자동화하기"]["url"], "--section", "business/nlp")
    run("reject", str(by_title["3분기 행사 안내"]["post"]), "--reason", "promotional")
    assert "undecided" in run("undo").stdout
    run("reject", str(by_title["3분기 행사 안내"]["post"]), "--reason", "off topic")

    shown = run("digest", "show", "2022-12").stdout
    printed = run("digest", "print", "2022-12").stdout.removeprefix("Printed ").strip()
    assert Path(printed) == home / "digests" / "2022-12.md"
    assert Path(printed).read_text("utf-8") == shown
    assert shown.endswith(
        "## 2. Business Cases and Implementations\n"
        "### 2.2. NLP\n"
        "* [LLM으로 고객 문의 답변 자동화하기 (Dec 2022, 하늘상점)](https://tech.haneul.example/2)\n"
        "\n"
        "### 2.4. Training, Inference and MLOps\n"
        "* [**피처 스토어** 도입기 (Dec 2022, 하늘상점)](https://tech.haneul.example/1): 코드 공개\n"
    )
    past = json.loads(run("digest", "list", "--json").stdout)
    assert [(one["month"], one["state"], one["lines"], one["review"]["approved"]) for one in past] == [
        ("2022-12", "printed", 2, 2)
    ]
    assert "Dec 2022" in run("digest", "list").stdout
    assert "was already printed" in run("digest", "print", "2022-12", code=1).stderr
    run("digest", "print", "2022-12", "--again")
    assert run("digest", "read", printed, "--print").stdout == shown


def test_feeds_are_listed_with_what_came_of_them(run: Run) -> None:
    run("visit")
    listed = run("feeds", "list").stdout
    assert "failed: there is no such document (HTTP 404)" in listed
    assert "2 feeds, 1 failed at their last visit." in listed
    states = {state["key"]: state for state in json.loads(run("feeds", "list", "--json").stdout)}
    assert (states["haneul"]["entries"], states["gone"]["failures"]) == (3, 1)


def test_only_due_feeds_are_visited_unless_all_are_wanted(run: Run) -> None:
    run("visit")
    assert "No feed is due" in run("visit").stdout
    assert "1 unchanged, 1 failed" in run("visit", "--all").stdout
    assert "no feed has the key 'nobody'" in run("visit", "nobody", code=1).stderr
    run("visit", "gone", code=1)


def test_a_preview_stores_nothing(run: Run, home: Path, feed_server: FeedServer) -> None:
    (home / "aggregator.sqlite").unlink()
    (home / "document.xml").write_text(DOCUMENT, encoding="utf-8")
    for place in ("document.xml", f"{feed_server.address}/feed.xml"):
        found = json.loads(run("feeds", "preview", place, "--json").stdout)
        assert [entry["url"] for entry in found["entries"]] == [f"https://tech.haneul.example/{n}" for n in (1, 2, 3)]
        assert found["entries"][0]["published_at"] == "2022-12-01T01:00:00+00:00"
    assert "3 entries" in run("feeds", "preview", "document.xml").stdout
    assert not (home / "aggregator.sqlite").exists()
    assert "cannot be read" in run("feeds", "preview", "none.xml", code=1).stderr
    (home / "page.html").write_text("<html>hello</html>")
    assert "an HTML page, not a feed" in run("feeds", "preview", "page.html", code=1).stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("approve", "999"), "no post has the number or address 999"),
        (("undo",), "there is nothing to undo"),
        (("digest", "print", "2022-12"), "nothing is approved for 2022-12"),
        (("digest", "read", "none.md"), "none.md cannot be read"),
        (("digest", "show", "--page"), "no cumulative page has been read yet"),
        (("--feeds", "none.toml", "queue"), "none.toml: cannot be read"),
    ],
)
def test_mistakes_are_told_in_a_sentence(run: Run, arguments: tuple[str, ...], said: str) -> None:
    assert said in run(*arguments, code=1).stderr


def test_wrong_words_are_explained(run: Run, home: Path) -> None:
    assert "is not a month" in run("queue", "December", code=2).stderr
    assert "cannot be held until 'tomorrow'" in run("hold", "1", "--until", "tomorrow", code=2).stderr
    assert "give posts or --source" in run("reject", "--reason", "shallow", code=2).stderr
    assert "a month belongs to --source" in run("hold", "1", "--month", "2022-12", code=2).stderr
    assert "is not a section" in run("approve", "1", "--section", "4.1", code=2).stderr
    (home / "old.md").write_text("## 1. Research\n### 1.1. CV\n* [Old (Oct 2022)](https://old.example/1)\n", "utf-8")
    read = ("digest", "read", str(home / "old.md"))
    assert "neither a day such as 2022-12-31 nor a month" in run(*read, "--until", "soon", code=2).stderr
    assert "that day has not come" in run(*read, "--until", "2999-12", code=1).stderr
    assert "and not both" in run(*read, "--until", "2022-12", "--month", "2022-12", code=1).stderr


def test_a_published_digest_is_read_and_shown_again_byte_for_byte(run: Run, home: Path, shared: Path) -> None:
    file = shared / "digest" / "README-2023-01.md"
    again = call_apart(home, "digest", "read", str(file), "--print")
    assert again.stdout.encode() == file.read_bytes()
    read = run("digest", "read", str(file))
    assert "64 lines as a page printed up to 2022-12-31; 64 of them new" in read.stdout
    assert "It does not close a month" in read.stdout
    assert "line 25: “The State of Multilingual AI” names Nov 2002, far from all other lines" in read.stderr
    assert "0 of them new" in run("digest", "read", str(file)).stdout
    assert run("digest", "show", "--page").stdout == file.read_text("utf-8")
    queue = json.loads(run("queue", "2022-11", "--json").stdout)
    assert len(queue["candidates"]) == 36
    assert all(c["verdict"]["decision"] == "approved" and c["printed_in"] == "2022-11" for c in queue["candidates"])
    assert json.loads(run("queue", "2002-11", "--json").stdout)["candidates"] == []
    # The top of the published page is the template of the next one.
    run("visit")
    run("approve", "https://tech.haneul.example/1", "--section", "2.4")
    assert run("digest", "show", "2022-12").stdout.startswith(file.read_text("utf-8").partition("## 1.")[0])


def test_posts_that_wait_are_listed_and_given_their_month(run: Run, feed_server: FeedServer) -> None:
    undated = re.sub("<pubDate>Thu.*?</pubDate>", "", DOCUMENT).replace("example/2<", "example/2021/07/2<")
    feed_server.play("/feed.xml", undated)
    run("visit", "haneul")
    (waiting,) = json.loads(run("waiting", "--json").stdout)["posts"]
    assert (waiting["waits_for"], waiting["published_from"]) == ("a date", "first seen")
    assert "Waits for a date" in run("waiting").stdout
    assert "The address says Jul 2021." in run("queue", "2022-12", "--all").stdout
    (other,) = [
        one for one in json.loads(run("queue", "2022-12", "--json").stdout)["candidates"] if one["address_month"]
    ]
    assert (other["address_month"], other["confidence"], other["own_month"]) == ("2021-07", "weak", "2022-12")
    assert "not a month" in run("month", str(waiting["post"]), "June", code=2).stderr
    run("month", str(waiting["post"]), "2022-12")
    assert json.loads(run("waiting", "--json").stdout)["posts"] == []
    assert waiting["post"] in [
        one["post"] for one in json.loads(run("queue", "2022-12", "--json").stdout)["candidates"]
    ]


def test_many_posts_are_decided_at_once_and_taken_back_at_once(run: Run) -> None:
    run("visit", "haneul")
    of_source = ("--source", "haneul", "--month", "2022-12", "--reason", "promotional")
    assert run("reject", *of_source, "--dry-run").stdout.endswith("3 posts would be rejected.\n")
    told = json.loads(run("reject", *of_source, "--json").stdout)
    assert (told["dry_run"], [one["post"]["verdict"]["decision"] for one in told["changes"]]) == (
        False,
        ["rejected"] * 3,
    )
    assert "0 posts rejected." in run("reject", *of_source).stdout
    assert "3 verdicts are taken back" in run("undo").stdout
    (undone, rejected) = json.loads(run("undo", "--list", "--json").stdout)["actions"]
    assert (rejected["said"], rejected["undone"]) == ("Rejected 3 posts as promotional", True)
    assert (undone["said"], undone["size"]) == ("Undid: Rejected 3 posts as promotional", 3)

    assert "held until 5 Dec 2099" in run("hold", "1", "2", "--until", "2099-12-05").stdout
    assert "held until 5 Dec 2099" in run("queue", "2022-12").stdout
    (held,) = [one for one in json.loads(run("queue", "2022-12", "--json").stdout)["candidates"] if one["post"] == 1]
    assert (held["verdict"]["until"], held["returned"]) == ("2099-12-05", None)
    assert run("section", "2.4", "1").stdout.startswith("moved to 2.4: ")
    ended = run("approve", "1", "2", code=1)
    assert ended.stdout.startswith("approved: ")
    assert "left out: “" in ended.stderr
    assert "has no section yet" in ended.stderr


def test_pages_that_are_not_posts_are_taken_off_the_list_of_those_that_wait(run: Run, feed_server: FeedServer) -> None:
    feed_server.play("/feed.xml", re.sub("<pubDate>.*?</pubDate>", "", DOCUMENT, flags=re.DOTALL))
    run("visit", "haneul")
    assert "3 of 3 posts" in run("waiting").stdout
    assert run("not-a-post", "1").stdout.startswith("rejected: ")
    assert "2 posts rejected." in run("not-a-post", "--source", "haneul").stdout
    assert "0 of 0 posts" in run("waiting").stdout


def test_the_model_is_looked_at_fitted_and_chosen(run: Run) -> None:
    run("visit")
    run("classify")
    listed = json.loads(run("model", "list", "--json").stdout)
    (shipped,) = listed["models"]
    assert (shipped["in_use"], shipped["acceptance"], listed["new_decisions"]) == (True, "taken", 0)
    assert "nothing new to learn" in run("model", "fit").stdout

    number = str(json.loads(run("queue", "--json").stdout)["candidates"][0]["post"])
    run("approve", number, "--section", "1.1")
    assert "1 post decided since the last fit; the next fit is at 03:00" in run("model", "list").stdout
    fitted = run("model", "fit").stdout
    assert "taken. Taken without a comparison: fewer than 20 decisions are too few for one (so far 1)." in fitted
    assert "1 your corrections of a section" in fitted
    assert "Guessed and ranked again: 2022-12." in fitted
    learned = json.loads(run("model", "list", "--json").stdout)["models"][0]
    assert learned["rows"]["correction"] == 1
    assert "no model has the version nothing" in run("model", "use", "nothing", code=1).stderr

    assert f"{shipped['version']} is in use and pinned" in run("model", "back").stdout
    assert "While a model is pinned, no new one is fitted automatically." in run("model", "list").stdout
    assert "stays in use until a new model replaces it" in run("model", "unpin").stdout
    assert f"{learned['version']} is in use and pinned" in run("model", "use", learned["version"][-8:]).stdout


def test_why_tells_what_spoke_for_a_section_and_which_decided_posts_are_like_it(run: Run, home: Path) -> None:
    run("visit")
    run("rank", "2022-12")
    by_title = {post["title"]: post for post in json.loads(run("queue", "--json").stdout)["candidates"]}
    store, event = by_title["피처 스토어 도입기"], by_title["3분기 행사 안내"]
    run("reject", str(event["post"]), "--reason", "off topic")
    line = "* [실시간 피처 스토어 구축기 (Oct 2022, 하늘상점)](https://tech.haneul.example/0)"
    (home / "old.md").write_text(f"# Digest\n\n## 2. Business\n### 2.4. MLOps\n{line}\n", "utf-8")
    run("digest", "read", str(home / "old.md"))
    why = json.loads(run("why", str(store["post"]), "--json").stdout)
    assert [choice["axis"] for choice in why["choices"]] == ["topic", "part", "scope"]
    for choice in why["choices"]:
        assert choice["clues"]
        assert choice["probability"] >= choice["runner_up_probability"]
    said = run("why", store["url"]).stdout
    assert re.search(r"For MLOps:\n +█+ +\d\.\d\d  \S", said)
    assert "Similar approved posts:" in said
    assert "실시간 피처 스토어 구축기 (2.4 MLOps, printed in 2022-10)" in " ".join(said.split())
    assert [near["title"] for near in why["approved"]] == ["실시간 피처 스토어 구축기"]
    assert why["rejected"] == []
    assert "no post has the number or address 4711" in run("why", "4711", code=1).stderr


def test_signs_in_titles_stay_as_they_are(run: Run, home: Path, feed_server: FeedServer) -> None:
    title = "Why [/INST] and [tool] matter :rocket:"
    feed_server.play("/feed.xml", DOCUMENT.replace("피처 스토어 도입기", title))
    run("visit", "haneul")
    assert title in run("rank", "2022-12").stdout
    assert title in run("queue", "2022-12", "--all").stdout
    assert title in run("search", "rocket").stdout
    assert title in run("series", "1").stdout


@pytest.mark.parametrize(
    "command",
    [
        ("approve", "{}"),
        ("reject", "{}", "--reason", "shallow"),
        ("section", "2.4", "{}"),
        ("undo", "{}"),
        ("month", "{}", "2022-12"),
        ("series", "{}"),
        ("posts", "copies", "{}"),
        ("posts", "merge", "1", "{}"),
        ("posts", "split", "{}"),
        ("why", "{}"),
    ],
    ids=" ".join,
)
def test_a_number_that_no_post_has_is_said_to_be_none(command: tuple[str, ...], run: Run) -> None:
    run("visit", "haneul")
    for number in ("0", "99", "9223372036854775808", "9" * 5000):
        ended = run(*(part.format(number) for part in command), code=1)
        assert f"no post has the number or address {number}" in ended.stderr


def test_an_argument_that_is_no_text_is_named(run: Run) -> None:
    for command in (("search", "\udcff"), ("reject", "1", "--reason", "bad\udcff"), ("queue", "\udcff")):
        assert "an argument is not UTF-8: " in run(*command, code=2).stderr


def test_a_post_is_not_told_from_itself(run: Run) -> None:
    run("visit", "haneul")
    assert "the same as itself" in run("posts", "split", "1", "1", code=1).stderr


@pytest.mark.parametrize("url", ["nonsense", "postgresql://u:secret@[::1/x", "mysql://u:secret@h/x"])
def test_a_database_that_cannot_be(url: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGGREGATOR_DATABASE_URL", url)
    said = run("queue", code=1).stderr
    assert said.startswith("aggregator: ")
    assert "secret" not in said


def test_a_database_that_fails_in_the_middle_of_visits_is_a_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full"))

    monkeypatch.setattr("aggregator.storage.updates.apply_updates", fail)
    assert "writing failed: database or disk is full" in run("visit", code=1).stderr


PASSWORD = "correct horse battery"


@pytest.mark.usefixtures("cheap_passwords")
def test_a_password_is_set_and_removed_by_scripts(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def give(said: bytes, code: int = 0) -> subprocess.CompletedProcess[str]:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(said)))
        return run("password", "--stdin", code=code)

    assert give(f"{PASSWORD}\n".encode()).stdout == "The password is set. Sessions ended: 0\n"
    assert "the password already; nothing was changed" in give(f"{PASSWORD}\r\n".encode()).stdout
    for said, why, code in (
        (b"short\n", "too short", 1),
        (b"two lines\nof words", "cannot be typed", 1),
        (b"\xff" * 20, "UTF-8", 2),
    ):
        assert why in " ".join(give(said, code).stderr.split())
    assert run("password", "--remove").stdout == "The password is removed. Sessions ended: 0\n"
    assert run("password", "--remove").stdout == "No password is set.\n"
    assert "not both" in run("password", "--remove", "--stdin", code=2).stderr
    assert "--stdin" in run("password", code=2).stderr, "standard input is not a terminal"


@pytest.mark.usefixtures("cheap_passwords")
def test_a_password_is_asked_for_twice_without_echo(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = iter([PASSWORD, "another horse battery", PASSWORD, PASSWORD])
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("getpass.getpass", lambda *_, **__: next(typed))

    done = run("password")

    assert done.stdout == "The password is set. Sessions ended: 0\n"
    assert "do not match" in done.stderr
    assert list(typed) == []


def test_sessions_are_listed_and_ended(run: Run, home: Path) -> None:
    run("visit", "haneul")
    (home / "login-key").write_text("k" * 40)
    assert run("sessions", "list").stdout == "Nobody is logged in.\n"
    assert run("sessions", "end", "--all").stdout == "Sessions ended: 0\n"
    assert json.loads(run("sessions", "list", "--json").stdout) == []
    assert "there is no session 7" in run("sessions", "end", "7", code=1).stderr
    assert "give the number of one session, or --all" in run("sessions", "end", code=2).stderr


def test_what_changes_something_tells_a_script(run: Run) -> None:
    run("visit", "haneul")
    for command in (
        "hold 1 --reason later",
        "approve 1 --section 2.4 --note Read.",
        "undo",
        "redo",
        "reject 2 --reason shallow",
        "month 3 2022-11",
        "posts merge 1 3",
        "posts split 3",
        "digest print 2022-12 --draft",
        "feeds pause haneul gone",
        "feeds resume haneul",
        "feeds edit haneul --weight 0.5",
        "feeds reset haneul",
        "feeds apply",
        "sessions end --all",
    ):
        changes = json.loads(run(*command.split(), "--json").stdout)["changes"]
        assert len(changes) == (2 if "gone" in command else 1), command
        for change in changes:
            assert change["message"], command
            is_of_post = command.split()[0] in {"hold", "approve", "undo", "redo", "reject", "month", "posts"}
            assert bool(change["post"]) is is_of_post, command


def test_every_command_takes_json_but_those_that_run_or_print_a_document() -> None:
    def list_without(command: Any, name: str) -> Iterator[str]:
        loaded = command.load() if isinstance(command, Command) else command
        inner = getattr(loaded, "commands", {})
        if not inner and not any("--json" in option.opts for option in loaded.params):
            yield name
        for word, each in inner.items():
            yield from list_without(each, f"{name} {word}".strip())

    assert set(list_without(build_tree(), "")) == {
        "run",
        "demo",
        "cluster scheduler",
        "cluster worker",
        "login-link",
        "digest show",
        "db export",
        "feeds export",
    }


def test_a_token_shows_its_secret_once(run: Run, home: Path) -> None:
    run("visit", "haneul")
    assert "No token exists yet" in run("token", "list").stdout

    shown = run("token", "add", "reader", "--read-only").stdout.splitlines()[0]
    told = json.loads(run("token", "add", "script", "--json").stdout)

    assert shown.startswith("aggregator_")
    assert len(shown) > 50
    assert (told["name"], told["read_only"], told["used_at"]) == ("script", False, None)
    listed = run("token", "list").stdout + run("token", "list", "--json").stdout
    assert [listed.count(name) for name in ("reader", "script")] == [2, 2]
    stored = b"".join(file.read_bytes() for file in home.glob("aggregator.sqlite*"))
    for secret in (shown, told["secret"]):
        assert secret not in listed
        assert secret.encode() not in stored
    assert json.loads(run("token", "remove", "script", "--json").stdout) == {"removed": "script"}
    assert [one["name"] for one in json.loads(run("token", "list", "--json").stdout)] == ["reader"]


@pytest.mark.parametrize(
    ("command", "name", "said"),
    [
        ("add", "taken", "there is a token taken already"),
        ("add", "curator", "curator is the curator of this home"),
        ("add", "digest 2022-12", "cannot name a token"),
        ("add", "", "cannot name a token"),
        ("add", "n" * 51, "cannot name a token"),
        ("remove", "gone", "there is no token gone"),
    ],
)
def test_a_token_that_cannot_be_made_or_removed_is_a_sentence(run: Run, command: str, name: str, said: str) -> None:
    run("visit", "haneul")
    run("token", "add", "taken")
    assert said in run("token", command, name, code=1).stderr
