"""The addresses of lines are looked at politely, over real connections, and what came is kept."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from aggregator.app import App
from aggregator.types import LinkState, Month
from clock import Clock
from feed_server import FeedServer
from world import import_page, visit_page

Run = Callable[..., subprocess.CompletedProcess[str]]


def answer_get_only(handler: BaseHTTPRequestHandler) -> None:
    status = b"405 No" if handler.command == "HEAD" else b"200 OK"
    handler.wfile.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n")


def play_pages(server: FeedServer) -> None:
    server.play("/robots.txt", "User-agent: *\nDisallow: /closed", content_type="text/plain")
    server.play("/here", "text", content_type="text/html", gzipped=True)
    server.redirect("/old", "/posts/new")
    server.play("/posts/new", "text", content_type="text/html")
    server.answers["/get-only"] = answer_get_only
    server.play("/refused", "", status=403, validators=False)


def test_each_address_is_asked_for_once_and_politely(
    make_app: Callable[..., App], feed_server: FeedServer, clock: Clock
) -> None:
    play_pages(feed_server)
    app = make_app()
    paths = ["/here", "/old", "/gone", "/get-only", "/refused", "/closed/page"]

    def check() -> dict[str, LinkState]:
        urls = [feed_server.address + path for path in paths]
        found = asyncio.run(app.link_checker.check(urls))
        assert found[feed_server.address + "/old"].target == feed_server.address + "/posts/new"
        return {url.removeprefix(feed_server.address): one.state for url, one in found.items()}

    states = {
        "/here": LinkState.REACHED,
        "/old": LinkState.MOVED,
        "/gone": LinkState.MISSING,
        "/get-only": LinkState.REACHED,
        "/refused": LinkState.UNKNOWN,
        "/closed/page": LinkState.UNKNOWN,
    }
    assert check() == states
    asked = [path for path, _ in feed_server.requests]
    assert asked[0] == "/robots.txt"
    heads = ["/here", "/old", "/posts/new", "/gone", "/get-only", "/refused"]
    assert sorted(asked[1:]) == sorted([*(f"HEAD {path}" for path in heads), "/gone", "/get-only", "/refused"])
    feed_server.requests.clear()
    assert check() == states
    assert feed_server.requests == []
    clock.advance(days=1)
    assert check() == states
    assert {path for path, _ in feed_server.requests} == {"/robots.txt", "HEAD /refused", "/refused"}
    clock.advance(days=30)
    assert check() == states
    assert "HEAD /here" in {path for path, _ in feed_server.requests}


def test_a_moved_address_is_found_and_put_right_in_the_file(
    tmp_path: Path, feed_server: FeedServer, call_console: Run
) -> None:
    play_pages(feed_server)
    (tmp_path / "feeds.toml").write_text(
        '[visits]\nparser_processes = 0\nhost_pause_seconds = 0\nallowed_networks = ["127.0.0.0/8"]\n'
        '[feeds.one]\nname = "One"\nurl = "https://one.example/feed"\nkind = "company"\n',
        encoding="utf-8",
    )
    file = tmp_path / "README.md"
    paths = ("A", "/here"), ("B", "/old"), ("C", "/gone"), ("D", "/refused")
    lines = [f"* [{title} (Oct 2022)]({feed_server.address}{path})\n" for title, path in paths]
    text = "# Posts\n\n## 1. Research\n### 1.1. CV\n" + "".join(lines)
    file.write_text(text, encoding="utf-8")

    def lint(*options: str) -> subprocess.CompletedProcess[str]:
        return call_console("--home", str(tmp_path), "digest", "lint", str(file), *options)

    assert lint().returncode == 0
    found = lint("--links")
    assert found.returncode == 1
    assert found.stdout.splitlines() == [
        f"{file}:6: The page has moved to {feed_server.address}/posts/new.",
        f"{file}:7: The page is gone: its server does not have it.",
    ]
    assert "1 address could not be looked at" in found.stderr
    left = json.loads(lint("--links", "--fix", "--json").stdout)
    assert [(one["line"], one["rule"], one["fixable"]) for one in left] == [(7, "link", False)]
    assert file.read_text(encoding="utf-8") == text.replace("/old)", "/posts/new)")


def test_what_another_digest_has_is_found_in_a_file_and_on_the_page(
    make_app: Callable[..., App], call_console: Run
) -> None:
    app = make_app()
    page = "# Posts\n\n## 1. Research\n### 1.1. CV\n* [One (Oct 2022)](https://one.example/1)\n"
    import_page(app, page, Month(2022, 10))
    import_page(
        app, page.replace("One (Oct", "Two (Nov").replace("/1)", "/2)") + page.splitlines()[-1], Month(2022, 11)
    )
    file = app.folder / "2022-12.md"
    file.write_text(page, encoding="utf-8")
    own = app.folder / "2022-10.md"
    own.write_text(page, encoding="utf-8")

    def lint(path: Path) -> str:
        return call_console("--home", str(app.folder), "digest", "lint", str(path)).stdout

    assert lint(file) == f"{file}:5: It was printed in the digest of Oct 2022.\n"
    assert lint(own) == f"{own}:5: It was printed in the digest of Nov 2022.\n"
    assert "It was printed in the digest of Oct 2022." in visit_page(app).log_in().read("/digest/2022-11")
