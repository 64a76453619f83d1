"""The page of the manual: made from the help, and readable."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from manual import FILE, write_manual


def test_the_page_says_what_the_help_says() -> None:
    assert FILE.read_text(encoding="ascii") == write_manual(), "call `make man`"


def test_the_page_is_read_without_warnings() -> None:
    if not (groff := shutil.which("groff")):
        pytest.skip("groff is not installed")
    done = subprocess.run(
        [groff, "-man", "-Tutf8", "-ww", "-P-cbou", str(FILE)], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    assert "db backup [file]" in done.stdout
    assert "only show what would be deleted" in " ".join(done.stdout.lower().split())
