"""What tables of wordings find in a text, and how a mistake in one is told."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from aggregator.exceptions import ConfigError
from aggregator.text.cues import Finder
from aggregator.text.tables import load_table
from aggregator.text.tokens import compile_token

TEXT = "GPT-4 in C++ und für 3D, 한국어GPT 2 日本"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package whose table ``words`` is to be written."""
    (tmp_path / "shelf" / "data").mkdir(parents=True)
    (tmp_path / "shelf" / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "shelf", raising=False)
    return tmp_path / "shelf" / "data" / "words.toml"


@pytest.mark.parametrize(
    ("options", "tokens"),
    [
        ({}, "GPT in C und f r 3D 한국어 GPT"),
        ({"numbers": True}, "GPT 4 in C und f r 3D 한국어 GPT 2"),
        ({"signs": True}, "GPT in C++ und f r 3D 한국어 GPT"),
        ({"joints": True, "cjk": "left out"}, "GPT-4 in C und f r 3D GPT"),
        ({"alphabets": True}, "GPT in C und für 3D 한국어 GPT"),
        ({"alphabets": True, "apart": True, "cjk": "characters"}, "GPT 4 in C und für 3 D 한국어 GPT 2 日 本"),
        ({"alphabets": True, "apart": True, "cjk": "runs"}, "GPT 4 in C und für 3 D 한국어 GPT 2 日本"),
        ({"numbers": True, "cjk": "letters"}, "GPT 4 in C und für 3D 한국어GPT 2 日本"),
    ],
)
def test_a_text_is_cut_as_the_options_say(options: dict[str, bool], tokens: str) -> None:
    assert compile_token(**options).findall(TEXT) == tokens.split()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("form", "text", "said"),
    [
        ("text to image", "on text-to-image models", "text-to-image"),
        ("weekly <n>", "the weekly #31", "weekly #31"),
        ("recommend*", "recommenders", "recommenders"),
        ("^new", "new models", "new"),
        ("^new", "a new model", None),
        ("digest$", "our digest!", "digest"),
        ("digest$", "a digest of it", None),
        ("언어 모델", "거대언어모델을", "언어모델"),
        ("언어 모델", "거대언어 모델을", "언어 모델"),
        ("리전에서 사용 가능", "서울 리전에서 사용 가능합니다", "리전에서 사용 가능"),
        ("출시_", "출시 소식", "출시"),
        ("출시_", "출시했다", None),
        ("공지]", "[서버 공지] 점검", "공지"),
        ("공지]", "공지 사항", None),
        ("뉴스레터 <n>", "뉴스레터 제3호", "뉴스레터"),
        ("뉴스레터 <n>", "뉴스레터 제목", None),
    ],
)
def test_a_form_is_found_where_it_may_stand(package: Path, form: str, text: str, said: str | None) -> None:
    package.write_text(f'sort = ["{form}"]\n', "utf-8")
    finder = Finder("shelf", {"words": ""}, numbers=True)
    assert [text[start:end] for start, end, _ in finder.read(text).found] == ([said] if said else [])


def test_the_longest_of_nested_forms_counts(package: Path) -> None:
    package.write_text('one = ["new release"]\nother = ["release"]\n', "utf-8")
    assert [name for *_, name in Finder("shelf", {"words": ""}).read("a new release").found] == ["one"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('a = ["b"]\n\nc = "d"\n', r"words\.toml, line 3, c: c is not a list of texts"),
        ('a = ["b"]\nc = ["d", "e", "d"]\n', r'words\.toml, line 2, c: "d" is listed twice'),
        (
            'a = ["b"]\n"c d" = [\n  "e",\n  "gpt 모델",\n]\n',
            r'words\.toml, line 4, c d: "gpt 모델" is not a form of one',
        ),
        ('a = ["New"]\n', r'words\.toml, line 1, a: "New" is not a form of wording'),
        ("a = b\n", r"words\.toml: is not TOML: .*line 1"),
    ],
)
def test_a_mistake_in_a_table_is_told_with_file_line_and_name(package: Path, text: str, said: str) -> None:
    package.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=said):
        Finder("shelf", {"words": ""})


def test_a_table_has_what_belongs_to_each_name(package: Path) -> None:
    package.write_text('a = ["b", "c"]\n', "utf-8")
    assert load_table("shelf", "words") == {"a": ["b", "c"]}
