"""feeds.toml as a document: a feed is added, changed, renamed or removed, and comments, order and spacing of everything
else stay byte for byte. Owns tomlkit.

The text is cut into blocks, one for each table, and only the blocks of one feed are touched. What comes out is read
again and compared with what was meant, so that a file that is written in another way (feeds as inline tables or dotted
keys) is refused and not harmed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import tomlkit

from aggregator.config.mistakes import find_line
from aggregator.exceptions import ConfigError, NotFoundError
from aggregator.locales import t

_BOM = "\ufeff"
# A string that is not closed reaches to the end of its line, or of the text: nothing is read twice.
_PIECE = re.compile(
    r'''"""(?:[^"\\]|\\.|"(?!""))*+(?:"{3,5}|\Z)|\'\'\'(?:[^']|'(?!''))*+(?:'{3,5}|\Z)'''
    r"""|"(?:[^"\\\n]|\\.)*+(?:"|(?=\n)|\Z)|'[^'\n]*+(?:'|(?=\n)|\Z)"""
    r"""|\#[^\n]*+|[\[{]|[\]}]|\n|[^"'\#\[\]{}\n]++|.""",
    re.DOTALL,
)
_HEADER = re.compile(r"(\s*+\[++)[^\]]*+(\]++.*+)", re.DOTALL)
_NAME = re.compile(r"""(?<![\w-])(["']?)([\w-]++)\1(?=[ \t]{0,50}=)""")
_BARE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(slots=True)
class _Block:
    """A table with the comment right above it; the first block is what stands before all tables."""

    path: tuple[str, ...]
    above: list[str]
    #: The header and the fields, with their comments.
    lines: list[str]
    #: Blank lines and comments before the next block that belong to neither.
    below: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join((*self.above, *self.lines))


def add_feed(text: str, key: str, table: Mapping[str, Any]) -> str:
    """Return the document with a feed at its end. Values of None are left out. Raises ConfigError."""
    return paste_feeds(text, {key: write_feed(key, table)})


def write_feed(key: str, table: Mapping[str, Any]) -> str:
    """The table of a feed, as ``paste_feeds`` takes it. Values of None are left out."""
    given = {name: value for name, value in table.items() if value is not None}
    said = tomlkit.document()
    said["feeds"] = tomlkit.table(is_super_table=True)
    said["feeds"].add(key, tomlkit.item(given))
    return said.as_string()


def paste_feeds(text: str, blocks: Mapping[str, str], *, behind: str | None = None) -> str:
    """Return it with more tables of feeds, by key as ``list_tables`` gives them: at its end, or *behind* another feed
    if that is there. Raises ConfigError.
    """
    data, end = _load(text), _find_line_end(text)
    known = _feeds_of(data)
    if again := next((key for key in blocks if key in known), None):
        raise ConfigError(t("a feed has this key already"), file="feeds.toml", key=f"feeds.{again}")
    given = {key: tomllib.loads(block)["feeds"][key] for key, block in blocks.items()}
    before, rest = _split_behind(text, behind)
    before = before if not before.strip(_BOM) or before.endswith("\n") else before + end
    gap = end if before.strip(f"{_BOM}\r\n") and not before.endswith(end * 2) else ""
    added = "\n".join(block if block.endswith("\n") else f"{block}\n" for block in blocks.values())
    after = before + gap + re.sub(r"\r?\n", end, added) + (end if rest.strip() else "") + rest
    return _check(text, after, {**data, "feeds": {**known, **given}}, next(iter(blocks), ""))


def change_feed(text: str, key: str, changes: Mapping[str, Any]) -> str:
    """Return the document with some fields of a feed changed; None takes a field out.

    Raises NotFoundError, and ConfigError if the feed is not written as a table of its own.
    """
    data = _load(text)
    feed = _get(data, key)
    expected = {name: value for name, value in (feed | dict(changes)).items() if value is not None}
    blocks = _cut(text)
    for number in reversed(range(len(blocks))):
        path = blocks[number].path
        if path[:2] == ("feeds", key) and len(path) > 2 and path[2] in changes:
            _remove(blocks, number)
    for block in blocks:
        if block.path == ("feeds", key):
            block.lines = [_change_block(block, key, changes, _find_line_end(text))]
    after = _join(text, blocks)
    return _check(text, after, {**data, "feeds": {**_feeds_of(data), key: expected}}, key)


def remove_feed(text: str, key: str) -> str:
    """Return the document without a feed and the comment right above it; what else stood around it stays.

    Raises NotFoundError, and ConfigError if the feed is not written as a table of its own.
    """
    data = _load(text)
    _get(data, key)
    blocks = _cut(text)
    for number in reversed(range(len(blocks))):
        if blocks[number].path[:2] == ("feeds", key):
            _remove(blocks, number)
    left = {name: feed for name, feed in _feeds_of(data).items() if name != key}
    expected = {**data, "feeds": left} if left else {name: each for name, each in data.items() if name != "feeds"}
    return _check(text, _join(text, blocks), expected, key)


def list_tables(text: str, keys: Collection[str]) -> dict[str, str]:
    """The tables of some feeds with the comments right above them, by key in the order of the file."""
    found: dict[str, str] = {}
    for block in _cut(text):
        if block.path[:1] == ("feeds",) and block.path[1:2] and block.path[1] in keys:
            found[block.path[1]] = found.get(block.path[1], "") + block.text
    return found


def find_feed_before(text: str, keys: Collection[str]) -> str | None:
    """The key of the feed that stands before the first of *keys*; None if none does."""
    before = None
    for block in _cut(text):
        if block.path[:1] == ("feeds",) and block.path[1:2]:
            if block.path[1] in keys:
                return before
            before = block.path[1]
    return None


def rename_feed(text: str, key: str, new: str) -> str:
    """Return the document with another key of a feed, also where ``shortlist.sources`` names it.

    Raises NotFoundError, and ConfigError if the new key is taken or the feed is not written as a table of its own.
    """
    data = _load(text)
    _get(data, key)
    if new in _feeds_of(data):
        raise ConfigError(t("a feed has this key already"), file="feeds.toml", key=f"feeds.{new}")
    blocks = _cut(text)
    for block in blocks:
        if block.path[:2] == ("feeds", key):
            path = ("feeds", new, *block.path[2:])
            name = ".".join(part if _BARE.fullmatch(part) else tomlkit.item(part).as_string() for part in path)
            if header := _HEADER.fullmatch(block.lines[0]):
                block.lines[0] = f"{header[1]}{name}{header[2]}"
        elif block.path and block.path[0] == "shortlist":
            block.lines = _rename_source(block, key, new)
    expected = {**data, "feeds": {new if each == key else each: feed for each, feed in _feeds_of(data).items()}}
    sources = data.get("shortlist", {}).get("sources", {})
    if key in sources:
        renamed = {new if each == key else each: size for each, size in sources.items()}
        expected["shortlist"] = {**data["shortlist"], "sources": renamed}
    return _check(text, _join(text, blocks), expected, key)


def keep_settings(text: str) -> str:
    """Return the document without its feeds and what stands among them. Raises ConfigError."""
    _load(text)
    blocks = _cut(text)
    first = next((at for at, block in enumerate(blocks) if block.path[:1] == ("feeds",)), len(blocks))
    kept = [block for block in blocks[:first] if block.path[:1] != ("feeds",)]
    if kept and first < len(blocks):
        # A comment that tells of the feeds below it.
        kept[-1].below = []
    return _join(text, kept).rstrip() + "\n"


def change_settings(text: str, changes: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the document with some settings of its tables; a value may be a table of its own. Raises ConfigError."""
    expected = _load(text)
    document: Any = tomlkit.parse(text)
    for name, values in changes.items():
        for key, value in values.items():
            item = tomlkit.item(value)
            if isinstance(value, dict) and value:
                # A blank line before the table that follows.
                list(item.values())[-1].add(tomlkit.nl())
            document.setdefault(name, tomlkit.table())[key] = item
            expected.setdefault(name, {})[key] = value
    return _check(text, document.as_string(), expected, "")


def _load(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text.removeprefix(_BOM))
    except (ValueError, RecursionError) as error:
        raise ConfigError(t("is not valid TOML: {error}", error=error), file="feeds.toml") from error


def _feeds_of(data: Mapping[str, Any]) -> dict[str, Any]:
    feeds = data.get("feeds", {})
    return feeds if isinstance(feeds, dict) else {}


def _get(data: Mapping[str, Any], key: str) -> dict[str, Any]:
    feed = _feeds_of(data).get(key)
    if not isinstance(feed, dict):
        raise NotFoundError(t("no feed of feeds.toml has the key {key}", key=repr(key)))
    return feed


def _check(before: str, after: str, expected: Mapping[str, Any], key: str) -> str:
    """The document if it says what was meant. Raises ConfigError."""
    try:
        is_meant = tomllib.loads(after.removeprefix(_BOM)) == expected
    except ValueError:
        is_meant = False
    if not is_meant:
        said = t("is not written as a table of its own, [feeds.{key}], so only you can change it", key=key)
        raise ConfigError(said, file="feeds.toml", key=f"feeds.{key}", line=find_line(before, ("feeds", key)))
    return after


def _find_line_end(text: str) -> str:
    return "\r\n" if text.partition("\n")[0].endswith("\r") else "\n"


# --- blocks ---


def _cut(text: str) -> list[_Block]:
    blocks, waiting = [_Block((), [], [])], list[str]()
    for line in _list_lines(text.removeprefix(_BOM)):
        said = line.strip()
        if not said or said.startswith("#"):
            waiting.append(line)
        elif said.startswith("["):
            above = _take_comment(waiting)
            _hand_out(blocks[-1], waiting)
            blocks.append(_Block(_read_path(said), above, [line]))
            waiting = []
        else:
            blocks[-1].lines += [*waiting, line]
            waiting = []
    _hand_out(blocks[-1], waiting)
    return blocks


def _list_lines(text: str) -> Iterator[str]:
    """The lines of a valid document; a value of several lines is one."""
    line, depth = list[str](), 0
    for match in _PIECE.finditer(text):
        piece = match[0]
        line.append(piece)
        if piece in "[{":
            depth += 1
        elif piece in "]}":
            depth -= 1
        elif piece == "\n" and depth == 0:
            yield "".join(line)
            line = []
    if line:
        yield "".join(line)


def _take_comment(waiting: list[str]) -> list[str]:
    """Take the comment right above a table out of the lines before it."""
    start = len(waiting)
    while start and waiting[start - 1].strip():
        start -= 1
    above = waiting[start:]
    del waiting[start:]
    return above


def _hand_out(block: _Block, waiting: list[str]) -> None:
    """Comments right below the fields of a block are its own."""
    own = 0
    while block.path and own < len(waiting) and waiting[own].strip():
        own += 1
    block.lines += waiting[:own]
    block.below = waiting[own:]


def _read_path(header: str) -> tuple[str, ...]:
    path, table = list[str](), tomllib.loads(header)
    while isinstance(table, dict) and table:
        ((name, table),) = table.items()
        path.append(name)
        table = table[0] if isinstance(table, list) else table
    return tuple(path)


def _split_behind(text: str, key: str | None) -> tuple[str, str]:
    """Cut the document behind the tables of a feed; without one that is there, at its end."""
    blocks = _cut(text)
    last = max((number for number, each in enumerate(blocks) if each.path[:2] == ("feeds", key)), default=-1)
    if last < 0:
        return text, ""
    kept = blocks[: last + 1]
    run = _count_blank(kept[-1].below)
    rest = "".join(kept[-1].below[run:]) + _join("", blocks[last + 1 :])
    kept[-1].below = kept[-1].below[:run]
    return _join(text, kept), rest


def _remove(blocks: list[_Block], number: int) -> None:
    """Take a block out. Of the blank lines around it the longer run stays; at the end of a file, none does."""
    block, before = blocks.pop(number), blocks[number - 1]
    run, after = _count_blank(reversed(before.below)), _count_blank(block.below)
    if (number == len(blocks) and after == len(block.below)) or run < after:
        del before.below[len(before.below) - run :]
    else:
        del block.below[:after]
    before.below += block.below


def _count_blank(lines: Any) -> int:
    number = 0
    for line in lines:
        if line.strip():
            break
        number += 1
    return number


def _join(text: str, blocks: list[_Block]) -> str:
    whole = "".join(line for block in blocks for line in (*block.above, *block.lines, *block.below))
    return _BOM + whole if text.startswith(_BOM) else whole


def _change_block(block: _Block, key: str, changes: Mapping[str, Any], end: str) -> str:
    lines = "".join(block.lines)
    is_open = not lines.endswith("\n")
    document = tomlkit.parse(lines + end if is_open else lines)
    feed: Any = document["feeds"][key]
    for name, value in changes.items():
        if value is None:
            feed.pop(name, None)
        else:
            feed[name] = value
    changed = re.sub(r"\r?\n", end, document.as_string())
    return changed.removesuffix(end) if is_open else changed


def _rename_source(block: _Block, key: str, new: str) -> list[str]:
    def rename(match: re.Match[str]) -> str:
        return new if match[2] == key else match[0]

    is_table = block.path == ("shortlist", "sources")
    return [
        _NAME.sub(rename, line) if is_table or line.lstrip().startswith("sources") else line for line in block.lines
    ]
