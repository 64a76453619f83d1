"""Reads files of posts as JSON lines, and reports mistakes with file and line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from aggregator.exceptions import ExampleError
from aggregator.locales import t

T = TypeVar("T")


def load_text(path: Path) -> str:
    """Load a text. Raises ExampleError if the file cannot be read or is not UTF-8."""
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise ExampleError(t("cannot be read: {reason}", reason=error.strerror), file=str(path)) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ExampleError(t("is not UTF-8 (byte {number})", number=error.start), file=str(path), line=line) from error


def read_records(text: str, file: str, read: Callable[[dict[str, Any]], T]) -> list[T]:
    """Read the object on each line with *read*, which may raise ValueError or OverflowError; empty lines are ignored.

    Raises ExampleError with the file and line of a mistake, or if there are no objects.
    """
    found = []
    # Not splitlines: a text in JSON may contain other line separators unescaped.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            if not isinstance(record, dict):
                raise ValueError(t("is not an object with the keys of a post"))
            found.append(read(record))
        except json.JSONDecodeError as error:
            message = t("is not JSON ({reason}, column {number})", reason=error.msg, number=error.colno)
            raise ExampleError(message, file=file, line=number) from error
        except (ValueError, OverflowError) as error:
            raise ExampleError(str(error), file=file, line=number) from error
    if not found:
        raise ExampleError(t("has no posts"), file=file)
    return found
