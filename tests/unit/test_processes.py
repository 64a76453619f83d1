"""Work in a process of its own: what is decided before there is one."""

from __future__ import annotations

import threading

import pytest

from aggregator.exceptions import StoppedError
from aggregator.processes import run_apart


def test_work_that_nobody_wants_any_more_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that the program left while it began told so with a trace in the log."""
    monkeypatch.setattr("aggregator.processes.multiprocessing.get_context", lambda kind: pytest.fail("begun"))
    stopping = threading.Event()
    stopping.set()
    with pytest.raises(StoppedError):
        run_apart(stopping, print)
