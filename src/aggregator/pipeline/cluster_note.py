"""What the daemon notes of its cluster in the home folder, so that other processes of the home can show it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from aggregator.files import write_whole
from aggregator.pipeline.home import Home

if TYPE_CHECKING:
    from aggregator.cluster.pool import ClusterPool

_FILE = "cluster.json"


@dataclass(frozen=True, slots=True)
class ClusterNote:
    """How the cluster of a daemon was. The moment is in UTC; the figures are since the start of the daemon."""

    #: The number of the process of the daemon.
    process: int
    at: datetime
    #: Empty if the scheduler was not reached.
    scheduler: str
    #: The addresses of those that are used, and by address the program of those that run another version.
    workers: Sequence[str]
    others: Mapping[str, str]
    units: int
    lost: int
    deaths: int


def note_cluster(home: Home, workers: ClusterPool, process: int) -> None:
    """Note how a cluster is. Raises StorageError."""
    state, figures = workers.state, workers.count_cluster()
    note = ClusterNote(
        process=process,
        at=home.now,
        scheduler=state.scheduler,
        workers=sorted(state.workers),
        others=dict(state.others),
        units=figures["units"],
        lost=figures["lost"],
        deaths=figures["deaths"],
    )
    write_whole(home.folder / _FILE, json.dumps(asdict(note) | {"at": note.at.isoformat()}))


def find_note(home: Home, process: int) -> ClusterNote | None:
    """Return what the daemon of this *process* noted last; None before it has."""
    try:
        told = json.loads((home.folder / _FILE).read_text("utf-8"))
        note = ClusterNote(**told | {"at": datetime.fromisoformat(told["at"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return note if note.process == process else None
