"""The catalogues: complete, current, and filled in with the same values as the English sentences."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Catalog, Message
from jinja2 import Environment, nodes

from aggregator.locales import ENGLISH, LANGUAGES, speaking, t, tn
from aggregator.web.site import load_templates, translate_scripts
from messages import (
    SOURCE,
    compile_catalogue,
    find_messages,
    list_missing,
    list_strings,
    name_catalogue,
    read_catalogue,
    walk_saying,
)

OTHERS = sorted(LANGUAGES.keys() - {ENGLISH})
_VALUE = re.compile(r"\{\w*\}")
_TAG = re.compile(r"</?\w+[^<>]*>")


@pytest.fixture(scope="module")
def found() -> Catalog:
    return find_messages()


@pytest.fixture(scope="module", params=OTHERS)
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    return read_catalogue(request.param)


def list_pairs(catalogue: Catalog) -> Iterator[tuple[str, str]]:
    """Each English form with each translation of it."""
    for message in catalogue:
        if message.id:
            last = message.id if isinstance(message.id, str) else message.id[-1]
            yield from ((last, string) for string in list_strings(message))


def name(message: Message) -> tuple[str | None, object]:
    return message.context, message.id


def test_every_sentence_has_its_translation(found: Catalog, catalogue: Catalog) -> None:
    known = {name(message) for message in catalogue if message.id}
    assert {name(message) for message in found if message.id} == known, "call `make messages`"
    assert [message.id for message in list_missing(catalogue)] == []


def test_the_compiled_catalogue_is_that_of_its_source(catalogue: Catalog) -> None:
    compiled = name_catalogue(str(catalogue.locale)).with_suffix(".mo").read_bytes()
    assert compiled == compile_catalogue(catalogue), "call `make messages`"


def test_translations_have_the_values_and_the_markup_of_their_sentence(catalogue: Catalog) -> None:
    differing = [
        (english, said)
        for english, said in list_pairs(catalogue)
        for pattern in (_VALUE, _TAG)
        if sorted(pattern.findall(english)) != sorted(pattern.findall(said))
    ]
    assert differing == []


def test_translations_can_stand_in_an_attribute(catalogue: Catalog) -> None:
    assert [said for english, said in list_pairs(catalogue) if '"' in _TAG.sub("", said) and '"' not in english] == []


def test_scripts_say_what_the_page_brings_along(found: Catalog) -> None:
    said = {str(message.id) for message in found if any(place.endswith(".js") for place, _ in message.locations)}
    assert said == set(translate_scripts())


def test_a_sentence_is_said_in_the_language_of_the_block() -> None:
    assert t("{length} ago", length="3 days") == "3 days ago"
    with speaking("ko"):
        assert t("{length} ago", length="3일") == "3일 전"
        assert tn("{number} day", "{number} days", 1204) == "1,204일"
        assert t("nobody has translated this") == "nobody has translated this"
    assert tn("{number} day", "{number} days", 1) == "1 day"
    assert t("") == ""


def test_a_template_trusts_only_sentences_that_stand_in_it() -> None:
    """What is looked up there may have markup, so it must not come from a person: ``| said`` is for words of a table."""
    templates = load_templates()
    found = [
        (name, call.lineno)
        for name in templates.list_templates(["html"])
        for call in templates.parse(_read_template(templates, name)).find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in {"t", "tn", "tp"}
        if not all(isinstance(word, nodes.Const) for word in call.args[: {"t": 1}.get(call.node.name, 2)])
    ]
    assert found == []


def _read_template(templates: Environment, name: str) -> str:
    assert templates.loader
    return templates.loader.get_source(templates, name)[0]


def test_no_sentence_is_hidden_from_the_catalogues() -> None:
    """Those in an f-string are not found before Python 3.12."""
    hidden = [
        (str(file.relative_to(SOURCE)), node.lineno)
        for file in sorted(SOURCE.rglob("*.py"))
        for node in walk_saying(file.read_bytes())
        if isinstance(node, ast.JoinedStr) and any(_is_saying(part) for part in ast.walk(node))
    ]
    assert hidden == []


def _is_saying(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"t", "tn", "tp", "mark"}
        and isinstance(node.args[0], ast.Constant)
    )
