"""The weekly in a home of its own: its issues in a git work tree, adopted as any list is, and its sources served."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from pathlib import Path

from aggregator.app import App
from aggregator.config import Config, Settings, load_config
from aggregator.demo.weekly.make import write_documents, write_feeds, write_issues
from aggregator.files import read_text, write_whole
from aggregator.pipeline import work_tree
from aggregator.pipeline.adopting import Proposal, import_lines, propose, write_home
from aggregator.storage.digests import find_page

_AUTHOR = "Ada Quill <ada@weir.example>"
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d{1,5}")


def make_weekly(home: Path) -> Path:
    """Write the issues, with their history, and the documents of the sources; return the folder of the documents.

    Raises WorkTreeError if git is missing.
    """
    issues, documents = _name_issues(home), home / "sources"
    commits = [
        (datetime.combine(day, time(9), UTC), f"Issue {number}", {f"{day}.md": text})
        for number, (day, text) in enumerate(write_issues(), 1)
    ]
    # A process that was ended in the midst has left some.
    if not all((issues / name).exists() for _, _, texts in commits for name in texts):
        work_tree.write_history(issues, _AUTHOR, commits)
    documents.mkdir(exist_ok=True)
    for name, text in write_documents():
        write_whole(documents / name, text)
    return documents


def load_weekly(home: Path, address: str) -> Config:
    """Load the configuration that adopting the issues wrote, with the sources at *address*."""
    file = home / "feeds.toml"
    if file.exists():
        write_whole(file, _ADDRESS.sub(address, read_text(file)))
    else:
        write_home(home, _propose(home, address).feeds_toml)
    return load_config({}, home=home, file=file)


def begin_weekly(app: App) -> None:
    """Import the lines of the issues as printed, and learn from them, once, as ``aggregator adopt`` does."""
    with app.reading() as connection:
        if find_page(connection):
            return
    imported = import_lines(app, _propose(app.config.home, "http://127.0.0.1:1").adoption)
    app.learner.fit()
    app.judge.judge_read(imported.months)


def _propose(home: Path, address: str) -> Proposal:
    """The proposal that ``aggregator adopt`` makes of the issues, where their sources are the feeds that are known."""
    return propose(_name_issues(home), Settings().zone, write_feeds(address))


def _name_issues(home: Path) -> Path:
    return home / "issues"
