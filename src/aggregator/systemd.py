"""Tells systemd that the daemon is ready, alive and ending, if systemd has started it (sd_notify(3))."""

from __future__ import annotations

import os
import socket


def notify(said: str) -> None:
    """Send ``READY=1``, ``WATCHDOG=1`` or ``STOPPING=1``; nothing happens without systemd or if it does not listen."""
    place = os.environ.get("NOTIFY_SOCKET", "")
    if not place.startswith(("/", "@")):
        return
    # An abstract address begins with a zero byte, which an environment variable cannot hold.
    address = f"\0{place[1:]}" if place.startswith("@") else place
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to_systemd:
            to_systemd.connect(address)
            to_systemd.sendall(said.encode())
    except OSError:
        pass


def find_watchdog_seconds() -> float | None:
    """Return within how many seconds systemd wants to hear that the daemon is alive; None if it does not ask."""
    said, process = os.environ.get("WATCHDOG_USEC", ""), os.environ.get("WATCHDOG_PID", "")
    if not said.isdecimal() or (process and process != str(os.getpid())):
        return None
    return int(said) / 1_000_000 or None
