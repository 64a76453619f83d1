"""Which program this is: its version, the commit that it was built from, and the tables that it knows."""

from __future__ import annotations

import os
from pathlib import Path

from aggregator import __version__
from aggregator.locales import t
from aggregator.processes import run_program
from aggregator.storage.revisions import find_head

_PACKAGE = Path(__file__).parent
_GIT_SECONDS = 5


def describe_program() -> str:
    """Say version, commit and tables in one line."""
    commit = find_commit() or t("unknown")
    return t("{version} (commit {commit}, tables {tables})", version=__version__, commit=commit, tables=find_head())


def find_commit() -> str:
    """Return the commit that this was built from, or that of the checkout, with a + if files have changed since; empty
    if neither is known.
    """
    built = _PACKAGE / "commit"
    if built.exists():
        return built.read_text(encoding="ascii").strip()
    checkout = _PACKAGE.parents[1]
    if not (checkout / ".git").exists():
        return ""
    asked = ["git", "describe", "--always", "--dirty=+", "--exclude=*"]
    try:
        code, said, _ = run_program(asked, folder=checkout, environment=os.environ, seconds=_GIT_SECONDS)
    except (OSError, TimeoutError):
        return ""
    return said.decode("ascii", "replace").strip() if code == 0 else ""
