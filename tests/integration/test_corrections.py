"""Printed lines are looked at again, and put right in the curator's files; what was printed stays in the database."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from aggregator.app import App
from aggregator.digest.render import render_digest
from aggregator.exceptions import DigestError, NotFoundError
from aggregator.pipeline import corrections, editions, history, publish, tokens
from aggregator.storage import deliveries
from aggregator.storage.actions import list_past
from aggregator.storage.digests import get_digest
from aggregator.storage.links import find_checks, save_check
from aggregator.types import ActionKind, DigestState, EditionFormat, LinkCheck, LinkState
from aggregator.web.server import create_server
from clock import Clock
from feed_server import FeedServer
from world import FEEDS, MONTH, Curator, fill, import_page, text_of, visit_page

HEAD = "# Posts\nKept by hand.\n\n"
OLD = HEAD + "## 1. Research\n### 1.1. CV\n* [Gone (Sep 2022)](https://other.example/gone): a note\n"


@pytest.fixture
def curator(make_app: Callable[..., App]) -> Curator:
    """A curator with a page; a line of an imported page is gone, the one of the printed month has moved."""
    digest = {"page": "README.md", "errata": "head", "formats": ["atom", "json"], "after_print": ["true"]}
    app = make_app(FEEDS, digest=digest)
    curator = visit_page(app, fill(app)).log_in()
    (app.folder / "README.md").write_bytes(OLD.encode())
    import_page(app, OLD + "* [Here (Aug 2022)](https://other.example/here)\n", is_judged=False)
    curator.decide("continuous-batching", "approve")
    publish.make_digest(app, MONTH, DigestState.PRINTED)
    moved, now = curator.get("continuous-batching").post.url, app.now
    with app.database.writing() as connection:
        save_check(connection, LinkCheck("https://other.example/gone", now, LinkState.MISSING, now, 404))
        save_check(connection, LinkCheck("https://other.example/here", now, LinkState.REACHED, now, 200))
        save_check(connection, LinkCheck(moved, now, LinkState.MOVED, now, 200, "https://new.example/batching"))
    return curator


def read_file(curator: Curator, name: str = "README.md") -> str:
    return (curator.app.folder / name).read_bytes().decode()


def test_a_new_address_goes_into_the_files_and_not_into_what_was_printed(curator: Curator) -> None:
    app, moved = curator.app, curator.get("continuous-batching").post.url
    page, own = read_file(curator), app.digest_folder / f"{MONTH}.md"
    month = own.read_text(encoding="utf-8")
    with app.reading() as connection:
        printed = get_digest(connection, MONTH)
    shown = curator.read(f"/corrections/change?url={moved}")
    (mark,) = re.findall(r'name="mark" value="(\w+)"', shown)
    assert text_of(shown).count("https://new.example/batching") == 5, "the lead; the line and the erratum in two files"

    assert curator.send("/corrections/change", url=moved, mark="other").status_code == 409
    assert curator.send("/corrections/change", url=moved, mark=mark).status_code == 303
    told = "Erratum, 2022-12-31: [Cutting Serving Cost by 60% with Continuous Batching](https://new.example/batching)"
    assert read_file(curator).startswith(f"{HEAD}{told} has a new address.\n\n## 1.")
    line = "(Dec 2022, Northwind)](https://new.example/batching)"
    assert (line in read_file(curator), line in own.read_text(encoding="utf-8")) == (True, True)
    with app.reading() as connection:
        assert get_digest(connection, MONTH) == printed
    assert moved not in curator.read("/corrections")
    assert "Gave the printed line of “Cutting Serving Cost" in curator.read("/history")

    history.undo(app)
    assert (read_file(curator), own.read_text(encoding="utf-8")) == (page, month)
    assert moved in curator.read("/corrections")


def test_a_correction_reaches_the_editions_and_those_who_are_told_and_so_does_its_undo(curator: Curator) -> None:
    app, moved, new = curator.app, curator.get("continuous-batching").post.url, "https://new.example/batching"
    files = [
        app.digest_folder / name
        for name in (f"{MONTH}.md", f"{MONTH}.json", "digests.atom", "sections/business-mlops.atom")
    ]
    printed = [file.read_bytes() for file in files]

    corrections.put_right(app, moved)
    for file in files:
        assert new in file.read_text("utf-8")
        assert moved not in file.read_text("utf-8")
    digest, _ = publish.choose_digest(app, MONTH)
    assert render_digest(digest).encode() == files[0].read_bytes()
    assert editions.show_edition(app, MONTH, digest, EditionFormat.JSON).encode() == files[1].read_bytes()
    assert [(told["event"], told["month"]) for told in list_told(app)] == [
        ("print", "2022-12"),
        ("correction", "2022-12"),
    ]
    told = list_told(app)[-1]
    assert told["files"][:3] == [str(app.folder / "README.md"), str(files[0]), str(files[1])]
    assert [new in line for line in told["difference"]["added"]] == [True, True], "the line and the erratum"
    assert [moved in line for line in told["difference"]["removed"]] == [True]

    history.undo(app)
    assert [file.read_bytes() for file in files] == printed
    assert list_told(app)[-1]["difference"] == {
        "added": told["difference"]["removed"],
        "removed": told["difference"]["added"],
    }


def list_told(app: App) -> list[dict[str, Any]]:
    with app.reading() as connection:
        return [json.loads(each.body) for each in deliveries.list_open(connection)]


def test_the_errata_of_a_page_that_is_read_again_do_not_go_to_later_heads(curator: Curator) -> None:
    corrections.put_right(curator.app, "https://other.example/gone")
    page = read_file(curator)
    assert "Erratum" in page
    import_page(curator.app, page, is_judged=False)
    assert publish.get_texts(curator.app).head == HEAD


def test_a_correction_stays_when_its_month_is_printed_again_and_undone_with_its_line(curator: Curator) -> None:
    app, candidate = curator.app, curator.get("continuous-batching")
    own = app.digest_folder / f"{MONTH}.md"
    corrections.put_right(app, candidate.post.url)
    corrected = read_file(curator), own.read_text(encoding="utf-8")

    curator.decide("sparse-experts", "approve")
    publish.make_digest(app, MONTH, DigestState.PRINTED, again=True)
    assert (read_file(curator).count("https://new.example/batching"), candidate.post.url in read_file(curator)) == (
        2,
        False,
    ), "the line and the erratum"
    assert own.read_text(encoding="utf-8").count("https://new.example/batching") == 2

    history.undo(app)
    assert (read_file(curator), own.read_text(encoding="utf-8")) == corrected
    with app.reading() as connection:
        (printed,) = [one for one in list_past(connection, limit=20) if one[0].kind is ActionKind.PRINT][-1:]
    history.undo(app, printed[0].id)
    assert "(https://new.example/batching)\n" not in read_file(curator).partition("## 1.")[2]


def test_what_is_archived_is_not_offered_again_when_it_is_gone_otherwise(curator: Curator) -> None:
    app, gone = curator.app, "https://other.example/gone"
    corrections.put_right(app, gone)
    with app.database.writing() as connection:
        save_check(connection, LinkCheck(gone, app.now, LinkState.DESERTED, app.now))
    assert gone not in [fault.url for fault in corrections.list_faults(app)]


def test_an_archived_address_stands_beside_the_original(curator: Curator) -> None:
    gone = "https://other.example/gone"
    corrections.put_right(curator.app, gone)

    archived = f"https://web.archive.org/web/20220930/{gone}"
    assert f"* [Gone (Sep 2022)]({gone}): a note ([archived]({archived}))\n" in read_file(curator)


def test_a_line_that_is_left_is_offered_again_when_its_address_leads_elsewhere(curator: Curator) -> None:
    app, gone = curator.app, "https://other.example/gone"
    assert curator.send("/corrections/leave", url=gone).status_code == 303
    assert gone not in curator.read("/corrections")
    with pytest.raises(NotFoundError):
        corrections.leave(app, gone)
    with app.database.writing() as connection:
        save_check(connection, LinkCheck(gone, app.now, LinkState.LOGIN, app.now, 200))
    assert gone in curator.read("/corrections")
    with app.database.writing() as connection:
        save_check(connection, LinkCheck(gone, app.now, LinkState.MISSING, app.now, 404))
    history.undo(app)
    assert gone in curator.read("/corrections")


def test_the_terminal_lists_and_corrects(
    curator: Curator, call_console: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    home, gone = ("--home", str(curator.app.folder)), "https://other.example/gone"
    listed = json.loads(call_console(*home, "digest", "corrections", "--json").stdout)
    assert {one["url"]: (one["state"], one["remedy"]) for one in listed} == {
        gone: ("missing", "archived"),
        curator.get("continuous-batching").post.url: ("moved", "moved"),
    }
    assert f"{gone}\n  Gone (the page up to" in call_console(*home, "digest", "corrections").stdout
    page = read_file(curator)
    shown = call_console(*home, "digest", "correct", gone, "--difference").stdout
    assert shown.startswith(f"{curator.app.folder / 'README.md'}\n@ ")
    assert "([archived](" in shown
    assert read_file(curator) == page
    assert call_console(*home, "digest", "correct", gone, "--leave").stdout == f"{gone} stays as it is\n"
    assert gone not in call_console(*home, "digest", "corrections").stdout


@pytest.mark.parametrize(
    ("answer", "said", "line"),
    [
        (
            {"closest": {"available": True, "url": "http://web.archive.org/web/2022/https://other.example/gone"}},
            "Archived: https://web.archive.org/web/2022/https://other.example/gone",
            "a note ([archived](https://web.archive.org/web/2022/https://other.example/gone))",
        ),
        ({}, "The archive has no copy of it.", None),
        (
            None,
            "Perhaps archived: https://web.archive.org/web/20220930/",
            "([archived](https://web.archive.org/web/20220930/",
        ),
    ],
    ids=["a copy", "no copy", "another answer"],
)
def test_an_archive_is_asked_before_a_copy_is_offered(
    make_app: Callable[..., App], feed_server: FeedServer, answer: Any, said: str, line: str | None
) -> None:
    question = "/available?url=https%3A%2F%2Fother.example%2Fgone&timestamp=20220930"
    feed_server.play(question, json.dumps({"archived_snapshots": answer}), content_type="application/json")
    service = f"{feed_server.address}/available"
    app, gone = make_app(digest={"page": "README.md", "archive": service}), "https://other.example/gone"
    (app.folder / "README.md").write_bytes(OLD.encode())
    import_page(app, OLD, is_judged=False)
    with app.database.writing() as connection:
        save_check(connection, LinkCheck(gone, app.now, LinkState.MISSING, app.now, 404))
    curator = visit_page(app).log_in()
    assert "Perhaps archived" in curator.read("/corrections")

    for _ in range(2):
        asyncio.run(app.link_checker.ask_archive(5))
    asked = [path for path, _ in feed_server.requests]
    assert asked == [question] * (2 if answer is None else 1), "what is known is not asked again"
    assert said in text_of(curator.read("/corrections"))
    if line:
        corrections.put_right(app, gone)
        assert line in read_file(curator)
    else:
        with pytest.raises(DigestError, match="the archive has no copy"):
            corrections.put_right(app, gone)


def test_an_odd_answer_of_an_archive_keeps_no_other_page_from_being_asked_about(
    make_app: Callable[..., App], feed_server: FeedServer
) -> None:
    app = make_app(digest={"page": "README.md", "archive": f"{feed_server.address}/available"})
    import_page(app, OLD + "* [Lost (Sep 2022)](https://other.example/lost)\n", is_judged=False)
    gone = ("https://other.example/gone", "https://other.example/lost")
    copy = {"closest": {"available": True, "url": "https://archive.example/lost"}}
    for url, answer in zip(gone, (None, copy), strict=True):
        question = f"/available?url={quote(url, safe='')}&timestamp=20220930"
        feed_server.play(question, json.dumps({"archived_snapshots": answer}), content_type="application/json")
        with app.database.writing() as connection:
            save_check(connection, LinkCheck(url, app.now, LinkState.MISSING, app.now, 404))
    asyncio.run(app.link_checker.ask_archive(5))
    with app.reading() as connection:
        found = find_checks(connection, gone)
    assert [found[url].archived for url in gone] == [None, "https://archive.example/lost"]


def test_printed_lines_are_looked_at_again_some_at_a_time(
    make_app: Callable[..., App], feed_server: FeedServer, clock: Clock
) -> None:
    feed_server.play("/1", "text", content_type="text/html")
    lines = "".join(f"* [P{n} (Oct 2022)]({feed_server.address}/{n})\n" for n in range(1, 4))
    app = make_app()
    import_page(app, f"# Posts\n\n## 1. Research\n### 1.1. CV\n{lines}", is_judged=False)
    urls = [f"{feed_server.address}/{n}" for n in range(1, 4)]

    counts = [asyncio.run(app.link_checker.look_again(2)) for _ in range(3)]
    with app.reading() as connection:
        states = [check.state for _, check in sorted(find_checks(connection, urls).items())]
    assert (counts, states) == ([2, 1, 0], [LinkState.REACHED, LinkState.MISSING, LinkState.MISSING])
    clock.advance(days=31)
    assert asyncio.run(app.link_checker.look_again(2)) == 2
    assert asyncio.run(make_app(home=app.folder, digest={"check_links": 0}).link_checker.look_again(2)) == 0


def test_the_api_confirms_only_what_it_has_shown(curator: Curator) -> None:
    moved, gone = curator.get("continuous-batching").post.url, "https://other.example/gone"
    client = TestClient(create_server(curator.app))
    client.headers["Authorization"] = f"Bearer {tokens.add_token(curator.app, 'script')[1]}"
    path = "/api/v1/corrections"
    shown = client.get(f"{path}/change", params={"url": moved}).json()
    assert shown["files"][0]["file"] == str(curator.app.folder / "README.md")
    assert "+ * [Cutting Serving Cost" in shown["files"][0]["difference"]

    corrections.put_right(curator.app, gone)
    assert client.post(path, json={"url": moved, "mark": shown["mark"]}).status_code == 409, "the page is another one"
    shown = client.get(f"{path}/change", params={"url": moved}).json()
    assert client.post(path, json={"url": moved, "mark": shown["mark"]}).json() == []
