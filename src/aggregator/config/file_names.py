"""Names of printed files as patterns, such as ``digests/{year}-{month:02}.md``. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from glob import escape
from pathlib import Path

from aggregator.locales import t
from aggregator.types import Month

_FIELD = re.compile(r"\{[^{}]*\}")
_OF_MONTH = ("{year}", "{month}", "{month:02}")
_OF_PAGE = ("{year}", "{part}")
_SHAPES = {"{year}": "[0-9]" * 4, "{month}": "[0-9]*", "{month:02}": "[0-9][0-9]", "{part}": "*"}


def check_page(pattern: str) -> str:
    """Raise ValueError unless it can name the pages by year and part; without a field it names one page."""
    _check_fields(pattern, _OF_PAGE)
    return pattern


def check_month_file(pattern: str) -> str:
    """Raise ValueError unless it names another Markdown file for each month, which is not the file of a draft."""
    _check_fields(pattern, _OF_MONTH)
    if "{year}" not in pattern or "{month" not in pattern:
        raise ValueError(
            t("{fields} are needed, because each month has a file of its own", fields="{year}, {month:02}")
        )
    if not pattern.endswith(".md") or pattern.endswith(".draft.md"):
        raise ValueError(t("a name that ends with .md is needed; .draft.md is for drafts"))
    return pattern


def _check_fields(pattern: str, known: Collection[str]) -> None:
    unknown = next((field for field in _FIELD.findall(pattern) if field not in known), None)
    if unknown is None and not set("{}").isdisjoint(_FIELD.sub("", pattern)):
        unknown = "{"
    if unknown:
        raise ValueError(t("{field} is not known here; known are {known}", field=unknown, known=", ".join(known)))
    if not pattern.isprintable():
        raise ValueError(t("a name of printable characters is needed"))


def fill(pattern: str, month: Month, part: str = "") -> str:
    """Return the name of the file of a month, or of the page of a month's year and a part (its key)."""
    filled = {
        "{year}": f"{month.year:04}",
        "{month}": str(month.month),
        "{month:02}": f"{month.month:02}",
        "{part}": part,
    }
    return _FIELD.sub(lambda field: filled[field[0]], pattern)


def make_glob(pattern: str) -> str:
    """Return the glob that finds the files which the pattern names."""
    return _FIELD.sub(lambda field: _SHAPES[field[0]], escape(pattern))


def find_root(pattern: str) -> Path:
    """Return the folder in which all files that the pattern names lie: what stands before the first field."""
    names = Path(pattern).parts
    return Path(*names[: _find_first(names)])


def _find_first(names: Sequence[str]) -> int:
    return next((at for at, name in enumerate(names) if "{" in name), 0)


def find_month(pattern: str, file: Path) -> Month | None:
    """Find the month whose file is named like this; the folders above the first one with a field do not matter."""
    names = Path(pattern).parts
    first = _find_first(names)
    tail, found = "/".join(names[first:]), "/".join(file.parts[first - len(names) :])
    years = {int(year) for year in re.findall(r"(?=(\d{4}))", found)} - {0}
    months = (Month(year, month) for year in years for month in range(1, 13))
    return next((month for month in months if fill(tail, month) == found), None)
