"""What is printed is committed where it lies in a git work tree: exactly these files, in a tree with work of its own."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from aggregator.app import App
from aggregator.exceptions import WorkTreeError
from aggregator.pipeline import commits, corrections, deliver, publish, review, work_tree
from aggregator.pipeline.printouts import Commit
from aggregator.storage.links import save_check
from aggregator.types import Decision, DigestState, LinkCheck, LinkState
from clock import Clock
from world import FEEDS, MONTH, fill, text_of, visit_page


class Tree:
    """A git work tree with something committed, something staged and something new."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.git("init", "--quiet")
        self.write(**{"README.md": "# Posts\n", "notes.txt": "one\n"})
        self.git("add", ".")
        self.git("commit", "--quiet", "--message=Begin")
        self.write(**{"notes.txt": "two\n"})
        self.git("add", ".")
        self.write(**{"notes.txt": "three\n", "new.txt": "new\n"})

    def git(self, *arguments: str) -> str:
        return subprocess.run(("git", *arguments), cwd=self.folder, check=True, capture_output=True, text=True).stdout

    def write(self, **files: str) -> None:
        for name, text in files.items():
            (self.folder / name).write_text(text, encoding="utf-8")

    def refuse(self) -> None:
        """Let a hook refuse all commits."""
        hook = self.folder / ".git/hooks/pre-commit"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\necho not today >&2\nexit 1\n", encoding="utf-8")
        hook.chmod(0o755)

    @property
    def state(self) -> list[str]:
        return self.git("status", "--porcelain").splitlines()

    @property
    def last(self) -> list[str]:
        """The message and the files of the last commit."""
        return [line for line in self.git("show", "--format=%s", "--name-only").splitlines() if line]


OWN = ["MM notes.txt", "?? new.txt"]
PRINTED = ["2022/12.md", "2022/12.receipts.json", "README.md"]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tree:
    config = tmp_path / "gitconfig"
    config.write_text("[user]\nname = Mina\nemail = mina@digest.example\n", encoding="utf-8")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return Tree(tmp_path / "site")


@pytest.fixture
def make_desk(make_app: Callable[..., App], tree: Tree) -> Callable[..., App]:
    def make(**digest: bool) -> App:
        files = {"page": f"{tree.folder}/README.md", "month_file": f"{tree.folder}/{{year}}/{{month:02}}.md"}
        app = make_app(FEEDS, digest=files | digest)
        review.decide(app, fill(app)["continuous-batching"], Decision.APPROVE)
        return app

    return make


def print_month(app: App, *, again: bool = False) -> Path:
    return publish.make_digest(app, MONTH, DigestState.PRINTED, again=again)


def test_a_print_is_committed_and_nothing_else_of_the_tree(make_desk: Callable[..., App], tree: Tree) -> None:
    app = make_desk()
    print_month(app)
    assert tree.state == [" M README.md", "MM notes.txt", "?? 2022/", "?? new.txt"]

    assert set(commits.commit_print(app, MONTH)) == {tree.folder / name for name in PRINTED}

    assert tree.last == ["Digest of Dec 2022: 1 line", *PRINTED]
    assert tree.state == OWN
    assert tree.git("show", ":notes.txt") == "two\n"
    assert commits.commit_print(app, MONTH) == []


def test_each_print_is_committed_if_the_settings_say_so(make_desk: Callable[..., App], tree: Tree) -> None:
    app = make_desk(commit=True)
    publish.add_to_page(app, MONTH)
    assert tree.last == ["Digest of Dec 2022: 1 line", "2022/12.receipts.json", "README.md"]
    print_month(app)
    assert tree.last[1:] == ["2022/12.md", "2022/12.receipts.json"]
    assert tree.state == OWN


def test_a_commit_by_hand_has_what_waited(make_desk: Callable[..., App], tree: Tree) -> None:
    app = make_desk(commit=True)
    print_month(app)
    tree.write(**{"2022/11.md": "put right\n"})
    with app.database.writing() as connection:
        commits.plan(app, connection, MONTH, Commit([tree.folder / "2022/11.md"], "Erratum"))
    commits.commit_print(app, MONTH)
    assert tree.last[1:] == ["2022/11.md"]


def test_a_hook_that_refuses_leaves_the_print_and_the_index(make_desk: Callable[..., App], tree: Tree) -> None:
    app = make_desk(commit=True)
    tree.refuse()
    with pytest.raises(WorkTreeError, match=r"(?s)Dec 2022 is printed, but it is not committed: .*not today"):
        print_month(app)
    assert (tree.folder / "2022/12.md").exists()
    assert tree.state == [" M README.md", "MM notes.txt", "?? 2022/", "?? new.txt"]


def test_a_commit_that_failed_is_tried_again_by_itself(make_desk: Callable[..., App], tree: Tree, clock: Clock) -> None:
    app = make_desk(commit=True)
    tree.refuse()
    with pytest.raises(WorkTreeError):
        print_month(app)
    curator = visit_page(app).log_in()
    assert "It is not committed yet, and is tried again: Git refused in" in text_of(curator.read("/digest/2022-12"))
    (tree.folder / ".git/hooks/pre-commit").unlink()

    def tick() -> None:
        asyncio.run(deliver.deliver_due(app, app.config, threading.Event()))

    tick()
    assert tree.last[0] == "Begin", "not within a minute"
    clock.advance(minutes=1)
    tick()
    assert tree.last == ["Digest of Dec 2022: 1 line", *PRINTED]
    assert tree.state == OWN
    assert "Committed, " in text_of(curator.read("/digest/2022-12"))


