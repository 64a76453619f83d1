"""What commands write of files: their text, what would change in them, and what was remarked about them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from aggregator.cli.base import err
from aggregator.digest.read import Remark
from aggregator.locales import t

if TYPE_CHECKING:
    from aggregator.shapes.reprint import FileShape


def write_differences(files: Sequence[FileShape]) -> None:
    """Write what changes in each file to standard output, below its name."""
    for each in files:
        if each.difference:
            write_text(f"{each.file}\n{each.difference}")


def write_text(text: str) -> None:
    """Write a text to standard output, byte for byte."""
    sys.stdout.buffer.write(text.encode("utf-8"))
    sys.stdout.buffer.flush()


def print_remarks(file: Path, remarks: Sequence[Remark]) -> None:
    """Print remarks about a file, with their lines, to standard error."""
    for remark in remarks:
        said = t("{file}, line {number}: {remark}", file=file, number=remark.number, remark=remark.sentence)
        err.print(said, soft_wrap=True)
