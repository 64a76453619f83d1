"""Every page in Korean: what somebody reads there has no English sentence left."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

import pytest
from httpx2 import Response
from lxml import html

from aggregator.app import App
from aggregator.config import SHIPPED_TEXTS
from aggregator.storage.tables import metadata
from browser.test_browser_every_page import LOOKS
from clock import Clock
from world import Curator, visit_page
from world.worlds import INDEXED, KEPT_PAGE, LONG_WORDS, MONTH_BEGUN, MONTH_DECIDED, RULED, World

#: What is said to nobody, or is the same in every language.
_UNSAID = {"code", "kbd", "pre", "script", "style", "textarea"}
_SAID_BY = ("aria-label", "title", "placeholder", "alt")
#: Three words in a row are a sentence, or a part of one.
_ENGLISH = re.compile(r"(?<![\w/.-])[a-z][a-z'’]*(?:,? [a-z][a-z'’]*){2,}(?![\w/-])")
#: A text of English words alone, such as a button's.
_WORDS = re.compile(r"[A-Z]?[a-z]{2,}(?:[ ,.’'-]+[A-Za-z]+)*[.:?!]?")
#: Names, which are not translated.
_NAMES = {"aggregator", "Atom", "English", "Markdown", "feeds.toml:"}
#: Worlds that have all that is in another one.
_WIDER = {MONTH_BEGUN: INDEXED, MONTH_DECIDED: RULED}
#: Each world with the paths of its pages. Long words are those of other worlds, too.
_PATHS = {
    world: tuple(dict.fromkeys(look.path for look in LOOKS if _WIDER.get(look.world, look.world) is world))
    for world in dict.fromkeys(_WIDER.get(look.world, look.world) for look in LOOKS)
    if world is not LONG_WORDS
}


def _check(pages: Iterable[tuple[str, str]], data: str) -> None:
    """Fail with what is English, each text with the path of a page that has it."""
    left = {text: path for path, page in pages for text in _find_english(page, data)}
    if left:
        pytest.fail("\n".join(f"{path}: {text}" for text, path in left.items()), pytrace=False)


def _find_english(page: str, data: str) -> list[str]:
    """Find what is English in the Korean parts of a page, unless it is *data*."""
    tree = html.document_fromstring(page)
    assert tree.get("lang") == "ko"
    said = (" ".join(text.split()).removesuffix(" · aggregator") for text in _list_said(tree))
    return [text for text in said if _is_english(text, data)]


def _list_said(element: html.HtmlElement) -> Iterator[str]:
    """List the texts of an element that are in Korean, or should be."""
    is_said = isinstance(element.tag, str) and element.tag not in _UNSAID and element.get("lang") in {None, "ko"}
    if is_said:
        yield element.text or ""
        yield from (element.get(name, "") for name in _SAID_BY)
        for child in element:
            yield from _list_said(child)
            yield child.tail or ""


def _is_english(text: str, data: str) -> bool:
    alone = bool(_WORDS.fullmatch(text)) and text not in _NAMES and text not in data
    return alone or any(found not in data for found in _ENGLISH.findall(text))


def _list_data(app: App) -> str:
    """All that is stored: titles and names, and what a machine found out and wrote down. Also what digests print."""
    with app.reading() as connection:
        rows = [row for table in metadata.sorted_tables for row in connection.execute(table.select())]
    kept = [file.read_text("utf-8") for file in app.folder.glob("own-list.json")]
    headings = [*SHIPPED_TEXTS.parts.values(), *SHIPPED_TEXTS.topics.values()]
    return " ".join([SHIPPED_TEXTS.head, KEPT_PAGE, *kept, *headings, *(str(value) for row in rows for value in row)])


@pytest.fixture(params=_PATHS, ids=lambda world: world.fill.__name__.strip("_"))
def world(request: pytest.FixtureRequest) -> World:
    found: World = request.param
    return found


@pytest.fixture
def curator(world: World, make_app: Callable[..., App], clock: Clock, kept_fits: None) -> Curator:
    clock.now = world.now
    app = make_app(world.feeds, shortlist=world.shortlist, digest={"page": "README.md"})
    curator = visit_page(app, world.fill(app)).log_in()
    curator.client.cookies["language"] = "ko"
    return curator


def test_no_page_has_an_english_sentence_left(world: World, curator: Curator) -> None:
    paths = [path.format(post=curator.numbers.get("실시간-추천")) for path in _PATHS[world]]

    _check([(path, curator.read(path)) for path in paths], _list_data(curator.app))


@pytest.mark.parametrize("world", [INDEXED], ids=["index"])
def test_no_refusal_has_an_english_sentence_left(curator: Curator) -> None:
    ours, token = {"Origin": "http://testserver"}, curator.token

    def send(path: str, **fields: str) -> Response:
        return curator.client.post(path, data={"token": token} | fields, headers=ours)

    refused = [
        curator.client.get("/nothing"),
        curator.client.get("/posts/99/pane"),
        curator.client.get("/queue/2022-13"),
        curator.client.get("/rules?edit=99"),
        curator.client.put("/queue/2022-12"),
        send("/posts/99/approve"),
        send("/posts/1/reject"),
        send("/posts/1/month", month="2022-13"),
        send("/posts/1/same", other="1"),
        send("/posts/1/same", other="nothing"),
        send("/history/99/undo"),
        send("/posts/1/approve", token="old"),
        curator.client.post("/posts/1/approve", headers={"Origin": "https://elsewhere.example"}),
    ]
    data = _list_data(curator.app) + " https://elsewhere.example nothing"

    assert [one.status_code for one in refused] == [404, 404, 404, 404, 405, 404, 422, 422, 422, 422, 404, 403, 403]
    _check([(one.url.path, one.text) for one in refused], data)
