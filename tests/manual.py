"""Makes the page of the manual, docs/aggregator.1, from the tree of the commands and their help: ``make man``."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from aggregator import __version__
from aggregator.cli.commands import Command, build_tree

_ROOT = Path(__file__).parents[1]
FILE = _ROOT / "docs" / "aggregator.1"
CHANGES = _ROOT / "CHANGELOG.md"

_ENVIRONMENT = {
    "AGGREGATOR_HOME": "The folder of all state.",
    "AGGREGATOR_FEEDS": "The feeds.toml to use.",
    "AGGREGATOR_…": "Any setting of feeds.toml, such as AGGREGATOR_SERVER_PORT for server.port.",
}
_STATUS = {
    "0": "All went well.",
    "1": "It failed, and standard error says why; a check found something.",
    "2": "The command or its options are wrong.",
    "3": "`feeds check`: the alarm is on.",
}


def write_manual() -> str:
    """Write the page in roff, as man(7) describes it; the same for the same program."""
    return "\n".join(_list_lines()) + "\n"


def _list_lines() -> Iterator[str]:
    tree = build_tree()
    context = typer.Context(tree, info_name="aggregator")
    yield '.\\" Made by `make man` from the help of the commands.'
    yield f'.TH AGGREGATOR 1 {_find_day()} "aggregator {__version__}" "User Commands"'
    yield from (".SH NAME", _wrap(f"aggregator - {_uncapitalise(tree.help or '')}"))
    yield from (".SH SYNOPSIS", ".B aggregator", "[\\fIOPTIONS\\fR] \\fICOMMAND\\fR [\\fIARGUMENTS\\fR]")
    yield ".SH OPTIONS"
    yield from _describe_parameters(tree, context)
    yield ".SH COMMANDS"
    for name, command in tree.commands.items():
        whole = command.load() if isinstance(command, Command) else command
        yield from _describe(whole, typer.Context(whole, info_name=name, parent=context))
    for head, told in (("ENVIRONMENT", _ENVIRONMENT), ("EXIT STATUS", _STATUS)):
        yield f".SH {head}"
        yield from _list(told.items())


def _find_day() -> str:
    """When this version was released, as the changelog says."""
    found = re.search(rf"^## \[{re.escape(__version__)}\] - (\S+)$", CHANGES.read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else "unreleased"


def _describe(command: Any, context: typer.Context) -> Iterator[str]:
    """A command as a subsection, and each command of a group as one of its own."""
    if command.hidden:
        return
    if below := getattr(command, "commands", None):
        for name, one in below.items():
            yield from _describe(one, typer.Context(one, info_name=name, parent=context))
        return
    usage = " ".join(part.strip("{}") for part in command.collect_usage_pieces(context) if part != "[OPTIONS]")
    path = context.command_path.removeprefix("aggregator ")
    yield f'.SS "{_escape(f"{path} {usage}".strip())}"'
    yield _wrap(command.help or "")
    yield from _describe_parameters(command, context)


def _describe_parameters(command: Any, context: typer.Context) -> Iterator[str]:
    records = (parameter.get_help_record(context) for parameter in command.get_params(context))
    yield from _list((said, text) for said, text in filter(None, records) if not said.startswith("--help"))


def _list(told: Any) -> Iterator[str]:
    for term, text in told:
        yield from (".TP", f"\\fB{_escape(term)}\\fR", _wrap(text))


def _uncapitalise(text: str) -> str:
    return text[:1].lower() + text[1:].rstrip(".")


def _escape(text: str) -> str:
    """Let no sign of a text mean something to roff."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq").replace("`", "\\(ga")
    escaped = escaped.replace("'", "\\(aq").replace("…", "...")
    # A dot at the beginning of a line would be a request.
    return f"\\&{escaped}" if escaped.startswith(".") else escaped


def _wrap(text: str) -> str:
    lines = textwrap.wrap(text, 72, break_long_words=False, break_on_hyphens=False)
    return "\n".join(_escape(line) for line in lines)


if __name__ == "__main__":
    FILE.write_text(write_manual(), encoding="ascii")
