"""The digests of the demo: a loopback server for their feeds, and the configuration that follows them.

Every company, person and post in the samples is invented; their hosts end in ``.example``.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from aggregator.app import App
from aggregator.clock import RehearsalClock
from aggregator.config import Config, load_config
from aggregator.demo import DemoName
from aggregator.demo.weekly.adopt import begin_weekly, load_weekly, make_weekly

_FOLDER = Path(__file__).parent / "feeds"
# All samples come from this machine, so pauses between requests are not needed.
_SETTINGS = """[visits]
allowed_networks = ["127.0.0.0/8"]
host_pause_seconds = 0

[talk]
sources = ["geeknews", "hackernews"]
addresses = { geeknews = "{server}/talk/geeknews", hackernews = "{server}/talk/hackernews" }

[digest]
page = "README.md"

"""
# A page as a curator keeps it; it has some of the mistakes that people make.
_PAGE = Path(__file__).parent / "README.md"


@dataclass(frozen=True, slots=True)
class Demo:
    """A digest that can be looked at without the internet."""

    #: Makes what it needs in a home, and returns the folder of the documents to serve.
    make: Callable[[Path], Path]
    #: Writes and loads the configuration, for a home and the address of the server.
    load: Callable[[Path, str], Config]
    #: What stands in a home before its first round.
    begin: Callable[[App], None]


class _Handler(SimpleHTTPRequestHandler):
    """Serves a folder, with the dates of files as validators. broken.xml is an HTML page, like real broken feeds.
    A place of talk gives the same answer to each question: it has many posts, and what is asked about is found in it.
    """

    def translate_path(self, path: str) -> str:
        _, folder, place, *_ = [*path.partition("?")[0].split("/"), "", ""]
        return super().translate_path(f"/talk/{place}" if folder == "talk" else path)

    def guess_type(self, path: str) -> str:  # type: ignore[override]
        return "text/html" if str(path).endswith("broken.xml") else "application/xml"

    def log_message(self, format: str, *args: object) -> None:
        pass


def demo_clock() -> RehearsalClock:
    """Return a clock that begins in the first days of November 2026, when the sample month is up for review."""
    return RehearsalClock(datetime(2026, 11, 2, tzinfo=UTC))


@contextmanager
def play_feeds(folder: Path = _FOLDER) -> Iterator[str]:
    """Serve a folder of documents on a free port of this machine; yield the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Handler, directory=str(folder)))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def load_demo(home: Path, address: str) -> Config:
    """Write and load the configuration of the demo: the sample feeds at *address*, state in *home*. A cumulative
    page is put there if it is missing.
    """
    home.mkdir(parents=True, exist_ok=True)
    file = home / "feeds.toml"
    template = (Path(__file__).parent / "feeds.toml").read_text(encoding="utf-8")
    if not (page := home / "README.md").exists():
        page.write_bytes(_PAGE.read_bytes())
    file.write_text((_SETTINGS + template).replace("{server}", address), encoding="utf-8")
    return load_config({}, home=home, file=file)


#: The digests by name.
DEMOS = {
    DemoName.MONTHLY: Demo(lambda _: _FOLDER, load_demo, lambda _: None),
    DemoName.WEEKLY: Demo(make_weekly, load_weekly, begin_weekly),
}
