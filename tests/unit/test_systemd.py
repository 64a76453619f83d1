"""What systemd is told: over a real socket, and only if it asks."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from aggregator.systemd import find_watchdog_seconds, notify


@pytest.mark.parametrize("is_abstract", [False, True], ids=["a path", "an abstract address"])
def test_systemd_hears_what_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_abstract: bool) -> None:
    place = f"@aggregator-{os.getpid()}" if is_abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(place.replace("@", "\0") if is_abstract else place)
        monkeypatch.setenv("NOTIFY_SOCKET", place)
        notify("READY=1")
        assert systemd.recv(100) == b"READY=1"


@pytest.mark.parametrize("place", ["", "nowhere", "/nowhere/notify", "/" + "long" * 50])
def test_without_systemd_nothing_happens(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", place)
    notify("READY=1")


@pytest.mark.parametrize(
    ("said", "process", "seconds"),
    [
        ("300000000", "", 300),
        ("300000000", "{own}", 300),
        ("300000000", "1", None),
        ("0", "", None),
        ("", "", None),
        ("soon", "", None),
    ],
)
def test_the_watchdog_is_heard_only_by_whom_it_means(
    monkeypatch: pytest.MonkeyPatch, said: str, process: str, seconds: float | None
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", said)
    monkeypatch.setenv("WATCHDOG_PID", process.format(own=os.getpid()))
    assert find_watchdog_seconds() == seconds
