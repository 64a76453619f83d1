"""Commits files in the git work trees that they are in, reads their history, and makes one: the only module that calls
git. It never pushes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from aggregator.exceptions import WorkTreeError
from aggregator.locales import mark, t
from aggregator.processes import run_program

# Hooks included.
_SECONDS = 30
# What git and its hooks need of the environment; they do not get the secrets that feeds and notices have there.
_PASSED = {"PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "XDG_CONFIG_HOME", "SSH_AUTH_SOCK", "GNUPGHOME"}
_PASSED_BEGIN = ("GIT_AUTHOR_", "GIT_COMMITTER_", "GIT_CONFIG_")
_NOT_ASKED = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C.UTF-8", "LANGUAGE": ""}
_NO_IDENTITY = ("tell me who you are", "empty ident name", "no email was given")
#: Why a commit fails, to be said again in another language.
FAILURES = (
    mark("git did not end within {seconds} seconds in {folder}"),
    mark("git cannot be called: {error}"),
    mark("git does not know who commits; say it with `git config user.name` and `git config user.email`"),
    mark("git refused in {folder}: {said}"),
    mark("what is printed is not in a git work tree: {files}"),
)
# Characters of what git says.
_MOST_SAID = 1000
_MOST_OUTPUT = 1_000_000
_SECONDS_OF_HISTORY = 300
# Bytes of a history; of a longer one the oldest commits are not read.
_MOST_HISTORY = 100_000_000


def is_in_work_tree(file: Path) -> bool:
    """Whether a file is in a work tree, as far as its folders tell; git is not asked."""
    return any((folder / ".git").exists() for folder in file.resolve().parents)


def commit(files: Iterable[Path], message: str) -> list[Path]:
    """Commit what has changed of some files, and nothing else: other files, and what is staged, stay as they are.

    Files that are missing, ignored or in no work tree are left out. Returns the files that were committed; empty if all
    are as in the last commit. Raises WorkTreeError if git is missing, refuses or takes too long, as its hooks may.
    """
    by_folder: dict[Path, list[str]] = {}
    for file in dict.fromkeys(file.resolve() for file in files):
        if file.is_file() and is_in_work_tree(file):
            by_folder.setdefault(file.parent, []).append(str(file))
    # Many files share a folder, such as the feeds of all sections.
    by_tree: dict[Path, list[str]] = {}
    for folder, names in by_folder.items():
        tree = Path(os.fsdecode(_call(folder, "rev-parse", "--show-toplevel").removesuffix(b"\n")))
        by_tree.setdefault(tree, []).extend(names)
    return [file for tree, names in by_tree.items() for file in _commit_in(tree, names, message)]


def read_history(file: Path, form: str) -> list[str]:
    """Read what was added to a file or folder in each commit, also under earlier names of a file: lines of patches, the
    newest commit first, each after a line of the *form*. Empty if it is in no work tree, or if nothing was
    committed there. What a shallow clone begins with is left out, for it may be older.

    Raises WorkTreeError as ``commit``.
    """
    file = file.resolve()
    folder, name, follow = (file, ".", ()) if file.is_dir() else (file.parent, file.name, ("--follow",))
    if not is_in_work_tree(folder / "any") or not _call(folder, "rev-list", "--all", "--max-count=1"):
        return []
    asked = ("log", "--patch", "--unified=0", "--no-color", "--no-ext-diff", "--no-textconv", f"--format={form}")
    begun = () if _call(folder, "rev-parse", "--is-shallow-repository").strip() == b"false" else ("--min-parents=1",)
    said = _call(folder, *asked, *begun, *follow, "--", name, most=_MOST_HISTORY, seconds=_SECONDS_OF_HISTORY)
    return said.decode(errors="replace").split("\n")


def write_history(folder: Path, author: str, commits: Iterable[tuple[datetime, str, Mapping[str, str]]]) -> None:
    """Make a work tree of a folder that is new, or is one without its files. Each commit is its moment, its message and
    the texts of the files that it adds, by name; *author* is such as ``Mina <mina@mina.example>``.

    Raises WorkTreeError as ``commit``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryFile() as stream:
        for moment, message, texts in commits:
            said = f"commit refs/heads/main\ncommitter {author} {moment.timestamp():.0f} +0000\n".encode()
            stream.write(said + _write_data(message))
            for name, text in texts.items():
                stream.write(f"M 100644 inline {name}\n".encode() + _write_data(text))
        stream.seek(0)
        _call(folder, "init", "--quiet")
        _call(folder, "symbolic-ref", "HEAD", "refs/heads/main")
        _call(folder, "fast-import", "--quiet", "--force", given=stream)
    _call(folder, "reset", "--quiet", "--hard")


def _write_data(text: str) -> bytes:
    data = text.encode()
    return b"data %d\n%s\n" % (len(data), data)


def _commit_in(tree: Path, names: Sequence[str], message: str) -> list[Path]:
    found = _call(tree, "status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--", *names)
    states = [(state[:2], os.fsdecode(state[3:])) for state in found.split(b"\0") if state]
    changed = list(dict.fromkeys(name for _, name in states))
    new = [name for state, name in states if state == b"??"]
    if not changed:
        return []
    if new:
        # Only their names: what is to be committed is read by the commit.
        _call(tree, "add", "--intent-to-add", "--", *new)
    try:
        _call(tree, "commit", "--quiet", "--only", f"--message={message}", "--", *changed)
    except WorkTreeError:
        if new:
            _call(tree, "reset", "--quiet", "--", *new)
        raise
    return [tree / name for name in changed]


def _call(
    folder: Path,
    *arguments: str,
    most: int = _MOST_OUTPUT,
    seconds: float | None = None,
    given: IO[bytes] | None = None,
) -> bytes:
    seconds = seconds or _SECONDS
    passed = {name: value for name, value in os.environ.items() if name in _PASSED or name.startswith(_PASSED_BEGIN)}
    command = ("git", "--literal-pathspecs", *arguments)
    try:
        code, out, err = run_program(
            command, folder=folder, environment=passed | _NOT_ASKED, seconds=seconds, most_output=most, given=given
        )
    except TimeoutError as error:
        raise WorkTreeError(
            t("git did not end within {seconds} seconds in {folder}", seconds=seconds, folder=folder)
        ) from error
    except OSError as error:
        raise WorkTreeError(t("git cannot be called: {error}", error=error.strerror)) from error
    if code == 0:
        return out
    said = "".join(
        each for each in (err.strip() or out.strip()).decode(errors="replace") if each.isprintable() or each == "\n"
    )
    if any(sign in said for sign in _NO_IDENTITY):
        raise WorkTreeError(
            t("git does not know who commits; say it with `git config user.name` and `git config user.email`")
        )
    raise WorkTreeError(t("git refused in {folder}: {said}", folder=folder, said=said[-_MOST_SAID:]))
