"""Other heads and headings: what can be printed and read back, and what is in force over feeds.toml."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from aggregator.config import SHIPPED_TEXTS
from aggregator.digest.read import read_digest
from aggregator.digest.render import render_digest
from aggregator.digest.texts import (
    HEAD,
    LABEL,
    NOTE,
    change_texts,
    find_in_force,
    list_texts,
    render_outline,
    settle_text,
)
from aggregator.exceptions import DigestError
from aggregator.types import Digest, Line, TextChange

CV = "digest.topics.cv"
LINE = Line(SHIPPED_TEXTS.taxonomy.sections[0], "A", "https://x.example/a", None)


@pytest.mark.parametrize(
    ("name", "typed", "printed"),
    [
        (CV, "  Computer \n Vision ", "Computer Vision"),
        (CV, "", ""),
        (HEAD, "\n\n# Mine\r\ntwo\n", "# Mine\ntwo\n\n"),
        (HEAD, "## Contents\n\n```\n## 1. no heading\n```", "## Contents\n\n```\n## 1. no heading\n```\n\n"),
        (HEAD, " \n", ""),
        (LABEL, " colon ", "colon"),
        (NOTE, "", ""),
    ],
)
def test_a_typed_text_is_settled_and_comes_back_from_the_page(name: str, typed: str, printed: str) -> None:
    assert settle_text(name, typed, SHIPPED_TEXTS) == printed
    texts = change_texts(SHIPPED_TEXTS, {name: printed or list_texts(SHIPPED_TEXTS)[name]})
    page = render_digest(Digest(texts, (LINE,)))
    assert read_digest(page, SHIPPED_TEXTS).digest.texts == texts
    assert list_texts(texts)[name] == (printed or list_texts(SHIPPED_TEXTS)[name])


@pytest.mark.parametrize(
    ("name", "typed", "why"),
    [
        (HEAD, "# Mine\n## 1. Research", "line 2: “## 1. Research” would be read as the heading of a part"),
        (HEAD, "```\nopen", "line 1: the code fence or comment that begins here is never closed"),
        (HEAD, "<!-- open", "line 1: the code fence or comment that begins here is never closed"),
        (LABEL, "curly", "digest.label_style is 'curly', but can only be brackets, colon"),
        ("digest.topics.clouds", "Clouds", "digest.topics.clouds is not a text of the digest"),
    ],
)
def test_what_would_break_the_page_is_refused(name: str, typed: str, why: str) -> None:
    with pytest.raises(DigestError, match=why) as caught:
        settle_text(name, typed, SHIPPED_TEXTS)
    assert caught.value.field == name


def test_a_text_holds_until_feeds_toml_says_something_else() -> None:
    def make(value: str | None, listed: str | None) -> TextChange:
        return TextChange(CV, value, listed, "curator", datetime(2022, 12, 1, tzinfo=UTC))

    assert find_in_force([make("Old", None), make("Vision", None)], {}) == {CV: "Vision"}
    assert find_in_force([make("Vision", None)], {CV: "Seeing"}) == {}
    assert find_in_force([make("Vision", "Seeing")], {CV: "Seeing"}) == {CV: "Vision"}
    assert find_in_force([make("Vision", None), make(None, None)], {}) == {}


def test_the_outline_has_all_headings() -> None:
    shown = render_outline(Digest(change_texts(SHIPPED_TEXTS, {HEAD: "# Mine\n\n"}), (LINE,)))
    assert shown.startswith("# Mine\n\n## 1. Research\n\n### 1.1. CV\n\n* [A](https://x.example/a)\n\n### 1.2. NLP\n\n")
    assert shown.count("### ") == len(SHIPPED_TEXTS.taxonomy.sections)
