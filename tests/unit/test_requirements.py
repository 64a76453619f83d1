"""What is installed: pinned by version and content, and the same for the daemon alone as with its tools."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]


def _read(name: str) -> dict[str, tuple[Requirement, frozenset[str]]]:
    """By name and marker: the requirement, and the hashes of its files."""
    found = {}
    for line in (ROOT / "requirements" / f"{name}.txt").read_text().replace("\\\n", " ").splitlines():
        text, *hashes = re.split(r"\s+--hash=", line)
        requirement = Requirement(text.strip())
        found[f"{requirement.name} {requirement.marker}"] = requirement, frozenset(each.strip() for each in hashes)
    return found


@pytest.mark.parametrize("name", ["run", "cluster", "work"])
def test_everything_is_pinned_by_version_and_content(name: str) -> None:
    for requirement, hashes in _read(name).values():
        assert re.fullmatch(r"==[^*]+", str(requirement.specifier)), requirement
        assert requirement.url is None
        assert hashes
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", each) for each in hashes), requirement


def test_the_daemon_has_what_was_tested() -> None:
    run, cluster, work = _read("run"), _read("cluster"), _read("work")
    assert run.items() < cluster.items() < work.items()


@pytest.mark.parametrize(
    ("name", "extras"),
    [
        ("run", ("pages", "postgres", "notices")),
        ("cluster", ("pages", "postgres", "notices", "cluster")),
        ("work", ("pages", "postgres", "notices", "cluster", "dev")),
    ],
)
def test_what_the_package_asks_for_is_there(name: str, extras: tuple[str, ...]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pinned: dict[str, list[str]] = {}
    for requirement, _ in _read(name).values():
        pinned.setdefault(requirement.name, []).append(next(iter(requirement.specifier)).version)
    for text in sum((project["optional-dependencies"][extra] for extra in extras), project["dependencies"]):
        asked = Requirement(text)
        assert all(asked.specifier.contains(version) for version in pinned[asked.name]), text
