"""What the documents say is what the program does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from aggregator.cli.commands import build_tree
from aggregator.config import Settings
from messages import list_strings, read_catalogue

ROOT = Path(__file__).parents[2]


def _list_settings(prefix: str, model: type) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, info in model.model_fields.items():  # type: ignore[attr-defined]
        if hasattr(info.annotation, "model_fields"):
            found |= _list_settings(f"{prefix}{name}.", info.annotation)
        else:
            found[f"{prefix}{name}"] = info.default
    return found


def test_every_setting_is_explained_with_its_default() -> None:
    text = (ROOT / "docs" / "settings.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `([\w.]+)` \| `?([^|`]*?)`? \|", text, re.MULTILINE))
    settings = _list_settings("", Settings)
    del settings["digest.parts"], settings["digest.topics"]
    assert set(rows) == set(settings)
    for key, default in settings.items():
        written = rows[key]
        if isinstance(default, bool):
            assert written == str(default).lower(), key
        elif isinstance(default, int | float):
            assert float(written) == default, key
        else:
            assert written == (default or "empty"), key


@pytest.mark.parametrize(
    "document", ["README.md", "CONTRIBUTING.md", "docs/operating.md", "docs/architecture.md", "docs/settings.md"]
)
def test_every_command_that_is_shown_exists(document: str) -> None:
    text = (ROOT / document).read_text("utf-8")
    commands = build_tree().commands
    for first, second in re.findall(
        r"(?:^\$ |`|exec aggregator )aggregator ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?", text, re.MULTILINE
    ):
        assert first in commands, first
        command = commands[first].load()
        if hasattr(command, "commands"):
            alone = not second and command.invoke_without_command
            assert alone or second in command.commands, f"{first} {second}"


@pytest.mark.parametrize(
    "document", sorted(path.relative_to(ROOT).as_posix() for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
)
def test_links_between_documents_lead_somewhere(document: str) -> None:
    place = ROOT / document
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", place.read_text("utf-8")):
        assert (place.parent / target).exists(), target


@pytest.mark.parametrize("document", sorted(path.name for path in ROOT.glob("docs/decisions/*.md")))
def test_decisions_name_modules_that_exist(document: str) -> None:
    text = (ROOT / "docs" / "decisions" / document).read_text("utf-8")
    named = re.findall(r"`(?:src/aggregator/)?((?:[a-z_]+/)+[a-z_]+\.(?:py|toml|html|css|js))`", text)
    for path in named:
        assert (ROOT / path).exists() or (ROOT / "src" / "aggregator" / path).exists(), path


#: Keys of all pages and of lists; the others are settings.
_FIXED_KEYS = {"Ctrl", "Alt", "Enter", "Esc", "K", "M", "O", "Y", "?", "2", "4"}


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_guide_names_keys_and_words_that_the_pages_have(language: str) -> None:
    text = _read_guide(language)
    keys = set(Settings().keys.model_dump().values()) | _FIXED_KEYS

    assert set(re.findall(r"<kbd>(.+?)</kbd>", text)) - keys == set()
    assert set(re.findall(r"\*\*(.+?)\*\*", text)) - _list_said(language) == set()


def test_the_guides_show_the_same_keys_and_pictures() -> None:
    english, korean = map(_read_guide, ("en", "ko"))
    pictures = re.findall(r"!\[.+\]\((.+)\.webp\)", english)

    assert [f"{name}.ko" for name in pictures] == re.findall(r"!\[.+\]\((.+)\.webp\)", korean)
    assert set(pictures) == {
        path.name.removesuffix(".webp") for path in ROOT.glob("docs/*.webp") if ".ko." not in path.name
    }
    for each in (r"<kbd>.+?</kbd>", r"^#+ "):
        assert len(re.findall(each, english, re.MULTILINE)) == len(re.findall(each, korean, re.MULTILINE))


@pytest.mark.parametrize("picture", sorted(path.name for path in ROOT.glob("docs/*.webp")))
def test_a_picture_is_small(picture: str) -> None:
    assert (ROOT / "docs" / picture).stat().st_size < 80_000


def _read_guide(language: str) -> str:
    return (ROOT / "docs" / ("guide.md" if language == "en" else f"guide.{language}.md")).read_text("utf-8")


def _list_said(language: str) -> set[str]:
    """The messages of the pages in a language, without their markup."""
    messages = [message for message in read_catalogue("ko") if message.id]
    if language == "en":
        return {message.id if isinstance(message.id, str) else message.id[0] for message in messages}
    return {string for message in messages for string in list_strings(message)}
