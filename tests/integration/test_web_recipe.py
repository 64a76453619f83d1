"""The page that makes a page without a feed one: what it proposes, shows, refuses and follows."""

from __future__ import annotations

from collections.abc import Callable

from aggregator.app import App
from aggregator.storage.feeds import list_feed_states
from feed_server import FeedServer
from world import text_of, visit_page

CARD = '<li class="entry"><h3><a href="/posts/{0}">Serving models {0}</a></h3><time>2022.12.{0}</time></li>'
PAGE = f"<title>Haneul | Tech</title><ul>{''.join(CARD.format(day) for day in (20, 21, 22))}</ul>"
SETTINGS = "[visits]\nallowed_networks = ['127.0.0.0/8']\n\n# Mine.\n"


def test_a_page_is_followed_from_the_page(feed_server: FeedServer, make_app: Callable[..., App]) -> None:
    app = make_app()
    app.config.file.write_text(SETTINGS)
    address = feed_server.play("/posts", PAGE, content_type="text/html")
    visitor = visit_page(app).log_in()

    def send(path: str, status: int = 200, **fields: str) -> str:
        answer = visitor.send(path, url=address, **fields)
        assert answer.status_code == status, answer.text
        return text_of(answer.text)

    assert "Make a feed of a page" in text_of(visitor.read("/feeds"))
    found = send("/recipe/find")
    assert "3 posts are read." in found
    assert "Titles 3 h3 Serving models 20" in found
    assert "The page has no link to that address" in send("/recipe/find", 422, example=f"{address}/99")
    form = {"item": "li.entry", "title": "h3", "name": "Haneul", "key": "haneul", "language": "ko", "kind": "company"}
    assert "`li.entry` matches 3, but no title is at `h9`" in send("/recipe/preview", **{**form, "title": "h9"})
    assert ":has() is not read here" in send("/recipe/preview", 422, **{**form, "item": "li:has(a)"})
    send("/recipe", 303, **form)
    assert "Read from its page by li.entry" in text_of(visitor.read("/feeds/haneul"))
    assert 'value="li.entry"' in visitor.read("/recipe?feed=haneul")
    send("/recipe", 303, **{**form, "title": "h3 a"})
    assert "feeds.haneul has it already" in send("/recipe", 422, **{**form, "key": "other"}).replace("Feeds", "feeds")
    with app.reading() as connection:
        (state,) = list_feed_states(connection)
    assert state.feed.recipe
    assert state.feed.recipe.title == "h3 a"
    assert app.config.file.read_text().startswith(f"{SETTINGS}\n[feeds.haneul]\n")
