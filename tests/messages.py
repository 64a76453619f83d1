"""Brings the catalogues of src/aggregator/locales up to date with the sentences of the source: ``make messages``.

It shows what has no translation yet. The sentences are found where they are said (``t``, ``tn``, ``tp``, ``mark`` in
Python, templates and scripts), and in the help of the commands.
"""

from __future__ import annotations

import ast
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from aggregator.locales import DOMAIN, ENGLISH, FOLDER, LANGUAGES

SOURCE = FOLDER.parent
_KEYWORDS = {"t": None, "tn": (1, 2), "tp": ((1, "c"), 2), "mark": None}
_CALL = re.compile(rf"\b(?:{'|'.join(_KEYWORDS)})\(".encode())


def walk_saying(source: bytes) -> Iterator[ast.AST]:
    """All that stands in a module; nothing if it says no sentence, for to take it apart takes long."""
    return ast.walk(ast.parse(source)) if _CALL.search(source) else iter(())


def _extract_python(file: BinaryIO, keywords: Any, _comments: Any, options: Any) -> Iterator[Any]:
    """As Babel's own, which takes three times as long, because it reads Python in Python."""
    calls = [node for node in walk_saying(file.read()) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        name = getattr(call.func, "id", getattr(call.func, "attr", None))
        if name in keywords and call.args:
            said = (node.value if isinstance(node, ast.Constant) else None for node in call.args)
            yield call.lineno, name, tuple(text if isinstance(text, str) else None for text in said), []


_METHODS = [("**.py", _extract_python), ("**.html", "jinja2"), ("**.js", "javascript")]


def find_messages() -> Catalog:
    """Find all sentences, each with the files that say it."""
    catalog = Catalog(charset="utf-8")
    for place, _line, message, _comments, context in extract_from_dir(SOURCE, _METHODS, keywords=_KEYWORDS):
        catalog.add(message, locations=[(place, 0)], context=context)
    for text in _list_help():
        catalog.add(text, locations=[("cli", 0)])
    return catalog


def _list_help() -> Iterator[str]:
    """The help of every command and option, as translated by aggregator.cli.commands."""
    from aggregator.cli.commands import build_tree, list_help

    yield from list_help(build_tree())


def name_catalogue(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read_catalogue(language: str) -> Catalog:
    with name_catalogue(language).open("rb") as file:
        return read_po(file, locale=language)


def list_missing(catalogue: Catalog) -> list[Message]:
    """List the messages that have no translation, or only a guessed one."""
    return [one for one in catalogue if one.id and (one.fuzzy or not all(list_strings(one)))]


def list_strings(message: Message) -> list[str]:
    return list(message.string) if isinstance(message.string, tuple | list) else [message.string or ""]


def compile_catalogue(catalogue: Catalog) -> bytes:
    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def main() -> None:
    found = find_messages()
    for language in sorted(LANGUAGES.keys() - {ENGLISH}):
        place = name_catalogue(language)
        catalogue = read_catalogue(language)
        catalogue.project, catalogue.version, catalogue.msgid_bugs_address = "aggregator", "", ""
        catalogue.last_translator = catalogue.language_team = "the aggregator authors"
        catalogue.update(found, no_fuzzy_matching=True, update_header_comment=False, update_creation_date=False)
        with place.open("wb") as file:
            write_po(file, catalogue, width=120, sort_output=True, ignore_obsolete=True, include_lineno=False)
        place.with_suffix(".mo").write_bytes(compile_catalogue(catalogue))
        missing = list_missing(catalogue)
        for message in missing:
            sys.stdout.write(f"{language}: not translated: {message.id!r}\n")
        sys.stdout.write(f"{language}: {len(catalogue)} messages, {len(missing)} not translated\n")


if __name__ == "__main__":
    main()
