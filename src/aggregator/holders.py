"""Who listens on a port of this machine, as far as the system tells."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from aggregator.locales import t
from aggregator.lock import LOCK, find_serving

_LISTENS = "0A"


def say_holder(port: int, homes: list[Path]) -> str | None:
    """Say who listens on a port: the aggregator of a home, with what it has served since when, or a process.

    *homes* are looked at first, since only Linux tells which files a process has open. None if nothing tells.
    """
    process = _find_process(port)
    for home in [*homes, *(_list_homes(process) if process else ())]:
        serving = find_serving(home)
        if serving and serving.port == port:
            return t(
                "the aggregator of {home}, which has served {page} since {since}",
                home=home,
                page=serving.page,
                since=serving.since,
            )
    if process is None:
        return None
    return t("the process {number} ({name})", number=process.name, name=_read(process / "comm").strip())


def _find_process(port: int) -> Path | None:
    """Find the folder in /proc of the process that listens on a port; those of other users cannot be seen."""
    sockets = {f"socket:[{inode}]" for inode in _list_inodes(port)}
    if not sockets:
        return None
    return next((one for one in Path("/proc").glob("[0-9]*") if sockets & set(_list_open(one))), None)


def _list_inodes(port: int) -> Iterator[str]:
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for row in _read(Path(table)).splitlines()[1:]:
            columns = row.split()
            if columns[3] == _LISTENS and int(columns[1].rpartition(":")[2], 16) == port:
                yield columns[9]


def _list_open(process: Path) -> Iterator[str]:
    try:
        for link in (process / "fd").iterdir():
            yield str(link.readlink())
    except OSError:  # It has ended, or belongs to another user.
        return


def _list_homes(process: Path) -> Iterator[Path]:
    yield from (Path(file).parent for file in _list_open(process) if Path(file).name == LOCK)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
