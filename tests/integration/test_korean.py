"""Every page in Korean: what somebody reads there has no English sentence left."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from lxml import html

from aggregator.app import App
from aggregator.storage.tables import metadata
from browser.test_browser_every_page import LOOKS
from clock import Clock
from world import Curator, visit_page
from world.worlds import World

#: What is said to nobody, or is the same in every language.
_UNSAID = {"code", "kbd", "pre", "script", "style", "textarea", "head"}
_SAID_BY = ("aria-label", "title", "placeholder", "alt")
#: Three words in a row are a sentence, or a part of one.
_ENGLISH = re.compile(r"(?<![\w/.-])[a-z][a-z'’]*(?:,? [a-z][a-z'’]*){2,}(?![\w/-])")
#: A text of English words alone, such as that of a button.
_WORDS = re.compile(r"[A-Z]?[a-z]{2,}(?:[ ,.’'-]+[A-Za-z]+)*[.:?!]?")
#: Names, which are not translated.
_NAMES = {"aggregator", "English", "Esc", "Markdown", "Enter", "Shift", "Ctrl"}
_WORLDS = tuple(dict.fromkeys(look.world for look in LOOKS))


def _find_english(page: str, data: str) -> list[str]:
    """Find what is English in the Korean parts of a page, unless it is *data*."""
    tree = html.document_fromstring(page)
    assert tree.get("lang") == "ko"
    return [text for text in _list_said(tree) if _is_english(" ".join(text.split()), data)]


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
    """All that is stored: titles and names, and what a machine found out and wrote down."""
    with app.reading() as connection:
        rows = [row for table in metadata.sorted_tables for row in connection.execute(table.select())]
    return " ".join(str(value) for row in rows for value in row)


@pytest.fixture(params=_WORLDS, ids=lambda world: world.fill.__name__.strip("_"))
def curator(request: pytest.FixtureRequest, make_app: Callable[..., App], clock: Clock, kept_fits: None) -> Curator:
    world: World = request.param
    clock.now = world.now
    app = make_app(world.feeds, shortlist=world.shortlist)
    found = visit_page(app, world.fill(app)).log_in()
    found.client.cookies["language"] = "ko"
    return found


def test_no_page_has_an_english_sentence_left(curator: Curator, request: pytest.FixtureRequest) -> None:
    world = request.node.callspec.params["curator"]
    paths = [look.path.format(post=curator.numbers.get("실시간-추천")) for look in LOOKS if look.world is world]
    data = _list_data(curator.app)

    found = {path: _find_english(curator.read(path), data) for path in dict.fromkeys(paths)}

    left = [f"{path}: {text.strip()}" for path, texts in found.items() for text in dict.fromkeys(texts)]
    assert not left, "\n".join(left)
