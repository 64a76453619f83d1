"""How long it takes from a list to the answer: adopted, its feeds visited, its last issues tested; and what it says.

    python bench/own_list.py DIGEST CANDIDATES [FEEDS] [--picture FILE.svg]

DIGEST is a page that was printed, CANDIDATES are posts in JSON lines ({url, title, published, source}), of which the feed
of each shipped source is made, and FEEDS a folder of recorded feed documents named by their keys, which go before. All are
served on a loopback, and the clock stands at the end of the month after the newest candidate.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import threading
import time
import tomllib
from collections import defaultdict
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

from aggregator.app import open_app
from aggregator.config.load import load_config
from aggregator.pipeline.adopting import import_lines, propose, write_home
from aggregator.pipeline.own_list import ask, find_answer
from aggregator.pipeline.publish import get_texts
from aggregator.shapes.own_list import AnswerShape
from aggregator.storage.feeds import list_feed_states
from aggregator.words.own_list import say_answer, say_issue
from aggregator.words.own_list_picture import draw_answer


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("digest", type=Path)
    parser.add_argument("candidates", type=Path)
    parser.add_argument("feeds", type=Path, nargs="?")
    parser.add_argument("--picture", type=Path)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    rows = [json.loads(line) for line in given.candidates.read_text("utf-8").splitlines()]
    now = datetime.fromisoformat(max(row["published"][:7] for row in rows) + "-28").replace(tzinfo=UTC)
    now = now.replace(year=now.year + now.month // 12, month=now.month % 12 + 1)
    with TemporaryDirectory() as folder:
        run(given, make_feeds(rows, given.feeds), now, Path(folder))


def run(given: argparse.Namespace, documents: dict[str, bytes], now: datetime, home: Path) -> None:
    server = serve(documents)
    took: dict[str, tuple[float, float]] = {}

    def clock(name: str, since: tuple[float, float]) -> tuple[float, float]:
        now = look()
        took[name] = now[0] - since[0], now[1] - since[1]
        return now

    start = look()
    config = load_config({}, home=home)
    proposal = propose(given.digest, config.settings.zone)
    text = follow_loopback(proposal.feeds_toml, documents, server.server_port)
    config = load_config({}, home=home, file=write_home(home, text))
    with open_app(config, clock=lambda: now) as app:
        imported = import_lines(app, proposal.adoption)
        app.judge.judge_read(imported.months)
        start = clock("adopt", start)
        with app.reading() as connection:
            states = list_feed_states(connection)
        visits = asyncio.run(app.visitor.visit(states))
        asyncio.run(app.archive_reader.read_due())
        asyncio.run(app.content_reader.read_behind(at_once=2))
        start = clock("visit", start)
        answer = find_answer(app.database, ask(app))
        clock("answer", start)
        texts = get_texts(app)
    server.shutdown()
    print(f"{imported.new} lines, {len(visits)} feeds, {sum(visit.entries_new for visit in visits)} entries")
    print(", ".join(f"{name} {seconds:.1f} s ({cpu:.1f} s of processor time)" for name, (seconds, cpu) in took.items()))
    for said in (
        *say_answer(answer, texts),
        *(f"{each.month}: {say_issue(each, answer.first)}" for each in answer.issues),
    ):
        print(said)
    if given.json:
        print(AnswerShape.of(answer).model_dump_json(indent=1))
    if given.picture:
        given.picture.write_text(draw_answer(answer, texts), "utf-8")


def look() -> tuple[float, float]:
    """The seconds by the clock, and of processor time with processes that have ended."""
    return time.perf_counter(), sum(os.times()[:4])


def make_feeds(rows: list[dict[str, str]], folder: Path | None) -> dict[str, bytes]:
    """The document of each feed, by its key."""
    of_source = defaultdict(list)
    for row in rows:
        of_source[row["source"]].append(row)
    made = {key: write_feed(key, found).encode() for key, found in of_source.items()}
    return made | ({file.stem: file.read_bytes() for file in folder.glob("*.xml")} if folder else {})


def write_feed(key: str, rows: list[dict[str, str]]) -> str:
    """A feed as RSS; a post of which only the month is known is dated to its middle."""
    items = []
    for row in rows:
        day = row["published"] if len(row["published"]) > 7 else f"{row['published']}-15"
        at = format_datetime(datetime.fromisoformat(day).replace(hour=3, tzinfo=UTC))
        url = escape(row["url"])
        items.append(
            f"<item><title>{escape(row['title'])}</title><link>{url}</link><guid>{url}</guid><pubDate>{at}</pubDate></item>"
        )
    return f'<rss version="2.0"><channel><title>{key}</title><link>http://x.example/</link>{"".join(items)}</channel></rss>'


def follow_loopback(text: str, documents: dict[str, bytes], port: int) -> str:
    """feeds.toml with the feeds that have a document, at the loopback; nothing is at the addresses of the others."""
    import tomlkit

    said = tomlkit.parse(text)
    known = tomllib.loads(text)["feeds"]
    for key, feed in known.items():
        there = f"{key}.xml" if key in documents else f"missing/{key}"
        table = said["feeds"][key]
        table["url"] = f"http://127.0.0.1:{port}/{there}"
        table["site"] = feed.get("site") or feed["url"]
        for name in ("recipe", "full_text"):
            table.pop(name, None)
    visits = said.setdefault("visits", tomlkit.table())
    visits["allowed_networks"] = ["127.0.0.0/8"]
    visits["host_pause_seconds"] = 0
    # In this process: those of its own may not start in time while the machine is busy.
    visits["parser_processes"] = 0
    return tomlkit.dumps(said)


def serve(documents: dict[str, bytes]) -> ThreadingHTTPServer:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Documents, documents))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class Documents(BaseHTTPRequestHandler):
    """Answers with the document of a feed."""

    def __init__(self, documents: dict[str, bytes], *rest: object) -> None:
        self.documents = documents
        super().__init__(*rest)

    def do_GET(self) -> None:
        body = self.documents.get(self.path.strip("/").removesuffix(".xml"))
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "application/xml")
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    main()
