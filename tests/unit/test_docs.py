"""What the documents say is what the program does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from aggregator.cli.commands import build_tree
from aggregator.config import Settings

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
        if isinstance(default, int | float):
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
