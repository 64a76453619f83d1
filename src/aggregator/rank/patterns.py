"""The curator's regular expressions. Owns RE2, which takes linear time in the text for any pattern. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aggregator.exceptions import RuleError
from aggregator.locales import t

#: The longest pattern, in characters.
LONGEST_PATTERN = 200


def check_pattern(pattern: str) -> None:
    """Raise RuleError for a pattern that is not valid or matches every text."""
    if _compile(pattern).search(b""):
        raise RuleError(t("the pattern fits every post; let it ask for something"), field="sought")


class Patterns:
    """Patterns that are matched together."""

    def __init__(self, patterns: Mapping[int, str]) -> None:
        self._each = {number: _compile(pattern) for number, pattern in patterns.items()}
        # Most texts match no pattern, so one search for all of them is usually enough.
        self._any = _compile_any(list(patterns.values()))

    def find(self, text: str) -> list[int]:
        """Return the numbers of the patterns that match somewhere in a text."""
        encoded = text.encode("utf-8", "replace")
        if self._any is not None and not self._any.search(encoded):
            return []
        return [number for number, pattern in self._each.items() if pattern.search(encoded)]


def _compile(pattern: str) -> Any:
    # Imported late: most homes have no pattern.
    import re2

    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    try:
        return re2.compile(pattern.encode(), options)
    except re2.error as error:
        said = error.args[0].decode("utf-8", "replace") if error.args else t("it cannot be read")
        raise RuleError(t("not a pattern that can be used: {why}", why=said), field="sought") from error


def _compile_any(patterns: Sequence[str]) -> Any:
    r"""One pattern for all, or None if that would be too large or one of them has an open \Q."""
    if not patterns or any("\\Q" in pattern for pattern in patterns):
        return None
    try:
        return _compile("|".join(f"(?:{pattern})" for pattern in patterns))
    except RuleError:
        return None
