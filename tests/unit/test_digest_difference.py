"""The edits between two pages are found without knowing how one became the other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.digest.difference import find_edits, list_difference

PAGE = "# Posts\n\n## 1. A\n* one\n* two\n\n## 2. B\n* three\n"
CHANGED = {
    "nothing": (PAGE, []),
    "a line more": (PAGE.replace("* two\n", "* two\n* more\n"), ["+* more"]),
    "a line less": (PAGE.replace("* two\n", ""), ["-* two"]),
    "another line": (PAGE.replace("* two", "* 2"), ["-* two", "+* 2"]),
    "a line moved": ("# Posts\n\n## 1. A\n* two\n* one\n\n## 2. B\n* three\n", ["-* one", "+* one"]),
    "a section more": (f"{PAGE}\n## 3. C\n* four\n", ["+", "+## 3. C", "+* four"]),
    "a section less": ("# Posts\n\n## 1. A\n* one\n* two\n", ["-", "-## 2. B", "-* three"]),
    "all": ("", [f"-{line}" for line in PAGE.splitlines()]),
}


@pytest.mark.parametrize(("after", "rows"), CHANGED.values(), ids=CHANGED)
def test_only_what_differs_is_an_edit(after: str, rows: list[str]) -> None:
    shown = list_difference(PAGE, find_edits(PAGE, after))
    assert [row.sign + row.text for row in shown if row.sign in "+-"] == rows


_PAGES = st.lists(st.sampled_from(["", "a", "b", "c", "d", "e"]), max_size=12).map(
    lambda lines: "\n".join([*lines, "z"])
)


@given(_PAGES, _PAGES)
def test_the_edits_lead_from_one_page_to_the_other(before: str, after: str) -> None:
    lines, made = before.split("\n"), list[str]()
    at = 0
    for edit in find_edits(before, after):
        assert edit.first >= at, "in order, without overlaps"
        made += lines[at : edit.first] + list(edit.lines)
        at = edit.end
    assert "\n".join(made + lines[at:]) == after
