"""feeds.toml under a running daemon: followed when it changes; a mistake leaves in force what was."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from aggregator.app import App, open_app
from aggregator.config import Config, load_config
from aggregator.locales import speaking
from aggregator.pipeline.follow import take_over
from aggregator.storage.database import Aim
from aggregator.storage.feeds import list_listed
from world import text_of, visit_page

ENVIRONMENT = {"LOGIN": "curator:first"}


def write(home: Path, *keys: str, head: str = "", more: str = "") -> None:
    tables = [
        f'[feeds.{key}]\nname = "{key}"\nurl = "https://{key}.example/feed"\nkind = "company"\n{more}' for key in keys
    ]
    (home / "feeds.toml").write_text("\n".join([head, *tables]))


#: The client of the tests asks for a host of its own.
HEAD = '[server]\nhosts = ["testserver"]\n[visits]\nparser_processes = 0'


def read(home: Path) -> Config:
    return load_config(ENVIRONMENT, home=home)


@pytest.fixture
def app(tmp_path: Path, spare_start: Callable[[Path], None], few_rows: None) -> Iterator[App]:
    """What a daemon of three feeds has opened."""
    spare_start(tmp_path)
    write(tmp_path, "haneul", "dasan", "lumen", head=HEAD)
    with open_app(read(tmp_path), Aim.RUN) as app:
        yield app


def list_followed(app: App) -> list[str]:
    with app.reading() as connection:
        return list(list_listed(connection))


def follow(app: App, *, anyway: bool = False) -> list[str]:
    """What the log says of it."""
    with capture_logs() as logs:
        app.feeds_file.follow(anyway=anyway)
    return [" ".join(str(value) for name, value in line.items() if name != "log_level") for line in logs]


def test_a_change_is_followed_and_told_once(app: App) -> None:
    write(app.config.home, "haneul", "dasan", "hanbit", more="weight = 0.5\n", head=HEAD)
    assert follow(app) == ["new: hanbit; gone: lumen; changed: haneul, dasan feeds.toml applied"]
    assert list_followed(app) == ["dasan", "hanbit", "haneul"]
    assert follow(app) == []
    assert follow(app, anyway=True) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[feeds", "is not valid TOML"),
        (b"name = '\xff'", "is not UTF-8"),
        ("[visits]\nconections = 3", "did you mean connections?"),
        ('[feeds.haneul]\nname = "h"\nkind = "company"\nurl = "no address"', "feeds.haneul.url: 'no address'"),
        ("", "3 of 3 feeds are missing from it"),
        (None, "cannot be read: No such file or directory"),
    ],
    ids=["broken", "bytes", "setting", "feed", "empty", "missing"],
)
def test_a_mistake_is_told_on_every_page_until_it_is_mended(app: App, text: str | bytes | None, said: str) -> None:
    curator = visit_page(app, {}).log_in()
    good = (app.config.home / "feeds.toml").read_bytes()
    (app.config.home / "feeds.toml").unlink()
    if text is not None:
        (app.config.home / "feeds.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    (line,) = follow(app)
    assert said in line
    assert line.endswith("feeds.toml has a mistake; its last valid state stays in force")
    assert follow(app) == follow(app, anyway=True) == []
    assert list_followed(app) == ["dasan", "haneul", "lumen"]
    for page in ("/feeds", "/weights", "/search"):
        shown = text_of(curator.read(page)).replace("&#39;", "'")
        assert "feeds.toml has a mistake and is not applied." in shown
        assert said in shown
    with speaking("ko"):
        assert re.search("[가-힣]", app.feeds_file.mistake or ""), "in the language of the reader"
    curator.client.cookies.clear()
    assert "feeds.toml" not in curator.client.get("/login").text

    (app.config.home / "feeds.toml").write_bytes(good)
    assert follow(app) == ["feeds.toml is valid again and was applied"]
    assert app.feeds_file.mistake is None


def test_what_was_asked_for_by_a_command_ends_the_mistake(app: App) -> None:
    write(app.config.home, "haneul", head=HEAD)
    follow(app)
    assert app.feeds_file.mistake
    with open_app(read(app.config.home)) as other:
        take_over(other.database, other.config.feeds, file=str(other.config.file), is_asked=True)
    assert follow(app) == ["feeds.toml is valid again and was applied"]
    assert list_followed(app) == ["haneul"]


def test_credentials_are_taken_over_with_the_feeds(app: App) -> None:
    seen = app.visitor.network.credentials
    assert dict(seen) == {}
    head = HEAD
    write(app.config.home, "haneul", "dasan", "lumen", head=head, more='credentials = "LOGIN"\n')
    follow(app)
    assert set(seen) == {"haneul", "dasan", "lumen"}
    write(app.config.home, "haneul", "dasan", "lumen", head=head)
    follow(app)
    assert dict(seen) == {}


def test_settings_wait_for_a_restart_and_that_is_said_once(app: App) -> None:
    head = f"{HEAD}\nconnections = 3\n[weights]\ndepth = 2"
    write(app.config.home, "haneul", "dasan", "lumen", head=head)
    assert follow(app) == [
        "['visits.connections', 'weights.depth'] settings changed; they take effect after a restart",
    ]
    assert follow(app, anyway=True) == []
    assert app.settings.visits.connections == 16


def test_the_shipped_list_is_not_taken_over_by_itself(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.pipeline.feeds_file.is_shipped", lambda file: True)
    write(app.config.home, "hanbit")
    assert "no feeds.toml was found" in follow(app)[0]
    assert list_followed(app) == ["dasan", "haneul", "lumen"]


def test_an_app_without_a_daemon_leaves_the_file_alone(app: App) -> None:
    (app.config.home / "feeds.toml").write_text("[feeds")
    with open_app(replace(app.config, feeds=())) as other:
        assert other.feeds_file.mistake is None
    assert list_followed(app) == ["dasan", "haneul", "lumen"]
