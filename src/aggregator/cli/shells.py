"""``aggregator completion``: what a shell needs to complete commands, feeds, months and sections."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.base import Json, out, print_json
from aggregator.cli.completion import VARIABLE
from aggregator.exceptions import StorageError
from aggregator.locales import t

if TYPE_CHECKING:
    from collections.abc import Iterator

app = typer.Typer(name="completion", no_args_is_help=True, help="Let your shell complete commands, feeds and months.")


class Shell(StrEnum):
    """The shells that are known here."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


_Shell = Annotated[Shell | None, typer.Argument(help="By default that of the variable SHELL.", show_default=False)]

_MARK = "# aggregator completion"
# compdef is there only after compinit; -i asks nothing about folders that others may write.
_ZSH_FIRST = "(( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }\n"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the completion of a shell stands."""

    shell: Shell
    #: The script, and the file of the shell that reads it; fish finds it by itself.
    script: Path
    start: Path | None

    @property
    def line(self) -> str:
        """The line that reads the script."""
        quoted = "'" + str(self.script).replace("'", "'\\''") + "'"
        return f"[ ! -f {quoted} ] || . {quoted}  {_MARK}"


def find_place(shell: Shell, environment: Mapping[str, str], home: Path) -> Place:
    """Return where the completion of a shell belongs for the user with this *home*; pure."""
    settings = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    if shell is Shell.FISH:
        return Place(shell, settings / "fish" / "completions" / "aggregator.fish", None)
    start = home / ".bashrc" if shell is Shell.BASH else Path(environment.get("ZDOTDIR") or home) / ".zshrc"
    return Place(shell, settings / "aggregator" / f"completion.{shell}", start)


@app.command()
def install(
    shell: _Shell = None,
    show: Annotated[bool, typer.Option("--show", help="Only show what would be written, and where.")] = False,
    as_json: Json = False,
) -> None:
    """Write the completion of your shell, and one line into its start file; again, it changes nothing."""
    place = _find(shell)
    wanted = {place.script: _write_script(place.shell).encode()}
    if place.start:
        wanted[place.start] = _add_line(_read(place.start), place.line)
    if show:
        return _show(place)
    changed = [file for file, content in wanted.items() if _replace(file, content)]
    if as_json:
        return print_json({"shell": place.shell, "changed": changed})
    for file in changed:
        out.print(t("{file} is written.", file=file), soft_wrap=True)
    if not changed:
        return out.print(t("Completion for {shell} is installed already.", shell=place.shell))
    return out.print(t("Begin a new {shell} to use it.", shell=place.shell))


@app.command()
def remove(shell: _Shell = None, as_json: Json = False) -> None:
    """Take back what `completion install` wrote."""
    place, changed = _find(shell), []
    if place.start and (before := _read(place.start)) and _replace(place.start, _drop_line(before)):
        changed.append(place.start)
    if place.script.is_file():
        _delete(place.script)
        changed.append(place.script)
    if as_json:
        return print_json({"shell": place.shell, "changed": changed})
    for file in changed:
        out.print(t("{file}: completion is taken out.", file=file), soft_wrap=True)
    if not changed:
        out.print(t("No completion for {shell} is installed.", shell=place.shell))
    return None


def _find(shell: Shell | None) -> Place:
    name = Path(os.environ.get("SHELL", "")).name
    if shell is None and name not in set(Shell):
        raise typer.BadParameter(t("name your shell: {shells}", shells=", ".join(Shell)))
    return find_place(shell or Shell(name), os.environ, Path.home())


def _show(place: Place) -> None:
    for part in _list_shown(place):
        typer.echo(part)


def _list_shown(place: Place) -> Iterator[str]:
    """Both files as a shell would read them, each under its name."""
    yield f"# {place.script}"
    yield _write_script(place.shell)
    if place.start:
        yield f"# {place.start}"
        yield place.line


def _write_script(shell: Shell) -> str:
    from typer.completion import get_completion_script  # type: ignore[attr-defined]

    script = get_completion_script(prog_name="aggregator", complete_var=VARIABLE, shell=str(shell))
    return f"{_ZSH_FIRST if shell is Shell.ZSH else ''}{script}\n"


def _add_line(content: bytes, line: str) -> bytes:
    """Put the line behind a start file, or in the place of an earlier one."""
    kept = _drop_line(content)
    end = b"" if not kept or kept.endswith(b"\n") else b"\n"
    return kept + end + os.fsencode(line) + b"\n"


def _drop_line(content: bytes) -> bytes:
    mark = _MARK.encode()
    return b"".join(line for line in content.splitlines(keepends=True) if not line.rstrip().endswith(mark))


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise StorageError(t("{path} cannot be read: {error}", path=file, error=error.strerror)) from error


def _replace(file: Path, content: bytes) -> bool:
    """Write a file if that changes it; a link to another file stays one."""
    from aggregator.files import write_whole

    if file.is_file() and _read(file) == content:
        return False
    mode = file.stat().st_mode & 0o777 if file.is_file() else 0o644
    write_whole(file.resolve(), lambda opened: opened.write(content), mode=mode)
    return True


def _delete(file: Path) -> None:
    try:
        file.unlink()
    except OSError as error:
        raise StorageError(t("{path} cannot be written: {error}", path=file, error=error.strerror)) from error
