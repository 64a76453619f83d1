"""feeds.toml as a document: one feed changes, and everything else stays byte for byte."""

from __future__ import annotations

import tomllib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config.document import (
    add_feed,
    change_feed,
    find_feed_before,
    list_tables,
    paste_feeds,
    remove_feed,
    rename_feed,
)
from aggregator.config.edits import describe_edit, take_back
from aggregator.exceptions import ConfigError, NotFoundError

TABLE = {"name": "New", "url": "https://new.example/feed", "kind": "company", "weight": None, "tags": ["a", "b"]}
WRITTEN = '[feeds.new]\nname = "New"\nurl = "https://new.example/feed"\nkind = "company"\ntags = ["a", "b"]\n'


def one(key: str, more: str = "") -> str:
    return f'[feeds.{key}]\nname = "{key}"\n{more}'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", WRITTEN),
        ("# Mine\n", f"# Mine\n\n{WRITTEN}"),
        (one("a"), f"{one('a')}\n{WRITTEN}"),
        (one("a").rstrip("\n"), f"{one('a')}\n{WRITTEN}"),
        (one("a") + "\n# The end.\n\n", f"{one('a')}\n# The end.\n\n{WRITTEN}"),
        (one("a").replace("\n", "\r\n"), f"{one('a')}\n{WRITTEN}".replace("\n", "\r\n")),
        ("\ufeff" + one("a"), f"\ufeff{one('a')}\n{WRITTEN}"),
        ("feeds.a.name = 'a'\n", f"feeds.a.name = 'a'\n\n{WRITTEN}"),
    ],
)
def test_a_feed_is_added(before: str, after: str) -> None:
    assert add_feed(before, "new", TABLE) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"{one('a')}\n{one('b')}\n{one('c')}", f"{one('a')}\n{one('c')}"),
        (f"{one('a')}\n# Of b,\n# and more.\n{one('b', '# below b')}\n\n# Of c.\n{one('c')}", f"{one('a')}\n# Of c.\n{one('c')}"),
        (f"{one('a')}\n# --- Korea ---\n\n{one('b')}\n{one('c')}", f"{one('a')}\n# --- Korea ---\n\n{one('c')}"),
        (f"{one('a')}\n{one('b')}\n\n# --- Korea ---\n\n{one('c')}", f"{one('a')}\n\n# --- Korea ---\n\n{one('c')}"),
        (f"{one('a')}\n{one('b')}", one("a")),
        (f"{one('a')}{one('b')}{one('c')}", f"{one('a')}{one('c')}"),
        (f"{one('a')}\n[feeds.b.recipe]\nitem = 'x'\n\n{one('b')}\n[digest]\nhead = ''\n", f"{one('a')}\n[digest]\nhead = ''\n"),
        (f"{one('a')}\n[digest]\nhead = ''\n\n{one('b')}", f"{one('a')}\n[digest]\nhead = ''\n"),
        (one("b"), ""),
        (f'[digest]\nhead = """\n[feeds.b]\n"""\n\n{one("b")}', '[digest]\nhead = """\n[feeds.b]\n"""\n'),
        (f"[notices]\nurls = [\n  # one\n  'A',\n]\n\n{one('b')}", "[notices]\nurls = [\n  # one\n  'A',\n]\n"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_feed_is_removed_with_its_comment(before: str, after: str, end: str) -> None:
    assert remove_feed(before.replace("\n", end), "b") == after.replace("\n", end)


def test_a_field_is_changed_and_its_comment_stays() -> None:
    before = f"{one('a')}\n[feeds.b]  # large\nname = 'B'   # short\nweight=1.0\n# below\n\n{one('c')}"
    after = f'{one("a")}\n[feeds.b]  # large\nname = "Bee"   # short\n# below\nfull_text = true\n\n{one("c")}'
    assert change_feed(before, "b", {"name": "Bee", "weight": None, "full_text": True}) == after


def test_a_table_of_a_feed_is_changed() -> None:
    before = f"{one('b')}\n[feeds.b.recipe]\nitem = 'x'\n\n{one('c')}"
    changed = change_feed(before, "b", {"recipe": {"item": "y"}})
    assert tomllib.loads(changed)["feeds"]["b"]["recipe"] == {"item": "y"}
    assert changed.endswith(f"\n\n{one('c')}")


def test_a_feed_is_renamed_where_the_shortlist_names_it() -> None:
    before = '[shortlist]\nsources = { a = 1, "b" = 2 } # b\n\n# Of b.\n[ feeds . "b" ] # b\nname = "b"\n\n[feeds.b.recipe]\nb = 1\n'
    after = '[shortlist]\nsources = { a = 1, bee = 2 } # b\n\n# Of b.\n[feeds.bee] # b\nname = "b"\n\n[feeds.bee.recipe]\nb = 1\n'
    assert rename_feed(before, "b", "bee") == after


ACTS: dict[str, Callable[[str], str]] = {
    "change": lambda text: change_feed(text, "b", {"name": "Bee"}),
    "remove": lambda text: remove_feed(text, "b"),
    "rename": lambda text: rename_feed(text, "b", "bee"),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize(
    "text",
    ["feeds.b.name = 'b'", "feeds = { b = { name = 'b' } }", "[feeds]\nb.name = 'b'", "[feeds]\nb = { name = 'b' }"],
)
def test_another_way_to_write_a_feed_is_refused(act: str, text: str) -> None:
    with pytest.raises(ConfigError, match=r"feeds\.b: is not written as a table of its own, \[feeds\.b\]"):
        ACTS[act](text)


def test_what_is_not_there_and_what_is_there_already() -> None:
    with pytest.raises(NotFoundError, match=r"no feed of feeds.toml has the key 'b'"):
        remove_feed(one("a"), "b")
    with pytest.raises(ConfigError, match="a feed has this key already"):
        add_feed(one("new"), "new", TABLE)
    with pytest.raises(ConfigError, match="a feed has this key already"):
        rename_feed(one("a") + one("b"), "a", "b")
    with pytest.raises(ConfigError, match="is not valid TOML"):
        add_feed("[feeds", "new", TABLE)


GAPS = st.lists(st.sampled_from(["\n", "# said\n", "  # [feeds.x]\n"]), max_size=4).map("".join)
FIELDS = st.lists(
    st.sampled_from(
        ["tags = ['[', '#']\n", 'said = """\n[feeds.a]\n# x\n"""  # y\n', "weight = 0.5 # half\n", "# below\n"]
    ),
    unique=True,
).map("".join)
OTHERS = st.sampled_from(["[digest]\nhead = ''\n", "[visits]\n# few\nconnections = 2\n"])


@st.composite
def documents(draw: st.DrawFn) -> str:
    parts = [one(key, draw(FIELDS)) for key in ("a", "b", "c")]
    parts.insert(draw(st.integers(0, 3)), draw(OTHERS))
    text = draw(GAPS) + "".join(part + draw(GAPS) for part in parts)
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))


