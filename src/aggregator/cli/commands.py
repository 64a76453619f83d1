"""The tree of all commands.

What a command needs is imported when it is called: of the others, help and completion know the names alone, which
stand here.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from aggregator import __version__
from aggregator.cli.options import LogFormat, Options

app = typer.Typer(
    no_args_is_help=True,
    help="Collects, sorts and ranks blog posts for the curator of a monthly AI & ML digest.",
)

#: By name: the module, and the first line of the help, which a test holds to what the module says.
COMMANDS = {
    "run": ("run", "Run the daemon: visit feeds, classify, rank, draft the month, and serve the page."),
    "login-link": ("login", "Show the link that logs in to the page."),
    "sessions": ("sessions", "In which browsers the page is open, and ending that."),
    "demo": ("run", "Play sample feeds on this machine and run the whole road on them, offline."),
    "search": ("search", "Find posts among all that were ever seen, rejected and printed ones too."),
    "queue": ("review", "Show the ranked candidates of a month."),
    "approve": ("review", "Let posts into the digest."),
    "reject": ("review", "Keep a post out of the digest, with a reason."),
    "hold": ("review", "Put a post aside, to be decided later."),
    "undo": ("review", "Take back your last action, of any kind; again for the one before it."),
    "redo": ("review", "Bring back what you undid last."),
    "waiting": ("review", "Show the posts that are not candidates yet: dated in the future, or without a date."),
    "series": ("series", "Show the series that a post is a part of, and the note that leads to its earlier parts."),
    "month": ("review", "Give a post the month that you know; one that waits for a date joins the candidates."),
    "why": (
        "why",
        "Show what spoke for a post's section and for the next one, and the decided posts that are like it.",
    ),
    "visit": ("stages", "Visit feeds and store what is new."),
    "classify": (
        "stages",
        "Guess the section of every post that is new, and anew of undecided ones after a change of the model.",
    ),
    "rank": ("stages", "Score the candidates of a month and choose its shortlist."),
    "feeds": ("feeds", "The feeds that are followed: how they are, and what is done to them."),
    "digest": ("digest", "Digests: read, looked at, printed."),
    "model": ("model", "The model of sections: looked at, fitted, chosen."),
    "evaluate": ("evaluate", "How good guesses are, measured on posts that were not learned from."),
    "posts": ("posts", "What is the same article, and what is not."),
    "weights": ("weights", "What counts in the ranking, over feeds.toml."),
    "rules": ("rules", "Rules of your own: points, a section, mute, always show."),
}


class Command(TyperCommand):
    """A command, or a group of commands, of a module that is imported when it is called."""

    def __init__(self, name: str, module: str, help: str) -> None:
        super().__init__(name, help=help)
        self.name: str = name
        self._module = module

    def load(self) -> TyperCommand | TyperGroup:
        """The command itself."""
        group = _load_group(self._module)
        found: Any = group if group.name == self.name else group.commands[self.name]
        return found  # type: ignore[no-any-return]

    def make_context(self, *arguments: Any, **named: Any) -> Any:
        return self.load().make_context(*arguments, **named)


@cache
def _load_group(module: str) -> TyperGroup:
    return get_group(import_module(f"aggregator.cli.{module}").app)


def build_tree() -> TyperGroup:
    """All commands, none of them loaded."""
    tree = get_command(app)
    if not isinstance(tree, TyperGroup):
        raise AssertionError("what stands before the commands makes a group of them")
    for name, (module, text) in COMMANDS.items():
        tree.add_command(Command(name, module, text))
    return tree


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def main(
    context: typer.Context,
    home: Annotated[
        Path | None, typer.Option(help="Folder of all state; AGGREGATOR_HOME and the platform's data folder otherwise.")
    ] = None,
    feeds_file: Annotated[Path | None, typer.Option("--feeds", help="The feeds.toml to use.")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Tell what is done.")] = False,
    log_format: Annotated[
        LogFormat | None, typer.Option(help="How a line of the log looks; otherwise logs.format of feeds.toml.")
    ] = None,
    version: Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True)] = False,
) -> None:
    context.obj = Options(home, feeds_file, verbose, log_format)
