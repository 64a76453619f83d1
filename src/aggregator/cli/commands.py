"""The tree of all commands.

A command's module is imported when the command is called. Help and completion only need the names and help texts in
this file.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from aggregator.cli.options import LogFormat, Options
from aggregator.locales import t

app = typer.Typer(
    no_args_is_help=True,
    help="Collects, sorts and ranks blog posts for the curator of a digest.",
)

#: By name: the module, and the first line of the help. A test checks that the module says the same.
COMMANDS = {
    "run": ("run", "Run the daemon: visit feeds, classify, rank, draft the month, and serve the page."),
    "status": ("status", "Show how the daemon, its cluster, the feeds, the open months, the model and the disk are."),
    "login-link": ("login", "Show the link that logs in to the page of the running daemon."),
    "password": ("password", "Set the password of the page, or remove it; all sessions end."),
    "sessions": ("sessions", "List the browsers that are logged in to the page, and end their sessions."),
    "token": ("tokens", "Add, list and remove the tokens of the API."),
    "demo": ("run", "Serve sample feeds on this machine and run all stages on them, offline."),
    "adopt": ("adopting", "Read a list that was kept elsewhere, and go on with it in a new home."),
    "search": ("search", "Search all posts ever seen, including rejected and printed ones."),
    "add": ("adding", "Add a post by its address: it is read, and becomes a candidate."),
    "queue": ("review", "Show the ranked candidates of a month."),
    "approve": ("review", "Approve posts for the digest."),
    "reject": ("review", "Keep posts out of the digest, with a reason."),
    "hold": ("review", "Put posts aside, to decide later."),
    "section": ("review", "Set the section of posts, without a verdict."),
    "star": ("review", "Make approved posts highlights of their month."),
    "unstar": ("review", "Make highlights ordinary lines again."),
    "not-a-post": (
        "review",
        "Reject pages that are not posts, such as those that wait for a date; nothing is learned from them.",
    ),
    "undo": ("review", "Take back your last action, of any kind; repeat for the one before it."),
    "redo": ("review", "Bring back what you undid last."),
    "waiting": ("review", "Show the posts that are not candidates yet: dated in the future, or without a date."),
    "series": ("series", "Show the series of a post, and the note that links to its earlier parts."),
    "sequels": ("series", "Show what was printed that a post follows, and the note that links back."),
    "month": ("review", "Set the month of a post; a post that waits for a date joins the candidates."),
    "why": (
        "why",
        "Show the clues for a post's section and for the runner-up, and similar decided posts.",
    ),
    "visit": ("stages", "Visit feeds and store what is new."),
    "classify": (
        "stages",
        "Guess the section of every new post, and again of undecided posts after a change of the model.",
    ),
    "rank": ("stages", "Score the candidates of a month and choose its shortlist."),
    "feeds": ("feeds", "Find, add, check, visit, pause, change and move feeds."),
    "digest": ("digest", "Read, show and print digests."),
    "verify": ("verify", "Compare a page with the receipts of its lines; exit code 1 if something differs."),
    "model": ("model", "List, fit and choose versions of the section model."),
    "evaluate": ("evaluate", "Measure guesses and ranking on posts that were not learned from."),
    "talk": ("talk", "Show and ask what other places say of posts."),
    "posts": ("posts", "Join and separate copies, and see what a post offers for its note."),
    "suggestions": ("readers", "Show what readers have suggested, read it now, and answer."),
    "invitations": (
        "readers",
        "Give out links without a login: to suggest posts, or to read a draft and remark on it.",
    ),
    "notices": ("notices", "Show where notices are sent, of what and when; the URLs stay secret."),
    "roundups": ("roundups", "Show and read what round-ups link to: feeds of that kind, and mails in a folder."),
    "weights": ("weights", "Show and set what counts in the ranking, over feeds.toml."),
    "cluster": ("cluster", "Run workers and a scheduler for a home that out-grows one machine, and show them."),
    "db": ("db", "Back up, move, check and thin out all that is stored."),
    "rules": ("rules", "Rules of your own: points, a section, mute, always show."),
    "completion": ("shells", "Let your shell complete commands, feeds and months."),
}


class Command(TyperCommand):
    """A command, or a group of commands, whose module is imported when it is called."""

    def __init__(self, name: str, module: str, help: str) -> None:
        super().__init__(name, help=help)
        self.name: str = name
        self._module = module

    def load(self) -> TyperCommand | TyperGroup:
        """Import and return the command itself."""
        group = _load_group(self._module)
        found: Any = group if group.name == self.name else group.commands[self.name]
        _translate(found)
        return found  # type: ignore[no-any-return]

    def make_context(self, *arguments: Any, **named: Any) -> Any:
        return self.load().make_context(*arguments, **named)


@cache
def _load_group(module: str) -> TyperGroup:
    return get_group(import_module(f"aggregator.cli.{module}").app)


def build_tree() -> TyperGroup:
    """Build the tree of all commands without loading them."""
    tree = get_command(app)
    if not isinstance(tree, TyperGroup):
        raise AssertionError("the main callback makes the commands a group")
    # `completion` does the same, and takes it back.
    tree.params = [each for each in tree.params if each.name not in {"install_completion", "show_completion"}]
    for name, (module, text) in COMMANDS.items():
        tree.add_command(Command(name, module, text))
    _translate(tree)
    return tree


def list_help(tree: TyperGroup) -> Iterator[str]:
    """List all help texts, which are translated when a command is called."""
    for thing in _list_helped(tree):
        if thing.help:
            yield thing.help
    for command in tree.commands.values():
        if isinstance(command, Command):
            yield from (thing.help for thing in _list_helped(command.load()) if thing.help)


def _translate(command: Any) -> None:
    for thing in _list_helped(command):
        if thing.help:
            thing.help = t(thing.help)


def _list_helped(command: Any) -> Iterator[Any]:
    """List a command, its parameters and its own commands: all that have a help text."""
    yield command
    yield from (parameter for parameter in command.params if getattr(parameter, "help", None))
    for below in getattr(command, "commands", {}).values():
        yield from _list_helped(below)


def _print_version(wanted: bool) -> None:
    if wanted:
        from aggregator.build import describe_program

        typer.echo(describe_program())
        raise typer.Exit


@app.callback()
def main(
    context: typer.Context,
    home: Annotated[
        Path | None,
        typer.Option(help="Folder of all state; by default AGGREGATOR_HOME, or the platform's data folder."),
    ] = None,
    feeds_file: Annotated[Path | None, typer.Option("--feeds", help="The feeds.toml to use.")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log what is done.")] = False,
    log_format: Annotated[
        LogFormat | None, typer.Option(help="Format of the log; by default logs.format of feeds.toml.")
    ] = None,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show version, commit and tables."),
    ] = False,
) -> None:
    context.obj = Options(home, feeds_file, verbose, log_format)