@given(documents())
def test_what_is_not_meant_stays(text: str) -> None:
    added = add_feed(text, "new", TABLE)
    assert added.startswith(text)
    assert remove_feed(added, "new").rstrip() == text.rstrip()
    renamed = rename_feed(text, "b", "bee")
    assert rename_feed(renamed, "bee", "b") == text
    rest, taken = remove_feed(text, "b"), list_tables(text, {"b"})["b"]
    # All lines are in one of the two, in their order, but for blank ones.
    left = iter(line for line in text.splitlines() if line.strip())
    assert all(line in left for line in rest.splitlines() if line.strip())
    kept = [line for part in (rest, taken) for line in part.splitlines() if line.strip()]
    assert sorted(kept) == sorted(line for line in text.splitlines() if line.strip())
    assert tomllib.loads(paste_feeds(rest, {"b": taken}))["feeds"].keys() == {"a", "b", "c"}
    back = paste_feeds(rest, {"b": taken}, behind=find_feed_before(text, {"b"}))
    assert list(tomllib.loads(back)["feeds"]) == list(tomllib.loads(text)["feeds"])


@given(documents(), documents())
def test_a_change_of_a_text_is_taken_back_to_the_byte(before: str, after: str) -> None:
    here, there = describe_edit(before, after)
    assert (take_back(after, there, here), take_back(before, here, there)) == (before, after)
    assert take_back(f"{after}#", there, here) is None