def find_moved(app: App, tree: Tree) -> str:
    """The address of the printed line, whose page has moved."""
    (address,) = re.findall(r"\]\((.*)\)", (tree.folder / "2022/12.md").read_text("utf-8"))
    with app.database.writing() as connection:
        check = LinkCheck(address, app.now, LinkState.MOVED, app.now, 200, "https://new.example/batching")
        save_check(connection, check)
    return address


def test_a_correction_is_committed_with_its_files(make_desk: Callable[..., App], tree: Tree) -> None:
    app = make_desk(commit=True)
    print_month(app)
    address = find_moved(app, tree)
    corrections.put_right(app, address)
    assert tree.last[0].startswith("Erratum: Cutting Serving Cost")
    assert tree.last[1:] == PRINTED
    assert tree.state == OWN


def test_what_follows_a_print_follows_although_git_refuses(
    make_desk: Callable[..., App], tree: Tree, call_console: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    app = make_desk()
    tree.refuse()
    (app.folder / "feeds.toml").write_text(
        f'[digest]\nmonth_file = "{tree.folder}/{{year}}/{{month:02}}.md"\ncommit = true\n'
        f'after_print = ["touch", "{tree.folder}/told"]\n',
        encoding="utf-8",
    )
    for command in ("print", "correct"):
        about = "2022-12" if command == "print" else find_moved(app, tree)
        ended = call_console("--home", str(app.folder), "digest", command, about)
        assert (ended.returncode, "it is not committed" in ended.stderr) == (1, True)
        (tree.folder / "told").unlink()


def test_what_keeps_git_from_committing_is_said(
    make_desk: Callable[..., App], tree: Tree, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    app = make_desk()
    with pytest.raises(WorkTreeError, match="nothing of Dec 2022 is printed yet"):
        commits.commit_print(app, MONTH)
    print_month(app)

    (tmp_path / "gitconfig").write_text("[user]\nuseConfigOnly = true\n", encoding="utf-8")
    with pytest.raises(WorkTreeError, match="does not know who commits"):
        commits.commit_print(app, MONTH)

    hook = tree.folder / ".git/hooks/pre-commit"
    tree.refuse()
    hook.write_text("#!/bin/sh\nsleep 60 & sleep 60\n", encoding="utf-8")
    (tmp_path / "gitconfig").write_text("[user]\nname = Mina\nemail = mina@digest.example\n", encoding="utf-8")
    monkeypatch.setattr(work_tree, "_SECONDS", 0.3)
    with pytest.raises(WorkTreeError, match=r"did not end within 0\.3 seconds"):
        commits.commit_print(app, MONTH)
    assert not (tree.folder / ".git/index.lock").exists()

    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(WorkTreeError, match="git cannot be called: No such file"):
        commits.commit_print(app, MONTH)

    os.rename(tree.folder / ".git", tree.folder / "git")
    with pytest.raises(WorkTreeError, match="not in a git work tree"):
        commits.commit_print(app, MONTH)


def test_hooks_do_not_see_the_secrets_of_the_environment(
    make_desk: Callable[..., App], tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_desk()
    print_month(app)
    monkeypatch.setenv("BLOG_LOGIN", "name:password")
    tree.refuse()
    (tree.folder / ".git/hooks/pre-commit").write_text("#!/bin/sh\nenv > .git/seen\n", encoding="utf-8")
    commits.commit_print(app, MONTH)
    assert "BLOG_LOGIN" not in (tree.folder / ".git/seen").read_text("utf-8")


def test_the_page_offers_the_commit_and_the_command_takes_a_message(
    make_desk: Callable[..., App], tree: Tree, call_console: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    app = make_desk()
    curator = visit_page(app, {}).log_in()
    assert "<button>Commit</button>" not in curator.read("/digest/2022-12")
    print_month(app)
    page = curator.read("/digest/2022-12")
    assert "<button>Commit</button>" in page
    assert str(tree.folder / "2022/12.md") in page
    answer = curator.send("/digest/2022-12/commit")
    assert answer.status_code == 303
    assert "3 files are committed." in text_of(curator.read(answer.headers["location"]))

    (tree.folder / "README.md").write_text("# Posts by hand\n", encoding="utf-8")
    (app.folder / "feeds.toml").write_text(
        f'[digest]\npage = "{tree.folder}/README.md"\nmonth_file = "{tree.folder}/{{year}}/{{month:02}}.md"\n',
        encoding="utf-8",
    )
    home = ("--home", str(app.folder), "digest")
    told = call_console(*home, "commit", "2022-12", "-m", "By hand")
    assert told.stdout == f"Committed {tree.folder}/README.md\n"
    assert tree.last == ["By hand", "README.md"]
    assert call_console(*home, "commit", "2022-12").stdout == "The last commit has all of it.\n"

    (tree.folder / "2022/12.md").unlink()
    written = call_console(*home, "write", "2022-12").stdout
    assert written == f"Wrote {tree.folder}/2022/12.md\nWrote {tree.folder}/2022/12.receipts.json\n"
    assert tree.state == OWN
