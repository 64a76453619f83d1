"""``aggregator completion``, in the shells themselves where they are installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from aggregator.cli.shells import Shell, find_place

Call = Callable[..., subprocess.CompletedProcess[str]]

FEEDS = "".join(f'[feeds.{key}]\nname = "{key}"\nurl = "https://{key}.example/feed"\n' for key in ("hanbit", "haneul"))


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a user who has the program, and whose bash says hello."""
    for name in ("XDG_CONFIG_HOME", "ZDOTDIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SHELL", "/bin/bash")
    monkeypatch.setenv("AGGREGATOR_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    (tmp_path / "feeds.toml").write_text(FEEDS)
    (tmp_path / ".bashrc").write_text("echo hello")
    return tmp_path


def ask(*words: str) -> list[str]:
    """What a shell prints."""
    if not shutil.which(words[0]):
        pytest.skip(f"{words[0]} is not installed")
    return subprocess.run(words, capture_output=True, text=True, check=True, timeout=30).stdout.split("\n")[:-1]


def test_bash_completes_a_feed_after_one_command(user: Path, call_console: Call) -> None:
    told = call_console("completion", "install").stdout
    script = user / ".config" / "aggregator" / "completion.bash"
    assert told == f"{script} is written.\n{user / '.bashrc'} is written.\nBegin a new bash to use it.\n"
    line = "aggregator feeds pause ha"
    asked = f'COMP_WORDS=({line}); COMP_CWORD=3; _aggregator_completion aggregator; printf "%s\\n" "${{COMPREPLY[@]}}"'
    said = ask("bash", "--norc", "-c", f". ~/.bashrc; complete -p aggregator; {asked}")
    assert said == ["hello", "complete -o default -F _aggregator_completion aggregator", "hanbit", "haneul"]


def test_fish_completes_a_feed(user: Path, call_console: Call) -> None:
    call_console("completion", "install", "fish")
    assert ask("fish", "-c", "complete -C 'aggregator feeds pause ha'") == ["hanbit", "haneul"]


def test_zsh_completes_with_or_without_completion_of_its_own(user: Path, call_console: Call) -> None:
    call_console("completion", "install", "zsh")
    assert ask("zsh", "-fc", ". ~/.zshrc; print $_comps[aggregator]") == ["_aggregator_completion"]


def test_a_second_run_changes_nothing_and_remove_takes_back(user: Path, call_console: Call) -> None:
    linked = user / "dotfiles"
    (user / ".bashrc").rename(linked)
    (user / ".bashrc").symlink_to(linked)
    linked.chmod(0o600)
    first = json.loads(call_console("completion", "install", "--json").stdout)
    assert first["changed"] == [str(user / ".config/aggregator/completion.bash"), str(user / ".bashrc")]
    before = linked.read_text()
    assert call_console("completion", "install").stdout == "Completion for bash is installed already.\n"
    assert linked.read_text() == before
    assert (user / ".bashrc").is_symlink()
    assert linked.stat().st_mode & 0o777 == 0o600
    call_console("completion", "remove")
    assert linked.read_text() == "echo hello\n"
    assert not (user / ".config/aggregator/completion.bash").exists()
    assert call_console("completion", "remove").stdout == "No completion for bash is installed.\n"


@pytest.mark.parametrize("shell", Shell)
def test_what_would_be_written_is_shown_and_not_written(user: Path, call_console: Call, shell: Shell) -> None:
    shown = call_console("completion", "install", str(shell), "--show").stdout
    place = find_place(shell, {}, user)
    assert f"# {place.script}\n" in shown
    assert "complete" in shown
    assert (place.line in shown) is (place.start is not None)
    assert sorted(file.name for file in user.iterdir()) == [".bashrc", "feeds.toml"]


def test_folders_that_the_user_chose_are_taken(tmp_path: Path) -> None:
    chosen = {"XDG_CONFIG_HOME": "/chosen", "ZDOTDIR": "/z"}
    assert find_place(Shell.FISH, chosen, tmp_path).script == Path("/chosen/fish/completions/aggregator.fish")
    assert find_place(Shell.ZSH, chosen, tmp_path).start == Path("/z/.zshrc")
    place = find_place(Shell.BASH, {"XDG_CONFIG_HOME": "/a b'c"}, tmp_path)
    assert subprocess.run(["bash", "-c", place.line], check=True, capture_output=True).stderr == b""
