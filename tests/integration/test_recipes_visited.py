"""Pages that are followed like feeds, over real connections: what is asked, what is stored, and how breaking looks."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from aggregator.app import App
from aggregator.storage.candidates import list_candidates
from aggregator.storage.feeds import list_feed_states
from aggregator.storage.listed import list_pages
from aggregator.types import Feed, FeedState, Kind, Month, Outcome, Recipe, Visit
from clock import Clock
from feed_server import FeedServer

DECEMBER = Month(2022, 12)
CARD = '<article class="card"><h3><a href="/posts/{0}">Serving models {0}</a></h3><time>2022.12.{0}</time></article>'


def follow(server: FeedServer, path: str, recipe: Recipe) -> Feed:
    return Feed("haneul", "하늘", server.address + path, Kind.COMPANY, "ko", recipe=recipe)


def make_page(*days: int, card: str = CARD) -> str:
    return f"<html><body><main>{''.join(card.format(day) for day in days)}</main></body></html>"


def visit(app: App) -> Visit:
    (done,) = asyncio.run(app.visitor.visit_now(["haneul"]))
    return done


def state_of(app: App) -> FeedState:
    with app.reading() as connection:
        return list_feed_states(connection, ["haneul"])[0]


def titles_of(app: App) -> dict[str, str]:
    with app.reading() as connection:
        found = list_candidates(connection, DECEMBER)
    return {one.post.title: f"{one.post.published_at:%m-%d}" if one.post.published_at else "" for one in found}


def test_a_page_is_visited_like_a_feed(feed_server: FeedServer, make_app: Callable[..., App], clock: Clock) -> None:
    app = make_app([follow(feed_server, "/posts", Recipe(item="article.card"))])
    feed_server.play("/posts", make_page(20, 21), content_type="text/html")
    assert (visit(app).entries_new, visit(app).outcome) == (2, Outcome.NOT_MODIFIED)
    # A day in Seoul begins the day before in UTC.
    assert titles_of(app) == {"Serving models 20": "12-19", "Serving models 21": "12-20"}
    assert [path for path, _ in feed_server.requests] == ["/robots.txt", "/posts", "/posts"]
    clock.advance(hours=12)
    feed_server.play("/posts", make_page(21, 22), content_type="text/html")
    again = visit(app)
    assert (again.entries_seen, again.entries_new, again.reason) == (2, 1, None)


def test_robots_txt_is_kept_to(feed_server: FeedServer, make_app: Callable[..., App]) -> None:
    app = make_app([follow(feed_server, "/posts", Recipe(item="article.card"))])
    feed_server.play("/robots.txt", "User-agent: *\nDisallow: /posts", content_type="text/plain")
    assert visit(app).reason == "robots.txt does not allow it"
    assert [path for path, _ in feed_server.requests] == ["/robots.txt"]


# Each way of breaking, what the visit says, and whether the feed fails by it.
BREAKING = [
    ("class", CARD.replace("card", "tile"), "nothing matches `article.card` since 2023-01-01; the last visit found 2", True),
    ("title", CARD.replace("h3", "b"), "`article.card` matches 2, but no title is at `h3` since 2023-01-01; the last visit found 2", True),
    ("link", CARD.replace("href", "data-to"), "`article.card` matches 2, but no link is at `a@href` since 2023-01-01; the last visit found 2", True),
    ("date", CARD.replace("time", "i"), "no date is at `time` any more", False),
    ("script", "<script>draw({0})</script>", "nothing matches `article.card` since 2023-01-01; the last visit found 2; the page shows nothing without its scripts", True),
]  # fmt: skip


@pytest.mark.parametrize(("card", "reason", "fails"), [row[1:] for row in BREAKING], ids=[row[0] for row in BREAKING])
def test_a_page_that_changed_says_so(
    feed_server: FeedServer, make_app: Callable[..., App], clock: Clock, card: str, reason: str, fails: bool
) -> None:
    recipe = Recipe(item="article.card", title="h3", link="a@href", date="time")
    app = make_app([follow(feed_server, "/posts", recipe)])
    feed_server.play("/posts", make_page(20, 21), content_type="text/html")
    visit(app)
    clock.advance(hours=12)
    feed_server.play("/posts", make_page(21, 22, card=card), content_type="text/html")
    assert visit(app).reason == reason
    clock.advance(hours=24)
    assert visit(app).reason == reason, "the day stays the one on which it began"
    state = state_of(app)
    assert (state.failures > 0, state.last_reason) == (fails, reason)
    assert len(titles_of(app)) == 2, "no post is lost or doubled"


def test_the_pages_of_a_sitemap_are_read_once(
    feed_server: FeedServer, make_app: Callable[..., App], clock: Clock
) -> None:
    app = make_app([follow(feed_server, "/sitemap.xml", Recipe(sitemap="/blog/*", pages=2))])

    def list_posts(*days: int) -> None:
        places = "".join(
            f"<url><loc>{feed_server.address}/blog/{day}</loc><lastmod>2022-12-{day}</lastmod></url>" for day in days
        )
        feed_server.play("/sitemap.xml", f"<urlset>{places}<url><loc>{feed_server.address}/about</loc></url></urlset>")
        for day in days:
            page = f"<h1>Serving models {day}</h1><time datetime='2022-12-{day}'>x</time>"
            feed_server.play(f"/blog/{day}", page, content_type="text/html")

    list_posts(10, 11, 20, 21)
    assert visit(app).entries_new == 2, "at first the newest"
    list_posts(10, 11, 20, 21, 22, 23, 24)
    clock.advance(hours=12)
    assert visit(app).entries_new == 2
    clock.advance(hours=12)
    # Though the sitemap has not changed, one page is left.
    assert (visit(app).entries_new, visit(app).outcome) == (1, Outcome.NOT_MODIFIED)
    asked = [path for path, _ in feed_server.requests if path.startswith("/blog/")]
    assert sorted(asked) == [f"/blog/{day}" for day in (20, 21, 22, 23, 24)], "each once, the older ones never"
    assert len(titles_of(app)) == 5
    with app.reading() as connection:
        assert len(list_pages(connection, "haneul")) == 7


CONFIG = "time_zone = 'Asia/Seoul'\n\n[visits]\nallowed_networks = ['127.0.0.0/8']\nparser_processes = 0\nhost_pause_seconds = 0\n"


def test_a_page_is_proposed_previewed_and_followed(
    feed_server: FeedServer, tmp_path: Path, call_console: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    home, file = str(tmp_path), tmp_path / "feeds.toml"
    file.write_text(f"{CONFIG}\n# Mine.\n")
    call_console("--home", home, "feeds", "apply")
    address = feed_server.play(
        "/posts", "<title>Haneul | Tech</title>" + make_page(20, 21, 22), content_type="text/html"
    )
    proposed = call_console("--home", home, "feeds", "recipe", address)
    assert 'item = "article"\ntitle = "h3"\ndate = "time"' in proposed.stdout
    assert "#   titles: 3 by `h3`: Serving models 20 · Serving models 21" in proposed.stdout
    added = call_console(
        "--home", home, "feeds", "recipe", address, "--example", f"{address}/20", "--add", "--key", "haneul"
    )
    assert added.returncode == 0, added.stderr
    assert file.read_text().startswith(f'{CONFIG}\n# Mine.\n\n[feeds.haneul]\nname = "Haneul"')
    shown = call_console("--home", home, "feeds", "preview", address, "--recipe", "haneul")
    assert (shown.returncode, "2022.12.20  Serving models 20" in shown.stdout) == (0, True)
    twice = call_console("--home", home, "feeds", "recipe", address, "--add", "--key", "other")
    assert "feeds.haneul has it already" in twice.stderr
    lost = call_console("--home", home, "feeds", "recipe", address, "--example", f"{address}/99")
    assert "the page has no link to that address" in lost.stderr
