"""Writes into a wheel which commit it was built from, for ``aggregator --version``."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CommitHook(BuildHookInterface):  # type: ignore[type-arg]
    """Takes SOURCE_COMMIT from the environment, as a build without git gives it, else asks git."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return  # A checkout is asked each time.
        self._folder = tempfile.TemporaryDirectory()
        file = Path(self._folder.name) / "commit"
        file.write_text(os.environ.get("SOURCE_COMMIT") or _ask_git(self.root), encoding="ascii")
        build_data["force_include"][str(file)] = "aggregator/commit"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if version != "editable":
            self._folder.cleanup()


def _ask_git(root: str) -> str:
    asked = ["git", "-C", root, "describe", "--always", "--dirty=+", "--exclude=*"]
    try:
        return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603 - our words alone
    except (OSError, subprocess.CalledProcessError):
        return ""
